#!/usr/bin/python3 -B
"""Numbers on paper: a sheet is made at a template and shown once; each of its codes opens once what a
right passphrase has brought, and nothing in the database opens it instead."""

import csv
import io
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, CLUE, DAY, FRED, GINA, HOUR, MINUTE, OTHER_CLUE, OTHER_PASSPHRASE,  # noqa: E402
                  PASSPHRASE, desk, do, finish_mail, held, mails, new_template, notice, post, secured, send,
                  sign_in, template_of, token, unlock)
from pdf import Paper, run  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

BODY = "The body of it."
SHEET = {"second_factor": "sheet"}
USED_UP_KIND = 26


def codes_of(page):
    """The codes on a page that was printed, by their numbers."""
    found = re.findall(r'<li value="(\d+)"><span class="code">([0-9a-z]{4}-[0-9a-z]{4})</span></li>', page.text)
    codes = {int(number): code for number, code in found}
    assert sorted(codes) == list(range(1, 21)) and len(set(codes.values())) == 20, page.words()
    return codes


def make_sheet(visitor, url):
    """Make a sheet at this template; gives its codes."""
    page = visitor.get(url + "/sheet")
    assert page.status == 200, page.words()
    printed = visitor.submit(page, "present")
    assert printed.status == 200 and "Print this page now" in printed.words(), printed.words()
    return codes_of(printed)


def template_with_sheet(postern, alice, to=FRED, **choices):
    """A template, and what stands on its sheet."""
    values = dict(recipient=to, clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE, **SHEET)
    values.update(choices)
    page = alice.submit(desk(postern, alice, "/templates/new"), "recipient", **values)
    assert page.status == 200 and page.url.endswith("/sheet") and "there is none yet" in page.words(), page.words()
    return page.url.removesuffix("/sheet"), codes_of(alice.submit(page, "present"))


def asked_number(page):
    """The number that is asked for; nothing of the message is there."""
    assert BODY not in page.words() and page.form("code") is not None, page.words()
    return int(re.search(r"Type number (\d+) of your sheet", page.words()).group(1))


def enter(visitor, page, code):
    """Type a code; gives the answer."""
    return visitor.submit(page, "code", code=code)


def opens_with(link, codes, number, passphrase=PASSPHRASE):
    """Passphrase and that number open it."""
    page, fred = unlock(link, passphrase)
    assert asked_number(page) == number, page.words()
    page = enter(fred, page, codes[number])
    assert page.status == 200 and BODY in page.words(), page.words()
    return fred


def use_up(postern, left):
    """As if all numbers but so many had been used."""
    postern.query("update sheet_number set used_at = 1 where number <= %d and used_at is null" % (20 - left))


def test_a_number_opens_once():
    with Postern() as postern:
        alice = sign_in(postern)
        # One that asks for a sheet holds once there is one: saved, and then the sheet, in one go.
        values = dict(recipient=FRED, clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE, notify=True,
                      **SHEET)
        page = alice.submit(desk(postern, alice, "/templates/new"), "recipient", **values)
        assert page.url.endswith("/sheet"), page.url
        send(postern, subject="Too early")
        early = link_in(finish_mail(postern), "s")
        assert "no number left, or no sheet yet" in Visitor().get(early).words()
        assert "waits for a sheet" in desk(postern, alice, "/templates").words()
        printed = alice.submit(page, "present")
        codes = codes_of(printed)
        words = printed.words()
        assert "Example Organisation" in words and FRED in words and ALICE in words and "Dated" in words
        assert "waits for a sheet" not in desk(postern, alice, "/templates").words()
        # It is shown this once.
        again = alice.get(page.url)
        assert not any(code in again.text for code in codes.values()) and "Numbers left 20" in again.words()
        send(postern, subject="In time")
        link = link_in(notice(postern), "r")
        sender = link_in(postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))[0], "s")
        assert "a code from the sheet of numbers that %s gave you" % ALICE in Visitor().get(link).words()
        page, fred = unlock(link)
        assert asked_number(page) == 1 and "of the sheet dated" in page.words(), page.words()
        assert fred.get(link + "/message").status == 403
        # Another number of it is none, whatever people think.
        page = enter(fred, page, codes[2])
        assert page.status == 403 and "Tries left: 4" in page.words() and asked_number(page) == 1, page.words()
        page = enter(fred, page, " %s " % codes[1].upper().replace("0", "O").replace("-", " "))
        assert page.status == 200 and BODY in page.words(), page.words()
        receipt, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Opened:"))
        assert "with a number of the sheet that you handed to %s" % FRED in " ".join(body_text(receipt).split())
        words = Visitor().get(sender).words()
        assert "the next number of the sheet that you handed over" in words and "last typed on" in words, words
        lines = json.loads(postern.ctl("message", "list", "--state", "read", "--json", "--config",
                                       str(postern.config)))["deliveries"]
        shown = json.loads(postern.ctl("message", "show", lines[0]["delivery"], "--json", "--config",
                                       str(postern.config)))["deliveries"][0]
        assert shown["second_factor"] == "sheet" and shown["factor_at"], shown
        # The next time it is the next, and the first is worth nothing.
        page, other = unlock(link)
        assert asked_number(page) == 2 and enter(other, page, codes[1]).status == 403
        opens_with(link, codes, 2)
        assert mails(postern, 23) == 0 and mails(postern, 25) == 0


