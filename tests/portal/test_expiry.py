#!/usr/bin/python3 -B
"""The end of a message: to the second at its door, a minute later in its tables; and what a clock that
jumps does to it, which is nothing."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, FRED = "alice@corp.example", "fred@example.net"
PASSPHRASE = "correct horse battery"
DAY = 86400
LETTER = ("From: Alice <alice@corp.example>\nTo: secure-fred@example.net\nSubject: Figures\n"
          "Message-ID: <e1@corp.example>\n\nThe body of it.\n" + "0123456789abcde\n" * 40000)
WRAPS = "gateway_wrap, sender_wrap, outer_wrap, rescue_wrap, message_key_wrap"


def secured(postern, days="7", **choices):
    """A message of several chunks that waits for its recipient; gives both links."""
    postern.send(ALICE, ["secure-" + FRED], LETTER)
    asked, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
    sender, visitor = link_in(asked, "s"), Visitor()
    answer = visitor.submit(visitor.get(sender), "clue", clue="Which horse?", passphrase=PASSPHRASE,
                            passphrase_again=PASSPHRASE, lifetime_days=days, **choices)
    assert answer.status == 200, answer.words()
    notice, _ = postern.next_letter(FRED)
    return sender, link_in(notice, "r")


def unlock(link):
    """The right passphrase, if it is asked for."""
    visitor = Visitor()
    page = visitor.get(link)
    if not any("passphrase" in form["fields"] for form in page.forms()):
        return page
    return visitor.submit(page, "passphrase", passphrase=PASSPHRASE)


def left(postern):
    """What is left of wraps and bytes."""
    wraps = [value for value in postern.query("select %s from delivery where route = 2 order by id" % WRAPS)[0] if value]
    chunks = int(postern.query("select count(*) from chunk")[0][0])
    return len(wraps), chunks


def test_to_the_second():
    with Postern() as postern:
        sender, link = secured(postern, days="1")
        expires = int(postern.query("select expires_at from delivery")[0][0])
        now = int(postern.query("select extract(epoch from now())::bigint")[0][0])
        assert left(postern)[1] >= 3
        # A clock that stands still for the test would be a lie: the offset is set so that the end lies
        # some seconds ahead, and the door is tried until it closes.
        postern.set_clock(expires - now - 6)
        assert unlock(link).status == 200
        statuses = []

        def closed():
            clock = int(postern.query("select extract(epoch from now())::bigint")[0][0]) + \
                int(postern.clock.read_text())
            statuses.append((clock, unlock(link).status))
            return statuses[-1][1] == 410
        wait_for("the end", closed)
        # Open before the second, closed from it on; a request may run over it.
        for clock, status in statuses:
            assert status == (200 if clock < expires else 410) or abs(clock - expires) <= 1, statuses
        # A minute later nothing is left, and the page says so to whoever has the link.
        postern.set_clock(expires - now + 60)
        wait_for("wraps and chunks to go", lambda: left(postern) == (0, 0))
        answer = Visitor().get(link)
        assert answer.status == 410 and "expired" in answer.words().lower(), answer.words()
        answer = Visitor().get(sender)
        assert answer.status == 200 and "expired" in answer.words().lower(), answer.words()
        # To anybody else it is a link like any that was never there.
        stranger = Visitor().get(link[:-1] + ("0" if link[-1] != "0" else "1"))
        nowhere = Visitor().get(postern.url + "/r/" + "a" * 32)
        assert stranger.status == nowhere.status == 404
        assert "expired" not in stranger.words().lower() and stranger.words() == nowhere.words()


def test_a_clock_that_jumps_does_no_harm():
    with Postern(clock_patience="1 h") as postern:
        sender, link = secured(postern)
        postern.send(ALICE, ["secure-grace@example.net"], LETTER.replace("fred", "grace"))
        asked, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
        held = link_in(asked, "s")
        before = left(postern)
        mails = len(postern.letters(ALICE))
        for ahead in (30 * DAY, 3650 * DAY):
            postern.set_clock(ahead)
            # The door is shut, as the clock says, but nothing behind it is destroyed ...
            assert unlock(link).status == 410
            wait_for("the courier to see the jump",
                     lambda: postern.log.read_text().count("event=clock-jumped") > 0)
            postern.send(ALICE, ["grace@example.com"], LETTER.replace("secure-fred@example.net",
                                                                      "grace@example.com"))
            postern.next_letter("grace@example.com")  # a round of work has been done meanwhile
            assert postern.query("select state, count(*) from delivery where route = 2 group by 1 "
                                 "order by 1") == [["2", "1"], ["4", "1"]]
            # ... so that it opens again when the clock is right.
            postern.set_clock(0)
            assert unlock(link).status == 200
            postern.query("update delivery set state = 4, opened_at = null where state = 5")
        assert len(postern.letters(ALICE)) == mails, "somebody was told that it was over"
        # Back by a day, and a restart in between.
        postern.set_clock(-DAY)
        assert unlock(link).status == 200
        postern.stop("courier")
        postern.set_clock(400 * DAY)
        postern.start("courier")
        wait_for("the jump to be seen at the start",
                 lambda: postern.log.read_text().count("event=clock-jumped") > 2)
        postern.set_clock(0)
        assert unlock(link).status == 200 and left(postern) == before
        assert Visitor().get(held).status == 200
        assert "Finish sending" in Visitor().get(held).words()


def test_a_jump_that_holds_is_believed():
    with Postern(clock_patience="2 s") as postern:
        _, link = secured(postern)
        postern.set_clock(30 * DAY)
        wait_for("the jump to be believed",
                 lambda: "event=clock-believed" in postern.log.read_text())
        wait_for("wraps and chunks to go", lambda: left(postern) == (0, 0))
        postern.set_clock(0)
        assert Visitor().get(link).status == 410


if __name__ == "__main__":
    cases.run("__main__")
