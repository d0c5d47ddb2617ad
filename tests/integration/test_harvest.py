#!/usr/bin/python3 -B
"""Keys come along with mail: who signed a message, or sent a key in its header or as a file, gets the next
secured message encrypted to it, if it can be believed; and nothing that anybody can write is believed."""

import base64
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases  # noqa: E402
from pki import AES256_CBC, AES256_GCM, OAEP  # noqa: E402
from postern import body_text, wait_for  # noqa: E402
from test_keys import ALICE, House, read_inside  # noqa: E402

FRED, BOB = "fred@example.net", "bob@corp.example"
DAY = 86400
TEXT = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n--  \r\n"
USE = 'keys: { sources = ( ); harvest = "use"; };'


def head(author, *fields, subject=b"Hello"):
    """The beginning of a letter's header."""
    lines = [b"From: " + author.encode(), b"To: " + BOB.encode(), b"Subject: " + subject, *fields]
    return b"".join(line + b"\r\n" for line in lines)


def apart(author, content, der, *fields):
    """A letter with a signature as its second part."""
    return (head(author, *fields) + b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; "
            b"protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=sign\r\n\r\n"
            b"--sign\r\n" + content + b"\r\n--sign\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(der).replace(b"\n", b"\r\n") + b"--sign--\r\n")


def within(author, der, *fields):
    """A letter that is one signature."""
    return (head(author, *fields) + b"MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; "
            b"smime-type=signed-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(der).replace(b"\n", b"\r\n"))


def autocrypt(address, key):
    """The field of a header."""
    return b"Autocrypt: addr=" + address.encode() + b"; prefer-encrypt=mutual; keydata=" + b"".join(
        b"\r\n " + line for line in base64.encodebytes(key).splitlines())


class Gate(House):
    """Mail that comes in, and what it brings."""

    def come(self, letter, sender=FRED, recipient=BOB, relayed=True):
        """Have a message pass, and its keys looked at."""
        self.postern.send(sender, [recipient], letter)
        if relayed:
            self.postern.next_letter(recipient)
        self.looked()

    def looked(self):
        """Wait until nothing waits to be looked at."""
        self.postern.settle()
        wait_for("keys to be looked at", lambda: self.postern.query("select count(*) from harvest") == [["0"]])

    def keys(self, address=FRED):
        """Those that are known of an address, as (source, standing, reason)."""
        return sorted((row["source"], row["standing"], row["reason"] or "")
                      for row in self.ctl("key", "list")["keys"] if row["address"].lower() == address)

    def route(self, address=FRED, name=b"s"):
        """Which way the next secured message goes."""
        self.send(address, name=name)
        self.postern.settle()
        return self.delivery(address)["route"]


def test_who_signed_is_encrypted_to():
    with Gate() as gate:
        gate.pki.person(FRED)
        gate.pki.person("eve@example.net", "ec")
        gate.come(head("Fred <Fred@Example.net>") + gate.pki.signed_by_openssl(FRED, TEXT))
        gate.come(head("eve@example.net") + gate.pki.signed_by_openssl("eve@example.net", TEXT, within=True),
                  sender="eve@example.net")
        assert gate.keys() == [("signed-mail", "found", "")], gate.keys()
        gate.send(FRED, "eve@example.net")
        for address in (FRED, "eve@example.net"):
            letter, raw = gate.postern.next_letter(address)
            assert letter["Content-Type"].params["smime-type"] == "enveloped-data", raw
            read_inside(gate.pki.open(address, raw))
        # Once looked at, nothing of the courier's key is left.
        assert gate.postern.query("select count(*) from harvest") == [["0"]]


def test_what_the_signer_reads_is_used():
    with Gate() as gate:
        gate.pki.person(FRED)
        now = time.time()
        sign = gate.pki.signature
        gate.come(apart(FRED, TEXT, sign(FRED, TEXT, (AES256_GCM, OAEP, AES256_CBC))))
        gate.send(FRED)
        letter, raw = gate.postern.next_letter(FRED)
        assert letter["Content-Type"].params["smime-type"] == "authEnveloped-data", raw
        read_inside(gate.pki.open(FRED, raw))
        # An older letter that comes late tells nothing new ...
        gate.come(apart(FRED, TEXT, sign(FRED, TEXT, (AES256_CBC,), at=now - DAY)))
        gate.send(FRED, name=b"2")
        letter, raw = gate.postern.next_letter(FRED)
        assert letter["Content-Type"].params["smime-type"] == "authEnveloped-data", raw
        # ... a newer one does: another program reads less.
        gate.come(within(FRED, sign(FRED, TEXT, (AES256_CBC,), at=now + 5, within=True)))
        gate.send(FRED, name=b"3")
        letter, raw = gate.postern.next_letter(FRED)
        assert letter["Content-Type"].params["smime-type"] == "enveloped-data", raw
        read_inside(gate.pki.open(FRED, raw))


def test_capabilities_of_an_imported_certificate():
    """The administrator's certificate stays theirs; what its owner reads is learnt all the same."""
    with Gate() as gate:
        gate.bring(gate.pki.person(FRED))
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT, (AES256_GCM, AES256_CBC))))
        assert gate.keys() == [("imported", "found", "")], gate.keys()
        gate.send(FRED)
        letter, raw = gate.postern.next_letter(FRED)
        assert letter["Content-Type"].params["smime-type"] == "authEnveloped-data", raw