def printed_on(answer, shape):
    """The text of a sheet that came as a PDF, and the codes of that shape in it, by their numbers."""
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/pdf", answer.status
    assert 'filename="sheet.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    with Paper(answer.body) as paper:
        paper.check()
        text = run("pdftotext", paper.path, "-").stdout.decode()
        (attached,) = [content for _, content in paper.files()]
    codes = {int(number): code for number, code in re.findall(r"^(\d+)\. (%s)$" % shape, text, re.M)}
    assert sorted(codes) == list(range(1, 21)) and len(set(codes.values())) == 20, text
    assert all(code in attached.decode() for code in codes.values()), attached
    return " ".join(text.split()), codes


def test_a_sheet_as_pdf():
    """Made at once with the sheet: its codes open, the sheet before is void, and they are kept nowhere."""
    look = 'address = ( "Example Street 1", "12345 Town" ); legal = "Managing director: A. Person";'
    with Postern(organisation=look) as postern:
        alice = sign_in(postern)
        url, before = template_with_sheet(postern, alice)
        form = alice.get(url + "/sheet")
        assert "opens without a password" in form.words(), form.words()
        text, codes = printed_on(alice.submit(form, "present", do="pdf"), "[0-9a-z]{4}-[0-9a-z]{4}")
        assert not set(codes.values()) & set(before.values())
        for part in ("Numbers for confidential messages", "Example Organisation", "Example Street 1 12345 Town", FRED,
                     ALICE, "Dated", "asked for the code behind one of these numbers", "Managing director: A. Person"):
            assert part in text, (part, text)
        # The form sent once more makes no other.
        again = alice.submit(form, "present", do="pdf")
        assert again.status == 409 and "No new sheet was made" in again.words(), again.status
        send(postern)
        link = link_in(notice(postern), "r")
        page, fred = unlock(link)
        assert enter(fred, page, before[1]).status == 403
        opens_with(link, codes, 1)
        data = subprocess.run(["pg_dump", "-d", postern.connection], capture_output=True, check=True).stdout
        for code in codes.values():
            for shape in (code, code.replace("-", "")):
                assert shape.encode() not in data and shape not in postern.log.read_text(), shape
        # Passwords of PDF, too.
        page = alice.submit(desk(postern, alice, "/templates/new"), "recipient", recipient=GINA, pdf="sheet")
        text, passwords = printed_on(alice.submit(page, "present", do="pdf"), "[0-9a-z]{4}(?:-[0-9a-z]{4}){3}")
        assert "Passwords for confidential PDFs" in text and "with the hyphens" in text, text
        send(postern, "secure-" + GINA)
        message, _ = postern.next_letter(GINA)
        (part,) = message.iter_attachments()
        with Paper(part.get_content(), passwords[1]) as paper:
            paper.check()


