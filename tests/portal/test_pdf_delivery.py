#!/usr/bin/python3 -B
"""Messages that leave as an encrypted PDF: each way to its password, what is in it, what is kept until it has
left, and what is told of it afterwards."""

import email.message
import email.policy
import hashlib
import json
import pathlib
import re
import signal
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, BOB, CLUE, DAY, FRED, GENERATED, PASSPHRASE, desk, do, finish_mail, held, ids,  # noqa: E402
                  letter, mails, new_template, opens, refuses, reply, route_test, secured, send, sign_in,
                  template_of, unlock)
from memory import forgotten  # noqa: E402
from pdf import Paper  # noqa: E402
from postern import WAIT, Postern, body_text, body_words, check_config, link_in, release, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from test_phone import MASK, NUMBER, TYPED, by_program  # noqa: E402
from test_reading import INVITATION  # noqa: E402
from visitor import Visitor  # noqa: E402

BODY = "The body of it."
LONG = "seven purple herons over Delft"  # strong enough for a PDF, which can be tried without end
PDF, PASSWORD, PHONE, SHEET_USED = 29, 30, 31, 26
FILES = [("Übersicht €.bin", bytes(range(256)) * 300), ("twice.txt", b"one\n"), ("Twice.txt", b"two\n")]


def text_of(pdf, password):
    """What is on its pages, in one line, opened by this password; the file is as it should be."""
    pdf.password = password
    pdf.check()
    return " ".join(pdf.text().split())


def pdf_mail(postern, to=FRED):
    """The next mail to a recipient, which carries a PDF: (message, PDF)."""
    message, raw = postern.next_letter(to)
    assert message["Subject"] == "Alice has sent you an encrypted PDF", message["Subject"]
    assert message["Return-Path"] == "<%s>" % ALICE and message["Auto-Submitted"] == "auto-generated"
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "application/pdf" and part.get_filename() == "message.pdf", raw[:400]
    return message, Paper(part.get_content())


def password_mail(postern, to=FRED):
    """What the sender is told of a password."""
    message, raw = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Password of the PDF"))
    (password,) = re.findall(r"^ +(%s)\s*$" % GENERATED, body_text(message), re.M)
    assert "/r/" not in raw.decode() and "/s/" not in raw.decode() and to in body_text(message)
    return password


def finish_as(link, **choices):
    """Finish a held message as PDF; gives the page that follows."""
    visitor = Visitor()
    values = dict(clue=CLUE, passphrase=LONG, passphrase_again=LONG, lifetime_days="14", pdf="passphrase")
    values.update(choices)
    return visitor.submit(visitor.get(link), "clue", **values)


def template(postern, visitor, way, **choices):
    """A template by which messages leave as PDF."""
    values = dict(pdf=way, clue="", passphrase="", passphrase_again="")
    if way == "passphrase":
        values.update(clue=CLUE, passphrase=LONG, passphrase_again=LONG)
    values.update(choices)
    return new_template(postern, visitor, **values)


def dump(postern):
    """All that the database and the log hold."""
    data = postern.dump()
    assert b"COPY public.delivery" in data
    return {"database": data, "log": postern.log.read_bytes()}


def nowhere(postern, *texts):
    """Neither stands anywhere in clear, however it is written."""
    for name, content in dump(postern).items():
        for text in texts:
            for shape in (text.encode(), text.encode().hex().encode(), text.replace("-", "").encode()):
                assert shape not in content, (name, text)


def kept(postern):
    """Which deliveries keep something for their PDF: password, T."""
    return [tuple(row) for row in postern.query(
        "select pdf_password is not null, gateway_wrap is not null from delivery where route = 2 order by created_at")]


def shown(postern):
    """What ctl says of the only delivery to Fred."""
    lines = json.loads(postern.ctl("message", "list", "--json", "--config", str(postern.config)))["deliveries"]
    (line,) = [line for line in lines if line["recipient"] == FRED]
    return json.loads(postern.ctl("message", "show", line["delivery"], "--json", "--config",
                                  str(postern.config)))["deliveries"][0]


