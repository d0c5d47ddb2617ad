#!/usr/bin/python3 -B
"""Templates: made, changed and deleted at the desk, used by the next message, and carried out and in
as CSV, where a passphrase comes in and never stands anywhere again."""

import base64
import csv
import io
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, CLUE, FRED, GINA, OTHER_CLUE, OTHER_PASSPHRASE, PASSPHRASE, desk, do,  # noqa: E402
                  finish_mail, mails, new_template, notice, opens, refuses, rows, send, sign_in, template_of)
from postern import Postern, body_text, link_in  # noqa: E402
from visitor import Visitor  # noqa: E402

COLUMNS = ("recipient,clue,passphrase,forgiving,lifetime_days,remind_days,notify,notify_files,"
           "notify_names,notify_replied,notify_accepted,delivery,link_mail,language,second_factor,phone,mailbox,"
           "pdf")


def change(visitor, url, **values):
    """Change a template; gives the page that follows."""
    if "passphrase" in values:
        values.setdefault("passphrase_again", values["passphrase"])
    return visitor.submit(visitor.get(url), "clue", **values)


def bring(postern, visitor, text="", file=None, **more):
    """Import a list, pasted or as a file; gives the page that follows."""
    page = desk(postern, visitor, "/templates/import")
    files = [] if file is None else [("templates.csv", file, "text/csv")]
    return visitor.submit(page, "rows", rows=text, files=files, **more)


def export(postern, visitor):
    """The templates as CSV."""
    answer = visitor.get(postern.url + "/desk/templates.csv")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.text


def sent_link(postern, to=FRED):
    """The sender's link in the mail about a message that left by template."""
    message, _ = postern.next_letter(
        ALICE, lambda m: m["Subject"] == "Sent securely: your message to " + to)
    return link_in(message, "s")


