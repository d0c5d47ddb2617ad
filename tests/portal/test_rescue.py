#!/usr/bin/python3 -B
"""What can still be done with a message that was sent: a new passphrase for a recipient who has
forgotten the answer, another end, the link again or another one, and taking it back."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, CLUE, DAY, FRED, HOUR, MINUTE, OTHER_CLUE, OTHER_PASSPHRASE,  # noqa: E402
                  PASSPHRASE, desk, do, finish, finish_mail, held, ids, mails, new_template, notice,
                  opens, post, refuses, rows, secured, send, sign_in, token)
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

TABLES = ("message", "lock", "delivery", "link", "template", "outbox", "session", "throttle")
ASKED, NEW_CLUE, NOTICE, OPENED = 11, 12, 3, 6


def snapshot(postern):
    """A digest of all rows."""
    return postern.query(" union all ".join(
        "select '%s', coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from %s t"
        % (table, table) for table in TABLES))


def asked_mail(postern):
    """The mail that tells the sender."""
    message, _ = postern.next_letter(
        ALICE, lambda m: m["Subject"] == FRED + " does not know the answer to your clue")
    return message


def pickup_code(message):
    """The code in a mail to the recipient."""
    return re.search(r"^ +([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})\s*$", body_text(message),
                     re.M).group(1)


def pick_up(postern, code):
    """Type a pick-up code."""
    visitor = Visitor()
    return visitor.submit(visitor.get(postern.url + "/"), "code", code=code)


def rescue(link, visitor=None, **changes):
    """Set a new clue and passphrase; gives the page that follows."""
    visitor = visitor or Visitor()
    values = dict(clue=OTHER_CLUE, passphrase=OTHER_PASSPHRASE)
    values.update(changes)
    values.setdefault("passphrase_again", values["passphrase"])
    return visitor.submit(visitor.get(link + "/passphrase"), "clue", **values)


def expiry(postern):
    """When the only message ends, in days from when it was secured."""
    ((end, begin),) = postern.query("select expires_at, secured_at from delivery")
    return (int(end) - int(begin)) / DAY


def rescued_by(postern, link, mail):
    """The recipient asks, the sender of `link` answers, the recipient reads."""
    first = link_in(mail, "r")
    do(Visitor(), first + "/forgotten")
    asked = asked_mail(postern)
    assert link not in body_text(asked) and "/s/" not in body_text(asked)
    page = Visitor().get(link)
    assert "does not know the answer" in page.words(), page.words()
    assert link.removeprefix(postern.url) + "/passphrase" in page.links()
    answer = rescue(link)
    assert answer.status == 200 and answer.url == link, answer.words()
    told, _ = postern.next_letter(FRED, lambda m: "new clue" in m["Subject"])
    assert OTHER_CLUE not in body_text(told) and OTHER_PASSPHRASE not in body_text(told)
    second = link_in(told, "r")
    refuses(second, PASSPHRASE)
    assert OTHER_CLUE in Visitor().get(second).words()
    opens(second, OTHER_PASSPHRASE)
    assert pick_up(postern, pickup_code(told)).url == second
    page = Visitor().get(link)
    assert OTHER_CLUE in page.words() and "does not know" not in page.words(), page.words()
    return asked, second


def test_forgotten_and_rescued():
    with Postern() as postern:
        asking = finish_mail_of(postern, notify=True)
        link = link_in(asking, "s")
        mail = notice(postern)
        first = link_in(mail, "r")
        page, reader = opens(first)
        reading = page.url
        asked, second = rescued_by(postern, link, mail)
        # It stands beside the mail with the link, as its answer.
        assert asked["In-Reply-To"] == asking["Message-ID"]
        assert asked["References"].split() == ["<original@corp.example>", asking["Message-ID"]]
        assert asked["Auto-Submitted"] == "auto-generated"
        # Whoever was reading reads on with the new passphrase only; nothing is told twice.
        assert "The body of it." not in reader.get(reading).text
        assert first == second, "the mails say that the link stays"
        postern.settle()
        assert mails(postern, OPENED) == 1 and mails(postern, ASKED) == 1
        assert postern.query("select count(*) from lock") == [["1"]]
        # And once more.
        answer = rescue(link, clue=CLUE, passphrase=PASSPHRASE)
        assert answer.status == 200, answer.words()
        notice(postern)
        refuses(second, OTHER_PASSPHRASE)
        opens(second)


def finish_mail_of(postern, **choices):
    """A message that its sender has finished; gives the mail that asked for it."""
    send(postern, message_id="<original@corp.example>")
    asking = finish_mail(postern)
    finish(link_in(asking, "s"), **choices)
    return asking


def test_left_by_template_and_rescued():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice)
        send(postern)
        told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        link = link_in(told, "s")
        asked, first = rescued_by(postern, link, notice(postern))
        assert asked["In-Reply-To"] == told["Message-ID"]
        # The template is as it was, and so is what comes next.
        send(postern)
        link = link_in(notice(postern), "r")
        refuses(link, OTHER_PASSPHRASE)
        opens(link)
        refuses(first, PASSPHRASE)


def test_asking_needs_a_word_and_time():
    with Postern() as postern:
        _, link = secured(postern)
        postern.settle()
        before = snapshot(postern)
        visitor = Visitor()
        page = visitor.get(link + "/forgotten")
        assert page.status == 200 and ALICE in page.words() and "Figures" not in page.words()
        assert visitor.request(link + "/forgotten", method="HEAD").status == 200
        for word in ("", "1", "on", "true", "no", "yes please", "test", "x" * 100):
            answer = visitor.submit(page, "sure", sure=word)
            assert answer.status == 400 and "aria-invalid" in answer.text, word
        assert visitor.submit(page, "sure", sure="yes", csrf="A" * 43).status == 403
        assert snapshot(postern) == before, "something moved"
        answer = visitor.submit(page, "sure", sure=" YES ")
        assert answer.status == 200 and "is being told" in answer.words(), answer.words()
        asked_mail(postern)
        answer = visitor.submit(page, "sure", sure="yes")
        assert answer.status == 429 and "knows already" in answer.words(), answer.words()
        assert 3500 < int(answer.headers["Retry-After"]) <= HOUR
        postern.settle()
        assert mails(postern, ASKED) == 1
        # The answer that came to mind opens it all the same.
        opens(link)
        postern.set_clock(HOUR + MINUTE)
        assert do(Visitor(), link + "/forgotten").status == 200
        asked_mail(postern)


def test_the_desk_cannot_rescue():
    with Postern() as postern:
        alice = sign_in(postern)
        link, recipients = secured(postern)
        do(Visitor(), recipients + "/forgotten")
        asked_mail(postern)
        postern.settle()
        (one,) = ids(postern, "select id from delivery")
        at_desk = postern.url + "/desk/delivery/" + one
        ((url, words),) = rows(desk(postern, alice))
        assert "does not know the answer" in words
        for page in (alice.get(url), alice.get(at_desk)):
            assert ("only the link in one mail can do that: the one with the subject Your message "
                    "to fred@example.net is waiting for you") in page.words(), page.words()
            assert at_desk + "/passphrase" not in page.text
        page = alice.get(at_desk + "/passphrase")
        assert page.status == 200 and "This link cannot do that" in page.words(), page.words()
        before = snapshot(postern)
        answer = post(alice, at_desk + "/passphrase", {
            "csrf": token(alice, postern), "clue": OTHER_CLUE, "passphrase": OTHER_PASSPHRASE,
            "passphrase_again": OTHER_PASSPHRASE})
        assert answer.status == 409 and "This link cannot do that" in answer.words(), answer.status
        assert snapshot(postern) == before
    # Where policy forbids it, nobody's link can.
    with Postern(policy="allow_rescue = false;") as postern:
        link, recipients = secured(postern)
        page = Visitor().get(link)
        assert "/passphrase" not in page.text and "cannot be set" in page.words(), page.words()
        assert "This link cannot do that" in Visitor().get(link + "/passphrase").words()
        do(Visitor(), recipients + "/forgotten")
        assert "cannot be set" in body_text(asked_mail(postern))


def test_new_passphrases_are_judged():
    with Postern() as postern:
        link, recipients = secured(postern)
        postern.settle()
        before = snapshot(postern)
        for changes, words in (({"clue": "It is a rusty WHEELBARROW"}, "out of the clue"),
                               ({"clue": ""}, "Write a clue"),
                               ({"passphrase": "password"}, "guessable in about"),
                               ({"passphrase": "abc"}, "Choose a longer"),
                               ({"passphrase": "", "passphrase_again": ""}, "Type a passphrase"),
                               ({"passphrase_again": "a rusty spoon"}, "not the same")):
            answer = rescue(link, **changes)
            assert answer.status == 400 and words in answer.words(), (changes, answer.words())
            assert OTHER_PASSPHRASE not in answer.text
        answer = rescue(link, passphrase_again="", check="1")
        assert answer.status == 200 and "Guessable in about" in answer.words(), answer.words()
        assert OTHER_PASSPHRASE not in answer.text
        assert snapshot(postern) == before, "something moved"
        opens(recipients)
        # A name is as good as told, also where somebody only asks.
        link, _ = secured(postern, "wilhelmina@example.net")
        for changes, status in (({}, 400), ({"check": "1"}, 200)):
            answer = rescue(link, passphrase="wilhelmina", **changes)
            assert answer.status == status and "this passphrase is guessable in about" in \
                answer.words(), (changes, answer.words())


def test_another_end():
    with Postern() as postern:
        alice = sign_in(postern)
        link, recipients = secured(postern, choices={"lifetime_days": "14"})
        (one,) = ids(postern, "select id from delivery")
        assert expiry(postern) == 14
        for visitor, address in ((Visitor(), link), (alice, postern.url + "/desk/delivery/" + one)):
            page = visitor.get(address + "/extend")
            assert "from now" in page.words()
            for days in ("0", "366", "soon", "", "-1", "1.5", "9" * 30):
                answer = visitor.submit(page, "sure", lifetime_days=days, sure="yes")
                assert answer.status == 400 and "aria-invalid" in answer.text, days
            assert visitor.submit(page, "sure", lifetime_days="40", sure="").status == 400
        assert expiry(postern) == 14
        answer = Visitor().submit(Visitor().get(link + "/extend"), "sure", lifetime_days="365",
                                  sure="yes")
        assert answer.url == link and 365 <= expiry(postern) < 365.1, answer.words()
        alice.submit(page, "sure", lifetime_days="2", sure="yes")
        assert 2 <= expiry(postern) < 2.1
        opens(recipients)
        postern.set_clock(2 * DAY + 5 * MINUTE)
        answer = Visitor().get(recipients)
        assert answer.status == 410 and "has expired" in answer.words(), answer.words()
        answer = Visitor().get(link + "/extend")
        assert "nothing left to do" in answer.words(), answer.words()


def test_the_link_again_and_another_one():
    with Postern() as postern:
        alice = sign_in(postern)
        send(postern)
        link = link_in(finish_mail(postern), "s")
        finish(link)
        mail = notice(postern)
        first = link_in(mail, "r")
        page, reader = opens(first)
        (one,) = ids(postern, "select id from delivery")
        assert do(Visitor(), link + "/resend", "1").status == 400
        assert do(Visitor(), link + "/resend").url == link
        assert link_in(notice(postern), "r") == first
        for what in ("/resend", "/relink"):
            answer = do(alice, postern.url + "/desk/delivery/" + one + what)
            assert answer.status == 429 and "Please wait" in answer.words(), answer.words()
            assert 0 < int(answer.headers["Retry-After"]) <= 15 * MINUTE
        postern.settle()
        assert mails(postern, NOTICE) == 2
        opens(first)
        # Another one: the old one is dead before the courier has made the new one.
        postern.set_clock(14 * MINUTE)
        assert do(Visitor(), link + "/relink").status == 429
        postern.set_clock(16 * MINUTE)
        alice = sign_in(postern)
        page, reader = opens(first)
        postern.stop("courier")
        answer = do(alice, postern.url + "/desk/delivery/" + one + "/relink")
        assert answer.status == 200 and "New link" in answer.words(), answer.words()
        code = pickup_code(mail)
        for answer in (Visitor().get(first), pick_up(postern, code), reader.get(page.url),
                       Visitor().get(first + "/forgotten")):
            assert answer.status == 410 and "newer link" in answer.words(), answer.words()
        postern.start("courier")
        mail = notice(postern)
        second = link_in(mail, "r")
        assert second != first and pickup_code(mail) != code
        assert Visitor().get(first).status == 410 and pick_up(postern, code).status == 410
        assert pick_up(postern, pickup_code(mail)).url == second
        opens(second)
        # The sender's own link is another one, and can do what it could.
        rescue(link)
        notice(postern)
        opens(second, OTHER_PASSPHRASE)


def test_back_and_destroyed():
    with Postern() as postern:
        alice = sign_in(postern)
        for what, told in (("recall", "took this message back"), ("destroy", "Its sender destroyed")):
            for at_desk in (False, True):
                link, recipients = secured(postern)
                page, reader = opens(recipients)
                (one,) = ids(postern, "select id from delivery where state = 5")
                visitor, address = (alice, postern.url + "/desk/delivery/" + one) if at_desk else (
                    Visitor(), link)
                assert do(visitor, address + "/" + what, "on").status == 400
                assert reader.get(page.url).status == 200
                answer = do(visitor, address + "/" + what)
                assert answer.url == address and "You " in answer.words(), answer.words()
                for answer in (Visitor().get(recipients), reader.get(page.url)):
                    assert answer.status == 410 and told in answer.words(), answer.words()
                    assert "The body of it." not in answer.text
                for act in ("recall", "destroy", "extend", "resend", "relink", "passphrase"):
                    answer = visitor.get(address + "/" + act)
                    assert "nothing left to do" in answer.words(), (act, answer.words())
                    assert not any("sure" in form["fields"] for form in answer.forms()), act
            link = held(postern)
            assert do(Visitor(), link + "/" + what).status == 200
        wait_for("the bytes to go", lambda: postern.query(
            "select count(*) from message where chunk is not null") == [["0"]])
        assert postern.query("select distinct coalesce(outer_wrap, rescue_wrap, sender_wrap, "
                             "message_key_wrap, gateway_wrap) is null from delivery") == [["t"]]
        assert postern.query("select count(*) from lock") == [["0"]]
        assert postern.query("select state, count(*) from delivery group by 1 order by 1") == [
            ["9", "3"], ["10", "3"]]


if __name__ == "__main__":
    cases.run("__main__")
