#!/usr/bin/python3 -B
"""What a recipient sees of what mail programs really produce: attached letters, winmail.dat, uuencode,
invitations, reports, quotes, links, names that pretend."""

import base64
import hashlib
import html
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import desk  # noqa: E402
import winmail  # noqa: E402
from desk import ALICE, FRED  # noqa: E402
from postern import Postern, link_in  # noqa: E402

INNER = ("From: Ines <ines@example.org>\r\nTo: Alice <alice@corp.example>\r\nSubject: The minutes\r\n"
         "Date: Tue, 17 Nov 2026 18:02:11 +0100\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nWhat was said on Tuesday.\r\n"
         "--i\r\nContent-Type: application/pdf; name=minutes.pdf\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--i--\r\n"
         % base64.b64encode(b"%PDF of the minutes").decode())

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:17@example.org
SUMMARY:Signing\\, and tea
LOCATION:Bahnhofstrasse 1
DTSTART;TZID=Europe/Berlin:20260701T100000
DTEND;TZID=Europe/Berlin:20260701T113000
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=WE
ORGANIZER;CN=Alice:mailto:alice@corp.example
ATTENDEE;CN=Fred;PARTSTAT=ACCEPTED:mailto:fred@example.net
END:VEVENT
END:VCALENDAR
"""

TEXT = """Hello Fred,

see https://www.example.org/plan?a=1&b=2. And (http://bank.example@evil.example/) as text.

> You wrote this.
>> And I wrote that.

