#!/usr/bin/python3 -B
"""Keys of the organisation itself: taken in and sealed to the gateway, listed, given out without their private
half; and messages that are signed with them before they are encrypted."""

import contextlib
import email
import email.policy
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases  # noqa: E402
from postern import program, wait_for  # noqa: E402
from test_keys import ALICE, LETTER, House, read_inside  # noqa: E402

SYSTEM = "postern@corp.example"
PASSWORD = "Heron-in-the-reeds 7"


def own_key(house, verb, *words, password=None, check=True):
    """`ctl own-key`; the password comes by standard input."""
    done = subprocess.run([program(), "ctl", "own-key", verb, *map(str, words), "--json", "--config",
                           house.postern.config],
                          input=(password + "\n" if password is not None else "").encode(), capture_output=True,
                          check=False)
    if not check:
        return done
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def export(house, identity):
    """What others get of a key."""
    return subprocess.run([program(), "ctl", "own-key", "export", identity, "--config", house.postern.config],
                          capture_output=True, check=True).stdout


def password_file(house, password=PASSWORD):
    """A file with the password as its first line."""
    path = house.pki.folder / "password"
    path.write_text(password + "\nsomething else\n")
    return path


def test_pkcs12_is_taken_with_its_password_only():
    with House() as house:
        certificate = house.pki.person(SYSTEM)
        path = house.pki.pkcs12(SYSTEM, PASSWORD)
        for wrong in (dict(password="Heron"), dict(password="")):
            done = own_key(house, "import", path, check=False, **wrong)
            assert done.returncode == 1 and b"password" in done.stderr, done
        assert house.postern.query("select count(*) from own_key") == [["0"]]
        (key,) = own_key(house, "import", path, "--password-file", password_file(house))["keys"]
        assert (key["outcome"], key["address"], key["kind"]) == ("kept", SYSTEM, "smime"), key
        (again,) = own_key(house, "import", path, password=PASSWORD)["keys"]
        assert (again["outcome"], again["reason"]) == ("not-kept", "known"), again
        (listed,) = own_key(house, "list")["keys"]
        assert (listed["key"], listed["address"], listed["algorithm"]) == (key["key"], SYSTEM, "RSA 2048"), listed
        assert own_key(house, "show", key["key"])["fingerprint"] == listed["fingerprint"]
        exported = export(house, key["key"])
        assert exported.startswith(certificate.read_bytes().strip()) and b"PRIVATE" not in exported
        assert exported.count(b"BEGIN CERTIFICATE") == 2
        own_key(house, "delete", key["key"])
        assert own_key(house, "list")["keys"] == []
        assert own_key(house, "delete", key["key"], check=False).returncode == 1


def test_pem_and_openpgp():
    with House() as house:
        house.pki.person(ALICE, "ec")
        (key,) = own_key(house, "import", house.pki.pem(ALICE))["keys"]
        assert (key["outcome"], key["kind"]) == ("kept", "smime"), key
        house.pki.person("bob@corp.example")
        path = house.pki.pem("bob@corp.example", PASSWORD)
        assert own_key(house, "import", path, password="no", check=False).returncode == 1
        (key,) = own_key(house, "import", path, password=PASSWORD)["keys"]
        assert (key["outcome"], key["address"]) == ("kept", "bob@corp.example"), key
        for address, passphrase in (("carol@corp.example", ""), ("dora@corp.example", PASSWORD)):
            fingerprint = house.gpg.make("Somebody <%s>" % address, "ed25519", "cv25519", passphrase=passphrase)
            path = house.pki.folder / "secret.asc"
            path.write_bytes(house.gpg.secret(fingerprint, passphrase))
            if passphrase:
                assert own_key(house, "import", path, password="no", check=False).returncode == 1
            (key,) = own_key(house, "import", path, password=passphrase or None)["keys"]
            assert (key["outcome"], key["kind"], key["fingerprint"]) == ("kept", "openpgp", fingerprint), key
            exported = export(house, key["key"])
            assert address.encode() in house.gpg.run("--show-keys", given=exported)
            assert b"PRIVATE" not in exported and b"BEGIN PGP PUBLIC KEY BLOCK" in exported


def test_what_is_no_own_key_is_not_taken():
    with House() as house:
        house.pki.person("fred@example.net")
        (key,) = own_key(house, "import", house.pki.pem("fred@example.net"))["keys"]
        assert (key["outcome"], key["reason"]) == ("not-kept", "foreign-address"), key
        house.pki.person(ALICE)
        (key,) = own_key(house, "import", house.pki.pem(ALICE), "--address", SYSTEM)["keys"]
        assert (key["outcome"], key["reason"]) == ("not-kept", "wrong-address"), key
        done = own_key(house, "import", house.pki.person("bob@corp.example"), check=False)
        assert done.returncode == 1 and b"no private key" in done.stderr, done
        mixed = house.pki.folder / "mixed.pem"
        mixed.write_bytes((house.pki.folder / "bob-corp.example.key").read_bytes() +
                          (house.pki.folder / "alice-corp.example.pem").read_bytes())
        done = own_key(house, "import", mixed, check=False)
        assert done.returncode == 1 and b"fits" in done.stderr, done
        assert house.postern.query("select count(*) from own_key") == [["0"]]
        # Who takes it for a recipient's key is told.
        done = subprocess.run([program(), "ctl", "key", "import", house.pki.pem(ALICE), "--json", "--config",
                               house.postern.config], capture_output=True, check=True)
        assert json.loads(done.stdout)["keys"][0]["reason"] == "private-key" and b"own-key import" in done.stderr
        assert house.ctl("key", "list")["keys"] == []


