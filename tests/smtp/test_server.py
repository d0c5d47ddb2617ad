#!/usr/bin/python3 -B
"""What only a running ingest can show: sockets, TLS, deadlines, limits, drain, memory."""

import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern  # noqa: E402
from smtp_client import ENVELOPE, HELLO, MESSAGE, Client, expect, ingest  # noqa: E402

# Old TLS is asked for in order to see it refused.
warnings.simplefilter("ignore", DeprecationWarning)


def test_takes_a_message():
    with ingest() as site:
        client = Client(site)
        reply = client.say(ENVELOPE + MESSAGE, 4)
        expect(reply, re.match(r"250 2\.0\.0 Ok: queued as [0-9a-z]{26}\r\n$", reply))
        expect("bye", client.say(b"QUIT\r\n").startswith("221 2.0.0"))
        expect("closed", client.closed(5))
        expect("one row", site.query("select count(*), max(size) from message") == [["1", "27"]])
        site.stop("ingest")
        log = site.log.read_text()
        expect("its line", re.search(r"event=message message=[0-9a-z]{26} client=127\.0\.0\.1 "
                                     r"helo=client\.example size=27 recipients=1 tls=no status=ok", log))
        expect("no content in the log", "hello" not in log and "Figures" not in log)


def test_speaks_tls_of_today_only():
    with ingest() as site:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = Client(site)
            expect("offered", "STARTTLS" in client.capabilities)
            expect("220", client.say(b"STARTTLS\r\n").startswith("220 2.0.0"))
            client.start_tls(minimum_version=version, maximum_version=version)
            expect("forgotten", client.say(b"MAIL FROM:<a@b.example>\r\n").startswith("503"))
            expect("not offered again", "STARTTLS" not in client.say(HELLO))
            big = b"Subject: x\r\n\r\n" + (b"0123456789abcdef" * 4 + b"\r\n") * 10000 + b".\r\n"
            expect("stored", client.say(ENVELOPE + big, 4).startswith("250 2.0.0"))
            expect("bye", client.say(b"QUIT\r\n").startswith("221"))
        client = Client(site)
        client.say(b"STARTTLS\r\n")
        try:
            client.start_tls(minimum_version=ssl.TLSVersion.TLSv1,
                             maximum_version=ssl.TLSVersion.TLSv1_1)
        except (ssl.SSLError, ConnectionError, ValueError):
            pass
        else:
            raise AssertionError("TLS 1.1 was taken")
        site.stop("ingest")
        expect("in the log", site.log.read_text().count("tls=yes status=ok") == 2)


def test_plain_text_behind_starttls_ends_the_session():
    with ingest() as site:
        client = Client(site)
        reply = client.say(b"STARTTLS\r\n" + HELLO + ENVELOPE)
        expect(reply, reply.startswith("501 5.5.1") and client.closed(5))


def test_ends_the_silent_and_the_slow():
    with ingest() as site:
        silent, stalled = Client(site, hello=False), Client(site)
        stalled.say(ENVELOPE, 3)
        dripping = Client(site)
        began = time.monotonic()
        try:
            while time.monotonic() - began < 30:
                dripping.socket.sendall(b"x")
                time.sleep(0.1)  # the pace of the attack, not a wait for something
        except ConnectionError:
            pass
        expect("a drip of bytes buys no time", time.monotonic() - began < 20)
        expect("the silent one is told", silent.reply().startswith("421 4.4.2") and silent.closed(5))
        expect("the stalled one too", stalled.reply().startswith("421 4.4.2") and stalled.closed(5))
        expect("no message", site.query("select count(*) from message") == [["0"]])


def test_bounds_connections():
    with ingest("connections_per_client = 3; connections = 5;") as site:
        kept = [Client(site) for _ in range(3)]
        refused = Client(site, hello=False)
        expect(refused.greeting, refused.greeting.startswith("421 4.7.0") and refused.closed(5))
        kept.pop().say(b"QUIT\r\n")
        postern.wait_for("room for one more",
                         lambda: Client(site, hello=False).greeting.startswith("220"))


