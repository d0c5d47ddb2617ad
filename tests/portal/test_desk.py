#!/usr/bin/python3 -B
"""The desk of a signed-in sender: their own messages and nobody else's, found again, with all that
became of them; and what would happen to the next one."""

import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, CLUE, FRED, GINA, PASSPHRASE, desk, do, file_links,  # noqa: E402
                  finish, finish_mail, held, ids, letter, new_template, notice, opens, post, reply,
                  rows, secured, send, sign_in, template_of, token)
from postern import ROOT, Postern, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

TABLES = ("message", "chunk", "lock", "delivery", "link", "template", "outbox")
NOBODYS = "0" * 26


def id_routes():
    """(method, path) of every route of the desk that has an ID in it, from the table itself."""
    text = (ROOT / "portal" / "route.c").read_text()
    found = {(method, path) for method, path in
             re.findall(r'\.methods = (\w+), \.path = "(/desk/[^"]*ID[^"]*)"', text)}
    acts = re.findall(r'ACT\(base, "(\w+)"', text)
    assert 'ACTS("/desk/delivery/ID"' in text and len(acts) == 8, acts
    for act in acts:
        found |= {(method, "/desk/delivery/ID/" + act) for method in ("GET", "POST")}
    assert len(found) == 28, sorted(found)
    return sorted(found)


def snapshot(postern):
    """A digest of all rows."""
    return postern.query(" union all ".join(
        "select '%s', md5(string_agg(t::text, '|' order by t::text)) from %s t" % (table, table)
        for table in TABLES))


def deliveries(page):
    """Recipient and words of each delivery on a message's page."""
    parts = {}
    for part in re.findall(r'<section class="delivery">(.*?)</section>', page.text, re.S):
        words = " ".join(re.sub("<[^>]*>", " ", part).split())
        parts[words.split()[1]] = words
    return parts


def shown(postern, visitor, **query):
    """Subjects of the list, in its order."""
    return [words.split(" to ")[0] for _, words in rows(desk(postern, visitor, **query))]


def test_nobody_sees_what_is_anothers():
    with Postern() as postern:
        alice = sign_in(postern)
        link, _ = secured(postern)
        held(postern, GINA)
        new_template(postern, alice, "hans@example.net")
        postern.settle()
        bob = sign_in(postern, BOB)
        assert rows(desk(postern, bob)) == [] == rows(desk(postern, bob, "/templates"))
        hers = {"message": ids(postern, "select message_id from delivery where state = 4")[0],
                "delivery": ids(postern, "select id from delivery where state = 4")[0],
                "held": ids(postern, "select id from delivery where state = 2")[0],
                "template": ids(postern, "select id from template")[0]}
        fields = {"csrf": token(bob, postern), "sure": "yes", "clue": CLUE, "lifetime_days": "3",
                  "remind_days": "0", "passphrase": PASSPHRASE, "passphrase_again": PASSPHRASE}
        foreign = token(alice, postern)
        before = snapshot(postern)
        for method, path in id_routes():
            for one in list(hers.values()) + [NOBODYS]:
                url = postern.url + path.replace("ID", one)
                answer = bob.get(url) if method == "GET" else post(bob, url, fields)
                # Two clicks delete once, so that this says the same about what never was.
                if (method, path) == ("POST", "/desk/template/ID/delete"):
                    assert answer.status == 303, answer.status
                else:
                    assert answer.status == 404, (method, path, answer.status)
                assert not re.search("fred|gina|hans|Figures|Delft", answer.text), (method, path)
            if method == "POST":  # her token in his browser
                answer = post(bob, url, dict(fields, csrf=foreign))
                assert answer.status in (403, 404), (path, answer.status)
        assert snapshot(postern) == before, "something moved"
        # Without a session there is the form to sign in; a link of a message is no session.
        stranger = Visitor()
        assert stranger.get(link).status == 200
        for method, path in id_routes():
            url = postern.url + path.replace("ID", hers["delivery"])
            answer = stranger.get(url) if method == "GET" else post(stranger, url, fields)
            assert answer.status == 403 and "Mail me a code" in answer.text, (method, path)
        assert snapshot(postern) == before, "something moved"
        # All of it is there for Alice.
        for path, one in (("message", "message"), ("delivery", "delivery"), ("delivery", "held"),
                          ("template", "template")):
            page = alice.get(postern.url + "/desk/%s/%s" % (path, hers[one]))
            assert page.status == 200 and "Signed in as alice" in page.words(), (one, page.words())