def test_password_is_asked_without_an_echo():
    with House() as house:
        house.pki.person(SYSTEM)
        path = house.pki.pkcs12(SYSTEM, PASSWORD)
        process, terminal = pty.fork()
        if process == 0:
            os.execv(program(), [str(program()), "ctl", "own-key", "import", str(path), "--config",
                                 str(house.postern.config)])
        seen = b""
        while b"Password" not in seen:
            seen += os.read(terminal, 1024)
        os.write(terminal, PASSWORD.encode() + b"\n")
        try:
            while True:
                more = os.read(terminal, 1024)
                if not more:
                    break
                seen += more
        except OSError:  # its end
            pass
        assert os.waitpid(process, 0)[1] == 0, seen
        os.close(terminal)
        assert b"kept" in seen and PASSWORD.encode() not in seen, seen


def test_openpgp_keys_lie_in_memory_only():
    """gpg keeps what it is given as files: where these would be on a disk, no key is given to it."""
    said = subprocess.run(["stat", "-f", "-c", "%T", "/var/tmp"], capture_output=True, text=True, check=True).stdout
    if said.strip() in ("tmpfs", "ramfs"):
        raise cases.Skip("/var/tmp is on memory here")
    with House(keys='keys: { sources = ( ); runtime_folder = "/var/tmp"; };') as house:
        fingerprint = house.gpg.make("Alice <%s>" % ALICE, "ed25519")
        path = house.pki.folder / "secret.asc"
        path.write_bytes(house.gpg.secret(fingerprint))
        done = own_key(house, "import", path, check=False)
        assert done.returncode == 1 and b"keys.runtime_folder" in done.stderr, done
        assert house.postern.query("select count(*) from own_key") == [["0"]]


def homes_of(process):
    """The folders of gpg that a process holds open."""
    found = []
    for link in pathlib.Path("/proc/%d/fd" % process).iterdir():
        with contextlib.suppress(FileNotFoundError):
            found += [path for path in [link.readlink()] if path.name.startswith("openpgp-")]
    return found


def test_what_a_killed_process_leaves_is_taken_away():
    """Where no folder is configured, all processes of a user share one: the next finds what is nobody's."""
    with House(keys='keys: { sources = ( ); runtime_folder = ""; };') as house:
        process = house.postern.processes["courier"].pid
        homes = homes_of(process)
        assert homes and all(home.parent.name == "postern-keys-%d" % os.geteuid() for home in homes), homes
        facts = homes[0].parent.stat()
        assert facts.st_mode & 0o777 == 0o700 and facts.st_uid == os.geteuid(), oct(facts.st_mode)
        # A control: what is in use stays.
        house.postern.stop("portal")
        house.postern.start("portal")
        assert all(home.is_dir() for home in homes)
        house.postern.stop("courier", how=signal.SIGKILL)
        house.postern.start("courier")
        assert not any(home.exists() for home in homes)


def pieces(der):
    """Parts of a secret that would give it away, as a dump could show them."""
    return [word for at in range(0, len(der) - 16, 16)
            for word in (der[at:at + 16], der[at:at + 16].hex().encode())]


def test_a_thief_of_the_database_gets_no_private_key():
    with House() as house:
        house.pki.person(SYSTEM)
        own_key(house, "import", house.pki.pkcs12(SYSTEM, PASSWORD), password=PASSWORD)
        fingerprint = house.gpg.make("Alice <%s>" % ALICE, "ed25519", "cv25519", passphrase=PASSWORD)
        path = house.pki.folder / "secret.gpg"
        path.write_bytes(house.gpg.run("--export-secret-keys", fingerprint, passphrase=PASSWORD))
        own_key(house, "import", path, password=PASSWORD)
        der = subprocess.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in",
                              house.pki.folder / "postern-corp.example.key", "-outform", "DER"],
                             capture_output=True, check=True).stdout
        dump = house.postern.dump("-a")
        for word in pieces(der) + pieces(path.read_bytes()) + [PASSWORD.encode(), b"corp.example", b"Heron"]:
            assert word not in dump
        assert house.postern.query("select count(*) from own_key") == [["2"]]
        # Nor does whoever takes the key files of ingest and portal: they hold no half that opens.
        for name in ("ingest.keys", "portal.keys"):
            assert "gateway-private" not in (house.postern.folder / "keys" / name).read_text()
        rights = house.postern.query(
            "select grantee, privilege_type from information_schema.role_table_grants "
            "where table_name = 'own_key' and grantee like 'postern_%'")
        assert rights == [["postern_courier", "SELECT"]], rights


