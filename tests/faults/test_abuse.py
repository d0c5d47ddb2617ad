#!/usr/bin/python3 -B
"""Clients that mean harm: slow ones, idle ones in thousands, lines, headers, recipients and messages
without end.  Ingest stays small, and all the while another client gets every message taken.

Measured at the release build, since sanitizers use memory of their own; POSTERN names another.
"""

import contextlib
import os
import pathlib
import re
import resource
import smtplib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern as harness  # noqa: E402
from postern import ROOT, Postern, wait_for  # noqa: E402

os.environ.setdefault("POSTERN", str(ROOT / "build" / "release" / "postern"))
MB = 1 << 20
IDLE = 2000
RSS_LIMIT = 64 * MB  # of ingest, with all of it
BEST = b"Subject: Figures\r\n\r\nhello\r\n"


class Figures:
    """What ingest uses, and how another client fares meanwhile."""

    def __init__(self, site):
        self.site, self.pid = site, site.processes["ingest"].pid
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.served, self.worst, self.trouble = 0, 0.0, []
        self.thread = threading.Thread(target=self._go_on, daemon=True)
        self.thread.start()

    def _go_on(self):
        """The other client: one message after the other, each in a session of its own."""
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                with smtplib.SMTP("127.0.0.1", self.site.smtp_port, "client.corp.example",
                                  timeout=60, source_address=("127.0.0.9", 0)) as smtp:
                    smtp.sendmail("alice@corp.example", ["bob@example.com"], BEST)
            except (OSError, smtplib.SMTPException) as error:
                self.trouble.append(repr(error))
                return
            with self.lock:
                self.served += 1
                self.worst = max(self.worst, time.monotonic() - began)
            time.sleep(0.05)

    def status(self, name):
        """A number of /proc/PID/status."""
        text = pathlib.Path("/proc/%d/status" % self.pid).read_text()
        return int(re.search(r"^%s:\s*(\d+)" % name, text, re.M).group(1))

    def descriptors(self):
        """How many are open."""
        return len(os.listdir("/proc/%d/fd" % self.pid))

    @contextlib.contextmanager
    def told(self, what):
        """Print the figures of one attack, and hold them against the limits."""
        pathlib.Path("/proc/%d/clear_refs" % self.pid).write_text("5")  # the peak begins anew
        with self.lock:
            self.served, self.worst = 0, 0.0
        began = time.monotonic()
        yield
        count = self.served
        wait_for("the other client", lambda: self.trouble or self.served >= count + 2)
        peak = self.status("VmHWM") * 1024
        print("  %-26s %5.1f s  peak %5.1f MB  descriptors %4d  threads %4d  others %4d taken, slowest "
              "%.2f s" % (what, time.monotonic() - began, peak / MB, self.descriptors(),
                          self.status("Threads"), self.served, self.worst), flush=True)
        assert not self.trouble, self.trouble
        assert peak < RSS_LIMIT, "%d kB at %s" % (peak / 1024, what)


def connect(site, *lines):
    """A connection after its greeting and these commands."""
    connection = socket.create_connection(("127.0.0.1", site.smtp_port), 60)
    for line in ("",) + lines:
        if line:
            connection.sendall(line.encode() + b"\r\n")
        while True:
            reply = b""
            while not reply.endswith(b"\n"):
                more = connection.recv(1 if line == "" else 4096)
                assert more, (line, reply)
                reply += more
            if re.search(rb"^\d{3} [^\r\n]*\r\n\Z", reply, re.M):
                break
    return connection


TO_DATA = ("HELO client.corp.example", "MAIL FROM:<alice@corp.example>", "RCPT TO:<bob@example.com>",
           "DATA")


def pour(connection, piece, most):
    """Send without end, until the server had enough, which must be before `most`."""
    sent = 0
    connection.settimeout(60)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while sent < 1024 * MB:
            connection.sendall(piece)
            sent += len(piece)
    connection.close()
    print("  cut off after %.1f MB" % (sent / MB))
    assert sent < most, sent