def test_a_sheet_that_cannot_be_drawn():
    """Nothing is lost: the sheet before is void by then, and the codes are shown."""
    with Postern(extra='pdf: { fonts = ( "/nowhere/none.ttf" ); };') as postern:
        alice = sign_in(postern)
        url, _ = template_with_sheet(postern, alice)
        form = alice.get(url + "/sheet")
        assert "as PDF" not in form.words(), form.words()
        printed = alice.submit(form, "present", do="pdf")
        assert printed.status == 200 and "No PDF could be made" in printed.words(), printed.words()
        codes = codes_of(printed)
        send(postern)
        opens_with(link_in(notice(postern), "r"), codes, 1)
        assert "event=sheet-not-drawn" in postern.log.read_text()


def test_two_browsers_use_a_number_once():
    with Postern() as postern:
        alice = sign_in(postern)
        _, codes = template_with_sheet(postern, alice)
        send(postern)
        link = link_in(notice(postern), "r")
        (one_page, one), (other_page, other) = unlock(link), unlock(link)
        assert asked_number(one_page) == asked_number(other_page) == 1
        assert BODY in enter(one, one_page, codes[1]).words()
        answer = enter(other, other_page, codes[1])
        assert answer.status == 403 and BODY not in answer.words(), answer.words()
        assert other.get(link + "/message").status == 403
        assert postern.query("select count(*) from session") == [["1"]]
        # Nor does a right code help in a browser that did not type the passphrase.
        thief = Visitor()
        page, _ = unlock(link)
        assert thief.submit(page, "code", code=codes[2]).status == 403


def test_tries_and_time_are_bounded():
    with Postern(policy="network_tries = 1000;") as postern:
        alice = sign_in(postern)
        _, codes = template_with_sheet(postern, alice)
        send(postern)
        link = link_in(notice(postern), "r")
        page, fred = unlock(link)
        for left in (4, 3, 2, 1, 0):
            page = enter(fred, page, "aaaaaaa%d" % left)
            assert page.status == 403, page.status
        assert 'name="code"' not in page.text and "mistyped too often" in page.words()
        assert fred.submit(unlock(link)[0], "code", code=codes[1]).status == 403, "another browser's page"
        for _ in range(3):
            assert asked_number(unlock(link)[0]) == 1, "wrong tries use up no number"
        page, _ = unlock(link)
        assert page.status == 429 and "too many codes were asked for" in page.words(), page.words()
        assert int(page.headers["Retry-After"]) <= HOUR
        postern.set_clock(HOUR + MINUTE)
        page, fred = unlock(link)
        postern.set_clock(HOUR + 12 * MINUTE)
        assert enter(fred, page, codes[1]).status == 403, "ten minutes are over"
        opens_with(link, codes, 1)


def test_network_is_slowed_down():
    with Postern(policy="network_tries = 3;") as postern:
        alice = sign_in(postern)
        _, codes = template_with_sheet(postern, alice)
        send(postern)
        page, fred = unlock(link_in(notice(postern), "r"))
        for number in range(3):
            assert enter(fred, page, "aaaaaaa%d" % number).status == 403
        answer = enter(fred, page, codes[1])
        assert answer.status == 429 and BODY not in answer.words(), answer.words()


def test_a_new_sheet_makes_the_old_one_void():
    with Postern() as postern:
        alice = sign_in(postern)
        url, old = template_with_sheet(postern, alice)
        send(postern)
        link = link_in(notice(postern), "r")
        page, fred = unlock(link)
        before = alice.get(url + "/sheet")
        new = make_sheet(alice, url)
        assert not set(old.values()) & set(new.values())
        # What was begun with it ends, and a form that is sent once more makes none.
        assert enter(fred, page, old[1]).status == 403 and enter(fred, page, new[1]).status == 403
        answer = alice.submit(before, "present")
        assert answer.status == 409 and "No new sheet was made" in answer.words(), answer.words()
        assert 'class="numbers"' not in answer.text
        page, fred = unlock(link)
        assert enter(fred, page, old[1]).status == 403
        opens_with(link, new, 1)
        assert postern.query("select count(*) from sheet") == [["1"]]
        # Nobody else makes one here, and none is made without a token.
        bob = sign_in(postern, BOB)
        assert bob.get(url + "/sheet").status == 404
        (sheet,) = postern.query("select id from sheet")
        for visitor, fields in ((bob, {"csrf": token(bob, postern), "present": ""}),
                                (alice, {"present": ""}), (alice, {"csrf": "x", "present": ""})):
            answer = post(visitor, url + "/sheet", fields)
            assert answer.status in (403, 404), answer.status
        assert postern.query("select id from sheet") == [sheet]


