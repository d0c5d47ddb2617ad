#!/usr/bin/python3 -B
"""The thief's table of docs/threat-model.md, played against a real installation with an
independent reader: who steals what, and what opens then."""

import base64
import os
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "portal"), str(HERE / "harness"), str(HERE / "unit" / "crypto")]
import cases  # noqa: E402
from desk import GENERATED, desk, new_template, sign_in, template_of  # noqa: E402
from postern import Postern, link_in, wait_for  # noqa: E402
from test_mailbox_lost import begun, given_up  # noqa: E402
from visitor import Visitor  # noqa: E402

try:
    import reader
except ImportError as missing:
    print("skip thief: %s (python3-nacl)" % missing)
    sys.exit(0)

ALICE, FRED = "alice@corp.example", "fred@example.net"
MAILBOX_PRIVATE = 10  # purpose of the pair that seals a mailbox's private half
WRITING_KEY = 5  # purpose of the pair that seals a key of what a recipient writes
READER_KEPT = 6  # seconds: longer than a process of the reader is kept for another question
PASSPHRASE = "kalverstraat 92"
CLUE = "Whereabouts did grandmother Wilhelmina live"
SECRETS = {"subject": "Quarterlyfigures", "body": "Embezzlement", "file": "Ledgerbook.xlsx",
           "file content": "Doubleentries", "clue": "Wilhelmina", "passphrase": "kalverstraat",
           "recipient": "fred@example.net", "sender": "alice@corp.example"}
LETTER = """From: Alice <alice@corp.example>
To: secure-fred@example.net
Subject: Quarterlyfigures
Message-ID: <t1@corp.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

Embezzlement is suspected.
--x
Content-Type: application/octet-stream; name="Ledgerbook.xlsx"
Content-Disposition: attachment; filename="Ledgerbook.xlsx"

Doubleentries
--x--
"""


def hexes(postern, sql):
    """One row of bytea columns, as bytes."""
    return [bytes.fromhex(column.removeprefix("\\x")) if column else b""
            for column in postern.query(sql)[0]]


def key_file(postern, name):
    """The named keys of one stolen key file."""
    text = (postern.folder / "keys" / (name + ".keys")).read_text()
    return {line.split()[0]: bytes.fromhex(line.split()[1]) for line in text.splitlines()[2:]}


class Thief:
    """Everything that lies in the database about one message."""

    def __init__(self, postern):
        columns = ("m.id", "d.id", "m.gateway_wrap", "d.gateway_wrap", "d.outer_wrap",
                   "d.rescue_wrap", "d.message_key_wrap", "m.chunk", "m.subject", "l.salt",
                   "l.public_wrap", "l.id", "l.clue")
        select = ", ".join("replace(%s::text, '-', '')" % column for column in columns)
        (self.message, self.delivery, self.message_wrap, self.held_wrap, self.outer, self.rescue,
         self.key_wrap, self.chunk, self.subject, self.salt, self.lock_public, self.lock,
         self.clue) = hexes(postern, "select %s from message m join delivery d on d.message_id = "
                            "m.id left join lock l on l.id = d.lock_id" % select)
        # The lock's cost and the link's generation are no secrets either.
        self.cost = postern.query("select ops, memory_kib from lock") or [["1", "8192"]]

    def by_gateway(self, gateway):
        """The courier's private key: what still waits for its sender."""
        temporary = reader.pair_open(gateway, reader.TEMPORARY_PRIVATE, self.delivery, self.held_wrap)
        return self.body(temporary)

    def by_passphrase(self, passphrase, link, pepper):
        """The way of the rightful recipient."""
        return self.body(self.temporary(passphrase, link, pepper))

    def temporary(self, passphrase, link, pepper):
        """Link and passphrase to T."""
        answer = reader.normalise("exact", passphrase)
        ops, memory = map(int, self.cost[0])
        lock = reader.lock_derive(answer, self.salt, ops, memory, self.lock, pepper)
        inner = reader.box_open(link, "wrap", self.delivery, self.outer)[32:]
        return reader.pair_open(lock, reader.TEMPORARY_PRIVATE, self.delivery, inner)

    def knows_right_guess(self, passphrase, pepper):
        """Can a guess be told to be right, from what stands in any row?"""
        ops, memory = map(int, self.cost[0])
        lock = reader.lock_derive(reader.normalise("exact", passphrase), self.salt, ops, memory,
                                  self.lock, pepper)
        public = reader.public_of(lock)
        return any(public in column for column in vars(self).values()
                   if isinstance(column, bytes)) or \
            not fails(reader.pair_open, lock, reader.TEMPORARY_PRIVATE, self.delivery, self.outer)

    def body(self, temporary):
        """T to K to the bytes."""
        key = reader.pair_open(temporary, reader.MESSAGE_KEY, self.message, self.key_wrap)
        return reader.chunk_open(key, self.message, 0, True, self.chunk)


