#!/usr/bin/python3 -B
"""Chunks, users and XFORWARD on real sockets: what the machine's transcripts cannot show."""

import base64
import hashlib
import hmac
import os
import pathlib
import pty
import re
import smtplib
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern  # noqa: E402
from tls import unchecked_tls  # noqa: E402

MESSAGE = b"Subject: x\r\n\r\nhello\r\n"


def site_with(smtp=""):
    """An installation with ingest and a file of users."""
    site = postern.Postern(smtp='users_file = "users"; ' + smtp, start=False)
    user(site, "set", "alice@corp.example", "--domains", "corp.example", typed="open sesame\n")
    user(site, "set", "jürgen", typed="pa\u00adß\n")
    site.start("ingest")
    return site


def user(site, *words, typed="", code=0):
    """postern ctl user ...; gives its output."""
    done = subprocess.run([postern.program(), "ctl", "user", *words, "--config", site.config],
                          input=typed, capture_output=True, text=True, timeout=postern.WAIT)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def connect(site, tls=True):
    smtp = smtplib.SMTP("127.0.0.1", site.smtp_port, "client.example", postern.WAIT)
    smtp.ehlo()
    if tls:
        context = unchecked_tls()
        smtp.starttls(context=context)
        smtp.ehlo()
    return smtp


def say(smtp, line, code):
    """One command, as bytes or text; its reply has to have this code."""
    smtp.send(line if isinstance(line, bytes) else line + "\r\n")
    got = smtp.getreply()
    assert got[0] == code, (line, got)
    return got[1].decode()


def b64(data):
    return base64.b64encode(data).decode()


def scram(smtp, name, password):
    """RFC 5802, the client's side; gives the code of the end."""
    def mac(key, data):
        return hmac.new(key, data, "sha256").digest()

    nonce = b64(os.urandom(12))
    bare = ("n=%s,r=%s" % (name, nonce)).encode()
    code, first = smtp.docmd("AUTH SCRAM-SHA-256 " + b64(b"n,," + bare))
    assert code == 334, first
    first = base64.b64decode(first)
    fields = dict(part.split(b"=", 1) for part in first.split(b","))
    assert fields[b"r"].decode().startswith(nonce) and len(fields[b"r"]) > len(nonce)
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields[b"s"]),
                                 int(fields[b"i"]))
    client_key = mac(salted, b"Client Key")
    final = b"c=biws,r=" + fields[b"r"]
    signed = bare + b"," + first + b"," + final
    pad = mac(hashlib.sha256(client_key).digest(), signed)
    proof = bytes(a ^ b for a, b in zip(client_key, pad))
    code, last = smtp.docmd(b64(final + b",p=" + b64(proof).encode()))
    if code == 334:
        assert base64.b64decode(last) == b"v=" + b64(
            mac(mac(salted, b"Server Key"), signed)).encode()
        code, _ = smtp.docmd("")
    return code, fields


def test_takes_chunks():
    with site_with() as site:
        smtp = connect(site, tls=False)
        assert "binarymime" in smtp.esmtp_features and "chunking" in smtp.esmtp_features
        whole = b"Subject: x\r\n\r\n" + b"0123456789" * 100 + b"\r\n.\r\nQUIT\r\n"
        smtp.send(b"MAIL FROM:<a@corp.example>\r\nRCPT TO:<fred@example.net>\r\nBDAT 500\r\n" +
                  whole[:500] + b"BDAT %d LAST\r\n" % (len(whole) - 500) + whole[500:])
        replies = [smtp.getreply()[0] for _ in range(4)]
        assert replies == [250] * 4, replies
        say(smtp, "MAIL FROM:<a@corp.example> BODY=BINARYMIME", 250)
        say(smtp, "RCPT TO:<fred@example.net>", 250)
        binary = b"Subject: x\r\n\r\n" + bytes(range(256)) * 2000
        say(smtp, b"BDAT %d LAST\r\n" % len(binary) + binary, 250)
        # A message is given up in the middle, and leaves nothing.
        say(smtp, "MAIL FROM:<a@corp.example>", 250)
        say(smtp, "RCPT TO:<fred@example.net>", 250)
        say(smtp, b"BDAT 300000\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 4165 +
            b"z" * 48, 250)
        say(smtp, "RSET", 250)
        smtp.quit()
        assert site.query("select size from message order by id") == [
            [str(len(whole))], [str(len(binary))]]


