#!/usr/bin/python3 -B
"""The second factor of a delivery: a right passphrase alone opens nothing, until a code is typed
that was mailed to the recipient's address, in the same browser."""

import csv
import io
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, CLUE, FRED, HOUR, MINUTE, OTHER_CLUE, OTHER_PASSPHRASE, PASSPHRASE,  # noqa: E402
                  desk, held, mails, new_template, notice, secured, send, sign_in, template_of, unlock)
from postern import Postern, body_text, body_words, link_in  # noqa: E402
from visitor import Visitor  # noqa: E402

CODE_MAIL = 23
BODY = "The body of it."
FACTOR = {"second_factor": "mail"}


def ctl(postern, *words):
    """One JSON object."""
    return json.loads(postern.ctl(*words, "--json", "--config", str(postern.config)))


def mailed_code(postern):
    """The code in the next mail to the recipient, as it is written there."""
    message, raw = postern.next_letter(
        FRED, lambda m: m["Subject"] == "Your code for a confidential message")
    text = body_text(message)
    assert "/r/" not in text and "/s/" not in text and BODY not in text, "there is a link in it"
    assert message["Auto-Submitted"] == "auto-generated" and message["Return-Path"] == "<>", raw
    assert ALICE in text and "10 minutes" in text
    return re.search(r"^ +([0-9a-z]{4}-[0-9a-z]{4})\s*$", text, re.M).group(1)


def asks(page):
    """Is the code asked for, and nothing of the message there?"""
    words = page.words()
    assert BODY not in words and "Figures" not in words, words
    return "Type the code from your mail" in words


def enter(visitor, page, code):
    """Type a code; gives the answer."""
    return visitor.submit(page, "code", code=code)


def test_code_opens():
    with Postern() as postern:
        sender, link = secured(postern, choices=dict(FACTOR, notify=True))
        assert "a code is mailed to %s" % FRED in Visitor().get(link).words()
        assert "a code that is mailed to the recipient" in Visitor().get(sender).words()
        page, fred = unlock(link)
        assert page.url.endswith("/code") and asks(page) and FRED in page.words(), page.words()
        # Nothing has happened yet that a receipt could tell.
        assert fred.get(link + "/message").status == 403
        assert postern.query("select state, opened_at is null, wrong_tries from delivery") == [["4", "t", "0"]]
        code = mailed_code(postern)
        page = enter(fred, fred.get(link + "/code"), "zzzz-zzz1" if code != "zzzz-zzz1" else "zzzz-zzz2")
        assert page.status == 403 and asks(page) and "Tries left: 4" in page.words(), page.words()
        # As people type it.
        page = enter(fred, page, " %s " % code.upper().replace("0", "O").replace("-", " "))
        assert page.status == 200 and BODY in page.words(), page.words()
        receipt, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Opened:"))
        assert "with a code that was mailed to %s" % FRED in body_words(receipt)
        assert "last typed on" in Visitor().get(sender).words()
        (line,) = ctl(postern, "message", "list", "--state", "all")["deliveries"]
        (shown,) = ctl(postern, "message", "show", line["delivery"])["deliveries"]
        assert shown["second_factor"] == "mail" and shown["factor_at"], shown
        # It is good for once, and of what waited nothing is left.
        assert postern.query("select count(*) from factor_try") == [["0"]]
        again = fred.get(link + "/code")
        assert not asks(again) and "no longer works" in again.words()
        # Whoever comes again shows both again.
        page, other = unlock(link)
        assert asks(page) and enter(other, page, code).status == 403
        page = enter(other, page, mailed_code(postern))
        assert BODY in page.words()


def test_only_where_it_was_asked_for():
    with Postern() as postern:
        _, link = secured(postern, choices=FACTOR)
        page, fred = unlock(link)
        code = mailed_code(postern)
        # Without the passphrase the code is worth nothing, whoever has it.
        thief = Visitor()
        assert not asks(thief.get(link + "/code"))
        assert thief.submit(fred.get(link + "/code"), "code", code=code).status == 403
        # Nor is it with another passphrase's cookie, of another message.
        _, other_link = secured(postern, choices=FACTOR, subject="Another")
        other_page, _ = unlock(other_link, visitor=fred)
        mailed_code(postern)
        assert enter(fred, other_page, code).status == 403
        assert BODY in enter(fred, page, code).words()