def test_filters():
    with Postern() as postern:
        alice = sign_in(postern)
        assert "There is nothing here" in desk(postern, alice).words()
        held(postern, subject="Waits")
        secured(postern, subject="Unread")
        _, link = secured(postern, GINA, subject="Read")
        opens(link)
        link = held(postern, subject="Back")
        do(Visitor(), link + "/recall")
        send(postern, GINA, subject="Plain")
        send(postern, BOB, subject="Inside")
        send(postern, "alice@corp.example", sender="mallory@elsewhere.example", subject="Foreign")
        postern.settle()
        # A subject goes with its message.
        gone = "(subject no longer kept)"
        secure = {"Waits", "Unread", "Read", gone}
        for show, subjects in (("waiting", {"Waits"}), ("unread", {"Unread"}), ("read", {"Read"}),
                               ("over", {gone}), ("plain", {gone}), ("all", secure),
                               ("", secure), ("nonsense", secure)):
            wait_for(show, lambda: set(shown(postern, alice, show=show)) == subjects)
        page = desk(postern, alice, show="read")
        assert 'value="read" selected' in page.text, "the choice is kept"
        (_, words), = rows(page)
        assert GINA in words and "opened" in words, words
        plain = sorted(words.split()[5] for _, words in rows(desk(postern, alice, show="plain")))
        assert plain == [BOB, GINA], plain
        page = desk(postern, alice, show="over", find="nothing like it")
        assert "Nothing was found" in page.words()


def test_search():
    subjects = {"[secure] Grüße aus Köln": "müller@example.net", "[secure] Weihnachten": FRED,
                "[secure] 100 % & more?": GINA, "[secure] GROSSE Pläne": "fred@other.example"}
    with Postern() as postern:
        for subject, to in subjects.items():
            postern.send(ALICE, [to], letter(to="undisclosed:;", subject=subject), ["SMTPUTF8"])
        postern.settle()
        alice = sign_in(postern)
        for find, words in (("köln", ["Grüße"]), ("KÖLN", ["Grüße"]), ("grüsse", ["Grüße"]),
                            ("GRÜSSE", ["Grüße"]), ("MÜLLER", ["Grüße"]),
                            ("fred", ["GROSSE", "Weihnachten"]),
                            ("Fred@Example", ["Weihnachten"]), ("große", ["GROSSE"]),
                            ("pläne", ["GROSSE"]), ("  weihnacht ", ["Weihnachten"]),
                            ("100 % & more?", ["100"]), ("%", ["100"]), ("_", []), ("secure", []),
                            ("", ["100", "GROSSE", "Grüße", "Weihnachten"])):
            found = sorted(subject.split()[0] for subject in shown(postern, alice, find=find))
            assert found == words, (find, found)
        page = desk(postern, alice, find='100 % & more?"<')
        assert page.form("find")["fields"]["find"] == '100 % & more?"<'
        assert alice.get(postern.url + "/desk?find=%FF%00").status in (200, 400)


def test_pages():
    with Postern() as postern:
        for number in range(60):
            send(postern, "secure-r%02d@example.net" % number,
                 subject="%s %d" % ("Odd" if number % 2 else "Even", number))
        postern.settle()
        alice = sign_in(postern)
        right = ids(postern, "select message_id from delivery order by created_at desc, id desc")
        found, sizes, page = [], [], desk(postern, alice)
        while page is not None:
            part = [url.rsplit("/", 1)[1] for url, _ in rows(page)]
            found, sizes = found + part, sizes + [len(part)]
            if len(sizes) == 1:  # what comes in meanwhile shifts nothing
                send(postern, "secure-late@example.net")
                postern.settle()
            page = following(alice, page)
        assert sizes == [25, 25, 10] and found == right, sizes
        found, page = [], desk(postern, alice, find="EVEN", show="waiting")
        while page is not None:
            found += [int(words.split()[1]) for _, words in rows(page)]
            page = following(alice, page)
        assert sorted(found) == list(range(0, 60, 2)), found
        # A place that is none is the beginning.
        for behind in ("x", "1.", ".%s" % NOBODYS, "9" * 30 + "." + NOBODYS, "1.%s.1" % NOBODYS):
            assert len(rows(desk(postern, alice, behind=behind))) == 25, behind


def following(visitor, page):
    """The next page of a list, None behind the last."""
    links = re.findall(r'<a href="([^"]*)">Next page</a>', page.text)
    if not links:
        return None
    page = visitor.get(urllib.parse.urljoin(page.url, links[0].replace("&amp;", "&")))
    assert page.status == 200 and "Back to the beginning" in page.words(), page.words()
    return page