def test_a_slow_chunk_is_cut_off():
    """As behind DATA: it is waited for, then 421; between chunks too."""
    with site_with('timeout = "2 s";') as site:
        inside, between = connect(site, tls=False), connect(site, tls=False)
        for smtp in (inside, between):
            say(smtp, "MAIL FROM:<a@corp.example>", 250)
            say(smtp, "RCPT TO:<fred@example.net>", 250)
        inside.send(b"BDAT 1000 LAST\r\nSubject: x\r\n")
        say(between, b"BDAT 5\r\nhello", 250)
        refused = connect(site, tls=False)
        refused.send(b"BDAT 1000 LAST\r\nSubject: x\r\n")
        for smtp in (inside, between, refused):
            began = time.monotonic()
            assert smtp.getreply()[0] == 421
            assert time.monotonic() - began < 20
        assert site.query("select count(*) from message") == [["0"]]


def test_users_authenticate():
    with site_with('networks = ( "192.0.2.0/24" );') as site:
        smtp = connect(site, tls=False)
        assert "auth" not in smtp.esmtp_features
        say(smtp, "AUTH PLAIN AGEAYg==", 538)
        smtp = connect(site)
        assert smtp.esmtp_features["auth"].split() == ["PLAIN", "LOGIN", "SCRAM-SHA-256"]
        say(smtp, "MAIL FROM:<alice@corp.example>", 250)
        say(smtp, "RCPT TO:<fred@example.net>", 554)
        say(smtp, "RSET", 250)
        smtp.login("alice@corp.example", "open sesame")
        say(smtp, "MAIL FROM:<alice@other.example>", 550)
        smtp.sendmail("alice@corp.example", ["fred@example.net"], MESSAGE)
        smtp = connect(site)
        assert smtp.docmd("AUTH PLAIN " + b64("\0jürgen\0paß".encode()))[0] == 235
        smtp.sendmail("anybody@other.example", ["fred@example.net"], MESSAGE)
        smtp = connect(site)
        assert scram(smtp, "alice@corp.example", b"open sesame")[0] == 235
        smtp.sendmail("alice@corp.example", ["fred@example.net"], MESSAGE)
        site.stop("ingest")
        log = site.log.read_text()
        assert len(re.findall(r"event=message .* status=ok user=alice@corp\.example", log)) == 2
        assert len(re.findall("event=authenticated client=127.0.0.1 user=", log)) == 3
        assert "sesame" not in log and "AUTH" not in log


def test_the_trace_line_tells_how_it_came():
    """RFC 3848 and RFC 6531 section 4.3."""
    with site_with() as site:
        site.start("courier")
        for name, tls, login, options in (
                ("esmtp", False, False, ()), ("esmtps", True, False, ()),
                ("esmtpsa", True, True, ()), ("utf8smtp", False, False, ("SMTPUTF8",)),
                ("utf8smtpsa", True, True, ("SMTPUTF8",))):
            smtp = connect(site, tls)
            if login:
                smtp.login("alice@corp.example", "open sesame")
            recipient = name + "@example.net"
            smtp.sendmail("alice@corp.example", [recipient], MESSAGE, options)
            letter, _ = site.next_letter(recipient)
            expected = "with %s id" % name.upper()
            assert expected in letter["Received"], letter["Received"]


