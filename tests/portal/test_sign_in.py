#!/usr/bin/python3 -B
"""Signing in at the desk: a code goes to addresses of the organisation and to nobody else, it is
good for one browser, a few tries and ten minutes, and what it opens ends when it should."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, HOUR, MINUTE, ask_code, is_code, is_signed_in,  # noqa: E402
                  mailed_code, sign_in)
from postern import Postern, body_text, parse_letter  # noqa: E402
from visitor import Visitor  # noqa: E402

SESSION, CODE = "__Secure-postern-desk", "__Secure-postern-code"


def cookie(visitor, name):
    """The value of a cookie, None when it is not there."""
    found = [each.value for each in visitor.cookies if each.name == name]
    assert len(found) < 2, found
    return found[0] if found else None


def from_network(address):
    """A browser that the proxy in front says comes from there."""
    visitor = Visitor()
    for opener in (visitor.opener, visitor.still):
        opener.addheaders.append(("X-Forwarded-For", address))
    return visitor


def wrong(code):
    """Another code."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def test_only_own_addresses_get_a_code():
    addresses = (ALICE, "dora@sales.corp.example", "mallory@elsewhere.example",
                 "nobody@corp.example.elsewhere.example", "eve@notcorp.example")
    with Postern() as postern:
        seen = set()
        for address in addresses:
            visitor = Visitor()
            page = visitor.get(postern.url + "/desk")
            answer = visitor.submit(page, "address", address=address, follow=False)
            shown = visitor.get(postern.url + "/desk/code")
            text = re.sub(r'value="[^"]*"', "", shown.text.replace(address, "ADDRESS"))
            seen.add((answer.status, answer.location, shown.status, text,
                      len(cookie(visitor, CODE)), tuple(sorted(answer.headers.keys()))))
        assert len(seen) == 1, seen
        assert (303, "/desk/code", 200) == tuple(seen)[0][:3], seen
        postern.settle()
        assert {path.name for path in postern.maildir.iterdir()} == set(addresses[:2])
        for address in addresses[:2]:
            (_, raw), = postern.letters(address)
            message, _ = parse_letter(raw)
            assert is_code(message) and address in body_text(message)
            assert message["Auto-Submitted"] == "auto-generated"
        # A code leaves the database with its mail; nothing else is left to be mailed.
        assert postern.query("select count(*) from sign_in where code_wrap is not null") == [["3"]]
        assert postern.query("select count(*) from outbox where state = 1") == [["0"]]
        for typed in ("", "alice", "alice@", "alice@corp.example, bob@corp.example", "a b@c.example"):
            answer = ask_code(postern, typed, Visitor())
            assert answer.status == 400 and "aria-invalid" in answer.text, typed
        assert postern.query("select count(*) from sign_in") == [["5"]]


def test_a_code_opens_the_desk_once():
    with Postern() as postern:
        visitor = Visitor()
        page = ask_code(postern, " Alice@CORP.example ", visitor)
        asked = cookie(visitor, CODE)
        code = mailed_code(postern, ALICE)
        answer = visitor.submit(page, "code", code=code.replace(" ", "-"), follow=False)
        given = answer.headers.get_all("Set-Cookie")
        assert answer.status == 303 and answer.location == "/desk/messages"
        for each in given:
            assert re.search("; Path=/desk;.* Secure; HttpOnly; SameSite=Lax$", each), each
        first = cookie(visitor, SESSION)
        assert first and first != asked and cookie(visitor, CODE) is None
        assert is_signed_in(visitor.get(postern.url + "/desk"))
        assert answer.headers["Cache-Control"] == "no-store, no-cache"
        # The same code again, in the browser that asked for it.
        again = Visitor()
        page = ask_code(postern, ALICE, again)
        assert again.submit(page, "code", code=code).status == 403
        assert again.submit(page, "code", code=mailed_code(postern, ALICE)).status == 200
        assert cookie(again, SESSION) not in (None, first)
        assert postern.query("select count(*) from sign_in") == [["0"]]


def test_five_wrong_codes():
    with Postern() as postern:
        visitor = Visitor()
        page = ask_code(postern, ALICE, visitor)
        code = mailed_code(postern, ALICE)
        for left in (4, 3, 2, 1):
            answer = visitor.submit(page, "code", code=wrong(code))
            assert answer.status == 403 and "Tries left: %d." % left in answer.words(), left
        for typed in (wrong(code), code, code):
            answer = visitor.submit(page, "code", code=typed)
            assert answer.status == 403 and "no longer works" in answer.words(), answer.words()
            assert "is on its way" not in answer.words(), answer.words()
            assert not any("code" in form["fields"] for form in answer.forms())
        assert not is_signed_in(visitor.get(postern.url + "/desk"))
        # A new one is as good as ever.
        page = ask_code(postern, ALICE, visitor)
        assert is_signed_in(visitor.submit(page, "code", code=mailed_code(postern, ALICE)))