def fails(attempt, *arguments):
    """True when an attempt does not open anything."""
    try:
        attempt(*arguments)
    except Exception:  # whatever the reader says, it did not open
        return True
    return False


def story(postern, **choices):
    """A held message, then the same secured; gives what the thief saw at both times, and the link."""
    postern.send(ALICE, ["secure-" + FRED], LETTER)
    asked, _ = postern.next_letter(ALICE)
    held = Thief(postern)
    visitor = Visitor()
    page = visitor.get(link_in(asked, "s"))
    visitor.submit(page, "clue", clue=CLUE, passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                   lifetime_days="7", save_template=True, **choices)
    notice, _ = postern.next_letter(FRED)
    return held, Thief(postern), link_in(notice, "r")


def secret_of(link):
    """The 20 bytes of a link's text."""
    bits = "".join("{:05b}".format("0123456789abcdefghjkmnpqrstvwxyz".index(c))
                   for c in link.rsplit("/", 1)[1])
    return bytes(int(bits[i:i + 8], 2) for i in range(0, 160, 8))


def test_the_table():
    with Postern() as postern:
        held, secured, link = story(postern)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        ingest = key_file(postern, "ingest")
        gateway, pepper = courier["gateway-private"], portal["pepper"]
        right_link = secret_of(link)
        zero, noise = bytes(32), os.urandom(32)

        # A positive control: with everything, the reader opens it.
        assert b"Embezzlement" in secured.by_passphrase(PASSPHRASE, right_link, pepper)

        # The database alone: nothing, however right the guess.
        assert set(ingest) == {"gateway-public"}
        for pretended in (zero, noise, ingest["gateway-public"]):
            assert fails(secured.by_gateway, pretended) and fails(held.by_gateway, pretended)
            assert not secured.knows_right_guess(PASSPHRASE, pretended)
            assert fails(secured.by_passphrase, PASSPHRASE, pretended[:20], pretended)
            assert fails(reader.box_open, pretended, "display",
                         b"message.subject" + secured.message, secured.subject)

        # With the portal's key file: subjects and clues, no body, no guessing: even the right
        # guess is not told to be right.
        assert set(portal) == {"gateway-public", "pepper", "display-key"}
        assert reader.box_open(portal["display-key"], "display",
                               b"message.subject" + secured.message,
                               secured.subject) == b"Quarterlyfigures"
        assert CLUE.encode() == reader.box_open(portal["display-key"], "display",
                                                b"lock.clue" + secured.lock, secured.clue)
        assert not secured.knows_right_guess(PASSPHRASE, pepper)
        assert fails(secured.by_passphrase, PASSPHRASE, noise[:20], pepper)
        assert fails(secured.by_passphrase, PASSPHRASE, b"", pepper)
        for key in portal.values():
            assert fails(held.by_gateway, key) and fails(secured.by_gateway, key)

        # With the courier's key file: messages still held; secured ones cannot be guessed at.
        assert set(courier) == {"gateway-public", "gateway-private", "link-key", "display-key"}
        assert b"Embezzlement" in held.by_gateway(gateway)
        assert secured.held_wrap == b"" and secured.message_wrap == b""
        assert fails(secured.by_gateway, gateway)
        derived = reader.link_derive(courier["link-key"], reader.RECIPIENT, secured.delivery, 0)
        assert derived == right_link
        for key in courier.values():
            assert not secured.knows_right_guess(PASSPHRASE, key)
            assert fails(secured.by_passphrase, PASSPHRASE, derived, key)

        # Both: guessing, one delivery at a time; a wrong guess opens nothing.
        assert b"Embezzlement" in secured.by_passphrase(PASSPHRASE, derived, pepper)
        assert fails(secured.by_passphrase, "kalverstraat 93", derived, pepper)


