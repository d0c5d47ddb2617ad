#!/usr/bin/python3 -B
"""kill -9 of any daemon at any moment of the story in the portal, and restarts of PostgreSQL without
a shutdown, lose nothing, send nothing twice, and let nothing marked leave in clear.

Mail clients, senders and recipients go on as people and mail servers do: what was not acknowledged
is tried again.  So a copy is allowed for each time that the acknowledgement itself was lost, and
these are counted.  The same under load, through a relay, is test_load_kills.py.

POSTERN_KILLS: how many kills (default 30); POSTERN_SEED: repeat the dice of a run.
"""

import collections
import http.client
import os
import pathlib
import random
import re
import signal
import smtplib
import sys
import threading
import time
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import DAEMONS, Postern, body_text, link_in, parse_letter, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

KILLS = int(os.environ.get("POSTERN_KILLS", "30"))
SEED = int(os.environ.get("POSTERN_SEED", str(int.from_bytes(os.urandom(4), "big"))))
PASSPHRASE = "three grey herons"
CLIENTS = 3
PAUSE = 1.0  # seconds on average between two messages of a client
CANARY = b"CanaryInTheMine"
BROKEN = (OSError, smtplib.SMTPException, http.client.HTTPException, urllib.error.URLError)


class Message:
    """One message that a client has to hand over."""

    def __init__(self, client, number, dice):
        self.marked = dice.random() < 0.6
        self.client, self.number = client, number
        self.name = "%s%d-%d" % ("marked" if self.marked else "plain", client, number)
        self.sender = "sender%d@corp.example" % client
        # One of the marked recipients is known by a template after the first time.
        self.recipient = "%s%d.%d@example.net" % ("fred" if self.marked else "carol", client,
                                                  number % 3)
        self.size = 700_000 if number % 7 == 3 else dice.randrange(100, 20_000)
        self.content = self._write(dice)
        self.acknowledged = False
        self.unsure = 0  # times that the final dot was sent and no 250 came back

    def _write(self, dice):
        to = "secure-" + self.recipient if self.marked else self.recipient
        word = CANARY if self.marked else b"PublicText"
        lines = [b"From: Sender <%s>" % self.sender.encode(), b"To: " + to.encode(),
                 b"Subject: About %s" % self.name.encode(),
                 b"Message-ID: <%s@corp.example>" % self.name.encode(), b"",
                 word + b" " + self.name.encode()]
        filled = 0
        while filled < self.size:
            line = b"%d " % filled + word[:3] * dice.randrange(1, 20)
            lines.append(line)
            filled += len(line) + 2
        return b"\r\n".join(lines) + b"\r\n"

    def expected(self):
        """The bytes as its recipient is to see them, without the trace line."""
        return self.content.replace(b"To: secure-", b"To: ")


def without_trace(raw):
    """Drop the Received field at the front."""
    assert raw.startswith(b"Received: "), raw[:80]
    first, rest = raw.split(b"\r\n", 1)
    while rest[:1] in (b" ", b"\t"):
        first, rest = rest.split(b"\r\n", 1)
    return rest


class Client(threading.Thread):
    """A mail server: keeps a message until it is told 250."""

    def __init__(self, run, number):
        super().__init__(daemon=True)
        self.run_of, self.number = run, number
        self.dice = random.Random("%d client %d" % (SEED, number))
        self.smtp = None

    def run(self):
        with self.run_of.watched("client"):
            number = 0
            while not self.run_of.enough.is_set():
                message = Message(self.number, number, self.dice)
                number += 1
                self.run_of.messages.append(message)
                while not message.acknowledged and not self.run_of.failed:
                    try:
                        self._hand_over(message)
                    except BROKEN:
                        self.smtp = None
                        time.sleep(0.05 + 0.2 * self.dice.random())
                time.sleep(2 * PAUSE * self.dice.random())

    def _hand_over(self, message):
        if self.smtp is None:
            self.smtp = smtplib.SMTP("127.0.0.1", self.run_of.postern.smtp_port, "client.corp.example",
                                     timeout=60)
            self.smtp.ehlo()
        rcpt = "secure-" + message.recipient if message.marked else message.recipient
        for command in ("MAIL FROM:<%s>" % message.sender, "RCPT TO:<%s>" % rcpt, "DATA"):
            code, text = self.smtp.docmd(command)
            if code // 100 not in (2, 3):
                assert code // 100 == 4, (code, text)
                raise smtplib.SMTPException("not now")
        self.smtp.send(message.content.replace(b"\r\n.", b"\r\n.."))
        # From here on it may be stored though nobody says so.
        message.unsure += 1
        self.smtp.send(b".\r\n")
        code, text = self.smtp.getreply()
        assert code == 250 or code // 100 == 4 or code == -1, (code, text)
        if code == 250:
            message.unsure -= 1
            message.acknowledged = True
        else:
            raise smtplib.SMTPException("not taken")