def test_ten_minutes():
    with Postern() as postern:
        early, late = Visitor(), Visitor()
        pages = [ask_code(postern, address, visitor)
                 for address, visitor in ((ALICE, early), (BOB, late))]
        codes = [mailed_code(postern, address) for address in (ALICE, BOB)]
        postern.set_clock(9 * MINUTE)
        assert is_signed_in(early.submit(pages[0], "code", code=codes[0]))
        postern.set_clock(10 * MINUTE + 1)
        answer = late.submit(pages[1], "code", code=codes[1])
        assert answer.status == 403 and "no longer works" in answer.words(), answer.words()
        assert "no longer works" in late.get(postern.url + "/desk/code").words()
        # A code that comes too late to be typed is not mailed either.
        postern.stop("courier")
        ask_code(postern, ALICE, Visitor())
        postern.set_clock(21 * MINUTE)
        before = len(postern.letters(ALICE))
        postern.start("courier")
        postern.settle()
        assert len(postern.letters(ALICE)) == before


def test_codes_for_one_address_are_counted():
    with Postern(policy="sign_in_codes = 3;") as postern:
        for address in (ALICE, "mallory@elsewhere.example"):
            for _ in range(3):
                assert ask_code(postern, address, Visitor()).url.endswith("/desk/code")
            answer = ask_code(postern, address.upper(), Visitor())
            assert answer.status == 429 and "too many" in answer.words(), answer.words()
            assert 3500 < int(answer.headers["Retry-After"]) <= HOUR
        assert ask_code(postern, BOB, Visitor()).status == 200
        postern.settle()
        assert len(postern.letters(ALICE)) == 3
        postern.set_clock(HOUR + MINUTE)
        assert ask_code(postern, ALICE, Visitor()).status == 200
        postern.settle()
        assert len(postern.letters(ALICE)) == 4


def test_codes_for_one_network_are_counted():
    with Postern(policy="sign_in_network = 4; network_tries = 3;",
                 portal='trusted_proxies = ( "127.0.0.1" );') as postern:
        for number in range(4):
            answer = ask_code(postern, "p%d@corp.example" % number,
                              from_network("198.51.100.%d" % number))
            assert answer.status == 200, answer.words()
        answer = ask_code(postern, ALICE, from_network("198.51.100.77"))
        assert answer.status == 429 and answer.headers["Retry-After"], answer.words()
        other = from_network("203.0.113.1")
        page = ask_code(postern, ALICE, other)
        # Wrong codes count for the network too; then even the right one has to wait.
        code = mailed_code(postern, ALICE)
        for _ in range(3):
            assert other.submit(page, "code", code=wrong(code)).status == 403
        answer = other.submit(page, "code", code=code)
        assert answer.status == 429 and not is_signed_in(other.get(postern.url + "/desk"))


def test_a_code_belongs_to_one_browser():
    with Postern() as postern:
        own, other = Visitor(), Visitor()
        own_page = ask_code(postern, ALICE, own)
        own_code = mailed_code(postern, ALICE)
        other_page = ask_code(postern, ALICE, other)
        other_code = mailed_code(postern, ALICE)
        assert own_code != other_code
        assert other.submit(other_page, "code", code=own_code).status == 403
        answer = Visitor().submit(own_page, "code", code=own_code)
        assert answer.status == 403, "a browser that never asked"
        assert is_signed_in(own.submit(own_page, "code", code=own_code))
        assert is_signed_in(other.submit(other_page, "code", code=other_code))
        # Neither a token that was made up nor the one of the form lets anybody in.
        for value in ("A" * 43, "", "x" * 5000):
            stranger = Visitor()
            answer = stranger.get(postern.url + "/desk",
                                  headers={"Cookie": "%s=%s" % (SESSION, value)})
            assert not is_signed_in(answer) and "Mail me a code" in answer.text


def test_signing_out():
    with Postern() as postern:
        visitor = sign_in(postern)
        kept = [each for each in visitor.cookies if each.name == SESSION]
        page = visitor.get(postern.url + "/desk")
        leave = [form for form in page.forms() if form["action"] == "/desk/leave"]
        assert len(leave) == 1
        answer = visitor.submit(page, "csrf")
        assert "You are signed out" in answer.words(), answer.words()
        assert cookie(visitor, SESSION) is None
        thief = Visitor()
        thief.cookies.set_cookie(kept[0])
        for path in ("", "/templates", "/would", "/templates.csv", "/templates/new"):
            answer = thief.get(postern.url + "/desk" + path)
            assert "Mail me a code" in answer.text and ALICE not in answer.text, path
        assert postern.query("select count(*) from desk_session") == [["0"]]
        # A form without the session's own token does nothing.
        visitor = sign_in(postern)
        page = visitor.get(postern.url + "/desk")
        assert visitor.submit(page, "csrf", csrf="A" * 43).status == 403
        assert is_signed_in(visitor.get(postern.url + "/desk"))


def test_a_visit_ends_by_itself():
    with Postern(policy='session = "40 min";') as postern:
        visitor = sign_in(postern)
        postern.set_clock(14 * MINUTE)
        assert is_signed_in(visitor.get(postern.url + "/desk"))
        postern.set_clock(30 * MINUTE)
        answer = visitor.get(postern.url + "/desk")
        assert "Your visit has ended" in answer.words() and "Mail me a code" in answer.text
        answer = visitor.get(postern.url + "/desk/templates/new")
        assert answer.status == 403 and "Mail me a code" in answer.text
        # In use all the time, it ends nevertheless.
        visitor = sign_in(postern)
        for minute in (42, 54, 66):
            postern.set_clock(minute * MINUTE)
            assert is_signed_in(visitor.get(postern.url + "/desk")), minute
        postern.set_clock(71 * MINUTE)
        assert not is_signed_in(visitor.get(postern.url + "/desk"))


if __name__ == "__main__":
    cases.run("__main__")
