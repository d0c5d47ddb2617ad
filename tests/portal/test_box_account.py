#!/usr/bin/python3 -B
"""The account of a mailbox's owner: second factors, sessions, places, what is told of them, and the end of it
all with the mailbox."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from authenticator import EDDSA  # noqa: E402
from desk import FRED, GINA, ask_code, id_text, mailed_code, opens, post, secured, sign_in, unlock  # noqa: E402
from postern import Postern, body_text, body_words, wait_for  # noqa: E402
from test_account import Clock, app_code, begin, set_up, told  # noqa: E402
from test_factor import enter as enter_code, mailed_code as factor_code  # noqa: E402
from test_mailbox import BODY, OTHER, OWN, box_of, boxed, enter, in_list, make  # noqa: E402
from test_mailbox_lost import ask, begun, keep, mailed  # noqa: E402
from test_passkey import added, authenticator, button, data_of, shown  # noqa: E402
from test_reset import refused, reset  # noqa: E402
from test_reset import shown as account_shown  # noqa: E402
from test_sessions import CHROME, PROXY, visitor_from  # noqa: E402
from visitor import Visitor  # noqa: E402

BOX_COOKIE = "__Host-postern-box"
PATIENT = "network_tries = 10000;"
# What others keep of an address: its keys, and what senders settled.
OF_OTHERS = ("key", "key_search", "own_key", "sheet", "template")


def of_owners(postern):
    """Every table that knows an owner of a mailbox by the index of their address, or a mailbox."""
    found = postern.query("select distinct table_name from information_schema.columns where table_schema = 'public' "
                          "and column_name in ('owner_index', 'address_index', 'mailbox_id')")
    return {table for (table,) in found}.difference(OF_OTHERS)


def in_use(postern, tables):
    """Those that are not empty."""
    return {table for table in tables if postern.query("select exists (select from %s)" % table) == [["t"]]}


def account(postern, visitor, behind=""):
    """A page of the account."""
    page = visitor.get(postern.url + "/box/account" + behind)
    assert page.status == 200 and "Mailbox of " in page.words(), page.words()
    return page


def is_in(postern, visitor):
    """Is this browser in the mailbox (still)?"""
    return "Mailbox of " in visitor.get(box_of(postern)).words()


def cookie(visitor, name=BOX_COOKIE):
    """The value of a cookie; None without one."""
    return next((found.value for found in visitor.cookies if found.name == name), None)


def with_cookie(url, value):
    """What somebody sees who has copied it."""
    return Visitor().get(url, headers={"Cookie": "%s=%s" % (BOX_COOKIE, value)})


def owes(postern, passphrase=OWN, visitor=None):
    """Sign in as far as the passphrase; gives the page that asks for the factor."""
    page, visitor = enter(postern, passphrase, visitor=visitor)
    assert page.status == 200 and page.url.endswith("/box/factor"), page.words()
    assert not is_in(postern, visitor) and cookie(visitor) is None
    return page, visitor


def enters(postern, code):
    """Sign in with passphrase and code; gives the visitor."""
    page, visitor = owes(postern)
    page = visitor.submit(page, "code", code=code)
    assert page.url == box_of(postern) and is_in(postern, visitor), page.words()
    return visitor


def change(postern, visitor, word, proof):
    """Press a button of the account's page, with what it takes."""
    page = account(postern, visitor)
    return post_followed(postern, visitor, dict(page.form("code")["fields"], do=word, **shown(page, proof)))


def post_followed(postern, visitor, fields, behind=""):
    """Send one of its forms by hand; gives the page that follows."""
    answer = post(visitor, postern.url + "/box/account" + behind, fields)
    return visitor.get(postern.url + answer.location) if answer.status == 303 else answer


def told_fred(postern, words):
    """The next mail about the account; it leads to where Fred can do something, and to no desk."""
    text = told(postern, words, FRED)
    assert "desk" not in text and "administrators" not in text and "code by mail" not in text, text
    return text


def lie_open(postern, visitor, *links):
    """Are these read by this browser?"""
    return [BODY in visitor.get(link + "/message").words() for link in links]


