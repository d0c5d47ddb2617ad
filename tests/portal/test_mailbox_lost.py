#!/usr/bin/python3 -B
"""A mailbox whose passphrase is forgotten is given up: by who reads its owner's mail, or by two
administrators, and whoever knows the passphrase can stop it.  What lay in it opens by a new clue, or not at all."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, DAY, FRED, GINA, HOUR, OTHER_CLUE, OTHER_PASSPHRASE, desk, do, held,  # noqa: E402
                  opens, reply, rows, secured, sign_in)
from libpq import Connection  # noqa: E402
from postern import Postern, body_text, body_words, link_in, program, wait_for  # noqa: E402
from test_account import Clock, app_code, set_up  # noqa: E402
from test_mailbox import BODY, OTHER, OWN, box_of, boxed, enter, in_list, make  # noqa: E402
from test_passkey import added, authenticator  # noqa: E402
from test_reset import refused, reset  # noqa: E402
from test_reset import shown as account_shown  # noqa: E402
from test_robot import Robot  # noqa: E402
from visitor import Visitor  # noqa: E402

WAIT = 3 * DAY


def ask(postern, address=FRED, visitor=None, **more):
    """Ask for the link; gives the page that follows."""
    visitor = visitor or Visitor()
    return visitor.submit(visitor.get(postern.url + "/box/lost", **more), "address", address=address)


def mailed(postern, words="Giving up your mailbox", address=FRED):
    """The next mail about it, as a message."""
    message, _ = postern.next_letter(address, lambda m: words in m["Subject"])
    assert message["Auto-Submitted"] == "auto-generated"
    return message


def told(postern, words, address=FRED):
    """Its text, in one line."""
    return body_words(mailed(postern, words, address))


def link_of(message):
    """The private link, alone on its line."""
    return re.search(r"^(https://\S+/box/(?:lost|factor)/[0-9a-z]{32})\s*$", body_text(message), re.M).group(1)


def begun(postern, address=FRED):
    """From the form to the beginning; gives the link."""
    assert "Please look at your mail" in ask(postern, address).words()
    link = link_of(mailed(postern, address=address))
    page = do(Visitor(), link)
    assert page.status == 200 and "about to be given up" in page.words(), page.words()
    return link


def given_up(postern):
    """Past the wait, until it is done; gives the mail about it."""
    postern.set_clock(WAIT + HOUR)
    return told(postern, "was given up")


def keep(visitor, page, action="/box/keep"):
    """Press the button that stops it; gives the page that follows."""
    form = next(form for form in page.forms() if form["action"] == action)
    return visitor.request(urllib.parse.urljoin(page.url, action), urllib.parse.urlencode(form["fields"]).encode(),
                           {"Content-Type": "application/x-www-form-urlencoded"})


def give_up(postern, by, account, *more, address=FRED):
    """postern ctl mailbox give-up, as somebody behind sudo."""
    return subprocess.run([program(), "ctl", "mailbox", "give-up", address, "--by", by, *more, "--config",
                           str(postern.config)], capture_output=True, text=True,
                          env=dict(os.environ, SUDO_USER=account))


def shown(postern, *words):
    """postern ctl mailbox ... --json."""
    return json.loads(postern.ctl("mailbox", *words, "--json", "--config", str(postern.config)))


def rescue(link):
    """The sender sets a new clue and passphrase by their link."""
    visitor = Visitor()
    page = visitor.submit(visitor.get(link + "/passphrase"), "clue", clue=OTHER_CLUE, passphrase=OTHER_PASSPHRASE,
                          passphrase_again=OTHER_PASSPHRASE)
    assert page.status == 200, page.words()


def sent_link(postern, sender=ALICE):
    """The link of the sender's that was mailed with what went into a mailbox."""
    message, _ = postern.next_letter(sender, lambda m: m["Subject"].startswith("Sent securely"))
    return link_in(message, "s")


