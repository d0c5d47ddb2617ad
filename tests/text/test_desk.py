#!/usr/bin/python3 -B
"""The sender's desk in text browsers, without JavaScript and with certificates truly verified: each
story is told in w3m and in lynx, at a terminal."""

import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from browsers import Lynx, W3m  # noqa: E402
from desk import (ALICE, CLUE, FRED, GINA, MINUTE, OTHER_CLUE, OTHER_PASSPHRASE,  # noqa: E402
                  PASSPHRASE, finish, finish_mail, held, is_signed_in, mailed_code, notice, opens, send)
from desk import sign_in as sign_in_elsewhere  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

CAROL = "carol@example.com"
SUBJECT, TEXT, FIRST = "Plans for spring", "This is what I promised.", "<original-1@corp.example>"


def held_link(postern):
    """Write to Fred; gives the link of the sender."""
    return held(postern, subject=SUBJECT, body=TEXT, message_id=FIRST)


def asked_for(postern, recipient):
    """The link of the sender who is asked to finish a message."""
    return link_in(finish_mail(postern, recipient), "s")


def notice_link(postern, to=FRED):
    """The link in the recipient's mailbox."""
    return link_in(notice(postern, to), "r")


def without(person, words):
    """Wait for a page that does not say these words."""
    wait_for("%r to be gone" % words, lambda: words not in person.words(), 30)


def sign_in(postern, alice):
    """From the first page of the desk to the list of messages, with the mailed code."""
    alice.see("Sign in to your desk", "Mail me a code")
    alice.fill("Your mail address", ALICE)
    alice.submit("Mail me a code")
    alice.see("Type the code from your mail", ALICE, "10 minutes")
    alice.fill("Type the code from your mail", mailed_code(postern, ALICE))
    alice.submit("Sign in")
    alice.see("Your messages", "Signed in as " + ALICE)


def messages_are_listed_found_and_told(browser):
    with Postern() as postern:
        finish(held_link(postern))
        send(postern, "secure-" + GINA, subject="Übersicht für März")
        send(postern, CAROL, subject="Nothing secret")
        asked_for(postern, GINA)
        postern.settle()
        with browser(postern, postern.url + "/desk") as alice:
            sign_in(postern, alice)
            alice.see("to " + FRED, SUBJECT, "not opened, kept until", "to " + GINA, "waits for you")
            assert "Nothing secret" not in alice.words()

            alice.choose("Show", 1)
            alice.submit("Find")
            without(alice, SUBJECT)
            alice.see("to " + GINA)
            alice.choose("Show", 4)
            alice.submit("Find")
            alice.see("to " + CAROL, "sent as ordinary mail")

            alice.push("Messages")
            alice.see(SUBJECT)
            alice.fill("Recipient or subject", "ÜBERSICHT")
            alice.submit("Find")
            without(alice, SUBJECT)
            alice.see("to " + GINA)
            alice.fill("Recipient or subject", "no such words")
            alice.submit("Find")
            alice.see("Nothing was found")

            alice.push("Show all messages")
            alice.see(SUBJECT)
            alice.push(SUBJECT)
            alice.see("To " + FRED, "Waiting to be opened", "Secured, because its address carries the mark.",
                      CLUE, "What has happened so far", "Clue and passphrase set", "Take it back")
            assert TEXT not in alice.words()

            alice.push("What would happen")
            alice.fill("With the mark, if you would write one", "secure-" + GINA)
            alice.submit("Show what would happen")
            alice.see("It would be held until you finish it", "To " + GINA)
            alice.submit("Sign out")
            alice.see("Sign in to your desk")