def test_passphrase_of_the_form():
    with Postern() as postern:
        sender = held(postern, subject="Only inside", files=FILES)
        answer = finish_as(sender, notify=True)
        assert answer.status == 200, answer.words()
        message, pdf = pdf_mail(postern)
        text = body_words(message)
        assert BODY not in text and "Only inside" not in message.as_string() and LONG not in message.as_string()
        assert "message.pdf" in text and "Type it exactly as agreed" in text
        # The PDF has all of it, and nothing opens it but the passphrase as it was typed.
        for wrong in ("", "wrong", LONG.upper(), LONG.replace(" ", "")):
            assert not pdf.opens_with(wrong), wrong
        pages = text_of(pdf, LONG)
        link = link_in(message, "r")
        for part in ("Only inside", "A confidential message for you", "The last page says how to answer", BODY, "Alice <%s>" % ALICE, FRED, "Übersicht €.bin",
                     hashlib.sha256(FILES[0][1]).hexdigest(), "not destroyed when the message in the portal is"):
            assert part in pages, (part, pages)
        assert link in pages.replace(" ", ""), pages
        files = dict(pdf.files())
        said = files.pop("message.txt").decode()
        assert BODY in said and link in said, said
        assert files == {"Übersicht €.bin": FILES[0][1], "twice.txt": b"one\n", "Twice (2).txt": b"two\n"}, list(files)
        # The same passphrase opens the portal, and an answer goes the usual way.
        page, fred = opens(link, LONG)
        assert BODY in page.words()
        refuses(link, "wrong")
        reply(page, fred)
        answer, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Re: "))
        assert "Thank you." in body_text(answer)
        receipt, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Opened:"))
        assert receipt is not None
        words = Visitor().get(sender).words()
        assert "Sent as PDF" in words and "nobody can know" in words and "Opened in the portal" in words, words
        assert "It opens with the passphrase that you chose" in words
        row = shown(postern)
        assert row["pdf"] == "passphrase" and row["pdf_outcome"] == "sent" and row["pdf_at"], row
        assert kept(postern) == [("f", "f")] and mails(postern, PASSWORD) == 0
        nowhere(postern, LONG, BODY)


def saved_words(page, fred):
    """The pages of the PDF that its recipient saves in the portal."""
    form = fred.get(page.url.removesuffix("/message") + "/pdf")
    answer = fred.submit(form, "password", password=LONG, password_again=LONG)
    assert answer.status == 200, answer.status
    return text_of(Paper(answer.body), LONG)



def test_it_shows_what_the_portal_shows():
    """Copies, date, links, an invitation, a letter attached, whose files are not given twice."""
    inner = email.message.EmailMessage()
    inner["From"], inner["Subject"] = "Ines <ines@example.org>", "Inner letter"
    inner.set_content("Inside.\n")
    inner.add_attachment(b"inner bytes", maintype="application", subtype="octet-stream", filename="inner.bin")
    outer = email.message.EmailMessage()
    outer["From"], outer["To"], outer["Cc"] = "Alice <%s>" % ALICE, "secure-" + FRED, "Carl <carl@example.com>"
    outer["Subject"], outer["Date"] = "All of it", "Sun, 22 Nov 2026 08:00:00 +0100"
    outer.set_content("See https://example.org/path for more.\n> quoted\n")
    outer.add_attachment(INVITATION.encode(), maintype="text", subtype="calendar", filename="i.ics",
                         params={"method": "REQUEST"})
    outer.add_attachment(inner)
    with Postern() as postern:
        alice = sign_in(postern)
        template(postern, alice, "passphrase")
        postern.send(ALICE, ["secure-" + FRED], outer.as_bytes(policy=email.policy.SMTP))
        message, pdf = pdf_mail(postern)
        pages = text_of(pdf, LONG)
        for part in ("carl@example.com", "Sun, 22 Nov 2026 08:00:00 +0100", "https://example.org/path", "Invitation:",
                     "Attached messages", "Inner letter, from Ines"):
            assert part in pages, (part, pages)
        assert b"/URI (https://example.org/path)" in pdf.raw_objects()
        names = [name for name, _ in pdf.files()]
        assert "inner.bin" not in names and [name for name in names if name.endswith(".eml")], names
        # Between its first and its last pages, the same as what is saved.
        page, fred = opens(link_in(message, "r"), LONG)
        saved = saved_words(page, fred)
        begin, end = saved.index("Invitation:"), saved.rindex("Page ")
        assert saved[begin:end].strip() in pages, (saved[begin:end], pages)


def test_a_message_that_cannot_be_drawn():
    """Without fonts a notice leaves instead, and its sender reads so."""
    with Postern(extra='pdf: { fonts = ( "/nowhere/none.ttf" ); };') as postern:
        sender = held(postern)
        finish_as(sender)
        message, _ = postern.next_letter(FRED)
        assert message["Subject"] == "Alice has sent you a secure message" and not message.is_multipart()
        opens(link_in(message, "r"), LONG)
        wait_for("the outcome", lambda: postern.query("select pdf_outcome from delivery") == [["3"]])
        assert "event=pdf-not-made" in postern.log.read_text() and kept(postern) == [("f", "f")]
        assert "could not be made into a PDF" in Visitor().get(sender).words()
        assert shown(postern)["pdf_outcome"] == "not made"


