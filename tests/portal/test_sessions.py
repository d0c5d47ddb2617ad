#!/usr/bin/python3 -B
"""Sessions of people who sign in: where they are, how they end, what steals or forges them does not do,
and what is told of new places; a second factor that everybody has to have."""

import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, DAY, FRED, PASSPHRASE, ask_code, desk, id_text, is_signed_in,  # noqa: E402
                  mailed_code, new_template, notice, opens, post, secured, send, sign_in, token, unlock)
from postern import ROOT, Postern, body_words, link_in  # noqa: E402
from test_account import Clock, app_code, begin, set_up  # noqa: E402
from test_mailbox_lost import ask as ask_to_give_up, asked, link_of, mailed as mailed_to_give_up, say_lost  # noqa: E402
from visitor import Visitor, origin_of  # noqa: E402

PROXY = 'trusted_proxies = ( "127.0.0.1" );'
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/126.0.0.0 Safari/537.36")
DESK_COOKIE, CODE_COOKIE, MESSAGE_COOKIE = (
    "__Secure-postern-desk", "__Secure-postern-code", "__Secure-postern")
STALE = "This page had been open for too long"
NEW_PLACE = 20  # sql/migrations


def visitor_from(program=FIREFOX, address="192.0.2.7"):
    """Somebody with this browser behind the proxy."""
    visitor = Visitor()
    for opener in (visitor.opener, visitor.still):
        opener.addheaders = [("User-Agent", program), ("X-Forwarded-For", address)]
    return visitor


def sign_in_as(postern, visitor, address=ALICE):
    """Sign in with this browser."""
    page = visitor.submit(ask_code(postern, address, visitor), "code", code=mailed_code(postern, address))
    assert is_signed_in(page, address), page.words()
    return visitor


def cookie(visitor, name=DESK_COOKIE):
    """The value of a cookie; None without one."""
    return next((found.value for found in visitor.cookies if found.name == name), None)


def with_cookie(url, value, name=DESK_COOKIE):
    """What somebody sees who has copied a cookie."""
    return Visitor().get(url, headers={"Cookie": "%s=%s" % (name, value)})


def is_in(postern, visitor):
    """Is this browser signed in (still)?"""
    return "Signed in as" in visitor.get(postern.url + "/desk/messages").words()


def press(visitor, postern, word, **fields):
    """A button of the list of sessions."""
    return post(visitor, postern.url + "/desk/account/sessions",
                dict(fields, csrf=token(visitor, postern), do=word))


def session_ids(postern, address_of):
    """Ids of the sessions that a page lists, without its own."""
    return re.findall(r'name="session" value="([0-9a-z]{26})"', desk(postern, address_of, "/account").text)


# ---- what people see of them ----

def test_people_see_and_end_their_sessions():
    with Postern(portal=PROXY, policy="sign_in_codes = 100;") as postern:
        first = sign_in_as(postern, visitor_from())
        second = sign_in_as(postern, visitor_from(CHROME, "198.51.100.9"))
        third = sign_in_as(postern, visitor_from("curl/8.0\t<b>", "2001:db8:1:2::3"))
        bob = sign_in_as(postern, visitor_from(), BOB)
        page = desk(postern, first, "/account")
        words = page.words()
        for text in ("Firefox on Linux , 192.0.2.0/24 this one", "Chrome on Windows , 198.51.100.0/24",
                     "another program , 2001:db8:1::/48"):
            assert text.replace(" ,", ",") in words.replace(" ,", ","), words
        assert words.count("this one") == 1 and "curl" not in page.text and len(session_ids(postern, first)) == 2
        # None of it can be read in the database.
        dump = "".join(row[0] for row in postern.query("select encode(place, 'escape') from desk_session"))
        assert dump and "Firefox" not in dump and "192.0.2" not in dump
        # One of them; not another's, nor under a name that is none.
        (bobs,) = postern.query("select id from desk_session where address_index = (select address_index from "
                                "desk_session order by id desc limit 1)")
        assert press(first, postern, "one", session=id_text(bobs[0])).status == 303 and is_in(postern, bob)
        assert press(first, postern, "one", session="x").status == 400
        assert press(first, postern, "nothing").status == 400
        page = first.submit(page, "session", do="one")
        assert page.url.endswith("/desk/account") and not is_in(postern, third), page.words()
        assert is_in(postern, first) and is_in(postern, second)
        # Everywhere else, with what is on the way.
        waiting = visitor_from()
        asked = ask_code(postern, ALICE, waiting)
        code = mailed_code(postern, ALICE)
        assert press(first, postern, "others").status == 303
        assert is_in(postern, first) and not is_in(postern, second)
        assert waiting.submit(asked, "code", code=code).status == 403 and not is_in(postern, waiting)
        # Everywhere.
        second = sign_in_as(postern, second)
        answer = press(second, postern, "all")
        assert answer.status == 303 and answer.location.endswith("/desk?done=left"), answer.location
        assert not is_in(postern, first) and not is_in(postern, second) and is_in(postern, bob)


