#!/usr/bin/python3 -B
"""Languages: chosen by a link, by the browser, by the organisation; mails in what the sender chose."""

import csv
import http.client
import io
import pathlib
import re
import socket
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, CLUE, FRED, GINA, PASSPHRASE, desk, finish, held, new_template, notice,  # noqa: E402
                  secured, send, sign_in, template_of, unlock)
from postern import Postern, body_text, link_in, program  # noqa: E402
from tls import unchecked_tls  # noqa: E402
from visitor import Visitor, without_token  # noqa: E402

COOKIE = "__Secure-postern-language"
GERMAN = "Eine vertrauliche Nachricht für Sie"
FRENCH = "Un message confidentiel pour vous"
SPANISH = "Un mensaje confidencial para usted"
ARABIC = "رسالة سرية لك"
ENGLISH = "A confidential message for you"


def language_of(page):
    """What the page says of itself: (lang, dir); the header field must say the same."""
    lang, direction = re.search(r'<html lang="([^"]*)" dir="([^"]*)">', page.text).groups()
    assert page.headers["Content-Language"] == lang, page.headers.items()
    assert "Accept-Language" in page.headers["Vary"], page.headers.items()
    return lang, direction


def asks(visitor, url, accepted):
    """A page as a browser that prefers these languages gets it."""
    return visitor.get(url, headers={"Accept-Language": accepted})


def choose(visitor, page, code):
    """Follow the link to a language in the foot of a page."""
    found = [link for link in page.links() if link.endswith("language=" + code)]
    assert len(found) == 1, page.links()
    return visitor.get(urllib.parse.urljoin(page.url, found[0]))


def raw_get(postern, target, method="GET"):
    """Status, Location and Set-Cookie for a target that no browser would send."""
    context = unchecked_tls()
    with socket.create_connection(("localhost", postern.https_port)) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(("%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\n\r\n" % (
            method, target, postern.https_port)).encode())
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        place = answer.getheader("Location")
        assert place is None or without_token(place) != place, place
        return answer.status, place and without_token(place), answer.getheader("Set-Cookie")


def test_a_link_chooses_for_the_visit():
    with Postern() as postern:
        _, link = secured(postern)
        visitor = Visitor()
        page = visitor.get(link)
        assert language_of(page) == ("en", "ltr") and ENGLISH in page.words(), page.words()
        assert '<b lang="en" aria-current="true">English</b>' in page.text
        assert re.search(r'<a href="\?language=ar" rel="nofollow" lang="ar" hreflang="ar">العربية</a>', page.text)
        page = choose(visitor, page, "de")
        assert page.url == link, "the link leads back to the same page"
        assert language_of(page) == ("de", "ltr") and GERMAN in page.words(), page.words()
        # It holds for the visit, against what the browser asks for, and behind the passphrase.
        assert language_of(asks(visitor, postern.url + "/", "fr"))[0] == "de"
        page, _ = unlock(link, "wrong", visitor)
        assert page.status == 403 and "Das war nicht die Passphrase" in page.words(), page.words()
        page, _ = unlock(link, PASSPHRASE, visitor)
        assert page.url == link + "/message" and language_of(page)[0] == "de"
        assert "Diese Nachricht jetzt vernichten" in page.words(), page.words()
        assert re.search(r"\d+\. \S+ 20\d\d, \d\d:\d\d UTC", page.words()), page.words()
        page = choose(visitor, page, "ar")
        assert page.url == link + "/message" and language_of(page) == ("ar", "rtl")
        assert "<bdi>alice@corp.example</bdi>" in page.text or "<bdi>Alice</bdi>" in page.text
        # Another visitor is not asked; nothing was kept here, and no log knows the address.
        assert language_of(Visitor().get(link))[0] == "en"
        secret = link.rsplit("/", 1)[1]
        assert secret not in postern.log.read_text() and "language=" not in postern.log.read_text()


def test_a_choice_leads_nowhere_else():
    with Postern(start=False) as postern:
        postern.start("portal")
        for target, status, place in (("/?language=de", 303, "/"), ("/?language=xx", 303, "/"),
                                      ("/?a=b&language=de&c=d", 303, "/?a=b&c=d"),
                                      ("/desk?language=de", 303, "/desk/messages"),
                                      ("/?a=b&at=12&language=de", 303, "/?a=b"),
                                      ("/?LANGUAGE=de", 303, "/"), ("/?language=", 200, None),
                                      ("//evil.example/?language=de", 404, None),
                                      ("/\\evil.example?language=de", 404, None),
                                      ("/?language=de&x=\x7f", 303, "/")):
            got, location, cookie = raw_get(postern, target)
            assert (got, location) == (status, place), (target, got, location)
            assert (cookie is not None) == (got == 303 and "xx" not in target), (target, cookie)
            if cookie is not None:
                assert cookie == COOKIE + "=de; Path=/; Secure; HttpOnly; SameSite=Lax", cookie
        assert raw_get(postern, "/?language=de", "HEAD")[:2] == (303, "/")


