#!/usr/bin/python3 -B
"""Passkeys of people who sign in: an authenticator of our own makes and shows them, rightly and wrongly."""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from authenticator import EDDSA, ES256, PRESENT, RS256, VERIFIED, Authenticator, base64url  # noqa: E402
from desk import ALICE, MINUTE, ask_code, desk, is_signed_in, mailed_code, sign_in  # noqa: E402
from postern import Postern, body_words, wait_for  # noqa: E402
from test_account import Clock, app_code  # noqa: E402
from visitor import Visitor, origin_of  # noqa: E402

FORM = "application/x-www-form-urlencoded"
# A bound of its own for each test: what is refused here is not to be refused for being too many.
PATIENT = "network_tries = 10000; sign_in_codes = 1000; sign_in_network = 1000;"


def data_of(page, name):
    """What a page gives to the script."""
    return re.search(r'data-%s="([^"]*)"' % name, page.text).group(1)


def authenticator(postern, algorithm=ES256, **more):
    """One whose passkeys are for this portal."""
    return Authenticator("localhost", postern.url, algorithm, **more)


def add_page(postern, alice, base="/desk"):
    """The page that adds one."""
    page = alice.get(postern.url + base + "/account/passkey")
    assert page.status == 200, page.words()
    assert data_of(page, "host") == "localhost" and len(data_of(page, "passkey-make")) == 43
    return page


def add(postern, alice, device, proof=None, name="Laptop", base="/desk", **bent):
    """Add it, right or bent; what of `proof` is to be shown is a code or a device."""
    page = add_page(postern, alice, base)
    return alice.submit(page, "name", **dict(device.make(data_of(page, "passkey-make"), **bent), name=name),
                        **shown(page, proof))


def shown(page, proof):
    """The fields that show a device, or a code."""
    if isinstance(proof, str):
        return {"code": proof}
    return proof.show(data_of(page, "challenge")) if proof is not None else {}


def added(postern, alice, device, proof=None, **more):
    """Add it, which must do; gives the recovery codes that are shown."""
    page = add(postern, alice, device, proof, **more)
    assert page.status == 200 and "The passkey is added" in page.words(), page.words()
    return re.findall(r'class="code">([0-9a-z]{4}-[0-9a-z]{4})<', page.text)


def told(postern, subject):
    """The next mail about the account; its text."""
    message, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith(subject))
    return body_words(message)


def mail_step(postern):
    """Sign in as far as the mailed code."""
    visitor = Visitor()
    page = ask_code(postern, ALICE, visitor)
    page = visitor.submit(page, "code", code=mailed_code(postern, ALICE))
    assert page.url.endswith("/desk/factor") and page.status == 200, page.words()
    return visitor, page


def enters(postern, device):
    """Sign in with it; gives the visitor."""
    visitor, page = mail_step(postern)
    page = visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge")))
    assert page.url == postern.url + "/desk/messages" and is_signed_in(page), page.words()
    return visitor


def change(postern, alice, what, proof):
    """Press a button of the account's page."""
    page = desk(postern, alice, "/account")
    fields = dict(page.form("code")["fields"], do=what, **shown(page, proof))
    return post(postern, alice, "/desk/account", fields)


def post(postern, visitor, path, fields):
    """Send a form by hand."""
    return visitor.request(postern.url + path, urllib.parse.urlencode(fields).encode(),
                           {"Content-Type": FORM, "Origin": origin_of(postern.url)})


def button(page, name):
    """What the button that takes this passkey away says to the portal."""
    return re.search(r'value="(passkey [0-9a-z]{26})">Take the passkey %s away<' % name, page.text).group(1)


def count(postern, table):
    """Rows."""
    return int(postern.query("select count(*) from " + table)[0][0])


def test_three_algorithms():
    with Postern(policy=PATIENT) as postern:
        alice = sign_in(postern)
        codes, before = [], None
        devices = [authenticator(postern, algorithm) for algorithm in (ES256, EDDSA, RS256)]
        for device, name in zip(devices, ("One", "Two & <b>", "Three")):
            codes += added(postern, alice, device, before, name=name)
            assert "added a passkey" in told(postern, "A passkey was added")
            before = device
        assert len(set(codes)) == 10, "only the first one comes with recovery codes"
        page = desk(postern, alice, "/account")
        assert all(name in page.words() for name in ("One added", "Two & <b> added", "Three added")), page.words()
        for device in devices:
            enters(postern, device)
        assert desk(postern, alice, "/account").words().count("last used") == 3
        # Neither ids nor keys nor names stand in the database.
        dump = str(postern.query("select encode(name, 'escape'), encode(credential, 'hex'), "
                                 "encode(public_key, 'hex') from passkey"))
        for device in devices:
            assert device.id.hex() not in dump and device.public().hex() not in dump
        assert "One" not in dump and count(postern, "passkey") == 3


