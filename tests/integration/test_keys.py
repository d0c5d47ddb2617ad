#!/usr/bin/python3 -B
"""Keys are found and used: whoever has a certificate or an OpenPGP key gets the message encrypted to it,
everybody else as before, and nothing marked leaves in clear."""

import email
import email.policy
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from openpgp_keys import Gpg  # noqa: E402
from pki import Pki  # noqa: E402
from postern import Postern, body_text, program, wait_for  # noqa: E402

ALICE = "alice@corp.example"
CANARY = b"CanaryInTheMine"
LETTER = (b"From: Alice <alice@corp.example>\nTo: %s\nBcc: hidden@example.net\nSubject: About the canary of May\n"
          b"Message-ID: <%s@corp.example>\nDate: Thu, 26 Nov 2026 08:00:00 +0100\nMIME-Version: 1.0\n"
          b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
          b"Gr\xc3\xbc\xc3\x9fe: " + CANARY + b"\n")


class House:
    """An installation with its own authority and gpg."""

    def __init__(self, **more):
        self.pki, self.gpg = Pki(), Gpg()
        self.postern = Postern(**more)

    def __enter__(self):
        self.ctl("ca", "import", self.pki.authority)
        return self

    def __exit__(self, *error):
        self.postern.__exit__(*error)
        self.gpg.__exit__(*error)
        self.pki.__exit__(*error)

    def ctl(self, *words):
        """One JSON object."""
        return json.loads(self.postern.ctl(*map(str, words), "--json", "--config", str(self.postern.config)))

    def bring(self, path, *more):
        """Import a file; the one key in it, as it is listed then."""
        return self.ctl("key", "import", path, *more)["keys"]

    def openpgp(self, address, primary="ed25519", subkey="cv25519"):
        """A new key of somebody, exported; its file."""
        fingerprint = self.gpg.make("Somebody <%s>" % address, primary, subkey)
        path = self.pki.folder / (address + ".gpg")
        path.write_bytes(self.gpg.run("--export", fingerprint))
        return path

    def send(self, *recipients, name=b"1", letter=None):
        """Everybody by the address mark."""
        marked = ["secure-" + recipient for recipient in recipients]
        self.postern.send(ALICE, marked, letter or LETTER % (", ".join(marked).encode(), name))

    def delivery(self, address):
        """The newest delivery to an address, as the administrator sees it."""
        for delivery in self.ctl("message", "list", "--state", "all")["deliveries"]:
            if delivery["recipient"] == address:
                return delivery
        return None


def read_inside(inner):
    """The protected letter: its own header, and the text."""
    message = email.message_from_bytes(inner, policy=email.policy.default)
    assert message["Subject"] == "About the canary of May", inner
    assert message["From"] == "Alice <alice@corp.example>" and message["Bcc"] is None
    assert message.get_content_type() == "text/plain" and message["Content-Type"].params["hp"] == "cipher"
    assert CANARY.decode() in message.get_content() and "Grüße" in message.get_content()


def check_outside(letter, raw):
    """What servers on the way can see."""
    assert letter["Subject"] == "..." and letter["Bcc"] is None, raw
    assert CANARY not in raw and b"canary" not in raw and b"hidden@" not in raw and b"secure-" not in raw
    assert b"\n" not in raw.replace(b"\r\n", b"") and all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_each_recipient_gets_theirs():
    with House() as house:
        house.bring(house.pki.person("fred@example.net"))
        house.bring(house.pki.person("eve@example.net", "ec"))
        house.bring(house.openpgp("grace@example.net"))
        house.send("fred@example.net", "eve@example.net", "grace@example.net", "hank@example.net")
        for address in ("fred@example.net", "eve@example.net"):
            letter, raw = house.postern.next_letter(address)
            check_outside(letter, raw)
            assert letter.get_content_type() == "application/pkcs7-mime"
            read_inside(house.pki.open(address, raw))
        letter, raw = house.postern.next_letter("grace@example.net")
        check_outside(letter, raw)
        assert letter.get_content_type() == "multipart/encrypted"
        read_inside(house.gpg.run("--decrypt", given=letter.get_payload()[1].get_payload(decode=True)))
        # Who has no key: as ever.
        letter, raw = house.postern.next_letter(ALICE)
        assert "hank@example.net" in body_text(letter) and "/s/" in body_text(letter)
        house.postern.settle()
        assert house.postern.letters("hank@example.net") == []
        routes = {address: house.delivery(address + "@example.net")["route"]
                  for address in ("fred", "eve", "grace", "hank")}
        assert routes == {"fred": "smime", "eve": "smime", "grace": "openpgp", "hank": "portal"}, routes
        # Once all have theirs, nobody but the one who waits can be served from the store.
        assert house.postern.query("select gateway_wrap is null from message") == [["t"]]


