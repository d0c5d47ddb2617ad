#!/usr/bin/python3 -B
"""Codes to a phone: by a program or a web service of the administrator's; the number is shown to nobody
but by its country and last digits, and stands nowhere in clear."""

import csv
import io
import json
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, CLUE, FRED, MINUTE, PASSPHRASE, desk, finish_mail, held, new_template,  # noqa: E402
                  notice, secured, send, sign_in, template_of, unlock)
from postern import Postern, body_words, check_config, link_in, program, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402
from web import Web  # noqa: E402

NUMBER, TYPED, MASK = "+4915170005123", "+49 (151) 7000-5123", "+49 ... 123"
OTHER = "+12025550187"
BODY = "The body of it."
PHONE = {"second_factor": "phone", "phone": TYPED}
SCRIPT = """#!/bin/sh
# Number and text, and what else came along.
set -e
%s
cat >"%s/$$.new"
{ echo "arguments: $*"; env | sort; ls /proc/self/fd | tr '\\n' ' '; } >"%s/$$.around"
echo "told to the world: $(cat "%s/$$.new")" >&2
mv "%s/$$.new" "%s/$$.said"
"""


class Program:
    """A program that writes down what it is given, in a folder of its own."""

    def __init__(self, postern, before=""):
        self.folder = postern.folder / "phone"
        self.folder.mkdir(exist_ok=True)
        self.path = postern.folder / "say"
        place = str(self.folder)
        self.path.write_text(SCRIPT % ((before,) + (place,) * 5))
        self.path.chmod(0o755)
        self.heard = set()

    def next_text(self):
        """What was said next: number and text."""
        def look():
            for path in sorted(self.folder.glob("*.said")):
                if path not in self.heard:
                    self.heard.add(path)
                    return path.read_text()
            return None
        said = wait_for("a call", look)
        number, text, end = said.split("\n")
        assert end == "", said
        return number, text

    def code(self):
        """The code of the next call."""
        number, text = self.next_text()
        assert number == NUMBER, number
        return code_in(text)


def code_in(text):
    """The code in a short message."""
    assert len(text) <= 160 and text.isascii() and "Example Organisation" in text, text
    return re.search(r"\b([0-9a-z]{4}-[0-9a-z]{4})\b", text).group(1)


def configure(postern, text):
    """Another way to phones, from now on."""
    postern.extra = "phone: { %s };" % text
    postern.stop()
    postern.write_config()
    postern.start()


def by_program(postern, before="", more=""):
    """A way by a program."""
    program = Program(postern, before)
    configure(postern, 'command = ( "%s", "--to phone", "$HOME; id" ); %s' % (program.path, more))
    return program


def asks(page):
    """Is the code asked for, and nothing of the message there?"""
    assert BODY not in page.words(), page.words()
    return page.form("code") is not None


def nowhere(postern, *numbers):
    """The numbers stand neither in the database nor in the log, however they are written."""
    dump = postern.dump()
    assert b"COPY public.template" in dump
    places = {"dump": dump, "log": postern.log.read_bytes()}
    places.update({"mail %s" % path: path.read_bytes() for path in postern.maildir.rglob("*") if path.is_file()})
    for number in numbers:
        digits = number.lstrip("+").encode()
        for name, content in places.items():
            for shape in (digits, digits[2:], digits.hex().encode(), TYPED.encode()):
                assert shape not in content, (name, shape)


