#!/usr/bin/python3 -B
"""The whole story in text browsers, without JavaScript and with certificates truly verified: w3m, lynx,
links and elinks at a terminal, each form sent by the browser itself."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import desk  # noqa: E402
from letters import (ALICE, BODY, CLUE, FILES, FRED, PASSPHRASE, SUBJECT, held_link,  # noqa: E402
                     notice_link, words_of)
from browsers import Elinks, Links, Lynx, W3m, w3m_options  # noqa: E402
from postern import Postern, body_text, wait_for  # noqa: E402
from terminal import need  # noqa: E402

REPLY = "Thank you, Alice!\n> here is what we spoke about\nFröhlich, Fred"
UPLOAD = ("räder.jpg", bytes(range(255, -1, -1)) * 200)


def dumped(postern, browser, url):
    """What a browser prints of a page, in one line."""
    certificate = str(postern.folder / "tls.pem")
    command = {"w3m": ["w3m", *w3m_options(postern), "-dump", "-cols", "200", url],
               "lynx": ["lynx", "-dump", "-nolist", "-width=200", "-display_charset=utf-8", url],
               "links": ["links", "-dump", "-width", "200", "-codepage", "utf-8", url]}[browser]
    command[0] = need(*{"links": ("links", "links2")}.get(browser, (browser,)))
    done = subprocess.run(command, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, env={
        "PATH": "/usr/bin:/bin", "HOME": str(postern.folder), "LC_ALL": "C.UTF-8",
        "SSL_CERT_FILE": certificate, "TERM": "vt100"}, check=False)
    return " ".join(done.stdout.decode("utf-8", "replace").split())


def reply_to_alice(postern, words):
    """The letter in Alice's mailbox that holds these words."""
    message, _ = postern.next_letter(ALICE, lambda message: words in body_text(message))
    assert message["In-Reply-To"] == "<original-1@corp.example>", message["In-Reply-To"]
    assert "<original-1@corp.example>" in message["References"]
    assert message["Subject"] == "Re: " + SUBJECT
    return message


def check_words(reply):
    """What was typed, and Alice's words quoted below it."""
    assert words_of(reply).startswith(REPLY + "\n\nOn Sun, 22 Nov 2026 08:00:00 +0100, Alice"), \
        words_of(reply)
    assert "\n> " + BODY[0] in words_of(reply), words_of(reply)


def test_w3m_tells_and_takes_the_whole_story():
    with Postern() as postern:
        link = held_link(postern)
        with W3m(postern, link) as alice:
            alice.see("Finish sending your message", FRED, SUBJECT, "Send securely")
            # What is wrong is told, and the clue is still there.
            alice.fill("reads this before the message", CLUE)
            alice.push("Send securely")
            alice.see("Nothing has been sent yet", "Error: type a passphrase", CLUE)
            alice.fill("The answer to your clue, at least", PASSPHRASE, "Password:")
            alice.fill("The same passphrase once more", PASSPHRASE, "Password:")
            alice.goto("Do the same for my later messages", 0)
            alice.push("Send securely")
            alice.see_match("It is being locked and sent|Waiting to be opened")
            alice.press("q")
            alice.ended()

        link = notice_link(postern)
        with W3m(postern, link) as fred:
            fred.see(CLUE, "Alice Example", ALICE, "Open the message")
            fred.fill("The answer to the clue", "the red bicycle", "Password:")
            fred.push("Open the message")
            fred.see("That was not the passphrase", CLUE)
            fred.fill("The answer to the clue", PASSPHRASE, "Password:")
            fred.push("Open the message")
            fred.see(SUBJECT, *BODY, *(name for name, _, _ in FILES), "Save as .eml")

            for name, _, content in FILES:
                path = postern.folder / ("taken-" + name)
                fred.save(name, path)
                wait_for("the whole of " + name,
                         lambda: path.exists() and path.stat().st_size >= len(content))
                assert path.read_bytes() == content, name
                fred.see(*BODY)

            fred.push("Reply")
            fred.see("Your reply", "up to", "Send")
            upload = postern.folder / UPLOAD[0]
            upload.write_bytes(UPLOAD[1])
            fred.write("Your reply", REPLY)
            # A browser that takes one file at a time: it lies in the draft, and another may come.
            fred.fill("after each", str(upload), "Filename:")
            fred.push("after each", 3)
            fred.see("This is your draft", "Files so far", "Remove " + UPLOAD[0])
            fred.push("after each", 2)
            fred.see("Your reply has been sent", "Files 1")
            reply = reply_to_alice(postern, "Thank you, Alice!")
            check_words(reply)
            files = list(reply.iter_attachments())
            assert [part.get_filename() for part in files] == [UPLOAD[0]]
            assert files[0].get_content() == UPLOAD[1]

            fred.push("Back to the message")
            fred.see(*BODY)
            fred.push("Close the message")
            fred.see("Open the message", CLUE)
            assert BODY[1] not in fred.words()


