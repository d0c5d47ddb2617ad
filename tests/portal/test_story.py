#!/usr/bin/python3 -B
"""The whole story once: a marked message comes in, waits, is finished by its sender, read by its
recipient, answered, and the answer lies in the sender's mailbox."""

import email
import email.message
import email.policy
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, link_in, parse_letter  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, FRED, CAROL = "alice@corp.example", "fred@example.net", "carol@example.com"
PASSPHRASE = "the blue bicycle"
FILES = [("plan.pdf", "application/pdf", os.urandom(300_000)),
         ("Übersicht €.bin", "application/octet-stream", bytes(range(256)) * 40)]


def letter(subject="Plans for [secure] spring", to="Fred <secure-fred@example.net>", files=FILES):
    """A real multipart message."""
    message = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=990))
    message["From"] = "Alice Example <alice@corp.example>"
    message["To"] = to
    message["Cc"] = "Carol <carol@example.com>"
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 08:00:00 +0100"
    message["Message-ID"] = "<original-1@corp.example>"
    message.set_content("Dear Fred,\n\nhere is what we spoke about.\n\nAlice\n")
    for name, kind, content in files:
        main, sub = kind.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def finish(postern, visitor, subject_to=ALICE, **choices):
    """The sender's part: follow the link, set clue and passphrase."""
    message, _ = postern.next_letter(subject_to)
    page = visitor.get(link_in(message, "s"))
    assert page.status == 200, page.words()
    values = dict(clue="What did we ride in Delft?", passphrase=PASSPHRASE,
                  passphrase_again=PASSPHRASE, lifetime_days="14", **choices)
    answer = visitor.submit(page, "clue", **values)
    assert answer.status == 200, answer.words()
    return message, answer


def unlock(visitor, link, passphrase=PASSPHRASE):
    """The recipient's part: clue, passphrase, message."""
    page = visitor.get(link)
    assert page.status == 200, page.words()
    return visitor.submit(page, "passphrase", passphrase=passphrase)


def test_the_whole_story():
    sent = letter(subject="Plans for spring")
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED, CAROL], sent)

        # The unmarked one gets the bytes as they were, but for the mark and one trace line.
        _, carols = postern.next_letter(CAROL)
        trace, rest = carols.split(b"\r\n", 1)
        while rest[:1] in (b" ", b"\t"):
            rest = rest.split(b"\r\n", 1)[1]
        assert trace.startswith(b"Received: from client.corp.example"), trace
        assert rest == sent.replace(b"secure-fred@", b"fred@"), "Carol's copy differs"

        # The sender is asked to finish; nothing of the body is in that mail.
        sender = Visitor()
        asked, done = finish(postern, sender, notify=True, save_template=True)
        assert "Plans for spring" in body_text(asked) and FRED in body_text(asked)
        assert "spoke about" not in body_text(asked)
        assert asked["Auto-Submitted"] == "auto-generated"

        # Fred gets a notice with a private link, in the sender's name, without subject.
        notice, raw = postern.next_letter(FRED)
        assert b"Plans" not in raw and b"spoke about" not in raw
        assert notice["Reply-To"].addresses[0].addr_spec == ALICE
        fred = Visitor()
        clue = fred.get(link_in(notice, "r"))
        assert "What did we ride in Delft?" in clue.words() and "Alice Example" in clue.words()
        page = fred.submit(clue, "passphrase", passphrase="  The Blue bicycle".lower())
        assert page.status == 200 and "here is what we spoke about" in page.words(), page.words()
        assert "Plans for spring" in page.words()

        # Both files, byte for byte.
        links = [link for link in page.links() if "/file/" in link]
        assert len(links) == 2, page.links()
        for link, (name, kind, content) in zip(links, FILES):
            answer = fred.get(postern.url + link)
            assert answer.body == content, name
            assert answer.headers["Content-Disposition"].startswith("attachment")
        whole = fred.get(page.url.rsplit("/", 1)[0] + "/message.eml").body
        assert whole.endswith(rest.split(b"\r\n\r\n", 1)[1]), "the .eml differs"

        # The receipt, once.
        receipt, _ = postern.next_letter(
            ALICE, lambda message: message.get_content_type() == "multipart/report")
        assert receipt.get_param("report-type") == "disposition-notification"
        report = [part for part in receipt.walk()
                  if part.get_content_type() == "message/disposition-notification"][0]
        assert "<original-1@corp.example>" in report.as_string()

        # A reply with a large upload lies in Alice's mailbox.
        upload = os.urandom(5 * 1024 * 1024)
        form = fred.get(page.url.rsplit("/", 1)[0] + "/reply")
        answer = fred.submit(form, "body", body="Thank you, Alice!\n> quoted\nFröhlich, Fred",
                             files=[("räder.jpg", upload, "image/jpeg"),
                                    ("note.txt", b"short\n", "text/plain")])
        assert answer.status == 200, answer.words()
        reply, raw = postern.next_letter(
            ALICE, lambda message: "Thank you" in body_text(message))
        assert reply["In-Reply-To"] == "<original-1@corp.example>"
        assert "<original-1@corp.example>" in reply["References"]
        assert reply["Reply-To"].addresses[0].addr_spec == "secure-" + FRED
        assert reply["From"].addresses[0].addr_spec == "postern@corp.example"
        assert reply["Subject"] == "Re: Plans for spring"
        assert "Fröhlich, Fred" in body_text(reply)
        files = list(reply.iter_attachments())
        assert [part.get_filename() for part in files] == ["räder.jpg", "note.txt"]
        assert hashlib.sha256(files[0].get_content()).digest() == hashlib.sha256(upload).digest()
        assert raw.count(b"\n") == raw.count(b"\r\n"), "a bare LF"

        # The second message to Fred needs no step of Alice's.
        postern.send(ALICE, ["secure-" + FRED], letter(subject="Second"))
        again, _ = postern.next_letter(FRED)
        page = unlock(Visitor(), link_in(again, "r"))
        assert page.status == 200 and "Second" in page.words()
        postern.settle()
        subjects = [parse_letter(raw)[0]["Subject"] for _, raw in postern.letters(ALICE)]
        asked = [subject for subject in subjects if "is waiting for you" in subject]
        assert len(asked) == 1, "Alice was asked again"
        told = [subject for subject in subjects if subject.startswith("Sent securely")]
        assert len(told) == 1, subjects


