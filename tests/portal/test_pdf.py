#!/usr/bin/python3 -B
"""A message saved as PDF: what its readers' programs make of it, who can open it, and that neither
its password nor its text is left anywhere."""

import base64
import collections
import email.message
import email.policy
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, FRED, do, finish, finish_mail, notice, opens  # noqa: E402
from memory import forgotten, readers_of  # noqa: E402
from pdf import Paper, solid  # noqa: E402
from picture import png  # noqa: E402
from postern import Postern, link_in, release, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

PASSWORD = "drei Größen für 😀 im Zug"
SCRIPTS = """Latin: Größe, naïve, Ångström, e\u0301te\u0301.
Greek: Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία.
Cyrillic: Съешь же ещё этих мягких булок.
العربية: هذا نص عربي مع كلمات English وأرقام 12345 لا إله.
עברית: זהו טקסט בעברית עם words ומספרים 123.
中文：这是一个很长的中文段落，用来测试没有空格的换行。天地玄黄，宇宙洪荒。
"""
PLAIN = SCRIPTS + """
> > deep quotation https://example.org/path?x=1
> quoted
%s
Turned \u202eback\u202c and \u2066tagged\u2069\U000e0067.
Smile 😀 and \U0001f469\u200d\U0001f4bb, a bold \U0001d400.
""" % ("unbroken" * 40)


def message(body=PLAIN, files=(), subject="Größe / Übersicht: 中文"):
    """A marked message; files are (name, type, content)."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Alice Müller <%s>" % ALICE, "secure-" + FRED, subject
    mail["Date"] = "Sun, 22 Nov 2026 08:00:00 +0100"
    mail.set_content(body, cte="base64")
    for name, kind, content in files:
        main, sub = kind.split("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def opened(postern, content):
    """Sent, finished, unlocked: the page and its reader."""
    postern.send(ALICE, ["secure-" + FRED], content)
    finish(link_in(finish_mail(postern), "s"))
    return opens(link_in(notice(postern), "r"))


def form(page, fred):
    """The form behind the message's page."""
    [link] = [link for link in page.links() if link.endswith("/pdf")]
    answer = fred.get(page.url.removesuffix("/message") + "/pdf")
    assert answer.status == 200 and answer.url.endswith(link), answer.words()
    return answer


def save(page, fred, password=PASSWORD, **more):
    """Fill in the form; gives the answer."""
    return fred.submit(form(page, fred), "password", password=password, password_again=password, **more)


def pdf_of(answer, password=PASSWORD):
    """The answer is a PDF, given out as it should be."""
    assert answer.status == 200, (answer.status, answer.words()[:500])
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.body.startswith(b"%PDF-1.") and answer.body.endswith(b"%%EOF\n")
    return Paper(answer.body, password)


def test_what_it_holds():
    """The text complete in six scripts, what no font has as code and name, files as they were."""
    files = [("Übersicht €.bin", "application/octet-stream", os.urandom(300_000)),
             ("a.txt", "text/plain", "Grüße".encode()), ("a.txt", "text/plain", b"other"),
             ("empty.txt", "text/plain", b""), ("photo.png", "image/png", png(64, 48))]
    with Postern() as postern:
        page, fred = opened(postern, message(files=files))
        answer = save(page, fred)
        assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20-%20%C3%9Cbersicht-%20%E4%B8%AD%E6%96%87.pdf" in \
            answer.headers["Content-Disposition"], answer.headers["Content-Disposition"]
        with pdf_of(answer) as paper:
            info = paper.check()
            assert re.search(r"Title: +Größe / Übersicht: 中文\n", info), info
            assert re.search(r"Author: +Example Organisation\n", info), info
            shown = paper.characters()
            counted = collections.Counter(shown)
            for line in PLAIN.splitlines():
                wanted = collections.Counter(c for c in solid(line.lstrip("> ")) if ord(c) < 0x10000)
                missing = {c: n for c, n in wanted.items() if counted[c] < n}
                assert not missing, (line, missing)
            for line in ("Latin: Größe, naïve, Ångström, été.", "Greek: Ξεσκεπάζω τὴν ψυχοφθόρα βδελυγμία.",
                         "Cyrillic: Съешь же ещё этих мягких булок.", "deepquotationhttps://example.org/path?x=1",
                         "unbroken" * 40, "‹U+1F600grinningface›", "‹U+1F469woman›‹U+1F4BBpersonalcomputer›",
                         "‹U+1D400mathematicalboldcapitala›"):
                assert solid(line) in shown, line
            # What turns text around is taken out, and counted by nobody.
            assert "Turnedbackandtagged." in shown and "U+202E" not in shown and "U+E0067" not in shown
            assert "ascodeandname›" not in shown and "‹codeandname›:4" in shown
            assert "Page1of" in shown and "AliceMüller<alice@corp.example>" in shown
            found = paper.files()
            assert [name for name, _ in found] == ["message.txt", "Übersicht €.bin", "a.txt", "a (2).txt",
                                                   "empty.txt", "photo.png"], [name for name, _ in found]
            assert [content for _, content in found[1:]] == [content for _, _, content in files]
            text = found[0][1].decode()
            for line in PLAIN.splitlines():
                assert solid(line.lstrip("> ")) in solid(text), line
            assert ">> deep quotation" in text
            for name, _, content in files:
                assert hashlib.sha256(content).hexdigest() in shown, name
            objects = paper.raw_objects()
            assert b"/Subtype /text#2fplain" in objects and b"/URI (https://example.org/path?x=1)" in objects
            assert b"/Lang (en)" in objects and b"/CheckSum" in objects
            for deed in (b"/JavaScript", b"/OpenAction", b"/Launch", b"/AcroForm", b"/AA ", b"/EmbeddedFile\n/Fil"):
                assert deed not in objects, deed