def templates_are_made_changed_and_deleted(browser):
    with Postern() as postern, browser(postern, postern.url + "/desk/templates") as alice:
        sign_in(postern, alice)
        alice.push("Templates")
        alice.see("Your templates", "You have none yet")
        alice.push("New template")
        alice.fill("An address such as", FRED)
        alice.fill("reads this before the message", CLUE)
        alice.secret("The answer to your clue", PASSPHRASE)
        alice.secret("The same passphrase once more", "the blue bicicle")
        alice.submit("Save")
        alice.see("Nothing has been saved yet", "the two passphrases are not the same", FRED, CLUE)
        alice.secret("The answer to your clue", PASSPHRASE)
        alice.secret("Please type both again", PASSPHRASE)
        alice.submit("Save")
        alice.see("Saved", "Templates: 1", FRED, CLUE, "never used")
        send(postern, "secure-" + FRED, subject="By template", body=TEXT)
        assert TEXT in opens(notice_link(postern), PASSPHRASE)[0].words()

        alice.push(FRED)
        alice.see("Template for " + FRED, "Leave both fields empty")
        alice.fill("reads this before the message", OTHER_CLUE)
        alice.submit("Save")
        alice.see("A changed clue needs one too", OTHER_CLUE)
        alice.secret("A changed clue needs one too.", OTHER_PASSPHRASE)
        alice.secret("The same passphrase once more", OTHER_PASSPHRASE)
        alice.submit("Save")
        alice.see("Saved", OTHER_CLUE)
        send(postern, "secure-" + FRED, subject="By the changed template", body=TEXT)
        assert TEXT in opens(notice_link(postern), OTHER_PASSPHRASE)[0].words()

        alice.push(FRED)
        alice.push("Delete this template")
        alice.see("Delete the template for " + FRED)
        alice.submit("Delete it")
        alice.see("Nothing has been changed", "type yes if you mean it")
        alice.fill("type yes if you mean it", "yes")
        alice.submit("Delete it")
        alice.see("Deleted", "You have none yet")
        send(postern, "secure-" + FRED, subject="Asked again", body=TEXT)
        asked_for(postern, FRED)


def sessions_are_seen_and_ended(browser):
    with Postern() as postern, browser(postern, postern.url + "/desk") as alice:
        other = sign_in_elsewhere(postern)
        sign_in(postern, alice)
        alice.push("Signing in")
        alice.see("Where you are signed in", "this one", "another program")
        assert browser.__name__.lower() + "," in alice.words().lower(), alice.words()
        alice.submit("Sign out everywhere else")
        without(alice, "another program")
        alice.see("Where you are signed in", "this one")
        assert not is_signed_in(other.get(postern.url + "/desk/messages"))
        alice.submit("Sign out everywhere")
        alice.see("Sign in to your desk")


def templates_are_imported_by_pasting(browser):
    with Postern() as postern, browser(postern, postern.url + "/desk/templates/import") as alice:
        sign_in(postern, alice)
        alice.push("Templates")
        alice.push("Import a list")
        alice.see("Import templates", "The columns")
        rows = ["recipient,clue,passphrase", "%s,%s,%s" % (GINA, CLUE, PASSPHRASE), "fred,Who?,"]
        alice.write("Separated by comma", "\n".join(rows))
        alice.submit("Import all rows")
        alice.see("Nothing has been imported", "Line 3, fred: this is no mail address")
        assert PASSPHRASE not in alice.words()
        rows[2] = "@example.com,%s," % OTHER_CLUE
        alice.write("Separated by comma", "\n".join(rows))
        alice.submit("Import all rows")
        alice.see("New templates: 2.")
        alice.push("See all templates")
        alice.see("Templates: 2", GINA, CLUE, "@example.com", "everybody there", "no passphrase yet")
        send(postern, "secure-" + GINA, subject="By imported template", body=TEXT)
        assert TEXT in opens(notice_link(postern, GINA))[0].words()


def a_passphrase_is_suggested_judged_and_chosen(browser):
    with Postern() as postern, browser(postern, held_link(postern)) as alice:
        alice.see("Finish sending your message", FRED)
        alice.fill("reads this before the message", CLUE)
        alice.secret("The answer to your clue", "password")
        alice.secret("The same passphrase once more", "password")
        alice.submit("Send securely")
        alice.see("Nothing has been sent yet", "Choose a passphrase that is harder to guess")
        alice.see_match(r"this passphrase is guessable in about \d+ tries")
        words = alice.see_match(r"think of one: ((?:[a-z]+ ){4})\(German: (?:[a-z]+ ?){4}\)")
        suggested = words.group(1).strip()
        alice.secret("The answer to your clue", suggested)
        alice.submit("How guessable is it?")
        alice.see_match(r"Guessable in about [\w ]*(billion|trillion) tries")
        alice.secret("The answer to your clue", suggested)
        alice.secret("The same passphrase once more", suggested)
        alice.submit("Send securely")
        alice.see_match("It is being locked and sent|Waiting to be opened")
        assert TEXT in opens(notice_link(postern), suggested)[0].words()


