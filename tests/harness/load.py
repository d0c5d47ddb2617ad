"""Mail servers that hand over many messages and keep each until it got 250, and what counts them
when they come out of the relay.

Nobody can know what became of a message whose final dot got no reply, so whoever sends counts these
cases, and every copy that comes out must be one of them.
"""

import collections
import queue
import random
import re
import smtplib
import socket
import threading
import time

from postern import wait_for

BROKEN = (OSError, smtplib.SMTPException)
TRACE = re.compile(rb"Received: from .*?\bid ([0-9a-z]{26});.*?\r\n(?![ \t])", re.S)


class Message:
    """One message, made again from seed and number whenever its bytes are wanted."""

    def __init__(self, seed, number):
        self.seed, self.number = seed, number
        self.begun = self.dotted = self.acknowledged = None  # when, the last time
        self.lost = 0     # the final dot was sent and the connection went
        self.refused = 0  # the final dot was answered by 4xx

    def content(self):
        """Mostly one chunk; one in forty is several, and so is stored before its end."""
        dice = random.Random("%d message %d" % (self.seed, self.number))
        size = 600_000 if self.number % 40 == 7 else dice.randrange(50, 12_000)
        lines = [b"From: Alice <alice@corp.example>", b"To: bob@example.com",
                 b"Subject: Number %d" % self.number,
                 b"Message-ID: <load-%d@corp.example>" % self.number, b""]
        while size > 0:
            line = dice.choice((b".", b"..", b"", b"\xe4 ")) + b"x" * dice.randrange(0, 900)
            lines.append(line)
            size -= len(line) + 2
        return b"\r\n".join(lines) + b"\r\n"


class Session(threading.Thread):
    """One session of a mail server: takes the next message when it is due, keeps it until 250.
    When it fails it goes on at the next port."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.turn, self.smtp = load, number, None

    def run(self):
        try:
            while (message := self.load.next_due()) is not None:
                while not message.acknowledged and not self.load.failed:
                    self._try(message)
        except Exception as error:  # told by the main thread
            self.load.failed.append(error)

    def _try(self, message):
        message.begun = message.begun or time.monotonic()
        try:
            self._hand_over(message)
        except BROKEN:
            if self.smtp is not None:
                self.smtp.close()
            self.smtp = None
            self.turn += 1
            time.sleep(random.uniform(0.02, 0.2))

    def _hand_over(self, message):
        if self.smtp is None:
            port = self.load.ports[self.turn % len(self.load.ports)]
            self.smtp = smtplib.SMTP("127.0.0.1", port, "client.corp.example", timeout=60)
            self.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.smtp.ehlo()
        for command in ("MAIL FROM:<alice@corp.example> BODY=8BITMIME", "RCPT TO:<bob@example.com>",
                        "DATA"):
            code, said = self.smtp.docmd(command)
            if code // 100 not in (2, 3):
                assert code // 100 == 4 or code == -1, (code, said)
                raise smtplib.SMTPException("not now")
        self.smtp.send(message.content().replace(b"\r\n.", b"\r\n.."))
        message.lost += 1  # from here on it may be stored though nobody says so
        message.dotted = time.monotonic()
        self.smtp.send(b".\r\n")
        code, said = self.smtp.getreply()
        if code == -1:
            raise smtplib.SMTPServerDisconnected("no reply")
        message.lost -= 1
        if code == 250:
            message.acknowledged = time.monotonic()
            return
        assert code // 100 == 4, (code, said)
        message.refused += 1
        raise smtplib.SMTPException("not taken")


class Load:
    """So many messages, spread evenly over so many seconds, to these ports in turn."""

    def __init__(self, ports, count, seconds, seed, sessions=8):
        self.ports, self.count, self.seconds = ports, count, seconds
        self.messages = [Message(seed, number) for number in range(count)]
        self.left = queue.SimpleQueue()
        for message in self.messages:
            self.left.put(message)
        self.failed = []
        self.began = time.monotonic()
        self.sessions = [Session(self, number) for number in range(sessions)]
        for session in self.sessions:
            session.start()

    def next_due(self):
        """Wait for the next message; None when there is none."""
        try:
            message = self.left.get_nowait()
        except queue.Empty:
            return None
        due = self.began + self.seconds * message.number / self.count
        time.sleep(max(0.0, due - time.monotonic()))
        return message

    def check(self):
        """Raise what a session raised."""
        if self.failed:
            raise self.failed[0]

    def finish(self, at_once=False):
        """Wait until all messages are acknowledged, or, `at_once`, those that were begun."""
        while at_once:
            try:
                self.left.get_nowait()
            except queue.Empty:
                break
        for session in self.sessions:
            session.join(300)
            assert not session.is_alive(), "a session cannot get rid of its message"
        self.check()
        self.messages = [message for message in self.messages if message.begun]
        assert all(message.acknowledged for message in self.messages)


class Counter:
    """What a sink was given: message number to [(id of the trace line, time)]."""

    def __init__(self, seed):
        self.seed = seed
        self.arrivals = collections.defaultdict(list)
        self.damaged = []
        self.others = []  # letters that are none of the load

    def answer(self, verb, argument):
        """For Sink: looks at each letter and lets it be taken."""
        if verb == ".":
            when = time.monotonic()
            trace = TRACE.match(argument)
            number = re.search(rb"Message-ID: <load-(\d+)@", argument)
            if number is None:
                self.others.append(argument)
                return None
            number = int(number.group(1))
            if trace is None or argument[trace.end():] != Message(self.seed, number).content():
                self.damaged.append(number)
            self.arrivals[number].append((trace and trace.group(1).decode(), when))
        return None

    def total(self):
        """How many letters came, with copies."""
        return sum(len(times) for times in list(self.arrivals.values()))


def wait_for_all(load, counter):
    """Until every message came: a busy machine may take its time as long as some still come."""
    def missing():
        return [message.number for message in load.messages
                if message.number not in counter.arrivals]

    while not counter.damaged and missing():
        count = counter.total()
        try:
            wait_for("another message", lambda: counter.damaged or counter.total() > count)
        except AssertionError:
            raise AssertionError("got 250 and are lost: %s" % missing()) from None


def told_by_ingest(log):
    """What ingest wrote about each message at its end: id to status."""
    return dict(re.findall(r"daemon=ingest event=message message=(\w+) .* status=(\S+)", log))


def explain_copies(load, counter, told, was_away):
    """Every message came, and each copy has its reason; gives how many there were of each kind.
    `was_away(first, second)`: was courier or database killed or away in that span of time?"""
    kinds = collections.Counter()
    for message in load.messages:
        times = collections.defaultdict(list)
        for trace, when in counter.arrivals[message.number]:
            times[trace].append(when)
        assert times, "message %d got 250 and is lost" % message.number
        # Committed, though the database was killed before it could say so.
        refused = [trace for trace in times if told.get(trace) == "unavailable"]
        said = [trace for trace in times if told.get(trace, "ok") == "ok"]
        assert len(refused) + len(said) == len(times), (message.number, times)
        assert len(refused) <= message.refused and len(said) <= 1 + message.lost, (
            message.number, refused, said, message.lost, message.refused)
        kinds["stored by a commit whose end nobody saw"] += len(times) - len(said)
        kinds["stored, then the 250 was lost"] += max(0, len(said) - 1)
        for when in times.values():
            when.sort()
            for first, second in zip(when, when[1:]):
                assert was_away(first, second), \
                    "message %d was sent twice without a reason" % message.number
                kinds["sent again, since the note of it was lost"] += 1
    return kinds