def test_program_is_told_the_code():
    with Postern() as postern:
        program = by_program(postern)
        sender, link = secured(postern, choices=dict(PHONE, notify=True))
        clue = Visitor().get(link)
        assert "a code is sent to the phone %s" % MASK in clue.words(), clue.words()
        page, fred = unlock(link)
        assert asks(page) and MASK in page.words() and "Type the code from your phone" in page.words()
        code = program.code()
        # It is one process, without a shell, and inherits nothing.
        (around,) = program.folder.glob("*.around")
        around = around.read_text().splitlines()
        assert around[0] == "arguments: --to phone $HOME; id", around
        names = {line.split("=")[0] for line in around[1:-1]}
        assert names <= {"PATH", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}, around
        # Input and outputs, and what ls itself opens.
        assert set(around[-1].split()) <= {"0", "1", "2", "3"}, around
        page = fred.submit(fred.get(link + "/code"), "code", code="zzzzzzz1")
        assert page.status == 403 and "what came to your phone" in page.words(), page.words()
        page = fred.submit(page, "code", code=code.upper())
        assert page.status == 200 and BODY in page.words(), page.words()
        receipt, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Opened:"))
        assert "sent to the phone %s" % MASK in body_words(receipt)
        told = Visitor().get(sender)
        assert "a code that is sent to the phone %s" % MASK in told.words(), told.words()
        for page in (clue, told, fred.get(link + "/message")):
            assert NUMBER[3:] not in re.sub(r"\D", "", page.text.replace(MASK, "")), "the number is told"
        (line,) = json.loads(postern.ctl("message", "list", "--state", "all", "--json", "--config",
                                         str(postern.config)))["deliveries"]
        shown = json.loads(postern.ctl("message", "show", line["delivery"], "--json", "--config",
                                       str(postern.config)))["deliveries"][0]
        assert shown["second_factor"] == "phone" and shown["factor_at"], shown
        postern.settle()
        assert postern.query("select count(*) from factor_try") == [["0"]]
        assert postern.query("select phone is not null from delivery") == [["t"]]
        nowhere(postern, NUMBER)
        assert code not in postern.log.read_text() and code.replace("-", "") not in postern.log.read_text()
        # It goes with the message.
        Visitor().submit(Visitor().get(sender + "/destroy"), "sure", sure="yes")
        assert postern.query("select phone is null from delivery") == [["t"]]


SAID = {
    "de": "Ihr Code ist %s. Er gilt 10 Minuten. Sagen Sie ihn niemandem.",
    "fr": "votre code est %s. Il est valable 10 minutes. Ne le dites à personne.",
    "es": "Su código es %s. Vale 10 minutos. No se lo diga a nadie.",
    "nl": "uw code is %s. Hij is 10 minuten geldig. Vertel hem aan niemand.",
    "ar": "رمزك هو %s. وهو صالح لمدة 10 دقائق. لا تخبر به أحدًا.",
}


def test_text_is_in_the_recipients_language_and_one_message():
    """Where the alphabet leaves 70 characters only, the organisation's name is left out."""
    with Postern() as postern:
        program = by_program(postern)
        for number, (language, words) in enumerate(SAID.items()):
            to = "lang%d@example.net" % number
            _, link = secured(postern, to, choices=dict(PHONE, language=language))
            page, _ = unlock(link)
            assert asks(page), page.words()
            said, text = program.next_text()
            assert said == NUMBER, said
            code = re.search(r"[0-9a-z]{4}-[0-9a-z]{4}", text).group()
            named = "Example Organisation" in text
            assert text.endswith(words % code), (language, text)
            assert named == (language in ("de", "fr", "nl")), (language, text)
            assert len(text) <= (160 if named else 70), (language, len(text))


def test_program_that_fails_is_asked_again_in_time():
    with Postern() as postern:
        program = by_program(postern, "test -e %s/good || exit 3" % postern.folder)
        _, link = secured(postern, choices=PHONE)
        page, fred = unlock(link)
        assert asks(page)
        wait_for("a try", lambda: postern.query("select 1 from outbox where kind = 25 and tries = 1"))
        (postern.folder / "good").touch()
        postern.set_clock(MINUTE)
        assert BODY in fred.submit(page, "code", code=program.code()).words()
        # Never when it is over: the row ends, and what was sealed of the code is forgotten.
        (postern.folder / "good").unlink()
        page, fred = unlock(link)
        last, clock = newest(postern, 1), MINUTE
        while last is not None:
            tries_before, clock = last
            assert clock < 11 * MINUTE and tries_before < 10, last
            postern.set_clock(clock)
            last = newest(postern, tries_before + 1)
        assert tries_before >= 3 and clock > 3 * MINUTE, (tries_before, clock)
        assert postern.query("select count(*) from factor_try where code_wrap is not null") == [["0"]]
        (postern.folder / "good").touch()
        postern.set_clock(12 * MINUTE)
        postern.settle()
        assert not [path for path in program.folder.glob("*.said") if path not in program.heard]
        assert "code-not-sent" in postern.log.read_text()
        nowhere(postern, NUMBER)