def test_the_rescue_wrap_needs_the_senders_link():
    with Postern() as postern:
        _, secured, _ = story(postern)
        # What only the sender's mail holds opens it ...
        asked = [raw for _, raw in postern.letters(ALICE)][0]
        sender = secret_of(re.search(rb"/s/[0-9a-z]{32}", asked).group(0).decode())
        assert b"Embezzlement" in secured.body(
            reader.box_open(sender, "rescue", secured.delivery, secured.rescue))
        # ... and nothing that the database and both key files hold does: that link is not derived.
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        derived = [reader.link_derive(key, kind, secured.delivery, generation)
                   for key in list(courier.values()) + list(portal.values())
                   for kind in (reader.SENDER, reader.RECIPIENT) for generation in range(3)]
        for key in derived + list(courier.values()) + list(portal.values()):
            assert fails(reader.box_open, key, "rescue", secured.delivery, secured.rescue)
        assert postern.query("select sender_wrap is null from delivery") == [["t"]]


def test_a_message_sent_by_template_is_as_safe():
    with Postern() as postern:
        story(postern)
        postern.send(ALICE, ["secure-" + FRED], LETTER.replace("t1@", "t2@"))
        told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        postern.next_letter(FRED)
        postern.settle()
        # The sender's link has left with its mail and lies nowhere else.
        rows = postern.query("select replace(d.id::text, '-', ''), rescue_wrap, sender_wrap, "
                             "d.gateway_wrap, replace(m.id::text, '-', ''), message_key_wrap, chunk "
                             "from delivery d join message m on m.id = message_id where by_template")
        assert len(rows) == 1 and rows[0][2] == "" and rows[0][3] == "", rows
        delivery, rescue, _, _, message, key_wrap, chunk = [
            bytes.fromhex(column.removeprefix("\\x")) for column in rows[0]]
        keys = list(key_file(postern, "courier").values()) + \
            list(key_file(postern, "portal").values())
        derived = [reader.link_derive(key, kind, delivery, generation) for key in keys
                   for kind in (reader.SENDER, reader.RECIPIENT) for generation in range(3)]
        for key in keys + derived:
            assert fails(reader.box_open, key, "rescue", delivery, rescue)
        # The control: with the link of the mail it opens.
        temporary = reader.box_open(secret_of(link_in(told, "s")), "rescue", delivery, rescue)
        key = reader.pair_open(temporary, reader.MESSAGE_KEY, message, key_wrap)
        assert b"Embezzlement" in reader.chunk_open(key, message, 0, True, chunk)


PDF_PASSWORD, SHEET_PASSWORD = 13, 14  # purposes of the pairs that seal what opens PDFs