def test_remembered_and_stopped():
    with Postern() as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        link = boxed(postern, "Second")
        asked = Visitor().get(box_of(postern))
        assert "/box/lost" in asked.links() and "/box/lost" in Visitor().get(link).links()
        # The same is said to everybody, and nothing happens by asking, or by looking at the link.
        form = Visitor().get(postern.url + "/box/lost")
        assert "Nobody can give it back to you" in form.words()
        here, nowhere = ask(postern), ask(postern, GINA)
        assert here.status == nowhere.status == 200
        assert here.words().replace(FRED, "") == nowhere.words().replace(GINA, "")
        letter = mailed(postern)
        link = link_of(letter)
        postern.settle()
        assert not postern.letters(GINA), "there is no mailbox"
        assert ask(postern, "nobody").status == 400
        visitor = Visitor()
        page = visitor.get(link)
        assert page.status == 200 and FRED in page.words(), page.words()
        page = visitor.submit(page, "sure", sure="perhaps")
        assert page.status == 400 and "Nothing has been changed" in page.words()
        assert postern.query("select state from give_up where link_hash is not null order by state") == [["1"], ["1"]]
        # A yes begins it.
        page = visitor.submit(page, "sure", sure="YES")
        assert page.status == 200 and "about to be given up" in page.words(), page.words()
        text = told(postern, "is about to be given up")
        assert postern.url + "/box" in text and "somebody else may be reading your mail" in text, text
        # A second yes, and a second link, begin nothing.
        assert "about to be given up" in visitor.get(link).words()
        assert not [form for form in visitor.get(link).forms() if "sure" in form["fields"]]
        # Whoever knows the passphrase sees it, wherever they come in, and stops it.
        page, other = enter(postern)
        assert "This mailbox is about to be given up" in page.words(), page.words()
        assert "This mailbox is about to be given up" in other.get(first).words()
        # A message's page leads to the button: its token may be that of another session.
        page = other.get(first)
        assert not [form for form in page.forms() if form["action"] == "/box/keep"] and "/box" in page.links()
        page = keep(other, other.get(box_of(postern)))
        assert page.url == box_of(postern) and "about to be given up" not in page.words()
        assert "is to stay" in told(postern, " stays")
        assert "event=give-up-stopped" in postern.log.read_text()
        assert "The mailbox stays" in visitor.get(link).words()
        postern.set_clock(WAIT + HOUR)
        postern.settle()
        assert len(in_list(enter(postern)[0])) == 2
        assert postern.query("select state from give_up where begun_at is not null") == [["5"]]


def test_who_has_to_set_up_a_factor_stops_it():
    """With the passphrase alone they see nothing else of the mailbox."""
    with Postern() as postern:
        make(postern)
        begun(postern)
        postern.stop()
        postern.policy = 'mailbox_factor = "always";'
        postern.write_config()
        postern.start()
        page, fred = enter(postern)
        assert page.url == box_of(postern) + "/account", page.url
        assert "This mailbox is about to be given up" in page.words(), page.words()
        page = keep(fred, page)
        assert page.url == box_of(postern) + "/account" and "about to be given up" not in page.words()
        assert postern.query("select state from give_up where begun_at is not null") == [["5"]]