def test_a_password_of_no_pdf():
    """Generated, and then there is no PDF: no page speaks of one that came."""
    with Postern(extra='pdf: { fonts = ( "/nowhere/none.ttf" ); };') as postern:
        template(postern, sign_in(postern), "generated")
        send(postern)
        message, _ = postern.next_letter(FRED)
        password = password_mail(postern)
        words = Visitor().get(link_in(message, "r")).words()
        assert "opens with a password that was made for it" in words and "came with this link" not in words, words
        opens(link_in(message, "r"), password)


def desk_words(postern, visitor):
    """What its sender's page says of the last delivery."""
    return visitor.get(postern.url + "/desk/delivery/%s" % ids(
        postern, "select id from delivery order by created_at desc limit 1")[0]).words()


def test_a_letter_on_paper():
    """How to open a message in the portal, for its sender to print: the clue, and nothing that opens it."""
    with Postern() as postern:
        _, link = secured(postern)
        held(postern, "gina@example.net")
        alice = sign_in(postern)
        ready, waiting = ids(postern, "select id from delivery order by created_at")
        page = alice.get(postern.url + "/desk/delivery/%s" % ready)
        assert "/desk/delivery/%s/letter" % ready in page.links(), page.links()
        answer = alice.get(postern.url + "/desk/delivery/%s/letter" % ready)
        assert answer.status == 200 and answer.headers["Content-Type"] == "application/pdf", answer.status
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "no-store" in answer.headers["Cache-Control"]
        with Paper(answer.body) as paper:
            paper.check()
            text = " ".join(paper.text().split())
        for part in ("A confidential message for you", "Example Organisation", FRED, ALICE, CLUE, postern.url,
                     "Available until"):
            assert part in text, (part, text)
        assert PASSPHRASE not in text and link.rsplit("/", 1)[1] not in text and BODY not in text
        # In the language of the recipient's mails, with what is asked for besides.
        secured(postern, "carla@example.net", choices={"language": "fr", "second_factor": "mail"})
        (french,) = ids(postern, "select id from delivery where language = 'fr'")
        with Paper(alice.get(postern.url + "/desk/delivery/%s/letter" % french).body) as paper:
            text = " ".join(paper.text().split())
        assert "Un message confidentiel pour vous" in text and "Elle demande ensuite un code" in text, text
        # Not for one that waits for its clue, nor for somebody else.
        assert alice.get(postern.url + "/desk/delivery/%s/letter" % waiting).status == 404
        assert "letter" not in "".join(alice.get(postern.url + "/desk/delivery/%s" % waiting).links())
        bob = sign_in(postern, BOB)
        assert bob.get(postern.url + "/desk/delivery/%s/letter" % ready).status == 404


def test_passphrases_that_are_none_for_a_pdf():
    with Postern() as postern:
        link = held(postern)
        for passphrase, words in (("a" * 20 + " heron " * 20, "too long for a PDF"),
                                  ("ä" * 64 + "x", "too long for a PDF"),
                                  ("seven purple\x07 herons over Delft", "characters that the password"),
                                  ("blue bicycle", "guessable in about"),
                                  ("", "type a passphrase")):
            answer = finish_as(link, passphrase=passphrase, passphrase_again=passphrase)
            assert answer.status == 400 and words in answer.words(), (passphrase, answer.words()[:900])
            (chosen,) = re.findall(r'<input id="pdf-passphrase"[^>]*checked', answer.text)
            assert chosen and passphrase[:30] not in answer.text.replace('value=""', "") or not passphrase
        # In the portal the shorter one is good enough, where tries are slowed down.
        assert postern.query("select state from delivery") == [["2"]]
        umlauts = "Grüße Ömer 😀 7 Reiher!"  # pdftotext looks at 32 bytes of a password
        assert finish_as(link, passphrase=umlauts, passphrase_again=umlauts).status == 200
        message, pdf = pdf_mail(postern)
        assert BODY in text_of(pdf, umlauts)
        opens(link_in(message, "r"), umlauts)


def test_passphrase_that_a_template_keeps():
    with Postern() as postern:
        alice = sign_in(postern)
        template(postern, alice, "passphrase")
        page = desk(postern, alice, "/would", address="secure-" + FRED, subject="")
        assert "leave at once as an encrypted PDF" in page.words(), page.words()
        route = route_test(postern)
        assert route["outcome"] == "pdf", route
        for number in (1, 2):
            send(postern, subject="Number %d" % number)
            message, pdf = pdf_mail(postern)
            assert "Number %d" % number in text_of(pdf, LONG)
            opens(link_in(message, "r"), LONG)
        sent, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        assert "Nobody is told when a PDF is opened" in body_words(sent)
        postern.settle()
        assert kept(postern) == [("f", "f")] * 2
        # It is kept with the template alone, sealed, and goes when it says portal.
        assert postern.query("select pdf, pdf_password is not null from template") == [["1", "t"]]
        nowhere(postern, LONG, BODY)
        url = template_of(postern, alice)
        assert "This template keeps its passphrase" in alice.get(url).words()
        assert "Saved" in alice.submit(alice.get(url), "clue", pdf="no").words()
        assert postern.query("select pdf, pdf_password is null, lock_id is not null from template") == \
            [["0", "t", "t"]]
        # What is not kept cannot be used: for a PDF it has to be typed again.
        answer = alice.submit(alice.get(url), "clue", pdf="passphrase")
        assert answer.status == 400 and "type a passphrase" in answer.words(), answer.words()
        send(postern, subject="By link")
        message, _ = postern.next_letter(FRED)
        assert message["Subject"] == "Alice has sent you a secure message" and not message.is_multipart()