def newest(postern, count):
    """Wait for that try of the newest code; gives its number and when the next one is due, by the clock of
    the test; None: there is none."""
    def look():
        return postern.query("select state, tries, ceil(next_at - extract(epoch from now())) + 1 from outbox "
                             "where kind = 25 and (state = 3 or (state = 1 and tries = %d)) "
                             "order by created_at desc, id desc limit 1" % count)
    (row,) = wait_for("try %d, or the end" % count, look)
    return None if row[0] == "3" else (int(row[1]), int(row[2]))


def test_program_that_hangs_is_ended():
    with Postern() as postern:
        # What it starts ends with it.
        program = by_program(postern, "(sleep 1000; touch %s/woken) & echo $! >%s/pid; sleep 1000"
                             % (postern.folder, postern.folder), 'timeout = "1 s";')
        _, link = secured(postern, choices=PHONE)
        page, _ = unlock(link)
        assert asks(page)
        wait_for("the end of it", lambda: "why=timeout" in postern.log.read_text())
        child = int((postern.folder / "pid").read_text())
        # Adopted by whoever collects orphans here, or by nobody: then it is a zombie.
        wait_for("the end of its child", lambda: not alive(child))
        # Mail goes on meanwhile and after it.
        send(postern, "secure-gina@example.net", subject="Another")
        finish_mail(postern, "gina@example.net")
        assert not program.heard


def alive(pid):
    """Does the process run?"""
    try:
        return pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Service:
    """A web service whose answers a test chooses."""

    def __init__(self, postern):
        self.asked, self.code, self.wait = [], 200, 0
        self.token = postern.folder / "token"
        self.token.write_text("a-token-of-ours\nnot this\n")
        self.web = Web(postern.folder / "tls.pem", postern.folder / "tls.key", self.answer)

    def answer(self, handler, host, path):
        self.asked.append((handler.command, path, dict(handler.headers), json.loads(handler.body)))
        time.sleep(self.wait)
        fields = {"Location": "https://localhost:%d/other" % self.web.port} if self.code // 100 == 3 else {}
        handler.give(self.code, b"we told " + handler.body, **fields)

    def settings(self, postern, trusted=True, host="localhost"):
        """Of phone."""
        return 'url = "https://%s:%d/sms"; token_file = "token"; timeout = "1 s"; %s' % (
            host, self.web.port, 'ca_file = "tls.pem";' if trusted else "")


def tries(postern, count):
    """Wait for so many tries of the newest code that came to nothing."""
    return wait_for("try %d" % count, lambda: postern.query(
        "select 1 from outbox where kind = 25 and state = 1 and tries = %d" % count))


def test_service_is_told_the_code():
    with Postern() as postern:
        service = Service(postern)
        with service.web:
            configure(postern, service.settings(postern))
            _, link = secured(postern, choices=PHONE)
            page, fred = unlock(link)
            wait_for("a call", lambda: service.asked)
            (method, path, headers, body), = service.asked
            assert (method, path) == ("POST", "/sms") and set(body) == {"to", "text"}, service.asked
            assert headers["Authorization"] == "Bearer a-token-of-ours"
            assert headers["Content-Type"] == "application/json" and body["to"] == NUMBER, body
            assert BODY in fred.submit(page, "code", code=code_in(body["text"])).words()
            postern.settle()
            # 500 and a slow answer: later.  A redirect is not followed.
            for count, (code, wait, why) in enumerate(((500, 0, "http-5xx"), (200, 3, "timeout"),
                                                       (302, 0, "redirect"), (401, 0, "http-4xx"))):
                service.code, service.wait = code, wait
                if count == 0:
                    page, fred = unlock(link)
                else:
                    postern.set_clock(count * MINUTE)
                tries(postern, count + 1)
                assert "why=" + why in postern.log.read_text(), why
            assert all(path == "/sms" for _, path, _, _ in service.asked)
            service.code, service.wait = 202, 0
            postern.set_clock(8 * MINUTE)
            wait_for("a call", lambda: len(service.asked) == 6)
            assert BODY in fred.submit(page, "code", code=code_in(service.asked[-1][3]["text"])).words()
            # What it refuses for good is not said again.
            service.code = 400
            unlock(link)
            wait_for("the end", lambda: postern.query("select 1 from outbox where kind = 25 and state = 3"))
            assert len(service.asked) == 7
            nowhere(postern, NUMBER)
            assert "a-token-of-ours" not in postern.log.read_text()