def test_what_is_not_believed_is_not_used():
    with House() as house:
        lone = house.pki.person("fred@example.net", own=True)
        (key,) = house.bring(lone)
        assert (key["outcome"], key["reason"]) == ("review", "untrusted"), key
        (wrong,) = house.bring(house.pki.person("other@example.net"), "--address", "eve@example.net")
        assert (wrong["outcome"], wrong["reason"]) == ("review", "wrong-address"), wrong
        review = house.ctl("key", "review")["keys"]
        assert {row["address"] for row in review} == {"fred@example.net", "eve@example.net"}
        house.send("fred@example.net")
        letter, _ = house.postern.next_letter(ALICE)
        assert "/s/" in body_text(letter)
        # The administrator's word is enough, and can be taken back.
        house.ctl("key", "accept", key["key"])
        house.send("fred@example.net", name=b"2")
        letter, raw = house.postern.next_letter("fred@example.net")
        read_inside(house.pki.open("fred@example.net", raw))
        house.ctl("key", "ban", key["key"])
        house.send("fred@example.net", name=b"3")
        letter, _ = house.postern.next_letter(ALICE)
        assert "/s/" in body_text(letter)
        (again,) = house.bring(lone, "--accept")
        assert house.ctl("key", "show", again["key"])["standing"] == "banned"


def test_a_key_of_several_addresses():
    """Each is found by it, and nobody else is."""
    with House() as house:
        path = house.pki.person("fred@example.net,email:freddy@example.org", name="both")
        assert {key["address"] for key in house.bring(path)} == {"fred@example.net", "freddy@example.org"}
        fingerprint = house.gpg.make("Grace <grace@example.net>", "ed25519", "cv25519")
        house.gpg.run("--quick-add-uid", fingerprint, "Grace at home <gracie@example.org>")
        both = house.pki.folder / "both.gpg"
        both.write_bytes(house.gpg.run("--export", fingerprint))
        assert {key["address"] for key in house.bring(both)} == {"grace@example.net", "gracie@example.org"}
        house.send("fred@example.net", "freddy@example.org", "grace@example.net", "gracie@example.org",
                   "fred@example.org")
        for address in ("fred@example.net", "freddy@example.org"):
            _, raw = house.postern.next_letter(address)
            read_inside(house.pki.open("both", raw))
        for address in ("grace@example.net", "gracie@example.org"):
            letter, _ = house.postern.next_letter(address)
            read_inside(house.gpg.run("--decrypt", given=letter.get_payload()[1].get_payload(decode=True)))
        letter, _ = house.postern.next_letter(ALICE)
        assert "fred@example.org" in body_text(letter) and "/s/" in body_text(letter)
        # Taken back for one address, it is for both.
        house.gpg.revoke(fingerprint)
        both.write_bytes(house.gpg.run("--export", fingerprint))
        house.bring(both, "--address", "grace@example.net")
        house.send("gracie@example.org", name=b"2")
        letter, _ = house.postern.next_letter(ALICE)
        assert "gracie@example.org" in body_text(letter) and "/s/" in body_text(letter)


def test_accepting_says_what_it_cannot_mend():
    with House() as house:
        (key,) = house.bring(house.openpgp("fred@example.net", "ed25519", None))
        assert (key["outcome"], key["reason"]) == ("review", "not-for-encryption"), key
        done = subprocess.run([program(), "ctl", "key", "accept", key["key"], "--config", house.postern.config],
                              capture_output=True, check=False)
        assert done.returncode == 1 and b"would not make it usable" in done.stderr, done
        house.bring(house.pki.person("fred@example.net", own=True))
        house.bring(house.pki.person("eve@example.net", own=True))
        house.bring(house.pki.person("eve@example.net"))
        assert len(house.ctl("key", "review")["keys"]) == 3
        (both, limited, believed) = (
            house.ctl("key", "review", "--address", "fred@example.net")["keys"],
            house.ctl("key", "review", "--address", "fred@example.net", "--limit", "1")["keys"],
            house.ctl("key", "review", "--address", "eve@example.net")["keys"])
        assert {row["reason"] for row in both} == {"not-for-encryption", "untrusted"}, both
        assert limited == both[:1] and [row["reason"] for row in believed] == ["untrusted"], believed
        assert len(house.ctl("key", "list", "--address", "eve@example.net")["keys"]) == 2


def test_who_revokes_a_key_is_heard():
    with House() as house:
        before = house.openpgp("fred@example.net")
        (key,) = house.bring(before)
        assert key["outcome"] == "kept", key
        house.send("fred@example.net")
        letter, _ = house.postern.next_letter("fred@example.net")
        assert letter.get_content_type() == "multipart/encrypted"
        house.ctl("key", "accept", key["key"])
        after = house.pki.folder / "revoked.gpg"
        house.gpg.revoke(key["fingerprint"])
        after.write_bytes(house.gpg.run("--export", key["fingerprint"]))
        # Even where the administrator had accepted it, and whoever still has it as it was.
        for path in (after, before):
            (again,) = house.bring(path)
            assert (again["key"], again["outcome"], again["reason"]) == (key["key"], "review", "revoked"), again
        house.send("fred@example.net", name=b"2")
        letter, _ = house.postern.next_letter(ALICE)
        assert "/s/" in body_text(letter)
        done = subprocess.run([program(), "ctl", "key", "accept", key["key"], "--config", house.postern.config],
                              capture_output=True, check=False)
        assert done.returncode == 1 and house.ctl("key", "show", key["key"])["standing"] == "review", done