def test_generated_password():
    with Postern() as postern:
        alice = sign_in(postern)
        template(postern, alice, "generated")
        assert "a new password each time" in desk(postern, alice, "/templates").words()
        passwords = set()
        for _ in range(2):
            send(postern)
            message, pdf = pdf_mail(postern)
            password = password_mail(postern)
            passwords.add(password)
            assert password not in message.as_string() and "tells it to you" in body_words(message)
            assert not pdf.opens_with(password.replace("-", "")) and BODY in text_of(pdf, password)
            link = link_in(message, "r")
            words = Visitor().get(link).words()
            assert "password of the PDF that came with this link" in words and "The clue to" not in words, words
            # In the portal it may be typed as people do.
            opens(link, " " + password.upper().replace("-", " ").replace("0", "O"))
            refuses(link, password[:-1] + ("x" if password[-1] != "x" else "y"))
            refuses(link, "not of that form")
            postern.settle()
            nowhere(postern, password)
        assert len(passwords) == 2 and kept(postern) == [("f", "f")] * 2
        assert postern.query("select distinct rule, ops, memory_kib from lock") == [["3", "2", "19456"]]


def test_held_message_with_a_generated_password():
    with Postern() as postern:
        sender = held(postern)
        assert finish_as(sender, pdf="generated", clue="", passphrase="", passphrase_again="",
                         save_template=True).status == 200
        message, pdf = pdf_mail(postern)
        password = password_mail(postern)
        assert BODY in text_of(pdf, password)
        opens(link_in(message, "r"), password)
        assert postern.query("select pdf, lock_id is null from template") == [["2", "t"]]
        assert "Its password was mailed to you" in Visitor().get(sender).words()
        # A new passphrase is the portal's alone.
        visitor = Visitor()
        page = visitor.get(sender + "/passphrase")
        assert "opens with the old passphrase" in page.words(), page.words()
        answer = visitor.submit(page, "clue", clue=CLUE, passphrase="the blue bicycle",
                                passphrase_again="the blue bicycle")
        assert answer.status == 200, answer.words()
        told, _ = postern.next_letter(FRED)
        assert "still opens with the old passphrase" in body_words(told), body_text(told)
        link = link_in(told, "r")
        assert CLUE in Visitor().get(link).words()
        refuses(link, password)
        opens(link, "the blue bicycle")


def test_password_to_the_phone():
    with Postern() as postern:
        program = by_program(postern)
        alice = sign_in(postern)
        template(postern, alice, "phone", phone=TYPED)
        send(postern)
        number, text = program.next_text()
        (password,) = re.findall(GENERATED, text)
        assert number == NUMBER and len(text) <= 160 and ALICE in text, text
        message, pdf = pdf_mail(postern)
        assert MASK in body_text(message) and password not in message.as_string()
        assert BODY in text_of(pdf, password)
        opens(link_in(message, "r"), password)
        postern.settle()
        assert kept(postern) == [("f", "f")] and mails(postern, PASSWORD) == 0
        nowhere(postern, password, NUMBER)


def test_phone_that_does_not_answer():
    with Postern(policy='retry = "1 s"; give_up = "1 h";') as postern:
        by_program(postern, before="exit 1")
        alice = sign_in(postern)
        template(postern, alice, "phone", phone=TYPED)
        send(postern)
        message, pdf = pdf_mail(postern)
        wait_for("the PDF to be noted", lambda: postern.query("select pdf_outcome from delivery") == [["1"]])
        # T is gone, the password waits for the phone.
        assert kept(postern) == [("t", "f")]
        postern.set_clock(2 * 3600)
        password = password_mail(postern)
        assert BODY in text_of(pdf, password)
        wait_for("all to be wiped", lambda: kept(postern) == [("f", "f")])
        # Both pages say who has it.
        words = Visitor().get(link_in(message, "r")).words()
        assert ALICE + " has it, and tells it to you" in words and "to the phone" not in words, words
        words = desk_words(postern, sign_in(postern))
        assert "Its password was mailed to you" in words and "phone" not in words.split("Sent as PDF")[1][:300], words
        opens(link_in(message, "r"), password)