def test_the_browser_asks():
    with Postern() as postern:
        _, link = secured(postern)
        for accepted, lang, words in (
                ("fr", "fr", FRENCH), ("fr-CA,fr;q=0.9,en;q=0.8", "fr", FRENCH),
                ("it, es;q=0.5", "es", SPANISH), ("de;q=0.1, ar", "ar", ARABIC),
                ("it", "en", ENGLISH), ("", "en", ENGLISH), ("de;q=0", "en", ENGLISH),
                (";;;,q=,=;\t,*;q=9", "en", ENGLISH), ("de," * 2000, "de", GERMAN)):
            page = asks(Visitor(), link, accepted)
            assert language_of(page)[0] == lang and words in page.words(), (accepted, page.words())
        # A language without the words of senders is not spoken to them, and not offered there; errors have
        # a language as well.
        page = asks(Visitor(), postern.url + "/desk", "fr")
        assert language_of(page) == ("en", "ltr") and "Sign in to your desk" in page.words()
        assert "Runs on Postern." in page.words(), page.words()
        offered = [to for to in page.links() if "language=" in to]
        assert any(to.endswith("=de") for to in offered) and not any(to.endswith("=fr") for to in offered), offered
        page = asks(Visitor(), postern.url + "/desk", "de")
        assert language_of(page)[0] == "de", page.words()
        page = asks(Visitor(), postern.url + "/nothing", "nl")
        assert page.status == 404 and "Hier is niets" in page.words(), page.words()
        # Every page of a recipient, from right to left.
        page = asks(Visitor(), link, "ar")
        assert language_of(page) == ("ar", "rtl") and "<bdi>" + CLUE + "</bdi>" in page.text


def test_the_word_that_confirms():
    with Postern() as postern:
        for language, wrong, word in (("de", "oui", "ja"), ("es", "ja", "si"), ("ar", "ja", "نعم"),
                                      ("fr", "si", "yes")):
            _, link = secured(postern)
            visitor = Visitor()
            page = choose(visitor, unlock(link, PASSPHRASE, visitor)[0], language)
            page = visitor.submit(page, "sure", sure=wrong)
            assert page.status == 400, (language, wrong, page.words())
            page = visitor.submit(visitor.get(link + "/message"), "sure", sure=word)
            assert visitor.get(link).status == 410, (language, word, page.words())


def test_mails_are_in_the_language_that_their_sender_chose():
    with Postern() as postern:
        link = held(postern)
        finish(link, language="de")
        message = notice(postern)
        assert message["Subject"] == "Alice hat Ihnen eine sichere Nachricht gesendet"
        assert message["Content-Language"] == "de"
        text = body_text(message)
        assert "auf Sie wartet eine vertrauliche Nachricht." in text, text
        assert re.search(r"^    Verfügbar bis: \d+\. \S+ 20\d\d, \d\d:\d\d UTC\s*$", text, re.M), text
        assert all(len(line) <= 78 for line in text.splitlines()), text
        link_in(message, "r")
        # The sender still reads the organisation's.
        assert "On its way" not in text and ENGLISH not in text
        # A template says it for all later messages; a new link is in its language, too.
        alice = sign_in(postern)
        new_template(postern, alice, GINA, language="fr")
        page = alice.get(template_of(postern, alice, GINA))
        assert '<option value="fr" lang="fr" selected>Français</option>' in page.text
        send(postern, "secure-" + GINA)
        message = notice(postern, GINA)
        assert message["Subject"] == "Alice vous a envoyé un message sécurisé", message["Subject"]
        assert message["Content-Language"] == "fr"
        postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        # A language that is taken away again is as none; a made-up one is not taken.
        postern.query("update template set language = 'eo'")
        send(postern, "secure-" + GINA)
        assert notice(postern, GINA)["Subject"] == "Alice has sent you a secure message"
        assert "Saved" in alice.submit(alice.get(template_of(postern, alice, GINA)), "clue",
                                       language="'; x").words()
        assert postern.query("select count(*) from template where language = ''") == [["1"]]


def test_the_organisation_has_a_language():
    with Postern(organisation='language = "de";') as postern:
        send(postern)
        message, _ = postern.next_letter(
            ALICE, lambda m: m["Subject"] == "Ihre Nachricht an %s wartet auf Sie" % FRED)
        assert message["Content-Language"] == "de"
        link = link_in(message, "s")
        page = Visitor().get(link)
        assert language_of(page)[0] == "de", "where the browser says nothing"
        assert "In der der Organisation (Deutsch)" in page.words(), page.words()
        finish(link)
        assert notice(postern)["Subject"] == "Alice hat Ihnen eine sichere Nachricht gesendet"
        send(postern, "secure-" + GINA)
        message, _ = postern.next_letter(ALICE, lambda m: GINA in m["Subject"])
        finish(link_in(message, "s"), language="en")
        assert notice(postern, GINA)["Subject"] == "Alice has sent you a secure message"


def test_a_language_that_is_not_installed_does_not_start():
    with Postern(start=False, organisation='language = "eo";') as postern:
        for name in ("courier", "portal"):
            done = subprocess.run([program(), name, "--config", postern.config],
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode == 1 and "organisation.language" in done.stderr, done.stderr


def test_a_list_has_languages():
    with Postern() as postern:
        alice = sign_in(postern)

        def bring(text):
            return alice.submit(desk(postern, alice, "/templates/import"), "rows", rows=text)
        page = bring("recipient,clue,language\n%s,Which?,nl\n%s,Which?,\n" % (FRED, GINA))
        assert "New templates: 2." in page.words(), page.words()

        def listed():
            text = alice.get(postern.url + "/desk/templates.csv").text
            return [row["language"] for row in csv.DictReader(io.StringIO(text))]
        assert listed() == ["nl", ""], listed()
        # Lists of before this column change nothing of it; a made-up language is told.
        page = bring("recipient,clue\n%s,Which one?\n" % FRED)
        assert "Changed templates: 1." in page.words(), page.words()
        assert listed() == ["nl", ""], listed()
        page = bring("recipient,clue,language\n%s,Which?,eo\n" % FRED)
        assert page.status == 400 and "language is not the tag" in page.words(), page.words()


if __name__ == "__main__":
    cases.run(__name__)