def test_two_clicks_send_one_reply():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED], letter(files=[]))
        finish(postern, Visitor())
        notice, _ = postern.next_letter(FRED)
        fred = Visitor()
        page = unlock(fred, link_in(notice, "r"))
        form = fred.get(page.url.rsplit("/", 1)[0] + "/reply")
        for upload in (os.urandom(1000), os.urandom(600_000)):
            form = fred.get(form.url)
            answers = [fred.submit(form, "body", body="Twice?",
                                   files=[("a.bin", upload, "application/octet-stream")])
                       for _ in range(2)]
            assert all(answer.url.endswith("/sent") for answer in answers), answers[1].words()
        postern.settle()
        replies = [raw for _, raw in postern.letters(ALICE) if b"Twice?" in raw]
        assert len(replies) == 2, len(replies)


def test_each_recipient_goes_its_own_way():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED, CAROL, "bob@corp.example", "secure-dan@example.org"],
                     letter())
        # The subject mark secures every outside recipient, own people get it plainly.
        bob, raw = postern.next_letter("bob@corp.example")
        assert bob["Subject"] == "Plans for spring", bob["Subject"]
        asked = {body_text(postern.next_letter(ALICE)[0]).count(name) > 0 and name
                 for name in ()}
        names = set()
        for _ in range(3):
            message, _ = postern.next_letter(ALICE)
            names |= {name for name in (FRED, CAROL, "dan@example.org")
                      if name in body_text(message)}
        assert names == {FRED, CAROL, "dan@example.org"}, names
        assert not asked - {False}
        postern.settle()
        assert postern.letters(CAROL) == [] and postern.letters(FRED) == []


def test_near_misses_are_held():
    for subject, to in (("[secuer] figures", CAROL), ("figures", "secuer-" + FRED)):
        with Postern() as postern:
            message = letter(subject=subject, to=to, files=[])
            postern.send(ALICE, [to], message)
            asked, _ = postern.next_letter(ALICE)
            assert link_in(asked, "s")
            postern.settle()
            assert postern.letters(to) == [], "it left in clear"


def test_a_marked_message_from_outside_does_not_leave():
    with Postern() as postern:
        postern.send("mallory@elsewhere.example", ["secure-" + FRED], letter(files=[]))
        bounce, _ = postern.next_letter("mallory@elsewhere.example")
        assert bounce.get_content_type() == "multipart/report"
        postern.settle()
        assert postern.letters(FRED) == []


if __name__ == "__main__":
    cases.run("__main__")