def new_places(postern):
    """How many were told."""
    return int(postern.query("select count(*) from account_event where what = %d" % NEW_PLACE)[0][0])


def test_new_places_are_told():
    with Postern(portal=PROXY, policy="sign_in_codes = 1000; sign_in_network = 1000;") as postern:
        alice = sign_in_as(postern, visitor_from())
        assert new_places(postern) == 0, "the first one of all is told"
        sign_in_as(postern, visitor_from(address="192.0.2.200"))
        assert new_places(postern) == 0, "the same network is told"
        sign_in_as(postern, visitor_from(CHROME))
        message, _ = postern.next_letter(ALICE, lambda m: "from a new place" in m["Subject"])
        text = body_words(message)
        assert "Chrome on Windows, 192.0.2.0/24" in text, text
        assert postern.url + "/desk/account" in text and "/s/" not in text, text
        sign_in_as(postern, visitor_from(address="203.0.113.1"))
        sign_in_as(postern, visitor_from(CHROME))
        assert new_places(postern) == 2
        # Neither in the database nor in the log.
        postern.settle()
        log = postern.log.read_text()
        assert "203.0.113" not in log and "Chrome" not in log
        assert "Chrome" not in "".join(row[0] for row in postern.query(
            "select encode(detail, 'escape') from account_event"))
        # No more than twenty are remembered, and none for longer than 90 days.
        postern.set_clock(60)  # within a second nobody knows which was used longest ago
        for number in range(20):
            sign_in_as(postern, visitor_from(address="203.%d.113.1" % number))
        assert postern.query("select count(*) from account_place") == [["20"]]
        told = new_places(postern)
        sign_in_as(postern, visitor_from())
        assert new_places(postern) == told + 1, "the one used longest ago was not forgotten"
        postern.set_clock(91 * DAY)
        sign_in_as(postern, visitor_from())
        assert new_places(postern) == told + 2, "after 90 days it is still known"
        assert not is_in(postern, alice)


# ---- what thieves and forgers do not ----