def test_what_is_made_wrongly():
    with Postern(policy=PATIENT) as postern:
        alice, device = sign_in(postern), authenticator(postern)
        other = base64url(bytes(32))
        for bent in ({"origin": "https://evil.example"}, {"origin": "http" + postern.url[5:]}, {"host": "evil.example"},
                     {"type": "webauthn.get"}, {"challenge": other}, {"crossOrigin": True}, {"flags": PRESENT},
                     {"flags": VERIFIED}):
            page = add(postern, alice, device, **bent)
            assert page.status == 400 and "could not be added" in page.words(), (bent, page.words())
        page = add_page(postern, alice)
        for fields in ({}, {"made_client": "!", "made_attestation": "AAAA"},
                       {"made_client": "e30", "made_attestation": "o2NmbXQ" + "A" * 5000}):
            answer = alice.submit(page, "name", name="Laptop", **fields)
            assert answer.status in (400, 403), answer.status
        for name in ("", "   ", "x" * 61, "\u202e\u200b"):
            assert add(postern, alice, device, name=name).status == 400
        assert count(postern, "passkey") == 0 and count(postern, "recovery_code") == 0
        # What was to be signed was asked of one browser, once, and not for long.
        mallory = sign_in(postern, "mallory@corp.example")
        page, hers = add_page(postern, alice), add_page(postern, mallory)
        assert data_of(page, "passkey-make") != data_of(hers, "passkey-make")
        made = dict(device.make(data_of(page, "passkey-make")), name="Laptop")
        assert mallory.submit(hers, "name", **made).status == 400
        assert data_of(add_page(postern, alice), "passkey-make") == data_of(page, "passkey-make"), "two windows"
        postern.set_clock(6 * MINUTE)
        answer = alice.submit(page, "name", **made)
        assert answer.status == 403 and "took too long" in answer.words(), answer.words()
        page = add_page(postern, alice)
        made = dict(device.make(data_of(page, "passkey-make")), name="Laptop")
        assert alice.submit(page, "name", **made).status == 200
        assert alice.submit(page, "name", **made).status == 403, "again"
        # A new one of the same id, behind a factor.
        assert add(postern, alice, device, device).status == 409
        assert count(postern, "passkey") == 1


def test_what_is_shown_wrongly():
    with Postern(policy=PATIENT) as postern:
        alice, device = sign_in(postern), authenticator(postern, counter=5)
        stranger = authenticator(postern, counter=5)
        added(postern, alice, device)
        seen = []
        for bent in ({"origin": "https://evil.example"}, {"host": "evil.example"}, {"host": "127.0.0.1"},
                     {"type": "webauthn.create"}, {"challenge": base64url(bytes(32))}, {"crossOrigin": True},
                     {"flags": PRESENT}, {"flags": VERIFIED}):
            visitor, page = mail_step(postern)
            seen.append(data_of(page, "challenge"))
            answer = visitor.submit(page, "passkey_id", **device.show(seen[-1], **bent))
            assert answer.status == 403 and "That passkey was not right" in answer.words(), (bent, answer.words())
            assert not is_signed_in(visitor.get(postern.url + "/desk/messages"))
        assert len(set(seen)) == len(seen)
        # Another device, also one that says it is this one.
        for claimed in (stranger.id, device.id):
            visitor, page = mail_step(postern)
            fields = dict(stranger.show(data_of(page, "challenge")), passkey_id=base64url(claimed))
            assert visitor.submit(page, "passkey_id", **fields).status == 403
        # These were ten of one account: for the rest of the hour the right one is not looked at either.
        visitor, page = mail_step(postern)
        answer = visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge")))
        assert answer.status == 429 and "Please wait a little" in answer.words(), answer.words()
        postern.set_clock(61 * MINUTE)
        # A changed signature; parts that are missing.
        visitor, page = mail_step(postern)
        right = device.show(data_of(page, "challenge"))
        changed = dict(right, passkey_signature=right["passkey_signature"][:-4] + "AAAA")
        assert visitor.submit(page, "passkey_id", **changed).status == 403
        # The try has used up what was to be signed, so the right one is too late.
        answer = visitor.submit(page, "passkey_id", **right)
        assert answer.status == 403 and "That passkey was not right" in answer.words(), answer.words()
        for left_out in right:
            fresh = visitor.get(postern.url + "/desk/factor")
            fields = dict(device.show(data_of(fresh, "challenge")), **{left_out: ""})
            answer = visitor.submit(fresh, "passkey_id", **fields)
            assert answer.status == 403, (left_out, answer.status)
            if "mistyped too often" in answer.words():
                visitor, page = mail_step(postern)
        # Nothing of this has locked anybody out.
        enters(postern, device)