class People(threading.Thread):
    """The senders who finish and the recipients who read and reply, one after the other."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.run_of = run
        self.done = set()    # files of the Maildirs that are dealt with
        self.opened = collections.Counter()  # message name: notices that opened it
        self.replies = {}    # word of a reply: [message, acknowledged, times unsure]
        self.visitors = {}   # link: its browser
        self.trouble = collections.Counter()

    def run(self):
        with self.run_of.watched("people"):
            while not self.run_of.over.is_set():
                self.round()
                time.sleep(0.05)

    def round(self):
        """Look at all mail once; what fails is tried in the next round."""
        for folder in sorted(self.run_of.postern.maildir.iterdir()):
            # Links in "new" are files that are whole: the Maildir's rule.
            for path in sorted((folder / "new").glob("*")):
                if path in self.done:
                    continue
                try:
                    if self._deal_with(folder.name, path):
                        self.done.add(path)
                except BROKEN as error:
                    self.trouble[type(error).__name__] += 1

    def _deal_with(self, address, path):
        message, _ = parse_letter(path.read_bytes())
        if message.get_content_type() == "multipart/report" or message["Auto-Submitted"] is None:
            return True
        text = body_text(message)
        if address.startswith("sender") and "/s/" in text:
            return self._finish(link_in(message, "s"))
        if address.startswith("fred") and "/r/" in text:
            return self._read(link_in(message, "r"))
        return True

    def _finish(self, link):
        page = Visitor().get(link)
        if page.status >= 500:
            self.trouble[page.status] += 1
            return False
        assert page.status == 200, (page.status, page.words())
        if not any("clue" in form["fields"] for form in page.forms()):
            return True
        # Every third recipient is known from then on.
        answer = Visitor().submit(page, "clue", clue="Birds?", passphrase=PASSPHRASE,
                                  passphrase_again=PASSPHRASE, lifetime_days="7", notify=True,
                                  save_template=True if ".0@" in page.words() else None)
        if answer.status >= 500:
            self.trouble[answer.status] += 1
        # The next look tells whether it was done.
        return False

    def _read(self, link):
        visitor = self.visitors.setdefault(link, Visitor())
        page = visitor.get(link)
        if page.status >= 500:
            self.trouble[page.status] += 1
            return False
        if any("passphrase" in form["fields"] for form in page.forms()):
            page = visitor.submit(page, "passphrase", passphrase=PASSPHRASE)
        if page.status >= 500:
            self.trouble[page.status] += 1
            return False
        assert page.status == 200, (page.status, page.words())
        raw = visitor.get(link + "/message.eml")
        if raw.status >= 500:
            return False
        assert raw.status == 200, raw.words()
        content = without_trace(raw.body)
        name = re.search(rb"Message-ID: <([^@]+)@", content).group(1).decode()
        assert content == self.run_of.by_name(name).expected(), name + " is not what was sent"
        return self._reply(visitor, link, name)

    def _reply(self, visitor, link, name):
        word = "Answer-" + link[-12:]
        state = self.replies.setdefault(word, [name, False, 0, os.urandom(300_000)])
        form = visitor.get(link + "/reply")
        if form.status >= 500:
            return False
        state[2] += 1
        # Without the quotation: it would rightly bring the marked words back to their sender.
        answer = visitor.submit(form, "body", follow=False, body="Thank you: " + word, quote="",
                                files=[("picture.bin", state[3], "application/octet-stream")])
        if answer.status not in (302, 303):
            self.trouble[answer.status] += 1
            assert answer.status >= 500, (answer.status, answer.words())
            return False
        state[1] = True
        state[2] -= 1
        self.opened[name] += 1
        return True


class Killer:
    """What goes wrong, by dice."""

    def __init__(self, run, kills):
        self.run_of, self.kills = run, kills
        self.dice = random.Random("%d killer" % SEED)
        self.counts = collections.Counter()

    def run(self):
        """Kill so many times; each time everything is started again."""
        while sum(self.counts.values()) < self.kills and not self.run_of.failed:
            time.sleep(self.dice.uniform(0.02, 1.2))
            for name, process in self.run_of.postern.processes.items():
                assert process.poll() is None, "%s ended by itself: %s" % (name, process.poll())
            what = self.dice.choice(DAEMONS * 4 + ("letter",) * 4 + ("database",) * 2
                                    + ("session",) * 2)
            self.counts[what] += 1
            getattr(self, "_" + what, self._daemon)(what)

    def _daemon(self, name):
        postern = self.run_of.postern
        postern.stop(name, how=signal.SIGKILL)
        time.sleep(self.dice.choice((0, 0, 0.3)))
        postern.start(name)

    def _letter(self, _):
        """The courier dies when a letter lies there and the database does not know it yet."""
        def lying():
            return sum(1 for _ in self.run_of.postern.maildir.glob("*/new/*"))
        before, until = lying(), time.monotonic() + 3
        while lying() == before and time.monotonic() < until:
            pass
        self._daemon("courier")

    def _database(self, _):
        self.run_of.postern.cluster("stop", "immediate")
        time.sleep(self.dice.choice((0, 0.5)))
        self.run_of.postern.cluster("start")

    def _session(self, _):
        """One of the daemons' sessions of PostgreSQL dies alone."""
        self.run_of.postern.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'postern_%' "
            "order by md5(pid::text || '%d') limit 1".replace("%d", str(self.dice.random())))


