#!/usr/bin/python3 -B
"""Writing back: whatever is typed and uploaded arrives as it was, in two readers that share no code
with Postern; nothing typed is lost; an answer to all reaches those who hold the message, and nobody
else."""

import email
import email.policy
import pathlib
import re
import socket
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, DAY, FRED, GINA, MINUTE, do, finish, finish_mail, letter,  # noqa: E402
                  notice, opens, secured, unlock)
from postern import ROOT, Postern, body_text, body_words, link_in, wait_for  # noqa: E402
from tls import unchecked_tls  # noqa: E402
from visitor import Visitor, encode_multipart, origin_of  # noqa: E402

HARRY, IVAN = "harry@example.net", "ivan@example.com"
PARTS = ROOT / "build" / "sanitize" / "letters" / "parts"
TEXT = "The meeting is on Thursday.\n\nSecond paragraph,\n> with an older quotation\n-- \nAlice\nCorp\n"


# ---- readers ----

def unflow(lines):
    """RFC 3676: flowed text to lines, each with its level of quotation."""
    paragraphs, open_level = [], None
    for line in lines:
        level = len(line) - len(line.lstrip(">"))
        text = line[level:]
        if text.startswith(" "):
            text = text[1:]
        flows = text.endswith(" ") and text != "-- "
        if open_level == level:
            paragraphs[-1] = (level, paragraphs[-1][1] + text)
        else:
            paragraphs.append((level, text))
        open_level = level if flows else None
    return paragraphs


def typed_lines(text):
    """What was typed, in the same form: blanks at the ends of lines mean nothing."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", re.sub(r"\r\n?", "\n", text))
    result = []
    for line in text.removesuffix("\n").split("\n") if text else []:
        marks = re.match(r"(?:> ?(?=>))*>?", line).group(0)
        rest = line[len(marks):]
        if marks and rest.startswith(" "):
            rest = rest[1:]
        result.append((marks.count(">"), rest if rest == "-- " else rest.rstrip(" ")))
    return result


def read_python(raw):
    """Text and files by Python's email."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        assert part.defects == [], part.defects
        for _, value in part.items():
            assert value.defects == (), (value, value.defects)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    assert leaves[0].get_content_type() == "text/plain" and leaves[0].get_param("format") == "flowed"
    text = leaves[0].get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
    return text, [(part.get_filename(), part.get_payload(decode=True)) for part in leaves[1:]]