def test_a_pdf_that_has_left_leaves_no_password():
    with Postern(policy='ladder = ( "pdf", "portal" );') as postern:
        postern.send(ALICE, ["secure-" + FRED], LETTER)
        mail, _ = postern.next_letter(FRED)
        told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Password of the PDF"))
        (password,) = re.findall(GENERATED, told.get_body(("plain",)).get_content())
        wait_for("what was kept to be wiped", lambda: postern.query(
            "select pdf_password is null and gateway_wrap is null from delivery") == [["t"]])
        thief = Thief(postern)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        link = reader.link_derive(courier["link-key"], reader.RECIPIENT, thief.delivery, 0)
        assert link == secret_of(link_in(mail, "r"))

        def opens(typed):
            ops, memory = map(int, thief.cost[0])
            lock = reader.lock_derive(reader.normalise("generated", typed), thief.salt, ops, memory, thief.lock, None)
            inner = reader.box_open(link, "wrap", thief.delivery, thief.outer)[32:]
            return thief.body(reader.pair_open(lock, reader.TEMPORARY_PRIVATE, thief.delivery, inner))

        # The control: link and password. Every key file without the password opens nothing.
        assert b"Embezzlement" in opens(password.upper())
        assert fails(opens, password[:-1] + ("x" if password[-1] != "x" else "y"))
        for key in list(courier.values()) + list(portal.values()):
            assert fails(thief.by_gateway, key)
            assert fails(thief.body, key)


def test_what_is_kept_for_pdfs_opens_by_the_courier_alone():
    strong = "seven purple herons over Delft"
    with Postern() as postern:
        alice = sign_in(postern)
        new_template(postern, alice, FRED, pdf="passphrase", clue=CLUE, passphrase=strong)
        page = alice.submit(desk(postern, alice, "/templates/new"), "recipient", recipient="gina@example.net",
                            pdf="sheet")
        printed = alice.submit(page, "present")
        codes = re.findall(GENERATED, printed.text)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        lock, kept = hexes(postern, "select replace(lock_id::text, '-', ''), pdf_password from template "
                                    "where pdf = 1")
        sheet, first = hexes(postern, "select replace(sheet_id::text, '-', ''), password_wrap from sheet_number "
                                      "where number = 1")
        gateway = courier["gateway-private"]
        assert reader.pair_open(gateway, PDF_PASSWORD, lock, kept) == strong.encode()
        assert reader.pair_open(gateway, SHEET_PASSWORD, sheet, first) == bytes([1]) + codes[0].encode()
        # Nobody else, and bound to its row.
        for key in [value for name, value in courier.items() if name != "gateway-private"] + list(portal.values()):
            assert fails(reader.pair_open, key, PDF_PASSWORD, lock, kept)
            assert fails(reader.pair_open, key, SHEET_PASSWORD, sheet, first)
        assert fails(reader.pair_open, gateway, PDF_PASSWORD, sheet, kept)
        assert fails(reader.pair_open, gateway, PDF_PASSWORD, sheet, first)
        # A template for the portal keeps none.
        alice.submit(alice.get(template_of(postern, alice)), "clue", pdf="no")
        assert postern.query("select count(pdf_password) from template") == [["0"]]
        # What was taken from the sheet is there no more.
        postern.send(ALICE, ["secure-gina@example.net"], LETTER.replace("fred@", "gina@"))
        postern.next_letter("gina@example.net")
        wait_for("the password to go", lambda: postern.query(
            "select count(*) from sheet_number where password_wrap is not null") == [["19"]])


def test_a_rescue_leaves_nothing_behind():
    with Postern() as postern:
        _, secured, link = story(postern)
        asked = [raw for _, raw in postern.letters(ALICE)][0]
        sender = re.search(rb"https://\S+/s/[0-9a-z]{32}", asked).group(0).decode()
        visitor = Visitor()
        page = visitor.get(sender + "/passphrase")
        answer = visitor.submit(page, "clue", clue="The street of Willem", passphrase="zeedijk 17 hoog",
                                passphrase_again="zeedijk 17 hoog")
        assert answer.status == 200, answer.words()
        postern.next_letter(FRED)
        postern.settle()
        after = Thief(postern)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        right_link, pepper = secret_of(link), portal["pepper"]
        # The new one opens, the old one does not, whoever has all the keys.
        assert b"Embezzlement" in after.by_passphrase("zeedijk 17 hoog", right_link, pepper)
        assert fails(after.by_passphrase, PASSPHRASE, right_link, pepper)
        # What the courier needed for a moment is gone.
        assert after.held_wrap == b"" and fails(after.by_gateway, courier["gateway-private"])
        assert after.outer != secured.outer and after.rescue == secured.rescue