def test_outlives_a_lack_of_descriptors():
    with ingest("") as site:
        kept = Client(site)
        process = site.processes["ingest"]
        used = len(os.listdir("/proc/%d/fd" % process.pid))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (used + 3, used + 3))
        crowd = [socket.create_connection(("127.0.0.1", site.smtp_port), 60) for _ in range(10)]
        postern.wait_for("the shortage to be logged", lambda: "event=accept-failed" in site.log.read_text())
        expect("who is in is served", kept.say(b"NOOP\r\n").startswith("250"))
        for each in crowd:
            each.close()
        expect("and so is the next", Client(site).send().startswith("250"))


def test_strangers_cannot_relay():
    with ingest('networks = ( "192.0.2.0/24", "2001:db8::/32" );') as site:
        client = Client(site)
        expect("MAIL", client.say(b"MAIL FROM:<a@corp.example>\r\n").startswith("250"))
        expect("RCPT", client.say(b"RCPT TO:<x@other.example>\r\n").startswith("554 5.7.1"))
        expect("own", client.say(b"RCPT TO:<x@corp.example>\r\n").startswith("554 5.7.1"))
        expect("DATA", client.say(b"DATA\r\n").startswith("554 5.5.1"))


def test_stops_in_order():
    with ingest("") as site:
        idle, busy = Client(site), Client(site)
        busy.say(ENVELOPE, 3)
        process = site.processes["ingest"]
        process.send_signal(signal.SIGTERM)
        expect("the idle one is told", idle.reply().startswith("421 4.3.2") and idle.closed(5))
        try:
            socket.create_connection(("127.0.0.1", site.smtp_port), 5).close()
        except ConnectionError:
            pass
        else:
            raise AssertionError("still listening")
        expect("the message in hand is taken", busy.say(MESSAGE).startswith("250 2.0.0 Ok: queued"))
        expect("then it ends", busy.reply().startswith("421 4.3.2") and busy.closed(5))
        expect("exit status", process.wait(postern.WAIT) == 0)
        expect("one row", site.query("select count(*) from message") == [["1"]])


def test_says_later_without_a_database():
    with ingest("", own_database=True) as site:
        client = Client(site)
        expect("first", client.say(ENVELOPE + MESSAGE, 4).startswith("250"))
        site.cluster("stop", "immediate")
        reply = client.say(ENVELOPE + MESSAGE, 4)
        expect(reply, reply.startswith("451 4.3.0"))
        site.cluster("start")
        postern.wait_for("the database to be used again",
                         lambda: client.say(ENVELOPE + MESSAGE, 4).startswith("250"))


def test_does_not_begin_with_bad_settings():
    with postern.Postern(start=False) as site:
        good = site.config.read_text()
        for setting in ('networks = ( "0.0.0.0/0" );', 'listen = ( "nonsense" );',
                        'certificate = "missing.pem";'):
            name = setting.split(" ")[0]
            text = re.sub(r"(smtp: {[^}]*?)\n\t%s = [^;]*;" % name, r"\1", good)
            site.config.write_text(text.replace("smtp: {", "smtp: { " + setting))
            done = subprocess.run([postern.program(), "ingest", "--config", site.config],
                                  capture_output=True, text=True, timeout=postern.WAIT)
            expect("%s: %d, %s" % (setting, done.returncode, done.stderr),
                   done.returncode == 1 and "event=ready" not in done.stderr and done.stderr != "")


def test_stays_small():
    """50 sessions, each in the middle of a large message at the same time."""
    size, sessions = int(os.environ.get("SMTP_LARGE_MB", "3")) << 20, 50
    block = (b"x" * 76 + b"\r\n") * 800
    results = []

    def send(site):
        client = Client(site)
        client.say(ENVELOPE, 3)
        client.socket.sendall(b"Subject: x\r\n\r\n")
        for _ in range(size // len(block)):
            client.socket.sendall(block)
        results.append(client.say(b".\r\n"))

    with postern.release(), ingest("") as site:
        threads = [threading.Thread(target=send, args=(site,)) for _ in range(sessions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        status = pathlib.Path("/proc/%d/status" % site.processes["ingest"].pid).read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024
    expect(results, len(results) == sessions and all(r.startswith("250") for r in results))
    expect("%.1f MB" % peak, peak < 64)
    print("peak memory: %.1f MB" % peak)


if __name__ == "__main__":
    cases.run(__name__)