begin 644 cat.txt
#8V%T
`
end
-- \nAlice
"""


def message(parts, sender="Alice <alice@corp.example>", kind="mixed"):
    """A letter of parts, each a header and a body."""
    lines = ["From: " + sender, "To: secure-" + FRED, "Subject: Reading", "MIME-Version: 1.0",
             "Date: Sun, 22 Nov 2026 08:00:00 +0100",
             "Content-Type: multipart/%s; boundary=\"b=b\"" % kind, ""]
    for header, body in parts:
        lines += ["--b=b", header, "", body.rstrip("\n").replace("\n", "\r\n")]
    return ("\r\n".join(lines + ["--b=b--", ""])).encode()


def read(postern, raw):
    """The page on which its recipient reads it, and who reads."""
    postern.send(ALICE, ["secure-" + FRED], raw)
    desk.finish(link_in(desk.finish_mail(postern), "s"))
    return desk.opens(link_in(desk.notice(postern), "r"))


def encoded(content):
    """base64 in lines."""
    return base64.encodebytes(content).decode()


def test_letters_files_and_texts():
    raw = message([
        ("Content-Type: text/plain", TEXT),
        ("Content-Type: image/png; name=photo.png", "a picture"),
        ("Content-Type: text/plain", "Behind the picture."),
        ("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", encoded(INNER.encode())),
        ("Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64",
         encoded(winmail.sample())),
        ("Content-Type: application/octet-stream; name=\"invoice\u202efdp.exe\"", "x"),
    ])
    with Postern() as postern:
        page, fred = read(postern, raw)

        # Quotes nest, the address can be followed, the one that pretends cannot.
        assert "<blockquote>" in page.text and page.text.count("<blockquote>") == 2, page.text
        assert "You wrote this." in page.words() and ">> And" in page.words().replace("> >", ">>")
        assert "https://www.example.org/plan?a=1&b=2" in page.links(), page.links()
        assert not any("evil" in link for link in page.links()), page.links()
        assert '<div class="signature">' in page.text

        # The text without the file in it; a picture between texts is told.
        assert "8V%T" not in page.text and "Behind the picture." in page.words()
        assert "Picture: photo.png" in page.words()

        # Files, their bytes, their true endings.  What belongs to the attached letter is not among them.
        files = {link.rsplit("/", 1)[1]: fred.get(link).body for link in desk.file_links(page)}
        assert files["cat.txt"] == b"cat", files
        assert files["Plan%20%E2%82%AC%202026.pdf"] == b"%PDF of a plan", files
        assert files["message.rtf"] == b"{\\rtf1 packed text}", files
        assert files["winmail.dat"] == winmail.sample()
        assert files["invoicefdp.exe"] == b"x", list(files)
        assert "minutes.pdf" not in files
        link = [link for link in desk.file_links(page) if link.endswith("/cat.txt")][0]
        assert fred.get(link).headers["ETag"] == '"%s"' % hashlib.sha256(b"cat").hexdigest()

        # The attached letter has a page of its own.
        assert "The minutes" in page.words() and "Ines" in page.words()
        number = [link for link in page.links() if "/message/" in link]
        assert len(number) == 1, page.links()
        inner = fred.get(postern.url + number[0])
        assert inner.status == 200 and "What was said on Tuesday." in inner.words(), inner.words()
        assert "ines@example.org" in inner.words() and "17 Nov 2026" in inner.words()
        assert [fred.get(link).body for link in desk.file_links(inner) if "minutes.pdf" in link] == \
            [b"%PDF of the minutes"]
        assert len(page.body) < 30000 and len(inner.body) < 30000

        # No other part is a letter, and strangers see neither.
        base = page.url
        assert fred.get(base + "/0").status == 404 and fred.get(base + "/99999").status == 404
        assert desk.Visitor().get(postern.url + number[0]).status == 403


def test_only_the_letter_itself_is_quoted():
    alternatives = ("Content-Type: multipart/alternative; boundary=c",
                    "--c\nContent-Type: text/plain\n\n \n--c\nContent-Type: text/html\n\n"
                    "<p>Shown from HTML.</p>\n--c--")
    raw = message([
        ("Content-Type: text/plain", "The letter itself."),
        alternatives,
        ("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", encoded(INNER.encode())),
    ])
    with Postern() as postern:
        page, fred = read(postern, raw)
        form = fred.get(page.url.removesuffix("/message") + "/reply")
        (quote,) = re.findall(r'<textarea id="quote"[^>]*>(.*?)</textarea>', form.text, re.S)
        assert "&gt; The letter itself." in quote and "Shown from HTML." in quote, quote
        assert "What was said on Tuesday." not in quote, quote


def test_invitations_and_reports():
    report = ("Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; nobody@example.net\n"
              "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user\n")
    raw = message([
        ("Content-Type: text/plain", "See below."),
        ("Content-Type: text/calendar; method=REQUEST", INVITATION),
        ("Content-Type: application/ics; name=invite.ics", INVITATION),
        ("Content-Type: message/delivery-status", report),
    ])
    with Postern() as postern:
        page, fred = read(postern, raw)
        words = page.words()
        for wanted in ("Invitation: Signing, and tea", "Wednesday, 1 July 2026, 10:00", "to 11:30",
                       "UTC+02:00", "every 2 weeks on Wednesday", "Bahnhofstrasse 1",
                       "alice@corp.example", "accepted", "nobody@example.net", "not delivered",
                       "550 5.1.1 No such user"):
            assert wanted in words, (wanted, words)
        # Said once, though it came twice; both are files.
        assert words.count("Invitation: ") == 1
        assert sum(fred.get(link).body.startswith(b"BEGIN:VCALENDAR")
                   for link in desk.file_links(page)) == 2


def test_letters_in_the_language_of_the_page():
    arabic = "\u0645\u0631\u062d\u0628\u0627 https://www.example.org/ \u0634\u0643\u0631\u0627"
    report = ("Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; late@example.net\n"
              "Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: Fri, 27 Nov 2026 10:14:07 +0100\n")
    raw = message([
        ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit", arabic),
        ("Content-Type: text/calendar; method=REQUEST", INVITATION.replace("BYDAY=WE", "BYDAY=FR,MO")),
        ("Content-Type: message/delivery-status", report)])
    with Postern() as postern:
        page, fred = read(postern, raw)
        page = fred.get(page.url + "?language=de")
        for wanted in ("Einladung: Signing, and tea", "Mittwoch, 1. Juli 2026, 10:00 bis 11:30",
                       "(Zeitzone Europe/Berlin, UTC+02:00)", "alle 2 Wochen am Montag und Freitag",
                       "Datum 22. November 2026, 07:00 UTC", ": noch nicht zugestellt (4.4.1); "
                       "wird bis 27. November 2026, 09:14 UTC versucht", "Kalendereintrag, "):
            assert wanted in page.words(), (wanted, page.words())
        form = html.unescape(fred.get(page.url.replace("/message", "/reply")).text)
        assert ">Am 22. November 2026, 07:00 UTC schrieb Alice:\n> " in form, form
        # The text is whole: its direction is its own, its pieces are not kept apart.
        page = fred.get(page.url + "?language=ar")
        begin, _, end = arabic.partition("https://www.example.org/")
        assert '<pre class="body" dir="auto">%s<a href="https://www.example.org/" rel="noreferrer">' \
            "https://www.example.org/</a>%s" % (begin, end) in page.text, page.text


def test_names_that_pretend():
    rows = (("\"director@bank.example\" <mallory@corp.example>", "mallory@corp.example",
             "The message comes from"),
            ("Bank <a@b\u0430nk.example>", "xn--bnk-6cd.example", "look like others"))
    with Postern() as postern:
        for sender, shown, warning in rows:
            page, _ = read(postern, message([("Content-Type: text/plain", "x")], sender=sender))
            assert shown in page.words() and warning in page.words(), page.words()
        page, _ = read(postern, message([("Content-Type: text/plain", "x")]))
        assert "comes from" not in page.words() and "look like" not in page.words()


def test_html_stands_in_where_text_is_blank():
    raw = message([("Content-Type: text/plain", "\n"),
                   ("Content-Type: text/html", "<p>Only <b>here</b>.</p>")], kind="alternative")
    with Postern() as postern:
        page, fred = read(postern, raw)
        assert "Only here." in page.words(), page.words()
        layout = [link for link in page.links() if "/original/" in link]
        assert len(layout) == 1, page.links()
        frame = fred.get(postern.url + layout[0])
        content = fred.get(postern.url + layout[0] + "/content")
        assert frame.status == 200 and "<b>here</b>" in content.text, content.text
        # An old link to the first layout holds.
        assert fred.get(page.url.replace("/message", "/original/content")).text == content.text


if __name__ == "__main__":
    cases.run("__main__")