def passwords_of(page):
    """The passwords on a sheet, by their numbers."""
    found = dict(re.findall(r'<li value="(\d+)"><span class="code">(%s)</span></li>' % GENERATED, page.text))
    assert sorted(map(int, found)) == list(range(1, 21)) and len(set(found.values())) == 20, page.words()
    return {int(number): password for number, password in found.items()}


def test_passwords_of_a_sheet():
    with Postern() as postern:
        alice = sign_in(postern)
        values = dict(recipient=FRED, pdf="sheet")
        page = alice.submit(desk(postern, alice, "/templates/new"), "recipient", **values)
        assert page.status == 200 and page.url.endswith("/sheet"), page.words()
        # Until there is a sheet, messages wait.
        send(postern, subject="Early")
        early = link_in(finish_mail(postern), "s")
        assert "no number left, or no sheet yet" in Visitor().get(early).words()
        printed = alice.submit(page, "present")
        passwords = passwords_of(printed)
        assert "Passwords for confidential PDFs" in printed.words()
        nowhere(postern, *passwords.values())
        for number in (1, 2):
            send(postern)
            message, pdf = pdf_mail(postern)
            assert "number %d on the sheet of" % number in body_words(message), body_text(message)
            assert not pdf.opens_with(passwords[3]) and BODY in text_of(pdf, passwords[number])
            link = link_in(message, "r")
            assert "Number %d on the sheet" % number in Visitor().get(link).words()
            opens(link, passwords[number])
        postern.settle()
        # A password that was used is kept nowhere.
        assert postern.query("select number, password_wrap is null from sheet_number "
                             "where used_at is not null order by number") == [["1", "t"], ["2", "t"]]
        assert kept(postern)[-2:] == [("f", "f")] * 2
        # By the template that waits, a held one goes, too.
        assert do(Visitor(), early + "/template").status == 200
        _, pdf = pdf_mail(postern)
        assert BODY in text_of(pdf, passwords[3])
        # The last one is told of; then messages wait.
        postern.query("update sheet_number set used_at = 1, password_wrap = null where number < 20 and used_at is null")
        send(postern)
        pdf_mail(postern)
        told, _ = postern.next_letter(ALICE, lambda m: "used up" in m["Subject"])
        assert "sheet of passwords" in body_text(told)
        send(postern, subject="Later")
        assert finish_mail(postern) is not None and mails(postern, PDF) == 4
        # A new sheet, and the old one is void.
        url = template_of(postern, alice)
        new = passwords_of(alice.submit(alice.get(url + "/sheet"), "present"))
        assert not set(new.values()) & set(passwords.values())
        send(postern)
        _, pdf = pdf_mail(postern)
        assert BODY in text_of(pdf, new[1])


def test_the_courier_forgets_passwords():
    """Generated ones, once each was told; that of the template stays sealed.  Neither would be in a core file."""
    with release(), Postern() as postern:
        phone = by_program(postern)
        alice = sign_in(postern)
        courier = postern.processes["courier"].pid
        told = []
        template(postern, alice, "generated", recipient="gina@example.net")
        template(postern, alice, "phone", recipient="hans@example.net", phone=TYPED)
        template(postern, alice, "passphrase", recipient=FRED)
        send(postern, to="secure-gina@example.net")
        pdf_mail(postern, "gina@example.net")
        told.append(password_mail(postern, "gina@example.net"))
        send(postern, to="secure-hans@example.net")
        pdf_mail(postern, "hans@example.net")
        told.append(re.search(GENERATED, phone.next_text()[1]).group())
        send(postern)
        pdf_mail(postern)
        told.append(LONG)
        postern.settle()
        wait_for("all to be wiped", lambda: set(kept(postern)) == {("f", "f")})
        forgotten(courier, [secret.encode() for secret in told], b"Example Organisation")


def test_rung_of_the_ladder():
    with Postern(policy='ladder = ( "smime", "openpgp", "pdf", "portal" );') as postern:
        send(postern)
        message, pdf = pdf_mail(postern)
        password = password_mail(postern)
        assert BODY in text_of(pdf, password)
        # The sender has a link, and may set a new passphrase.
        sent, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        assert "Its password comes to you in another mail" in body_words(sent)
        assert "Sent as PDF" in Visitor().get(link_in(sent, "s")).words()
        opens(link_in(message, "r"), password)
        # A template says otherwise; machines are told no passwords.
        alice = sign_in(postern)
        new_template(postern, alice, pdf="no")
        send(postern)
        message, _ = postern.next_letter(FRED)
        assert not message.is_multipart()
        send(postern, "secure-gina@example.net", Auto_Submitted="auto-generated")
        assert finish_mail(postern, "gina@example.net") is not None and mails(postern, PASSWORD) == 1
        # What only looks like a mark is asked about.
        send(postern, "secuer-hugo@example.net")
        assert finish_mail(postern, "secuer-hugo@example.net") is not None


