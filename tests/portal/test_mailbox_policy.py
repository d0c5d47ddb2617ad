#!/usr/bin/python3 -B
"""Who gets a mailbox: by the organisation, by the recipient's domain, by what a sender settled for them;
and how long what comes into it is kept."""

import csv
import io
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (BOB, CLUE, DAY, FRED, GINA, PASSPHRASE, desk, finish, held, new_template, notice,  # noqa: E402
                  opens, post, refuses, reply, route_test, secured, send, sign_in, template_of, unlock)
from postern import Postern, body_words, link_in, wait_for  # noqa: E402
from test_mailbox import BODY, OWN, box_of, boxed, enter, in_list, make  # noqa: E402
from test_reply import group  # noqa: E402
from test_templates import bring, change, export  # noqa: E402
from visitor import Visitor  # noqa: E402

OFFER, LEAD, PUT = "Make a mailbox of your own", "asks its correspondents", "Put this message into your mailbox"
JO = "jo@lab.example.net"
NEVER_THERE = 'mailboxes = ( { domains = ( "example.net" ); mailbox = "never"; } );'


def would(postern, visitor, to=FRED):
    """What the desk says of it."""
    return desk(postern, visitor, "/would", address="secure-" + to, subject="").words()


def days_left(postern):
    """Whole days until the newest message is destroyed."""
    (row,) = postern.query("select expires_at - secured_at from delivery order by created_at desc, id desc limit 1")
    return int(row[0]) // DAY


def put(visitor, link):
    """Put the message behind a link into the mailbox, by hand; gives the answer."""
    token = visitor.get(link + "/message").forms()[0]["fields"]["csrf"]
    return post(visitor, link + "/mailbox", {"csrf": token, "do": "keep"})


def with_policy(postern, policy):
    """The same installation under another policy."""
    postern.policy = policy
    postern.write_config()
    postern.stop()
    postern.start()


def test_by_domain():
    rules = ('mailbox = "offered"; mailboxes = ( { domains = ( "example.net" ); mailbox = "never"; },'
             '{ domains = ( ".example.net" ); mailbox = "always"; } );')
    with Postern(policy=rules) as postern:
        page, fred = opens(secured(postern)[1])
        assert OFFER not in page.words() and fred.get(page.url.replace("/message", "/mailbox")).url == page.url
        _, link = secured(postern, to=JO)
        page, jo = unlock(link)
        assert page.url == link + "/mailbox" and LEAD in page.words(), page.words()
        ivan = "ivan@elsewhere.example"
        page, visitor = opens(secured(postern, to=ivan)[1])
        assert OFFER in page.words(), "who is in no row is offered what everybody is"
        assert LEAD not in visitor.get(page.url.replace("/message", "/mailbox")).words()


def test_never_leaves_what_is_there():
    """A mailbox stays its owner's; what comes under `never` is held, or goes by template, as to who has none."""
    with Postern() as postern:
        page, fred = make(postern)
        (first,) = in_list(page)
        _, second = secured(postern, choices={"mailbox": "never"}, to=GINA)
        assert OFFER not in opens(second)[0].words()
        with_policy(postern, NEVER_THERE)
        page, fred = enter(postern)
        assert in_list(page) == [first] and BODY in fred.get(first).words()
        reply(fred.get(first), fred, "It still answers.")
        assert route_test(postern)["outcome"] == "held"
        page, _ = opens(secured(postern, subject="Later")[1], visitor=fred)
        assert PUT not in page.words() and OFFER not in page.words()
        answer = fred.get(page.url.replace("/message", "/mailbox"))
        assert answer.url == page.url, answer.url
        assert in_list(fred.get(box_of(postern))) == [first]
        with_policy(postern, "")
        boxed(postern, "Again")
        assert len(in_list(fred.get(box_of(postern)))) == 2


def test_by_template():
    with Postern() as postern:
        _, earlier = secured(postern, subject="Before there was one")
        page, fred = make(postern)
        alice = sign_in(postern)
        assert "lie there and open with its passphrase. You would not be asked" in would(postern, alice)
        assert route_test(postern)["outcome"] == "mailbox"
        # A lock is not used where there is a mailbox, and it is said before.
        new_template(postern, alice)
        assert "not with the one of your template" in would(postern, alice)
        answer = route_test(postern)
        assert (answer["outcome"], answer["by_template"]) == ("mailbox", True), answer
        link = boxed(postern, "In it")
        refuses(link, PASSPHRASE)
        assert BODY in fred.get(link + "/message").words()
        # Unless its sender wants none: then it asks for their passphrase, and stays outside.
        page = change(alice, template_of(postern, alice), mailbox="never")
        assert "Saved" in page.words(), page.words()
        assert "lie there" not in would(postern, alice) and "Kept for 14 days" in would(postern, alice)
        assert route_test(postern)["outcome"] == "portal"
        send(postern, subject="Outside")
        link = link_in(notice(postern), "r")
        page, _ = opens(link, visitor=fred)
        assert PUT not in page.words() and OFFER not in page.words()
        assert fred.get(link + "/mailbox").url == link + "/message"
        answer = put(fred, link)
        assert answer.status == 303 and answer.location.endswith("/message"), (answer.status, answer.words())
        assert len(in_list(fred.get(box_of(postern)))) == 2, "nor by hand"
        # The control: of a message that may go there, the same puts it there.
        page, _ = opens(earlier, visitor=fred)
        assert PUT in page.words(), page.words()
        answer = put(fred, earlier)
        assert answer.status == 303 and answer.location.endswith("/box"), (answer.status, answer.words())
        assert len(in_list(fred.get(box_of(postern)))) == 3
        # Another sender's messages do not care.
        boxed(postern, "From Bob", sender=BOB)