def test_made_changed_deleted():
    with Postern() as postern:
        alice = sign_in(postern)
        assert "You have none yet" in desk(postern, alice, "/templates").words()
        new_template(postern, alice, " Secure-Fred@Example.NET ", notify=True, remind_days="5")
        url = template_of(postern, alice)
        page = alice.get(url)
        fields = page.form("clue")["fields"]
        assert fields["clue"] == CLUE and fields["passphrase"] == "" == fields["passphrase_again"]
        assert (fields["lifetime_days"], fields["remind_days"], fields["notify"], fields["delivery"],
                fields["link_mail"], fields["notify_files"]) == ("14", "5", "1", "portal", "1", None)
        # It sends the first message; a second template for him leads to this one.
        send(postern)
        first = link_in(notice(postern), "r")
        sent_link(postern)
        answer = alice.submit(desk(postern, alice, "/templates/new"), "recipient", recipient=FRED,
                              clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
        assert answer.status == 400 and "There is a template" in answer.words(), answer.words()
        assert url.removeprefix(postern.url) in answer.links(), answer.links()
        assert PASSPHRASE not in answer.text
        # A clue without its answer cannot be looked at; neither can how it is compared.
        for values in (dict(clue=OTHER_CLUE), dict(forgiving=True)):
            answer = change(alice, url, **values)
            assert answer.status == 400 and "needs one too" in answer.words(), answer.words()
        # The lock stays where only the rest changes, and goes where a passphrase is typed.
        (lock,) = postern.query("select id from lock")
        assert "Saved" in change(alice, url, lifetime_days="3").words()
        assert postern.query("select id from lock") == [lock]
        assert "Saved" in change(alice, url, clue=OTHER_CLUE, passphrase=OTHER_PASSPHRASE).words()
        send(postern)
        second = link_in(notice(postern), "r")
        opens(first)
        refuses(first, OTHER_PASSPHRASE)
        opens(second, OTHER_PASSPHRASE)
        refuses(second, PASSPHRASE)
        assert alice.get(second).words().count(OTHER_CLUE) == 1
        # Without the word it stays; then it is gone, and the next message is asked about.
        assert do(alice, url + "/delete", "1").status == 400
        answer = do(alice, url + "/delete")
        assert "Deleted" in answer.words() and rows(answer) == [], answer.words()
        assert alice.get(url).status == 404
        send(postern)
        finish_mail(postern)
        postern.settle()
        opens(first)
        assert len(postern.query("select id from lock")) == 2, "messages sent keep theirs"


def test_faults_of_the_form():
    with Postern(policy="most_templates = 1;") as postern:
        alice = sign_in(postern)
        page = desk(postern, alice, "/templates/new")
        good = dict(recipient=FRED, clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
        for wrong, words in (({"recipient": ""}, "Say whom"), ({"recipient": "fred"}, "one address"),
                             ({"recipient": "@"}, "one address"),
                             ({"recipient": "bob@corp.example"}, "is not secured here"),
                             ({"recipient": "@sub.corp.example"}, "is not secured here"),
                             ({"clue": " "}, "Write a clue"), ({"passphrase": ""}, "Type a pass"),
                             ({"passphrase_again": "x"}, "not the same"),
                             ({"clue": "It is " + PASSPHRASE}, "out of the clue"),
                             ({"passphrase": "example", "passphrase_again": "example"},
                              "guessable in about"),
                             ({"clue": "bicycle", "passphrase": "bicycle"}, "about 2 tries."),
                             ({"lifetime_days": "0"}, "from 1 to 365"),
                             ({"lifetime_days": "366"}, "from 1 to 365"),
                             ({"remind_days": "x"}, "until the reminder")):
            answer = alice.submit(page, "recipient", **dict(good, **wrong))
            assert answer.status == 400 and words in answer.words(), (wrong, answer.words())
            assert "aria-invalid" in answer.text and "rusty" not in answer.text
        assert postern.query("select count(*) from template") == [["0"]]
        answer = alice.submit(page, "recipient", **dict(good, check="1"))
        assert answer.status == 200 and "Guessable in about" in answer.words()
        assert postern.query("select count(*) from template") == [["0"]]
        new_template(postern, alice)
        answer = alice.submit(page, "recipient", **dict(good, recipient=GINA))
        assert answer.status == 400 and "no more than 1" in answer.words(), answer.words()


def test_a_domain_stands_behind_an_address():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, "@Example.NET", clue=OTHER_CLUE, passphrase=OTHER_PASSPHRASE)
        new_template(postern, alice, FRED)
        listed = [words for _, words in rows(desk(postern, alice, "/templates"))]
        assert listed[0].startswith("@example.net everybody there"), listed
        for to, passphrase in ((FRED, PASSPHRASE), (GINA, OTHER_PASSPHRASE)):
            send(postern, "secure-" + to)
            opens(link_in(notice(postern, to), "r"), passphrase)
        do(alice, template_of(postern, alice, FRED) + "/delete")
        send(postern)
        opens(link_in(notice(postern), "r"), OTHER_PASSPHRASE)
        for to in ("fred@sub.example.net", "fred@notexample.net"):
            send(postern, "secure-" + to)
            finish_mail(postern, to)
        # An answer of somebody else's is none of Alice's.
        send(postern, sender="bob@corp.example")
        finish_mail(postern, FRED, "bob@corp.example")


def test_ask_each_time():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, delivery="ask", lifetime_days="9", forgiving=True,
                     notify_replied=True)
        for _ in range(2):
            send(postern)
            link = link_in(finish_mail(postern), "s")
            page = alice.get(link)
            fields = page.form("clue")["fields"]
            assert (fields["clue"], fields["lifetime_days"], fields["forgiving"],
                    fields["notify_replied"], fields["notify"]) == (CLUE, "9", "1", "1", None)
            assert "You have a template for fred@example.net" in page.words()
        # The second one: with the template's own passphrase, and nothing typed.
        assert do(alice, link + "/template", "no").status == 400
        answer = do(alice, link + "/template")
        assert answer.status == 200 and answer.url == link, answer.words()
        page, _ = opens(link_in(notice(postern), "r"), "THE BLUE, bicycle!")
        assert postern.query("select lifetime_days from delivery where by_template") == [["9"]]
        send(postern)
        finish_mail(postern)


def test_without_a_link_nobody_can_rescue():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, link_mail=None)
        send(postern)
        link = link_in(notice(postern), "r")
        do(Visitor(), link + "/forgotten")
        asked, _ = postern.next_letter(ALICE, lambda m: "does not know the answer" in m["Subject"])
        assert "cannot be set for this message" in body_text(asked), body_text(asked)
        postern.settle()
        assert mails(postern, 10) == 0 and mails(postern, 2) == 0
        ((url, words),) = rows(desk(postern, alice))
        assert "does not know the answer" in words
        page = alice.get(url)
        assert "A new passphrase cannot be set for this message." in page.words(), page.words()
        assert "/passphrase" not in page.text
        assert postern.query("select rescue_wrap, sender_wrap from delivery") == [["", ""]]