def test_life_of_a_factor():
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        page, fred = make(postern)
        first = in_list(page)[0].removesuffix("/message")
        second = boxed(postern, "Second")
        page, secret = begin(postern, fred, "/box")
        assert fred.submit(page, "code", code="000000").status == 403
        assert is_in(postern, enter(postern)[1]), "what is only begun counts"
        secret, codes = set_up(postern, fred, clock, "/box")
        assert "set up codes by an app for " + FRED in told_fred(postern, "Signing in at")
        assert "takes your passphrase, and a code of your authenticator app" in account(postern, fred).words()
        assert lie_open(postern, fred, first, second) == [True, True]
        # The passphrase alone opens nothing: not at the door, nor at the link of a notice.
        page, visitor = owes(postern)
        wrong = visitor.submit(page, "code", code="000000")
        assert wrong.status == 403 and "Tries left: 4" in wrong.words()
        assert "or the administrators of Example Organisation" in page.words(), page.words()
        page, reader = unlock(second, OWN)
        assert page.url.endswith("/box/factor") and lie_open(postern, reader, first, second) == [False, False]
        # Nor does the answer to the clue open what lies there now.
        page, reader = unlock(first)
        assert "The message lies in your mailbox" in page.words() and "Open your mailbox" in page.words(), page.words()
        assert lie_open(postern, reader, first, second) == [False, False] and BODY not in page.words()
        page, reader = owes(postern, visitor=reader)
        assert reader.submit(page, "code", code=app_code(secret, clock.next_step())).url == box_of(postern)
        assert lie_open(postern, reader, first, second) == [True, True]
        # Without the telephone; each code is good for once.
        other = enters(postern, codes[3].upper())
        assert "used a recovery code" in told_fred(postern, "A recovery code was used")
        page, visitor = owes(postern)
        assert visitor.submit(page, "code", code=codes[3]).status == 403
        assert "Recovery codes left 9" in account(postern, other).words()
        # New ones, and away with it.
        page = change(postern, fred, "renew", app_code(secret, clock.next_step()))
        assert len(set(re.findall(r'class="code">([0-9a-z]{4}-[0-9a-z]{4})<', page.text)) - set(codes)) == 10
        told_fred(postern, "New recovery codes")
        page = change(postern, fred, "remove", app_code(secret, clock.next_step()))
        assert "Your passphrase is enough again to sign in" in page.words(), page.words()
        assert "passphrase is enough again to open the mailbox" in told_fred(postern, "Signing in at")
        assert is_in(postern, enter(postern)[1]) and BODY in opens(first)[0].words()


def test_passkeys():
    with Postern(policy=PATIENT) as postern:
        _, fred = make(postern)
        _, gina = make(postern, to=GINA)
        one, two = authenticator(postern), authenticator(postern, EDDSA)

        def add(device, proof, name):
            page = account(postern, fred, "/passkey")
            return fred.submit(page, "name", **dict(device.make(data_of(page, "passkey-make")), name=name),
                               **shown(page, proof))

        page = add(one, None, "Telephone")
        assert "The passkey is added" in page.words() and page.text.count('class="code"') >= 10, page.words()
        assert postern.url + "/box" not in told_fred(postern, "A passkey was added"), "no link is needed"
        # A user of their own, of whom a device learns nothing but the address that it shows.
        users = [data_of(account(postern, who, "/passkey"), "user") for who in (fred, gina)]
        assert len(set(users)) == 2 and all(len(user) == 43 for user in users)
        dump = str(postern.query("select encode(address_index, 'base64') from mailbox"))
        assert not any(user.replace("-", "+").replace("_", "/")[:40] in dump for user in users)
        assert "The passkey is added" in add(two, one, "Key").words()
        # Signing in with it; what was signed is good for once, in that browser.
        page, visitor = owes(postern)
        assert data_of(page, "host") == "localhost" and "Show a passkey" in page.text
        fields = two.show(data_of(page, "challenge"))
        page, thief = owes(postern)
        assert thief.submit(page, "passkey_id", **fields).status == 403
        page = visitor.get(postern.url + "/box/factor")
        assert visitor.submit(page, "passkey_id", **two.show(data_of(page, "challenge"))).url == box_of(postern)
        assert visitor.submit(page, "passkey_id", **fields).status == 403
        page, other = owes(postern)
        assert other.submit(page, "passkey_id", **one.show(data_of(page, "challenge"), origin="https://evil.example")
                            ).status == 403
        # A copy is refused, and told; one of them goes, then the last.
        two.counter = 0
        page, copier = owes(postern)
        page = copier.submit(page, "passkey_id", **two.show(data_of(page, "challenge")))
        assert page.status == 403 and "There seems to be a copy" in page.words() and "tell Example" in page.words()
        assert "there seems to be a copy" in told_fred(postern, "A passkey was refused")
        assert "It is taken away" in change(postern, fred, button(account(postern, fred), "Key"), one).words()
        told_fred(postern, "A passkey was taken away")
        assert "It is taken away" in change(postern, fred, button(account(postern, fred), "Telephone"), one).words()
        assert "passphrase is enough again" in told_fred(postern, "Signing in at")
        assert is_in(postern, enter(postern)[1])


