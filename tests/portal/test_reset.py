#!/usr/bin/python3 -B
"""Somebody has lost all second factors: two administrators take them away, one after the other, and the
owner is told of each step and can stop it."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, BOB, DAY, HOUR, desk, is_signed_in, sign_in, token  # noqa: E402
from postern import Postern, program  # noqa: E402
from test_account import Clock, app_code, mail_step, set_up, told  # noqa: E402
from test_passkey import added, authenticator  # noqa: E402


def reset(postern, by, account, *more, address=ALICE):
    """postern ctl account reset, as somebody behind sudo; account None: without it."""
    environment = {name: value for name, value in os.environ.items() if name != "SUDO_USER"}
    if account is not None:
        environment["SUDO_USER"] = account
    return subprocess.run([program(), "ctl", "account", "reset", address, "--by", by, *more, "--config",
                           str(postern.config)], capture_output=True, text=True, env=environment)


def shown(postern, address=ALICE):
    """postern ctl account show --json."""
    return json.loads(postern.ctl("account", "show", address, "--json", "--config", str(postern.config)))


def refused(done, words):
    """Is it, with that reason in one line?"""
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1, (
        done.returncode, done.stdout, done.stderr)


def test_two_people_take_factors_away():
    with Postern() as postern:
        clock = Clock(postern)
        refused(reset(postern, "Ann", "ann"), "no second factor")
        alice = sign_in(postern)
        set_up(postern, alice, clock)
        told(postern, "Signing in at")
        before = shown(postern)
        assert before["factors"] == ["totp"] and before["recovery_codes"] == 10 and before["sessions"] == 1
        assert before["resets"] == [] and [event["what"] for event in before["events"]] == ["factor-added"]
        refused(reset(postern, "Ben", "ben", "--confirm"), "no reset is begun")
        # One begins, which is told at once, and takes nothing away.
        done = reset(postern, "Ann Other", "ann", "--json")
        assert done.returncode == 0, done.stderr
        begun = json.loads(done.stdout)
        assert begun["begun"] == ALICE and begun["from"] == "ann" and begun["ready_at"], begun
        text = told(postern, "Your second factors at")
        assert "(Ann Other)" in text and postern.url + "/desk/account" in text and "complete it from" in text, text
        refused(reset(postern, "Cleo", "cleo"), "is begun already")
        # Neither the same name nor the same account completes it, and nobody before its time.
        postern.set_clock(25 * HOUR)
        refused(reset(postern, "ann other", "ben", "--confirm"), "a second person")
        refused(reset(postern, "Ben", "ANN", "--confirm"), "a second person")
        postern.set_clock(23 * HOUR)
        refused(reset(postern, "Ben", "ben", "--confirm"), "cannot be completed before")
        assert postern.query("select count(*) from account_factor") == [["1"]]
        # Another one does, a day later.
        postern.set_clock(25 * HOUR)
        done = reset(postern, "Ben", "ben", "--confirm", "--json")
        assert done.returncode == 0 and json.loads(done.stdout) == {
            "completed": ALICE, "by": "Ben", "from": "ben"}, done.stderr + done.stdout
        assert "(Ben) took all second factors away" in told(postern, "Your second factors at")
        assert postern.query("select (select count(*) from account_factor), (select count(*) from recovery_code), "
                             "(select count(*) from desk_session)") == [["0", "0", "0"]]
        assert not is_signed_in(alice.get(postern.url + "/desk/messages"))
        assert sign_in(postern) is not None
        refused(reset(postern, "Cleo", "cleo", "--confirm"), "no reset is begun")
        after = shown(postern)
        (row,) = after["resets"]
        assert (row["state"], row["begun_by"], row["begun_from"], row["ended_by"], row["ended_from"]) == (
            "completed", "Ann Other", "ann", "Ben", "ben"), row
        assert [event["what"] for event in after["events"]][-3:] == [
            "reset-completed", "reset-begun", "factor-added"], after["events"]
        assert after["factors"] == [] and shown(postern, BOB)["events"] == []
        people = postern.ctl("account", "show", ALICE, "--config", str(postern.config))
        assert "reset-completed" in people and "Ann Other" in people, people
        # Names of administrators are not for whoever has the database.
        dump = str(postern.query("select encode(begun_by, 'escape'), encode(ended_by, 'escape'), "
                                 "encode(address, 'escape') from account_reset"))
        assert "Ann" not in dump and "Ben" not in dump and "alice" not in dump


def test_its_owner_stops_it():
    with Postern(policy='reset_wait = "0 s";') as postern:
        clock = Clock(postern)
        alice = sign_in(postern)
        secret, _ = set_up(postern, alice, clock)
        told(postern, "Signing in at")
        assert reset(postern, "Ann", "ann").returncode == 0
        told(postern, "Your second factors at")
        # Also for who comes by the app that was found again.
        visitor, page = mail_step(postern)
        visitor.submit(page, "code", code=app_code(secret, clock.next_step()))
        page = desk(postern, visitor, "/account")
        assert "An administrator (Ann) began this" in page.words(), page.words()
        form = next(form for form in page.forms() if form["action"] == "/desk/account/keep")
        assert form["fields"]["csrf"] == token(visitor, postern)
        page = visitor.request(postern.url + "/desk/account/keep", ("csrf=" + form["fields"]["csrf"]).encode(),
                               {"Content-Type": "application/x-www-form-urlencoded"})
        assert page.url.endswith("/desk/account") and "An administrator" not in page.words(), page.words()
        assert "said that your second factors are to stay" in told(postern, "Your second factors at")
        assert "event=factor-reset-stopped" in postern.log.read_text()
        refused(reset(postern, "Ben", "ben", "--confirm"), "no reset is begun")
        assert shown(postern)["resets"][0]["state"] == "stopped"
        assert postern.query("select count(*) from account_factor") == [["1"]]
        # One that nobody completes lapses, and another can be begun.
        assert reset(postern, "Ann", "ann").returncode == 0
        postern.set_clock(8 * DAY)
        assert shown(postern)["resets"][0]["state"] == "lapsed"
        refused(reset(postern, "Ben", "ben", "--confirm"), "no reset is begun")
        assert reset(postern, "Ann", None).returncode == 0
        assert reset(postern, "Ben", "ben", "--confirm").returncode == 0


def test_passkeys_are_taken_away():
    with Postern(policy='reset_wait = "0 s";') as postern:
        alice = sign_in(postern)
        added(postern, alice, authenticator(postern), name="On the ring")
        before = shown(postern)
        assert before["factors"] == ["passkey"] and before["recovery_codes"] == 10, before
        assert [(row["name"], row["used_at"]) for row in before["passkeys"]] == [("On the ring", None)], before
        assert [event["what"] for event in before["events"]] == ["passkey-added"]
        assert reset(postern, "Ann", "ann").returncode == 0
        assert reset(postern, "Ben", "ben", "--confirm").returncode == 0
        assert postern.query("select (select count(*) from passkey), (select count(*) from recovery_code), "
                             "(select count(*) from desk_session)") == [["0", "0", "0"]]
        assert shown(postern)["factors"] == [] and shown(postern)["passkeys"] == []
        assert not is_signed_in(alice.get(postern.url + "/desk/messages"))
        assert sign_in(postern) is not None


def test_names_are_needed_and_are_names():
    with Postern(start=False) as postern:
        for by in ("", "  ", "two\nlines", "x" * 65):
            done = reset(postern, by, "ann")
            assert done.returncode == 2 and "--by" in done.stderr, (by, done.stderr)
        done = subprocess.run([program(), "ctl", "account", "reset", ALICE, "--config", str(postern.config)],
                              capture_output=True, text=True)
        assert done.returncode == 2 and "--by" in done.stderr
        done = subprocess.run([program(), "ctl", "account", "reset", "nobody", "--by", "Ann", "--config",
                               str(postern.config)], capture_output=True, text=True)
        assert done.returncode == 2


if __name__ == "__main__":
    cases.run("__main__")
