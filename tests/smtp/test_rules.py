#!/usr/bin/python3 -B
"""What each client may do: by its network, by its certificate, how much and how often."""

import base64
import contextlib
import pathlib
import re
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern  # noqa: E402
from smtp_client import (ENVELOPE, HELLO, MESSAGE, Authority, Client, expect, fingerprint,  # noqa: E402
                         ingest, tls_context)

STRANGER = "127.0.9.9"


def certificates(site):
    """A port where certificates are asked for, and rules that name some; gives port and pairs."""
    ours, theirs = Authority(site.folder, "ours"), Authority(site.folder, "theirs")
    pairs = {
        "partner": ours.issue("partner", "some one", ("mail.partner.example", "mx.partner.example")),
        "common": ours.issue("common", "gate.partner.example"),
        "hidden": ours.issue("hidden", "gate.partner.example", ("else.example",)),
        "unnamed": ours.issue("unnamed", "unnamed.example"),
        "forged": theirs.issue("forged", "mx.partner.example", ("mx.partner.example",)),
        "server": ours.issue("server", "mx.partner.example", ("mx.partner.example",), "serverAuth"),
        "expired": ours.issue("expired", "mx.partner.example", ("mx.partner.example",), days=-1),
        "self": theirs.self_signed("self", "mx.partner.example"),
        "pinned": theirs.self_signed("pinned", "pinned.example"),
    }
    port = postern.free_port()
    site.smtp = f'''
        networks = ( "127.0.0.1" );
        client_ca = "ours.pem";
        listeners = ( {{ address = "127.0.0.1:{port}"; implicit_tls = true; }} );
        clients = ( {{ name = "cut"; networks = ( "127.0.9.66" ); may_send = false; }},
            {{ name = "partner"; certificates = ( "mx.partner.example", "gate.partner.example",
               "{fingerprint(pairs["pinned"][0])}" ); }} );'''
    site.write_config()
    return port, pairs


WELCOME = {"partner": "mail.partner.example", "common": "gate.partner.example", "pinned": "[0-9a-f]{64}"}


def test_a_certificate_lets_a_stranger_send():
    with postern.Postern(start=False) as site:
        port, pairs = certificates(site)
        site.start("ingest", "courier")
        for name, pair in pairs.items():
            for client in (Client(site, source=STRANGER).secure(tls_context(pair)),
                           Client(site, source=STRANGER, port=port, tls=tls_context(pair))):
                reply = client.try_rcpt()
                expect("%s: %s" % (name, reply), reply.startswith("250" if name in WELCOME else "554 5.7.1"))
        reply = Client(site, source=STRANGER).try_rcpt()
        expect("without TLS: " + reply, reply.startswith("554 5.7.1"))
        reply = Client(site, source=STRANGER).secure().try_rcpt()
        expect("without one: " + reply, reply.startswith("554 5.7.1"))
        reply = Client(site, source="127.0.9.66").secure(tls_context(pairs["partner"])).try_rcpt()
        expect("the first rule holds: " + reply, reply.startswith("554 5.7.1"))
        for name, shown in WELCOME.items():
            client = Client(site, source=STRANGER).secure(tls_context(pairs[name]))
            expect("sent", client.send().startswith("250 2.0.0 Ok: queued"))
            message, _ = site.next_letter("fred@example.net")
            received = message.get_all("Received")[0]
            expect(received, re.search(r"\[127\.0\.9\.9\]\)\s+\(certificate %s\)" % shown, received))
        expect("known by its network", Client(site).secure(tls_context(pairs["partner"])).send()
               .startswith("250"))
        log = site.log.read_text()
        expect("in the log", re.search(r"event=message .* rule=partner certificate=mail\.partner\.example\n", log))
        expect("and what was no use", re.search(
            r"event=certificate client=127\.0\.9\.9 name=[0-9a-f]{64} sha256=[0-9a-f]{64} verified=no", log))


def test_bounds_of_each_network():
    with ingest('''
            networks = ( "127.0.0.1" );
            clients = (
                { networks = ( "127.0.1.0/24" ); sender_domains = ( "scanner.example" ); },
                { networks = ( "127.0.2.0/24" ); needs_tls = true; message_size = "64 KB"; recipients = 1; },
                { networks = ( "127.0.3.0/24" ); may_send = false; },
                { networks = ( "127.0.0.0/8" ); needs_auth = true; } );''') as site:
        scanner = Client(site, source="127.0.1.7")
        expect("its own domain", scanner.try_rcpt(b"x@Scanner.example").startswith("250"))
        scanner.say(b"RSET\r\n")
        expect("no other", scanner.try_rcpt().startswith("550 5.7.1"))
        expect("not below it", scanner.try_rcpt(b"x@sub.scanner.example").startswith("550 5.7.1"))
        expect("a bounce", scanner.try_rcpt(b"").startswith("250"))
        branch = Client(site, source="127.0.2.7")
        expect(branch.capabilities, "SIZE 65536" in branch.capabilities)
        expect("TLS first", branch.try_rcpt().startswith("530 5.7.0"))
        branch.secure()
        expect("then mail", branch.try_rcpt().startswith("250"))
        expect("one recipient", branch.say(b"RCPT TO:<b@example.net>\r\n").startswith("452 4.5.3"))
        branch.say(b"RSET\r\n")
        expect("size", branch.say(b"MAIL FROM:<a@corp.example> SIZE=65537\r\n").startswith("552 5.3.4"))
        expect("cut", Client(site, source="127.0.3.7").try_rcpt().startswith("554 5.7.1"))
        reply = Client(site, source=STRANGER).secure().try_rcpt()
        expect("AUTH first: " + reply, reply.startswith("530 5.7.0"))
        # The row above stands before the short form.
        expect("here too", Client(site).try_rcpt().startswith("530 5.7.0"))