def test_a_cookie_set_beforehand_is_never_taken_over():
    with Postern() as postern:
        planted = "A" * 42 + "E"  # 32 bytes, as ours are written
        victim = Visitor()
        for opener in (victim.opener, victim.still):
            opener.addheaders = []
        headers = {"Cookie": "; ".join("%s=%s" % (name, planted)
                                       for name in (DESK_COOKIE, CODE_COOKIE, MESSAGE_COOKIE))}
        page = victim.request(postern.url + "/desk", headers=headers)
        fields = dict(page.form("address")["fields"], address=ALICE)
        data = urllib.parse.urlencode(fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = victim.request(postern.url + "/desk", data, dict(headers, **kind), follow=False)
        code = cookie(victim, CODE_COOKIE)
        assert answer.status == 303 and code and code != planted, "the cookie of the code was kept"
        page = victim.submit(victim.get(postern.url + "/desk/code"), "code", code=mailed_code(postern, ALICE))
        assert is_signed_in(page) and cookie(victim) not in (None, planted, code), page.words()
        for value in (planted, code):
            assert with_cookie(postern.url + "/desk/messages", value).status in (200, 403)
            assert "Signed in as" not in with_cookie(postern.url + "/desk/messages", value).words()
        # The same for a message.
        _, link = secured(postern)
        reader = Visitor()
        page = reader.get(link)
        fields = dict(page.form("passphrase")["fields"], passphrase=PASSPHRASE)
        reader.request(link, urllib.parse.urlencode(fields).encode(), dict(headers, **kind), follow=False)
        assert cookie(reader, MESSAGE_COOKIE) not in (None, planted)
        assert with_cookie(link + "/message", planted, MESSAGE_COOKIE).status == 403
        assert "The body of it." in with_cookie(link + "/message", cookie(reader, MESSAGE_COOKIE),
                                                MESSAGE_COOKIE).words(), "the control"


def test_what_has_ended_stays_ended():
    with Postern() as postern:
        alice, other = sign_in(postern), sign_in(postern)
        copied, csrf = cookie(alice), token(alice, postern)
        assert cookie(other) != copied
        assert "Signed in as" in with_cookie(postern.url + "/desk/messages", copied).words(), "the control"
        assert post(alice, postern.url + "/desk/leave", {"csrf": csrf}).status == 303
        assert cookie(alice) is None
        assert "Signed in as" not in with_cookie(postern.url + "/desk/messages", copied).words()
        assert is_in(postern, other), "another browser was signed out"
        # Nor does its form do anything any more.
        answer = Visitor().request(postern.url + "/desk/account/sessions", urllib.parse.urlencode(
            {"csrf": csrf, "do": "all"}).encode(), {"Cookie": "%s=%s" % (DESK_COOKIE, copied),
                                                    "Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 403 and is_in(postern, other)
        # A code is good for once, also for two who come at the same moment: the row is gone.
        visitor = Visitor()
        page = ask_code(postern, ALICE, visitor)
        code = mailed_code(postern, ALICE)
        before = cookie(visitor, CODE_COOKIE)
        assert is_signed_in(visitor.submit(page, "code", code=code))
        again = Visitor().request(postern.url + "/desk/code", urllib.parse.urlencode(
            dict(page.form("code")["fields"], code=code)).encode(),
            {"Cookie": "%s=%s" % (CODE_COOKIE, before), "Content-Type": "application/x-www-form-urlencoded"})
        assert again.status == 403, again.status
        # A message that was closed.
        _, link = secured(postern)
        page, reader = opens(link)
        copied = cookie(reader, MESSAGE_COOKIE)
        form = next(form for form in page.forms() if form["action"].endswith("/close"))
        assert post(reader, link + "/close", form["fields"]).status == 303
        assert with_cookie(link + "/message", copied, MESSAGE_COOKIE).status == 403


def test_a_change_of_factors_ends_what_was_stolen():
    with Postern(policy="sign_in_codes = 1000;") as postern:
        clock = Clock(postern)
        alice, thief = sign_in(postern), sign_in(postern)

        def changed(visitor, change):
            """Do it: neither the copied cookie of this session is good afterwards, nor another session, nor
            a code that was on its way."""
            waiting = Visitor()
            asked = ask_code(postern, ALICE, waiting)
            code = mailed_code(postern, ALICE)
            copied = cookie(visitor)
            result = change()
            assert "Signed in as" not in with_cookie(postern.url + "/desk/messages", copied).words(), \
                "the copied cookie is still good"
            assert is_in(postern, visitor) and cookie(visitor) != copied
            assert waiting.submit(asked, "code", code=code).status == 403
            return result

        secret, _ = changed(alice, lambda: set_up(postern, alice, clock))
        assert not is_in(postern, thief), "another session goes on"

        def sign_in_again():
            visitor = Visitor()
            page = visitor.submit(ask_code(postern, ALICE, visitor), "code", code=mailed_code(postern, ALICE))
            assert is_signed_in(visitor.submit(page, "code", code=app_code(secret, clock.next_step())))
            return visitor

        def press_change(word):
            page = desk(postern, alice, "/account")
            answer = alice.submit(page, "code", code=app_code(secret, clock.next_step()), do=word)
            assert answer.status == 200, answer.words()
            # What the answer shows is of the session as it is now.
            assert answer.form("code" if word == "renew" else "csrf")["fields"]["csrf"] == token(alice, postern)

        for word in ("renew", "remove"):
            thief = sign_in_again()
            # A code that was right does not help either, once the factors are others.
            owing = Visitor()
            owed = owing.submit(ask_code(postern, ALICE, owing), "code", code=mailed_code(postern, ALICE))
            assert "/desk/factor" in owed.url
            changed(alice, lambda word=word: press_change(word))
            assert not is_in(postern, thief), word
            answer = owing.submit(owed, "code", code=app_code(secret, clock.next_step()))
            assert answer.status == 403 and not is_in(postern, owing), word


# ---- forged forms ----

class Routes:
    """The table of portal/route.c."""

    def __init__(self):
        text = (ROOT / "portal" / "route.c").read_text()
        table = text[text.index("const struct route routes[]"):]
        acts = re.findall(r'ACT\(base, "(\w+)"', text)
        assert len(acts) >= 8
        rows = [dict(re.findall(r"\.(\w+) = (?:\(?\"?)([^,\")}]+)", row))
                for row in re.findall(r"\{\.methods = [^}]*\}", table)]
        for base, csrf, session in re.findall(r'ACTS\("([^"]+)", (\w+), (\w+)\)', table):
            for act in acts:
                rows.append({"methods": "GET", "path": base + "/" + act, "session": session})
                rows.append({"methods": "POST", "path": base + "/" + act, "csrf": csrf, "session": session})
        # Both kinds of accounts have the same pages and deeds.
        account = re.findall(r'ACCOUNT_(PAGE|DEED)\(base, "([^"]*)",', text)
        accounts = re.findall(r'^\tACCOUNT\("([^"]+)", (\w+)\)', table, re.M)
        assert len(account) >= 9 and [base for base, _ in accounts] == ["/box", "/desk"], accounts
        for base, session in accounts:
            for kind, behind in account:
                row = {"methods": "GET" if kind == "PAGE" else "POST", "path": base + "/account" + behind,
                       "session": session, "to_set_up": "true"}
                rows.append(dict(row, csrf="CSRF_SESSION") if kind == "DEED" else row)
        self.rows = rows
        assert len(rows) == table.count("{.methods = ") + 4 * len(acts) + 2 * len(account), \
            "a row was not understood"

    def posts(self):
        """Those that change something; the ones that end a session come last."""
        rows = [row for row in self.rows if row["methods"] == "POST"]
        return sorted(rows, key=lambda row: row["path"] in (
            "/desk/leave", "/r/SECRET/close", "/r/SECRET/destroy", "/box/leave"))


def snapshot(postern, but=()):
    """Every row of every table, without what looking at a page moves."""
    tables = [row[0] for row in postern.query(
        "select table_name from information_schema.tables where table_schema = 'public' order by 1")]
    assert len(tables) > 20
    return {table: postern.query("select md5((to_jsonb(t) - 'seen_at' - 'claimed_until')::text) from \"%s\" t "
                                 "order by 1" % table) for table in tables
            if table not in but + ("heartbeat",)}


def mailbox_of(link):
    """Make a mailbox behind a link; gives who is signed in to it."""
    _, visitor = opens(link)
    page = visitor.submit(visitor.get(link + "/mailbox"), "passphrase_again", passphrase="seven green umbrellas",
                          passphrase_again="seven green umbrellas")
    assert "You have a mailbox now" in page.words(), page.words()
    return visitor


class Scene:
    """One of each thing that a path can name, and who may do something with it."""

    def __init__(self, postern):
        self.postern = postern
        self.alice, self.bob = sign_in(postern), sign_in(postern, BOB)
        begin(postern, self.alice)
        new_template(postern, self.alice, to="gina@example.net")
        # What a device is to sign is made by looking at a page, and is the same when it is looked at again.
        desk(postern, self.alice, "/account/passkey")
        self.sender, self.link = secured(postern)
        _, self.other_link = secured(postern, to="hal@example.net")
        _, self.reader = opens(self.link)
        _, self.other_reader = opens(self.other_link)
        # Each of the readers has a mailbox, in a browser of its own.
        self.box, self.other_box = (mailbox_of(link) for link in (self.link, self.other_link))
        begin(postern, self.box, "/box")
        self.box.get(postern.url + "/box/account/passkey")
        self.mailed = self.mail_links()
        one = postern.query("select id from delivery order by id limit 1")[0][0]
        template = postern.query("select id from template limit 1")[0][0]
        self.known = {}
        self.ids = {"/desk/delivery/ID": id_text(one), "/desk/template/ID": id_text(template)}
        postern.settle()

    def mail_links(self):
        """Those that are mailed to the owner of a mailbox, by their paths: the passphrase is forgotten, and
        Alice says that the second factor is lost."""
        postern = self.postern
        ask_to_give_up(postern)
        found = {"/box/lost/SECRET": link_of(mailed_to_give_up(postern))}
        send(postern, subject="Into the mailbox")
        postern.next_letter(FRED, lambda m: "lies in your mailbox" in body_words(m))
        # Whatever there is counts as a factor; afterwards the scene is as before.
        postern.query("insert into account_factor (id, owner_index, kind, secret, confirmed, created_at) "
                      "select gen_random_uuid(), recipient_index, 1, '', true, 1 from delivery order by created_at desc "
                      "limit 1")
        say_lost(postern, self.alice)
        found["/box/factor/SECRET"] = asked(postern)
        postern.query("delete from account_factor where created_at = 1")
        return found

    def url(self, path):
        """A path of the table as it is asked for."""
        if path in self.mailed:
            return self.mailed[path]
        for base, value in self.ids.items():
            if path.startswith(base):
                path = path.replace("ID", value, 1)
        link = self.sender if path.startswith("/s/") else self.link
        path = path.replace("SECRET", link.rsplit("/", 1)[1]).replace("N/NAME", "1/messages-1.zip")
        path = path.replace("/pdf/N", "/pdf/0")  # the message itself
        assert not re.search(r"\b(SECRET|ID|N|NAME)\b", path), path
        return self.postern.url + path

    def visitor(self, row):
        """Who may do it."""
        if row.get("session") == "SESSION_DESK":
            return self.alice
        if row.get("session") == "SESSION_BOX":
            return self.box
        return self.reader if row["path"].startswith("/r/") else Visitor()

    def tokens(self, row):
        """The right token of a form, and that of another; one page tells it for all of its kind."""
        kind = row["csrf"], row["path"] if row["path"] in self.mailed else row["path"][:3]
        if kind not in self.known:
            self.known[kind] = self.find_tokens(row)
        return self.known[kind]

    def find_tokens(self, row):
        """The same, from the pages."""
        if row["csrf"] == "CSRF_SESSION" and row["path"].startswith("/desk"):
            return token(self.alice, self.postern), token(self.bob, self.postern)
        if row["csrf"] == "CSRF_SESSION" and row["path"].startswith("/box"):
            return token(self.box, self.postern, "/box"), token(self.other_box, self.postern, "/box")
        if row["csrf"] == "CSRF_SESSION":
            return tuple(reader.get(link + "/reply").form("csrf")["fields"]["csrf"] for reader, link in
                         ((self.reader, self.link), (self.other_reader, self.other_link)))
        if row["path"] in self.mailed:
            others = [path for path in self.mailed if path != row["path"]]
            return tuple(Visitor().get(self.mailed[path]).form("sure")["fields"]["csrf"]
                         for path in [row["path"]] + others)
        at_link = Visitor().get(self.link).form("csrf")["fields"]["csrf"]
        at_sender = Visitor().get(self.sender + "/recall").form("csrf")["fields"]["csrf"]
        at_home = Visitor().get(self.postern.url + "/").form("csrf")["fields"]["csrf"]
        return {"/r/": (at_link, at_sender), "/s/": (at_sender, at_link)}.get(row["path"][:3], (at_home, at_link))


def sent(visitor, url, fields, **headers):
    """One form, with what a browser says of where it comes from."""
    return visitor.request(url, urllib.parse.urlencode(fields).encode(),
                           dict({"Content-Type": "application/x-www-form-urlencoded"}, **headers), follow=False)


# What the forms would need to do something.
FULL = {"sure": "yes", "days": "9", "lifetime_days": "9", "clue": "What?", "passphrase": "green boat on the lake",
        "passphrase_again": "green boat on the lake", "code": "000000", "address": ALICE, "recipient": FRED,
        "do": "all", "body": "An answer."}


def test_no_form_is_forged():
    routes = Routes()
    assert all(row.get("csrf", "CSRF_NONE") != "CSRF_NONE" for row in routes.posts())
    assert len(routes.posts()) >= 30
    with Postern(policy="network_tries = 100000;") as postern:
        scene = Scene(postern)
        before = snapshot(postern)
        for row in routes.posts():
            url, visitor = scene.url(row["path"]), scene.visitor(row)
            right, others = scene.tokens(row)
            assert right and others and right != others, row["path"]
            own = {"Origin": origin_of(url)}
            for what, answer in (
                    ("no token", sent(visitor, url, FULL, **own)),
                    ("an empty token", sent(visitor, url, dict(FULL, csrf=""), **own)),
                    ("another's token", sent(visitor, url, dict(FULL, csrf=others), **own)),
                    ("another Origin", sent(visitor, url, dict(FULL, csrf=right), Origin="https://evil.example")),
                    ("another port", sent(visitor, url, dict(FULL, csrf=right), Origin="https://localhost:1")),
                    ("another site", sent(visitor, url, dict(FULL, csrf=right), **{"Sec-Fetch-Site": "cross-site"})),
                    ("a sister site", sent(visitor, url, dict(FULL, csrf=right), **{"Sec-Fetch-Site": "same-site"}))):
                assert answer.status == 403, (row["path"], what, answer.status, answer.words()[:200])
        after = snapshot(postern)
        for table, rows in before.items():
            assert rows == after[table], table + " has changed"
        # The control: with the right one each is listened to, and something moves.
        for row in routes.posts():
            url, visitor = scene.url(row["path"]), scene.visitor(row)
            right, _ = scene.tokens(row)
            answer = sent(visitor, url, {"csrf": right}, Origin=origin_of(url))
            assert STALE not in answer.words(), row["path"]
        assert snapshot(postern) != after


# ---- everybody has to have a second factor ----

def demand(postern, words):
    """From now on, also for who is in already."""
    postern.policy += words
    postern.write_config()
    postern.stop("portal")
    postern.start("portal")


def leads_to_setting_up(postern, scene, visitor, base, rows):
    """Every page and every deed of these leads there, and shows nothing."""
    csrf = visitor.get(postern.url + base + "/account").form("csrf")["fields"]["csrf"]
    for row in rows:
        if row["path"].startswith(base + "/account") or row["path"] in (base + "/leave", "/box/keep"):
            assert row.get("to_set_up") == "true", row["path"]
            continue
        url = scene.url(row["path"].replace("/desk/message/ID", "/desk/message/" + id_text(
            postern.query("select id from message limit 1")[0][0])))
        data = urllib.parse.urlencode(dict(FULL, csrf=csrf)).encode() if row["methods"] == "POST" else None
        answer = visitor.request(url, data, {"Content-Type": "application/x-www-form-urlencoded"} if data
                                 else {}, follow=False)
        assert answer.status == 303 and answer.location.endswith(base + "/account"), (
            row["path"], answer.status, answer.location)
        assert "gina" not in answer.text and "Figures" not in answer.text


def test_without_a_factor_there_is_nothing_but_setting_one_up():
    with Postern(policy="sign_in_codes = 1000;") as postern:
        clock = Clock(postern)
        scene = Scene(postern)
        demand(postern, ' desk_factor = "always";')
        fresh = Visitor()
        page = fresh.submit(ask_code(postern, ALICE, fresh), "code", code=mailed_code(postern, ALICE))
        assert page.url.endswith("/desk/account") and "Set up a second factor to go on" in page.words(), page.url
        rows = [row for row in Routes().rows if row.get("session") == "SESSION_DESK"]
        assert len(rows) > 30
        for visitor in (scene.alice, fresh):
            leads_to_setting_up(postern, scene, visitor, "/desk", rows)
        # Once there is one, there is the desk; and it stays.
        secret, _ = set_up(postern, fresh, clock)
        assert is_signed_in(fresh.get(postern.url + "/desk/messages"))
        page = fresh.submit(desk(postern, fresh, "/account"), "code", code=app_code(secret, clock.next_step()),
                            do="remove")
        assert page.status == 409 and "It has to stay" in page.words(), page.words()
        assert postern.query("select count(*) from account_factor where confirmed") == [["1"]]
        page = fresh.submit(page, "code", code=app_code(secret, clock.next_step()), do="renew")
        assert page.status == 200 and "recovery codes" in page.words(), page.words()
        # A way out there is in any case.
        leaving = sign_in_without_factor(postern)
        csrf = leaving.get(postern.url + "/desk/account").form("csrf")["fields"]["csrf"]
        assert post(leaving, postern.url + "/desk/leave", {"csrf": csrf}).status == 303 and not is_in(postern, leaving)


def test_nor_is_there_in_a_mailbox():
    with Postern() as postern:
        clock = Clock(postern)
        scene = Scene(postern)
        send(postern, subject="Figures again")
        link = link_in(notice(postern), "r")
        demand(postern, ' mailbox_factor = "always";')
        fresh = Visitor()
        page = fresh.submit(fresh.get(postern.url + "/box"), "address", address=FRED,
                            passphrase="seven green umbrellas")
        assert page.url.endswith("/box/account") and "Set up a second factor to go on" in page.words(), page.url
        rows = [row for row in Routes().rows if row.get("session") == "SESSION_BOX"]
        assert len(rows) > 15
        for visitor in (scene.box, fresh):
            leads_to_setting_up(postern, scene, visitor, "/box", rows)
            # Nor by the links of the messages that lie there.
            for one in (scene.link, link):
                for behind in ("/message", "/message.eml", "/reply"):
                    answer = visitor.request(one + behind, follow=False)
                    assert answer.status == 303 and answer.location.endswith("/box/account"), (one, behind)
        # Neither with the mailbox's passphrase at the link of a notice, nor with the clue's answer.
        page, visitor = unlock(link, "seven green umbrellas")
        assert page.url.endswith("/box/account") and "again" not in page.words().split(), page.url
        page, visitor = unlock(scene.link)
        assert "The message lies in your mailbox" in page.words() and visitor.get(scene.link + "/message").status == 403
        # Nobody else is asked for one: neither the desk, nor who has a message and no mailbox.
        assert is_in(postern, scene.alice)
        _, single = secured(postern, to="ivy@example.net")
        assert "The body of it." in opens(single)[0].words()
        # Once there is one, there is the mailbox; and it stays.
        secret, _ = set_up(postern, fresh, clock, "/box")
        assert "Figures again" in fresh.get(postern.url + "/box").words()
        assert "The body of it." in fresh.get(link + "/message").words()
        page = fresh.submit(fresh.get(postern.url + "/box/account"), "code",
                            code=app_code(secret, clock.next_step()), do="remove")
        assert page.status == 409 and "It has to stay" in page.words(), page.words()
        page = fresh.get(postern.url + "/box/account")
        assert post(fresh, postern.url + "/box/leave", page.forms()[0]["fields"]).status == 303
        assert "Open your mailbox" in fresh.get(postern.url + "/box").words()


def sign_in_without_factor(postern):
    """Bob, who has none yet."""
    visitor = Visitor()
    page = visitor.submit(ask_code(postern, BOB, visitor), "code", code=mailed_code(postern, BOB))
    assert page.url.endswith("/desk/account"), page.url
    return visitor


if __name__ == "__main__":
    cases.run("__main__")
