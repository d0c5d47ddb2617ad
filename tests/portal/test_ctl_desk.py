#!/usr/bin/python3 -B
"""The administrator's commands about messages, templates and routes, as tables and as JSON."""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import nacl.bindings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, link_in, program, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, BOB = "alice@corp.example", "bob@corp.example"
FRED, GINA, CAROL = "fred@example.net", "gina@example.net", "carol@example.com"
PASSPHRASE, CLUE = "the blue bicycle", "What did we ride in Delft?"
DAY = 86400
NOBODY = "0" * 26


def letter(sender=ALICE, subject="Plans for spring", file=None):
    """One message, with a file or without."""
    head = "From: %s\nTo: x@example.net\nSubject: %s\nMessage-ID: <%d@corp.example>\n" % (
        sender, subject, abs(hash((sender, subject, file))))
    if file is None:
        return head + "\nThe body of it.\n"
    return (head + 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\n'
            "The body of it.\n--b\nContent-Type: application/pdf\n"
            'Content-Disposition: attachment; filename="%s"\n\n%%PDF\n--b--\n' % file)


def run(postern, *words):
    """Exit status, standard output, standard error."""
    done = subprocess.run([program(), "ctl", *words, "--config", postern.config],
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def table(postern, *words):
    """What people see of a command that succeeds."""
    code, out, faults = run(postern, *words)
    assert (code, faults) == (0, ""), (words, code, faults)
    return out


def parsed(postern, *words):
    """What programs see of it."""
    out = table(postern, *words, "--json")
    assert out.isascii()
    return json.loads(out)


def refused(postern, *words, code=1):
    """The one line of a command that fails and prints nothing."""
    for more in ((), ("--json",)):
        found, out, faults = run(postern, *words, *more)
        assert (found, out) == (code, ""), (words, found, out)
        assert faults.count("\n") == (1 if code == 1 else 2), faults
    assert faults.splitlines()[-1].startswith("postern: "), faults
    return faults


def listed(postern, *words):
    """Rows of `message list`."""
    return parsed(postern, "message", "list", *words)["deliveries"]


def finish(postern, to=FRED, sender=ALICE, **choices):
    """The sender sets clue and passphrase; gives both links."""
    asked, _ = postern.next_letter(sender, lambda m: "/s/" in body_text(m))
    own = link_in(asked, "s")
    visitor = Visitor()
    values = dict(clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                  lifetime_days="14", **choices)
    answer = visitor.submit(visitor.get(own), "clue", **values)
    assert answer.status == 200, answer.words()
    notice, _ = postern.next_letter(to)
    postern.settle()
    return own, link_in(notice, "r")


def unlock(link):
    """The recipient types the passphrase; gives the page and the browser."""
    visitor = Visitor()
    return visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE), visitor


@contextlib.contextmanager
def without_keys(postern, *names):
    """Key files that ctl must not read, while the programs that run have read them."""
    paths = [postern.folder / "keys" / (name + ".keys") for name in names]
    for path in paths:
        path.chmod(0o644)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(0o600)


