#!/usr/bin/python3 -B
"""The queue as the administrator sees and changes it: `postern ctl queue`."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, link_in, program, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from visitor import Visitor  # noqa: E402

import email  # noqa: E402
import email.policy  # noqa: E402

ALICE, BERT = "alice@corp.example", "bert@corp.example"
FRED, CAROL = "fred@example.net", "carol@example.com"
LETTER = "From: Alice <alice@corp.example>\nSubject: n\nMessage-ID: <q-%s@corp.example>\n\nThe body of it.\n"


def ctl(postern, *words):
    """Exit status, what was printed (JSON read), and what was said."""
    done = subprocess.run([program(), "ctl", "queue", *words, "--json", "--config", postern.config],
                          capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def listed(postern, *words):
    """Rows of the list."""
    code, shown, faults = ctl(postern, "list", *words)
    assert code == 0, faults
    return shown["queue"]


def later(said):
    """A server that puts everything off while said["later"]."""
    return lambda verb, _: "451 4.3.2 not now" if verb == "MAIL" and said["later"] else None


def relay(sink):
    """The only smarthost."""
    return 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; rest = "1 s"; };' % sink.port


def test_queue():
    said = {"later": True}
    with Sink(later(said)) as sink:
        with Postern(relay=relay(sink), policy='retry = "2 h";') as postern:
            postern.send(ALICE, [FRED, CAROL], LETTER % 1)
            postern.send(BERT, [CAROL], LETTER % 2)
            postern.send(ALICE, ["dave@example.org"], LETTER % 3)
            wait_for("their tries", lambda: [row["tries"] for row in listed(postern)] == [1, 1, 1])
            # Several workers have queued them: within a second in any order.
            rows = sorted(listed(postern), key=lambda row: (row["recipients"] != 2, row["sender"] != BERT))
            assert [row["sender"] for row in rows] == [ALICE, BERT, ALICE]
            assert [row["recipients"] for row in rows] == [2, 1, 1]
            assert {row["state"] for row in rows} == {"waiting"} and {row["kind"] for row in rows} == {"message"}
            assert len(listed(postern, "--sender", ALICE)) == 2
            found = listed(postern, "--domain", "Example.com")
            assert {row["mail"] for row in found} == {row["mail"] for row in rows[:2]}
            assert len(listed(postern, "--limit", "2")) == 2 and not listed(postern, "--state", "held")
            code, shown, _ = ctl(postern, "show", rows[0]["mail"])
            assert code == 0 and {line["recipient"] for line in shown["answers"]} == {FRED, CAROL}
            assert {line["status"] for line in shown["answers"]} == {"4.3.2"}
            assert all("not now" in line["answer"] for line in shown["answers"])

            assert ctl(postern, "hold", rows[0]["mail"])[:2] == (0, {"held": 1})
            code, _, faults = ctl(postern, "hold", rows[0]["mail"])
            assert code == 1 and "state" in faults
            assert [row["mail"] for row in listed(postern, "--state", "held")] == [rows[0]["mail"]]
            said["later"] = False
            assert ctl(postern, "retry", "--all", "--domain", "example.com")[:2] == (0, {"retried": 1})
            wait_for("the one of both that is not held", lambda: sink.to(CAROL))
            assert [letter.sender for letter in sink.letters] == [BERT]
            assert ctl(postern, "retry", rows[2]["mail"])[:2] == (0, {"retried": 1})
            wait_for("the other", lambda: sink.to("dave@example.org"))
            # What is held outlives its time, and is not lost.
            postern.set_clock(20 * 86400)
            wait_for("only it is left", lambda: len(listed(postern)) == 1)
            assert postern.query("select state from message where id = '%s'" % postern.query(
                "select message_id from outbox where state = 4")[0][0]) == [["2"]]
            postern.set_clock(0)
            assert ctl(postern, "release", "--all")[:2] == (0, {"released": 1})
            wait_for("what was held", lambda: sink.to(FRED))
            postern.settle()
            assert not listed(postern)
            code, _, faults = ctl(postern, "show", rows[0]["mail"])
            assert code == 1 and "no mail with that id" in faults


def test_delete():
    said = {"later": True}
    with Sink(later(said)) as sink:
        with Postern(relay=relay(sink), policy='retry = "2 h";') as postern:
            postern.send(ALICE, [FRED], LETTER % 1)
            postern.send(ALICE, [CAROL], LETTER % 2)
            wait_for("their tries", lambda: [row["tries"] for row in listed(postern)] == [1, 1])
            first, second = (listed(postern, "--domain", domain)[0]["mail"]
                             for domain in ("example.net", "example.com"))
            said["later"] = False
            assert ctl(postern, "delete", "--all")[0] == 2
            assert ctl(postern, "delete", first[:-1])[0] == 2
            assert ctl(postern, "delete", first)[:2] == (0, {"deleted": 1})
            assert ctl(postern, "delete", second, "--bounce")[:2] == (0, {"deleted": 1})
            bounce = wait_for("the bounce", lambda: sink.to(ALICE))[0]
            postern.settle()
            assert len(sink.letters) == 1 and b"<q-2@corp.example>" in bounce.content
            message = email.message_from_bytes(bounce.content, policy=email.policy.default)
            report = list(message.walk())[2].get_payload()
            assert report[1]["Action"] == "failed" and report[1]["Status"] == "5.3.0"
            wait_for("both to be destroyed", lambda: postern.query(
                "select state from message") == [["3"], ["3"]])
            assert postern.query("select state from delivery") == [["7"], ["7"]]


def test_a_notice():
    """Without its notice a secured message reaches nobody: its sender is told when asked for."""
    said = {"later": False}
    with Sink(later(said)) as sink:
        with Postern(relay=relay(sink), policy='retry = "2 h";') as postern:
            postern.send(ALICE, ["secure-" + FRED], LETTER % 1)
            asked = wait_for("the question", lambda: sink.to(ALICE))[0]
            said["later"] = True
            page = Visitor()
            page.submit(page.get(link_in(email.message_from_bytes(
                asked.content, policy=email.policy.default), "s")), "clue", clue="Which bird?",
                passphrase="one red kite", passphrase_again="one red kite", lifetime_days="7")
            row = wait_for("the notice", lambda: [row for row in listed(postern)
                                                  if row["kind"] == "notice" and row["tries"]])[0]
            assert row["recipient"] == FRED and row["sender"] == ALICE
            said["later"] = False
            assert ctl(postern, "delete", row["mail"], "--bounce")[0] == 0
            bounce = wait_for("the bounce", lambda: sink.to(ALICE)[1:])[0]
            assert b"Action: failed" in bounce.content and b"The body of it." not in bounce.content
            assert not sink.to(FRED)


cases.run(__name__)