def test_signatures_that_tell_nothing():
    with Gate() as gate:
        gate.pki.person(FRED)
        gate.pki.person("fred@example.org")
        good = gate.pki.signature(FRED, TEXT)
        other = gate.pki.signature("fred@example.org", TEXT)
        inner = apart(FRED, TEXT, good)
        rows = {
            "changed content": apart(FRED, TEXT.replace(b"Gr", b"gr"), good),
            "another address": apart("eve@example.net", TEXT, good),
            "another domain": apart(FRED, TEXT, other),
            "looks alike": apart("fr\u0435d@example.net", TEXT, good),
            "in the name only": apart('"fred@example.net" <eve@example.net>', TEXT, good),
            "two in From": apart("fred@example.net, eve@example.net", TEXT, good),
            "two From": apart(FRED, TEXT, good, b"From: " + FRED.encode()),
            "a weak digest": apart(FRED, TEXT, gate.pki.signature(FRED, TEXT, weak=True)),
            "an attached letter": head(FRED) + b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" + TEXT +
            b"\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--out--\r\n",
            "one part of several": head(FRED) + b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" +
            inner.split(b"MIME-Version: 1.0\r\n")[1] + b"\r\n--out\r\n" + TEXT + b"\r\n--out--\r\n",
            "a letter around it": head(FRED) + b"Content-Type: message/rfc822\r\n\r\n" + inner,
            "a signature of nothing": apart(FRED, TEXT, b"hello"),
            "a signature without content": within(FRED, good),
        }
        for number, (claim, letter) in enumerate(rows.items()):
            sender = "eve%d@example.net" % number
            gate.come(letter, sender=sender)
            assert gate.ctl("key", "list")["keys"] == [], claim
        assert gate.route() == "portal"


def test_untrusted_goes_into_review():
    with Gate() as gate:
        gate.pki.person(FRED, own=True)
        letter = apart(FRED, TEXT, gate.pki.signature(FRED, TEXT))
        gate.come(letter)
        (key,) = gate.ctl("key", "review")["keys"]
        assert (key["source"], key["reason"], key["address"]) == ("signed-mail", "untrusted", FRED), key
        assert gate.route() == "portal"
        gate.ctl("key", "accept", key["key"])
        assert gate.route(name=b"2") == "smime"
        gate.ctl("key", "ban", key["key"])
        gate.come(letter)
        assert [key[:2] for key in gate.keys()] == [("signed-mail", "banned")], gate.keys()
        assert gate.route(name=b"3") == "portal"