def test_passwords():
    """Two that differ, none, too long, no text: told at the field, and nothing is made.  What is taken
    opens the file in two programs, and nothing else does."""
    rows = [("", "", "#password", "Type a password"),
            ("one of them", "another", "#password_again", "not the same"),
            ("x" * 128, "x" * 128, "#password", "shorter"), ("ü" * 64, "ü" * 64, "#password", "shorter"),
            ("bell \x07", "bell \x07", "#password", "other characters"),
            ("אב mixed", "אב mixed", "#password", "other characters")]
    good = ["plain words", "x" * 127, "ü" * 63 + "x", "дом и сад", "שלום", "😀 ß €"]
    with Postern() as postern:
        page, fred = opened(postern, message("Short.\n", files=[("a.txt", "text/plain", b"a")]))
        for first, second, anchor, words in rows:
            answer = fred.submit(form(page, fred), "password", password=first, password_again=second)
            assert answer.status == 400 and 'href="%s"' % anchor in answer.text, (first, answer.status)
            assert words in answer.words() and answer.text.count('aria-invalid="true"') == 1, answer.words()
            assert first == "" or first not in answer.text
        for password in good:
            with pdf_of(save(page, fred, password), password) as paper:
                paper.check()
                assert paper.opens_with(password)
                for wrong in ("", "wrong", password + "x" if len(password.encode()) < 127 else password[:-1]):
                    assert not paper.opens_with(wrong), (password, wrong)
        # Typed in another form, it is the same: prepared by SASLprep.
        with pdf_of(save(page, fred, "u\u0308ber \u2168\u00a0x"), "über IX x") as paper:
            paper.check()


def test_how_guessable():
    """Asked for, it is told, and nothing is made."""
    with Postern() as postern:
        page, fred = opened(postern, message("Short.\n"))
        answer = fred.submit(form(page, fred), "password", password="password1", check="check")
        assert answer.status == 200 and "Guessable in about" in answer.words(), answer.words()
        answer = fred.submit(form(page, fred), "password", password="", check="check")
        assert answer.status == 400 and "Type a password" in answer.words()


def test_without_a_password():
    """Only for who types yes."""
    with Postern() as postern:
        page, fred = opened(postern, message("Openly.\n"))
        for word in ("", "no", "1"):
            answer = fred.submit(form(page, fred), "password", bare="1", sure=word)
            assert answer.status == 400 and "Type yes to go on" in answer.words(), (word, answer.words())
        # A password that was typed does not count then: it would be forgotten.
        answer = fred.submit(form(page, fred), "password", bare="1", sure="yes", password="typed",
                             password_again="typed")
        with pdf_of(answer, "") as paper:
            paper.check()
            assert "Openly." in paper.text()


