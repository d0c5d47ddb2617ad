#!/usr/bin/python3 -B
"""Send every HTML attack vector of a list through Postern, as HTML body, plain text, subject, display
name and file name, and look at what Chromium does with the pages (vectors.mjs).

	vectors.py VECTORS.json [--each N] [--from N] [--most N]

--each N takes every Nth vector, --from N leaves out the first N of those, --most N takes no more than N:
all of them take an hour, and can be looked at in pieces.  The list: [{"id": ..., "payload": ...}].  Prints what was found, and
counts; the last line but one tells what the same look finds in the vectors as they are, without Postern:
a look that finds nothing there proves nothing here.
"""

import email.header
import email.message
import email.policy
import json
import os
import pathlib
import smtplib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))
import cases  # noqa: E402
from desk import ALICE, CLUE, PASSPHRASE, new_template, sign_in  # noqa: E402
from postern import Postern, link_in, parse_letter, wait_for  # noqa: E402

TEXTS_EACH = 25  # vectors in one plain text
WORKERS = 2


def encoded(text):
    """A header's value as it can stand in a message: an encoded word, whatever the text."""
    return email.header.Header(text[:400], "utf-8", maxlinelen=900).encode(maxlinelen=900)


def rich(vector, to):
    """One vector as HTML body, subject, display name and file name."""
    payload = vector["payload"].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    line = " ".join(payload.split())
    body = email.message.EmailMessage(policy=email.policy.SMTP)
    body.set_content(payload, subtype="html", charset="utf-8", cte="base64")
    body.add_attachment(b"harmless", maintype="application", subtype="octet-stream", filename="a")
    parts = body.as_bytes()
    name = email.header.Header(line[:200], "utf-8").encode(maxlinelen=0).replace("\n", "")
    # RFC 2047 in a file name, as many programs write it.
    parts = parts.replace(b'filename="a"', b'filename="' + name.encode() + b'"')
    head = "From: %s <%s>\r\nTo: %s <%s>\r\nSubject: %s\r\nDate: Sun, 22 Nov 2026 08:00:00 +0100\r\n" % (
        encoded(line), ALICE, encoded(line), to, encoded(line))
    return head.encode() + parts


def plain(vectors, to):
    """Several vectors as one plain text."""
    text = "\n".join(vector["payload"] for vector in vectors)
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = ALICE, to, "Plain"
    message.set_content(text, cte="base64")
    return message.as_bytes()


def messages(vectors):
    """(recipient, bytes, ids of the vectors in it), all that is to be sent."""
    for number, vector in enumerate(vectors):
        to = "rich%d@example.net" % number
        yield to, rich(vector, to), [vector["id"]]
    for number, begin in enumerate(range(0, len(vectors), TEXTS_EACH)):
        to = "plain%d@example.net" % number
        some = vectors[begin:begin + TEXTS_EACH]
        yield to, plain(some, to), [vector["id"] for vector in some]


def deliver(postern, vectors):
    """Send all; gives what a visitor opens: a list of {to, link, ids}."""
    ids = {}
    with smtplib.SMTP("127.0.0.1", postern.smtp_port, local_hostname="client.corp.example") as smtp:
        for to, raw, own in messages(vectors):
            smtp.sendmail(ALICE, ["secure-" + to], raw)
            ids[to] = own
    began = time.monotonic()
    wait_for("every notice", lambda: sum(to in ids for to in os.listdir(postern.maildir)) == len(ids),
             120 + len(ids))
    postern.settle()
    print("%d messages with %d vectors secured in %.0f s" % (
        len(ids), len(vectors), time.monotonic() - began), flush=True)
    visits = []
    for to, own in ids.items():
        (path,) = (postern.maildir / to / "new").iterdir()
        message, _ = parse_letter(path.read_bytes())
        visits.append({"to": to, "link": link_in(message, "r"), "ids": own})
    return visits


def main():
    """Exit status 1 when anything was found, or when the look itself proves nothing."""
    cases.end_when_told()
    arguments = sys.argv[1:]
    vectors = json.loads(pathlib.Path(arguments[0]).read_text())

    def option(name, otherwise):
        return int(arguments[arguments.index(name) + 1]) if name in arguments else otherwise

    vectors = vectors[::option("--each", 1)][option("--from", 0):][:option("--most", len(vectors))]
    with Postern(policy="most_templates = 1000;") as postern, tempfile.TemporaryDirectory() as folder:
        new_template(postern, sign_in(postern), "@example.net", clue=CLUE,
                     passphrase=PASSPHRASE, passphrase_again=PASSPHRASE, link_mail=None)
        work = {"origin": postern.url, "passphrase": PASSPHRASE, "workers": WORKERS,
                "visits": deliver(postern, vectors),
                "raw": [{"id": vector["id"], "payload": vector["payload"]} for vector in vectors]}
        path = pathlib.Path(folder, "work.json")
        path.write_text(json.dumps(work))
        done = subprocess.run(["node", ROOT / "tests/browser/vectors.mjs", path])
        sys.exit(done.returncode)


main()
