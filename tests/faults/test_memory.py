#!/usr/bin/python3 -B
"""A 200 MB file goes in by SMTP, waits, is read and downloaded, and a 90 MB upload goes back: no
daemon ever has more than 64 MB in memory.

Measured at the release build, since sanitizers use memory of their own; POSTERN names another.
"""

import base64
import hashlib
import os
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern as harness  # noqa: E402
from postern import ROOT, Postern, body_text, link_in  # noqa: E402
from visitor import Visitor  # noqa: E402

os.environ.setdefault("POSTERN", str(ROOT / "build" / "release" / "postern"))
ALICE, FRED = "alice@corp.example", "fred@example.net"
PASSPHRASE = "four white storks"
MB = 1 << 20
LIMIT_KB = 64 * 1024
FILE_SIZE = 200 * MB
UPLOAD_SIZE = 90 * MB
PIECE = os.urandom(57 * 4096)  # whole lines of base64
HEAD = b"""From: Alice <alice@corp.example>
To: secure-fred@example.net
Subject: The film
Message-ID: <film@corp.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="limit"

--limit
Content-Type: text/plain

Here it is.
--limit
Content-Type: video/mp4
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="film.mp4"

""".replace(b"\n", b"\r\n")


def send_large(postern):
    """Hand the message over without ever having it whole; gives the hash of the file in it."""
    encoded = base64.encodebytes(PIECE).replace(b"\n", b"\r\n")
    digest, size = hashlib.sha256(), 0
    with socket.create_connection(("127.0.0.1", postern.smtp_port), timeout=300) as connection:
        replies = connection.makefile("rb")

        def ask(line):
            connection.sendall(line + b"\r\n")
            while True:
                reply = replies.readline()
                if reply[3:4] != b"-":
                    return reply

        replies.readline()
        for line in (b"HELO client.corp.example", b"MAIL FROM:<alice@corp.example>",
                     b"RCPT TO:<secure-fred@example.net>", b"DATA"):
            reply = ask(line)
            assert reply[:1] in b"23", reply
        connection.sendall(HEAD)
        while size < FILE_SIZE:
            connection.sendall(encoded)
            digest.update(PIECE)
            size += len(PIECE)
        reply = ask(b"--limit--\r\n.")
        assert reply.startswith(b"250"), reply
    return digest.hexdigest(), size


def peaks(postern):
    """The most memory that each daemon ever had, in kB."""
    found = {}
    for name, process in postern.processes.items():
        try:
            status = pathlib.Path("/proc/%d/status" % process.pid).read_text()
        except PermissionError as error:
            raise cases.Skip("memory of a daemon cannot be read: %s" % error)
        found[name] = int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1))
    return found


def story(postern):
    """Everything with large things; tells the peaks on the way."""
    def tell(what):
        print("  %-28s %s" % (what, "  ".join(
            "%s %.1f MB" % (name, size / 1024) for name, size in peaks(postern).items())),
            flush=True)

    tell("at the start")
    digest, size = send_large(postern)
    tell("taken")
    held, _ = postern.next_letter(ALICE)
    tell("held")
    visitor = Visitor()
    visitor.submit(visitor.get(link_in(held, "s")), "clue", clue="Birds?", passphrase=PASSPHRASE,
                   passphrase_again=PASSPHRASE, lifetime_days="7")
    notice, _ = postern.next_letter(FRED)
    tell("secured")
    fred = Visitor()
    page = fred.submit(fred.get(link_in(notice, "r")), "passphrase", passphrase=PASSPHRASE)
    assert "Here it is." in page.words(), page.words()
    tell("opened")
    link = postern.url + [link for link in page.links() if "/file/" in link][0]
    answer = fred.get(link)
    assert len(answer.body) == size and hashlib.sha256(answer.body).hexdigest() == digest
    tell("downloaded")
    start = size - 3 * MB - 17
    part = fred.get(link, headers={"Range": "bytes=%d-%d" % (start, start + MB - 1)})
    assert part.status == 206 and part.body == answer.body[start:start + MB], part.status
    whole = fred.get(link_in(notice, "r") + "/message.eml").body
    assert len(whole) > size * 4 // 3
    del answer, whole
    tell("once more, in parts and whole")
    upload = PIECE * (UPLOAD_SIZE // len(PIECE))
    form = fred.get(link_in(notice, "r") + "/reply")
    answer = fred.submit(form, "body", body="Thank you.",
                         files=[("back.mp4", upload, "video/mp4")])
    assert answer.status == 200, answer.words()
    tell("replied")
    reply, _ = postern.next_letter(ALICE, lambda m: "Thank you." in body_text(m))
    files = list(reply.iter_attachments())
    assert len(files) == 1 and files[0].get_content() == upload
    tell("reply delivered")


def test_memory_is_bounded():
    if not harness.program().exists():
        raise cases.Skip("no release build")
    with Postern(smtp='message_size = "300 MB";', pg_options="fsync=off max_wal_size=4GB") as postern:
        story(postern)
        for name, size in peaks(postern).items():
            assert size < LIMIT_KB, "%s took %d kB" % (name, size)


if __name__ == "__main__":
    cases.run("__main__")