def test_who_may():
    """A session, its token, a letter that is there."""
    with Postern() as postern:
        page, fred = opened(postern, message("Short.\n"))
        base = page.url.removesuffix("/message")
        stranger = Visitor().get(base + "/pdf")
        assert stranger.status == 403 and 'name="password"' not in stranger.text, stranger.words()
        asked = form(page, fred)
        answer = fred.submit(asked, "password", password="a", password_again="a", csrf="0" * 64)
        assert answer.status == 403 and answer.headers["Content-Type"].startswith("text/html")
        assert fred.request(base + "/pdf", b"password=a&password_again=a").status == 403
        for number in ("1", "99999", "x"):
            assert fred.get(base + "/pdf/" + number).status == 404, number
        # What is destroyed cannot be saved, by a form that was open before neither.
        assert form(page, fred).status == 200
        assert "destroyed" in do(fred, page.url).words()
        answers = fred.get(base + "/pdf"), fred.submit(asked, "password", password=PASSWORD, password_again=PASSWORD)
        for answer in answers:
            assert answer.status == 410 and not answer.body.startswith(b"%PDF"), (answer.status, answer.words())


def test_attached_letter():
    """It is saved for itself, with its own files."""
    inner = email.message_from_bytes(message("Inner text.\n", [("in.txt", "text/plain", b"inside")], "Inner"),
                                     policy=email.policy.default)
    outer = email.message.EmailMessage(policy=email.policy.SMTP)
    outer["From"], outer["To"], outer["Subject"] = "Alice <%s>" % ALICE, "secure-" + FRED, "Outer"
    outer.set_content("Outer text.\n")
    outer.add_attachment(inner)
    with Postern() as postern:
        page, fred = opened(postern, outer.as_bytes())
        [link] = [link for link in page.links() if re.search(r"/message/\d+$", link)]
        attached = fred.get(page.url.removesuffix("/message") + link[link.index("/message"):])
        [link] = [link for link in attached.links() if re.search(r"/pdf/\d+$", link)]
        asked = fred.get(postern.url + link)
        assert "in.txt" in asked.words() and attached.url in asked.text.replace('href="', 'href="' + postern.url)
        with pdf_of(fred.submit(asked, "password", password="a b c", password_again="a b c"), "a b c") as paper:
            paper.check()
            shown = paper.text()
            assert "Inner text." in shown and "Outer text." not in shown and "was attached to another" in shown
            assert [name for name, _ in paper.files()] == ["message.txt", "in.txt"]
        with pdf_of(save(page, fred)) as paper:
            shown = paper.text()
            assert "Outer text." in shown and "Inner text." not in shown and "Attached messages" in shown


