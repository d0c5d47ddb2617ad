#!/usr/bin/python3 -B
"""The primary PostgreSQL is lost under load, its synchronous replica is promoted, and two of each
daemon go on with it by themselves: nothing that got 250 is missing, nobody is started again.

Once the primary is killed; once the machine it runs on cannot be reached any more, and once it is
frozen, and nobody says so: then only time tells.
"""

import email
import email.policy
import os
import pathlib
import sys
import threading
import time
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, finish, letter, opens  # noqa: E402
from load import Counter, Load, explain_copies, told_by_ingest, wait_for_all  # noqa: E402
from pair import Network, Pair  # noqa: E402
from postern import link_in, wait_for  # noqa: E402
from sink import Sink  # noqa: E402

SEED = int(os.environ.get("POSTERN_SEED", str(int.from_bytes(os.urandom(4), "big"))))
RATE = 25  # messages a second
LIMIT = 120  # seconds; far more than it takes, so that a busy machine is no failure


def next_link(counter, kind):
    """The link in the next of Postern's own mails."""
    raw = wait_for("a mail of Postern's own", lambda: counter.others and counter.others.pop(0))
    return link_in(email.message_from_bytes(raw, policy=email.policy.default), kind)


def open_message(pair, counter):
    """A secured message that is open in somebody's browser; gives its page and the visitor."""
    pair.send(ALICE, ["secure-fred@example.net"], letter())
    finish(next_link(counter, "s"), receipt_opened=None)
    return opens(next_link(counter, "r"))


class Recovery:
    """Seconds from the loss until each part did its work again."""

    def __init__(self, pair, load, counter, page, visitor):
        self.load, self.counter = load, counter
        self.began = time.monotonic()
        self.seconds, self.wrong = {}, []
        for name, port in (("portal", pair.https_port), ("portal-b", pair.https_port_b)):
            url = page.url.replace(":%d/" % pair.https_port, ":%d/" % port)
            threading.Thread(target=self._read, args=(name, url, visitor), daemon=True).start()

    def _read(self, name, url, visitor):
        """Somebody loads the message's page again until it is there."""
        while time.monotonic() < self.began + LIMIT:
            try:
                answer = visitor.get(url)
            except (urllib.error.URLError, OSError):
                continue
            if answer.status == 200 and "The body of it." in answer.words():
                self._note(name, time.monotonic())
                return
            if answer.status != 503:
                self.wrong.append((name, answer.status, answer.words()))
                return
            time.sleep(0.1)

    def _note(self, what, when):
        if what not in self.seconds and when is not None:
            self.seconds[what] = when - self.began

    def done(self):
        """Look once; true when all goes again."""
        self.load.check()
        assert not self.wrong, self.wrong
        since = [message for message in self.load.messages
                 if message.acknowledged and message.dotted > self.began]
        self._note("250", min((message.acknowledged for message in since), default=None))
        self._note("delivered", min(
            (self.counter.arrivals[message.number][0][1] for message in since
             if self.counter.arrivals.get(message.number)), default=None))
        return len(self.seconds) == 4


def fail_over(network, lose):
    """The whole of it; `lose(pair)` takes the primary away."""
    counter = Counter(SEED)
    print("  POSTERN_SEED=%d" % SEED)
    with Sink(counter.answer, keep=False) as sink, Pair(
            network, policy='retry = "1 s";',
            relay='relay: { host = "127.0.0.1"; port = %d; tls = "never"; timeout = "10 s"; };'
            % sink.port) as pair:
        page, visitor = open_message(pair, counter)
        load = Load([pair.smtp_port, pair.smtp_port_b], RATE * 300, 300, SEED)
        wait_for("the load", lambda: len(counter.arrivals) > 100)
        before = sum(message.acknowledged is not None for message in load.messages)
        lose(pair)
        recovery = Recovery(pair, load, counter, page, visitor)
        time.sleep(1)  # somebody has to notice
        pair.promote()
        wait_for("everything to go on", recovery.done, LIMIT)
        count = len(counter.arrivals)
        wait_for("the load to go on", lambda: len(counter.arrivals) > count + 100)
        load.finish(at_once=True)
        pair.set_clock(60)  # leases of those who were cut off are over
        wait_for_all(load, counter)
        pair.settle()
        assert not counter.damaged, counter.damaged[:3]
        ended = time.monotonic()
        copies = explain_copies(
            load, counter, told_by_ingest(pair.log.read_text(errors="replace")),
            lambda first, second: first <= ended and second >= recovery.began)
        for name, process in pair.processes.items():
            assert process.poll() is None, name
        print("  since the loss: %s; %d of %d messages taken before it, %d arrived; copies %s" % (
            " ".join("%s %.1f s" % item for item in recovery.seconds.items()), before,
            len(load.messages), counter.total(), dict(copies)))


def test_primary_killed():
    fail_over(None, lambda pair: pair.kill_postmaster())


def test_primary_out_of_reach():
    if os.geteuid() != 0:
        raise cases.Skip("a network of its own needs root")
    with Network() as network:
        fail_over(network, lambda pair: network.lose())


def test_primary_frozen():
    fail_over(None, lambda pair: pair.freeze())


if __name__ == "__main__":
    cases.run("__main__")