def test_beside_pdf():
    """A mailbox goes before the ladder's PDF, a template that says PDF before the mailbox; without a
    mailbox in force the ladder's holds, and what comes as PDF is kept as any other, not as in mailboxes."""
    ladder = 'ladder = ( "pdf", "portal" ); lifetime_days = 21; mailbox_lifetime_days = 90;'
    with Postern() as postern:
        make(postern)
        with_policy(postern, ladder)
        alice = sign_in(postern)
        assert route_test(postern)["outcome"] == "mailbox" and "Kept for 90 days" in would(postern, alice)
        boxed(postern, "to the mailbox")
        assert days_left(postern) == 90
        with_policy(postern, ladder + NEVER_THERE)
        alice = sign_in(postern)
        assert route_test(postern)["outcome"] == "pdf" and "encrypted PDF" in would(postern, alice)
        send(postern)
        wait_for("the PDF", lambda: postern.query("select 1 from delivery where pdf = 2 and pdf_outcome = 1"))
        assert days_left(postern) == 21
        with_policy(postern, ladder)
        alice = sign_in(postern)
        new_template(postern, alice, pdf="generated", clue="", passphrase="", lifetime_days="8")
        answer = route_test(postern)
        assert answer["outcome"] == "pdf" and answer["by_template"], answer
        send(postern)
        wait_for("the PDF", lambda: len(postern.query("select 1 from delivery where pdf_outcome = 1")) == 2)
        assert days_left(postern) == 8 and postern.query("select count(*) from mailbox_message") == [["2"]]


def test_at_the_held_message():
    """The same choice while finishing; saved with the template, and nothing of it where policy says never."""
    with Postern(policy='mailbox = "always"; ' + NEVER_THERE.replace("example.net", "none.example")) as postern:
        link = held(postern)
        fields = Visitor().get(link).form("clue")["fields"]
        assert fields["mailbox"] == "policy", fields
        finish(link, mailbox="offered", save_template=True)
        link = link_in(notice(postern), "r")
        page, fred = opens(link)
        assert OFFER in page.words(), "offered, and not led to it"
        send(postern)
        page, _ = opens(link_in(notice(postern), "r"))
        assert OFFER in page.words(), "and so it is with the next one"
        assert postern.query("select mailbox from template") == [["2"]]
        link = held(postern, to="kim@none.example")
        page = Visitor().get(link)
        assert "mailbox" not in page.form("clue")["fields"] and "keep a mailbox" not in page.words()


def test_only_what_insiders_write_gives_one():
    with Postern() as postern:
        links = group(postern)
        page, fred = opens(links[FRED], "fred opens it")
        form = fred.get(links[FRED] + "/reply")
        fred.submit(form, "body", body="To all of you", quote="", to="all")
        answer = link_in(notice(postern, GINA), "r")
        page, gina = opens(answer, "gina opens it")
        assert "To all of you" in page.words() and OFFER not in page.words(), page.words()
        assert gina.get(answer + "/mailbox").url == answer + "/message"
        # Once she has one by Alice's message, the answer may be put there.
        page, gina = opens(links[GINA], "gina opens it", visitor=gina)
        assert OFFER in page.words()
        gina.submit(gina.get(links[GINA] + "/mailbox"), "passphrase_again", passphrase=OWN, passphrase_again=OWN)
        page, _ = opens(answer, "gina opens it", visitor=gina)
        assert PUT in page.words(), page.words()