def test_tries_and_time_are_bounded():
    with Postern(policy="network_tries = 1000;") as postern:
        _, link = secured(postern, choices=FACTOR)
        page, fred = unlock(link)
        code = mailed_code(postern)
        for left in (4, 3, 2, 1, 0):
            page = enter(fred, page, "aaaaaaa%d" % left)
            assert page.status == 403, page.status
        assert not asks(page) and "mistyped too often" in page.words()
        assert enter(fred, unlock(link)[0], code).status == 403
        mailed_code(postern)
        # Of one delivery a few within an hour.
        for _ in range(3):
            assert asks(unlock(link)[0])
            mailed_code(postern)
        page, _ = unlock(link)
        assert page.status == 429 and "too many codes" in page.words() and BODY not in page.words(), page.words()
        assert int(page.headers["Retry-After"]) <= HOUR
        assert postern.query("select wrong_tries, retry_at from delivery") == [["0", "0"]], "it was the right one"
        postern.settle()
        assert mails(postern, CODE_MAIL) == 5
        # A wrong passphrase is told as ever, and asks for nothing.
        page, _ = unlock(link, "something else")
        assert page.status == 403 and page.form("passphrase") is not None
        postern.set_clock(HOUR + MINUTE)
        page, fred = unlock(link)
        code = mailed_code(postern)
        postern.set_clock(HOUR + 12 * MINUTE)
        assert enter(fred, page, code).status == 403, "ten minutes are over"


def test_thief_of_the_database():
    with Postern() as postern:
        _, link = secured(postern, choices=FACTOR)
        page, fred = unlock(link)
        code = mailed_code(postern)
        postern.settle()
        dump = postern.query("select encode(sealed, 'hex'), encode(token_hash, 'hex'), code_wrap is null "
                             "from factor_try")
        assert len(dump) == 1 and dump[0][2] == "t", "the code is kept beyond its mail"
        plain = code.replace("-", "").encode().hex()
        assert plain not in dump[0][0] and plain not in dump[0][1]
        assert code not in postern.log.read_text() and code.replace("-", "") not in postern.log.read_text()
        assert BODY in enter(fred, page, code).words()


def test_new_passphrase_ends_it():
    with Postern() as postern:
        link, private = secured(postern, choices=FACTOR)
        page, fred = unlock(private)
        code = mailed_code(postern)
        alice = Visitor()
        answer = alice.submit(alice.get(link + "/passphrase"), "clue", clue=OTHER_CLUE,
                              passphrase=OTHER_PASSPHRASE, passphrase_again=OTHER_PASSPHRASE)
        assert answer.status == 200, answer.words()
        postern.settle()
        assert postern.query("select count(*) from factor_try") == [["0"]]
        assert enter(fred, page, code).status == 403
        # What was wanted once is wanted still.
        page, fred = unlock(private, OTHER_PASSPHRASE)
        assert BODY in enter(fred, page, mailed_code(postern)).words()


def test_templates_keep_it():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, FRED, **FACTOR)
        page = alice.get(template_of(postern, alice))
        assert page.form("second_factor")["fields"]["second_factor"] == "mail"
        (row,) = csv.DictReader(io.StringIO(alice.get(postern.url + "/desk/templates.csv").text))
        assert (row["second_factor"], row["phone"]) == ("mail", ""), row
        send(postern)
        link = link_in(notice(postern), "r")
        page, fred = unlock(link)
        assert asks(page)
        assert BODY in enter(fred, page, mailed_code(postern)).words()
        # A list that does not name the column changes nothing; one that does, does.
        for rows, kept in (("recipient,clue\n%s,%s" % (FRED, CLUE), "mail"),
                           ("recipient,clue,second_factor\n%s,%s,none" % (FRED, CLUE), "none")):
            answer = alice.submit(desk(postern, alice, "/templates/import"), "rows", rows=rows)
            assert answer.status == 200, answer.words()
            page = alice.get(template_of(postern, alice))
            assert page.form("second_factor")["fields"]["second_factor"] == kept, rows
        answer = alice.submit(desk(postern, alice, "/templates/import"), "rows",
                              rows="recipient,clue,second_factor\n%s,%s,pigeon" % (FRED, CLUE))
        assert "none of: none, mail, phone, sheet" in answer.words(), answer.words()


def test_policy_can_demand_it():
    with Postern(policy='second_factor = "always";') as postern:
        link = held(postern)
        page = Visitor().get(link)
        assert "second_factor" not in page.form("clue")["fields"] and "every recipient types a code" in page.words()
        _, private = secured(postern, subject="Another")
        page, fred = unlock(private)
        assert asks(page)
        assert BODY in enter(fred, page, mailed_code(postern)).words()
        assert PASSPHRASE not in page.words()


if __name__ == "__main__":
    cases.run("__main__")