def test_list_filters_and_pages():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED], letter(subject="Grüße"))
        finish(postern)
        postern.send(ALICE, [CAROL], letter(subject="In clear"))
        postern.next_letter(CAROL)
        wait_for("the plain one to be destroyed", lambda: postern.query(
            "select count(*) from message where state = 3") == [["1"]])
        postern.send(BOB, ["secure-" + GINA], letter(BOB, "Not finished"))
        postern.next_letter(BOB)
        postern.settle()
        rows = listed(postern)
        assert [(row["recipient"], row["state"], row["route"]) for row in rows] == [
            (GINA, "held", "portal"), (CAROL, "sent", "plain"), (FRED, "ready", "portal")], rows
        # What was relayed is destroyed soon, and its sender with it.
        assert [row["sender"] for row in rows] == [BOB, None, ALICE], rows
        assert rows[2]["subject"] == "Grüße" and rows[1]["expires_at"] is None
        for state, recipients in (("waiting", [GINA]), ("unread", [FRED]), ("read", []),
                                  ("over", []), ("plain", [CAROL]), ("all", [GINA, CAROL, FRED])):
            found = [row["recipient"] for row in listed(postern, "--state", state)]
            assert found == recipients, (state, found)
        assert [row["recipient"] for row in listed(postern, "--sender", "ALICE@corp.example")] == [
            CAROL, FRED]
        assert listed(postern, "--sender", "nobody@corp.example", "--state", "all") == []

        # As far as asked, and on behind the last line.
        first = parsed(postern, "message", "list", "--limit", "2")
        assert first["more"] is True and len(first["deliveries"]) == 2
        second = parsed(postern, "message", "list", "--limit", "2", "--before",
                        first["deliveries"][-1]["delivery"])
        assert second["more"] is False
        assert first["deliveries"] + second["deliveries"] == rows

        shown = table(postern, "message", "list", "--limit", "2")
        lines = shown.splitlines()
        assert re.match(r"DELIVERY +MESSAGE +WHEN \(UTC\) +STATE +EXPIRES \(UTC\) +SENDER +RECIPIENT"
                        r" +SUBJECT$", lines[0]), shown
        assert lines[1].split()[:2] == [rows[0]["delivery"], rows[0]["message"]]
        assert lines[-1] == "There are more: --before " + rows[1]["delivery"], shown
        assert table(postern, "message", "list", "--state", "over") == "There is none.\n"
        for secret in (CLUE, PASSPHRASE, "The body"):
            assert secret not in shown + json.dumps(rows)


def test_show_tells_all_and_no_content():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED, CAROL], letter(file="plan.pdf"))
        _, link = finish(postern, notify=True, notify_files=True, notify_names=True)
        page, fred = unlock(link)
        fred.get(postern.url + [at for at in page.links() if "/file/" in at][0])
        wait_for("the file to be noted",
                 lambda: postern.query("select count(*) from taken") == [["1"]])
        rows = {row["recipient"]: row for row in listed(postern)}
        message = rows[FRED]["message"]
        whole = parsed(postern, "message", "show", message)
        assert parsed(postern, "message", "show", rows[CAROL]["delivery"]) == whole
        assert (whole["sender"], whole["subject"], whole["state"], whole["origin"]) == (
            ALICE, "Plans for spring", "routed", "smtp"), whole
        deliveries = {one["recipient"]: one for one in whole["deliveries"]}
        secured, plain = deliveries[FRED], deliveries[CAROL]
        assert (secured["route"], secured["reason"], secured["state"], secured["by_template"]) == (
            "portal", "address-mark", "opened", False)
        assert secured["clue"] == CLUE and secured["has_lock"] and secured["can_rescue"]
        assert set(secured["wishes"]) >= {"opened", "files", "file-names"}, secured["wishes"]
        assert [file["name"] for file in secured["files"]] == ["plan.pdf"]
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", secured[name])
                   for name in ("secured_at", "opened_at", "expires_at"))
        assert secured["closed_by"] is None and secured["closed_at"] is None
        assert (plain["route"], plain["reason"], plain["state"]) == ("plain", "not-marked", "sent")
        assert plain["relay_status"].startswith("2") and plain["files"] == []
        assert not plain["has_lock"] and not plain["can_rescue"] and plain["clue"] is None

        shown = table(postern, "message", "show", message)
        for line in (r"reason +address-mark", r"closed by +-", "clue +" + re.escape(CLUE),
                     r"rescue possible +yes", r"\d{4}-\d\d-\d\d \d\d:\d\d +plan.pdf"):
            assert re.search("^%s$" % line, shown, re.M), (line, shown)
        for secret in (PASSPHRASE, "The body", link[-32:]):
            assert secret not in shown + json.dumps(whole)