def test_replay():
    with Postern(policy=PATIENT) as postern:
        alice, device = sign_in(postern), authenticator(postern, counter=0)
        added(postern, alice, device)
        visitor, page = mail_step(postern)
        fields = dict(page.form("passkey_id")["fields"], **device.show(data_of(page, "challenge")))
        assert "/desk/messages" in post(postern, visitor, "/desk/factor", fields).url
        # The same form from the same browser, whose sign-in is over; then from one that has its own.
        assert post(postern, visitor, "/desk/factor", fields).status == 403
        thief, page = mail_step(postern)
        answer = post(postern, thief, "/desk/factor", dict(fields, csrf=page.form("passkey_id")["fields"]["csrf"]))
        assert answer.status == 403 and "That passkey was not right" in answer.words()
        assert not is_signed_in(thief.get(postern.url + "/desk/messages"))
        # What was signed to sign in changes no account, nor the other way round.
        thief, page = mail_step(postern)
        fields = device.show(data_of(desk(postern, alice, "/account"), "challenge"))
        assert thief.submit(page, "passkey_id", **fields).status == 403
        thief, page = mail_step(postern)
        fields = dict(desk(postern, alice, "/account").form("code")["fields"], do="renew",
                      **device.show(data_of(page, "challenge")))
        assert post(postern, alice, "/desk/account", fields).status == 403
        # At the desk, too, it is good for once.
        page = desk(postern, alice, "/account")
        fields = dict(page.form("code")["fields"], do="renew", **device.show(data_of(page, "challenge")))
        assert "Your recovery codes" in post(postern, alice, "/desk/account", fields).words()
        before = postern.query("select encode(hash, 'hex') from recovery_code order by 1")
        assert post(postern, alice, "/desk/account", fields).status == 403
        assert postern.query("select encode(hash, 'hex') from recovery_code order by 1") == before
        # Five minutes.
        visitor, page = mail_step(postern)
        postern.set_clock(6 * MINUTE)
        answer = visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge")))
        assert answer.status == 403 and "took too long" in answer.words(), answer.words()
        page = visitor.get(postern.url + "/desk/factor")
        assert "/desk/messages" in visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge"))).url


def test_copied():
    with Postern(policy=PATIENT) as postern:
        alice, device = sign_in(postern), authenticator(postern, counter=10)
        codes = added(postern, alice, device)
        enters(postern, device)
        assert postern.query("select counter from passkey") == [["11"]]
        for counter in (10, 3, -1):
            visitor, page = mail_step(postern)
            device.counter = counter
            answer = visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge")))
            assert answer.status == 403 and "a copy of this passkey" in answer.words(), answer.words()
            assert not is_signed_in(visitor.get(postern.url + "/desk/messages"))
            assert "there seems to be a copy" in told(postern, "A passkey was refused")
        assert postern.query("select counter from passkey") == [["11"]]
        # At the desk, too; a code takes it away.
        page = change(postern, alice, "renew", device)
        assert page.status == 403 and "a copy of this passkey" in page.words()
        told(postern, "A passkey was refused")
        deed = button(desk(postern, alice, "/account"), "Laptop")
        assert "It is taken away" in change(postern, alice, deed, codes[0]).words()
        assert sign_in(postern) is not None