def test_few_are_left_and_none():
    with Postern() as postern:
        alice = sign_in(postern)
        url, codes = template_with_sheet(postern, alice)
        send(postern)
        link = link_in(notice(postern), "r")
        use_up(postern, 6)
        assert "numbers left on the sheet" not in desk(postern, alice, "/templates").words()
        opens_with(link, codes, 15)
        assert "5 numbers left on the sheet" in desk(postern, alice, "/templates").words()
        assert "5 numbers are left on the sheet" in alice.get(url).words()
        assert "think of a new one" in alice.get(url + "/sheet").words()
        use_up(postern, 1)
        assert mails(postern, USED_UP_KIND) == 0
        opens_with(link, codes, 20)
        message, raw = postern.next_letter(ALICE, lambda m: "used up" in m["Subject"])
        text = " ".join(body_text(message).split())
        assert FRED in text and postern.url + "/desk/templates" in text and "/s/" not in text, text
        assert message["Auto-Submitted"] == "auto-generated" and message["Return-Path"] == "<>", raw
        assert not any(code in body_text(message) for code in codes.values())
        # The recipient is told, and gets in by nothing else; the sender is told once a day.
        for hours in (0, 1, 25):
            postern.set_clock(hours * HOUR)
            page, fred = unlock(link)
            assert page.status == 409 and "No number is left on your sheet" in page.words(), page.words()
            assert 'name="code"' not in page.text and fred.get(link + "/message").status == 403
            postern.settle()
            assert mails(postern, USED_UP_KIND) == (1 if hours < 25 else 2), hours
        assert postern.query("select wrong_tries from delivery") == [["0"]], "it was the right one"
        # The next message waits for its sender, and nothing falls back.
        alice = sign_in(postern)
        send(postern, subject="Waits")
        page = Visitor().get(link_in(finish_mail(postern), "s"))
        assert "no number left" in page.words() and "sheet" not in re.findall(r'<option value="(\w+)"', page.text)
        answer = Visitor().submit(page, "clue", clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                                  second_factor="sheet")
        assert answer.status == 400 and "no number left to ask for" in answer.words(), answer.words()
        new = make_sheet(alice, url)
        opens_with(link, new, 1)


