"""The letters that these tests send, and how their links come back."""

import email.message
import email.policy
import os

from postern import body_text, link_in

ALICE, FRED = "alice@corp.example", "fred@example.net"
CLUE = "What did we ride in Delft?"
PASSPHRASE = "the blue bicycle"
SUBJECT = "Plans for spring"
FILES = [("plan.pdf", "application/pdf", os.urandom(300_000)),
         ("Übersicht €.bin", "application/octet-stream", bytes(range(256)) * 40)]
BODY = ("Dear Fred,", "here is what we spoke about in Café Müller.", "With kind regards", "Alice")


def letter():
    """A message with a text and two files."""
    message = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=990))
    message["From"] = "Alice Example <alice@corp.example>"
    message["To"] = "Fred <secure-fred@example.net>"
    message["Subject"] = SUBJECT
    message["Date"] = "Sun, 22 Nov 2026 08:00:00 +0100"
    message["Message-ID"] = "<original-1@corp.example>"
    message.set_content("\n\n".join(BODY) + "\n")
    for name, kind, content in FILES:
        main, sub = kind.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def held_link(postern):
    """Send the letter; give the link with which its sender finishes."""
    postern.send(ALICE, ["secure-" + FRED], letter())
    asked, _ = postern.next_letter(ALICE, lambda message: "/s/" in body_text(message))
    return link_in(asked, "s")


def notice_link(postern):
    """The link in the recipient's mailbox."""
    notice, _ = postern.next_letter(FRED)
    return link_in(notice, "r")


def words_of(message):
    """The text of a letter as its writer typed it: lines joined and unstuffed (RFC 3676)."""
    text, part = "", message.get_body(("plain",))
    flowed = part.get_param("format") == "flowed"
    for line in part.get_content().splitlines():
        if flowed:
            line = line.removeprefix(" ")
        soft = flowed and line.endswith(" ") and line != "-- "
        text += line + ("" if soft else "\n")
    return text.strip()