def test_a_change_of_factors_ends_what_was_stolen():
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        page, fred = make(postern)
        first = in_list(page)[0].removesuffix("/message")
        secret = None
        words = ["set up", "renew", "remove"]
        for word in words:
            # Another browser, one that owes a factor, one that reads a message by its clue's answer, and
            # a copy of the cookie.
            waiting = Visitor()
            if secret is None:
                other, reader = enter(postern)[1], opens(first)[1]
                assert lie_open(postern, reader, first) == [True]
            else:
                other, reader = enters(postern, app_code(secret, clock.next_step())), Visitor()
                page, waiting = owes(postern)
            copied = cookie(fred)
            assert "Mailbox of" in with_cookie(box_of(postern), copied).words(), "the control"
            if word == "set up":
                secret, _ = set_up(postern, fred, clock, "/box")
            else:
                answer = change(postern, fred, word, app_code(secret, clock.next_step()))
                # What the answer shows is of the session as it is now.
                assert answer.status == 200 and answer.forms()[0]["fields"]["csrf"] == \
                    account(postern, fred).forms()[0]["fields"]["csrf"]
            assert is_in(postern, fred) and cookie(fred) != copied, word
            assert lie_open(postern, fred, first) == [True]
            assert "Mailbox of" not in with_cookie(box_of(postern), copied).words(), "the copied cookie is still good"
            assert not is_in(postern, other) and lie_open(postern, reader, first) == [False], word
            if word != "set up":
                answer = waiting.submit(page, "code", code=app_code(secret, clock.next_step()))
                assert answer.status == 403 and not is_in(postern, waiting), word


def test_sessions_are_seen_and_end():
    with Postern(portal=PROXY, policy=PATIENT) as postern:
        make(postern)
        _, fred = enter(postern, visitor=visitor_from())
        _, other = enter(postern, visitor=visitor_from(CHROME, "198.51.100.9"))
        page, gina = make(postern, to=GINA, own=OTHER)
        words = account(postern, fred).words()
        for text in ("Firefox on Linux, 192.0.2.0/24 this one", "Chrome on Windows, 198.51.100.0/24"):
            assert text in words.replace(" ,", ","), words
        assert "at your desk" not in words
        dump = "".join(row[0] for row in postern.query("select encode(place, 'escape') from mailbox_session"))
        assert dump and "Firefox" not in dump and "192.0.2" not in dump
        # Two others: the browser in which it was made, and Chrome; the newest of them first.
        (chrome, made) = re.findall(r'name="session" value="([0-9a-z]{26})"', account(postern, fred).text)
        csrf = account(postern, fred).forms()[0]["fields"]["csrf"]

        def press(word, visitor=fred, **fields):
            return post(visitor, postern.url + "/box/account/sessions", dict(fields, do=word, csrf=csrf))

        assert press("one", session=chrome).location.endswith("/box/account") and not is_in(postern, other)
        (hers,) = postern.query("select s.id from mailbox_session s join mailbox b on b.id = mailbox_id "
                                "order by b.created_at desc limit 1")
        assert press("one", session=id_text(hers[0])).status == 303 and is_in(postern, gina)
        assert press("one", session="x").status == 400 and press("nothing").status == 400
        _, third = enter(postern)
        assert press("others").status == 303 and not is_in(postern, third) and is_in(postern, fred)
        _, third = enter(postern)
        answer = press("all")
        assert answer.status == 303 and answer.location.endswith("/box?done=left"), answer.location
        assert not is_in(postern, fred) and not is_in(postern, third) and is_in(postern, gina)
        assert cookie(fred) is None