def trickle(connections, piece, seconds):
    """Each sends a piece now and then until all are cut off; gives how many were, and when."""
    left, began = list(connections), time.monotonic()
    while left and time.monotonic() < began + seconds:
        for connection in list(left):
            try:
                connection.send(piece)
                connection.setblocking(False)
                while True:
                    if connection.recv(4096) == b"":
                        raise ConnectionResetError
            except BlockingIOError:
                connection.setblocking(True)
            except OSError:
                connection.close()
                left.remove(connection)
        time.sleep(0.25)
    return len(connections) - len(left), time.monotonic() - began


def attack(site, figures):
    """One after the other."""
    with figures.told("nothing yet"):
        time.sleep(1)
    with figures.told("%d idle sessions" % IDLE):
        idle = [connect(site, "HELO client.corp.example") for _ in range(IDLE)]
        # One more of the same address is told so at once.
        with socket.create_connection(("127.0.0.1", site.smtp_port), 60) as one_more:
            assert one_more.recv(100).startswith(b"421"), "one too many"
        time.sleep(1)
        assert figures.descriptors() < IDLE + 200
    for connection in idle:
        connection.close()
    with figures.told("slow commands, 200 times"):
        gone, seconds = trickle([connect(site) for _ in range(200)], b"N", 60)
        assert gone == 200, gone
        print("  all cut off after %.0f s" % seconds)
    with figures.told("slow text, 200 times"):
        gone, seconds = trickle([connect(site, *TO_DATA) for _ in range(200)], b"x", 90)
        assert gone == 200, gone
        print("  all cut off after %.0f s" % seconds)
    with figures.told("a command without end"):
        pour(connect(site), b"A" * 65536, 64 * MB)
    with figures.told("a header without end"):
        pour(connect(site, *TO_DATA), b"X-More: and more\r\n" * 4096, 500 * MB)
    with figures.told("a header line without end"):
        pour(connect(site, *TO_DATA), b"X-More" * 10922, 500 * MB)
    with figures.told("100,000 recipients"):
        recipients(site)
    with figures.told("1 GB without end"):
        pour(connect(site, *TO_DATA), b"\r\n" + (b"y" * 76 + b"\r\n") * 800, 500 * MB)


def recipients(site):
    """No more than the limit are kept, however many come, and the message goes to those."""
    connection = connect(site, "HELO client.corp.example", "MAIL FROM:<alice@corp.example>")
    replies = connection.makefile("rb")
    codes = {}

    def read():
        for line in replies:
            codes[line[:3]] = codes.get(line[:3], 0) + 1

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with contextlib.suppress(OSError):
        for number in range(0, 100_000, 500):
            connection.sendall(b"".join(b"RCPT TO:<user%d@example.com>\r\n" % (number + i)
                                        for i in range(500)))
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    reader.join(60)
    assert not reader.is_alive()
    connection.close()
    print("  replies %s" % codes)
    assert codes[b"250"] <= 2 + 1000, codes
    assert codes.get(b"452", 0) + codes.get(b"421", 0) > 0, codes


def test_abuse_does_not_harm_others():
    if not harness.program().exists():
        raise cases.Skip("no release build")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + 500:
        raise cases.Skip("only %d descriptors are allowed" % hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + 500), hard))
    with Postern(start=False, smtp='timeout = "15 s"; connections = %d; connections_per_client = %d;'
                 % (IDLE + 100, IDLE), pg_options="fsync=off max_wal_size=4GB") as site:
        site.start("ingest")
        figures = Figures(site)
        try:
            wait_for("a first message", lambda: figures.served)
            before = figures.descriptors()
            attack(site, figures)
        finally:
            figures.stopping.set()
            figures.thread.join(60)
        wait_for("the sessions to be over", lambda: figures.descriptors() <= before + 8)
        assert site.processes["ingest"].poll() is None


if __name__ == "__main__":
    cases.run("__main__")
