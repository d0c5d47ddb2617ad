#!/usr/bin/python3 -B
"""A recipient's whole life with a mailbox in text browsers, in w3m and in lynx: from the first notice by codes of
an app, whose secret is read from the page as text, to the end of everything."""

import functools
import pathlib
import sys

for _folder in ("harness", "portal"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / _folder))
import cases  # noqa: E402
from browsers import Lynx, W3m  # noqa: E402
from desk import ALICE, BOB, CLUE, FRED, PASSPHRASE, finish, held, notice, send  # noqa: E402
from postern import Postern, body_text, body_words, link_in, wait_for  # noqa: E402
from test_account import Clock, app_code  # noqa: E402
from test_box_account import in_use, of_owners  # noqa: E402
from test_mailbox import archive_in  # noqa: E402

SUBJECT, TEXT = "Plans for spring", "This is what I promised."
OWN, OTHER = "seven green umbrellas", "an orange locomotive"
TABLES = {"chunk", "writing", "session", "factor_try"}  # besides those of owners


def make(postern, browser, clock):
    """The first message, the mailbox behind it, and codes by an app; gives their secret."""
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
        fred.push("Account")
        fred.see("Signing in takes your passphrase", "Where you are signed in", "this one")
        fred.submit("Set up codes by an app")
        secret = fred.see_match(r"Secret ((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})").group(1).replace(" ", "")
        fred.fill("Nothing changes before this code was right", app_code(secret, clock.next_step()))
        fred.submit("Set it up")
        fred.see("It is set up", "Your recovery codes", "Recovery codes left 10")
    told, _ = postern.next_letter(FRED)
    assert told["Subject"].startswith("Signing in at"), told["Subject"]
    return secret


def show_code(fred, secret, clock):
    """The second factor, behind the passphrase."""
    fred.see("Type the code of your app", FRED)
    fred.fill("Six digits of the app", app_code(secret, clock.next_step()))
    fred.submit("Open the mailbox")
    fred.see("Your mailbox", "How it stands")


def ten_letters(postern):
    """One notice for each, and no clue; gives the link of the last."""
    for number in range(1, 11):
        send(postern, subject="Letter number %02d" % number, body="What stands in %02d.\n" % number,
             sender=(ALICE, BOB)[number % 2])
    notices = [notice(postern) for _ in range(10)]
    assert all("lies in your mailbox" in body_words(one) for one in notices)
    assert not any("clue" in body_text(one) for one in notices)
    postern.settle()
    assert all(path in postern.seen for path, _ in postern.letters(FRED)), "there is another mail"
    return link_in(notices[-1], "r")


def a_life_with_a_mailbox(browser):
    with Postern() as postern:
        clock = Clock(postern)
        secret = make(postern, browser, clock)
        link = ten_letters(postern)
        with browser(postern, link) as fred:
            fred.see("lies in your mailbox")
            fred.secret("that you chose for your mailbox", OWN)
            fred.submit("Open the message")
            show_code(fred, secret, clock)
            fred.push("Letter number 07")
            fred.see("Letter number 07", "What stands in 07.")
            fred.push("Reply")
            fred.write("Your reply", "This answers the seventh.")
            # w3m looks for the words, of which some stand below the buttons, too.
            fred.submit("Send Add file" if browser is W3m else "Send")
            fred.see("Your reply has been sent")
            letter, _ = postern.next_letter(BOB, lambda m: m["Subject"] == "Re: Letter number 07")
            assert "This answers the seventh." in body_text(letter)
        with browser(postern, postern.url + "/box") as fred:
            fred.see("Open your mailbox")
            fred.fill("Your mail address", FRED)
            fred.secret("that you chose for your mailbox", OWN)
            fred.submit("Open the mailbox")
            show_code(fred, secret, clock)
            fred.see("Letter number 01", "Letter number 10", SUBJECT, "answered")
            fred.push("New message")
            fred.see("To whom?", ALICE, BOB)
            fred.push("Bob, " + BOB)
            fred.see("New message", BOB)
            fred.fill("Subject", "A question")
            fred.write("Your message", "Is it so?")
            fred.submit("Send Add file" if browser is W3m else "Send")
            fred.see("Your reply has been sent")
            letter, _ = postern.next_letter(BOB, lambda m: m["Subject"] == "A question")
            assert "Is it so?" in body_text(letter) and letter["In-Reply-To"] is None
        with browser(postern, postern.url + "/box") as fred, browser(postern, postern.url + "/box/passphrase") as other:
            for who in (fred, other):
                who.see("Open your mailbox")
                who.fill("Your mail address", FRED)
                who.secret("that you chose for your mailbox", OWN)
                who.submit("Open the mailbox")
                show_code(who, secret, clock)
            fred.push("Passphrase")
            fred.secret("Present passphrase", OWN)
            fred.secret("At least 6 characters", OTHER)
            fred.secret("The same passphrase once more", OTHER)
            fred.submit("Change the passphrase")
            fred.see("You have a new passphrase")
            # Whoever is elsewhere is sent away, and the old passphrase is worth nothing.
            other.push("Account")
            other.see("Open your mailbox", "Your visit has ended")
            other.fill("Your mail address", FRED)
            other.secret("that you chose for your mailbox", OWN)
            other.submit("Open the mailbox")
            other.see("There is no mailbox with this address and this passphrase")
            fred.push("Plans for spring")
            fred.see(SUBJECT, TEXT)
            fred.push("Back to your mailbox")
            fred.push("Take everything along")
            fred.see("11 in all")
            take_along(postern, fred)
            fred.push("Close the mailbox")
            fred.secret("comes with a clue again", OTHER)
            fred.fill("to confirm", "yes")
            fred.submit("Destroy it")
            fred.see("Your mailbox is gone")
        postern.stop("courier")
        postern.start("courier")
        wait_for("everything to be gone", lambda: not in_use(postern, of_owners(postern) | TABLES))


def take_along(postern, fred):
    """Both archives, where the browser saves files without a question of its own."""
    if not hasattr(fred, "save"):
        return
    texts = {}
    for name, words in (("all.zip", "Messages 1 to 11"), ("sent.zip", "What you sent, the newest")):
        path = postern.folder / name
        fred.save(words, path)
        letters = wait_for(name, lambda path=path: archive_in(path))
        texts[name] = [body_text(letter) for letter in letters.values()]
    assert len(texts["all.zip"]) == 11 and len(texts["sent.zip"]) == 2, texts
    for words in [TEXT] + ["What stands in %02d." % number for number in range(1, 11)]:
        assert [words in text for text in texts["all.zip"]].count(True) == 1, words
    for words in ("This answers the seventh.", "Is it so?"):
        assert [words in text for text in texts["sent.zip"]].count(True) == 1, words


for _browser in (W3m, Lynx):
    for _story in (a_life_with_a_mailbox,):
        globals()["test_%s_%s" % (_browser.__name__.lower(), _story.__name__)] = \
            functools.partial(_story, _browser)

if __name__ == "__main__":
    cases.run("__main__")
