#!/usr/bin/python3 -B
"""What is shown besides the passphrase, in text browsers, without JavaScript and with certificates truly
verified: a code of a phone, and a number on paper; each story is told in w3m and in lynx."""

import functools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from browsers import Lynx, W3m  # noqa: E402
from desk import ALICE, CLUE, FRED, PASSPHRASE, held, mailed_code, notice, send  # noqa: E402
from postern import Postern, link_in, wait_for  # noqa: E402

SUBJECT, TEXT, FIRST = "Plans for spring", "This is what I promised.", "<original-1@corp.example>"
MASK = "+49 ... 123"


def a_code_goes_to_a_phone(browser):
    with Postern(start=False) as postern:
        said, program = postern.folder / "said", postern.folder / "say"
        program.write_text('#!/bin/sh\ncat >"%s.new" && mv "%s.new" "%s"\n' % (said, said, said))
        program.chmod(0o755)
        postern.extra = 'phone: { command = ( "%s" ); };' % program
        postern.write_config()
        postern.start()
        with browser(postern, held(postern, subject=SUBJECT, body=TEXT)) as alice:
            alice.see("Finish sending your message")
            alice.fill("reads this before the message", CLUE)
            alice.secret("The answer to your clue", PASSPHRASE)
            alice.secret("The same passphrase once more", PASSPHRASE)
            alice.choose("Or holds their phone", 2)
            alice.fill("never take it from a mail", "0151 70005123")
            alice.submit("Send securely")
            alice.see("Nothing has been sent yet", "type + and the country", "0151 70005123")
            alice.secret("The answer to your clue", PASSPHRASE)
            alice.secret("The same passphrase once more", PASSPHRASE)
            alice.fill("8 to 15 digits in all", "+49 151 70005123")
            alice.submit("Send securely")
            alice.see("a code that is sent to the phone " + MASK)
        with browser(postern, link_in(notice(postern), "r")) as fred:
            fred.see(CLUE, "a code is sent to the phone " + MASK)
            fred.secret("The answer to the clue", PASSPHRASE)
            fred.submit("Open the message")
            fred.see("Type the code from your phone", MASK)
            number, text = wait_for("a call", lambda: said.exists() and said.read_text()).splitlines()
            assert number == "+4915170005123", number
            fred.fill("Eight letters and digits", "aaaaaaa1")
            fred.submit("Open the message")
            fred.see("That was not the code", "Tries left: 4")
            fred.fill("Tries left", re.search(r"\b\w{4}-\w{4}\b", text).group(0))
            fred.submit("Open the message")
            fred.see(SUBJECT, TEXT)


def a_number_stands_on_paper(browser):
    with Postern() as postern:
        with browser(postern, postern.url + "/desk/templates/new") as alice:
            alice.see("Sign in to your desk", "Mail me a code")
            alice.fill("Your mail address", ALICE)
            alice.submit("Mail me a code")
            alice.see("Type the code from your mail")
            alice.fill("Type the code from your mail", mailed_code(postern, ALICE))
            alice.submit("Sign in")
            alice.see("Your messages")
            alice.push("Templates")
            alice.push("New template")
            alice.fill("An address such as", FRED)
            alice.fill("reads this before the message", CLUE)
            alice.secret("The answer to your clue", PASSPHRASE)
            alice.secret("The same passphrase once more", PASSPHRASE)
            alice.choose("sheet of numbers that you handed to them", 2)
            alice.submit("Save")
            alice.see("Sheet of numbers for " + FRED, "there is none yet")
            alice.submit("Make the sheet")
            alice.see("Print this page now", "Numbers for confidential messages", ALICE)
            code = alice.see_match(r"\b1\. ([0-9a-z]{4}-[0-9a-z]{4})").group(1)
            alice.see_match(r"\b20\. ([0-9a-z]{4}-[0-9a-z]{4})")
            alice.push("It is printed: back to the template")
            alice.see("Template for " + FRED)
            alice.push("Make a sheet of numbers")
            alice.see("Numbers left", "20", "The present sheet is void from then on.")
            assert code not in alice.words()
        send(postern, subject=SUBJECT, body=TEXT, message_id=FIRST)
        with browser(postern, link_in(notice(postern), "r")) as fred:
            fred.see(CLUE, "a code from the sheet of numbers")
            fred.secret("The answer to the clue", PASSPHRASE)
            fred.submit("Open the message")
            fred.see("Type number 1 of your sheet", "of the sheet dated")
            fred.fill("Eight letters and digits", code)
            fred.submit("Open the message")
            fred.see(SUBJECT, TEXT)


for _browser in (W3m, Lynx):
    for _story in (a_code_goes_to_a_phone, a_number_stands_on_paper):
        globals()["test_%s_%s" % (_browser.__name__.lower(), _story.__name__)] = \
            functools.partial(_story, _browser)

if __name__ == "__main__":
    cases.run("__main__")