class WrittenRows:
    """What lies in the database of a draft, its file, and a reply that was sent."""

    def __init__(self, postern):
        plain = "replace(%s::text, '-', '')"
        self.texts = [hexes_of(row) for row in postern.query(
            "select %s, key_wrap, sealed from writing order by kind" % plain % "id")]
        self.files = [hexes_of(row) for row in postern.query(
            "select %s, %s, key_wrap, sealed, body from draft_file join chunk on message_id = bundle_id"
            % (plain % "draft_file.id", plain % "bundle_id"))]

    def open_all(self, temporary):
        """Everything that this private key opens, as one piece of bytes; fails at the first that
        does not open."""
        found = b""
        for identifier, wrap, sealed in self.texts:
            key = reader.pair_open(temporary, WRITING_KEY, identifier, wrap)
            found += reader.box_open(key, "writing", identifier, sealed)
        for identifier, bundle, wrap, sealed, chunk in self.files:
            key = reader.pair_open(temporary, WRITING_KEY, bundle, wrap)
            found += reader.box_open(key, "draft file", identifier, sealed)
            found += reader.chunk_open(key, bundle, 0, True, chunk)
        return found


def hexes_of(row):
    """A row of bytea columns, as bytes."""
    return [bytes.fromhex(column.removeprefix("\\x")) for column in row]


def test_what_a_recipient_writes_opens_for_nobody_else():
    with Postern() as postern:
        _, secured, link = story(postern)
        visitor = Visitor()
        page = visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE)
        address = page.url.rsplit("/", 1)[0] + "/reply"
        visitor.submit(visitor.get(address), "body", body="Sentalready", quote="",
                       files=[("Sentname.txt", b"Sentbytes", "text/plain")])
        postern.settle()
        visitor.submit(visitor.get(address), "body", body="Draftwords", quote="", do="save",
                       files=[("Draftname.txt", b"Draftbytes", "text/plain")])
        postern.settle()
        rows = WrittenRows(postern)
        assert len(rows.texts) == 2 and len(rows.files) == 1
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")

        # The control: with link, passphrase and pepper the independent reader opens all of it.
        temporary = secured.temporary(PASSPHRASE, secret_of(link), portal["pepper"])
        found = rows.open_all(temporary)
        for word in (b"Sentalready", b"Sentname.txt", b"Draftwords", b"Draftname.txt",
                     base64.b64encode(b"Draftbytes")):
            assert word in found, word
        # No key of any file opens any of it, nor does what is derived from them.
        derived = [reader.link_derive(key, kind, secured.delivery, 0)
                   for key in list(courier.values()) + list(portal.values())
                   for kind in (reader.SENDER, reader.RECIPIENT)]
        for key in list(courier.values()) + list(portal.values()) + \
                [value.ljust(32, b"\0") for value in derived] + [bytes(32), os.urandom(32)]:
            for identifier, wrap, _ in rows.texts:
                assert fails(reader.pair_open, key, WRITING_KEY, identifier, wrap)
            for _, bundle, wrap, _, _ in rows.files:
                assert fails(reader.pair_open, key, WRITING_KEY, bundle, wrap)
        # Nor can one row be put into another's place.
        first, second = rows.texts
        assert fails(reader.pair_open, temporary, WRITING_KEY, first[0], second[1])
        dump = postern.dump().lower()
        log = postern.log.read_bytes().lower()
        for word in ("Sentalready", "Sentname", "Sentbytes", "Draftwords", "Draftname", "Draftbytes"):
            for form in forms_of(word):
                assert form not in dump and form not in log, word


