#!/usr/bin/python3 -B
"""What happens by itself: reminders to senders and recipients, the end of what was never finished,
and answers in a secured conversation that bear no mark."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, DAY, FRED, GINA, HOUR, MINUTE, desk, do, finish,  # noqa: E402
                  finish_mail, held, ids, letter, mails, new_template, notice, opens, post, refuses,
                  report_part, rows, secured, send, sign_in, token)
from postern import Postern, body_text, body_words, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

TO_RECIPIENT, TO_SENDER, BOUNCE = 13, 14, 5
ID = "<original@corp.example>"


def reminders(postern, to):
    """Subjects of the reminders in a mailbox, in the order they came."""
    return [words for words in re.findall(rb"^Subject: ((?:Last r|R)eminder: .*?)\r?$", b"\n".join(
        raw for _, raw in postern.letters(to)), re.M)]


def later(postern, seconds):
    """Move the clock, and let the courier do what is due."""
    postern.set_clock(seconds)
    done = "select count(*) from delivery where remind_at <= extract(epoch from now()) + %d " \
           "and state in (2, 4) and expires_at > extract(epoch from now()) + %d" % (seconds, seconds)
    wait_for("what is due", lambda: postern.query(done) == [["0"]])
    wait_for("what is over", lambda: postern.query(
        "select count(*) from delivery where state in (2, 3, 4, 5) and "
        "expires_at <= extract(epoch from now()) + %d" % seconds) == [["0"]])
    postern.settle()


def test_senders_are_reminded():
    with Postern() as postern:
        link = held(postern, message_id=ID)
        other = held(postern, GINA)
        for ahead, count in ((DAY - HOUR, 0), (DAY + MINUTE, 2), (2 * DAY, 2), (12 * DAY, 2),
                             (13 * DAY + MINUTE, 3), (14 * DAY - HOUR, 3)):
            later(postern, ahead)
            assert mails(postern, TO_SENDER) == count, (ahead, mails(postern, TO_SENDER))
            if ahead == 2 * DAY:
                finish(other)  # whoever has finished is left alone
                notice(postern, GINA)
        for words, last in (("Reminder: your message to fred", False),
                            ("Last reminder: your message to fred", True)):
            message, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith(words))
            assert link_in(message, "s") == link and message["In-Reply-To"] == ID
            assert ("You are not reminded again" in body_text(message)) == last, body_text(message)
        # Nothing came of it: it bounces, and nothing could open it any more.
        later(postern, 14 * DAY + MINUTE)
        bounce, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Not delivered"))
        assert bounce["Return-Path"] == "<>" and bounce["In-Reply-To"] == ID
        assert bounce.get_param("report-type") == "delivery-status"
        part = report_part(bounce, "message/delivery-status")
        for field in ("Reporting-MTA: dns; gate.corp.example", "Final-Recipient: rfc822; " + FRED,
                      "Action: failed", "Status: 5.4.7"):
            assert field in part, part
        assert "The body of it." not in bounce.as_string()
        wait_for("the bytes to go", lambda: postern.query(
            "select count(*) from delivery where state = 8 and cleared and coalesce(gateway_wrap, "
            "outer_wrap, rescue_wrap, sender_wrap, message_key_wrap) is null") == [["1"]])
        assert postern.query("select chunk, m.gateway_wrap, envelope, manifest from message m join "
                             "delivery d on message_id = m.id where d.state = 8") == [[""] * 4]
        answer = Visitor().get(link)
        assert "Expired" in answer.words() and "passphrase_again" not in answer.text
        assert mails(postern, BOUNCE) == 1 and mails(postern, TO_SENDER) == 3


def test_recipients_are_reminded():
    with Postern() as postern:
        _, link = secured(postern, choices={"remind_days": "4", "lifetime_days": "14"})
        secured(postern, "never@example.net", choices={"remind_days": "0", "lifetime_days": "14"})
        _, read = secured(postern, GINA, choices={"remind_days": "4", "lifetime_days": "14"})
        sender, _ = secured(postern, "back@example.net", choices={"remind_days": "4"})
        opens(read)
        do(Visitor(), sender + "/recall")
        for ahead, count in ((4 * DAY - HOUR, 0), (4 * DAY + MINUTE, 1), (6 * DAY, 1),
                             (13 * DAY - HOUR, 1), (13 * DAY + MINUTE, 2), (14 * DAY - HOUR, 2)):
            later(postern, ahead)
            assert len(reminders(postern, FRED)) == count == mails(postern, TO_RECIPIENT), ahead
        for words, last in (("Reminder: a secure message from Alice", False),
                            ("Last reminder: a secure message from Alice", True)):
            message, _ = postern.next_letter(FRED, lambda m: m["Subject"] == words)
            assert link_in(message, "r") == link
            assert ("You are not reminded again" in body_text(message)) == last, body_text(message)
            assert message["Reply-To"].addresses[0].addr_spec == ALICE
            assert "Figures" not in message.as_string()
        opens(link)
        assert {path.name for path in postern.maildir.iterdir()} == {
            ALICE, FRED, GINA, "never@example.net", "back@example.net"}
        for to in (GINA, "never@example.net", "back@example.net"):
            assert reminders(postern, to) == [], to


def test_opening_and_another_end_move_reminders():
    with Postern() as postern:
        link, recipients = secured(postern, choices={"remind_days": "4", "lifetime_days": "14"})
        later(postern, 2 * DAY)
        Visitor().submit(Visitor().get(link + "/extend"), "sure", lifetime_days="30", sure="yes")
        for ahead, count in ((4 * DAY + MINUTE, 1), (13 * DAY + HOUR, 1), (31 * DAY - HOUR, 1)):
            later(postern, ahead)
            assert mails(postern, TO_RECIPIENT) == count, ahead
        opens(recipients)
        later(postern, 31 * DAY + MINUTE)
        assert mails(postern, TO_RECIPIENT) == 1
    with Postern(policy='finish_reminder = "0 s"; last_call = "0 s";') as postern:
        held(postern)
        secured(postern, GINA, choices={"remind_days": "3", "lifetime_days": "14"})
        later(postern, 4 * DAY)
        later(postern, 14 * DAY - HOUR)
        assert mails(postern, TO_SENDER) == 0 and mails(postern, TO_RECIPIENT) == 1


def test_one_reminder_a_day():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, remind_days="2", lifetime_days="30", link_mail=None)
        for _ in range(5):
            send(postern)
            notice(postern)
        send(postern, sender=BOB)
        finish(link_in(finish_mail(postern, FRED, BOB), "s"), remind_days="2", lifetime_days="30")
        notice(postern)
        later(postern, 2 * DAY + MINUTE)
        assert mails(postern, TO_RECIPIENT) == 2, "one of each sender's"
        # The others wait for the next day, and for each other: to the second.
        for count in range(3, 7):
            ((due,),) = postern.query("select min(remind_at) - extract(epoch from now())::bigint "
                                      "from delivery where remind_at is not null and reminders = 0")
            assert int(due) > (count - 1) * DAY, due
            postern.set_clock(int(due) - 2)
            wait_for("the next one", lambda: mails(postern, TO_RECIPIENT) >= count)
            later(postern, int(due) + 2)
            assert mails(postern, TO_RECIPIENT) == count, count
        assert len(reminders(postern, FRED)) == 6
        assert postern.query("select reminders, count(*) from delivery group by 1") == [["1", "6"]]


def answering(subject="Re: Figures", **more):
    """An answer in the conversation, without a mark."""
    return dict(subject=subject, body="Clear words.\n", message_id="<answer@corp.example>", **more)


def test_answers_in_a_secured_conversation():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice)
        _, link = secured_by_template(postern)
        page, fred = opens(link)
        form = fred.get(page.url.removesuffix("/message") + "/reply")
        fred.submit(form, "body", body="My answer.")
        answer, _ = postern.next_letter(ALICE, lambda m: "My answer." in body_text(m))
        # To what Alice wrote, and to what came back.
        for headers in ({"References": "<x@y.example> %s <z@y.example>" % ID},
                        {"In-Reply-To": answer["Message-ID"]}):
            send(postern, FRED, **answering(**headers))
            asking = finish_mail(postern)
            text = body_words(asking)
            assert "an answer in a conversation that was secured" in text, text
            assert "as ordinary mail, this once" in text, text
            page = Visitor().get(link_in(asking, "s"))
            assert "an answer in a conversation that was secured" in page.words(), page.words()
            assert "You have a template for fred@example.net" in page.words()
        postern.settle()
        assert not [1 for _, raw in postern.letters(FRED) if b"Clear words." in raw]
        assert "because it answers a conversation" in alice.get(
            rows(desk(postern, alice, show="waiting"))[0][0]).words()
        # The template's passphrase does, without typing it.
        assert do(Visitor(), page.url + "/template", "").status == 400
        do(Visitor(), page.url + "/template")
        link = link_in(notice(postern), "r")
        refuses(link, "not the passphrase")
        page, _ = opens(link)
        assert "Clear words." in page.words()
        # An answer to that one is in the conversation again.
        send(postern, FRED, **answering(In_Reply_To="<answer@corp.example>"))
        finish_mail(postern)
        # The organisation's own people are inside; so is whoever writes to somebody else's thread.
        send(postern, BOB, **answering(In_Reply_To=ID))
        message, _ = postern.next_letter(BOB)
        assert "Clear words." in body_text(message)
        postern.send("mallory@elsewhere.example", [BOB], letter(
            to=BOB, sender="mallory@elsewhere.example", **answering(In_Reply_To=ID)))
        postern.next_letter(BOB, lambda m: "mallory" in m["From"])
        # Another conversation is none of this.
        send(postern, FRED, **answering(In_Reply_To="<other@corp.example>"))
        message, _ = postern.next_letter(FRED, lambda m: m["In-Reply-To"] == "<other@corp.example>")


def secured_by_template(postern):
    """A marked message that leaves by template; gives both links."""
    send(postern, message_id=ID)
    told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
    return link_in(told, "s"), link_in(notice(postern), "r")


def test_in_clear_this_once():
    with Postern() as postern:
        secured(postern, message_id=ID)
        sent = letter(to=FRED, files=[("plan.pdf", bytes(range(256)) * 3000)],
                      **answering(In_Reply_To=ID))
        postern.send(ALICE, [FRED, GINA, BOB], sent)
        links = {to: link_in(finish_mail(postern, to), "s") for to in (FRED, GINA)}
        # One of ours has it already.
        postern.next_letter(BOB)
        page = Visitor().get(links[FRED] + "/clear")
        assert "without encryption of ours" in page.words()
        for word in ("", "1", "on", "no"):
            assert Visitor().submit(page, "sure", sure=word).status == 400, word
        answer = Visitor().submit(page, "sure", sure="yes")
        assert answer.status == 200 and answer.url == links[FRED], answer.words()
        message, raw = postern.next_letter(FRED, lambda m: m["Subject"] == "Re: Figures")
        trace = re.match(rb"Received: .*\r\n(?:[ \t].*\r\n)+", raw).group()
        rest = raw[len(trace):]
        assert rest == sent, "the copy differs"
        assert trace.count(b"Received:") == 1 and message["Return-Path"] == "<%s>" % ALICE
        wait_for("the page to say so", lambda: "you sent it that way yourself" in Visitor().get(
            links[FRED]).words())
        assert "nothing left to do" in Visitor().get(links[FRED] + "/clear").words()
        # Gina's waits on, can be secured, and is the same message.
        postern.settle()
        assert postern.query("select state, count(*) from delivery where reason = 'thread' "
                             "group by 1") == [["2", "1"]]
        assert postern.letters(GINA) == []
        finish(links[GINA])
        page, _ = opens(link_in(notice(postern, GINA), "r"))
        assert "Clear words." in page.words() and "/clear" not in Visitor().get(links[GINA]).text
        # What bore a mark cannot leave like that, from nowhere.
        marked = held(postern)
        page = Visitor().get(marked)
        assert "/clear" not in page.text
        answer = Visitor().get(marked + "/clear")
        assert "nothing left to do" in answer.words(), answer.words()
        fields = {"csrf": page.form("clue")["fields"]["csrf"], "sure": "yes"}
        assert post(Visitor(), marked + "/clear", fields).status == 303
        alice = sign_in(postern)
        (one,) = ids(postern, "select id from delivery where state = 2")
        assert post(alice, "%s/desk/delivery/%s/clear" % (postern.url, one), dict(
            fields, csrf=token(alice, postern))).status == 303
        postern.settle()
        assert postern.query("select reason from delivery where state = 2") == [["address-mark"]]


def test_a_portal_that_was_taken_over_lets_nothing_go():
    with Postern() as postern:
        # Whoever rules the portal can queue what waits, and a letter for it; the courier looks at the
        # reason itself, which the portal cannot change.
        marked = held(postern)
        as_portal = postern.connection.replace("user=postern", "user=postern_portal")
        for sql in ("update delivery set state = 1 where state = 2",
                    "insert into outbox (id, kind, message_id, delivery_id, created_at, next_at, tries) "
                    "select gen_random_uuid(), 1, message_id, id, 1, 1, 0 from delivery",
                    "notify postern_work"):
            subprocess.run(["psql", "-X", "-q", "-d", as_portal, "-c", sql], check=True)
        done = subprocess.run(["psql", "-X", "-q", "-d", as_portal, "-c",
                               "update delivery set reason = 'thread'"], capture_output=True)
        assert b"permission denied" in done.stderr, done.stderr
        wait_for("the courier to refuse", lambda: "event=not-let-go" in postern.log.read_text())
        assert postern.letters(FRED) == []
        assert Visitor().get(marked).status == 200


def test_threads_are_not_followed_everywhere():
    with Postern(policy="follow_threads = false;") as postern:
        secured(postern, message_id=ID)
        send(postern, FRED, **answering(In_Reply_To=ID))
        message, _ = postern.next_letter(FRED, lambda m: m["Subject"] == "Re: Figures")
        assert "Clear words." in body_text(message)
        assert postern.query("select count(*) from thread") == [["0"]]
    with Postern(policy='thread_memory = "1 d";') as postern:
        secured(postern, message_id=ID)
        assert postern.query("select count(*), max(octet_length(hash)) from thread") == [["1", "32"]]
        # A near miss asks as an answer does, and may leave in clear as well.
        send(postern, FRED, subject="[secuer] x", body="Clear words.\n")
        asking = finish_mail(postern)
        do(Visitor(), link_in(asking, "s") + "/clear")
        message, _ = postern.next_letter(FRED, lambda m: m["Subject"] == "[secuer] x")
        assert "Clear words." in body_text(message)


if __name__ == "__main__":
    cases.run("__main__")
