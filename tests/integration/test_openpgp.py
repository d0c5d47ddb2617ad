#!/usr/bin/python3 -B
"""OpenPGP against the programs of others: keys that gpg made are judged, and what Postern writes is
read by gpg and by rnp.  Nothing stays behind, whatever happens."""

import contextlib
import email
import email.policy
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from openpgp_keys import DAY, Gpg, Tool  # noqa: E402

LETTER = ("From: Alice <alice@corp.example>\r\nTo: Fred <fred@example.net>\r\n"
          "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= and figures\r\nDate: Thu, 26 Nov 2026 08:00:00 +0100\r\n"
          "Message-ID: <1@corp.example>\r\nX-Project: Merger\r\nMIME-Version: 1.0\r\n"
          "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
          "--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
          "Grüße, 東京\r\n.\r\n-----END PGP MESSAGE-----\r\n"
          "--x\r\nContent-Type: application/octet-stream\r\n\r\nabc\r\n--x--\r\n").encode()


@contextlib.contextmanager
def place():
    """A folder with a runtime folder in it, a gpg and the helper."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pgp-"))
    folder.chmod(0o755)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    try:
        with Gpg(folder) as gpg:
            yield gpg, Tool(runtime)
        assert list(runtime.iterdir()) == [], "a home is left"
    finally:
        shutil.rmtree(folder)


def processes(word):
    """Ids of processes that live and have the word in their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes()
            if word.encode() in words and int(path.name) != os.getpid():
                found.append((int(path.name), words.split(b"\0")[0].decode()))
    return found