def read_gmime(raw):
    """The same by GMime."""
    done = subprocess.run([PARTS], input=raw, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    out = done.stdout
    leaves = []
    while out:
        head, _, out = out.partition(b"\n")
        _, size, name = head.decode().split(" ")
        leaves.append((None if name == "-" else bytes.fromhex(name).decode(), out[:int(size)]))
        out = out[int(size):]
    return leaves[0][1].decode().replace("\r\n", "\n"), leaves[1:]


def check_wire(raw):
    """CRLF only, lines within bounds, one boundary that stands in no part."""
    assert not re.search(rb"[^\r]\n|\r[^\n]", raw)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for field in ("Date", "Message-ID", "In-Reply-To", "References", "From", "To", "MIME-Version"):
        assert len(message.get_all(field)) == 1, field
    boundary = message.get_boundary()
    if boundary:
        assert len(boundary) <= 70 and re.fullmatch(r"[0-9A-Za-z'()+_,./:=?-]+", boundary)
        count = len(list(message.iter_parts()))
        assert raw.count(b"--" + boundary.encode()) == count + 1


def arrived(postern, to=ALICE):
    """The next reply to somebody inside, as bytes on the wire."""
    message, raw = postern.next_letter(to, lambda m: m["Subject"].startswith("Re: "))
    return message, re.sub(rb"\r?\n", b"\r\n", raw)


def form_of(visitor, page):
    """The form of a reply to the message on this page."""
    form = visitor.get(page.url.rsplit("/", 1)[0] + "/reply")
    assert form.status == 200, form.words()
    return form


def fields(page):
    """What the form holds."""
    return page.form("body")["fields"]


def draft_rows(postern):
    """How many drafts and files of drafts there are."""
    return [int(value) for value in postern.query(
        "select (select count(*) from writing where kind = 1), (select count(*) from draft_file)")[0]]


LONG = "x" * 3000
ODD = [
    # what, body, files (name, content), names that arrive
    ("plain", "Thank you.", [], []),
    ("umlauts", "Grüße aus Köln, ça va ? 漢字 😀", [], []),
    ("right to left", "שלום עולם\nمرحبا\u202eabc", [], []),
    ("several lines", "one\ntwo\r\nthree\rfour\n\n\nfive\n", [], []),
    ("long paragraph", "word " * 500 + "end", [], []),
    ("line without a blank", LONG, [], []),
    ("long line of umlauts", "äöü" * 700, [], []),
    ("lone dots", ".\n..\n.\nmiddle\n.", [], []),
    ("from lines", "From here on\n>From there\nFrom\n From blank", [], []),
    ("trailing blanks", "one  \ntwo \n \nthree", [], []),
    ("leading blanks", "  one\n\ttab\n   three", [], []),
    ("signature", "Hello\n-- \nFred", [], []),
    ("quotations", "> one\n>> two\n> > two again\n>not spaced\n>  inner blanks\nmine", [], []),
    ("long quotation", "> " + "quoted words " * 40, [], []),
    ("deep quotation", ">" * 12 + " deep", [], []),
    ("looks like a boundary", "--=_abc\r\n--\r\n--=_abc--\n", [], []),
    ("looks like a header", "Subject: not one\nContent-Type: text/html\n\n<b>", [], []),
    ("looks encoded", "=?utf-8?Q?x?= =20 =3D\n=", [], []),
    ("html", "<script>alert(1)</script> & <b>bold</b>", [], []),
    ("NUL and controls", "a\x00b\x01c\x1b[31m\x7f", [], []),
    ("only blank lines before", "\n\n\ntext", [], []),
    ("file only", "", [("a.txt", b"content")], None),
    ("empty file", "", [("empty.bin", b"")], None),
    ("text and empty file", "See there", [("empty.bin", b"")], None),
    ("file of line ends", "", [("ends.txt", b"\r\n\n\r.\r\n" * 50)], None),
    ("file with a delimiter in it", "", [("d.bin", b"\r\n----postern\r\n--=_\r\n" * 9)], None),
    ("57 bytes and around", "", [("n%d" % n, b"z" * n) for n in (56, 57, 58, 114, 115)], None),
    ("large file", "big", [("big.bin", bytes(range(256)) * 2500)], None),
    ("quotes in a name", "", [('say "yes";.txt', b"1")], None),
    ("slashes in a name", "", [("../../etc/passwd", b"1"), ("C:\\dir\\b.exe", b"2")],
     ["passwd", "b.exe"]),
    ("emoji in a name", "", [("😀 smile.png", b"1")], None),
    ("right to left in a name", "", [("שלום.pdf", b"1"), ("a\u202efdp.exe", b"2")],
     ["שלום.pdf", "afdp.exe"]),
    ("200 characters", "", [("n" * 196 + ".txt", b"1")], None),
    ("many bytes in a name", "", [("漢" * 70 + ".txt", b"1")], None),
    ("same name twice", "", [("same.txt", b"one"), ("same.txt", b"two")], None),
    ("line end in a name", "", [("a\r\nX-Evil: 1\r\n\r\nb.txt", b"1")],
     ["a%0D%0AX-Evil: 1%0D%0A%0D%0Ab.txt"]),
    ("a name of dots", "", [("..", b"1")], ["file"]),
    ("a name that looks encoded", "", [("=?utf-8?Q?a=0D=0Ab?=.txt", b"1")], None),
    ("percent and apostrophe", "", [("100%'s.txt", b"1"), ("utf-8''x", b"2")], None),
    ("blanks around a name", "", [("  spaced name .txt", b"1")], ["spaced name .txt"]),
    ("many files", "", [("%02d.txt" % n, b"%d" % n) for n in range(30)], None),
    ("semicolons", "", [("a;b=c, d.txt", b"1")], None),
]


def test_odd_replies_arrive_as_they_were():
    assert len(ODD) >= 40
    with Postern() as postern:
        _, link = secured(postern, subject="Grüße", message_id="<odd@corp.example>")
        page, fred = opens(link)
        seen = set()
        for what, body, files, names in ODD:
            form = form_of(fred, page)
            answer = fred.submit(form, "body", body=body, quote="",
                                 files=[(name, data, "application/x-odd") for name, data in files])
            assert answer.url.endswith("/sent"), (what, answer.status, answer.words())
            message, raw = arrived(postern)
            check_wire(raw)
            assert message["In-Reply-To"] == "<odd@corp.example>", what
            assert message["Message-ID"] not in seen
            seen.add(message["Message-ID"])
            wanted = [(name if names is None else names[i], data)
                      for i, (name, data) in enumerate(files)]
            for reader in (read_python, read_gmime):
                text, got = reader(raw)
                assert got == wanted, (what, reader.__name__, [g[0] for g in got])
                lines = text.removesuffix("\n").split("\n") if text else []
                assert unflow(lines) == typed_lines(body), (what, reader.__name__, text)


def test_a_quotation_stands_below():
    with Postern() as postern:
        _, link = secured(postern, body=TEXT)
        page, fred = opens(link)
        form = form_of(fred, page)
        quote = fields(form)["quote"]
        assert fields(form)["body"] == ""
        assert quote == ("On Sun, 22 Nov 2026 08:00:00 +0100, Alice wrote:\n"
                         "> The meeting is on Thursday.\n>\n> Second paragraph,\n"
                         ">> with an older quotation\n"), quote
        # Nothing written: what only stands there is no reply.
        assert fred.submit(form, "body").status == 400
        fred.submit(form, "body", body="I shall come.\n")
        text, _ = read_python(arrived(postern)[1])
        assert unflow(text.rstrip("\n").split("\n")) == typed_lines(
            "I shall come.\n\n" + quote), text
        # Written into the quotation alone, it is one.
        form = form_of(fred, page)
        answer = fred.submit(form, "body", quote=quote + "That suits me.\n")
        assert answer.url.endswith("/sent"), answer.words()
        assert "That suits me." in body_text(arrived(postern)[0])


def test_a_draft_is_kept_and_filled_in():
    with Postern() as postern:
        _, link = secured(postern, body=TEXT, message_id="<draft@corp.example>")
        page, fred = opens(link)
        files = [("one.txt", b"1" * 1000, "text/plain"), ("two.bin", bytes(300_000), "image/png")]
        form = form_of(fred, page)
        again = fred.submit(form, "body", body="Half a\n sentence", quote="cut", do="save")
        assert again.url == form.url and "saved" in again.words(), again.words()
        # One file after the other, as a browser does that takes one at a time.
        for file in files:
            again = fred.submit(again, "body", do="add", files=[file])
            assert again.status == 200 and file[0] in again.words(), again.words()
        assert draft_rows(postern) == [1, 2]
        message = fred.get(page.url)
        assert "You have a draft" in message.words() and "2 of your files" in message.words()

        # Another day, another browser: all of it is there.
        page, other = opens(link)
        form = form_of(other, page)
        assert fields(form)["body"] == "Half a\n sentence" and fields(form)["quote"] == "cut"
        assert "one.txt" in form.words() and "two.bin" in form.words()
        # One is left out, another comes: what is sent is what was shown.
        drops = [name for name in form.form("body")["checkboxes"] if name.startswith("drop_")]
        assert len(drops) == 2
        answer = other.submit(form, "body", files=[("three.txt", b"3", "text/plain")],
                              **{drops[0]: True})
        assert answer.url.endswith("/sent"), answer.words()
        raw = arrived(postern)[1]
        for reader in (read_python, read_gmime):
            assert sorted(reader(raw)[1]) == [("three.txt", b"3"), ("two.bin", bytes(300_000))]
        check_wire(raw)
        assert draft_rows(postern) == [0, 0]
        assert fields(form_of(other, page))["body"] == ""


def test_too_much_is_told_and_nothing_typed_is_lost():
    with Postern(portal='reply_size = "400 KB";') as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        form = form_of(fred, page)
        assert "400 KB" in form.words() and "100 files" in form.words()
        small, large = ("small.txt", b"s" * 1000, "text/plain"), ("large.bin", bytes(500_000), "a/b")
        answer = fred.submit(form, "body", body="My words", files=[small, large])
        assert answer.status == 413 and fields(answer)["body"] == "My words", answer.words()
        assert "small.txt" in answer.words() and "large.bin" not in answer.words()
        assert draft_rows(postern) == [1, 1]
        # The draft counts: what fits an empty one does not fit this one.
        answer = fred.submit(answer, "body", do="add", files=[("b.bin", bytes(400 * 1024), "a/b")])
        assert answer.status == 413 and draft_rows(postern) == [1, 1], answer.words()
        # Far beyond what is read: the connection ends, and what was whole is kept.
        try:
            fred.submit(form, "body", body="Other words", files=[
                ("next.txt", b"n", "text/plain"), ("huge.bin", bytes(6_000_000), "a/b")])
        except OSError:
            pass
        wait_for("the draft", lambda: draft_rows(postern) == [1, 2])
        form = form_of(fred, page)
        assert fields(form)["body"] == "Other words" and "next.txt" in form.words()
        many = [("%d.txt" % n, b"x", "text/plain") for n in range(101)]
        answer = fred.submit(form, "body", body="Many", files=many)
        assert answer.status == 413 and "too many" in answer.words(), answer.words()
        assert draft_rows(postern) == [1, 100] and fields(answer)["body"] == "Many"
        answer = fred.submit(answer, "body")
        assert answer.url.endswith("/sent"), answer.words()
        assert len(read_python(arrived(postern)[1])[1]) == 100


def test_the_session_ends_while_somebody_writes():
    with Postern() as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        form = form_of(fred, page)
        assert re.search(r"This page closes at .* UTC if you do nothing", form.words())
        postern.set_clock(20 * MINUTE)
        answer = fred.submit(form, "body", body="Took me long", quote="q",
                             files=[("a.txt", b"aa", "text/plain")])
        assert answer.status == 403 and "Your visit has ended" in answer.words(), answer.words()
        assert fields(answer)["body"] == "Took me long" and "saved as your draft" in answer.words()
        # Once more from the same page, without a session still.
        answer = fred.submit(answer, "body", body="Took me longer")
        assert answer.status == 403 and draft_rows(postern) == [1, 1]
        # Behind the passphrase the form is there again, filled in.
        form, _ = unlock(link, visitor=fred)
        assert form.url == link + "/reply" and fields(form)["body"] == "Took me longer"
        assert fields(form)["quote"] == "q" and "a.txt" in form.words()
        assert fred.submit(form, "body").url.endswith("/sent")
        text, files = read_python(arrived(postern)[1])
        assert text.startswith("Took me longer") and files == [("a.txt", b"aa")]
        # The next time the message comes as ever.
        opens(link, visitor=fred)


def test_nobody_else_puts_anything_into_a_draft():
    with Postern() as postern:
        _, link = secured(postern)
        _, other_link = secured(postern, GINA, subject="Other")
        page, fred = opens(link)
        form = form_of(fred, page)
        other_page, gina = opens(other_link)
        foreign = fields(form_of(gina, other_page))["keep"]
        postern.set_clock(20 * MINUTE)
        keep, file = fields(form)["keep"], [("evil.txt", b"e", "text/plain")]
        # The session's mark is there, but it is no mark, another's, or there is no cookie.
        for wrong in ("", "x", "A" * 86, foreign, keep[:-2] + "AA", keep.swapcase()):
            answer = fred.submit(form, "body", body="evil", keep=wrong, files=file)
            assert answer.status == 403 and draft_rows(postern) == [0, 0], wrong
        for wrong in (Visitor(), gina):
            answer = wrong.submit(form, "body", body="evil", files=file)
            assert answer.status == 403 and draft_rows(postern) == [0, 0]
        # A new session of the same recipient takes an old form.
        page, fred = opens(link, visitor=fred)
        answer = fred.submit(form, "body", body="mine", files=file)
        assert answer.status == 403 and draft_rows(postern) == [1, 1], answer.words()
        assert "evil.txt" in answer.words() and fields(answer)["body"] == "mine"
        # Gone with the message.
        do(fred, page.url)
        postern.settle()
        wait_for("the clearing", lambda: postern.query(
            "select cleared from delivery where route = 2 and state = 10") == [["t"]])
        assert draft_rows(postern) == [0, 0]
        assert fred.submit(form, "body", body="late", files=file).status in (403, 410)
        assert draft_rows(postern) == [0, 0]


def raw_post(postern, link, visitor, fields_of_form, files, cut):
    """Send the front of an upload and hang up."""
    kind, data = encode_multipart(fields_of_form, "files", files)
    cookie = "; ".join("%s=%s" % (c.name, c.value) for c in visitor.cookies)
    head = ("POST %s/reply HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: %s\r\nCookie: %s\r\n"
            "Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
                urllib.parse.urlsplit(link).path, postern.https_port, origin_of(link), cookie, kind,
                len(data)))
    context = unchecked_tls()
    with socket.create_connection(("127.0.0.1", postern.https_port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(head.encode() + data[:data.index(cut)])


def test_the_connection_breaks():
    with Postern() as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        values = {name: value for name, value in fields(form_of(fred, page)).items()
                  if value is not None}
        values["body"] = "Typed on a train"
        raw_post(postern, link, fred, values, [
            ("whole.bin", bytes(700_000), "a/b"), ("half.bin", b"h" * 1000 + b"CUT" + b"h" * 9, "a/b")],
            b"CUT")
        wait_for("the draft", lambda: draft_rows(postern) == [1, 1])
        form = form_of(fred, page)
        assert fields(form)["body"] == "Typed on a train"
        assert "whole.bin" in form.words() and "half.bin" not in form.words()
        assert fred.submit(form, "body").url.endswith("/sent")
        assert read_python(arrived(postern)[1])[1] == [("whole.bin", bytes(700_000))]


def test_what_was_sent_stays_readable_until_the_end():
    with Postern() as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        for number in range(2):
            fred.submit(form_of(fred, page), "body", body="Answer %d\n\n  <b>as typed</b>" % number,
                        files=[("file-%d.txt" % number, b"x" * 2048, "text/plain")])
        page, other = opens(link)
        words = page.words()
        assert words.index("Answer 0") < words.index("Answer 1")
        for part in ("Your replies", "To Alice <alice@corp.example>", "<b>as typed</b>",
                     "file-1.txt (2 KB)"):
            assert part in words, part
        # Not on the way of anybody without the passphrase.
        assert "Answer" not in Visitor().get(link).words()
        postern.set_clock(15 * DAY)
        wait_for("the clearing", lambda: postern.query(
            "select count(*) from writing") == [["0"]])
        assert other.get(page.url).status != 200


def group(postern):
    """Alice to Fred and Gina (both marked), Bob of her own house, Ivan in clear, Harry unseen."""
    raw = letter(to="secure-%s, secure-%s" % (FRED, GINA), cc="%s, %s" % (BOB, IVAN),
                 subject="To all", message_id="<group@corp.example>")
    postern.send(ALICE, ["secure-" + FRED, "secure-" + GINA, "secure-" + HARRY, BOB, IVAN], raw)
    links = {}
    for address, word in ((FRED, "fred opens it"), (GINA, "gina opens it"), (HARRY, "harry opens it")):
        finish(link_in(finish_mail(postern, address), "s"), clue="The word of " + address,
               passphrase=word)
        links[address] = link_in(notice(postern, address), "r")
    for address in (BOB, IVAN):
        postern.next_letter(address)
    postern.settle()
    return links


def counts(postern):
    """How many letters lie with everybody."""
    return {address: len(postern.letters(address)) for address in (ALICE, BOB, FRED, GINA, HARRY, IVAN)}


def test_reply_all_reaches_those_who_hold_it():
    with Postern() as postern:
        links = group(postern)
        page, fred = opens(links[FRED], "fred opens it")
        form = form_of(fred, page)
        words = form.words()
        assert GINA in words and BOB in words, words
        assert HARRY not in words and IVAN not in words, words
        # Who was not shown to the others is not offered to show himself.
        hidden, harry = opens(links[HARRY], "harry opens it")
        assert "Reply to all" not in form_of(harry, hidden).words()

        before = counts(postern)
        answer = fred.submit(form, "body", body="Only for the holders", quote="", to="all",
                             files=[("a.txt", b"aaa", "text/plain")])
        assert answer.url.endswith("/sent") and GINA in answer.words(), answer.words()
        message, raw = arrived(postern)
        assert read_python(raw)[1] == [("a.txt", b"aaa")]
        assert GINA in str(message["Cc"]) and BOB in str(message["Cc"]), message["Cc"]
        assert HARRY not in raw.decode() and IVAN not in raw.decode()
        assert "Only for the holders" in body_text(arrived(postern, BOB)[0])
        told = notice(postern, GINA)
        assert "answer of " + FRED in body_words(told), body_text(told)
        postern.settle()
        after = counts(postern)
        assert {who: after[who] - before[who] for who in after} == {
            ALICE: 1, BOB: 1, GINA: 1, FRED: 0, HARRY: 0, IVAN: 0}
        for _, lying in postern.letters(GINA):
            assert b"Only for the holders" not in lying

        # Gina's own passphrase opens it, Fred's does not.
        link = link_in(told, "r")
        refused, _ = unlock(link, "fred opens it")
        assert refused.status == 403 and "answer of " + FRED in refused.words()
        page, gina = opens(link, "gina opens it")
        assert "Only for the holders" in page.words() and "a.txt" in page.words()
        assert HARRY not in page.words()

        # And back: to Alice, and to Fred under his own passphrase; Bob holds it too.
        form = form_of(gina, page)
        assert FRED in form.words() and BOB in form.words(), form.words()
        before = after
        answer = gina.submit(form, "body", body="Gina to all", quote="", to="all")
        assert answer.url.endswith("/sent"), answer.words()
        message, _ = arrived(postern)
        assert "Gina to all" in body_text(message)
        link = link_in(notice(postern, FRED), "r")
        postern.settle()
        after = counts(postern)
        assert {who: after[who] - before[who] for who in after} == {
            ALICE: 1, BOB: 1, GINA: 0, FRED: 1, HARRY: 0, IVAN: 0}
        page, _ = opens(link, "fred opens it")
        assert "Gina to all" in page.words()


def test_whose_message_is_over_gets_no_answer():
    with Postern() as postern:
        links = group(postern)
        page, fred = opens(links[FRED], "fred opens it")
        form = form_of(fred, page)
        gina_page, gina = opens(links[GINA], "gina opens it")
        do(gina, gina_page.url)
        postern.settle()
        before = counts(postern)
        # The form was shown while she still held it.
        assert GINA in form.words()
        fred.submit(form, "body", body="To whom it reaches", quote="", to="all")
        arrived(postern)
        arrived(postern, BOB)
        postern.settle()
        after = counts(postern)
        assert after[GINA] == before[GINA] and after[HARRY] == before[HARRY]
        assert GINA not in form_of(fred, page).words()
        # The sender alone, when that is chosen.
        fred.submit(form_of(fred, page), "body", body="Alice only", quote="", to="sender")
        arrived(postern)
        postern.settle()
        assert counts(postern)[BOB] == after[BOB]


def test_staying_longer():
    with Postern(policy='session_idle = "10 min"; session = "30 min";') as postern:
        _, link = secured(postern)
        page, fred = opens(link)
        for minutes in (8, 16, 24):
            postern.set_clock(minutes * MINUTE)
            form = [form for form in page.forms() if form["action"].endswith("/stay")]
            assert len(form) == 1, page.words()
            answer = fred.request(urllib.parse.urljoin(page.url, form[0]["action"]),
                                  urllib.parse.urlencode({"csrf": form[0]["fields"]["csrf"]}).encode(),
                                  {"Origin": origin_of(link)})
            assert answer.status == 200 and answer.url == page.url, answer.words()
        # Not beyond the end, and not without the token.
        assert fred.request(link + "/stay", b"csrf=x", {"Origin": origin_of(link)}).status == 403
        postern.set_clock(31 * MINUTE)
        assert fred.get(page.url).status == 403


if __name__ == "__main__":
    subprocess.run(["make", "--no-print-directory", "-s", "-C", ROOT, "VARIANT=sanitize",
                    str(PARTS.relative_to(ROOT))], check=True)
    cases.run("__main__")