def test_recall_one():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED], letter())
        own, link = finish(postern)
        page, fred = unlock(link)
        assert "The body of it." in page.words()
        delivery = listed(postern)[0]["delivery"]
        assert parsed(postern, "message", "recall", delivery) == {"recalled": 1}
        # Keys and sessions are gone with the command, the bytes with the courier that it woke.
        assert fred.get(page.url).status != 200
        assert postern.query("select count(*) from session") == [["0"]]
        assert postern.query("select coalesce(outer_wrap, rescue_wrap, gateway_wrap, sender_wrap, "
                             "message_key_wrap) is null from delivery") == [["t"]]
        wait_for("the courier to clear",
                 lambda: postern.query("select state from message") == [["3"]])
        assert "The body" not in unlock_words(link)
        assert "administrator" in Visitor().get(own).words()
        one = parsed(postern, "message", "show", delivery)
        assert one["state"] == "destroyed" and one["subject"] is None and one["sender"] is None
        assert one["deliveries"][0]["state"] == "recalled"
        assert one["deliveries"][0]["closed_by"] == "administrator"
        assert one["deliveries"][0]["recipient"] == FRED and not one["deliveries"][0]["has_lock"]
        assert [row["delivery"] for row in listed(postern, "--state", "over")] == [delivery]
        assert "state does not allow" in refused(postern, "message", "recall", delivery)


def unlock_words(link):
    """What a recipient's link says when nothing is asked any more."""
    page = Visitor().get(link)
    assert not any("passphrase" in form["fields"] for form in page.forms()), page.words()
    return page.words()


def test_recall_all():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED, "secure-" + GINA, CAROL], letter())
        for _ in range(2):
            postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
        postern.next_letter(CAROL)
        postern.settle()
        message = listed(postern)[0]["message"]
        assert "--all" in refused(postern, "message", "recall", message)
        assert refused(postern, "message", "recall", listed(postern)[0]["delivery"], "--all")
        assert table(postern, "message", "recall", "--all", message) == "deliveries taken back  2\n"
        assert sorted((row["recipient"], row["state"]) for row in listed(postern)) == [
            (CAROL, "sent"), (FRED, "recalled"), (GINA, "recalled")]
        assert "nothing of that message" in refused(postern, "message", "recall", message, "--all")


def test_extend():
    with Postern(policy="longest_lifetime_days = 90;") as postern:
        postern.send(ALICE, ["secure-" + FRED], letter())
        asked, _ = postern.next_letter(ALICE)
        held = listed(postern)[0]["delivery"]
        assert "state does not allow" in refused(postern, "message", "extend", held, "--days", "3")
        postern.seen.clear()
        finish(postern, remind_days="3")
        until, remind = [int(text) for text in postern.query(
            "select expires_at, remind_at from delivery")[0]]
        postern.set_clock(5 * DAY)
        told = parsed(postern, "message", "extend", held, "--days", "60")
        after, later = [int(text) for text in postern.query(
            "select expires_at, coalesce(remind_at, 0) from delivery")[0]]
        # Five days later, and sixty from then on; the reminder follows the new end.
        assert abs(after - (until + (5 + 60 - 14) * DAY)) < 600, (until, after)
        assert later > remind and later != 0, (remind, later)
        assert told["delivery"] == held
        assert told["expires_at"] == listed(postern)[0]["expires_at"]
        assert re.match("delivery +%s\nexpires" % held,
                        table(postern, "message", "extend", held, "--days", "90"))
        for days in ("0", "91", "100000"):
            assert "1 to 90" in refused(postern, "message", "extend", held, "--days", days)
        for days in (("--days", "-1"), ("--days", "x"), ("--days", ""), ("--days",), ()):
            code, out, faults = run(postern, "message", "extend", held, *days)
            assert code == 2 and out == "" and "--days" in faults, (days, code, faults)