def test_service_must_show_who_it_is():
    with Postern() as postern:
        service = Service(postern)
        with service.web:
            configure(postern, service.settings(postern, trusted=False))
            _, link = secured(postern, choices=PHONE)
            unlock(link)
            tries(postern, 1)
            assert "why=tls-untrusted" in postern.log.read_text()
            assert not service.asked, "it was told all the same"
            nowhere(postern, NUMBER)


def test_templates_keep_the_number():
    with Postern() as postern:
        program = by_program(postern)
        alice = sign_in(postern)
        page = desk(postern, alice, "/templates/new")
        values = dict(recipient=FRED, clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                      second_factor="phone")
        for typed, words in (("", "type the number that codes are sent to"), ("0151 70005123", "8 to 15 digits"),
                             ("+49 (0) 151 70005123", "8 to 15 digits")):
            answer = alice.submit(page, "recipient", phone=typed, **values)
            assert answer.status == 400 and words in answer.words(), answer.words()
        answer = alice.submit(page, "recipient", phone=TYPED, **dict(values, recipient="@example.net"))
        assert answer.status == 400 and "belongs to one person" in answer.words(), answer.words()
        new_template(postern, alice, FRED, **PHONE)
        url = template_of(postern, alice)
        page = alice.get(url)
        fields = page.form("second_factor")["fields"]
        assert fields["second_factor"] == "phone" and fields["phone"] == "" and MASK in page.words()
        assert NUMBER[3:] not in re.sub(r"\D", "", page.text.replace(MASK, ""))
        # An empty field keeps it, here and in a list, which does not tell it.
        assert "Saved" in alice.submit(page, "clue", lifetime_days="3").words()
        text = alice.get(postern.url + "/desk/templates.csv").text
        (row,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        assert (row["second_factor"], row["phone"], row["pdf"]) == ("phone", "", "no"), row
        assert "Changed templates: 1." in alice.submit(desk(postern, alice, "/templates/import"), "rows",
                                                       rows=text).words()
        send(postern)
        page, fred = unlock(link_in(notice(postern), "r"))
        assert asks(page) and BODY in fred.submit(page, "code", code=program.code()).words()
        # A list brings another one, or is told why not.
        head = "recipient,clue,second_factor,phone\n%s,%s,phone," % (FRED, CLUE)
        for typed, words in (("12345", "phone is no number"), ("+1 202 555 0187", "Changed templates: 1.")):
            answer = alice.submit(desk(postern, alice, "/templates/import"), "rows", rows=head + typed)
            assert words in answer.words(), answer.words()
        send(postern)
        page, fred = unlock(link_in(notice(postern), "r"))
        assert asks(page) and "+1 ... 187" in page.words()
        assert program.next_text()[0] == OTHER
        # What asks for something else needs no number.
        assert "Saved" in alice.submit(alice.get(url), "clue", second_factor="mail").words()
        assert postern.query("select phone is null from template") == [["t"]]
        nowhere(postern, NUMBER, OTHER)


def test_finishing_uses_the_template_or_saves_one():
    with Postern() as postern:
        program = by_program(postern)
        link = held(postern)
        page = Visitor().submit(Visitor().get(link), "clue", clue=CLUE, passphrase=PASSPHRASE,
                                passphrase_again=PASSPHRASE, second_factor="phone", phone="+49 x")
        assert page.status == 400 and "8 to 15 digits" in page.words(), page.words()
        page = Visitor().submit(page, "clue", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                                phone=TYPED, save_template=True)
        assert page.status == 200, page.words()
        page, fred = unlock(link_in(notice(postern), "r"))
        assert asks(page) and BODY in fred.submit(page, "code", code=program.code()).words()
        send(postern, subject="By the template")
        page, fred = unlock(link_in(notice(postern), "r"))
        assert asks(page) and BODY in fred.submit(page, "code", code=program.code()).words()
        alice = sign_in(postern)
        url = template_of(postern, alice)
        assert "Saved" in alice.submit(alice.get(url), "clue", delivery="ask").words()
        # Held, with the number known already: shown by its mask, and used when the field stays empty.
        link = held(postern, subject="Asked")
        page = Visitor().get(link)
        assert page.form("clue")["fields"]["second_factor"] == "phone" and MASK in page.words()
        assert Visitor().submit(page, "clue", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE).status == 200
        page, fred = unlock(link_in(notice(postern), "r"))
        assert asks(page) and BODY in fred.submit(page, "code", code=program.code()).words()
        nowhere(postern, NUMBER)


def test_without_a_way_it_is_not_offered_and_nothing_falls_back():
    with Postern() as postern:
        page = Visitor().get(held(postern, subject="First"))
        assert "phone" not in page.form("clue")["fields"] and "their phone" not in page.words()
        answer = Visitor().submit(page, "clue", clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                                  second_factor="phone", phone=TYPED)
        assert answer.status == 400 and postern.query("select state from delivery") == [["2"]], answer.words()
        program = by_program(postern)
        alice = sign_in(postern)
        new_template(postern, alice, FRED, **PHONE)
        _, ready = secured(postern, "gina@example.net", choices=PHONE, subject="Ready")
        postern.settle()
        configure(postern, "")
        # What is there waits for its sender, and says why.
        send(postern, subject="Held")
        page = Visitor().get(link_in(finish_mail(postern), "s"))
        assert "sends none at the moment" in page.words(), page.words()
        assert not any(link.endswith("/template") for link in page.links()), page.links()
        words = desk(postern, alice, "/templates").words()
        assert "no codes are sent to phones now" in words, words
        page = alice.get(template_of(postern, alice))
        assert "It cannot be used now" in page.words() and page.form("clue")["fields"]["second_factor"] == "phone"
        # A message that is ready is not opened by less.
        page, gina = unlock(ready)
        assert page.status == 409 and "No code can be sent" in page.words(), page.words()
        assert gina.get(ready + "/message").status == 403
        assert postern.query("select count(*) from session") == [["0"]]
        assert postern.query("select max(wrong_tries) from delivery") == [["0"]], "it was the right one"
        assert postern.query("select count(*) from outbox where kind in (23, 25)") == [["0"]]
        assert not list(program.folder.glob("*.said"))
        nowhere(postern, NUMBER)


def test_what_stands_in_the_way_of_a_pdf_is_named():
    """It is the policy that asks everybody for a code, not a way to phones."""
    with Postern() as postern:
        by_program(postern)
        alice = sign_in(postern)
        new_template(postern, alice, FRED, clue="", passphrase="", pdf="phone", phone=TYPED)
        postern.policy = 'second_factor = "always";'
        by_program(postern)
        words = alice.get(template_of(postern, alice)).words()
        assert "a PDF cannot ask for" in words and "no codes to phones" not in words, words


def test_configuration_is_checked():
    with Postern(start=False) as postern:
        for text, words in (('command = ( "say" );', "expects the full path"),
                            ('url = "http://example.net/";', "expects https://"),
                            ('url = "https://example.net/"; command = ( "/bin/true" );', "phone.command too"),
                            ('timeout = "2 min";', "is out of range")):
            postern.extra = "phone: { %s };" % text
            postern.write_config()
            code, said = check_config(postern.config)
            assert code != 0 and words in said, said


if __name__ == "__main__":
    cases.run("__main__")