def test_a_code_to_sign_in_lies_nowhere():
    with Postern() as postern:
        visitor = Visitor()
        visitor.submit(visitor.get(postern.url + "/desk"), "address", address=ALICE)
        mail, _ = postern.next_letter(ALICE)
        code = re.search(r"(\d{4}) (\d{4})", mail.get_content()).group(0).replace(" ", "")
        postern.settle()
        hashed, wrap, identifier = postern.query(
            "select code_hash, code_wrap, replace(id::text, '-', '') from sign_in")[0]
        assert wrap == "", "the code is still kept for the courier"
        # Eight digits are soon tried, so the hash is keyed with what is not in the database.
        hashed, identifier = bytes.fromhex(hashed.removeprefix("\\x")), bytes.fromhex(identifier)
        pepper = key_file(postern, "portal")["pepper"]
        assert reader.hash_purpose(pepper, "sign-in code", identifier + code.encode()) == hashed
        for key in [b"", *key_file(postern, "courier").values(),
                    *key_file(postern, "ingest").values()]:
            assert reader.hash_purpose(key, "sign-in code", identifier + code.encode()) != hashed
        dump = postern.dump()
        log = postern.log.read_bytes()
        for form in forms_of(code):
            assert form not in dump.lower() and form not in log.lower(), "the code stands there"


def forms_of(word):
    """A word as it may hide in a dump."""
    raw = word.encode()
    yield raw.lower()
    yield word.encode("utf-16-le").lower()
    yield raw.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4:-4].lower() if len(coded) > 16 else coded.lower()


def test_no_word_in_the_database():
    with Postern(own_database=True) as postern:
        # Read and taken, with a receipt for it: names and times are written down for the sender.
        _, _, link = story(postern, notify=True, notify_files=True, notify_names=True)
        visitor = Visitor()
        page = visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE)
        file = [where for where in page.links() if "/file/" in where][0]
        assert b"Doubleentries" in visitor.get(postern.url + file).body
        wait_for("the file to be noted", lambda: postern.query("select part from taken"))
        dump = postern.dump().lower()
        data = postern.folder / "database"
        if not (data / "base").is_dir():  # as root the cluster may lie in a folder below
            data = data if data.is_dir() else postern.folder
        pages = b""
        postern.query("checkpoint")
        database = postern.query("select oid from pg_database where datname = 'postern'")[0][0]
        for path in data.rglob("*"):
            if path.is_file() and ("/base/%s/" % database in str(path) or "/pg_wal/" in str(path)):
                pages += path.read_bytes().rstrip(b"\0").lower()
        assert len(dump) > 5000 and b"delivery" in dump
        for where, text in (("dump", dump), ("data files and WAL", pages),
                            ("log", postern.log.read_bytes().lower())):
            for what, word in SECRETS.items():
                for form in forms_of(word):
                    assert form not in text, "%s found in the %s" % (what, where)
        links = re.findall(rb"/[rs]/[0-9a-z]{32}", postern.log.read_bytes())
        assert not links, "a link stands in the log"
        # The check can find: what is no secret is there.
        assert b"address-mark" in dump and (not pages or b"address-mark" in pages)