def test_new_places_are_told_in_the_owners_language():
    with Postern(portal=PROXY, policy=PATIENT) as postern:
        make(postern, choices={"language": "de"})
        _, fred = enter(postern)
        places = "select count(*) from account_event where what = 20"
        assert postern.query(places) == [["0"]], "the place in which it was made is told"
        enter(postern, visitor=visitor_from(CHROME, "198.51.100.9"))
        message, _ = postern.next_letter(FRED, lambda m: "neuen Ort" in m["Subject"])
        text = body_words(message)
        assert "Chrome unter Windows, 198.51.100.0/24" in text.replace("auf Windows", "unter Windows"), text
        assert postern.url + "/box/account" in text and "Administrator" not in text and "/r/" not in text, text
        assert message["Content-Language"] == "de", message.as_string()
        # At the link of a notice, too; behind a factor only once it was shown.
        link = boxed(postern, "Second")
        unlock(link, OWN, visitor_from(address="203.0.113.5"))
        assert postern.query(places) == [["2"]]
        clock = Clock(postern)
        secret, _ = set_up(postern, fred, clock, "/box")
        page, visitor = owes(postern, visitor=visitor_from(address="203.1.113.5"))
        assert postern.query(places) == [["2"]]
        visitor.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert postern.query(places) == [["3"]]
        postern.settle()
        assert "203.0.113" not in postern.log.read_text()
        # Without a sender's choice it is the language of the page on which its owner chose a passphrase.
        postern.query("update delivery set language = ''")
        browser = Visitor()
        for opener in (browser.opener, browser.still):
            opener.addheaders = [("Accept-Language", "fr")]
        page, browser = enter(postern, visitor=browser)
        browser.submit(page, "code", code=app_code(secret, clock.next_step()))
        page = browser.get(postern.url + "/box/passphrase")
        assert 'lang="fr"' in page.text
        browser.submit(page, "current", current=OWN, passphrase=OTHER, passphrase_again=OTHER)
        page = browser.get(postern.url + "/box/account")
        fields = dict(page.form("code")["fields"], do="remove", code=app_code(secret, clock.next_step()))
        assert post(browser, postern.url + "/box/account", fields).status == 200
        message, _ = postern.next_letter(FRED, lambda m: "n\u2019est plus prot\u00e9g\u00e9e" in m["Subject"])
        assert message["Content-Language"] == "fr" and "phrase secr\u00e8te suffit" in " ".join(
            body_text(message).split())


def test_what_asks_for_a_code_takes_the_owners_factor_too():
    """A message that asks for a code of its own does not let anybody past the factor of the mailbox."""
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        _, fred = make(postern)
        link = boxed(postern, "Second")
        postern.query("update delivery set factor = 1 where opened_at is null")
        secret, _ = set_up(postern, fred, clock, "/box")
        # With the passphrase alone not even the code is asked for.
        page, reader = unlock(link, OWN)
        assert page.url.endswith("/box/factor"), page.url
        assert postern.query("select count(*) from factor_try") == [["0"]]
        assert reader.submit(page, "code", code=app_code(secret, clock.next_step())).url == box_of(postern)
        page = reader.submit(reader.get(link), "passphrase", passphrase=OWN)
        assert page.url == link + "/code", page.url
        page = enter_code(reader, page, factor_code(postern))
        assert BODY in page.words(), page.words()


def test_guessing_is_bounded():
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        _, fred = make(postern)
        secret, _ = set_up(postern, fred, clock, "/box")
        for _ in range(2):
            page, visitor = owes(postern)
            for number in range(5):
                answer = visitor.submit(page, "code", code="00000%d" % number)
                assert answer.status == 403
            assert "mistyped too often" in answer.words()
        # Ten within an hour, however often the passphrase is typed; who is inside stays there.
        page, visitor = owes(postern)
        answer = visitor.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert answer.status == 429 and "too many wrong codes" in answer.words(), answer.words()
        assert is_in(postern, fred)


def test_two_administrators():
    with Postern(policy=PATIENT + ' reset_wait = "0 s";') as postern:
        clock = Clock(postern)
        _, fred = make(postern)
        set_up(postern, fred, clock, "/box")
        assert reset(postern, "Ann", "ann", address=FRED).returncode == 0
        text = told_fred_of_reset(postern, "Your second factors at")
        assert postern.url + "/box/account" in text and "The passphrase is enough" in text, text
        page = account(postern, fred)
        assert "about to be taken away" in page.words()
        form = next(form for form in page.forms() if form["action"] == "/box/account/keep")
        page = post_followed(postern, fred, form["fields"], "/keep")
        assert "about to be taken away" not in page.words()
        told_fred_of_reset(postern, "Your second factors at")
        refused(reset(postern, "Ben", "ben", "--confirm", address=FRED), "no reset is begun")
        assert reset(postern, "Ann", "ann", address=FRED).returncode == 0
        assert account_shown(postern, FRED)["sessions"] == 1
        assert reset(postern, "Ben", "ben", "--confirm", address=FRED).returncode == 0
        assert not is_in(postern, fred) and is_in(postern, enter(postern)[1])