def message_rate(site):
    """Two messages, then none, for this client alone; the session goes on."""
    client = Client(site, source="127.0.1.1")
    for _ in range(2):
        expect("sent", client.send().startswith("250"))
    reply = client.say(ENVELOPE, 3)
    expect(reply, reply.startswith("451 4.7.0"))
    expect("in step", client.say(b"NOOP\r\n").startswith("250"))
    client.say(b"MAIL FROM:<a@corp.example>\r\nRCPT TO:<b@example.net>\r\n", 2)
    reply = client.say(b"BDAT 6 LAST\r\nQUIT\r\n")
    expect(reply, reply.startswith("451 4.7.0"))
    expect("in step", client.say(b"NOOP\r\n").startswith("250"))
    again = Client(site, source="127.0.1.1")
    expect("by address, not by session", again.say(ENVELOPE, 3).startswith("451 4.7.0"))
    other = Client(site, source="127.0.1.2")
    expect("another", other.send().startswith("250"))


def connection_rate(site):
    """Three, then 421, for this client alone."""
    for _ in range(3):
        Client(site, source="127.0.2.1").say(b"QUIT\r\n")
    refused = Client(site, source="127.0.2.1", hello=False)
    expect(refused.greeting, refused.greeting.startswith("421 4.7.0") and refused.closed(20))
    expect("another", Client(site, source="127.0.2.2").send().startswith("250"))


def connections_of_a_rule(site):
    """Two at once from the whole network, one from each address."""
    first, _second = Client(site, source="127.0.3.1"), Client(site, source="127.0.3.2")
    third = Client(site, source="127.0.3.3", hello=False)
    expect(third.greeting, third.greeting.startswith("421 4.7.0") and third.closed(20))
    first.say(b"QUIT\r\n")
    postern.wait_for("room", lambda: Client(site, source="127.0.3.4", hello=False).greeting.startswith("220"))
    kept = Client(site, source="127.0.4.1")
    same = Client(site, source="127.0.4.1", hello=False)
    expect(same.greeting, same.greeting.startswith("421 4.7.0"))
    expect("another", Client(site, source="127.0.4.2").say(b"NOOP\r\n").startswith("250"))
    kept.say(b"QUIT\r\n")


def test_rates_and_numbers():
    with ingest('''
            clients = (
                { networks = ( "127.0.1.0/24" ); messages_per_minute = 2; },
                { networks = ( "127.0.2.0/24" ); connections_per_minute = 3; },
                { networks = ( "127.0.3.0/24" ); connections = 2; },
                { networks = ( "127.0.4.0/24" ); connections_per_client = 1; } );''') as site:
        message_rate(site)
        connection_rate(site)
        connections_of_a_rule(site)
        site.stop("ingest")
        log = site.log.read_text()
        expect(log, re.search(r'event=message-throttled client=127\.0\.1\.1 rule="clients 1"', log))
        expect(log, "event=connection-refused client=127.0.2.1 over=rate" in log)


def test_a_certificate_counts_for_its_rule():
    with postern.Postern(start=False) as site:
        port, pairs = certificates(site)
        site.smtp = site.smtp.replace('name = "partner";', 'name = "partner"; connections = 1;')
        site.write_config()
        site.start("ingest")
        context = tls_context(pairs["partner"])
        kept = Client(site, source=STRANGER).secure(context)
        expect("one", kept.try_rcpt().startswith("250"))
        second = Client(site, source="127.0.9.8")
        second.say(b"STARTTLS\r\n")
        second.start_tls(context)
        reply = second.say(HELLO)
        expect("no second: " + reply, reply.startswith("421 4.7.0") and second.closed(20))
        refused = Client(site, source="127.0.9.8", port=port, tls=context, hello=False)
        expect("greeting or 421: " + refused.greeting, "421 4.7.0" in refused.greeting + refused.reply())
        kept.say(b"QUIT\r\n")
        postern.wait_for("room", lambda: Client(site, source=STRANGER, port=port, tls=context)
                         .try_rcpt().startswith("250"))


