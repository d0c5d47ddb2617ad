#!/usr/bin/python3 -B
"""Every state of a private link has its page and its status; nothing moves on GET, HEAD or a POST
without the right passphrase but the counters that slow guessing down."""

import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, FRED = "alice@corp.example", "fred@example.net"
PASSPHRASE = "correct horse battery"
LETTER = ("From: Alice <alice@corp.example>\nTo: secure-fred@example.net\nSubject: Figures\n"
          "Message-ID: <s1@corp.example>\n\nThe body of it.\n")
DAY = 86400
TABLES = ("message", "chunk", "upload", "lock", "delivery", "link", "template", "outbox", "session",
          "throttle")


def held(postern):
    """A held message; gives the sender's link."""
    postern.send(ALICE, ["secure-" + FRED], LETTER)
    asked, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
    return link_in(asked, "s")


def secured(postern, **choices):
    """A message that waits for its recipient; gives both links."""
    sender = held(postern)
    visitor = Visitor()
    values = dict(clue="Which horse?", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                  lifetime_days="7", notify=True, save_template=None)
    values.update(choices)
    answer = visitor.submit(visitor.get(sender), "clue", **values)
    assert answer.status == 200, answer.words()
    notice, _ = postern.next_letter(FRED)
    return sender, link_in(notice, "r")


def unlock(link, passphrase=PASSPHRASE, visitor=None):
    """One try; gives the answer and the visitor."""
    visitor = visitor or Visitor()
    page = visitor.get(link)
    if not any("passphrase" in form["fields"] for form in page.forms()):
        return page, visitor
    return visitor.submit(page, "passphrase", passphrase=passphrase), visitor


def snapshot(postern, tables=TABLES):
    """A digest of all rows."""
    sql = " union all ".join(
        "select '%s', coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from %s t"
        % (table, table) for table in tables)
    return postern.query(sql)


def test_looking_moves_nothing():
    with Postern() as postern:
        sender, link = secured(postern)
        waiting = held_second(postern)
        postern.settle()
        before = snapshot(postern)
        visitor = Visitor()
        paths = ("", "/message", "/message.eml", "/file/1/x", "/original", "/original/content",
                 "/reply", "/sent", "/close", "/destroy", "/nonsense")
        for address in (sender, link, waiting, postern.url):
            for path in paths:
                for method in ("GET", "HEAD"):
                    answer = visitor.request(address + path, method=method)
                    assert answer.status < 500, (address, path, answer.status)
        # What link scanners do: send every form, empty, and with a token of another page.
        for address in (sender, link, waiting):
            page = visitor.get(address)
            for form in page.forms():
                for fields in ({}, {name: "" for name in form["fields"]},
                               dict(form["fields"], csrf="x" * 43)):
                    data = urllib.parse.urlencode(
                        {k: v or "" for k, v in fields.items()}).encode()
                    answer = visitor.request(
                        urllib.parse.urljoin(page.url, form["action"]), data,
                        {"Content-Type": "application/x-www-form-urlencoded"})
                    assert 400 <= answer.status < 500, (address, fields, answer.status)
            # The right token, but nothing filled in.
            for form in page.forms():
                data = urllib.parse.urlencode({"csrf": form["fields"].get("csrf", "")}).encode()
                answer = visitor.request(urllib.parse.urljoin(page.url, form["action"]), data,
                                         {"Content-Type": "application/x-www-form-urlencoded"})
                assert answer.status < 500, (address, answer.status)
        assert snapshot(postern) == before, "something moved"
        answer, _ = unlock(link)
        assert answer.status == 200 and "The body of it." in answer.words(), answer.words()


def held_second(postern):
    """Another held message, to somebody else."""
    postern.send(ALICE, ["secure-gina@example.net"], LETTER.replace("fred", "gina"))
    asked, _ = postern.next_letter(ALICE, lambda m: "gina@" in body_text(m))
    return link_in(asked, "s")


