#!/usr/bin/python3 -B
"""Receipts: only what was asked for is told, once, in a form that mail programs know, and the
recipient can see beforehand what was asked for."""

import concurrent.futures
import http.client
import pathlib
import re
import ssl
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, DAY, FRED, GINA, MINUTE, desk, do, file_links, finish,  # noqa: E402
                  finish_mail, held, mails, new_template, notice, opens, reply, report_part, rows,
                  secured, send, sign_in, unlock)
from postern import Postern, body_text, link_in, parse_letter, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from visitor import Visitor  # noqa: E402

OPENED, UNREAD, TAKEN, REPLIED, ACCEPTED = 6, 9, 15, 16, 17
ID = "<original@corp.example>"
ALL = dict(notify=True, notify_files=True, notify_names=True, notify_replied=True,
           notify_accepted=True)
FILES = [("plan.pdf", b"p" * 5000), ("räder.bin", b"r" * 300_000), ("empty.txt", b"")]


def receipt(postern, words):
    """The next mail to the sender whose subject begins so; gives it and its machine's part."""
    message, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith(words))
    assert message["Return-Path"] == "<>" and message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == ID == message["References"], message.items()
    assert message.get_param("report-type") == "disposition-notification", message["Content-Type"]
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/disposition-notification"], kinds
    part = report_part(message)
    for field in ("Final-Recipient: rfc822; " + FRED, "Original-Message-ID: " + ID,
                  "Reporting-UA: gate.corp.example; Postern"):
        assert field in part, part
    return message, part


def taken(postern):
    """Numbers of the files that were taken."""
    return [int(row[0]) for row in postern.query("select part from taken order by taken_at, part")]


def test_opened():
    with Postern() as postern:
        _, link = secured(postern, message_id=ID, choices={"notify": True})
        visitors = [Visitor() for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # all at once
            pages = list(pool.map(lambda visitor: unlock(link, visitor=visitor)[0], visitors))
        assert all("The body of it." in page.words() for page in pages)
        message, part = receipt(postern, "Opened: your secure message to " + FRED)
        assert "Disposition: manual-action/MDN-sent-automatically; displayed" in part, part
        assert "X-Postern-Event" not in part
        assert "It does not say that it was read" in body_text(message)
        assert "The body" not in message.as_string() and "/s/" not in body_text(message)
        for _ in range(3):
            opens(link)
        postern.settle()
        assert mails(postern, OPENED) == 1
        # Nobody asked, nobody is told.
        _, link = secured(postern)
        opens(link)
        postern.settle()
        assert mails(postern, OPENED) == 1 and len(postern.letters(ALICE)) == 3


def test_files_taken():
    with Postern(policy='receipt_delay = "2 min";') as postern:
        alice = sign_in(postern)
        _, link = secured(postern, message_id=ID, files=FILES,
                          choices={"notify_files": True, "notify_names": True})
        page, fred = opens(link)
        plan, wheels, empty = file_links(page)
        # Looking, a beginning, and a broken download are no taking.
        assert fred.request(wheels, method="HEAD").headers["Content-Length"] == "300000"
        answer = fred.get(wheels, headers={"Range": "bytes=0-99999"})
        assert answer.status == 206 and len(answer.body) == 100_000
        tag = answer.headers["ETag"]
        assert fred.get(wheels, headers={"If-None-Match": tag}).status == 304
        assert fred.get(wheels, headers={"Range": "bytes=400000-"}).status == 416
        break_off(postern, fred, wheels)
        fred.get(link + "/message.eml")
        assert taken(postern) == [] and mails(postern, TAKEN) == 0
        # The rest, when the beginning is there already.
        answer = fred.get(wheels, headers={"Range": "bytes=100000-", "If-Range": tag})
        assert answer.status == 206 and len(answer.body) == 200_000
        wait_for("one file", lambda: len(taken(postern)) == 1)
        assert fred.get(empty).body == b"" and fred.get(wheels).status == 200
        wait_for("two files", lambda: len(taken(postern)) == 2)
        postern.settle()
        assert len([1 for _, raw in postern.letters(ALICE) if b"File taken" in raw]) == 0
        postern.set_clock(3 * MINUTE)
        message, part = receipt(postern, "File taken: your secure message to " + FRED)
        assert "X-Postern-Event: file-taken" in part and "displayed" in part, part
        told = body_text(message)
        assert "räder.bin, 2" in told and "empty.txt, 2" in told and "plan.pdf" not in told, told
        # Another file later is another receipt; the same one is none.
        fred.get(wheels)
        fred.get(plan)
        wait_for("all files", lambda: len(taken(postern)) == 3)
        assert mails(postern, TAKEN) == 2
        postern.set_clock(6 * MINUTE)
        message, _ = receipt(postern, "File taken")
        assert "plan.pdf, 2" in body_text(message)
        ((url, _),) = rows(desk(postern, alice))
        words = alice.get(url).words()
        assert words.count("File taken") == 3 and "File taken räder.bin," in words, words


def break_off(postern, visitor, url):
    """Begin to download and go away."""
    def requests():
        return len(re.findall(rb"event=request .*route=file ", postern.log.read_bytes()))
    before = requests()
    parts = urllib.parse.urlsplit(url)
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context)
    cookies = "; ".join("%s=%s" % (each.name, each.value) for each in visitor.cookies)
    connection.request("GET", parts.path, headers={"Cookie": cookies, "Range": "bytes=0-299998"})
    answer = connection.getresponse()
    assert answer.status == 206 and len(answer.read(1000)) == 1000
    connection.close()
    wait_for("the portal to notice", lambda: requests() > before)