def test_templates():
    with Postern() as postern:
        assert parsed(postern, "template", "list") == {"templates": [], "more": False}
        postern.send(ALICE, ["secure-" + FRED], letter())
        finish(postern, save_template=True, notify=True)
        postern.send(BOB, ["secure-" + GINA], letter(BOB))
        finish(postern, GINA, BOB, save_template=True, notify=None)
        rows = parsed(postern, "template", "list")["templates"]
        assert [(row["owner"], row["recipient"], row["has_lock"], row["lifetime_days"])
                for row in rows] == [(ALICE, FRED, True, 14), (BOB, GINA, True, 14)], rows
        assert "opened" in rows[0]["wishes"] and "opened" not in rows[1]["wishes"]
        assert rows[0]["used_at"] is None and rows[0]["created_at"]
        postern.send(ALICE, ["secure-" + FRED], letter(subject="Second"))
        postern.next_letter(FRED)
        postern.settle()
        mine = parsed(postern, "template", "list", "--owner", ALICE)["templates"]
        assert len(mine) == 1 and mine[0]["used_at"]
        latest = parsed(postern, "message", "show", listed(postern, "--limit", "1")[0]["message"])
        assert latest["deliveries"][0]["by_template"] is True
        few = parsed(postern, "template", "list", "--limit", "1")
        assert few["more"] is True and few["templates"] == mine
        shown = table(postern, "template", "list")
        assert re.search("^%s +%s +%s +yes +14 " % (rows[1]["template"], BOB, GINA), shown, re.M)
        assert CLUE not in shown + json.dumps(rows)

        locks = int(postern.query("select count(*) from lock")[0][0])
        assert parsed(postern, "template", "delete", rows[1]["template"]) == {
            "deleted": rows[1]["template"]}
        # Its lock still serves the delivery, so it stays.
        assert int(postern.query("select count(*) from lock")[0][0]) == locks
        assert parsed(postern, "template", "list")["templates"] == mine
        assert "no template" in refused(postern, "template", "delete", rows[1]["template"])


def test_route_test():
    with Postern() as postern:
        before = postern.query("select count(*) from message")
        postern.send(ALICE, ["secure-" + FRED], letter())
        finish(postern, save_template=True)
        template = parsed(postern, "template", "list")["templates"][0]["template"]
        for words, outcome, reason, used in (
                ((ALICE, CAROL), "plain", "not-marked", None),
                ((ALICE, "secure-" + BOB), "plain", "own-domain", None),
                ((ALICE, "secure-" + CAROL), "held", "address-mark", None),
                ((ALICE, "secure-" + FRED), "portal", "address-mark", template),
                ((ALICE, FRED, "--subject", "[secure] Figures"), "portal", "subject-mark", template),
                ((ALICE, FRED, "--subject", "[secuer] Figures"), "held", "subject-near-miss",
                 template),
                ((CAROL, "secure-" + FRED), "refuse", "marked-by-outsider", None),
                (("<>", "secure-" + FRED), "refuse", "marked-without-sender", None),
                (("", "secure-" + FRED), "refuse", "marked-without-sender", None)):
            told = parsed(postern, "route", "test", *words)
            assert (told["outcome"], told["reason"], told["template"]) == (
                outcome, reason, used), (words, told)
            assert told["by_template"] is (outcome == "portal")
            shown = table(postern, "route", "test", *words)
            assert re.search("^outcome +%s\nthat is +[a-z].*\nreason +%s\nthat is +[a-z]" % (
                outcome, reason), shown, re.M), shown
        assert postern.query("select count(*) from message") == [["1"]] and before == [["0"]]
        for words in ((ALICE, "nobody"), ("nobody", FRED)):
            refused(postern, "route", "test", *words, code=2)


def sealed(postern, column, row, value):
    """A value as the display key seals it (docs/cryptography.md, "Box"), whatever is in it."""
    text = (postern.folder / "keys" / "portal.keys").read_text()
    key = bytes.fromhex(re.search("^display-key ([0-9a-f]{64})$", text, re.M).group(1))
    subkey = hashlib.blake2b(b"postern box display", digest_size=32, key=key).digest()
    nonce = os.urandom(24)
    context = b"\x01\x02" + column.encode() + bytes.fromhex(row.replace("-", ""))
    return (b"\x01\x02" + nonce + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        value, context, nonce, subkey)).hex()