def wait_until(what, why, seconds=60):
    """Poll for what happens in another process."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def armour_of(message):
    """The encrypted part of a PGP/MIME message, which must be framed as RFC 3156 says."""
    outer = email.message_from_bytes(message, policy=email.policy.default)
    assert outer.get_content_type() == "multipart/encrypted", outer.get_content_type()
    assert outer.get_param("protocol") == "application/pgp-encrypted"
    version, body = outer.iter_parts()
    assert version.get_content_type() == "application/pgp-encrypted"
    assert version.get_payload(decode=True).strip() == b"Version: 1"
    assert body.get_content_type() == "application/octet-stream"
    assert re.search(rb"(?<!\r)\n", message) is None, "a bare line feed"
    return outer, body.get_payload(decode=True)


def rnp_decrypt(secret, armour, folder):
    """What rnp reads with the secret key."""
    home = folder / "rnp"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    (folder / "key").write_bytes(secret)
    (folder / "message").write_bytes(armour)
    common = ["--homedir", home]
    subprocess.run(["rnpkeys", *common, "--import-keys", folder / "key"], check=True,
                   capture_output=True)
    done = subprocess.run(["rnp", *common, "--password", "", "--decrypt", folder / "message", "--output", "-"],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def check_inner(plain):
    """Header fields that are protected (RFC 9788), and the body as it was."""
    inner = email.message_from_bytes(plain, policy=email.policy.default)
    assert inner.get_param("hp") == "cipher", inner["Content-Type"]
    assert inner["Subject"] == "Grüße and figures" and inner["X-Project"] == "Merger"
    assert "Subject: ..." in inner.get_all("HP-Outer")
    assert plain.partition(b"\r\n\r\n")[2] == LETTER.partition(b"\r\n\r\n")[2]


def test_messages_are_read_by_gpg_and_rnp():
    with place() as (gpg, tool):
        for number, (primary, subkey) in enumerate((
                ("rsa4096", "rsa4096"), ("ed25519", "cv25519"), ("nistp256", "nistp256"),
                ("brainpoolP256r1", "brainpoolP256r1"))):
            address = "fred%d@example.net" % number
            fingerprint = gpg.make("Fred <%s>" % address, primary, subkey)
            chosen = tool.choose(gpg.public(fingerprint), address)
            assert chosen["reason"] == "usable" and chosen["fingerprint"] == fingerprint, chosen
            assert chosen["subkey"] == gpg.fingerprints(fingerprint)[1] and chosen["algorithm"] == subkey
            message, said = tool.make("protect", chosen["minimal"], LETTER)
            assert message is not None, said
            outer, armour = armour_of(message)
            assert outer["Subject"] == "..." and b"Merger" not in message and outer["To"] == "Fred <fred@example.net>"
            plain, status = gpg.decrypt(armour)
            assert ["GOODMDC"] in status, status
            # AES-256 with MDC.
            assert any(line[0] == "DECRYPTION_INFO" and line[1:3] == ["2", "9"] for line in status), status
            check_inner(plain)
            assert rnp_decrypt(gpg.secret(fingerprint), armour, tool.runtime.parent) == plain, subkey


def test_sizes():
    """At the borders of buffers, and of lines."""
    with place() as (gpg, tool):
        key = gpg.public(gpg.make("fred@example.net", "ed25519", "cv25519"))
        for size in (0, 1, 511, 512, 513, 65535, 65536, 65537, 1500000):
            plain = os.urandom(size)
            armour, said = tool.make("encrypt", key, plain)
            assert armour is not None, said
            assert gpg.decrypt(armour)[0] == plain, size
            lines = armour.split(b"\r\n")
            assert lines[0] == b"-----BEGIN PGP MESSAGE-----" and lines[-2:] == [b"-----END PGP MESSAGE-----", b""]
            assert b"\n" not in b"".join(lines) and max(map(len, lines)) <= 64


def test_signed_messages_are_verified():
    with place() as (gpg, tool):
        key = gpg.public(gpg.make("fred@example.net", "ed25519", "cv25519"))
        for algorithm, passphrase in (("ed25519", ""), ("rsa3072", "correct horse")):
            signer = gpg.make("Gateway %s <gate@corp.example>" % algorithm, algorithm, passphrase=passphrase)
            secret = gpg.secret(signer, passphrase)
            message, said = tool.make("protect", key, LETTER, (secret, passphrase))
            assert message is not None, said
            plain, status = gpg.decrypt(armour_of(message)[1])
            check_inner(plain)
            valid = [line for line in status if line[0] == "VALIDSIG"]
            # Made by that key, over SHA-512, as of a binary document.
            assert len(valid) == 1 and valid[0][1] == signer and valid[0][8:10] == ["10", "00"], status
            assert any(line[0] == "GOODSIG" for line in status)
        refused, said = tool.make("protect", key, LETTER, (secret, "wrong"))
        assert refused is None and "signer: denied" in said, said
        refused, said = tool.make("protect", key, LETTER, (key, ""))
        assert refused is None and "signer: invalid" in said, said


def revoke_subkey(gpg, fingerprint, number):
    gpg.edit(fingerprint, "key %d" % number, "revkey", "y", "0", "", "y", "save")


def test_keys_are_judged():
    with place() as (gpg, tool):
        fred = "fred@example.net"
        rows = []

        def row(claim, material, reason, address=fred, now=None):
            rows.append((claim, material, reason, address, now))

        plain = gpg.make("Fred <%s>" % fred, "ed25519", "cv25519")
        row("binary", gpg.public(plain), "usable")
        row("armoured", gpg.public(plain, "--armor"), "usable")
        row("armoured, in a text, CRLF", b"Hello\r\n" + gpg.public(plain, "--armor").replace(b"\n", b"\r\n"), "usable")
        row("in another case", gpg.public(plain), "usable", "FRED@Example.Net")
        row("somebody else's", gpg.public(plain), "wrong-address", "fred@example.com")
        row("of an address that holds his", gpg.public(plain), "wrong-address", "red@example.net")
        row("its secret key", gpg.secret(plain), "secret-key")
        row("its secret key beside it", gpg.public(plain, "--armor") + gpg.secret(plain), "secret-key")
        row("cut", gpg.public(plain)[:-5], "unreadable")
        row("text", b"not a key", "no-key")
        row("nothing", b"", "no-key")
        row("before it was made", gpg.public(plain), "not-yet-valid", fred, time.time() - 400 * DAY)

        other = gpg.make("Other <other@example.net>", "ed25519", "cv25519")
        row("the second of two", gpg.public(other) + gpg.public(plain), "usable")
        row("the one that is not his first, armoured", gpg.public(other, "--armor") + gpg.public(plain, "--armor"),
            "usable")

        several = gpg.make("Fred <f1@example.org>", "ed25519", "cv25519")
        gpg.run("--quick-add-uid", several, "Fred at home <f2@example.org>")
        gpg.run("--quick-add-uid", several, "Fred of before <f3@example.org>")
        gpg.run("--quick-revoke-uid", several, "Fred of before <f3@example.org>")
        row("the first user id", gpg.public(several), "usable", "f1@example.org")
        row("another user id", gpg.public(several), "usable", "f2@example.org")
        row("a revoked user id", gpg.public(several), "user-id-revoked", "f3@example.org")

        expiring = gpg.make_old("old@example.net", 10, 2)
        row("expired", gpg.public(expiring), "expired", "old@example.net")
        later = gpg.make("Fred <%s>" % fred, "ed25519", "cv25519", expire="5d")
        row("not expired yet", gpg.public(later), "usable")
        row("expired by the time of asking", gpg.public(later), "expired", fred, time.time() + 6 * DAY)

        revoked = gpg.make("Fred <%s>" % fred, "ed25519", "cv25519")
        before = gpg.public(revoked)
        gpg.revoke(revoked)
        row("revoked", gpg.public(revoked), "revoked")
        row("revoked, and a copy of before", before + gpg.public(revoked), "revoked")
        row("revoked, and a copy of before behind it", gpg.public(revoked) + before, "revoked")
        row("revoked, beside one that is not", gpg.public(revoked) + gpg.public(plain), "usable")

        signing = gpg.make("Fred <%s>" % fred, "ed25519")
        row("for signing only", gpg.public(signing), "not-for-encryption")
        lost = gpg.make("Fred <%s>" % fred, "ed25519", "cv25519")
        revoke_subkey(gpg, lost, 1)
        row("its subkey revoked", gpg.public(lost), "subkey-revoked")
        gpg.run("--quick-add-key", lost, "rsa2048", "encr")
        row("its subkey revoked, and a new one", gpg.public(lost), "usable")

        row("RSA of 1024 bits", gpg.public(gpg.make("Fred <%s>" % fred, "rsa1024", "rsa1024")), "weak-key")
        row("a subkey of 1024 bits", gpg.public(gpg.make("Fred <%s>" % fred, "rsa2048", "rsa1024")), "weak-key")
        row("ElGamal of 1024 bits", gpg.public(gpg.make("Fred <%s>" % fred, "dsa2048", "elg1024")), "weak-key")
        row("ElGamal of 2048 bits", gpg.public(gpg.make("Fred <%s>" % fred, "dsa2048", "elg2048")), "usable")

        gpg.run("--allow-freeform-uid", "--quick-generate-key", "fred@example.net <evil@example.org>", "rsa2048",
                "default", "0")
        evil = gpg.fingerprints("evil@example.org")[0]
        row("an address in the name", gpg.public(evil), "wrong-address")
        bare = gpg.make(fred, "ed25519", "cv25519")
        row("a user id without name", gpg.public(bare), "usable")

        row("a user id that was changed", gpg.public(plain).replace(b"Fred <fred@", b"Eve  <fred@"), "invalid")
        row("one of its user ids that was changed", gpg.public(several).replace(b"f2@", b"f4@"), "user-id-unsigned",
            "f4@example.org")

        failed = []
        for claim, material, reason, address, now in rows:
            said = tool.choose(material, address, now)["reason"]
            if said != reason:
                failed.append("%s: %s, not %s" % (claim, said, reason))
        assert not failed, failed


def test_only_what_is_needed_is_kept():
    with place() as (gpg, tool):
        fingerprint = gpg.make("Fred <fred@example.net>", "ed25519", "cv25519", expire="30d")
        gpg.run("--quick-add-uid", fingerprint, "Fred <fred@secret.example>")
        gpg.run("--quick-add-key", fingerprint, "rsa2048", "encr", "10d")
        gpg.run("--quick-add-key", fingerprint, "ed25519", "sign", "0")
        other = gpg.make("Friend <friend@example.net>", "ed25519", "cv25519")
        gpg.run("--default-key", other, "--quick-sign-key", fingerprint)
        chosen = tool.choose(gpg.public(fingerprint, "--export-options", "no-export-clean"), "fred@example.net")
        # The subkey that was made last, and the first thing that ends.
        assert chosen["subkey"] == gpg.fingerprints(fingerprint)[2] and chosen["algorithm"] == "rsa2048"
        assert abs(chosen["valid_until"] - time.time() - 10 * DAY) < DAY, chosen["valid_until"]
        assert chosen["user_id"] == b"Fred <fred@example.net>"
        listing = gpg.run("--with-colons", "--with-sig-list", "--show-keys", given=chosen["minimal"]).decode()
        kinds = [line.split(":")[0] for line in listing.splitlines()]
        assert kinds.count("uid") == 1 and kinds.count("sub") == 1, listing
        assert b"secret.example" not in chosen["minimal"]
        assert bytes.fromhex(gpg.fingerprints(other)[0])[-8:] not in chosen["minimal"], "somebody else's signature"
        armour, said = tool.make("encrypt", chosen["minimal"], b"x")
        assert armour is not None, said
        assert gpg.decrypt(armour)[0] == b"x"


def test_a_key_that_may_not_be_used_any_more():
    with place() as (gpg, tool):
        for claim, key in (
                ("expired", gpg.public(gpg.make_old("f@example.net", 9, 2))),
                ("for signing", gpg.public(gpg.make("g@example.net", "ed25519")))):
            armour, said = tool.make("encrypt", key, b"x")
            assert armour is None and "gone" in said, (claim, said)


def test_an_ordinary_user_can_use_it():
    """A process that holds secrets is not dumpable, and what /proc shows of it belongs to root."""
    if os.getuid() != 0:
        raise cases.Skip("runs as an ordinary user anyway")
    with place() as (gpg, tool):
        fingerprint = gpg.make("fred@example.net", "ed25519", "cv25519")
        key, secret = gpg.public(fingerprint), gpg.secret(fingerprint)
        tool.through = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        shutil.copy(tool.path, tool.runtime.parent / "openpgp")
        tool.path = tool.runtime.parent / "openpgp"
        shutil.chown(tool.runtime, "nobody")
        armour, said = tool.make("encrypt", key, b"x", (secret, ""))
        assert armour is not None, said
        assert gpg.decrypt(armour)[0] == b"x"


def test_nothing_stays_when_it_is_killed():
    with place() as (gpg, tool):
        fingerprint = gpg.make("fred@example.net", "ed25519", "cv25519")
        words = tool.words("hold", gpg.public(fingerprint), (gpg.secret(fingerprint), ""))
        runtime = str(tool.runtime)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=tool.environment) as held:
            assert held.stdout.readline() == b"open\n"
            agents = [pid for pid, name in processes(runtime) if name.endswith("gpg-agent")]
            assert len(agents) == 1, processes(runtime)
            held.kill()
        wait_until(lambda: not processes(runtime), "an agent is left")
        assert len(list(tool.runtime.iterdir())) == 2
        # Whoever comes next takes away what is left.
        assert tool.choose(gpg.public(fingerprint), "fred@example.net")["reason"] == "usable"
        assert list(tool.runtime.iterdir()) == []
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=tool.environment) as held:
            assert held.stdout.readline() == b"open\n"
            # What lives is not taken away by others.
            tool.choose(gpg.public(fingerprint), "fred@example.net")
            assert len(list(tool.runtime.iterdir())) == 2
            held.stdin.close()
            assert held.wait() == 0
        wait_until(lambda: not processes(runtime), "an agent is left")


def test_a_reader_that_stops_ends_it():
    with place() as (gpg, tool):
        key = gpg.public(gpg.make("fred@example.net", "ed25519", "cv25519"))
        words = tool.words("encrypt", key)
        with tempfile.TemporaryFile(dir=tool.runtime.parent) as plain:
            plain.truncate(256 << 20)
            with subprocess.Popen(words, stdin=plain, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=tool.environment) as held:
                assert held.stdout.read(100).startswith(b"-----BEGIN")
                held.stdout.close()
                assert held.wait() == 1
                assert b"unavailable" in held.stderr.read()
        wait_until(lambda: not processes(str(tool.runtime)), "a gpg is left")


def test_a_gpg_that_is_killed_midway_is_seen():
    """It looks like one that was ready; half a message must not leave as a whole one."""
    with place() as (gpg, tool):
        key = gpg.public(gpg.make("fred@example.net", "ed25519", "cv25519"))
        with tempfile.TemporaryFile(dir=tool.runtime.parent) as plain:
            plain.truncate(64 << 20)
            with subprocess.Popen(tool.words("encrypt", key), stdin=plain, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=tool.environment) as held:
                held.stdout.read(100)
                child = [pid for pid, name in processes(str(tool.runtime)) if name == "gpg"]
                assert len(child) == 1, processes(str(tool.runtime))
                os.kill(child[0], signal.SIGKILL)
                rest = held.stdout.read()
                assert held.wait() == 1 and b"-----END" not in rest
                said = held.stderr.read()
                assert b"unavailable" in said, said


if __name__ == "__main__":
    cases.run(__name__)
