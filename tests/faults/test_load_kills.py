#!/usr/bin/python3 -B
"""kill -9 of ingest, courier and PostgreSQL at random under load: what got 250 comes out, byte for
byte, and every copy has its reason.

Several sessions hand over messages at a steady rate and try again what was not acknowledged, as
mail servers do.  Behind the courier a sink counts what arrives and lives through it all.  Copies are
allowed where nobody can know: the connection was lost between the final dot and its reply (two
stored messages), or a kill fell between the sink's 250 and the note of it (one stored message, sent
twice).  Both kinds are told apart by the id in the trace line.  The story in the portal under kills
is test_kills.py.

POSTERN_LOAD: messages and seconds (default "800 16"; `make test-kills` takes "5000 120").
POSTERN_SEED: repeat the dice of a run.
"""

import collections
import os
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from load import Counter, Load, explain_copies, told_by_ingest, wait_for_all  # noqa: E402
from postern import Postern  # noqa: E402
from sink import Sink  # noqa: E402

MESSAGES, SECONDS = (int(word) for word in os.environ.get("POSTERN_LOAD", "800 16").split())
SEED = int(os.environ.get("POSTERN_SEED", str(int.from_bytes(os.urandom(4), "big"))))


class Killer:
    """What goes wrong, by dice, and when."""

    def __init__(self, postern):
        self.postern = postern
        self.dice = random.Random("%d killer" % SEED)
        self.kills = []  # (name, when it was away: from, to)

    def run(self, until, load):
        """Kill at random moments; whatever was killed is started again."""
        bag = []  # so that a short run has each of them, too
        while (time.monotonic() < until or len(self.kills) < 3) and not load.failed:
            time.sleep(self.dice.uniform(0.05, 1.0))
            for name, process in self.postern.processes.items():
                assert process.poll() is None, "%s ended by itself: %s" % (name, process.poll())
            if not bag:
                bag = ["ingest", "courier", "database"]
                self.dice.shuffle(bag)
            name = bag.pop()
            began = time.monotonic()
            if name == "database":
                self._kill_database()
            else:
                self.postern.stop(name, how=signal.SIGKILL)
                time.sleep(self.dice.choice((0, 0, 0.3)))
                self.postern.start(name)
            self.kills.append((name, began, time.monotonic()))

    def _kill_database(self):
        if self.dice.random() < 0.5:
            self.postern.cluster("stop", "immediate")
        else:
            self.postern.kill_postmaster()
        time.sleep(self.dice.choice((0, 0.5)))
        self.postern.start_database()

    def between(self, names, first, second):
        """How many of these were killed in a span of time."""
        return sum(name in names and began <= second and ended >= first
                   for name, began, ended in self.kills)


def check_store(postern):
    """Nothing half is left behind."""
    assert postern.query("select kind from outbox where state <> 2") == []
    assert postern.query("select state from message where state in (1, 4)") == []
    assert postern.query("select 1 from chunk c where not exists (select 1 from message m where "
                         "m.id = c.message_id) and not exists (select 1 from upload u where "
                         "u.message_id = c.message_id)") == []
    log = postern.log.read_bytes()
    for event in ("message-stuck", "chunk-damaged", "letter-unreadable"):
        assert b"event=" + event.encode() not in log, event


def test_load_and_kills_lose_nothing():
    print("  POSTERN_SEED=%d" % SEED)
    counter = Counter(SEED)
    with Sink(counter.answer, keep=False) as sink, Postern(
            relay='relay: { host = "127.0.0.1"; port = %d; tls = "never"; timeout = "10 s"; };'
            % sink.port, policy='retry = "1 s";', pg_options="") as postern:
        postern.stop("portal")
        load, killer = Load([postern.smtp_port], MESSAGES, SECONDS, SEED), Killer(postern)
        killer.run(load.began + SECONDS, load)
        load.finish()
        taken = time.monotonic() - load.began
        postern.set_clock(60)  # what a killed courier held is free now
        wait_for_all(load, counter)
        postern.settle()
        assert not counter.damaged and not counter.others, (counter.damaged, counter.others)
        copies = explain_copies(
            load, counter, told_by_ingest(postern.log.read_text(errors="replace")),
            lambda first, second: killer.between(("courier", "database"), first, second))
        check_store(postern)
        assert counter.total() == MESSAGES + sum(copies.values())
        print("  %d messages taken in %.0f s, kills %s, %d arrived; copies %s" % (
            MESSAGES, taken, dict(collections.Counter(name for name, _, _ in killer.kills)),
            counter.total(), dict(copies)))


if __name__ == "__main__":
    cases.run("__main__")