def test_two_keys_of_one_person():
    """One signs, the other is encrypted to; only an authority's word makes the second count."""
    with Gate() as gate:
        gate.pki.person(FRED, usage="digitalSignature")
        gate.pki.person("fred@other.example")
        second = gate.pki.person(FRED, usage="keyEncipherment", name="second")
        lone = gate.pki.person(FRED, usage="keyEncipherment", name="lone", own=True)
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT, others=(lone, "fred-other.example.pem"))))
        assert gate.ctl("key", "list")["keys"] == []
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT, (AES256_GCM,), others=(second,))))
        assert gate.keys() == [("signed-mail", "found", "")], gate.keys()
        gate.send(FRED)
        letter, raw = gate.postern.next_letter(FRED)
        assert letter["Content-Type"].params["smime-type"] == "authEnveloped-data", raw


def test_a_newer_certificate_takes_over():
    with Gate() as gate:
        old = gate.pki.person(FRED).read_bytes()
        before = gate.pki.signature(FRED, TEXT, at=time.time() - 10)
        gate.come(apart(FRED, TEXT, before))
        new = gate.pki.person(FRED).read_bytes()
        assert new != old
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT)))
        # An old message again does not bring the old certificate back.
        gate.come(apart(FRED, TEXT, before))
        assert gate.keys() == [("signed-mail", "found", "")] * 2
        gate.send(FRED)
        _, raw = gate.postern.next_letter(FRED)
        read_inside(gate.pki.open(FRED, raw))


def test_openpgp_is_for_review():
    with Gate() as gate:
        key = gate.openpgp(FRED).read_bytes()
        gate.come(head(FRED, autocrypt(FRED, key)) + TEXT)
        (found,) = gate.ctl("key", "review")["keys"]
        assert (found["source"], found["reason"]) == ("autocrypt", "not-vouched"), found
        assert gate.route() == "portal"
        gate.ctl("key", "accept", found["key"])
        # What comes later takes nothing away from what was accepted.
        other = gate.openpgp(FRED).read_bytes()
        gate.come(head(FRED, autocrypt(FRED, other)) + TEXT)
        gate.come(head(FRED, autocrypt(FRED, key)) + TEXT)
        gate.send(FRED, name=b"2")
        letter, _ = gate.postern.next_letter(FRED)
        _, said = gate.gpg.decrypt(letter.get_payload()[1].get_payload(decode=True))
        assert [words[2] for words in said if words[0] == "DECRYPTION_KEY"] == [found["fingerprint"].upper()], said