class Run:
    """Everything of one run."""

    def __init__(self, postern):
        self.postern = postern
        self.enough, self.over = threading.Event(), threading.Event()
        self.messages, self.failed = [], []
        self.people = People(self)
        self.clients = [Client(self, number) for number in range(CLIENTS)]

    def by_name(self, name):
        """The message of that name."""
        return next(message for message in self.messages if message.name == name)

    def watched(self, who):
        """A failure in a thread ends the run."""
        run = self

        class Watch:
            def __enter__(self):
                return self

            def __exit__(self, kind, value, trace):
                if value is not None:
                    run.failed.append((who, value, trace))
                return True
        return Watch()

    def check(self):
        """Raise what a thread raised."""
        if self.failed:
            who, value, trace = self.failed[0]
            raise AssertionError("%s: %r" % (who, value)).with_traceback(trace)

    def all_read(self):
        """Has every marked message been read and answered?"""
        self.check()
        return all(self.people.opened[message.name] for message in self.messages if message.marked)


def check_plain(run, letters):
    """Every unmarked message lies with its recipient, once."""
    found = collections.Counter()
    for address, raw in letters:
        if address.startswith("carol"):
            _, rest = parse_letter(raw)
            name = re.search(rb"Message-ID: <([^@]+)@", rest).group(1).decode()
            assert without_trace(rest) == run.by_name(name).expected(), name + " was changed"
            found[name] += 1
    copies = 0
    for message in run.messages:
        if not message.marked:
            assert 1 <= found[message.name] <= 1 + message.unsure, (
                message.name, found[message.name], message.unsure)
            copies += found[message.name] - 1
    return sum(found.values()), copies


def check_marked(run, letters, database):
    """Nothing marked is anywhere in clear, each was read, and one notice was sent for each."""
    for address, raw in letters:
        assert CANARY not in raw, "a marked message lies in clear with " + address
    for form in (CANARY, CANARY.hex().encode()):
        assert form not in database, "a marked message stands in the database"
    assert CANARY not in run.postern.log.read_bytes()
    copies = 0
    for message in run.messages:
        if message.marked:
            opened = run.people.opened[message.name]
            assert 1 <= opened <= 1 + message.unsure, (message.name, opened, message.unsure)
            copies += opened - 1
    return copies