def test_a_wrong_passphrase_moves_only_counters():
    with Postern() as postern:
        _, link = secured(postern)
        postern.settle()
        quiet = tuple(set(TABLES) - {"delivery", "throttle"})
        before = snapshot(postern, quiet)
        state = postern.query("select state, opened_at, outer_wrap from delivery")
        answer, _ = unlock(link, "something else")
        assert answer.status == 403, answer.status
        assert "Which horse?" in answer.words() and "The body of it." not in answer.text
        assert snapshot(postern, quiet) == before
        assert postern.query("select state, opened_at, outer_wrap from delivery") == state
        assert postern.query("select wrong_tries from delivery") == [["1"]]
        # A right one sets the count back, and is told to the sender, once.
        for _ in range(2):
            answer, _ = unlock(link)
            assert "The body of it." in answer.words()
        assert postern.query("select wrong_tries from delivery") == [["0"]]
        postern.settle()
        assert postern.query("select count(*) from outbox where kind = 6") == [["1"]]


def test_unknown_links():
    with Postern() as postern:
        sender, link = secured(postern)
        for address in (postern.url + "/r/" + "a" * 32, postern.url + "/s/" + "a" * 32,
                        link[:-1], link + "0", link.replace("/r/", "/s/"),
                        sender.replace("/s/", "/r/"), postern.url + "/r/", postern.url + "/x"):
            answer = Visitor().get(address)
            assert answer.status == 404, (address, answer.status)
            assert "alice" not in answer.text.lower()
        page = Visitor().get(link)
        form = page.form("passphrase")
        answer = Visitor().request(
            postern.url + "/r/" + "b" * 32,
            urllib.parse.urlencode({"csrf": form["fields"]["csrf"], "passphrase": "x y z"}).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in (403, 404) and "alice" not in answer.text.lower()


def test_not_ready():
    with Postern() as postern:
        sender, link = secured(postern)
        # The recipient's link exists only once a message is ready: put the row back to see the page.
        postern.stop("courier")
        postern.query("update delivery set state = 2")
        answer = Visitor().get(link)
        assert answer.status == 409, answer.status
        assert "not ready" in answer.words().lower(), answer.words()
        assert "Which horse?" not in answer.text


def test_expired():
    with Postern() as postern:
        sender, link = secured(postern)
        answer, reader = unlock(link)
        message = answer.url
        assert answer.status == 200
        # The very second counts, whether or not the courier has come by.
        expires = int(postern.query("select expires_at from delivery")[0][0])
        created = int(postern.query("select secured_at from delivery")[0][0])
        assert expires - created == 7 * DAY
        postern.stop("courier")
        postern.set_clock(7 * DAY + 60)
        for address, visitor in ((link, Visitor()), (message, reader)):
            answer = visitor.get(address)
            assert answer.status == 410, (address, answer.status)
            assert "expired" in answer.words().lower(), answer.words()
        assert "The body of it." not in reader.get(message).text
        answer, _ = unlock(link)
        assert answer.status == 410
        # Then the courier comes, and nothing is left to open.
        postern.start("courier")
        wait_for("the bytes to go", lambda: postern.query(
            "select cleared from delivery") == [["t"]])
        row = postern.query("select outer_wrap, rescue_wrap, message_key_wrap, gateway_wrap, "
                            "sender_wrap from delivery")[0]
        assert set(row) == {""}, row
        assert postern.query("select chunk, manifest, envelope, gateway_wrap from message") == [
            ["", "", "", ""]]
        # Going back in time does not bring it back.
        postern.set_clock(0)
        assert Visitor().get(link).status == 410
        assert "expired" in Visitor().get(sender).words().lower()


def test_never_finished():
    with Postern() as postern:
        sender = held(postern)
        postern.set_clock(15 * DAY)
        bounce, _ = postern.next_letter(ALICE, lambda m: m.get_content_type() == "multipart/report")
        report = [part for part in bounce.walk()
                  if part.get_content_type() == "message/delivery-status"][0].as_string()
        assert "rfc822; fred@example.net" in report and "failed" in report, report
        answer = Visitor().get(sender)
        assert "expired" in answer.words().lower() or "in time" in answer.words().lower()
        wait_for("the keys to go", lambda: postern.query(
            "select gateway_wrap, message_key_wrap, cleared from delivery") == [["", "", "t"]])


def test_recalled():
    with Postern() as postern:
        sender, link = secured(postern)
        answer, reader = unlock(link)
        message = answer.url
        visitor = Visitor()
        # Without the word nothing happens.
        page = visitor.get(sender + "/recall")
        for word in ("", "1", "on", "no", "xyzzy"):
            answer = visitor.submit(page, "sure", sure=word)
            assert answer.status == 400, word
        assert reader.get(message).status == 200
        answer = visitor.submit(page, "sure", sure=" Yes ")
        assert answer.status == 200 and "taken back" in answer.words().lower(), answer.words()
        for address, who in ((link, Visitor()), (message, reader)):
            answer = who.get(address)
            assert answer.status == 410 and "took this message back" in answer.words(), answer.words()
        assert postern.query("select outer_wrap, message_key_wrap from delivery") == [["", ""]]


def test_destroyed_by_the_recipient():
    with Postern() as postern:
        sender, link = secured(postern)
        page, reader = unlock(link)
        answer = reader.submit(page, "sure", sure="1")
        assert reader.get(link).status == 200
        answer = reader.submit(page, "sure", sure="yes")
        assert "destroyed" in answer.words().lower(), answer.words()
        assert reader.get(link).status == 410
        wait_for("the bytes to go", lambda: postern.query(
            "select cleared from delivery") == [["t"]])
        assert "destroyed" in Visitor().get(sender).words().lower()


def test_closing_ends_the_session():
    with Postern() as postern:
        _, link = secured(postern)
        page, reader = unlock(link)
        kept = list(reader.cookies)
        closer = [form for form in page.forms() if form["action"].endswith("/close")]
        assert len(closer) == 1, page.forms()
        reader.request(urllib.parse.urljoin(page.url, closer[0]["action"]),
                       urllib.parse.urlencode(closer[0]["fields"]).encode(),
                       {"Content-Type": "application/x-www-form-urlencoded"})
        thief = Visitor()
        for cookie in kept:
            thief.cookies.set_cookie(cookie)
        answer = thief.get(page.url)
        assert "The body of it." not in answer.text
        assert postern.query("select count(*) from session") == [["0"]]


def test_a_session_ends_by_itself():
    with Postern() as postern:
        _, link = secured(postern)
        page, reader = unlock(link)
        postern.set_clock(14 * 60)
        assert "The body of it." in reader.get(page.url).words()
        postern.set_clock(30 * 60)
        assert "The body of it." not in reader.get(page.url).text
        # In use all the time, it ends after eight hours.
        postern.set_clock(60 * 60)
        page, reader = unlock(link)
        for minute in range(70, 60 + 8 * 60, 14):
            postern.set_clock(minute * 60)
            assert "The body of it." in reader.get(page.url).words(), minute
        postern.set_clock((60 + 8 * 60 + 1) * 60)
        assert "The body of it." not in reader.get(page.url).text


def test_sessions_open_only_their_own_message():
    with Postern() as postern:
        _, link = secured(postern, save_template=True)
        postern.send(ALICE, ["secure-" + FRED], LETTER.replace("The body of it.", "Another one."))
        notice, _ = postern.next_letter(FRED)
        other = link_in(notice, "r")
        page, reader = unlock(link)
        for cookie in list(reader.cookies):
            cookie.path = "/"
            reader.cookies.set_cookie(cookie)
        for path in ("/message", "/message.eml", "/reply", "/original/content"):
            answer = reader.get(other + path)
            assert "Another one." not in answer.text, path


def test_guessing_waits_then_renews_the_link():
    with Postern(policy="tries_before_wait = 3; tries_before_suspend = 5;") as postern:
        sender, link = secured(postern)
        for _ in range(3):
            answer, _ = unlock(link, "wrong wrong")
            assert answer.status == 403, answer.status
        # Now each try has to wait; the right passphrase too, so that the wait tells nothing.
        answer, _ = unlock(link)
        assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
        assert "The body of it." not in answer.text
        ahead = 0
        for status in (403, 423):
            ahead += 3700
            postern.set_clock(ahead)
            answer, _ = unlock(link, "wrong again")
            assert answer.status == status, answer.status
        # The old link is suspended, a new one is in the mail, and the sender is told.
        fresh, _ = postern.next_letter(FRED)
        told, _ = postern.next_letter(ALICE, lambda m: "/s/" not in body_text(m) and
                                      m.get_content_type() == "text/plain")
        answer = Visitor().get(link)
        assert answer.status == 423 and "link is stopped" in answer.words(), answer.words()
        renewed = link_in(fresh, "r")
        assert renewed != link
        answer, _ = unlock(renewed)
        assert answer.status == 200 and "The body of it." in answer.words()


def test_parallel_guesses_get_no_more_tries():
    import threading
    with Postern(policy="tries_before_wait = 3; tries_before_suspend = 50;") as postern:
        _, link = secured(postern)
        statuses, visitors = [], [Visitor() for _ in range(12)]
        pages = [visitor.get(link) for visitor in visitors]

        def guess(visitor, page, n):
            statuses.append(visitor.submit(page, "passphrase", passphrase="guess %d" % n).status)

        threads = [threading.Thread(target=guess, args=(visitor, page, n))
                   for n, (visitor, page) in enumerate(zip(visitors, pages))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses.count(403) == 3, statuses
        assert postern.query("select wrong_tries from delivery") == [["3"]]


def test_the_pickup_code_leads_to_the_clue():
    with Postern() as postern:
        _, link = secured(postern, save_template=True)
        postern.send(ALICE, ["secure-" + FRED], LETTER)
        notice, _ = postern.next_letter(FRED)
        code = re.search(r"\b([0-9a-z]{4}[- ][0-9a-z]{4}[- ][0-9a-z]{4})\b", body_text(notice))
        assert code, body_text(notice)
        for typed in (code.group(1), code.group(1).upper().replace("-", " ")):
            visitor = Visitor()
            answer = visitor.submit(visitor.get(postern.url + "/"), "code", code=typed)
            assert answer.url == link_in(notice, "r") and "Which horse?" in answer.words()
        wrong = "0000-0000-0000"
        answer = visitor.submit(visitor.get(postern.url + "/"), "code", code=wrong)
        assert answer.status == 404 and "Which horse?" not in answer.text, answer.status


def test_the_senders_form_says_what_is_wrong():
    with Postern() as postern:
        link = held(postern)
        visitor = Visitor()
        page = visitor.get(link)
        good = dict(clue="Which horse?", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                    lifetime_days="7")
        for change in ({"clue": ""}, {"clue": "x" * 501}, {"passphrase": "", "passphrase_again": ""},
                       {"passphrase": "abc", "passphrase_again": "abc"},
                       {"passphrase_again": "another one"}, {"lifetime_days": "0"},
                       {"lifetime_days": "9999"}, {"lifetime_days": "soon"},
                       {"clue": "It is Correct HORSE-battery"}):
            answer = visitor.submit(page, "clue", **dict(good, **change))
            assert answer.status == 400, (change, answer.status)
            assert "aria-invalid" in answer.text, change
            assert PASSPHRASE not in answer.text, "a passphrase was sent back"
        assert postern.query("select state from delivery") == [["2"]]
        assert postern.query("select count(*) from lock") == [["0"]]
        answer = visitor.submit(page, "clue", **good)
        assert answer.status == 200
        # Twice is once.
        visitor.submit(page, "clue", **good)
        postern.settle()
        assert postern.query("select count(*) from outbox where kind = 3") == [["1"]]


if __name__ == "__main__":
    cases.run("__main__")