def test_autocrypt_fields_that_tell_nothing():
    with Gate(keys=USE) as gate:
        key, other = gate.openpgp(FRED).read_bytes(), gate.openpgp("eve@example.net").read_bytes()
        # It is long by what it says of itself, and in order otherwise.
        big = gate.gpg.run("--export", gate.gpg.make(
            "Somebody <%s>" % FRED, "ed25519", "cv25519", options=("--cert-notation", "long@example.net=" + "x" * 8000)))
        assert len(big) > 7680
        rows = {
            "two fields": head(FRED, autocrypt(FRED, key), autocrypt(FRED, key)),
            "another address": head(FRED, autocrypt("eve@example.net", other)),
            "another address inside": head(FRED, autocrypt(FRED, other)),
            "looks alike": head("fr\u0435d@example.net", autocrypt("fr\u0435d@example.net", key)),
            "two From": head(FRED, b"From: " + FRED.encode(), autocrypt(FRED, key)),
            "two in From": head(FRED + ", eve@example.net", autocrypt(FRED, key)),
            "too large": head(FRED, autocrypt(FRED, big)),
            "no key": head(FRED, autocrypt(FRED, b"hello" * 100)),
            "a secret key": head(FRED, autocrypt(FRED, gate.gpg.run("--export-secret-keys", FRED))),
        }
        for claim, letter in rows.items():
            gate.come(letter + TEXT)
            assert gate.ctl("key", "list")["keys"] == [], claim
        inner = head(FRED, autocrypt(FRED, key)) + TEXT
        gate.come(head("eve@example.net") + b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n"
                  b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--out--\r\n")
        assert gate.ctl("key", "list")["keys"] == []


def test_openpgp_is_used_where_that_is_wanted():
    with Gate(keys=USE) as gate:
        key = gate.openpgp(FRED).read_bytes()
        gate.come(head(FRED, autocrypt(FRED, key)) + TEXT)
        assert gate.keys() == [("autocrypt", "found", "")], gate.keys()
        gate.send(FRED)
        letter, _ = gate.postern.next_letter(FRED)
        read_inside(gate.gpg.run("--decrypt", given=letter.get_payload()[1].get_payload(decode=True)))
        # Whom anybody else speaks for comes first, whatever mail brings later.
        first = gate.gpg.fingerprints(FRED)[0]
        gate.bring(gate.openpgp(FRED))
        gate.come(head(FRED, autocrypt(FRED, key)) + TEXT)
        gate.send(FRED, name=b"2")
        letter, _ = gate.postern.next_letter(FRED)
        _, said = gate.gpg.decrypt(letter.get_payload()[1].get_payload(decode=True))
        assert [words[2] for words in said if words[0] == "DECRYPTION_KEY"] != [first], said
        # In the name of own people, from outside: not without the administrator.
        own = gate.openpgp("carol@corp.example").read_bytes()
        gate.come(head("carol@corp.example", autocrypt("carol@corp.example", own)) + TEXT)
        assert gate.keys("carol@corp.example") == [("autocrypt", "review", "not-vouched")]
        gate.come(head("carol@corp.example", autocrypt("carol@corp.example", own)) + TEXT,
                  sender="carol@corp.example", recipient="hank@example.net")
        assert gate.keys("carol@corp.example") == [("autocrypt", "found", "")]


def test_files_of_keys():
    """Where a message is opened here, or says in its header that there is something."""
    with Gate() as gate:
        gate.openpgp(ALICE)
        part = b"Content-Type: application/pgp-keys; name=key.asc\r\nContent-Disposition: attachment\r\n\r\n" + \
            gate.gpg.run("--armor", "--export", ALICE).replace(b"\n", b"\r\n")
        mixed = b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n" + TEXT + b"\r\n--out\r\n" + part + \
            b"\r\n--out--\r\n"
        gate.come(head(ALICE) + mixed, sender=ALICE)
        assert gate.keys(ALICE) == []
        gate.come(head(ALICE) + mixed, sender=ALICE, recipient="secure-hank@example.net", relayed=False)
        assert gate.keys(ALICE) == [("attached", "review", "not-vouched")], gate.keys(ALICE)
        assert gate.delivery("hank@example.net")["state"] == "held"


def test_off():
    with Gate(keys='keys: { sources = ( ); harvest = "off"; };') as gate:
        gate.pki.person(FRED)
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT), autocrypt(FRED, gate.openpgp(FRED).read_bytes())))
        assert gate.ctl("key", "list")["keys"] == []


def test_a_flood_fills_nothing():
    with Gate() as gate:
        gate.pki.person(FRED)
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT)))
        kept = gate.gpg.make("Fred <%s>" % FRED, "ed25519", "cv25519")
        for number in range(12):
            fingerprint = gate.gpg.make("Fred <%s>" % FRED, "ed25519", "cv25519")
            key = gate.gpg.run("--export", fingerprint if number else kept)
            gate.come(head(FRED, autocrypt(FRED, key)) + TEXT)
        assert gate.keys() == [("autocrypt", "review", "not-vouched")] * 8 + [("signed-mail", "found", "")]
        assert kept not in [row["fingerprint"].upper() for row in gate.ctl("key", "list")["keys"]]
        assert gate.route() == "smime"