def test_wrong_passwords():
    with site_with() as site:
        smtp = connect(site)
        code, known = scram(smtp, "alice@corp.example", b"wrong")
        assert code == 535
        # Nobody learns who does not exist, neither by the salt, which stays, nor by the reply.
        _, unknown = scram(smtp, "mallory", b"wrong")
        code, again = scram(smtp, "mallory", b"wrong")
        assert code == 421 and unknown[b"s"] == again[b"s"] != known[b"s"]
        assert unknown[b"i"] == known[b"i"] and len(unknown[b"s"]) == len(known[b"s"])
        assert smtp.sock.recv(100) == b""
        smtp = connect(site)
        assert smtp.docmd("AUTH PLAIN " + b64(b"\0mallory\0open sesame"))[0] == 535
        assert smtp.docmd("AUTH PLAIN " + b64(b"\0alice@corp.example\0open sesamE"))[0] == 535
        assert smtp.docmd("AUTH PLAIN " + b64(b"\0alice@corp.example\0"))[0] == 421
        site.stop("ingest")
        failed = re.findall("event=authentication-failed client=(.*)", site.log.read_text())
        alice, nobody = "127.0.0.1 user=alice@corp.example", '127.0.0.1 user=""'
        assert failed == [alice, nobody, nobody, nobody, alice, alice], failed


def test_the_file_of_users():
    with site_with() as site:
        path = site.folder / "users"
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        before = path.read_text()
        assert re.match(r"alice@corp\.example:SCRAM-SHA-256\$100000:\S+\$\S+:\S+:corp\.example\n"
                        r"jürgen:SCRAM-SHA-256\$100000:\S+\$\S+:\S+\n$", before), before
        assert '"domains": "corp.example"' in user(site, "list", "--json")
        path.write_text("# kept\n" + before)
        user(site, "set", "alice@corp.example", typed="another one\n")
        lines = path.read_text().splitlines()
        assert lines[0] == "# kept" and lines[2] == before.splitlines()[1]
        assert lines[1].startswith("alice@corp.example:") and lines[1] not in before
        user(site, "delete", "jürgen")
        assert len(path.read_text().splitlines()) == 2
        assert "no such user" in user(site, "delete", "jürgen", code=1)
        for name in ("a:b", "#a", " a", "", "a\x07"):
            user(site, "set", name, typed="x\n", code=2)
        user(site, "set", "bob", "--domains", "a..b", typed="x\n", code=2)
        user(site, "set", "bob", typed="\n", code=1)
        user(site, "set", "bob", typed="x" * 1025 + "\n", code=1)
        (site.folder / "users.new").touch()
        assert "somebody else" in user(site, "set", "bob", typed="x\n", code=1)
        assert len(path.read_text().splitlines()) == 2
        # What others may read is not believed to be secret.
        site.stop("ingest")
        path.chmod(0o644)
        done = subprocess.run([postern.program(), "ingest", "--config", site.config],
                              capture_output=True, text=True, timeout=postern.WAIT)
        assert done.returncode == 1 and "event=users-failed" in done.stderr, done.stderr


def test_a_password_is_not_shown():
    """On a terminal: asked for twice, echoed never."""
    with site_with() as site:
        for second, code in ((b"hidden\n", 0), (b"hidded\n", 1)):
            ours, theirs = pty.openpty()
            process = subprocess.Popen(
                [postern.program(), "ctl", "user", "set", "carol", "--config", site.config],
                stdin=theirs, stdout=theirs, stderr=theirs)
            os.close(theirs)
            shown = b""
            for prompt, answer in ((b"Password: ", b"hidden\n"), (b"Once more: ", second)):
                while prompt not in shown:
                    shown += os.read(ours, 1000)
                os.write(ours, answer)
            try:
                while more := os.read(ours, 1000):
                    shown += more
            except OSError:
                pass
            os.close(ours)
            assert process.wait(postern.WAIT) == code, shown
            assert b"hidd" not in shown, shown
        assert (site.folder / "users").read_text().count("carol:") == 1


if __name__ == "__main__":
    cases.run(__name__)
