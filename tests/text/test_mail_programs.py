#!/usr/bin/python3 -B
"""What mail programs make of it: swaks hands a marked message in, mutt and Python's email read the
reply and what Postern writes."""

import mailbox
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from letters import (ALICE, CLUE, FILES, FRED, PASSPHRASE, SUBJECT, held_link, letter,  # noqa: E402
                     notice_link, words_of)
from postern import Postern, body_text, link_in, parse_letter, wait_for  # noqa: E402
from terminal import Terminal, need  # noqa: E402
from visitor import Visitor  # noqa: E402

REPLY = "Thank you, Alice!\n\n> here is what we spoke about\n\nFröhlich, Fred\n.\nFrom here on, too"
UPLOADS = [("räder.jpg", bytes(range(255, -1, -1)) * 300, "image/jpeg"),
           ("note.txt", b"short\n", "text/plain")]


def opened(postern, sender_link):
    """Finish as the sender, open as the recipient; gives visitor and page."""
    visitor = Visitor()
    visitor.submit(visitor.get(sender_link), "clue", clue=CLUE, passphrase=PASSPHRASE,
                   passphrase_again=PASSPHRASE, lifetime_days="14", notify=True)
    visitor = Visitor()
    page = visitor.get(notice_link(postern))
    return visitor, visitor.submit(page, "passphrase", passphrase=PASSPHRASE)


def test_swaks_hands_in_a_marked_message():
    need("swaks")
    with Postern() as postern:
        name, _, content = FILES[0]
        path = postern.folder / name
        path.write_bytes(content)
        done = subprocess.run(
            ["swaks", "--server", "127.0.0.1:%d" % postern.smtp_port, "--tls-optional", "--from", ALICE,
             "--to", "secure-" + FRED, "--header", "Subject: " + SUBJECT,
             "--body", "Sent by swaks.\n.\n..two dots", "--attach", "@%s" % path],
            capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        asked, _ = postern.next_letter(ALICE)
        assert SUBJECT in body_text(asked)
        visitor, page = opened(postern, link_in(asked, "s"))
        assert "Sent by swaks." in page.words() and "..two dots" in page.words(), page.words()
        links = [link for link in page.links() if "/file/" in link]
        assert len(links) == 1 and visitor.get(postern.url + links[0]).body == content


class Mutt(Terminal):
    """mutt with a person before it, on one Maildir."""

    def __init__(self, folder, maildir):
        settings = folder / "muttrc"
        settings.write_text(
            'set sort=threads\nset folder="%s"\nset charset=utf-8\nset wait_key=no\nset mark_old=no\n'
            'set confirmappend=no\nset mbox_type=Maildir\nset pager_stop\nset menu_scroll\n'
            'set index_format="%%Z %%F | %%s"\nset attach_format="%%n %%d (%%m/%%M)"\n'
            'set header_cache=""\nset mail_check=0\nset quit=yes\nset beep=no\n' % folder)
        super().__init__([need("mutt"), "-n", "-F", settings, "-f", maildir],
                         {"HOME": str(folder)})


def test_mutt_reads_the_reply():
    need("mutt")
    with Postern() as postern:
        visitor, page = opened(postern, held_link(postern))
        form = visitor.get(page.url.rsplit("/", 1)[0] + "/reply")
        answer = visitor.submit(form, "body", body=REPLY, quote="", files=UPLOADS)
        assert answer.status == 200, answer.words()
        _, reply = postern.next_letter(ALICE, lambda m: "Thank you" in body_text(m))
        postern.settle()
        assert words_of(parse_letter(reply)[0]) == REPLY

        # Python's email finds nothing to complain about, in no letter that Postern wrote.
        for path, raw in postern.letters(ALICE) + postern.letters(FRED):
            message, _ = parse_letter(raw)
            for part in message.walk():
                assert part.defects == [], (path, part.defects)
                for _, value in part.items():
                    assert value.defects == (), (path, value, value.defects)
            assert all(len(line) <= 998 for line in raw.splitlines()), path

        # In mutt it hangs below the message that it answers; all of it is readable and can be saved.
        folder = postern.folder / "alice"
        folder.mkdir()
        box = mailbox.Maildir(folder / "Mail", create=True)
        box.add(letter().replace(b"\r\n", b"\n"))
        box.add(reply.replace(b"\r\n", b"\n"))
        with Mutt(folder, folder / "Mail") as mutt:
            mutt.see("Alice Example | " + SUBJECT, "Msgs:2")
            lines = [line for line in mutt.screen().splitlines() if "| " in line]
            assert SUBJECT in lines[0] and "└─>" in lines[1], lines
            mutt.press("*", "Enter")
            mutt.see("Subject: Re: " + SUBJECT, "Reply-To: Fred <secure-%s>" % FRED,
                     "From: Fred <postern@corp.example>")
            for line in REPLY.split("\n"):
                mutt.see(line)
            mutt.press("v")
            mutt.see(*(name for name, _, _ in UPLOADS))
            for step, (name, content, _) in enumerate(UPLOADS):
                saved = folder / ("saved-%d" % step)
                mutt.press("Down", "s")
                mutt.see("Save to file:")
                mutt.press("C-u")
                mutt.type(str(saved), "Enter")
                wait_for("the whole of " + name,
                         lambda: saved.exists() and saved.stat().st_size >= len(content))
                assert saved.read_bytes() == content, name


if __name__ == "__main__":
    cases.run("__main__")