def test_messages_of_several_chunks_and_marks():
    """What is signed is read as it was stored, whatever was cut from its header."""
    with Gate() as gate:
        gate.pki.person(ALICE)
        gate.pki.person(FRED)
        gate.come(head(FRED) + gate.pki.signed_by_openssl(FRED, TEXT + b"A line.\r\n" * 100000))
        assert gate.keys() == [("signed-mail", "found", "")]
        letter = apart(ALICE, TEXT, gate.pki.signature(ALICE, TEXT)).replace(b"Subject: Hello", b"Subject: [secure] Hello")
        gate.postern.send(ALICE, ["hank@example.net"], letter)
        gate.looked()
        assert gate.keys(ALICE) == [("signed-mail", "found", "")]
        assert gate.delivery("hank@example.net")["state"] == "held"


def keys_after_kills(kills):
    """What is known of somebody when so many couriers died while they noted the key of a message."""
    with Gate() as gate:
        gate.pki.person(FRED)
        gate.postern.query("create function slow() returns trigger language plpgsql as "
                           "$$ begin perform pg_sleep(600); return new; end $$;"
                           "create trigger slow before insert on key for each row execute function slow()")
        gate.postern.send(FRED, [BOB], apart(FRED, TEXT, gate.pki.signature(FRED, TEXT)))
        gate.postern.next_letter(BOB)
        for number in range(1, kills + 1):
            wait_for("a claim", lambda: gate.postern.query("select claims from harvest") == [[str(number)]])
            gate.postern.stop("courier", how=signal.SIGKILL)
            # Nobody destroys what was not looked at.
            assert gate.postern.query("select state from message") == [["2"]]
            gate.postern.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postern_courier' "
                "and datname = current_database()")
            if number == kills:
                gate.postern.query("drop trigger slow on key")
            # The lease is over after a minute.
            gate.postern.set_clock(90 * number)
            gate.postern.start("courier")
        gate.looked()
        wait_for("its bytes to be gone", lambda: gate.postern.query("select state from message") == [["3"]])
        return gate.keys()


def test_a_courier_that_was_killed_looks_again():
    assert keys_after_kills(1) == [("signed-mail", "found", "")]


def test_what_kills_couriers_is_not_looked_at_for_ever():
    assert keys_after_kills(3) == []


def test_what_nobody_looks_at_is_given_up():
    with Gate() as gate:
        gate.pki.person(FRED)
        gate.postern.query("insert into harvest (message_id, key_wrap, noted_at, claims, claimed_until) values "
                           "(gen_random_uuid(), 'x', extract(epoch from now()), 0, extract(epoch from now()) + 86400)")
        gate.postern.stop("courier")
        gate.postern.set_clock(700)
        gate.postern.start("courier")
        gate.looked()


def test_old_keys_are_forgotten():
    """But for what the administrator brought or decided about."""
    with Gate() as gate:
        gate.bring(gate.pki.person("eve@example.net"))
        gate.pki.person(FRED)
        gate.come(apart(FRED, TEXT, gate.pki.signature(FRED, TEXT),
                        autocrypt(FRED, gate.openpgp(FRED).read_bytes())))
        gate.pki.person("gus@example.net")
        gate.come(apart("gus@example.net", TEXT, gate.pki.signature("gus@example.net", TEXT)))
        (gus,) = [row for row in gate.ctl("key", "list")["keys"] if row["address"] == "gus@example.net"]
        gate.ctl("key", "accept", gus["key"])
        gate.postern.query("insert into key_search (address_index, address, asked_at, answered_at, until) "
                           "values ('x', 'x', 1, 1, 1)")

        def after(days):
            gate.postern.stop("courier")
            gate.postern.set_clock(days * DAY)
            gate.postern.start("courier")
            return lambda: {(row["address"], row["source"]) for row in gate.ctl("key", "list")["keys"]}
        stay = {("eve@example.net", "imported"), ("gus@example.net", "signed-mail")}
        listed = after(100)
        wait_for("what waits in review to be forgotten", lambda: listed() == stay | {(FRED, "signed-mail")})
        wait_for("an old answer to be forgotten",
                 lambda: gate.postern.query("select count(*) from key_search") == [["0"]])
        listed = after(400)
        wait_for("what nobody used to be forgotten", lambda: listed() == stay)


if __name__ == "__main__":
    cases.run("__main__")