def test_policy_that_demands_a_factor():
    with Postern(policy='second_factor = "always";') as postern:
        page = Visitor().get(held(postern))
        assert 'name="pdf"' not in page.text and "cannot ask for the code" in page.words(), page.words()
        alice = sign_in(postern)
        answer = alice.submit(desk(postern, alice, "/templates/new"), "recipient", recipient=FRED, pdf="generated")
        assert answer.status == 400 and "which a PDF cannot ask for" in answer.words(), answer.words()
        config = postern.config.read_text()
        postern.config.write_text(config.replace('second_factor = "always";',
                                                 'second_factor = "always"; ladder = ( "pdf", "portal" );'))
        code, said = check_config(postern.config)
        assert code == 1 and "cannot ask for a second factor" in said, said
        postern.config.write_text(config.replace('second_factor = "always";', 'ladder = ( "portal", "pdf" );'))
        code, said = check_config(postern.config)
        assert code == 1 and "expects portal right behind pdf" in said, said
        postern.config.write_text(config)


def test_lists():
    with Postern() as postern:
        alice = sign_in(postern)
        rows = ["recipient,clue,passphrase,pdf,phone", "a@example.net,%s,%s,passphrase," % (CLUE, LONG),
                "b@example.net,,,generated,", "c@example.net,%s,the blue bicycle,no," % CLUE,
                "d@example.net,%s,,passphrase," % CLUE]
        page = alice.submit(desk(postern, alice, "/templates/import"), "rows", rows="\n".join(rows))
        assert page.status == 200 and "New templates: 4" in page.words(), page.words()
        assert postern.query("select pdf, lock_id is not null, pdf_password is not null from template "
                             "order by pdf, 2") == [["0", "t", "f"], ["1", "f", "f"], ["1", "t", "t"], ["2", "f", "f"]]
        csv = alice.get(postern.url + "/desk/templates.csv").text
        assert LONG not in csv and [line.split(",")[-1] for line in csv.strip().splitlines()] == \
            ["pdf", "passphrase", "generated", "no", "passphrase"], csv
        # What came out goes in, and changes nothing.
        before = postern.query("select id, lock_id, pdf, pdf_password from template order by id")
        page = alice.submit(desk(postern, alice, "/templates/import"), "rows", rows=csv)
        assert page.status == 200 and "Changed templates: 4" in page.words(), page.words()
        assert postern.query("select id, lock_id, pdf, pdf_password from template order by id") == before
        for row, words in (("e@example.net,%s,%s,pigeon," % (CLUE, LONG), "pdf is none of"),
                           ("e@example.net,,%s,generated," % LONG, "a password of its own"),
                           ("e@example.net,%s,%s,passphrase," % (CLUE, "heron " * 30), "too long for a PDF"),
                           ("e@example.net,%s,blue bicycle,passphrase," % CLUE, "too easy to guess"),
                           ("@example.net,,,sheet,", "belongs to one person"),
                           ("c@example.net,%s,,passphrase," % CLUE, "the passphrase is missing"),
                           ("e@example.net,,,phone,", "phone is empty")):
            answer = alice.submit(desk(postern, alice, "/templates/import"), "rows", rows=rows[0] + "\n" + row)
            assert answer.status == 400 and words in answer.words(), (row, answer.words())
        assert postern.query("select count(*) from template") == [["4"]]


def test_taking_it_back():
    with Sink(answer=lambda verb, argument: "451 4.3.0 later" if verb == "MAIL" else None) as sink:
        relay = 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; };' % sink.port
        with Postern(policy='retry = "1 s";', relay=relay) as postern:
            send(postern)
            wait_for("the request", lambda: [c for c, _ in sink.commands if c.startswith("MAIL")])
            sink.answer = lambda verb, argument: None
            sender = wait_for("the mail", lambda: sink.to(ALICE))[0].content.decode()
            sender = re.search(r"^(https://\S+/s/[0-9a-z]{32})", sender, re.M).group(1)
            # To the recipient nothing gets through for now.
            sink.answer = lambda verb, argument: \
                "451 4.3.0 later" if verb == "RCPT" and FRED in argument else None
            assert finish_as(sender, pdf="generated", clue="", passphrase="", passphrase_again="").status == 200
            wait_for("a try", lambda: [c for c, _ in sink.commands if c.startswith("RCPT") and FRED in c])
            words = wait_for("the page", lambda: [w for w in [Visitor().get(sender).words()]
                                                  if "The PDF is on its way" in w])[0]
            assert "Sent as PDF" not in words
            page = Visitor().get(sender + "/passphrase")
            assert "Not before the PDF has left" in page.words(), page.words()
            assert kept(postern) == [("t", "t")]
            assert do(Visitor(), sender + "/recall").status == 200
            assert kept(postern) == [("f", "f")]
            sink.answer = lambda verb, argument: None
            postern.settle()
            assert not sink.to(FRED)