def test_all_that_became_of_a_message():
    with Postern(policy='receipt_delay = "0 s";') as postern:
        alice = sign_in(postern)
        new_template(postern, alice, "hans@example.net")
        people = ["secure-" + FRED, "secure-" + GINA, "secure-hans@example.net", BOB,
                  "carol@example.com"]
        postern.send(ALICE, people, letter(to=people[0], files=[("plan.pdf", b"p" * 70000)],
                                           subject="Plans"))
        finish(link_in(finish_mail(postern), "s"), notify=True, notify_names=True)
        page, fred = opens(link_in(notice(postern), "r"))
        (file,) = file_links(page)
        assert len(fred.get(file).body) == 70000
        reply(page, fred)
        postern.settle()
        (url,) = {url for url, _ in rows(desk(postern, alice))}
        page = alice.get(url)
        assert page.status == 200 and "Plans" in page.words(), page.words()
        parts = deliveries(page)
        assert len(parts) == 5, parts
        for who, words in ((FRED, ("Secured, because its address carries the mark.", "Opened",
                                   "File taken plan.pdf,", "Answered", "To be destroyed", CLUE,
                                   "you are told by mail when it is opened", "Take it back")),
                           (GINA, ("Secured, because its address", "Waiting for you",
                                   "Finish sending it", "To be destroyed")),
                           ("hans@example.net", ("Secured with your template, because its address",
                                                 "Waiting to be opened", "New link",
                                                 "Notice taken by the next mail server")),
                           (BOB, ("Ordinary mail, because the address belongs to Example",
                                  "Sent as ordinary mail")),
                           ("carol@example.com", ("Ordinary mail, because it carries no mark.",
                                                  "Sent as ordinary mail"))):
            for each in words:
                assert each in parts[who], (who, each, parts[who])
        for who in (BOB, "carol@example.com", GINA):
            assert "Opened" not in parts[who] and "File taken" not in parts[who], parts[who]
        for who in (BOB, "carol@example.com"):
            assert "What you can do" not in parts[who], parts[who]
        # Finishing at the desk does as well as by the link.
        waiting = [each for each in page.links() if "/desk/delivery/" in each]
        (gina,) = ids(postern, "select id from delivery where state = 2")
        assert "/desk/delivery/" + gina in waiting
        finish(postern.url + "/desk/delivery/" + gina, alice)
        opens(link_in(notice(postern, GINA), "r"))
        assert "Opened" in deliveries(alice.get(url))[GINA]


def test_the_mailed_link_shows_one_message():
    with Postern() as postern:
        link, _ = secured(postern, subject="Ours")
        secured(postern, GINA, subject="Theirs")
        visitor = Visitor()
        page = visitor.get(link)
        assert page.status == 200 and "Ours" in page.words() and FRED in page.words()
        assert "Theirs" not in page.text and GINA not in page.text and "/desk/" not in page.text
        assert not list(visitor.cookies)
        assert "Mail me a code" in visitor.get(postern.url + "/desk").text


def test_what_would_happen():
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, "hans@example.net", lifetime_days="9")
        new_template(postern, alice, "@example.org", clue="The word from our contract")
        new_template(postern, alice, "ina@example.org", delivery="ask")
        for address, subject, words in (
                ("secure-fred@example.net", "", "held until you finish it To fred@example.net , held, "
                 "because its address carries the mark."),
                ("fred@example.net", "Re: [Secure] x", "held, because its subject carries a mark."),
                ("fred@example.net", "[secuer] x", "held, because it carries something that looks"),
                ("secuer-fred@example.net", "", "held, because it carries something that looks"),
                ("fred@example.net", "Grüße", "as ordinary mail To fred@example.net , not secured, "
                 "because it carries no mark."),
                ("Bob@Corp.Example", "[secure]", "as ordinary mail To Bob@Corp.Example , not secured, "
                 "because the address belongs to"),
                ("secure-bob@sub.corp.example", "", "because the address belongs to"),
                ("secure-Hans@example.net", "", "secured and leave at once"),
                ("secure-hans@example.net", "", "Your template for this recipient would be used, and "
                 "you would not be asked. Clue: %s . Kept for 9 days." % CLUE),
                ("hans@example.net", "[secuer]", "held until you finish it"),
                ("hans@example.net", "x", "as ordinary mail"),
                ("secure-jo@example.org", "", "everybody at that domain would be used, and you would "
                 "not be asked. Clue: The word from our contract . Kept for 14 days."),
                ("secure-jo@sub.example.org", "", "held until you finish it"),
                ("secure-ina@example.org", "", "The form would be filled in from your template, with "
                 "the clue %s ." % CLUE)):
            page = desk(postern, alice, "/would", address=address, subject=subject)
            assert words in page.words(), (address, subject, page.words())
        for address in ("fred", "fred@", "a b@example.net"):
            answer = alice.get(postern.url + "/desk/would?" +
                               urllib.parse.urlencode({"address": address}))
            assert answer.status == 400 and "aria-invalid" in answer.text, address
        assert "It would" not in desk(postern, alice, "/would").words()
        assert postern.query("select count(*) from message") == [["0"]]
        assert template_of(postern, alice, "hans@example.net")


if __name__ == "__main__":
    cases.run("__main__")