def test_hostile_values_move_no_terminal():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED], letter())
        postern.next_letter(ALICE)
        row = postern.query("select id from message")[0][0]
        subject = "a\x1b[2J\r\nb\u202ec\x9bd\te"
        postern.query("update message set subject = '\\x%s'" % sealed(
            postern, "message.subject", row, subject.encode()))
        assert listed(postern)[0]["subject"] == subject
        for words in (("message", "list"), ("message", "show", listed(postern)[0]["message"])):
            shown = table(postern, *words)
            assert re.search(r"a\[2J  bcd e$", shown, re.M), repr(shown)
            assert all(char == "\n" or char.isprintable() for char in shown), repr(shown)


def test_without_the_display_key():
    with Postern() as postern:
        postern.send(ALICE, ["secure-" + FRED], letter())
        postern.next_letter(ALICE)
        whole = listed(postern)
        message = whole[0]["message"]
        for away in ("courier", "portal"):
            with without_keys(postern, away):
                assert listed(postern) == whole, away
        with without_keys(postern, "courier", "portal"):
            for words in (("message", "list"), ("message", "show", message), ("template", "list")):
                code, out, faults = run(postern, *words)
                assert code == 0 and faults.count("\n") == 1, (words, faults)
                assert "not shown" in faults and "courier.keys" in faults, faults
                assert ALICE not in out and FRED not in out and "Plans" not in out
            _, out, _ = run(postern, "message", "list")
            assert out.splitlines()[1].split()[-3:] == ["-", "-", "-"], out
            _, out, _ = run(postern, "message", "list", "--json")
            row = json.loads(out)["deliveries"][0]
            assert row == dict(whole[0], sender=None, recipient=None, subject=None)
            for words in (("message", "list", "--sender", ALICE),
                          ("template", "list", "--owner", ALICE), ("route", "test", ALICE, FRED)):
                assert "display key" in refused(postern, *words)
            # What needs no name needs no key.
            assert table(postern, "message", "recall", whole[0]["delivery"])

        # A key of another installation is no silence.
        portal = postern.folder / "keys" / "portal.keys"
        subprocess.run([program(), "ctl", "keys", "init", postern.folder / "other"], check=True,
                       capture_output=True)
        with without_keys(postern, "courier"):
            os.replace(postern.folder / "other" / "portal.keys", portal)
            code, out, faults = run(postern, "message", "list")
        assert code == 0 and faults.count("\n") == 1 and "do not open" in faults, faults


def test_one_clear_line_for_each_failure():
    with Postern(start=False, own_database=True) as postern:
        for words in (("message", "show"), ("message", "recall"), ("message", "recall", "--all"),
                      ("message", "extend", "--days", "3"), ("template", "delete")):
            assert "there is n" in refused(postern, *words, NOBODY), words
            for wrong in ("x", NOBODY[1:], NOBODY.replace("0", "A"), "", "1; drop table message"):
                refused(postern, *words, wrong, code=2)
        assert "no delivery" in refused(postern, "message", "list", "--before", NOBODY)
        for words in (("message", "list", "--limit", "0"), ("message", "list", "--limit", "1001"),
                      ("message", "list", "--limit", "ten"), ("message", "list", "--limit"),
                      ("message", "list", "--state", "lost"), ("message", "list", "extra"),
                      ("message", "list", "--sender", "nobody"), ("message", "list", "--colour"),
                      ("message", "show"), ("message", "show", NOBODY, NOBODY),
                      ("template", "list", "--owner", "nobody"), ("route", "test", ALICE)):
            code, out, faults = run(postern, *words)
            assert code == 2 and out == "", (words, code, out)
            assert faults.startswith("usage: postern ctl %s %s" % words[:2]), faults
        code, out, _ = run(postern, "message", "lose")
        assert code == 2 and out == ""
        full = open("/dev/full", "w")
        done = subprocess.run([program(), "ctl", "message", "list", "--config", postern.config],
                              stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        postern.cluster("stop")
        assert "cannot be reached" in refused(postern, "message", "list")
        postern.cluster("start")


if __name__ == "__main__":
    cases.run("__main__")