def test_a_ladder_without_portal_refuses():
    policy = ('ladders = ( { domains = ( "strict.example" ); ladder = ( "smime" ); }, '
              '{ domains = ( "pgp.example" ); ladder = ( "openpgp", "smime" ); } );')
    with House(policy=policy) as house:
        house.send("fred@strict.example")
        bounce, raw = house.postern.next_letter(ALICE)
        assert bounce.get_content_type() == "multipart/report" and CANARY not in raw
        assert b"5.7.1" in raw and "key" in body_text(bounce)
        house.bring(house.pki.person("both@pgp.example"))
        house.bring(house.openpgp("both@pgp.example"))
        house.send("both@pgp.example", name=b"2")
        letter, _ = house.postern.next_letter("both@pgp.example")
        assert letter.get_content_type() == "multipart/encrypted"


def test_database_holds_nobody():
    """Whom the organisation has keys of stands nowhere in clear."""
    with House() as house:
        house.bring(house.pki.person("fred@example.net"))
        house.bring(house.openpgp("grace@example.net"))
        for kind in ("-a", "-Fp"):
            dump = house.postern.dump(kind)
            for word in (b"fred@", b"grace@", b"example.net"):
                assert word not in dump and word.hex().encode() not in dump, word
        fingerprint = house.ctl("key", "list")["keys"][0]["fingerprint"].lower().encode()
        assert fingerprint not in dump.lower()


def test_export_gives_back_what_was_imported():
    with House() as house:
        path = house.pki.person("fred@example.net")
        (key,) = house.bring(path)
        exported = house.postern.ctl("key", "export", key["key"], "--config", str(house.postern.config))
        assert exported.strip() == path.read_text().strip()
        (grace,) = house.bring(house.openpgp("grace@example.net"))
        raw = subprocess.run([program(), "ctl", "key", "export", grace["key"], "--config",
                              house.postern.config], capture_output=True, check=True).stdout
        assert b"grace@example.net" in house.gpg.run("--show-keys", given=raw)


def test_a_folder_is_imported_at_once():
    with House() as house:
        folder = house.pki.folder / "many"
        folder.mkdir()
        for number in range(5):
            source = house.pki.person("p%d@example.net" % number, "ec")
            (folder / source.name).write_bytes(source.read_bytes())
        (folder / "notes.txt").write_text("no key\n")
        rows = house.bring(folder)
        assert sorted(row["outcome"] for row in rows) == ["kept"] * 5 + ["not-kept"], rows
        assert [row["reason"] for row in rows if row["outcome"] == "not-kept"] == ["no-key"]


def test_a_key_that_is_banned_while_its_letter_waits():
    """The letter was encrypted to nobody yet: it goes to nobody, and its sender is told."""
    with House() as house:
        (key,) = house.bring(house.pki.person("fred@example.net"))
        house.postern.query(
            "create function later() returns trigger language plpgsql as "
            "'begin new.next_at = new.next_at + 3600; return new; end'; "
            "create trigger later before insert on outbox for each row when (new.kind = 21) "
            "execute function later()")
        house.send("fred@example.net")
        wait_for("the letter to be routed",
                 lambda: house.postern.query("select 1 from outbox where kind = 21 and state = 1"))
        assert house.delivery("fred@example.net")["route"] == "smime"
        house.ctl("key", "ban", key["key"])
        house.ctl("queue", "retry", "--all")
        report, raw = house.postern.next_letter(ALICE)
        assert report.get_content_type() == "multipart/report" and CANARY not in raw, raw
        told = report.get_payload()[1].as_string()
        assert re.search(r"^Status: 5\.7\.5\s*$", told, re.M) and "fred@example.net" in told, told
        house.postern.settle()
        assert house.postern.letters("fred@example.net") == [] and len(house.postern.letters(ALICE)) == 1
        assert house.delivery("fred@example.net")["state"] == "failed"
        # Nothing is left to be sent, and nobody can read the message any more.
        assert house.postern.query("select count(*) from outbox where state = 1") == [["0"]]
        assert house.postern.query("select count(*) from chunk") == [["0"]]
        assert house.postern.query("select count(*) from message where gateway_wrap is null and "
                                   "chunk is null and state = 3") == [["1"]]


if __name__ == "__main__":
    cases.run("__main__")