def test_out_and_in_again():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, "@example.net", clue="=cmd|' /C calc'!A0", notify=True)
        new_template(postern, alice, FRED, clue='+1, "two"; drei', lifetime_days="3",
                     remind_days="0", notify_files=True, notify_names=True, link_mail=None)
        new_template(postern, alice, "müller@example.org", clue="-Wörter", forgiving=True,
                     delivery="ask", notify_replied=True, notify_accepted=True)
        text = export(postern, alice)
        assert PASSPHRASE not in text and "passphrase" not in text
        table = list(csv.reader(io.StringIO(text)))
        assert table[0] == COLUMNS.replace("passphrase,", "").split(","), table[0]
        assert table[1][:2] == ["'@example.net", "'=cmd|' /C calc'!A0"], table[1]
        assert table[2][1] == "'+1, \"two\"; drei" and table[3][1] == "'-Wörter", table
        for row in table[1:]:
            assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row
        before = postern.query("select * from template order by id")
        locks = postern.query("select * from lock order by id")
        answer = bring(postern, alice, text)
        assert answer.status == 200 and "Changed templates: 3." in answer.words(), answer.words()
        assert export(postern, alice) == text
        assert postern.query("select * from lock order by id") == locks
        after = postern.query("select * from template order by id")
        assert [row[:1] + row[5:] for row in after] == [row[:1] + row[5:] for row in before]
        # The same from a file, as a spreadsheet saves it in German.
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=";").writerows(table)
        answer = bring(postern, alice, file=b"\xef\xbb\xbf" + buffer.getvalue().encode())
        assert "Changed templates: 3." in answer.words() and export(postern, alice) == text
        # A clue that is changed says nothing about a passphrase that is not there.
        answer = bring(postern, alice, "recipient,clue\n%s,Another one?\n" % FRED)
        assert answer.status == 400 and "Line 2" in answer.words(), answer.words()
        assert export(postern, alice) == text
        do(alice, template_of(postern, alice, "@example.net") + "/delete")
        send(postern)
        opens(link_in(notice(postern), "r"))


def test_passphrases_come_in_and_stand_nowhere():
    words = ["trout in Bregenz", "seven Wooden spoons", "käse & Brötchen"]
    with Postern() as postern:
        alice = sign_in(postern)
        text = COLUMNS + "\n" + "".join(
            "r%d@example.net,Which %d?,%s,%s,7,0,yes,,,,,portal,no,,,,,\n" % (
                number, number, word, "yes" if number == 2 else "")
            for number, word in enumerate(words))
        answer = bring(postern, alice, file=text.encode())
        assert "New templates: 3." in answer.words() and "Bregenz" not in answer.text, answer.words()
        for number, word in enumerate(words):
            to = "r%d@example.net" % number
            send(postern, "secure-" + to)
            link = link_in(notice(postern, to), "r")
            refuses(link, "something else")
            opens(link, word if number < 2 else "Käse brötchen")
        # A list that cannot be taken is not given back with its passphrases.
        for broken in (text.replace(",yes,", ",perhaps,"), text.replace("forgiving", "forgivin"),
                       text.replace("passphrase", "pass phrase"), '"' + text, text + '"',
                       text.replace("r2@", "r1@")):
            answer = bring(postern, alice, broken)
            assert answer.status == 400, broken
            assert not any(word in answer.words() for word in words), answer.words()
        postern.stop()
        dump = postern.dump()
        places = {"dump": dump, "log": postern.log.read_bytes()}
        assert b"COPY public.template" in dump and b"template-saved" not in places["log"]
        for word in words:
            raw = word.encode()
            forms = {raw, raw.lower(), raw.title(), raw.replace(b" ", b"+")}
            for form in set(forms):
                forms |= {form.hex().encode(), base64.b64encode(form).rstrip(b"=")[:-1],
                          base64.b64encode(b"x" + form)[4:-4], base64.b64encode(b"xx" + form)[4:-4]}
            for name, place in places.items():
                assert not any(form in place for form in forms), (word, name)