def test_given_up_and_read_again():
    with Postern() as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        first = first.removesuffix("/message")
        second = boxed(postern, "Second")
        sender = sent_link(postern)
        reply(fred.get(second + "/message"), fred, "Written in the mailbox.")
        postern.next_letter(ALICE, lambda m: m["Subject"] == "Re: Second")
        begun(postern)
        told(postern, "is about to be given up")
        # What comes meanwhile does not go with it: its sender sets a clue.
        held(postern, subject="Third", sender=BOB)
        assert len(in_list(fred.get(box_of(postern)))) == 2
        # Not before its time, whatever the visitor's browser says.
        postern.set_clock(WAIT - HOUR)
        postern.settle()
        assert postern.query("select count(*) from mailbox") == [["1"]]
        text = given_up(postern)
        assert "can no longer be opened with its passphrase" in text, text
        assert postern.query("select (select count(*) from mailbox), (select count(*) from mailbox_message), "
                             "(select count(*) from mailbox_session), (select count(*) from writing)") == \
            [["0", "0", "0", "0"]]
        postern.set_clock(0)
        page, _ = enter(postern)
        assert page.status == 403, (page.status, page.words())
        # What came with a clue opens by it, as before.
        assert BODY in opens(first)[0].words()
        # The other one says what is lost, and lets its sender be asked.
        lost = Visitor()
        page = lost.get(second)
        assert page.status == 409 and "passphrase for this message is lost" in page.words(), page.words()
        assert "its sender can set a new clue and passphrase" in page.words(), page.words()
        page = do(lost, second + "/forgotten")
        assert "The sender is being told" in page.words(), page.words()
        asked, _ = postern.next_letter(ALICE, lambda m: "does not know the answer" in m["Subject"])
        assert "New clue and passphrase" in body_text(asked)
        page = Visitor().get(sender)
        assert "Its passphrase is lost" in page.words() and "Nobody can open the message" in page.words(), page.words()
        rescue(sender)
        message, _ = postern.next_letter(FRED, lambda m: link_in(m, "r") == second if "/r/" in body_text(m) else False)
        assert "new clue" in body_text(message), body_text(message)
        page, reader = opens(second, OTHER_PASSPHRASE)
        assert BODY in page.words() and "Written in the mailbox" not in page.words()
        assert "Its passphrase is lost" not in Visitor().get(sender).words()
        # And a new mailbox is made, like the first.
        page = reader.submit(reader.get(second + "/mailbox"), "passphrase_again", passphrase=OTHER,
                             passphrase_again=OTHER)
        assert "You have a mailbox now" in page.words(), page.words()
        assert enter(postern, OTHER)[0].status == 200 and enter(postern, OWN)[0].status == 403


def test_nothing_left_without_rescue():
    with Postern(policy="allow_rescue = false;") as postern:
        page, fred = make(postern)
        second = boxed(postern, "Second")
        fred.get(second + "/message")
        third = boxed(postern, "Third")
        begun(postern)
        given_up(postern)
        postern.settle()
        for link in (second, third):
            page = Visitor().get(link)
            assert page.status == 410 and "destroyed" in page.words() and "given up" in page.words(), page.words()
        assert postern.query("select state, closed_by, message_key_wrap is null from delivery where lost_at is null "
                             "and closed_by = 4") == [["10", "4", "t"]] * 2
        wait_for("the bytes to be gone", lambda: postern.query(
            "select count(*) from message where state = 3 and chunk is null") == [["2"]])


def test_links_and_races():
    with Postern() as postern:
        page, fred = make(postern)
        # One link at a time, however often it is asked for.
        for _ in range(3):
            assert "Please look at your mail" in ask(postern).words()
        link = link_of(mailed(postern))
        postern.settle()
        assert len([1 for _, raw in postern.letters(FRED) if b"/box/lost/" in raw]) == 1
        assert postern.query("select count(*) from give_up") == [["1"]]
        assert postern.query("select link_wrap is null from give_up") == [["t"]]
        assert Visitor().get(postern.url + "/box/lost/" + "0" * 32).status == 410
        # It ends after two hours; then there is another one.
        postern.set_clock(2 * HOUR + 60)
        old = Visitor().get(link)
        assert old.status == 410 and "This link is over" in old.words()
        assert "Please look at your mail" in ask(postern).words()
        link = link_of(mailed(postern))
        # Two who have the page open begin it once.
        one, two = Visitor(), Visitor()
        pages = one.get(link), two.get(link)
        for visitor, page in zip((one, two), pages):
            assert "about to be given up" in visitor.submit(page, "sure", sure="yes").words()
        told(postern, "is about to be given up")
        postern.settle()
        assert len([1 for _, raw in postern.letters(FRED) if b"is about to be given up" in raw]) == 1
        # Closed meanwhile by its owner: nothing is left to be done, and the link is over.
        page, again = enter(postern)
        page = again.submit(again.get(postern.url + "/box/close"), "sure", passphrase=OWN, sure="yes")
        assert "Your mailbox is gone" in page.words(), page.words()
        assert postern.query("select count(*) from give_up where begun_at is not null") == [["0"]]
        postern.set_clock(WAIT + DAY)
        postern.settle()
        assert not [1 for _, raw in postern.letters(FRED) if b"was given up" in raw]