def test_a_changed_byte_or_a_swapped_row_opens_nothing():
    with Postern() as postern:
        _, _, link = story(postern)
        postern.send(ALICE, ["secure-" + FRED], LETTER.replace("t1@", "t2@"))
        second, _ = postern.next_letter(FRED)
        postern.settle()

        statuses = []

        def opens(address):
            visitor = Visitor()
            answer = visitor.submit(visitor.get(address), "passphrase", passphrase=PASSPHRASE)
            statuses.append(answer.status)
            return b"Embezzlement" in answer.body

        assert opens(link) and opens(link_in(second, "r"))
        # The process that read them for the page may tell it once more for some seconds.
        time.sleep(READER_KEPT)
        changes = (
            "update message set chunk = set_byte(chunk, 40, get_byte(chunk, 40) # 1)",
            "update message set manifest = set_byte(manifest, 60, get_byte(manifest, 60) # 1)",
            "update delivery set message_key_wrap = set_byte(message_key_wrap, 50, "
            "get_byte(message_key_wrap, 50) # 1)",
            "update delivery set outer_wrap = set_byte(outer_wrap, 50, get_byte(outer_wrap, 50) # 1)",
            # Two messages of the same sender to the same recipient exchange what they can.
            "update message m set chunk = (select chunk from message o where o.id <> m.id)",
            "update delivery d set message_key_wrap = (select message_key_wrap from delivery o "
            "where o.id <> d.id), temporary_public = (select temporary_public from delivery o "
            "where o.id <> d.id)",
            "update delivery d set outer_wrap = (select outer_wrap from delivery o "
            "where o.id <> d.id)",
        )
        postern.query("create table kept_m as select * from message; "
                      "create table kept_d as select * from delivery")
        for change in changes:
            postern.query(change)
            assert not opens(link), change
            assert not opens(link_in(second, "r")), change
            # A damaged wrap is not told from a wrong passphrase, but for the log.
            if "outer_wrap" in change:
                assert statuses[-2:] == [403, 403], statuses[-2:]
                assert "event=unlock" in postern.log.read_text() and \
                    "status=damaged" in postern.log.read_text()
            postern.query("update message m set chunk = k.chunk, manifest = k.manifest "
                          "from kept_m k where k.id = m.id; "
                          "update delivery d set outer_wrap = k.outer_wrap, temporary_public = "
                          "k.temporary_public, message_key_wrap = k.message_key_wrap, "
                          "wrong_tries = 0, retry_at = 0 from kept_d k where k.id = d.id")
        assert opens(link), "the control no longer opens"


class MailboxRows:
    """What lies in the database of a mailbox and the newest message in it."""

    def __init__(self, postern):
        columns = ("b.id", "b.private_wrap", "b.lock_id", "b.salt", "d.id", "key_wrap", "m.id", "d.message_key_wrap",
                   "m.chunk", "b.public")
        select = ", ".join("replace(%s::text, '-', '')" % column for column in columns)
        (self.box, self.private, self.lock, self.salt, self.delivery, self.wrap, self.message, self.key_wrap,
         self.chunk, self.public) = hexes(
             postern, "select %s from mailbox b join mailbox_message on mailbox_id = b.id join delivery d on d.id = "
             "delivery_id join message m on m.id = d.message_id order by came_at desc, d.id desc" % select)
        self.cost = postern.query("select ops, memory_kib from mailbox")[0]

    def private_half(self, passphrase, pepper):
        """passphrase -> lock -> mailbox."""
        ops, memory = map(int, self.cost)
        lock = reader.lock_derive(reader.normalise("exact", passphrase), self.salt, ops, memory, self.lock, pepper)
        return reader.pair_open(lock, MAILBOX_PRIVATE, self.box, self.private[32:])

    def body(self, private):
        """mailbox -> T -> K -> bytes."""
        temporary = reader.pair_open(private, reader.TEMPORARY_PRIVATE, self.delivery, self.wrap)
        key = reader.pair_open(temporary, reader.MESSAGE_KEY, self.message, self.key_wrap)
        return reader.chunk_open(key, self.message, 0, True, self.chunk)


