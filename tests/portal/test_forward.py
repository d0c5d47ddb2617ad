#!/usr/bin/python3 -B
"""A message is handed on, whole and with its files, to people of the organisation who take part in it
already, and to nobody else; by its link, and from a mailbox."""

import email
import email.policy
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, DAY, FRED, GINA, do, mails, notice, opens, post, secured, send)  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402
from test_mailbox import make  # noqa: E402
from test_reply import HARRY, IVAN, counts, group  # noqa: E402
from visitor import Visitor  # noqa: E402

WORDS = "Please look at the second figure. \u00dcber alles andere sp\u00e4ter."
FILES = (("table \u00e9.csv", b"a;b\r\n1;2\r\n"), ("all.bin", bytes(range(256)) * 300))


def form_of(visitor, link):
    """The form to forward what has this link."""
    page = visitor.get(link + "/forward")
    assert page.status == 200 and "Forward" in page.words(), page.words()
    return page


def forwarded(postern, address):
    """The next mail of that kind to somebody; as it is read, and its bytes."""
    return postern.next_letter(address, lambda m: str(m["Subject"]).startswith("Fwd: "))


def attached(raw):
    """The message that lies in a mail, and its type."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in message.iter_attachments()]
    assert len(parts) == 1 and parts[0].get_filename() == "message.eml", message.as_string()[:2000]
    return parts[0]


def test_whole_and_with_its_files():
    with Postern() as postern:
        _, link = secured(postern, subject="Figures of May", files=FILES, message_id="<f1@corp.example>",
                          choices={"notify_replied": True})
        page, fred = opens(link)
        assert link.removeprefix(postern.url) + "/forward" in page.links()
        form = form_of(fred, link)
        assert ALICE in form.words() and "Figures of May" in form.words() and BOB not in form.words()
        answer = fred.submit(form, "body", body=WORDS, to_0=ALICE)
        assert answer.url == link + "/sent" and "has been forwarded" in answer.words(), answer.words()
        assert ALICE in answer.words() and "message.eml" in answer.words()
        message, raw = forwarded(postern, ALICE)
        assert message["Subject"] == "Fwd: Figures of May" and message["References"] == "<f1@corp.example>"
        assert message["Reply-To"].endswith("secure-%s" % FRED) and FRED in str(message["From"])
        assert WORDS in body_text(message)
        # Byte for byte what the reader could save, files and all.
        eml = fred.get(link + "/message.eml").body
        part = attached(raw)
        assert part.get_content_type() == "message/rfc822" and eml.rstrip(b"\r\n") in raw
        inner = part.get_content()
        assert "The body of it." in inner.get_body(("plain",)).get_content()
        assert [(file.get_filename(), file.get_payload(decode=True))
                for file in inner.iter_attachments()] == list(FILES)
        # Its sender is told, as of an answer; and the reader sees what they did.
        wait_for("the receipt", lambda: mails(postern, 16) == 1)
        page = fred.get(link + "/message")
        assert "You have forwarded this message" in page.words() and "Forwarded to" in page.words()
        assert "You have answered" not in page.words()


def test_only_to_who_takes_part():
    with Postern() as postern:
        links = group(postern)
        page, fred = opens(links[FRED], "fred opens it")
        form = form_of(fred, links[FRED])
        words = form.words()
        assert ALICE in words and BOB in words, words
        for other in (GINA, HARRY, IVAN, "carol@corp.example"):
            assert other not in words, words
        before = counts(postern)
        for to in ({"to_0": GINA}, {"to_0": IVAN}, {"to_0": "carol@corp.example"}, {"to_0": ""}, {}):
            answer = fred.submit(form, "body", body=WORDS, **to)
            assert answer.status == 400 and "Nothing has been sent" in answer.words(), (to, answer.words())
            assert WORDS in answer.form("body")["fields"]["body"], "nothing typed is lost"
        fields = form.form("body")["fields"]
        two = [("csrf", fields["csrf"]), ("once", fields["once"]), ("body", ""), ("to_0", BOB),
               ("to_1", "carol@corp.example")]
        answer = post(fred, links[FRED] + "/forward", two)
        assert answer.status == 400 and "Nothing has been sent" in answer.words(), "one stranger refuses all"
        postern.settle()
        assert counts(postern) == before
        # To Bob alone: his colleague gets it, and nobody else.
        answer = fred.submit(form, "body", body=WORDS, to_0=BOB)
        assert answer.url.endswith("/sent") and BOB in answer.words() and ALICE not in answer.words()
        message, raw = forwarded(postern, BOB)
        assert BOB in str(message["To"]) and message["Cc"] is None and WORDS in body_text(message)
        assert "The body of it." in attached(raw).get_content().get_body(("plain",)).get_content()
        # The form once more: it went already.
        assert fred.submit(form, "body", body=WORDS, to_0=BOB).url.endswith("/sent")
        postern.settle()
        after = counts(postern)
        assert {who: after[who] - before[who] for who in after} == dict.fromkeys(before, 0) | {BOB: 1}, after
        # Both.
        fields = form_of(fred, links[FRED]).form("body")["fields"]
        two = [("csrf", fields["csrf"]), ("once", fields["once"]), ("body", ""), ("to_0", ALICE), ("to_1", BOB)]
        assert post(fred, links[FRED] + "/forward", two).status == 303
        message, raw = forwarded(postern, ALICE)
        assert ALICE in str(message["To"]) and BOB in str(message["Cc"]) and b"message.eml" in raw
        forwarded(postern, BOB)
        # Who got it unseen is not shown to the others, and may hand it to its sender.
        _, harry = opens(links[HARRY], "harry opens it")
        words = form_of(harry, links[HARRY]).words()
        assert ALICE in words and BOB not in words, words


def test_from_a_mailbox():
    with Postern() as postern:
        _, fred = make(postern)
        send(postern, subject="In the mailbox", sender=BOB)
        link = link_in(notice(postern), "r")
        answer = fred.submit(form_of(fred, link), "body", body="", to_0=BOB)
        assert answer.url == link + "/sent", answer.words()
        message, raw = forwarded(postern, BOB)
        assert message["Subject"] == "Fwd: In the mailbox" and attached(raw)
        assert "Forwarded to" in fred.get(postern.url + "/box/sent").words()


def plain(body, **fields):
    """A letter as bytes, with lines as they are."""
    head = {"From": ALICE, "To": "secure-" + FRED, "Subject": "Lines", "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit"}
    head.update(fields)
    return "".join("%s: %s\r\n" % pair for pair in head.items()).encode() + b"\r\n" + body


def test_whatever_its_bytes_are():
    """8-bit text goes as it is; what may not stand in a message as it is goes as a file."""
    long_line = b"0123456789" * 150
    with Postern() as postern:
        _, fred = make(postern)
        for body, kind in ((b"plain\r\n.\r\n..two\r\n", "message/rfc822"),
                           ("Gr\u00fc\u00dfe\r\n".encode(), "message/rfc822"),
                           (long_line + b"\r\n", "application/octet-stream")):
            postern.send(ALICE, ["secure-" + FRED], plain(body))
            link = link_in(notice(postern), "r")
            fred.get(link + "/message")
            eml = fred.get(link + "/message.eml").body
            assert body in eml
            assert fred.submit(form_of(fred, link), "body", body=WORDS, to_0=ALICE).url.endswith("/sent")
            _, raw = forwarded(postern, ALICE)
            part = attached(raw)
            assert part.get_content_type() == kind, (kind, raw[:3000])
            assert max(len(line) for line in raw.split(b"\r\n")) <= 998
            if kind == "message/rfc822":
                assert eml.rstrip(b"\r\n") in raw
                outer = email.message_from_bytes(raw)["Content-Transfer-Encoding"]
                assert outer == (None if body.isascii() else "8bit"), outer
            else:
                assert part.get_payload(decode=True) == eml


def test_no_more_than_is_taken():
    with Postern(portal='reply_size = "64 KB";') as postern:
        _, link = secured(postern, files=[("large.bin", bytes(100_000))])
        page, fred = opens(link)
        form = fred.get(link + "/forward")
        assert "can be forwarded" in form.words() and "Your words" not in form.words()
        csrf = page.forms()[0]["fields"]["csrf"]
        assert post(fred, link + "/forward", {"csrf": csrf, "to_0": ALICE, "body": "x"}).status == 413
        _, link = secured(postern, subject="Small")
        page, fred = opens(link)
        for number in range(100):
            fields = form_of(fred, link).form("body")["fields"]
            assert post(fred, link + "/forward", {"csrf": fields["csrf"], "once": fields["once"], "to_0": ALICE,
                                                  "body": str(number)}).status == 303
        answer = fred.submit(form_of(fred, link), "body", body=WORDS, to_0=ALICE)
        assert answer.status == 429 and "many replies for one day" in answer.words(), answer.words()
        assert WORDS in answer.form("body")["fields"]["body"]


def test_when_the_visit_is_over():
    with Postern() as postern:
        _, link = secured(postern, choices={"lifetime_days": "300"})
        page, fred = opens(link)
        form = form_of(fred, link)
        assert Visitor().get(link + "/forward").status == 403
        # A stale form comes back with its words; nothing went.
        answer = post(fred, link + "/forward", {"csrf": "x", "to_0": ALICE, "body": WORDS})
        assert answer.status == 403 and WORDS in answer.form("body")["fields"]["body"]
        assert answer.form("body")["checkboxes"], answer.words()
        postern.set_clock(DAY)
        answer = fred.submit(form, "body", body=WORDS, to_0=ALICE)
        assert answer.status == 403 and "Your visit has ended" in answer.words(), answer.words()
        assert WORDS in answer.form("body")["fields"]["body"] and ALICE not in answer.text
        assert postern.query("select count(*) from message where origin = 2") == [["0"]]
        # A message that is gone is not handed on.
        page, fred = opens(link)
        form = form_of(fred, link)
        do(fred, page.url)
        assert fred.submit(form, "body", body=WORDS, to_0=ALICE).status == 403
        assert postern.query("select count(*) from message where origin = 2") == [["0"]]


if __name__ == "__main__":
    cases.run("__main__")