def test_two_at_once_begin_it_once():
    """The mailbox's row decides between the link and an administrator, whoever comes first."""
    with Postern() as postern:
        for address, link_first in ((FRED, True), (GINA, False)):
            make(postern, to=address)
            ask(postern, address)
            visitor = Visitor()
            page = visitor.get(link_of(mailed(postern, address=address)))
            deeds = [lambda: visitor.submit(page, "sure", sure="yes"),
                     lambda: give_up(postern, "Ann", "ann", address=address)]
            with concurrent.futures.ThreadPoolExecutor(2) as pool, Connection(postern.connection) as holder:
                holder.query("begin")
                holder.query("select from mailbox for update")
                results = []
                for number, deed in enumerate(deeds if link_first else deeds[::-1], 1):
                    results.append(pool.submit(deed))
                    wait_for("it to wait", lambda: postern.query(
                        "select count(*) from pg_stat_activity where datname = current_database() and "
                        "wait_event_type = 'Lock'") == [[str(number)]])
                holder.query("commit")
                by_link, by_name = (result.result() for result in (results if link_first else results[::-1]))
            assert "about to be given up" in by_link.words(), by_link.words()
            if link_first:
                refused(by_name, "is begun already")
            else:
                assert by_name.returncode == 0, by_name.stderr
            # 3 is by the link, which waits; 2 by an administrator, whom a second one has to follow.
            assert postern.query("select state from give_up where state in (2, 3) and mailbox_id = (select id from "
                                 "mailbox order by created_at desc, id desc limit 1)") == [["3" if link_first else "2"]]
            told(postern, "is about to be given up", address)
            postern.settle()
            assert len([1 for _, raw in postern.letters(address) if b"is about to be given up" in raw]) == 1


def test_an_old_link_ends_no_new_mailbox():
    with Postern() as postern:
        page, fred = make(postern)
        ask(postern)
        link = link_of(mailed(postern))
        assert Visitor().get(link).status == 200, "the control"
        fred.submit(fred.get(postern.url + "/box/close"), "sure", passphrase=OWN, sure="yes")
        postern.set_clock(60)
        make(postern, own=OTHER)
        assert Visitor().get(link).status == 410
        assert postern.query("select count(*) from mailbox") == [["1"]]


def test_asking_is_bounded():
    with Postern() as postern:
        make(postern)
        for number in range(3):
            postern.set_clock(number * (2 * HOUR + 60))
            for address in (FRED, GINA):
                assert ask(postern, address).status == 200
            mailed(postern)
        postern.set_clock(3 * (2 * HOUR + 60))
        answers = [ask(postern, address) for address in (FRED, GINA)]
        assert [answer.status for answer in answers] == [429, 429]
        assert 0 < int(answers[0].headers["Retry-After"]) <= DAY
        # Whoever has a mailbox and whoever has none are told the same; only the minute may be the next one.
        here, nowhere = (re.sub(r"\d+ \w+ \d+, \d+:\d+ UTC", "", answer.words()) for answer in answers)
        assert here == nowhere and "was asked for several times" in here, here
        postern.settle()
        assert len([1 for _, raw in postern.letters(FRED) if b"/box/lost/" in raw]) == 3
        assert not postern.letters(GINA)