def test_beside_codes_by_an_app():
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        alice, first, second = sign_in(postern), authenticator(postern), authenticator(postern, EDDSA)
        codes = added(postern, alice, first, name="First")
        # Anything else takes a factor now: nothing, a wrong code, a device that is none of hers.
        for proof in (None, "000000", second):
            assert add(postern, alice, second, proof).status == 403
            assert change(postern, alice, "app", proof).status == 403
        fields = {"csrf": desk(postern, alice, "/account").form("code")["fields"]["csrf"]}
        assert post(postern, alice, "/desk/account/new", fields).status == 403, "nor by the other road"
        assert count(postern, "account_factor") == 0 and count(postern, "passkey") == 1
        assert added(postern, alice, second, codes[0], name="Second") == [], "no codes anew"
        page = change(postern, alice, "app", first)
        secret = re.search(r'class="code">([A-Z2-7 ]+)<', page.text).group(1).replace(" ", "")
        page = alice.submit(page, "code", code=app_code(secret, clock.now()))
        assert "It is set up" in page.words() and "Your recovery codes" not in page.words()
        assert "Recovery codes left 9" in page.words()
        # Each of them signs in.
        enters(postern, first)
        visitor, page = mail_step(postern)
        assert "Type the code of your app" in page.words() and 'data-passkey-button="Show a passkey"' in page.text
        page = visitor.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert "/desk/messages" in page.url, page.words()
        visitor, page = mail_step(postern)
        assert "/desk/messages" in visitor.submit(page, "code", code=codes[1]).url
        # The app goes, then one, then the other: each is told, and the last takes the recovery codes along.
        assert "The others below still count" in change(postern, alice, "remove", second).words()
        assert "still takes a passkey" in told(postern, "Codes by an app were taken away")
        visitor, page = mail_step(postern)
        assert "Show your passkey" in page.words() and "Type the code of your app" not in page.words()
        assert visitor.submit(page, "code", code=app_code(secret, clock.next_step())).status == 403
        page = desk(postern, alice, "/account")
        gone, last = button(page, "First"), button(page, "Second")
        assert change(postern, alice, gone, "000000").status == 403
        assert "It is taken away" in change(postern, alice, gone, second).words()
        assert "What else was set up still counts" in told(postern, "A passkey was taken away")
        assert change(postern, alice, gone, second).status == 403, "again"
        visitor, page = mail_step(postern)
        assert visitor.submit(page, "passkey_id", **first.show(data_of(page, "challenge"))).status == 403
        assert count(postern, "recovery_code") == 8
        page = change(postern, alice, last, second)
        assert "A code by mail is enough again" in page.words(), page.words()
        assert "no longer protected" not in told(postern, "Signing in at localhost:%d is no longer" %
                                                 postern.https_port)
        assert count(postern, "recovery_code") == 0 and count(postern, "passkey") == 0
        assert sign_in(postern) is not None


def test_only_the_owner_and_not_too_many():
    with Postern(policy=PATIENT) as postern:
        alice, mallory, device = sign_in(postern), sign_in(postern, "mallory@corp.example"), authenticator(postern)
        for path in ("/account/passkey", "/account"):
            assert Visitor().get(postern.url + "/desk" + path).status == 403
        codes = added(postern, alice, device)
        # Somebody else's page cannot take it away, though it is known how it is called.
        other = authenticator(postern)
        added(postern, mallory, other)
        deed = button(desk(postern, alice, "/account"), "Laptop")
        assert change(postern, mallory, deed, other).status == 403 and count(postern, "passkey") == 2
        # A code of hers is none of his, nor is her device his.
        assert add(postern, mallory, authenticator(postern), codes[0]).status == 403
        assert change(postern, mallory, "renew", device).status == 403
        for number in range(9):
            added(postern, alice, authenticator(postern, EDDSA), device, name="Number %d" % number)
        page = add(postern, alice, authenticator(postern, EDDSA), device)
        assert page.status == 409 and "as many passkeys as there can be" in page.words(), page.words()
        assert "Add a passkey" not in desk(postern, alice, "/account").words()


def test_wrong_ones_are_bounded():
    with Postern(policy=PATIENT) as postern:
        alice, device = sign_in(postern), authenticator(postern)
        added(postern, alice, device)
        visitor, page = mail_step(postern)
        for _ in range(5):
            page = visitor.get(postern.url + "/desk/factor")
            answer = visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge"), flags=PRESENT))
            assert answer.status == 403
        assert "mistyped too often" in answer.words(), answer.words()
        assert visitor.submit(page, "passkey_id", **device.show(data_of(page, "challenge"))).status == 403
        for _ in range(10):
            page = desk(postern, alice, "/account")
            fields = dict(page.form("code")["fields"], do="renew", **device.show(data_of(page, "challenge"),
                                                                                 flags=PRESENT))
            assert post(postern, alice, "/desk/account", fields).status == 403
        assert change(postern, alice, "renew", device).status == 429
        assert add(postern, alice, authenticator(postern), device).status == 429
        assert count(postern, "passkey") == 1


def signed_in(postern, *visitors):
    """Which of them are (still)."""
    return [is_signed_in(visitor.get(postern.url + "/desk/messages")) for visitor in visitors]