def test_prepared_ones_ask_once():
    with Postern() as postern:
        alice = sign_in(postern)
        answer = bring(postern, alice, "recipient;clue;lifetime_days;forgiving\n%s;%s;8;x\n" % (
            FRED, CLUE))
        assert "New templates: 1." in answer.words(), answer.words()
        ((_, words),) = rows(desk(postern, alice, "/templates"))
        assert "no passphrase yet" in words and CLUE in words, words
        send(postern)
        page = alice.get(link_in(finish_mail(postern), "s"))
        fields = page.form("clue")["fields"]
        assert (fields["clue"], fields["lifetime_days"], fields["forgiving"]) == (CLUE, "8", "1")
        assert "filled in as you prepared it" in page.words()
        answer = alice.submit(page, "clue", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
        assert answer.status == 200, answer.words()
        opens(link_in(notice(postern), "r"), "the BLUE bicycle")
        ((_, words),) = rows(desk(postern, alice, "/templates"))
        assert "no passphrase yet" not in words, words
        send(postern)
        opens(link_in(notice(postern), "r"), "the BLUE bicycle")
        assert mails(postern, 2) == 1


def test_every_fault_has_its_line():
    lines = ["recipient,clue,passphrase,lifetime_days,remind_days,notify,delivery",
             "fred@example.net,Which?,%s,,,," % PASSPHRASE,
             "nobody,Which?,%s,,,," % PASSPHRASE,
             "bob@corp.example,Which?,%s,,,," % PASSPHRASE,
             "FRED@example.net,Which?,%s,,,," % PASSPHRASE,
             "a@example.net,,%s,,,," % PASSPHRASE,
             '"b@example.net","It is\n%s",%s,,,,' % (PASSPHRASE, PASSPHRASE),  # two lines
             "c@example.net,Which?,abc,,,,",
             "d@example.net,Which?,password,,,,",
             "e@example.net,Which?,%s,0,,," % PASSPHRASE,
             "f@example.net,Which?,%s,,soon,," % PASSPHRASE,
             "g@example.net,Which?,%s,,,perhaps," % PASSPHRASE,
             "h@example.net,Which?,%s,,,,pigeon" % PASSPHRASE,
             "i@example.net,Which?,%s,," % PASSPHRASE,
             "j@example.net,%s,%s,,,," % ("x" * 501, PASSPHRASE),
             ",Which?,%s,,,," % PASSPHRASE]
    faults = ["Line 3, nobody: this is no mail address", "Line 4, bob@corp.example: this address",
              "Line 5, FRED@example.net: this recipient stands in the list twice",
              "Line 6, a@example.net: the clue is missing",
              "Line 7, b@example.net: the clue contains the passphrase",
              "Line 9, c@example.net: the passphrase is too short",
              "Line 10, d@example.net: the passphrase is too easy to guess",
              "Line 11, e@example.net: lifetime_days", "Line 12, f@example.net: remind_days",
              "Line 13, g@example.net: a choice is neither", "Line 14, h@example.net: a choice is",
              "Line 15: this row has another number", "Line 16, j@example.net: the clue is too long",
              "Line 17: this is no mail address"]
    with Postern(policy="most_locks = 20; most_templates = 5;") as postern:
        alice = sign_in(postern)
        answer = bring(postern, alice, "\r\n".join(lines))
        assert answer.status == 400 and PASSPHRASE not in answer.text, answer.words()
        told = re.findall(r"<li>(Line.*?)</li>", answer.text)
        assert len(told) == len(faults), told
        for fault, line in zip(faults, told):
            assert line.startswith(fault), (fault, line)
        for text, words in (("", "there is no row"), ("recipient,clue\n", "there is no row"),
                            ("fred@example.net,Which?\n", "Line 1: this row has another"),
                            ("recipient,clue,clue\n", "Line 1: this row has another"),
                            ('recipient,clue\n"x@example.net,', "Line 2: this is not CSV")):
            answer = bring(postern, alice, text)
            assert answer.status == 400 and words in answer.words(), (text, answer.words())
        answer = bring(postern, alice, file=b"recipient,clue\nfred@example.net,\xe4h?\n")
        assert answer.status == 400 and "Line 2: this is not CSV in UTF-8" in answer.words()
        many = "".join("m%d@example.net,Which?,%s\n" % (n, PASSPHRASE) for n in range(21))
        answer = bring(postern, alice, "recipient,clue,passphrase\n" + many)
        assert answer.status == 400 and "more rows with passphrases than 20" in answer.words()
        bare = "".join("m%d@example.net,Which?\n" % n for n in range(6))
        answer = bring(postern, alice, "recipient,clue\n" + bare)
        assert answer.status == 400 and "more than 5 templates" in answer.words(), answer.words()
        assert answer.form("rows")["fields"]["rows"].count("Which?") == 6, "what was typed"
        assert postern.query("select (select count(*) from template), count(*) from lock") == [
            ["0", "0"]]
        answer = bring(postern, alice, file=b"recipient,clue\n" + b"x" * 1_100_000)
        assert answer.status == 413, answer.status
        answer = bring(postern, alice, "recipient,clue\n" + bare[:bare.index("m5")])
        assert "New templates: 5." in answer.words(), answer.words()


if __name__ == "__main__":
    cases.run("__main__")