def dripped(client, start, pause):
    """Bytes, one after the other, until the server has had enough; gives what it said."""
    client.socket.sendall(start)
    client.socket.settimeout(pause)
    for _ in range(600):
        try:
            client.socket.sendall(b"x")
            return client.reply()  # a time-out is the pause between two bytes
        except TimeoutError:
            continue
        except ConnectionError:
            return ""
    raise AssertionError("the drip went on and on")


def test_users_have_rules_of_their_own():
    port = postern.free_port()
    with postern.Postern(start=False, smtp=f'''
            users_file = "users";
            listeners = ( {{ address = "127.0.0.1:{port}"; auth = false; }} );
            clients = ( {{ name = "app"; users = ( "app" ); sender_domains = ( "app.example" ); connections = 1; }},
                {{ name = "people"; networks = ( "127.0.9.0/24" ); needs_auth = true; }} );''') as site:
        for user in ("app", "bob"):
            subprocess.run([postern.program(), "ctl", "user", "set", user, "--config", site.config],
                           input="open sesame\n", text=True, check=True, capture_output=True)
        site.start("ingest")
        reply = Client(site, source=STRANGER).secure().try_rcpt()
        expect("first AUTH: " + reply, reply.startswith("530 5.7.0"))

        def log_in(user):
            client = Client(site, source=STRANGER).secure()
            reply = client.say(b"AUTH PLAIN %s\r\n" % base64.b64encode(b"\0%s\0open sesame" % user))
            expect(reply, reply.startswith("235"))
            return client

        expect("bob may", log_in(b"bob").try_rcpt().startswith("250"))
        app = log_in(b"app")
        expect("its rule holds", app.try_rcpt().startswith("550 5.7.1"))
        expect("and lets it send", app.try_rcpt(b"x@app.example").startswith("250"))
        second = log_in(b"app")
        expect("one at a time", second.reply().startswith("421 4.7.0") and second.closed(20))
        expect("AUTH", "AUTH" in app.say(b"EHLO again.example\r\n"))
        plain = Client(site, source=STRANGER, port=port).secure()
        expect(plain.capabilities, "AUTH" not in plain.capabilities)
        expect("none here", plain.say(b"AUTH PLAIN AHgAeA==\r\n").startswith("5"))
        site.stop("ingest")
        expect("in the log", re.search(r"event=session .* rule=app ", site.log.read_text()))


def text_of(line=10, header=10, hops=0):
    """A message with a line, a header and a way of such length."""
    return (b"Received: x\r\n" * hops + b"X: " + b"x" * 70 + b"\r\n") * (header // 75 + 1) + (
        b"\r\n" + b"y" * (line - 2) + b"\r\n")


def test_bounds_of_a_text():
    with ingest('line_size = 1000; header_size = "4 KB"; hops = 5;') as site:
        client = Client(site)
        for text, expected in (
                (text_of(line=1000, hops=5), "250"), (text_of(line=1001), "550 5.5.2"),
                (text_of(header=3900), "250"), (text_of(header=4200), "552 5.3.4"),
                (text_of(hops=6), "554 5.4.6")):
            reply = client.say(ENVELOPE + text + b".\r\n", 4)
            expect("%s: %s" % (expected, reply), reply.startswith(expected))
            client.say(ENVELOPE.replace(b"DATA\r\n", b""), 2)
            reply = client.say(b"BDAT %d LAST\r\n%s" % (len(text), text))
            expect("in a chunk, %s: %s" % (expected, reply), reply.startswith(expected))


def flooded(client):
    """A line that comes at full speed and never ends."""
    began = time.monotonic()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while time.monotonic() - began < 30:
            client.socket.sendall(b"x" * 65536)
    return time.monotonic() - began


def test_deadlines_can_be_set():
    with ingest('timeout = "2 s"; session = "3 s"; text_grace = "1 s"; text_rate = 100000;') as site:
        expect("an endless line", flooded(Client(site)) < 20)
        expect("inside TLS too", flooded(Client(site).secure()) < 20)
        slow = Client(site)
        slow.say(ENVELOPE, 3)
        reply = dripped(slow, b"Subject: x\r\n\r\n", 0.1)
        expect("a slow text: " + reply, reply.startswith("421 4.4.2"))
        slow = Client(site)
        slow.say(ENVELOPE.replace(b"DATA\r\n", b""), 2)
        reply = dripped(slow, b"BDAT 100000\r\n", 0.1)
        expect("a slow chunk: " + reply, reply.startswith("421 4.4.2"))
        busy = Client(site)
        began, reply = time.monotonic(), "250"
        while reply.startswith("250") and time.monotonic() - began < 30:
            try:
                reply = busy.send()
            except ConnectionError:
                reply = ""
        expect("a session has an end", not reply.startswith("250"))
        expect("and no message is cut", site.query(
            "select count(*) from message where size <> %d" % (len(MESSAGE) - 3)) == [["0"]])


if __name__ == "__main__":
    cases.run(__name__)