def test_taking_back_what_has_left():
    with Postern() as postern:
        sender = held(postern)
        finish_as(sender)
        message, pdf = pdf_mail(postern)
        wait_for("the outcome", lambda: kept(postern) == [("f", "f")])
        assert "The PDF has left already" in Visitor().get(sender + "/recall").words()
        words = do(Visitor(), sender + "/recall").words()
        assert "The PDF had left" in words, words
        assert Visitor().get(link_in(message, "r")).status == 410
        assert BODY in text_of(pdf, LONG)


def test_nothing_is_said_of_what_nobody_knows():
    with Postern(policy='last_call = "1 d";') as postern:
        sender = held(postern)
        finish_as(sender, remind_days="3", lifetime_days="14")
        pdf_mail(postern)
        wait_for("the outcome", lambda: kept(postern) == [("f", "f")])
        assert postern.query("select remind_at is null from delivery") == [["t"]]
        postern.set_clock(15 * DAY)
        wait_for("its end", lambda: postern.query("select state from delivery") == [["8"]])
        postern.settle()
        assert mails(postern, 9) == 0 and mails(postern, 13) == 0
        assert "never opened in the portal" in Visitor().get(sender).words()


def test_a_server_that_finds_it_too_large():
    def answer(verb, argument):
        return "552 5.3.4 too much for us" if verb == "." and b"application/pdf" in argument else None
    with Sink(answer=answer) as sink:
        relay = 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; };' % sink.port
        with Postern(relay=relay) as postern:
            send(postern, files=[("large.bin", bytes(300000))])
            mail = wait_for("the mail", lambda: sink.to(ALICE))[0].content.decode()
            sender = re.search(r"^(https://\S+/s/[0-9a-z]{32})", mail, re.M).group(1)
            finish_as(sender)
            report = wait_for("the report", lambda: [letter for letter in sink.to(ALICE)
                                                     if b"report-type=delivery-status" in letter.content])[0]
            text = report.content.decode()
            assert "too much for us" in text and "5.3.4" in text, text
            assert "was not accepted" in text and "kept in the portal" in text, text
            assert not sink.to(FRED) and kept(postern) == [("f", "f")]
            words = Visitor().get(sender).words()
            assert "The PDF was not taken" in words and "too much for us" in words, words
            # The link goes, and the same passphrase opens it there.
            assert do(Visitor(), sender + "/resend").status == 200
            notice = wait_for("the link", lambda: sink.to(FRED))[0].content.decode()
            opens(re.search(r"^(https://\S+/r/[0-9a-z]{32})", notice, re.M).group(1), LONG)


def test_password_that_nobody_is_told():
    """Its mail is refused, or a new passphrase comes before it: it is wiped, and nothing untrue is said of it."""
    reply_to_password = {"is": "550 5.7.1 not here"}
    def answer(verb, argument):
        return reply_to_password["is"] if verb == "." and b"Password of the PDF" in argument else None
    with Sink(answer=answer) as sink:
        relay = 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; };' % sink.port
        with Postern(policy='ladder = ( "pdf", "portal" ); retry = "1 s";', relay=relay) as postern:
            def sender_page():
                mail = wait_for("the link", lambda: [letter for letter in sink.to(ALICE)
                                                     if b"/s/" in letter.content])[-1].content.decode()
                return re.search(r"^(https://\S+/s/[0-9a-z]{32})", mail, re.M).group(1)

            send(postern)
            wait_for("the end of the password", lambda: postern.query(
                "select pdf_outcome, pdf_password is null from delivery") == [["4", "t"]])
            assert "event=password-not-sent" in postern.log.read_text()
            words = Visitor().get(sender_page()).words()
            assert "Nobody was told its password" in words and "was mailed to you" not in words, words
            assert shown(postern)["pdf_outcome"] == "sent, password not told"
            # Another one, whose password waits.
            reply_to_password["is"] = "451 4.3.0 later"
            seen = len([letter for letter in sink.to(ALICE) if b"/s/" in letter.content])
            send(postern, subject="Second")
            wait_for("the PDF", lambda: postern.query("select pdf_outcome from delivery order by created_at")[-1:] ==
                     [["1"]] and kept(postern)[-1] == ("t", "f"))
            wait_for("the link", lambda: len([letter for letter in sink.to(ALICE) if b"/s/" in letter.content]) > seen)
            sender = sender_page()
            visitor = Visitor()
            page = visitor.get(sender + "/passphrase")
            assert "has not been told yet, and never will be" in page.words(), page.words()
            answer = visitor.submit(page, "clue", clue=CLUE, passphrase="the blue bicycle",
                                    passphrase_again="the blue bicycle")
            assert answer.status == 200 and "Nobody was told its password" in answer.words(), answer.words()
            told = wait_for("the new clue", lambda: [letter for letter in sink.to(FRED)
                                                     if b"new clue" in letter.content])[0].content.decode()
            assert "Nobody was told the password" in told and "old passphrase alone" not in told, told
            reply_to_password["is"] = None
            postern.set_clock(120)
            postern.settle()
            assert not [letter for letter in sink.to(ALICE) if b"Password of the PDF" in letter.content]
            assert kept(postern) == [("f", "f")] * 2
            opens(re.search(r"^(https://\S+/r/[0-9a-z]{32})", told, re.M).group(1), "the blue bicycle")