def test_lists_go_in_and_out():
    rules = 'mailboxes = ( { domains = ( "none.example" ); mailbox = "never"; } );'
    with Postern(policy=rules) as postern:
        alice = sign_in(postern)
        head = "recipient,clue,passphrase,mailbox\n"
        for rows, words in (("%s,%s,,always" % (FRED, CLUE), "allows this recipient less of a mailbox than that"),
                            ("kim@none.example,%s,,offered" % CLUE, "less of a mailbox than that"),
                            ("@none.example,%s,,offered" % CLUE, "less of a mailbox than that"),
                            ("%s,%s,,sometimes" % (FRED, CLUE), "mailbox is none of: policy, never, offered")):
            answer = bring(postern, alice, head + rows)
            assert answer.status == 400 and "Line 2" in answer.words() and words in answer.words(), answer.words()
        assert postern.query("select count(*) from template") == [["0"]]
        answer = bring(postern, alice, head + "%s,%s,%s,never\n%s,%s,,Offered\nkim@none.example,%s,,never\nx@y.example,%s,,"
                       % (FRED, CLUE, PASSPHRASE, GINA, CLUE, CLUE, CLUE))
        assert "New templates: 4" in answer.words(), answer.words()
        wishes = "select mailbox from template order by recipient_index"
        before = postern.query(wishes)
        out = export(postern, alice)
        said = {row["recipient"]: row["mailbox"] for row in csv.DictReader(io.StringIO(out.lstrip("\ufeff")))}
        assert said == {FRED: "never", GINA: "offered", "kim@none.example": "never", "x@y.example": "policy"}, said
        # What came out goes in, and says the same; a list that is older than the column changes nothing.
        postern.query("update template set mailbox = 3")
        for text in (out, "recipient,clue\n%s,%s\n" % (GINA, CLUE)):
            answer = bring(postern, alice, text)
            assert "Changed templates" in answer.words(), answer.words()
            assert postern.query(wishes) == before
        # What policy came to forbid stays as it is, and does nothing.
        postern.query("update template set mailbox = 3")
        answer = bring(postern, alice, export(postern, alice))
        assert "Changed templates: 4" in answer.words(), answer.words()
        assert postern.query("select distinct mailbox from template") == [["3"]]
        send(postern)
        page, _ = opens(link_in(notice(postern), "r"))
        assert OFFER in page.words() and LEAD not in page.words()
        listed = json.loads(postern.ctl("template", "list", "--json", "--config", str(postern.config)))
        assert {one["mailbox"] for one in listed["templates"]} == {"always"}, listed


def test_the_form_of_a_template():
    with Postern(policy=NEVER_THERE) as postern:
        alice = sign_in(postern)
        page = desk(postern, alice, "/templates/new")
        values = dict(clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
        answer = alice.submit(page, "recipient", recipient=FRED, mailbox="offered", **values)
        assert answer.status == 400 and "less of a mailbox" in answer.words(), answer.words()
        answer = alice.submit(answer, "recipient", recipient=FRED, mailbox="policy", **values)
        assert "Saved" in answer.words(), answer.words()
        page = alice.get(template_of(postern, alice))
        assert "mailbox" not in page.form("clue")["fields"], "what cannot be chosen is not offered"
        assert "Saved" in change(alice, page.url, lifetime_days="9").words()
        new_template(postern, alice, "jo@example.org", mailbox="offered")
        fields = alice.get(template_of(postern, alice, "jo@example.org")).form("clue")["fields"]
        assert fields["mailbox"] == "offered", fields
        assert "they are asked to make one" not in alice.get(template_of(postern, alice, "jo@example.org")).words()


def test_how_long_it_is_kept():
    rules = ('lifetime_days = 30; mailbox_lifetime_days = 200; mailboxes = ( { domains = ( ".example.net" ); '
             'mailbox = "offered"; lifetime_days = 100; } );')
    with Postern(policy=rules) as postern:
        page, fred = make(postern, choices={"lifetime_days": "7"})
        assert days_left(postern) == 7, "what its sender chose holds"
        assert "kept for 200 days, unless its sender chose another time" in page.words(), page.words()
        # Nothing chosen: what is said of mailboxes; of this domain, else of all.
        boxed(postern, "By policy")
        assert days_left(postern) == 200
        make(postern, own="an orange locomotive", to=JO)
        send(postern, "secure-" + JO)
        assert "lies in your mailbox" in body_words(notice(postern, JO))
        assert days_left(postern) == 100
        # Chosen in a template: that, shorter or longer.
        alice = sign_in(postern)
        new_template(postern, alice, lifetime_days="3")
        assert "Kept for 3 days" in would(postern, alice)
        short = boxed(postern, "Short")
        assert days_left(postern) == 3
        change(alice, template_of(postern, alice), lifetime_days="300")
        boxed(postern, "Long")
        assert days_left(postern) == 300
        # It is told in the list, at the message, and of what is sent.
        until = time.strftime("%-d %B %Y", time.gmtime(time.time() + 3 * DAY))
        assert until in fred.get(box_of(postern)).words(), fred.get(box_of(postern)).words()
        page = fred.get(short + "/message")
        assert until in page.words()
        reply(page, fred, "An answer to the short one.")
        sent = fred.get(postern.url + "/box/sent").words()
        assert "Kept until" in sent and until in sent, sent
        # Then it is gone, keys first, and what was sent with it; the others stay.
        postern.set_clock(4 * DAY)
        wait_for("the end", lambda: postern.query("select state from delivery where state = 8") == [["8"]])
        postern.settle()
        assert postern.query("select count(*) from mailbox_message") == [["5"]]
        assert postern.query("select count(*) from delivery where state = 8 and message_key_wrap is not null") == [["0"]]
        wait_for("the words to be gone", lambda: postern.query("select count(*) from writing") == [["0"]])
        page, fred = enter(postern)
        assert len(in_list(page)) == 3 and "Short" not in page.words()
        assert "An answer to the short one" not in fred.get(postern.url + "/box/sent").words()


if __name__ == "__main__":
    cases.run("__main__")
