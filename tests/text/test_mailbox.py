#!/usr/bin/python3 -B
"""A recipient's life with a mailbox in text browsers: from the first notice to the end of everything, in w3m
and in lynx."""

import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from browsers import Lynx, W3m  # noqa: E402
from desk import ALICE, BOB, CLUE, FRED, PASSPHRASE, finish, held, notice, send  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402

SUBJECT, TEXT = "Plans for spring", "This is what I promised."
OWN, OTHER = "seven green umbrellas", "an orange locomotive"
TABLES = ("mailbox", "mailbox_message", "mailbox_session", "chunk", "writing", "session")


def make(postern, browser):
    """The first message, and the mailbox behind it."""
    finish(held(postern, subject=SUBJECT, body=TEXT))
    with browser(postern, link_in(notice(postern), "r")) as fred:
        fred.see(CLUE)
        fred.secret("The answer to the clue", PASSPHRASE)
        fred.submit("Open the message")
        fred.see(SUBJECT, TEXT)
        fred.push("Make a mailbox of your own here")
        fred.see("A mailbox of your own", FRED)
        fred.secret("At least 6 characters", OWN)
        fred.secret("The same passphrase once more", OWN)
        fred.submit("Make my mailbox")
        fred.see("You have a mailbox now", SUBJECT, "from Alice")


def a_life_with_a_mailbox(browser):
    with Postern() as postern:
        make(postern, browser)
        send(postern, subject="Second", body="No clue is needed.", sender=BOB)
        with browser(postern, link_in(notice(postern), "r")) as fred:
            fred.see("lies in your mailbox")
            fred.secret("that you chose for your mailbox", OWN)
            fred.submit("Open the message")
            fred.see("Second", "No clue is needed.")
            fred.push("Back to your mailbox")
            fred.see("Second", SUBJECT, "opened, kept until")
            fred.push("New message")
            fred.see("To whom?", ALICE, BOB)
            fred.push("Bob, " + BOB)
            fred.see("New message", BOB)
            fred.fill("Subject", "A question")
            fred.write("Your message", "Is it so?")
            # w3m looks for the words, of which some stand below the buttons, too.
            fred.submit("Send Add file" if browser is W3m else "Send")
            fred.see("Your reply has been sent")
        letter, _ = postern.next_letter(BOB, lambda m: m["Subject"] == "A question")
        assert "Is it so?" in body_text(letter)
        with browser(postern, postern.url + "/box") as fred:
            fred.see("Open your mailbox")
            fred.fill("Your mail address", FRED)
            fred.secret("that you chose for your mailbox", OWN)
            fred.submit("Open the mailbox")
            fred.see("Your mailbox", "Second", SUBJECT)
            fred.push("Passphrase")
            fred.secret("Present passphrase", OWN)
            fred.secret("At least 6 characters", OTHER)
            fred.secret("The same passphrase once more", OTHER)
            fred.submit("Change the passphrase")
            fred.see("You have a new passphrase")
            fred.push("Plans for spring")
            fred.see(SUBJECT, TEXT)
            fred.push("Back to your mailbox")
            fred.push("Close the mailbox")
            fred.secret("comes with a clue again", OTHER)
            fred.fill("to confirm", "yes")
            fred.submit("Destroy it")
            fred.see("Your mailbox is gone")
        wait_for("everything to be gone", lambda: all(
            postern.query("select count(*) from %s" % table) == [["0"]] for table in TABLES))


for _browser in (W3m, Lynx):
    for _story in (a_life_with_a_mailbox,):
        globals()["test_%s_%s" % (_browser.__name__.lower(), _story.__name__)] = \
            functools.partial(_story, _browser)

if __name__ == "__main__":
    cases.run("__main__")