def a_forgotten_answer_is_replaced(browser):
    with Postern() as postern:
        sender_link = held_link(postern)
        finish(sender_link)
        old = notice_link(postern)
        with browser(postern, old) as fred:
            fred.see(CLUE)
            fred.push("Tell the sender that you do not know the answer")
            fred.see("I do not know the answer", "Alice")
            fred.fill("Type yes to confirm", "maybe")
            fred.submit("Tell the sender")
            fred.see("Nothing has been changed")
            fred.fill("type yes if you mean it", "yes")
            fred.submit("Tell the sender")
            fred.see("The sender is being told", "gets a mail")

        asked, _ = postern.next_letter(
            ALICE, lambda message: "does not know the answer" in message["Subject"])
        assert sender_link not in body_text(asked) and "/s/" not in body_text(asked)
        with browser(postern, sender_link) as alice:
            alice.see(FRED + " does not know the answer", "Nothing is lost")
            alice.push("set a new clue and passphrase")
            alice.see("New clue and passphrase", SUBJECT)
            alice.fill("reads this before the message", OTHER_CLUE)
            alice.secret("The answer to your clue", OTHER_PASSPHRASE)
            alice.secret("The same passphrase once more", OTHER_PASSPHRASE)
            alice.submit("Set them and tell the recipient")
            alice.see_match("It is being locked and sent|Waiting to be opened")

        with browser(postern, notice_link(postern)) as fred:
            fred.see(OTHER_CLUE)
            fred.secret("The answer to the clue", PASSPHRASE)
            fred.submit("Open the message")
            fred.see("That was not the passphrase")
            fred.secret("The answer to the clue", OTHER_PASSPHRASE)
            fred.submit("Open the message")
            fred.see(SUBJECT, TEXT)


def a_message_is_kept_longer_linked_anew_and_taken_back(browser):
    with Postern() as postern:
        link = held_link(postern)
        finish(link)
        first = notice_link(postern)
        postern.settle()
        with browser(postern, link) as alice:
            before = alice.see_match(r"To be destroyed (\d+ \w+ \d+, [\d:]+ UTC)").group(1)
            alice.push("Change how long it is kept")
            alice.see("The message is kept until " + before)
            alice.fill("From 1 to ", "20")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Change it")
            alice.see("What has happened so far")
            after = alice.see_match(r"To be destroyed (\d+ \w+ \d+, [\d:]+ UTC)").group(1)
            assert after != before, after

            alice.push("Send the link again")
            alice.see("Back, without changing anything", "It is the same link")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Send the link again")
            alice.see("Link sent again")
            assert notice_link(postern) == first
            alice.push("New link")
            alice.see("The old link and its pick-up code stop working at once")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Send a new link")
            alice.see("Please wait a little", "You can send it again after")
            postern.set_clock(16 * MINUTE)
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Send a new link")
            alice.see("What has happened so far")
            second = notice_link(postern)
            assert second != first and TEXT in opens(second)[0].words()
            assert "There is a newer link" in Visitor().get(first).words()

            alice.push("Take it back")
            alice.see("Nobody can open it from then on")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Take the message back")
            alice.see("Taken back", "You took the message back")
        assert "took this message back" in Visitor().get(second).words()


def an_unmarked_answer_is_held_and_released(browser):
    with Postern() as postern:
        finish(held_link(postern), save_template=True)
        notice_link(postern)
        send(postern, FRED, subject="Re: " + SUBJECT, body="The date is the third.", In_Reply_To=FIRST)
        with browser(postern, asked_for(postern, FRED)) as alice:
            alice.see("Did you mean to send this securely?", "it carried no mark",
                      "You have a template for " + FRED, CLUE)
            alice.push("Send it with the template")
            alice.see("Send it with your template", "goes out at once")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Send it")
            alice.see_match("It is being locked and sent|Waiting to be opened")
        assert "The date is the third." in opens(notice_link(postern))[0].words()

        send(postern, FRED, subject="Re: " + SUBJECT, body="See you there.", In_Reply_To=FIRST)
        with browser(postern, asked_for(postern, FRED)) as alice:
            alice.push("Send it as ordinary mail, this once. It is then")
            alice.see("without encryption of ours")
            alice.fill("Type yes to confirm", "yes")
            alice.submit("Send it as ordinary mail")
            alice.see_match("Sent as ordinary mail|On its way")
        clear, _ = postern.next_letter(FRED)
        assert "See you there." in body_text(clear), clear


for _browser in (W3m, Lynx):
    for _story in (messages_are_listed_found_and_told, sessions_are_seen_and_ended,
                   templates_are_made_changed_and_deleted,
                   templates_are_imported_by_pasting, a_passphrase_is_suggested_judged_and_chosen,
                   a_forgotten_answer_is_replaced,
                   a_message_is_kept_longer_linked_anew_and_taken_back,
                   an_unmarked_answer_is_held_and_released):
        globals()["test_%s_%s" % (_browser.__name__.lower(), _story.__name__)] = \
            functools.partial(_story, _browser)

if __name__ == "__main__":
    cases.run("__main__")