def test_courier_that_is_killed():
    """Between the making and the mark of having sent: the mail comes again, and nothing is lost."""
    reached = threading.Event()
    def answer(verb, argument):
        if verb == "." and b"application/pdf" in argument and not reached.is_set():
            reached.set()
            return "hang"
        return None
    with Sink(answer=answer) as sink:
        relay = 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; };' % sink.port
        with Postern(policy='ladder = ( "pdf", "portal" ); retry = "1 s";', relay=relay) as postern:
            send(postern)
            assert reached.wait(WAIT), "all of the mail"
            wait_for("the password to have left", lambda: postern.query(
                "select state from outbox where kind = %d" % PASSWORD) == [["2"]])
            postern.stop("courier", how=signal.SIGKILL)
            assert kept(postern)[0] == ("t", "t"), "all that a further try needs"
            nowhere(postern, BODY)
            sink.drop()
            postern.start("courier")
            postern.set_clock(60)
            wait_for("the mail", lambda: sink.to(FRED))
            postern.settle()
            (password,) = [re.search(GENERATED, letter.content.decode()).group(0) for letter in sink.to(ALICE)
                           if b"Password of the PDF" in letter.content]
            assert kept(postern) == [("f", "f")] and len(sink.to(FRED)) == 1
            nowhere(postern, password, BODY)


def test_letters_to_a_whole_domain():
    with Postern() as postern:
        alice = sign_in(postern)
        template(postern, alice, "generated", recipient="@example.net")
        send(postern, "secure-gina@example.net")
        _, pdf = pdf_mail(postern, "gina@example.net")
        message, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Password of the PDF"))
        assert BODY in text_of(pdf, re.search(GENERATED, body_text(message)).group(0))
        for way in ("phone", "sheet"):
            answer = alice.submit(alice.get(template_of(postern, alice, "@example.net")), "clue", pdf=way, phone=TYPED)
            assert answer.status == 400 and "belongs to one person" in answer.words(), answer.words()


def test_an_answer_to_all():
    """It comes as a link, and what opened a PDF before opens it: the page says so, and shows no clue."""
    gina = "gina@example.net"
    with Postern(policy='ladder = ( "pdf", "portal" );') as postern:
        both = ["secure-" + FRED, "secure-" + gina]
        postern.send(ALICE, both, letter(to=", ".join(both)))
        links, passwords = {}, {}
        for address in (FRED, gina):
            message, _ = pdf_mail(postern, address)
            links[address] = link_in(message, "r")
        for _ in range(2):
            message, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Password of the PDF"))
            address = FRED if FRED in body_text(message) else gina
            passwords[address] = re.search(GENERATED, body_text(message)).group(0)
        page, fred = opens(links[FRED], passwords[FRED])
        form = fred.get(page.url.removesuffix("/message") + "/reply")
        assert fred.submit(form, "body", body="Fred to all", to="all").url.endswith("/sent")
        message, _ = postern.next_letter(gina)
        assert not message.is_multipart()
        link = link_in(message, "r")
        words = Visitor().get(link).words()
        assert "the PDF that you got before" in words and "The clue to" not in words, words
        page, _ = opens(link, passwords[gina])
        assert "Fred to all" in page.words()
        refuses(link, passwords[FRED])


def test_guessing_is_slowed_down_as_anywhere():
    with Postern(policy="tries_before_wait = 2; tries_before_suspend = 4;") as postern:
        sender = held(postern)
        finish_as(sender, pdf="generated", clue="", passphrase="", passphrase_again="")
        message, _ = pdf_mail(postern)
        link, password = link_in(message, "r"), password_mail(postern)
        for _ in range(2):
            refuses(link, "0000-0000-0000-0000")
        # Now the right one has to wait as well.
        page, _ = unlock(link, password)
        assert page.status == 429 and int(page.headers["Retry-After"]) > 0, page.status
        assert BODY not in page.text


if __name__ == "__main__":
    cases.run("__main__")