def test_files_taken_without_names():
    with Postern(policy='receipt_delay = "0 s";') as postern:
        for number, choices in enumerate(({"notify_files": True}, {}, {"notify": True})):
            _, link = secured(postern, message_id=ID, files=FILES, choices=choices)
            page, fred = opens(link)
            fred.get(file_links(page)[0])
            wait_for("the file", lambda: len(taken(postern)) == number + 1)
            if choices.get("notify_files"):
                message, _ = receipt(postern, "File taken")
                assert "    a file, 2" in body_text(message), body_text(message)
                assert "plan.pdf" not in message.as_string()
            postern.settle()
            assert mails(postern, TAKEN) == 1, choices
        assert postern.query("select count(*) from taken where name is not null") == [["0"]]


def test_replied():
    with Postern() as postern:
        _, link = secured(postern, message_id=ID, choices={"notify_replied": True})
        page, fred = opens(link)
        reply(page, fred, "First answer.")
        message, part = receipt(postern, "Answered: your secure message to " + FRED)
        assert "X-Postern-Event: replied" in part, part
        assert re.search(r"Answered: +\d+ \w+ 20\d\d", body_text(message)), body_text(message)
        reply(page, fred, "Second answer.")
        for words in ("First answer.", "Second answer."):
            postern.next_letter(ALICE, lambda m: words in body_text(m))
        postern.settle()
        assert mails(postern, REPLIED) == 1 and mails(postern, OPENED) == 0


def test_never_opened():
    with Postern() as postern:
        secured(postern, message_id=ID, choices={"lifetime_days": "5"})
        _, link = secured(postern, GINA, choices={"lifetime_days": "5"})
        opens(link)
        postern.settle()
        postern.set_clock(5 * DAY + MINUTE)
        message, part = receipt(postern, "Not opened: your secure message to " + FRED)
        assert "Disposition: automatic-action/MDN-sent-automatically; deleted" in part, part
        assert "can no\nlonger be read by anyone" in body_text(message).replace("\r", "")
        wait_for("both to end", lambda: postern.query(
            "select count(*) from delivery where state = 8") == [["2"]])
        postern.settle()
        assert mails(postern, UNREAD) == 1