def test_a_robot_begins_nothing():
    with Postern() as postern:
        make(postern)
        ask(postern)
        link = link_of(mailed(postern))
        for seed in (1, 2):
            robot = Robot(postern, seed)
            robot.visit(link)
            assert robot.submitted > 3
        assert postern.query("select state from give_up") == [["1"]]
        assert "about to be given up" in do(Visitor(), link).words(), "a person can"


def test_the_passphrase_is_another_meanwhile():
    with Postern() as postern:
        page, fred = make(postern)
        begun(postern)
        page = fred.submit(fred.get(postern.url + "/box/passphrase"), "current", current=OWN, passphrase=OTHER,
                           passphrase_again=OTHER)
        assert "You have a new passphrase" in page.words() and "about to be given up" in page.words(), page.words()
        page = keep(fred, page)
        assert "about to be given up" not in page.words()
        postern.set_clock(WAIT + HOUR)
        postern.settle()
        assert enter(postern, OTHER)[0].status == 200


def test_mails_in_the_language_of_its_owner():
    with Postern() as postern:
        page, fred = make(postern, choices={"language": "fr"})
        visitor = Visitor()
        # Who asks uses German; its owner was last written to in French.
        visitor.submit(visitor.get(postern.url + "/box/lost?language=de"), "address", address=FRED)
        letter, _ = postern.next_letter(FRED, lambda m: "/box/lost/" in body_text(m))
        assert letter["Content-Language"] == "fr", letter.as_string()
        do(Visitor(), link_of(letter))
        letter, _ = postern.next_letter(FRED)
        assert letter["Content-Language"] == "fr", letter.as_string()
        postern.set_clock(WAIT + HOUR)
        letter, _ = postern.next_letter(FRED)
        assert letter["Content-Language"] == "fr", letter.as_string()
        postern.set_clock(0)
        # Where no sender has chosen one, that of the page counts on which the mailbox was made.
        make(postern, to=GINA)
        visitor.submit(visitor.get(postern.url + "/box/lost"), "address", address=GINA)
        letter, _ = postern.next_letter(GINA, lambda m: "/box/lost/" in body_text(m))
        assert letter["Content-Language"] == "en", letter.as_string()