def check_letters(run, letters):
    """Postern's own mails: one of each kind for each delivery that asks for it."""
    query = run.postern.query
    links = collections.Counter()
    receipts = 0
    for _, raw in letters:
        message, _ = parse_letter(raw)
        receipts += message.get_content_type() == "multipart/report"
        if message["Auto-Submitted"] is not None and message.get_content_type() == "text/plain":
            links.update(re.findall(r"https://\S+/([rs]/[0-9a-z]{32})", body_text(message)))
    twice = [link for link, count in links.items() if count > 1]
    assert not twice, "a notice was sent twice"
    ready = int(query("select count(*) from delivery where secured_at is not null "
                      "and secured_at > 0")[0][0])
    notices = sum(link.startswith("r/") for link in links)
    assert notices == ready, (notices, ready)
    held = int(query("select count(*) from link where kind = 2")[0][0])
    asked = sum(link.startswith("s/") for link in links)
    assert asked == held, (asked, held)
    opened = int(query("select count(*) from delivery where opened_at > 0 and wishes & 1 <> 0")[0][0])
    assert receipts == opened, (receipts, opened)
    assert query("select kind from outbox where state <> 2") == []
    assert query("select state from message where state in (1, 4)") == []
    # Chunks belong to a message, or to an upload that broke off and is swept.
    assert query("select 1 from chunk c where not exists (select 1 from message m where m.id = "
                 "c.message_id) and not exists (select 1 from upload u where u.message_id = "
                 "c.message_id)") == []
    return notices, receipts


def check_replies(run, letters):
    """Every reply that the portal acknowledged lies with its sender, once."""
    found = collections.Counter()
    for address, raw in letters:
        if b"Answer-" not in raw:
            continue
        message, _ = parse_letter(raw)
        word = re.search(r"Answer-\w+", body_text(message)).group(0)
        name, _, _, upload = run.people.replies[word]
        assert address == run.by_name(name).sender, (address, name)
        assert [part.get_content() for part in message.iter_attachments()] == [upload], word
        found[word] += 1
    copies = 0
    for word, (_, acknowledged, unsure, _) in run.people.replies.items():
        assert acknowledged and 1 <= found[word] <= 1 + unsure, (word, found[word], unsure)
        copies += found[word] - 1
    return sum(found.values()), copies


def check_all(run):
    """The end of the story."""
    postern = run.postern
    letters = [(path.parent.parent.name, path.read_bytes())
               for path in postern.maildir.glob("*/new/*")]
    assert not list(postern.maildir.glob("*/cur/*"))
    database = postern.dump()
    plain, plain_copies = check_plain(run, letters)
    marked_copies = check_marked(run, letters, database)
    notices, receipts = check_letters(run, letters)
    replies, reply_copies = check_replies(run, letters)
    for event in ("message-stuck", "chunk-damaged", "letter-unreadable"):
        assert b"event=" + event.encode() not in postern.log.read_bytes(), event
    print("  %d messages, %d plain letters, %d notices, %d receipts, %d replies; copies after a lost "
          "250: %d of %d plain and marked, %d of %d replies" % (
              len(run.messages), plain, notices, receipts, replies, plain_copies + marked_copies,
              sum(message.unsure for message in run.messages), reply_copies,
              sum(state[2] for state in run.people.replies.values())))


def test_kills_lose_nothing():
    print("  POSTERN_SEED=%d" % SEED)
    began = time.monotonic()
    with Postern(pg_options="") as postern:
        run = Run(postern)
        killer = Killer(run, KILLS)
        run.people.start()
        for client in run.clients:
            client.start()
        killer.run()
        run.enough.set()
        for client in run.clients:
            client.join(120)
            assert not client.is_alive(), "a client cannot get rid of its message"
        run.check()
        print("  %s in %.0f s" % (dict(killer.counts), time.monotonic() - began))
        # However long that takes on a busy machine: as long as it goes on, one after the other.
        while not run.all_read():
            done = run.people.opened.total()
            wait_for("the next message to be read and answered",
                     lambda: run.people.opened.total() > done or run.all_read(), 120)
        run.over.set()
        run.people.join()
        run.check()
        postern.settle()
        # What a killed courier had claimed is claimed again when its lease is over.
        wait_for("every letter to leave",
                 lambda: postern.query("select 1 from outbox where state = 1") == [])
        print("  trouble that people saw: %s" % dict(run.people.trouble))
        check_all(run)


if __name__ == "__main__":
    cases.run("__main__")