def test_changes_end_other_sessions():
    with Postern(policy=PATIENT) as postern:
        alice, other, device = sign_in(postern), sign_in(postern), authenticator(postern)
        waiting = Visitor()
        asked = ask_code(postern, ALICE, waiting)
        code = mailed_code(postern, ALICE)
        before = {cookie.value for cookie in alice.cookies}
        # What does not come about ends nothing.
        assert add(postern, alice, device, origin="https://evil.example").status == 400
        assert signed_in(postern, alice, other) == [True, True]
        added(postern, alice, device)
        assert signed_in(postern, alice, other) == [True, False]
        assert waiting.submit(asked, "code", code=code).status == 403
        assert not before & {cookie.value for cookie in alice.cookies}, "the token is the old one"
        for value in before:
            copied = Visitor().get(postern.url + "/desk/messages",
                                   headers={"Cookie": "__Secure-postern-desk=" + value})
            assert not is_signed_in(copied)
        other = enters(postern, device)
        assert change(postern, alice, "passkey " + "0" * 26, device).status == 403
        assert signed_in(postern, alice, other) == [True, True]
        deed = button(desk(postern, alice, "/account"), "Laptop")
        assert "It is taken away" in change(postern, alice, deed, device).words()
        assert signed_in(postern, alice, other) == [True, False]


def test_a_policy_that_demands_a_factor():
    with Postern(policy=PATIENT + 'desk_factor = "always";') as postern:
        alice, first, second = Visitor(), authenticator(postern), authenticator(postern, EDDSA)
        page = alice.submit(ask_code(postern, ALICE, alice), "code", code=mailed_code(postern, ALICE))
        assert "Set up a second factor to go on" in page.words(), page.words()
        assert alice.get(postern.url + "/desk/messages").url.endswith("/desk/account")
        added(postern, alice, first, name="First")
        assert signed_in(postern, alice) == [True]
        assert "to go on" not in desk(postern, alice, "/account").words()
        # The last one stays, of whatever kind it is; one of two goes.
        deed = button(desk(postern, alice, "/account"), "First")
        page = change(postern, alice, deed, first)
        assert page.status == 409 and "It has to stay" in page.words(), page.words()
        added(postern, alice, second, first, name="Second")
        assert "It is taken away" in change(postern, alice, deed, second).words()
        deed = button(desk(postern, alice, "/account"), "Second")
        assert change(postern, alice, deed, second).status == 409 and count(postern, "passkey") == 1
        enters(postern, second)


def test_two_changes_at_once():
    """Of two factors one stays, also when both are taken away in the same moment."""
    with Postern(policy=PATIENT + 'desk_factor = "always";') as postern:
        alice, first, second = Visitor(), authenticator(postern), authenticator(postern, EDDSA)
        alice.submit(ask_code(postern, ALICE, alice), "code", code=mailed_code(postern, ALICE))
        codes = added(postern, alice, first, name="First")
        added(postern, alice, second, first, name="Second")
        page = desk(postern, alice, "/account")
        deeds = [button(page, name) for name in ("First", "Second")]
        fields = [dict(page.form("code")["fields"], do=deed, code=code) for deed, code in zip(deeds, codes)]
        # Both have been let in, and come to where a code is used up, before either goes on.
        holding = subprocess.Popen(["psql", "-X", "-q", "-d", postern.connection, "-c",
                                    "begin; lock table recovery_code in exclusive mode; select pg_sleep(3); commit"],
                                   stdout=subprocess.DEVNULL)
        wait_for("the lock", lambda: postern.query(
            "select count(*) from pg_locks where relation = 'recovery_code'::regclass and mode = 'ExclusiveLock' and "
            "database = (select oid from pg_database where datname = current_database())")
            != [["0"]])
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda form: post(postern, alice, "/desk/account", form).status, fields))
        assert holding.wait(60) == 0
        # Whoever came too late for that has no session any more.
        assert sorted(answers) in ([200, 409], [200, 403]) and count(postern, "passkey") == 1, answers


def test_without_a_host_name():
    with Postern(start=False) as postern:
        postern.url = "https://127.0.0.1:%d" % postern.https_port
        postern.write_config()
        postern.start()
        alice = sign_in(postern)
        words = desk(postern, alice, "/account").words()
        assert "need a portal with a host name" in words and "Add a passkey" not in words, words
        page = desk(postern, alice, "/account/passkey")
        assert "need a portal with a host name" in page.words() and "passkey-make" not in page.text
        device = Authenticator("127.0.0.1", postern.url)
        fields = dict(device.make(base64url(bytes(32))), name="Laptop",
                      csrf=desk(postern, alice, "/account").forms()[0]["fields"]["csrf"])
        assert post(postern, alice, "/desk/account/passkey", fields).status == 400
        assert count(postern, "passkey") == 0


if __name__ == "__main__":
    cases.run("__main__")
