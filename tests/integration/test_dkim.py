#!/usr/bin/python3 -B
"""Signed mail that is not marked stays signed: an independent verifier (dkimpy) accepts on the far
side what it signed before, however oddly the message is written, through Postfix and Postern."""

import base64
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from chain import chain, split  # noqa: E402

try:
    import dkim
except ImportError:
    dkim = None

BOB = "bob@example.com"
HEAD = (b"MIME-Version: 1.0\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n")
LETTERS = {
    "plain": b"From: Alice <alice@corp.example>\r\nTo: bob@example.com\r\nSubject: Figures\r\n\r\nHi.\r\n",
    "folded": b"FROM:   Alice\r\n <alice@corp.example>\r\ntO:\r\n\tbob@example.com\r\nsUbJeCt: A  folded\r\n"
              b"\tsubject   with blanks \t\r\n  and   more  \r\nX-Empty:"
              b"\r\nX-Same: first\r\nx-same: second\r\nMessage-ID:\r\n <folded@corp.example>\r\n\r\nHi.\r\n",
    "eight bits": b"From: Alice <alice@corp.example>\r\nTo: bob@example.com\r\nSubject: Bits\r\n" + HEAD
                  + "\r\nGrüße, 東京\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "blank lines": b"From: Alice <alice@corp.example>\r\nTo: bob@example.com\r\nSubject: Blanks\r\n\r\n"
                   b"\r\n\r\nHi.  \t\r\n\t \r\n.\r\n..\r\n...dots\r\n\r\n\r\n\r\n",
    "long lines": b"From: Alice <alice@corp.example>\r\nTo: bob@example.com\r\nSubject: Long\r\nX-Long: "
                  + b"l" * 980 + b"\r\n\r\n" + b"y" * 998 + b"\r\n." + b"z" * 996 + b"\r\n",
    "no body": b"From: Alice <alice@corp.example>\r\nTo: bob@example.com\r\nSubject: Empty\r\n\r\n",
    "two subjects": b"From: Alice <alice@corp.example>\r\nSubject: One\r\nTo: bob@example.com\r\n"
                    b"Subject: Two\r\nReceived: from a by b; Thu, 26 Nov 2026 08:00:00 +0100\r\n\r\nHi.\r\n",
}
WAYS = ((b"simple", b"simple"), (b"relaxed", b"relaxed"), (b"relaxed", b"simple"))


class Key:
    """An RSA key and what the DNS would say of it."""

    def __init__(self):
        def openssl(*words, given=None):
            return subprocess.run(["openssl", *words], input=given, check=True,
                                  capture_output=True).stdout
        self.private = openssl("genrsa", "-traditional", "2048")
        public = openssl("rsa", "-pubout", "-outform", "DER", given=self.private)
        self.record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def sign(self, content, way):
        """The message with its signature in front."""
        return dkim.sign(content, b"test", b"corp.example", self.private, canonicalize=way) + content

    def verify(self, content):
        """What an independent verifier says."""
        return dkim.verify(content, dnsfunc=lambda name, timeout=5: self.record)


def test_signed_mail_stays_signed():
    if dkim is None:
        raise cases.Skip("no python3-dkim")
    key = Key()
    with chain() as here:
        for name, content in LETTERS.items():
            for way in WAYS:
                signed = key.sign(content, way)
                for port, hops in ((None, 3), (here.postern.smtp_port, 2)):
                    here.send(signed, BOB, options=["BODY=8BITMIME"], port=port)
                    found = here.take(here.world, BOB).content
                    traces, rest = split(found)
                    assert len(traces) == hops, (name, traces)
                    assert rest == signed, (name, way, rest)
                    assert key.verify(found), (name, way)
                    # The verifier looks: one byte more and it says no.
                    assert not key.verify(found + b"more\r\n"), (name, way)
        here.settle()


def test_marks_break_a_signature():
    """Why signing belongs behind Postern: it takes the mark out of the subject."""
    if dkim is None:
        raise cases.Skip("no python3-dkim")
    key = Key()
    with chain() as here:
        signed = key.sign(b"From: Alice <alice@corp.example>\r\nTo: carol@corp.example\r\n"
                          b"Subject: [secure] Figures\r\n\r\nHi.\r\n", (b"relaxed", b"relaxed"))
        here.send(signed, "carol@corp.example")
        found = here.take(here.inbox, "carol@corp.example").content
        assert b"Subject: Figures\r\n" in found and not key.verify(found)
        here.settle()


if __name__ == "__main__":
    cases.run("__main__")