def told_fred_of_reset(postern, words):
    """The next mail about a reset, which names administrators, but no desk."""
    text = told(postern, words, FRED)
    assert "/desk" not in text and "code by mail" not in text, text
    return text


def close(postern, visitor):
    """Close the mailbox."""
    page = visitor.get(postern.url + "/box/close")
    page = visitor.submit(page, "sure", passphrase=OWN, sure="yes")
    assert "Your mailbox is gone" in page.words(), page.words()


def test_closing_forgets_its_owner():
    with Postern(portal=PROXY, policy=PATIENT) as postern:
        clock = Clock(postern)
        make(postern)
        _, fred = enter(postern, visitor=visitor_from())
        told_fred(postern, "Signing in at")
        secret, _ = set_up(postern, fred, clock, "/box")
        told_fred(postern, "Signing in at")
        device = authenticator(postern)
        added(postern, fred, device, app_code(secret, clock.next_step()), name="Key", base="/box")
        told_fred(postern, "A passkey was added")
        begun(postern)
        mailed(postern, "is about to be given up")
        keep(fred, fred.get(box_of(postern)))
        mailed(postern, " stays")
        ask(postern)
        mailed(postern)
        assert reset(postern, "Ann", "ann", address=FRED).returncode == 0
        assert in_use(postern, of_owners(postern)) == of_owners(postern) - {"desk_session", "sign_in"}
        page = fred.get(postern.url + "/box/close")
        assert "Second factors that you set up here are forgotten" in page.words()
        close(postern, fred)
        # Mails that are due leave, and then there is nothing.
        told_fred_of_reset(postern, "Your second factors at")
        postern.stop("courier")
        postern.start("courier")
        wait_for("everything to be gone", lambda: not in_use(postern, of_owners(postern)))
        # The next mailbox is that of somebody who never was here.
        page, fred = make(postern)
        assert "takes your passphrase. With an authenticator app" in account(postern, fred).words()
        assert postern.query("select count(*) from account_event") == [["0"]]


def test_closing_leaves_what_people_at_the_desk_have():
    with Postern(policy=PATIENT + "sign_in_codes = 100;") as postern:
        clock = Clock(postern)
        _, fred = make(postern)
        # From now on their domain is one of the organisation's.
        postern.config.write_text(postern.config.read_text().replace(
            'domains = ( "corp.example" )', 'domains = ( "corp.example", "example.net" )'))
        for daemon in ("portal", "courier"):
            postern.stop(daemon)
            postern.start(daemon)
        at_desk = sign_in(postern, FRED)
        words = account(postern, fred).words()
        assert "at your desk" in words, words
        secret, _ = set_up(postern, fred, clock, "/box")
        assert "Signed in as" not in at_desk.get(postern.url + "/desk/messages").words(), "the desk goes on"
        assert postern.url + "/desk" not in told(postern, "Signing in at", FRED)
        at_desk = Visitor()
        page = at_desk.submit(ask_code(postern, FRED, at_desk), "code", code=mailed_code(postern, FRED))
        assert page.url.endswith("/desk/factor")
        page = at_desk.submit(page, "code", code=app_code(secret, clock.next_step()))
        assert "in your mailbox" in at_desk.get(postern.url + "/desk/account").words()
        assert "are forgotten" not in fred.get(postern.url + "/box/close").words()
        close(postern, fred)
        assert postern.query("select count(*) from account_factor where confirmed") == [["1"]]
        assert "Signed in as" in at_desk.get(postern.url + "/desk/messages").words()


def test_who_has_factors_shows_one_for_a_new_mailbox():
    with Postern(policy=PATIENT) as postern:
        clock = Clock(postern)
        _, fred = make(postern)
        secret, _ = set_up(postern, fred, clock, "/box")
        told_fred(postern, "Signing in at")
        # As if their mailbox had gone without them.
        postern.query("delete from mailbox_session")
        postern.query("delete from mailbox_message")
        postern.query("delete from mailbox")
        _, link = secured(postern)
        _, again = opens(link)
        page = again.submit(again.get(link + "/mailbox"), "passphrase_again", passphrase=OWN, passphrase_again=OWN)
        assert page.url.endswith("/box/factor") and not is_in(postern, again), page.url
        assert again.submit(page, "code", code=app_code(secret, clock.next_step())).url == box_of(postern)


if __name__ == "__main__":
    cases.run("__main__")