def signing(policy, **more):
    """A house that signs."""
    return House(keys='keys: { sources = ( ); sign = "%s"; };' % policy, **more)


def take(house, address, kind="rsa"):
    """An own certificate of an address."""
    house.pki.person(address, kind)
    (key,) = own_key(house, "import", house.pki.pem(address))["keys"]
    assert key["outcome"] == "kept", key
    return key


def shown(house, address):
    """The newest delivery to an address, in full."""
    delivery = house.delivery(address)
    message = house.ctl("message", "show", delivery["delivery"])
    return next(row for row in message["deliveries"] if row["recipient"] == address)


def children(house):
    """Names of what the courier has started and is running still."""
    said = subprocess.run(["ps", "--ppid", str(house.postern.processes["courier"].pid), "-o", "comm="],
                          capture_output=True, text=True, check=False).stdout
    assert said.strip(), "not even its reader is there"
    return set(said.split())


def signed_by_smime(house, address, signer):
    """The letter to somebody, decrypted; verified by openssl against the authority."""
    raw = house.postern.next_letter(address)[1]
    inner = house.pki.open(address, raw)
    message = email.message_from_bytes(inner, policy=email.policy.default)
    assert message.get_content_type() == "multipart/signed", inner[:400]
    assert message["Content-Type"].params["protocol"] == "application/pkcs7-signature"
    content = house.pki.verify(signer, inner)
    read_inside(content)
    # A changed letter verifies no more.
    try:
        house.pki.verify(signer, inner.replace(b"Gr", b"gr", 1))
    except AssertionError as error:
        assert "erification" in str(error) or "digest" in str(error), error
    else:
        raise AssertionError("a forged letter was verified")
    return content


def test_signed_and_encrypted_by_smime():
    with signing("either") as house:
        take(house, ALICE)
        take(house, SYSTEM, "ec")
        for address, kind in (("fred@example.net", "rsa"), ("eve@example.net", "ec")):
            house.bring(house.pki.person(address, kind))
            house.send(address, name=address.encode())
            signed_by_smime(house, address, ALICE)
            assert shown(house, address)["signed_as"] == ALICE
        # Somebody without a key of their own: the organisation.
        house.send("fred@example.net", letter=LETTER.replace(b"Alice <alice@", b"Bob <bob@") %
                   (b"secure-fred@example.net", b"2"))
        raw = house.postern.next_letter("fred@example.net")[1]
        house.pki.verify(SYSTEM, house.pki.open("fred@example.net", raw))


def test_signed_and_encrypted_by_openpgp():
    with signing("gateway") as house:
        fingerprint = house.gpg.make("The house <%s>" % SYSTEM, "ed25519", passphrase=PASSWORD)
        path = house.pki.folder / "house.asc"
        path.write_bytes(house.gpg.secret(fingerprint, PASSWORD))
        own_key(house, "import", path, password=PASSWORD)
        house.bring(house.openpgp("grace@example.net"))
        house.send("grace@example.net")
        letter = house.postern.next_letter("grace@example.net")[0]
        plain, status = house.gpg.decrypt(letter.get_payload()[1].get_payload(decode=True))
        read_inside(plain)
        (valid,) = [words for words in status if words[0] == "VALIDSIG"]
        assert valid[1] == fingerprint, status
        assert shown(house, "grace@example.net")["signed_as"] == SYSTEM
        # What held the key is gone with the mail.
        house.postern.settle()
        wait_for("the agent to end", lambda: not {"cat", "gpg-agent"} & children(house))


def test_without_a_key_it_goes_unsigned():
    with signing("sender") as house:
        take(house, SYSTEM)
        house.bring(house.pki.person("fred@example.net"))
        house.send("fred@example.net")
        read_inside(house.pki.open("fred@example.net", house.postern.next_letter("fred@example.net")[1]))
        assert shown(house, "fred@example.net")["signed_as"] is None


def test_a_key_that_is_gone_meanwhile():
    """Decided to be signed, then the key was deleted: unsigned, and said so."""
    with signing("gateway") as house:
        key = take(house, SYSTEM)
        house.bring(house.pki.person("fred@example.net"))
        house.postern.query(
            "create function later() returns trigger language plpgsql as "
            "'begin new.next_at = new.next_at + 3600; return new; end'; "
            "create trigger later before insert on outbox for each row when (new.kind = 21) "
            "execute function later()")
        house.send("fred@example.net")
        wait_for("the message to be routed",
                 lambda: house.postern.query("select 1 from outbox where kind = 21 and state = 1"))
        assert shown(house, "fred@example.net")["signed_as"] == SYSTEM
        own_key(house, "delete", key["key"])
        house.ctl("queue", "retry", "--all")
        read_inside(house.pki.open("fred@example.net", house.postern.next_letter("fred@example.net")[1]))
        house.postern.settle()
        assert shown(house, "fred@example.net")["signed_as"] is None


if __name__ == "__main__":
    cases.run("__main__")