def test_what_the_next_server_says():
    replies = {"GINA": "550 5.1.1 No such Gina at this house"}

    def answer(verb, argument):
        if verb == "RCPT" and GINA in argument:
            return replies["GINA"]
        return "250 2.0.0 taken as Q4711" if verb == "." else None

    def letter(to, words):
        def look():
            for each in sink.to(to):
                message, _ = parse_letter(each.content)
                if message["Subject"].startswith(words):
                    assert to != ALICE or each.sender in ("", None), each.sender
                    return message
            return None
        return wait_for(words, look)

    relay = ('relay: { host = "127.0.0.1"; port = %d; tls = "never"; timeout = "5 s"; };')
    with Sink(answer) as sink, Postern(relay=relay % sink.port) as postern:
        links = {}
        for to in (FRED, GINA):
            send(postern, "secure-" + to, message_id=ID)
            asking = letter(ALICE, "Your message to %s is waiting" % to)
            links[to] = link_in(asking, "s")
            finish(links[to], notify_accepted=True)
        # Taken: "relayed", for nobody knows what that server does with it.
        message = letter(ALICE, "Notice taken: your secure message to " + FRED)
        assert message.get_param("report-type") == "delivery-status"
        part = report_part(message, "message/delivery-status")
        for field in ("Final-Recipient: rfc822; " + FRED, "Action: relayed", "Status: 2.0.0",
                      "Q4711"):
            assert field in part, part
        assert "taken as Q4711" in body_text(message)
        assert "does not say that the notice reached" in body_text(message)
        words = Visitor().get(links[FRED]).words()
        assert "Notice taken by the next mail server" in words and "taken as Q4711" in words, words
        # Refused: the sender is told in the server's words, and the message waits.
        message = letter(ALICE, "No notice could be sent: your message to " + GINA)
        part = report_part(message, "message/delivery-status")
        for field in ("Final-Recipient: rfc822; " + GINA, "Action: failed", "Status: 5.1.1"):
            assert field in part, part
        assert "No such Gina at this house" in part and "No such Gina" in body_text(message)
        words = Visitor().get(links[GINA]).words()
        assert "The notice did not arrive" in words and "5.1.1 No such Gina at" in words, words
        assert sink.to(GINA) == [] and mails(postern, ACCEPTED) == 1
        # The mailbox is there again: the link is sent again, and taken.
        replies["GINA"] = None
        assert do(Visitor(), links[GINA] + "/resend").status == 200
        opens(link_in(letter(GINA, "Alice"), "r"))
        letter(ALICE, "Notice taken: your secure message to " + GINA)
        words = Visitor().get(links[GINA]).words()
        assert "did not arrive" not in words and "taken as Q4711" in words, words
        # A second mail with the link is no second event.
        assert do(Visitor(), links[FRED] + "/resend").status == 200
        wait_for("the second mail", lambda: len(sink.to(FRED)) == 2)
        postern.settle()
        assert mails(postern, ACCEPTED) == 2


def test_the_mail_program_asks():
    ask = {"Disposition-Notification-To": "Alice <alice@corp.example>"}
    with Postern() as postern:
        link = held(postern, message_id=ID, **ask)
        assert Visitor().get(link).form("clue")["fields"]["notify"] == "1"
        finish(link)
        opens(link_in(notice(postern), "r"))
        receipt(postern, "Opened")
        # The sender has the last word, and a template what the mail program adds to it.
        finish(held(postern, message_id=ID, **ask), notify=None)
        opens(link_in(notice(postern), "r"))
        new_template(postern, sign_in(postern))
        send(postern, message_id=ID, **ask)
        opens(link_in(notice(postern), "r"))
        receipt(postern, "Opened")
        send(postern, message_id=ID)
        opens(link_in(notice(postern), "r"))
        postern.settle()
        assert mails(postern, OPENED) == 2


def test_the_recipient_is_told_before():
    with Postern() as postern:
        for choices, words in (
                ({}, "did not ask to be told when you open it."),
                ({"notify": True}, "The sender asked to be told when you open it."),
                ({"notify": True, "notify_files": True}, "open it, and when you take a file."),
                ({"notify_files": True}, "when you take a file, but not when you open"),
                ({"notify_names": True}, "when you take a file, but not when you open"),
                ({"notify_replied": True, "notify_accepted": True}, "did not ask to be told")):
            _, link = secured(postern, choices=choices)
            page = Visitor().get(link)
            assert words in page.words(), (choices, page.words())
        assert postern.query("select count(*) from delivery where state <> 4") == [["0"]]


def test_machines_get_none():
    with Postern(policy='receipt_delay = "0 s";') as postern:
        alice = sign_in(postern)
        new_template(postern, alice, link_mail=None, **ALL)
        for headers in ({"Auto-Submitted": "auto-generated"}, {"Auto-Submitted": "auto-replied; x=y"},
                        {"Precedence": "bulk"}, {"Precedence": "List"},
                        {"List-Id": "<a.corp.example>"}):
            send(postern, files=FILES, message_id=ID, **headers,
                 **{"Disposition-Notification-To": ALICE})
            link = link_in(notice(postern), "r")
            assert "did not ask to be told when you open" in Visitor().get(link).words(), headers
            page, fred = opens(link)
            fred.get(file_links(page)[0])
        reply(page, fred)
        postern.next_letter(ALICE, lambda m: "Thank you." in body_text(m))
        wait_for("the files", lambda: len(taken(postern)) == 5)
        postern.settle()
        assert [mails(postern, kind) for kind in (OPENED, TAKEN, REPLIED, ACCEPTED)] == [0, 0, 0, 0]
        assert postern.query("select distinct remind_days, wishes from delivery") == [["0", "0"]]
        # Somebody's own words count as theirs.
        send(postern, message_id=ID, **{"Auto-Submitted": "no", "Precedence": "normal"})
        opens(link_in(notice(postern), "r"))
        receipt(postern, "Opened")


if __name__ == "__main__":
    cases.run("__main__")