def test_two_administrators():
    with Postern() as postern:
        refused(give_up(postern, "Ann", "ann"), "no mailbox")
        assert shown(postern, "list") == {"mailboxes": [], "more": False}
        make(postern)
        boxed(postern, "Second")
        page, gina = make(postern, own=OTHER, to=GINA)
        listed = shown(postern, "list")
        assert [(row["address"], row["messages"]) for row in listed["mailboxes"]] == [(FRED, 2), (GINA, 1)], listed
        assert all(row["bytes"] > 0 and row["since"] and row["signed_in_at"] for row in listed["mailboxes"])
        part = shown(postern, "list", "--limit", "1")
        assert part["more"] and shown(postern, "list", "--after", part["mailboxes"][0]["mailbox"])["mailboxes"] == \
            listed["mailboxes"][1:]
        before = shown(postern, "show", FRED)
        assert (before["messages"], before["sessions"], before["factors"], before["give_ups"], before["resets"]) == (
            2, 1, [], [], []), before
        refused(give_up(postern, "Ben", "ben", "--confirm"), "no administrator has begun")
        ask(postern)
        link = link_of(mailed(postern))
        done = give_up(postern, "Ann Other", "ann", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["begun"] == FRED, done.stderr + done.stdout
        assert "(Ann Other)" in told(postern, "is about to be given up")
        refused(give_up(postern, "Cleo", "cleo"), "is begun already")
        assert "An administrator (Ann Other)" in enter(postern)[0].words()
        # The owner's own link finds it begun; what comes is held, as for somebody who has no mailbox.
        assert "about to be given up" in do_again(link)
        held(postern, subject="Third", sender=BOB)
        refused(give_up(postern, "ann other", "ben", "--confirm"), "a second person")
        refused(give_up(postern, "Ben", "ben", "--confirm"), "cannot be completed before")
        postern.set_clock(WAIT + HOUR)
        postern.settle()
        assert postern.query("select count(*) from mailbox") == [["2"]], "one is not enough"
        done = give_up(postern, "Ben", "ben", "--confirm")
        assert done.returncode == 0, done.stderr
        told(postern, "was given up")
        after = shown(postern, "show", FRED)
        (row,) = after["give_ups"]
        assert (row["state"], row["begun_by"], row["begun_from"], row["ended_by"], row["ended_from"]) == (
            "done", "Ann Other", "ann", "Ben", "ben"), row
        assert [row["address"] for row in shown(postern, "list")["mailboxes"]] == [GINA]
        people = postern.ctl("mailbox", "show", FRED, "--config", str(postern.config))
        assert "done" in people and "Ann Other" in people, people
        # Names of administrators are not for whoever has the database.
        dump = str(postern.query("select encode(begun_by, 'escape'), encode(ended_by, 'escape'), "
                                 "encode(address, 'escape') from give_up"))
        assert "Ann" not in dump and "Ben" not in dump and "fred" not in dump
        # One that nobody completes lapses, and what comes then goes into the mailbox again.
        assert give_up(postern, "Ann", "ann", address=GINA).returncode == 0
        postern.set_clock(2 * WAIT + 8 * DAY)
        assert shown(postern, "show", GINA)["give_ups"][0]["state"] == "lapsed"
        refused(give_up(postern, "Ben", "ben", "--confirm", address=GINA), "no administrator has begun")
        assert give_up(postern, "Ann", "ann", address=GINA).returncode == 0


def test_names_are_needed():
    with Postern(start=False) as postern:
        for by in ("", "two\nlines", "x" * 65):
            done = give_up(postern, by, "ann")
            assert done.returncode == 2 and "--by" in done.stderr, (by, done.stderr)
        done = subprocess.run([program(), "ctl", "mailbox", "show", "nobody", "--config", str(postern.config)],
                              capture_output=True, text=True)
        assert done.returncode == 2
        done = subprocess.run([program(), "ctl", "mailbox", "show", FRED, "--config", str(postern.config)],
                              capture_output=True, text=True)
        refused(done, "no mailbox")


# ---- second factors that are lost ----

def protected(postern):
    """A mailbox that asks for a code of an app, and a message in it; gives link, message id, secret, clock."""
    _, fred = make(postern)
    clock = Clock(postern)
    secret, _ = set_up(postern, fred, clock, "/box")
    mailed(postern, "Signing in at")
    link = boxed(postern, "Second")
    return link, secret, clock


def say_lost(postern, alice, link_words="They have lost their second factor"):
    """Alice says so at her desk, of her newest message; gives the page that follows."""
    (url, _), *_ = rows(desk(postern, alice))
    page = alice.get(url)
    assert link_words in page.words(), page.words()
    (act,) = [link for link in page.links() if link.endswith("/factor")]
    return do(alice, urllib.parse.urljoin(page.url, act))


def asked(postern):
    """The link in the mail that asks whether it is so."""
    message, _ = postern.next_letter(FRED, lambda m: "Have you lost your second factor" in m["Subject"])
    assert ALICE in body_text(message)
    return link_of(message)


def test_a_sender_says_and_its_owner_agrees():
    with Postern() as postern:
        _, secret, clock = protected(postern)
        page, fred = enter(postern)
        assert page.url.endswith("/box/factor") and "I have lost all of these" in page.words(), page.words()
        assert ALICE not in page.words(), "nobody is named before somebody is signed in"
        alice = sign_in(postern)
        # The link in the sender's mail is not enough, nor is anything but a yes.
        sender = sent_link(postern)
        assert "lost their second factor" not in Visitor().get(sender).words()
        (url, _), *_ = rows(desk(postern, alice))
        (act,) = [link for link in alice.get(url).links() if link.endswith("/factor")]
        act = urllib.parse.urljoin(postern.url, act)
        assert Visitor().get(act).url == act and "Sign in" in Visitor().get(act).words()
        assert do(alice, act, "maybe").status == 400
        assert sign_in(postern, GINA.replace("example.net", "corp.example")).get(act).status == 404
        assert postern.query("select count(*) from account_reset") == [["0"]]
        page = say_lost(postern, alice)
        assert "is being asked" in page.words(), page.words()
        link = asked(postern)
        assert account_shown(postern, FRED)["resets"][0]["state"] == "asked"
        assert account_shown(postern, FRED)["resets"][0]["begun_by"] == ALICE
        assert "event=factors-lost-asked" in postern.log.read_text()
        # A robot agrees to nothing, and so does who only looks.
        Robot(postern, 1).visit(link)
        assert postern.query("select state from account_reset") == [["5"]]
        # The wait runs from the second consent.
        postern.set_clock(2 * DAY)
        postern.settle()
        assert postern.query("select count(*) from account_factor") == [["1"]]
        page = do(Visitor(), link)
        assert "about to be taken away" in page.words(), page.words()
        assert "somebody who reads your mail" in told(postern, "are about to be taken away")
        assert "about to be taken away" in do_again(link)
        postern.set_clock(2 * DAY + 23 * HOUR)
        postern.settle()
        assert postern.query("select count(*) from account_factor") == [["1"]]
        postern.set_clock(3 * DAY + HOUR)
        assert "passphrase is enough again" in told(postern, "were taken away")
        assert postern.query("select (select count(*) from account_factor), (select count(*) from passkey), "
                             "(select count(*) from mailbox_session)") == [["0", "0", "0"]]
        page, _ = enter(postern)
        assert page.url == box_of(postern) and page.status == 200
        assert account_shown(postern, FRED)["resets"][0]["state"] == "completed"
        assert "were taken away" in Visitor().get(link).words()


def do_again(link):
    """The words of a link's page that has no form any more."""
    page = Visitor().get(link)
    assert not [form for form in page.forms() if "sure" in form["fields"]]
    return page.words()


def test_its_owner_keeps_their_factors():
    with Postern() as postern:
        _, secret, clock = protected(postern)
        say_lost(postern, sign_in(postern))
        link = asked(postern)
        do(Visitor(), link)
        told(postern, "are about to be taken away")
        page, fred = enter(postern)
        page = fred.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert page.url == box_of(postern) and "about to be taken away" in page.words() and ALICE in page.words()
        # Its account says the same, and who it was.
        page = fred.get(box_of(postern) + "/account")
        assert ALICE + " told us on" in page.words() and "administrator (" not in page.words(), page.words()
        page = keep(fred, page, "/box/account/keep")
        assert page.url == box_of(postern) + "/account", page.url
        assert "about to be taken away" not in page.words()
        assert "are to stay" in told(postern, "stay")
        postern.set_clock(10 * DAY)
        postern.settle()
        assert postern.query("select count(*) from account_factor") == [["1"]]
        assert "Your second factors stay" in Visitor().get(link).words()


def test_an_administrator_agrees():
    with Postern() as postern:
        protected(postern)
        say_lost(postern, sign_in(postern))
        asked(postern)
        done = reset(postern, "Ann", "ann", address=FRED)
        refused(done, "is begun already")
        # Nor does who asked agree as an administrator.
        refused(reset(postern, "Somebody", "Alice", "--confirm", address=FRED), "a second person")
        refused(reset(postern, ALICE, "ann", "--confirm", address=FRED), "a second person")
        done = reset(postern, "Ann", "ann", "--confirm", "--json", address=FRED)
        assert done.returncode == 0 and json.loads(done.stdout)["agreed"] == FRED, done.stdout + done.stderr
        assert "(Ann)" in told(postern, "are about to be taken away")
        refused(reset(postern, "Ben", "ben", "--confirm", address=FRED), "agreed to it already")
        assert postern.query("select count(*) from account_factor") == [["1"]]
        postern.set_clock(DAY + HOUR)
        told(postern, "were taken away")
        (row,) = account_shown(postern, FRED)["resets"]
        assert (row["state"], row["begun_by"], row["ended_by"]) == ("completed", ALICE, "Ann"), row


def test_saying_it_is_bounded_and_tells_nothing():
    with Postern(policy='reset_wait = "0 s";') as postern:
        link, _, _ = protected(postern)
        alice = sign_in(postern)
        # Nobody gets a second mail while the first is good, and the answer is the same.
        pages = [say_lost(postern, alice).words() for _ in range(2)]
        assert pages[0] == pages[1]
        consent = asked(postern)
        postern.settle()
        assert len([1 for _, raw in postern.letters(FRED) if b"Have you lost" in raw]) == 1
        # There is an hour at least, whatever the policy says.
        do(Visitor(), consent)
        postern.settle()
        assert postern.query("select count(*) from account_factor") == [["1"]]
        postern.set_clock(HOUR + 60)
        told(postern, "were taken away")
        # Without a factor the same is said, and nobody is written to.
        alice = sign_in(postern)
        assert "If they have a second factor" in say_lost(postern, alice).words()
        page = say_lost(postern, alice)
        assert page.status == 429 and int(page.headers["Retry-After"]) > 0, page.words()
        postern.settle()
        assert len([1 for _, raw in postern.letters(FRED) if b"Have you lost" in raw]) == 1
        # A message that lies in no mailbox says so.
        secured(postern, to=GINA)
        (url, _), *_ = rows(desk(postern, alice))
        page = alice.get(url)
        assert "lost their second factor" not in page.words()


def test_one_that_nobody_agrees_to_lapses():
    with Postern() as postern:
        protected(postern)
        say_lost(postern, sign_in(postern))
        link = asked(postern)
        postern.set_clock(8 * DAY)
        page = Visitor().get(link)
        assert page.status == 410 and "This link is over" in page.words()
        assert account_shown(postern, FRED)["resets"][0]["state"] == "lapsed"
        refused(reset(postern, "Ann", "ann", "--confirm", address=FRED), "no reset is begun")


def test_giving_up_forgets_factors():
    with Postern() as postern:
        _, secret, clock = protected(postern)
        page, fred = enter(postern)
        assert fred.submit(page, "code", code=app_code(secret, clock.next_step())).url == box_of(postern)
        added(postern, fred, authenticator(postern), app_code(secret, clock.next_step()), base="/box")
        say_lost(postern, sign_in(postern))
        asked(postern)
        # One that was stopped leaves no more than the others.
        begun(postern)
        keep(fred, fred.get(box_of(postern)))
        begun(postern)
        of_fred = ("select (select count(*) from account_factor), (select count(*) from recovery_code), (select count(*) "
                   "from passkey), (select count(*) from account_reset), (select count(*) from account_place where "
                   "owner_index = (select distinct owner_index from give_up)), (select count(*) from give_up)")
        before = postern.query(of_fred)[0]
        assert before[:4] == ["1", "10", "1", "1"] and before[4] != "0" and before[5] == "2", before
        # Nor does a link that was asked for a little before.
        postern.set_clock(WAIT - HOUR // 2)
        ask(postern)
        given_up(postern)
        assert postern.query(of_fred) == [["0", "0", "0", "0", "0", "1"]]
        # It was done: that stays, and names nobody any more once its owner was told.
        postern.settle()
        postern.stop("courier")
        postern.start("courier")
        wait_for("the address to go", lambda: postern.query("select state, address from give_up") == [["4", "\\x"]])
        assert shown(postern, "show", FRED)["give_ups"][0]["state"] == "done"


if __name__ == "__main__":
    cases.run("__main__")