def test_finishing_by_hand():
    with Postern() as postern:
        # Only where there is a sheet for this recipient.
        page = Visitor().get(held(postern, GINA))
        assert re.findall(r'<option value="(none|mail|sheet)"', page.text) == ["none", "mail"]
        alice = sign_in(postern)
        url, codes = template_with_sheet(postern, alice, delivery="ask")
        link = held(postern)
        page = Visitor().get(link)
        assert page.form("clue")["fields"]["second_factor"] == "sheet", page.words()
        answer = Visitor().submit(page, "clue", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
        assert answer.status == 200, answer.words()
        private = link_in(notice(postern), "r")
        opens_with(private, codes, 1)
        # By the template, as it is.
        answer = do(Visitor(), held(postern, subject="Another") + "/template")
        assert answer.status == 200, answer.words()
        opens_with(link_in(notice(postern), "r"), codes, 2)
        # A new passphrase asks for the next number as before.
        visitor = Visitor()
        page, fred = unlock(private)
        answer = visitor.submit(visitor.get(link + "/passphrase"), "clue", clue=OTHER_CLUE,
                                passphrase=OTHER_PASSPHRASE, passphrase_again=OTHER_PASSPHRASE)
        assert answer.status == 200, answer.words()
        postern.settle()
        assert enter(fred, page, codes[3]).status == 403
        opens_with(private, codes, 3, OTHER_PASSPHRASE)
        # Without its template the sheet is good for what was sent, then it goes.
        assert "Deleted" in do(alice, url + "/delete").words()
        opens_with(private, codes, 4, OTHER_PASSPHRASE)


def test_lists_and_domains():
    with Postern() as postern:
        alice = sign_in(postern)
        answer = alice.submit(desk(postern, alice, "/templates/new"), "recipient", recipient="@example.net",
                              clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE, **SHEET)
        assert answer.status == 400 and "belongs to one person" in answer.words(), answer.words()
        new_template(postern, alice, "@example.net")
        url = template_of(postern, alice, "@example.net")
        assert alice.get(url + "/sheet").status == 404 and url.removeprefix(postern.url) + "/sheet" not in alice.get(
            url).links()
        assert post(alice, url + "/sheet", {"csrf": token(alice, postern), "present": ""}).status == 404
        for to, good in (("@example.com", False), (FRED, True)):
            answer = alice.submit(desk(postern, alice, "/templates/import"), "rows",
                                  rows="recipient,clue,passphrase,second_factor\n%s,%s,%s,sheet" % (
                                      to, CLUE, PASSPHRASE))
            assert (answer.status == 200) == good, answer.words()
        assert "waits for a sheet" in desk(postern, alice, "/templates").words()
        make_sheet(alice, template_of(postern, alice))
        assert "waits for a sheet" not in desk(postern, alice, "/templates").words()
        rows = csv.DictReader(io.StringIO(alice.get(postern.url + "/desk/templates.csv").text))
        assert [row["second_factor"] for row in rows] == ["none", "sheet"]


def test_thief_of_the_database():
    with Postern() as postern:
        alice = sign_in(postern)
        _, codes = template_with_sheet(postern, alice)
        send(postern)
        link = link_in(notice(postern), "r")
        page, fred = unlock(link)
        postern.settle()
        dump = subprocess.run(["pg_dump", "-d", postern.connection], capture_output=True, check=True).stdout
        assert b"COPY public.sheet_number" in dump
        places = {"dump": dump, "log": postern.log.read_bytes()}
        places.update({"mail %s" % path: path.read_bytes() for path in postern.maildir.rglob("*")
                       if path.is_file()})
        for code in codes.values():
            for shape in (code, code.replace("-", ""), code.replace("-", "").encode().hex()):
                for name, content in places.items():
                    assert shape.encode() not in content, name
        # Neither hash nor seal is the same for another place, and what a thief puts there opens nothing.
        rows = postern.query("select public from sheet_number")
        assert len({row[0] for row in rows}) == 20
        postern.query("update sheet_number set public = (select public from sheet_number where number = 2) "
                      "where number = 1")
        assert BODY in enter(fred, page, codes[1]).words(), "what was begun is sealed to what was there"
        postern.query("update sheet_number set used_at = null")
        page, fred = unlock(link)
        assert asked_number(page) == 1
        assert enter(fred, page, codes[1]).status == 403 and enter(fred, page, codes[2]).status == 403


def test_policy_that_demands_a_factor_leaves_the_choice():
    with Postern(policy='second_factor = "always";') as postern:
        alice = sign_in(postern)
        page = desk(postern, alice, "/templates/new")
        assert re.findall(r'<option value="(none|mail|phone|sheet)"', page.text) == ["mail", "sheet"]
        url, codes = template_with_sheet(postern, alice)
        # What was chosen stays so when something else is changed.
        assert "Saved" in alice.submit(alice.get(url), "clue", lifetime_days="3").words()
        send(postern)
        opens_with(link_in(notice(postern), "r"), codes, 1)
        assert mails(postern, 23) == 0


def test_sheets_end():
    with Postern() as postern:
        alice = sign_in(postern)
        url, _ = template_with_sheet(postern, alice)
        do(alice, url + "/delete")
        assert postern.query("select count(*) from sheet") == [["1"]]
        postern.set_clock(2 * DAY)
        # The courier sweeps once a minute, and when it starts.
        postern.stop("courier")
        postern.start("courier")
        wait_for("the sweep", lambda: postern.query("select count(*) from sheet_number") == [["0"]])


if __name__ == "__main__":
    cases.run("__main__")