def reads_and_answers(browser):
    with Postern() as postern:
        link = held_link(postern)
        with browser(postern, link) as alice:
            alice.see("Finish sending your message", FRED, SUBJECT, "Send securely")
            alice.fill("reads this before the message", CLUE)
            alice.secret("The answer to your clue, at least", PASSPHRASE)
            alice.secret("The same passphrase once more", PASSPHRASE)
            alice.submit("Send securely")
            alice.see_match("It is being locked and sent|Waiting to be opened")

        link = notice_link(postern)
        with browser(postern, link) as fred:
            fred.see(CLUE, "Alice Example", "Open the message")
            fred.secret("The answer to the clue", "the red bicycle")
            fred.submit("Open the message")
            fred.see("That was not the passphrase", CLUE)
            fred.secret("The answer to the clue", PASSPHRASE)
            fred.submit("Open the message")
            fred.see(SUBJECT, *BODY, *(name for name, _, _ in FILES))
            fred.push("Reply")
            fred.see("Your reply", "Send")
            fred.write("Your reply", REPLY)
            fred.submit("Send")
            fred.see("Your reply has been sent")
            reply = reply_to_alice(postern, "Thank you, Alice!")
            check_words(reply)
            fred.push("Back to the message")
            fred.see(*BODY)
            fred.push("Close the message")
            fred.see("Open the message", CLUE)


def test_lynx_reads_and_answers():
    reads_and_answers(Lynx)


def test_elinks_reads_and_answers():
    reads_and_answers(Elinks)


def test_elinks_skips_to_the_content():
    with Postern(start=False) as postern:
        postern.start("portal")
        with Elinks(postern, postern.url + "/") as visitor:
            visitor.see("Skip to the content", "Pick up a confidential message")
            visitor.push("Skip to the content")
            # Behind the links of the head; a fragment that is not found opens a box instead.
            wait_for("elinks to move", lambda: "Skip to the content" not in visitor.words()
                     or "Missing fragment" in visitor.words(), 30)
            assert "Missing fragment" not in visitor.words(), visitor.words()


def test_links_reads_and_answers():
    reads_and_answers(Links)


def test_links_shows_what_has_changed():
    """It keeps pages whatever it is told: what changes under an address is not shown."""
    with Postern() as postern:
        desk.finish(held_link(postern))
        files = {"first.txt": b"1", "second.txt": b"22"}
        for name, content in files.items():
            (postern.folder / name).write_bytes(content)
        with Links(postern, notice_link(postern)) as fred:
            fred.secret("The answer to the clue", desk.PASSPHRASE)
            fred.submit("Open the message")
            fred.push("Reply")
            fred.write("Your reply", REPLY)
            for name in files:
                fred.fill("press Add file after each", str(postern.folder / name))
                fred.submit("Add file")
                fred.see("Files so far", "Remove " + name)
            fred.submit("Send")
            fred.see("Your reply has been sent", *files)
            reply = reply_to_alice(postern, "Thank you, Alice!")
            assert {part.get_filename(): part.get_payload(decode=True)
                    for part in reply.iter_attachments()} == files
        with Links(postern, postern.url + "/desk") as alice:
            alice.see("Sign in to your desk")
            alice.fill("Your mail address", ALICE)
            alice.submit("Mail me a code")
            alice.see("Type the code from your mail")
            alice.fill("Type the code from your mail", desk.mailed_code(postern, ALICE))
            alice.submit("Sign in")
            alice.see("Your messages", "Signed in as " + ALICE)
            alice.submit("Deutsch")
            alice.see("Ihre Nachrichten", "Angemeldet als " + ALICE)


def test_every_browser_prints_the_pages_everybody_meets():
    for browser in ("w3m", "lynx", "links"):
        need(*{"links": ("links", "links2")}.get(browser, (browser,)))
    with Postern() as postern:
        sender = held_link(postern)
        for browser in ("w3m", "lynx", "links"):
            text = dumped(postern, browser, postern.url + "/")
            for words in ("Pick up a confidential message", "Pick-up code", "Find my message"):
                assert words in text, (browser, words, text)
            text = dumped(postern, browser, sender)
            for words in ("Finish sending your message", FRED, SUBJECT, "Send securely"):
                assert words in text, (browser, words, text)
            assert "spoke about" not in text, browser


if __name__ == "__main__":
    cases.run("__main__")