def test_a_message_that_is_a_letter():
    """Its whole body is an attached one, the first part: that is saved, not the empty one around it."""
    inner = b"Subject: Inner\r\nFrom: ines@example.org\r\n\r\nInner text.\r\n"
    outer = ("From: Alice <%s>\r\nTo: secure-%s\r\nSubject: Outer\r\nContent-Type: message/rfc822\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\n" % (ALICE, FRED)).encode() + base64.encodebytes(inner)
    with Postern() as postern:
        page, fred = opened(postern, outer.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        [link] = [link for link in page.links() if link.endswith("/message/0")]
        attached = fred.get(postern.url + link)
        [link] = [link for link in attached.links() if link.endswith("/pdf/0")]
        for where, words, others in ((link, "Inner text.", "has no text"),
                                     (link.removesuffix("/0"), "has no text", "Inner text.")):
            answer = fred.submit(fred.get(postern.url + where), "password", password=PASSWORD, password_again=PASSWORD)
            with pdf_of(answer) as paper:
                shown = paper.text()
                assert words in shown and others not in shown, (where, shown)


LONG_ITEM = "A first item with %s, so that it has a second line." % ", ".join(["many words"] * 12)
HTML = """<html><body><h1>Offer for Größe</h1>
<p>The old price was <del>100 €</del>, now <b>it is 80 €</b> per 10<sup>2</sup> m<sup>2</sup>, see
<a href="https://example.org/offer">our offer</a>.</p>
<h3>What you get</h3>
<ol start="9"><li>%s<ul><li>one below</li></ul></li><li>another</li></ol>
<table><tr><th>Article</th><th>Pieces</th><th>Price</th></tr>
<tr><td>Lamp</td><td></td><td>20 €</td></tr>
<tr><td></td><td>3</td><td>60 €</td></tr></table>
<blockquote><p>Is it still to be had?</p></blockquote>
<p>&gt; 5 pieces only.</p>
<p><img src="cid:picture@example" alt="the lamp"></p></body></html>
""" % LONG_ITEM
HTML_TEXT = """Offer for Größe

The old price was ~~100 €~~, now it is 80 € per 10² m², see our offer <https://example.org/offer>.

What you get

 9. %s
   * one below
10. another

Article | Pieces | Price
Lamp | | 20 €
| 3 | 60 €

> Is it still to be had?

 > 5 pieces only.

[the lamp]
""" % LONG_ITEM


def html_message(alternative=None):
    """A letter of HTML with a picture of its own; with a text beside it, or without."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Alice <%s>" % ALICE, "secure-" + FRED, "Offer"
    mail.set_content(alternative or HTML, subtype="plain" if alternative else "html")
    if alternative:
        mail.add_alternative(HTML, subtype="html")
    laid_out = mail.get_payload()[1] if alternative else mail
    laid_out.add_related(png(64, 48), "image", "png", cid="<picture@example>", filename="lamp.png")
    return mail.as_bytes()


def test_html():
    """A letter of HTML keeps its structure on the pages, and its meaning in the text beside them."""
    with Postern() as postern:
        page, fred = opened(postern, html_message())
        with pdf_of(save(page, fred)) as paper:
            paper.check()
            (_, text), (picture, _) = paper.files()
            runs = {run.text.strip(): run for run in paper.runs()}
            objects = paper.raw_objects()
        assert HTML_TEXT in text.decode(), text.decode()
        words, own = runs["10. another"], runs["Files"]
        # Headings differ in size, and from those of the document in colour.
        first, second = runs["Offer for Größe"], runs["What you get"]
        assert first.bold and second.bold and first.size > second.size > words.size, (first, second, words)
        assert {first.colour, second.colour} == {words.colour} != {own.colour}, (first, second, own)
        assert runs["it is 80 €"].bold and not words.bold
        # Cells stand below the head of their column.
        assert runs["Article"].bold and runs["Price"].bold and not runs["20 €"].bold
        columns = [runs[name].left for name in ("Article", "Pieces", "Price")]
        assert columns == sorted(columns) and [runs[name].left for name in ("Lamp", "3", "20 €")] == columns, runs
        assert runs["60 €"].left == columns[2], runs
        # Items hang, and those of the inner list stand further in.
        wrapped = [run for run in runs.values() if run.text.strip() and LONG_ITEM.endswith(run.text.strip())]
        [inner] = [run for run in runs.values() if "one below" in run.text]
        [outer] = [run for run in runs.values() if run.text.startswith("9.")]
        assert wrapped and all(run.left > outer.left + 20 for run in wrapped), (wrapped, outer)
        assert inner.left > outer.left and "\u2022" in "".join(runs), (inner, outer)
        # One is a quotation, and the other is not.
        quoted, typed = runs["Is it still to be had?"], runs["> 5 pieces only."]
        assert quoted.left > outer.left and typed.left == outer.left, (quoted, typed)
        assert b"/URI (https://example.org/offer)" in objects and objects.count(b"/Subtype /Image") == 1
        assert picture == "lamp.png"
        # An item stands at the side from which it is read, in a document of the other direction, too.
        fred.get(page.url + "?language=ar")
        with pdf_of(save(page, fred)) as paper:
            runs = paper.runs()
        [same] = [run for run in runs if run.text.startswith("9.")]
        assert same.left == outer.left, (same, outer)


def test_layout_is_told():
    """That the portal has a letter's layout, and until when; of one without HTML nothing is said."""
    with Postern() as postern:
        for content, told in ((html_message("Only the text.\n"), True), (html_message(), True),
                              (message("Plain.\n"), False)):
            page, fred = opened(postern, content)
            with pdf_of(save(page, fred)) as paper:
                words = " ".join(paper.text().split())
                assert ("the portal shows the original layout until " in words) == told, words
                assert any("original/" in link for link in page.links()) == told
                assert ("Only the text." in words) == (b"Only the text." in content)


def test_files_that_do_not_fit():
    """The PDF names them, and where they are."""
    files = [("first.bin", "application/octet-stream", os.urandom(15_000_000)),
             ("second.bin", "application/octet-stream", os.urandom(12_000_000)),
             ("third.bin", "application/octet-stream", b"3")]
    with Postern() as postern:
        page, fred = opened(postern, message("Many.\n", files))
        asked = form(page, fred)
        assert re.search(r"second.bin \(11(\.4)? MB\) does not fit", asked.words()), asked.words()
        assert asked.words().count("does not fit") == 1
        before = int(postern.query("select count(*) from taken")[0][0])
        with pdf_of(save(page, fred)) as paper:
            assert [(name, len(content)) for name, content in paper.files()][1:] == [
                ("first.bin", 15_000_000), ("third.bin", 1)]
            words = " ".join(paper.text().split())
            assert words.count("It is in this PDF") == 2 and words.count("It is not in this PDF") == 1
            assert postern.url in words and page.url not in words
        wait_for("files to be taken", lambda: int(postern.query("select count(*) from taken")[0][0]) == before + 2)
        with pdf_of(save(page, fred, with_files=None)) as paper:
            assert [name for name, _ in paper.files()] == ["message.txt"], paper.files()
            assert " ".join(paper.text().split()).count("It is not in this PDF") == 3


def find_word(words, wanted):
    """The first of that page that is so."""
    found = [word for word in words if word[4] == wanted]
    assert found, (wanted, words)
    return found[0]


def last_word_right(pages, wanted):
    """How far to the right the word reaches that only one page has, whichever way its letters are told."""
    [found] = [word[2] for words in pages for word in words if word[4] in (wanted, wanted[::-1])]
    return found


def at_edge(place, edge):
    """But for what a letter leaves empty at its side."""
    return abs(place - edge) < 2


def test_languages():
    """In German, and in Arabic from right to left: labels, their values and page numbers change sides, a line of
    the message stays where its own words begin."""
    left, right, beside = 60, 535, 116  # the edges of the text, and how far from one a value begins
    with Postern() as postern:
        page, fred = opened(postern, message("Zeile eins.\n" * 120 + "שורה אחרונה\n"))
        fred.get(page.url + "?language=de")
        with pdf_of(save(page, fred)) as paper:
            assert b"/Lang (de)" in paper.raw_objects() and b"/R2L" not in paper.raw_objects()
            pages = paper.words()
            assert len(pages) == 3, len(pages)
            for number, (words, text) in enumerate(zip(pages, paper.text().split("\f")), 1):
                assert re.findall(r"Seite \d+ von \d+", text) == ["Seite %d von 3" % number], text
                assert at_edge(find_word(words, "Seite")[0], left)
            assert at_edge(find_word(pages[0], "Von")[0], left)
            assert at_edge(find_word(pages[0], "Alice")[0], left + beside)
            assert at_edge(find_word(pages[0], "Zeile")[0], left)
            assert at_edge(last_word_right(pages, "שורה"), right)
        fred.get(page.url + "?language=ar")
        with pdf_of(save(page, fred)) as paper:
            assert b"/Direction /R2L" in paper.raw_objects() and b"/Lang (ar)" in paper.raw_objects()
            pages = paper.words()
            assert len(pages) == 3, len(pages)
            for number, words in enumerate(pages, 1):
                foot = [word for word in words if word[1] > 842 - 60]
                assert at_edge(max(word[2] for word in foot), right), foot
                # Read from the right, the number comes before how many there are.
                numbers = [word[4] for word in sorted(foot, reverse=True) if word[4].isdigit()]
                assert numbers == [str(number), "3"], foot
            sender = find_word(pages[0], "<alice@corp.example>")
            assert at_edge(sender[2], right - beside), sender
            label = [word for word in pages[0] if word[0] > sender[2] and abs(word[3] - sender[3]) < 6]
            assert at_edge(max(word[2] for word in label), right), label
            assert at_edge(find_word(pages[0], "Zeile")[0], left)
            assert at_edge(last_word_right(pages, "שורה"), right)


def test_pictures():
    """Drawn as they are; what cannot be is named; what is broken ends nothing."""
    jpeg = bytes.fromhex(
        "ffd8ffdb004300281c1e231e19282321232d2b28303c64413c37373c7b585d4964918099968f808c8aa0b4e6c3a0aada"
        "ad8a8cc8ffcbdaeef5ffffff9bc1fffffffaffe6fdfff8ffc0000b080010002001011100ffc400160001010100000000"
        "000000000000000000040506ffc4001510010100000000000000000000000000000003ffda0008010100003f00972364"
        "6c8c933323646c8c93ffd9")
    files = [("good.png", "image/png", png(64, 48)), ("large.png", "image/png", png(3000, 2000)),
             ("photo.jpg", "image/jpeg", jpeg), ("cut.png", "image/png", png(64, 48)[:60]),
             ("cut.jpg", "image/jpeg", jpeg[:-12]), ("huge.png", "image/png", png(9000, 9000)),
             ("dance.gif", "image/gif", b"GIF89a\x01\0\x01\0" + b"\0" * 40 + b";")]
    with Postern() as postern:
        page, fred = opened(postern, message("Pictures.\n", files))
        with pdf_of(save(page, fred)) as paper:
            paper.check()
            words = " ".join(paper.text().split())
            for name in ("good.png", "large.png", "photo.jpg"):
                assert "Picture: " + name in words, (name, words)
            for name in ("cut.png", "cut.jpg", "huge.png", "dance.gif"):
                assert "A picture that is not shown here: " + name in words, (name, words)
            assert paper.raw_objects().count(b"/Subtype /Image") == 3
            assert len(paper.files()) == 8


def between_texts(pictures):
    """A marked message with pictures in its text."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Alice <%s>" % ALICE, "secure-" + FRED, "Pictures"
    mail.set_content("Above.\n")
    for number, content in enumerate(pictures):
        mail.add_attachment(content, maintype="image", subtype="png", disposition="inline",
                            filename="seen-%d.png" % number)
        mail.add_attachment("Below %d.\n" % number, disposition="inline")
    return mail.as_bytes()


def test_more_pictures_than_there_is_room_for():
    """Too many pixels for the memory, too many bytes for the file: the first are drawn, the others named."""
    large, noise = png(1400, 2000), png(1000, 900, None)
    rows = [([large] * 100, 5), ([noise] * 9 + [large] + [noise] * 3, 6)]
    with Postern() as postern:
        for pictures, most in rows:
            page, fred = opened(postern, between_texts(pictures))
            with pdf_of(save(page, fred, with_files=None)) as paper:
                paper.check()
                words = " ".join(paper.text().split())
                drawn = re.findall(r"Picture: seen-(\d+).png", words)
                assert len(drawn) == most == len(paper.pictures()), (len(drawn), most, paper.pictures())
                named = re.findall(r"A picture that is not shown here: seen-(\d+).png", words)
                assert sorted(map(int, drawn + named)) == list(range(len(pictures))), words
                # What is small has room where others have none.
                assert drawn[:5] == ["0", "1", "2", "3", "4"] and (large in pictures[:5] or drawn[5] == "9"), drawn
                assert "Below %d." % (len(pictures) - 1) in words


def test_pictures_beside_the_text():
    """Forty are drawn, however many there are between texts; if there are more, that is said."""
    small = png(8, 6)
    rows = [(0, 25, 25), (30, 30, 30), (0, 45, 40)]
    more = "There are more pictures, which are not drawn here."
    with Postern() as postern:
        for between, beside, drawn in rows:
            mail = email.message_from_bytes(between_texts([small] * between), policy=email.policy.SMTP)
            for number in range(beside):
                mail.add_attachment(small, maintype="image", subtype="png", filename="beside-%d.png" % number)
            page, fred = opened(postern, mail.as_bytes())
            with pdf_of(save(page, fred, with_files=None)) as paper:
                words = " ".join(paper.text().split())
                assert re.findall(r"Picture: beside-(\d+).png", words) == [str(i) for i in range(drawn)], words
                assert words.count("Picture: seen-") == between and len(paper.pictures()) == between + drawn
                assert (more in words) == (drawn < beside), words


def test_the_password_is_left_nowhere():
    """Neither in memory once the answer has gone, nor in the log, the database or the PDF."""
    password = "zanzibar" + os.urandom(8).hex()
    words = "Wilhelminas-" + os.urandom(8).hex()
    # The sanitizers keep what was freed.
    with release(), Postern() as postern:
        page, fred = opened(postern, message("%s.\n" % words, [("a.txt", "text/plain", b"a")]))
        answer = save(page, fred, password)
        with pdf_of(answer, password) as paper:
            paper.check()
        assert password.encode() not in answer.body and words.encode() not in answer.body
        fred.get(page.url)
        portal = postern.processes["portal"].pid
        forgotten(portal, [password.encode()], b"Example Organisation")
        assert password not in postern.log.read_text(errors="replace")
        tables = [name for [name] in postern.query(
            "select tablename from pg_tables where schemaname = 'public'")]
        assert tables
        for table in tables:
            assert password not in str(postern.query('select * from "%s"' % table)), table


def test_nothing_is_written():
    """While a PDF is made, neither portal nor reader opens anything to write to."""
    with Postern() as postern:
        page, fred = opened(postern, message(files=[("a.txt", "text/plain", b"a")]))
        trace, portal = postern.folder / "trace", postern.processes["portal"].pid
        words = ["-p%d" % process for process in [portal] + readers_of(portal)]
        try:
            watching = subprocess.Popen(["strace", "-f", "-e", "trace=file,memfd_create", "-o", trace, *words],
                                        stderr=subprocess.PIPE, text=True)
        except FileNotFoundError as missing:
            raise cases.Skip("no strace") from missing
        try:
            for _ in words:
                said = watching.stderr.readline()
                if "attached" not in said:
                    raise cases.Skip("strace may not watch: " + said.strip())
            with pdf_of(save(page, fred)) as paper:
                paper.check()
        finally:
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=60)
        seen = trace.read_text(errors="replace").splitlines()
        # A control: the process that drew it was followed to its end, its own or, once the portal had
        # all of the file, the one that the reader made of it.
        assert any(re.search(r"\+\+\+ (exited|killed by SIGKILL)", line) for line in seen), seen
        written = [line for line in seen if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|memfd_create|creat\(", line)
                   and "/dev/null" not in line]
        assert not written, written


def test_without_fonts():
    """The program says so when it starts, doctor too; the page says what to do instead."""
    with Postern(extra='pdf: { fonts = ( "/nowhere/none.ttf" ); };') as postern:
        page, fred = opened(postern, message("Short.\n"))
        asked = form(page, fred)
        assert "no fonts to draw a PDF with" in asked.words() and 'name="password"' not in asked.text
        token = re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)
        answer = fred.request(asked.url, ("csrf=%s&password=a&password_again=a" % token).encode(),
                              {"Origin": postern.url})
        assert answer.status == 503 and "no fonts" in answer.words(), answer.status
        assert "event=font-missing" in postern.log.read_text()
        doctor = postern.ctl("doctor", "--config", str(postern.config), check=False)
        assert re.search(r"PROBLEM +pdf.fonts: /nowhere/none.ttf", str(doctor)), doctor


def test_a_font_that_cannot_be_used():
    """It is left out, as if it were missing: PDFs are drawn with the others."""
    good = pathlib.Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    bad = bytearray(good.read_bytes())
    entry = bad.index(b"OS/2")
    place = int.from_bytes(bad[entry + 8:entry + 12], "big")
    bad[place + 8:place + 10] = b"\0\x02"  # it must not be embedded
    with tempfile.TemporaryDirectory(prefix="pdf-fonts-") as folder:
        path = pathlib.Path(folder) / "forbidden.ttf"
        path.write_bytes(bad)
        with Postern(extra='pdf: { fonts = ( "%s", "%s" ); };' % (path, good)) as postern:
            page, fred = opened(postern, message("Short.\n"))
            with pdf_of(save(page, fred)) as paper:
                paper.check()
                assert "Short." in paper.text()
            assert re.search(r"event=font-missing path=\S+forbidden.ttf why=\"forbids to be embedded",
                             postern.log.read_text())
            doctor = str(postern.ctl("doctor", "--config", str(postern.config), check=False))
            assert re.search(r"PROBLEM +pdf.fonts: %s: cannot be drawn with" % path, doctor), doctor
            assert re.search(r"ok +pdf.fonts: %s\b" % good, doctor), doctor


def test_one_at_a_time():
    """Who does not fetch what was made gets no second one of the same message, and keeps out nobody else."""
    with Postern() as postern:
        page, fred = opened(postern, message(files=[("large.bin", "application/octet-stream", os.urandom(16_000_000))]))
        other, friend = opened(postern, message())
        fields = dict(form(page, fred).form("password")["fields"], password=PASSWORD, password_again=PASSWORD)
        action = page.url.removesuffix("/message") + "/pdf"
        slow = fred.opener.open(action, urllib.parse.urlencode(fields).encode())
        assert slow.read(5) == b"%PDF-"
        again = save(page, fred)
        assert again.status == 503 and "Just a moment" in again.words(), again.status
        pdf_of(save(other, friend)).check()
        slow.close()
        wait_for("the place", lambda: save(page, fred).status == 200)


if __name__ == "__main__":
    cases.run("__main__")