def test_a_mailbox_opens_by_its_passphrase_alone():
    own, other = "seven green umbrellas", "an orange locomotive"
    with Postern() as postern:
        _, _, link = story(postern)
        visitor = Visitor()
        visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE)
        page = visitor.submit(visitor.get(link + "/mailbox"), "passphrase_again", passphrase=own,
                              passphrase_again=own)
        assert page.status == 200, page.words()
        postern.send(ALICE, ["secure-" + FRED], LETTER.replace("t1@", "t2@"))
        postern.next_letter(FRED)
        postern.settle()
        before = MailboxRows(postern)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        pepper = portal["pepper"]
        # The control: passphrase, pepper and database open it.
        private = before.private_half(own, pepper)
        assert b"Embezzlement" in before.body(private)
        # Both key files and the database do not; nor does the clue's answer, or another pepper.
        keys = list(courier.values()) + list(portal.values()) + [bytes(32), os.urandom(32)]
        for key in keys + [reader.link_derive(key, kind, before.delivery, 0).ljust(32, b"\0") for key in keys
                           for kind in (reader.SENDER, reader.RECIPIENT)]:
            assert fails(reader.pair_open, key, MAILBOX_PRIVATE, before.box, before.private[32:])
            assert fails(before.body, key)
        for guess, with_pepper in ((PASSPHRASE, pepper), (other, pepper), (own, bytes(32))):
            assert fails(before.private_half, guess, with_pepper), guess
        # The session of who is signed in lies under the cookie.
        (sealed,) = hexes(postern, "select sealed from mailbox_session")
        for key in keys:
            assert fails(reader.box_open, key, "mailbox session", before.box, sealed)
        # Another passphrase: the old one is useless, whoever has all the keys; what lay there is readable.
        page = visitor.submit(visitor.get(postern.url + "/box/passphrase"), "current", current=own, passphrase=other,
                              passphrase_again=other)
        assert page.status == 200, page.words()
        after = MailboxRows(postern)
        assert fails(after.private_half, own, pepper)
        assert after.private_half(other, pepper) == private and after.body(private) == before.body(private)
        assert postern.query("select count(*) from mailbox_session") == [["1"]]
        dump = postern.dump().lower()
        log = postern.log.read_bytes().lower()
        for word in ("umbrellas", "locomotive", "Embezzlement"):
            for form in forms_of(word):
                assert form not in dump and form not in log, word


def test_a_mailbox_that_was_given_up_opens_for_nobody():
    own = "seven green umbrellas"
    with Postern() as postern:
        _, _, link = story(postern)
        visitor = Visitor()
        visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE)
        visitor.submit(visitor.get(link + "/mailbox"), "passphrase_again", passphrase=own, passphrase_again=own)
        postern.send(ALICE, ["secure-" + FRED], LETTER.replace("t1@", "t2@"))
        told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Sent securely"))
        postern.next_letter(FRED)
        before = MailboxRows(postern)
        courier, portal = key_file(postern, "courier"), key_file(postern, "portal")
        assert b"Embezzlement" in before.body(before.private_half(own, portal["pepper"])), "the control"
        begun(postern)
        given_up(postern)
        # Its wraps are nowhere any more, so that neither the passphrase nor any key file has anything to open.
        assert postern.query("select (select count(*) from mailbox), (select count(*) from mailbox_message)") == [["0", "0"]]
        assert postern.query("select link_wrap is null, mailbox_id is null from give_up") == [["t", "t"]]
        dump = postern.dump()
        for wrap in (before.private, before.wrap):
            assert wrap.hex().encode() not in dump
        rescue, gateway, outer = hexes(postern, "select rescue_wrap, gateway_wrap, outer_wrap from delivery "
                                       "where lost_at is not null")
        assert gateway == outer == b"" and rescue
        keys = list(courier.values()) + list(portal.values())
        for key in keys + [reader.link_derive(key, kind, before.delivery, 0) for key in keys
                           for kind in (reader.SENDER, reader.RECIPIENT)]:
            assert fails(reader.box_open, key, "rescue", before.delivery, rescue)
            assert fails(reader.pair_open, key, reader.MESSAGE_KEY, before.message, before.key_wrap)
        # What is left is what its sender's mail opens: for a new clue.
        temporary = reader.box_open(secret_of(link_in(told, "s")), "rescue", before.delivery, rescue)
        key = reader.pair_open(temporary, reader.MESSAGE_KEY, before.message, before.key_wrap)
        assert b"Embezzlement" in reader.chunk_open(key, before.message, 0, True, before.chunk)


if __name__ == "__main__":
    cases.run("__main__")
