#!/usr/bin/python3 -B
"""The second factor of people who sign in: codes by an app, recovery codes, and what is told of them."""

import base64
import hashlib
import hmac
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, MINUTE, ask_code, desk, mailed_code, sign_in  # noqa: E402
from postern import Postern, body_text, body_words  # noqa: E402
from visitor import Visitor  # noqa: E402

STEP = 30


def app_code(secret, at):
    """What an authenticator app shows (RFC 6238), by nothing of ours."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(at) // STEP), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1000000)


class Clock:
    """The time of an installation, moved on so that each code is a new one."""

    def __init__(self, postern):
        self.postern, self.ahead = postern, 0

    def next_step(self):
        """A later step; its time."""
        self.ahead += STEP
        self.postern.set_clock(self.ahead)
        return self.now()

    def now(self):
        """By the database, which has the clock of this machine."""
        return float(self.postern.query("select extract(epoch from now())")[0][0]) + self.ahead


def begin(postern, alice, base="/desk"):
    """Go to the page with the secret; gives the page and the secret."""
    page = alice.get(postern.url + base + "/account")
    form = next(form for form in page.forms() if form["action"] == base + "/account/new")
    page = alice.request(postern.url + base + "/account/new", urllib.parse.urlencode(form["fields"]).encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"})
    assert page.status == 200, page.words()
    secret = re.search(r'class="code">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")
    assert len(secret) == 32
    return page, secret


def set_up(postern, alice, clock, base="/desk"):
    """Secret and recovery codes."""
    page, secret = begin(postern, alice, base)
    page = alice.submit(page, "code", code=app_code(secret, clock.now()))
    assert "It is set up" in page.words(), page.words()
    codes = re.findall(r'class="code">([0-9a-z]{4}-[0-9a-z]{4})<', page.text)
    assert len(set(codes)) == 10, codes
    return secret, codes


def told(postern, words, address=ALICE):
    """The next mail about the account."""
    message, _ = postern.next_letter(address, lambda m: m["Subject"].startswith(words))
    assert message["Auto-Submitted"] == "auto-generated" and "/s/" not in body_text(message)
    return body_words(message)


def mail_step(postern):
    """Sign in as far as the mailed code."""
    visitor = Visitor()
    page = ask_code(postern, ALICE, visitor)
    page = visitor.submit(page, "code", code=mailed_code(postern, ALICE))
    assert page.url.endswith("/desk/factor") and "Type the code of your app" in page.words(), page.words()
    assert "Signed in as" not in visitor.get(postern.url + "/desk/messages").words()
    return visitor, page


def test_life_of_a_factor():
    with Postern() as postern:
        clock = Clock(postern)
        alice = sign_in(postern)
        page, secret = begin(postern, alice)
        # Nothing changes before a code was right.
        assert alice.submit(page, "code", code="000000").status == 403
        assert alice.submit(page, "code", code="what").status == 400
        assert sign_in(postern) is not None
        # What was begun is the same on another look, and another one after another beginning.
        assert secret in alice.get(postern.url + "/desk/account/new").text.replace(" ", "")
        _, other = begin(postern, alice)
        assert other != secret
        secret, codes = set_up(postern, alice, clock)
        assert "set up codes by an app" in told(postern, "Signing in at"), "not told"
        assert "Recovery codes left 10" in desk(postern, alice, "/account").words()
        # From now on the mailbox alone is not enough.
        visitor, page = mail_step(postern)
        wrong = visitor.submit(page, "code", code="000000")
        assert wrong.status == 403 and "Tries left: 4" in wrong.words()
        used = app_code(secret, clock.now())
        assert visitor.submit(page, "code", code=used).status == 403, "the code that set it up is used up"
        fresh = app_code(secret, clock.next_step())
        page = visitor.submit(page, "code", code=fresh[:3] + " " + fresh[3:])
        assert page.status == 200 and "/desk/messages" in page.url, page.words()
        # Nobody reads it over the shoulder and uses it again.
        thief, page = mail_step(postern)
        assert thief.submit(page, "code", code=fresh).status == 403
        # Without the telephone.
        assert "/desk/messages" in thief.submit(page, "code", code=codes[3].upper().replace("-", " ")).url
        assert "used a recovery code" in told(postern, "A recovery code was used")
        again, page = mail_step(postern)
        assert again.submit(page, "code", code=codes[3]).status == 403
        assert "Recovery codes left 9" in desk(postern, alice, "/account").words()
        # New ones end the old ones, and need a factor.
        page = desk(postern, alice, "/account")
        assert "Nothing has been changed" in alice.submit(page, "code", code=codes[3]).words()
        page = alice.submit(page, "code", code=app_code(secret, clock.next_step()))
        newer = re.findall(r'class="code">([0-9a-z]{4}-[0-9a-z]{4})<', page.text)
        assert len(newer) == 10 and not set(newer) & set(codes)
        told(postern, "New recovery codes")
        again, page = mail_step(postern)
        assert again.submit(page, "code", code=codes[0]).status == 403
        # Taken away, by a recovery code.
        page = desk(postern, alice, "/account")
        fields = dict(page.form("code")["fields"], code=newer[0], do="remove")
        answer = alice.request(postern.url + "/desk/account", urllib.parse.urlencode(fields).encode(),
                               {"Content-Type": "application/x-www-form-urlencoded"})
        assert "It is taken away" in answer.words(), answer.words()
        assert "took the codes by an app away" in told(postern, "Signing in at")
        assert postern.query("select (select count(*) from account_factor), (select count(*) from recovery_code)") == [
            ["0", "0"]]
        assert sign_in(postern) is not None


def test_wrong_codes_are_bounded():
    with Postern(policy="network_tries = 10000; sign_in_codes = 1000;") as postern:
        clock = Clock(postern)
        alice = sign_in(postern)
        secret, _ = set_up(postern, alice, clock)
        visitor, page = mail_step(postern)
        for left in (4, 3, 2, 1, 0):
            answer = visitor.submit(page, "code", code="00000%d" % left)
            assert answer.status == 403, answer.status
        assert "mistyped too often" in answer.words()
        assert visitor.submit(page, "code", code=app_code(secret, clock.next_step())).status == 403
        # At the desk, too.
        page = desk(postern, alice, "/account")
        for number in range(10):
            assert alice.submit(page, "code", code="00000%d" % number).status == 403
        answer = alice.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert answer.status == 429 and "too many wrong codes" in answer.words(), answer.words()
        # Ten minutes for the whole of it.
        visitor, page = mail_step(postern)
        postern.set_clock(clock.ahead + 11 * MINUTE)
        assert visitor.submit(page, "code", code=app_code(secret, clock.now() + 11 * MINUTE)).status == 403


def test_one_at_a_time_and_only_the_owner():
    with Postern() as postern:
        clock = Clock(postern)
        alice = sign_in(postern)
        set_up(postern, alice, clock)
        page = desk(postern, alice, "/account")
        fields = {"csrf": page.form("code")["fields"]["csrf"]}
        answer = alice.request(postern.url + "/desk/account/new", urllib.parse.urlencode(fields).encode(),
                               {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.url.endswith("/desk/account") and postern.query("select count(*) from account_factor") == [["1"]]
        stranger = Visitor()
        for path in ("/account", "/account/new"):
            assert stranger.get(postern.url + "/desk" + path).status == 403
        assert "Sign in with a new code" in stranger.get(postern.url + "/desk/factor").words()
        # In the database there is neither the secret nor a code.
        dump = str(postern.query("select encode(secret, 'hex') from account_factor")) + \
            str(postern.query("select encode(hash, 'hex') from recovery_code"))
        assert len(re.findall("[0-9a-f]{64}", dump)) >= 10


def test_qr_code_is_read_by_others():
    with Postern() as postern:
        alice = sign_in(postern)
        page, secret = begin(postern, alice)
        size = int(re.search(r'viewBox="0 0 (\d+) ', page.text).group(1))
        dark = [[255] * size for _ in range(size)]
        for column, row, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", page.text):
            for at in range(int(length)):
                dark[int(row)][int(column) + at] = 0
        blocks = re.search(r'<pre class="qr"[^>]*>(.*?)</pre>', page.text, re.S).group(1).strip("\n").split("\n")
        assert len(blocks) == (size + 1) // 2 and {len(line) for line in blocks} == {size}, "lines of another size"
        assert shutil.which("zbarimg"), "zbar-tools are missing"
        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder) / "code.pgm"
            rows = [bytes(value for value in line for _ in range(6)) for line in dark for _ in range(6)]
            picture.write_bytes(b"P5 %d %d 255\n" % (size * 6, size * 6) + b"".join(rows))
            said = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, check=True).stdout.decode()
        uri = urllib.parse.urlsplit(said.strip())
        values = dict(urllib.parse.parse_qsl(uri.query))
        assert uri.scheme == "otpauth" and uri.netloc == "totp", said
        assert urllib.parse.unquote(uri.path) == "/Example Organisation:" + ALICE, said
        assert values == {"secret": secret, "issuer": "Example Organisation", "algorithm": "SHA1", "digits": "6",
                          "period": "30"}, values


if __name__ == "__main__":
    cases.run("__main__")
