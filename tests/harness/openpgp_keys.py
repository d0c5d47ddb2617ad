"""Keys made by gpg in a folder of their own, and the helper tests/keys/openpgp.c."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = 86400


def build(variant="sanitize"):
    """The helper, freshly built."""
    target = "build/%s/keys/openpgp" % variant
    subprocess.run(["make", "--no-print-directory", "-s", "VARIANT=" + variant, target], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL)
    return ROOT / target


class Gpg:
    """A gpg with a home folder of its own; ends its agent and goes with all it has made."""

    def __init__(self, parent=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="gpg-", dir=parent))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in ("gpg-agent", "scdaemon", "keyboxd"):
            subprocess.run(["gpgconf", "--homedir", self.home, "--kill", program],
                           capture_output=True, check=False)
        subprocess.run(["gpgconf", "--homedir", self.home, "--remove-socketdir"],
                       capture_output=True, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, *words, given=b"", check=True, passphrase=""):
        """Standard output of gpg; of a failed one an exception that says why."""
        done = subprocess.run(
            ["gpg", "--homedir", self.home, "--batch", "--yes", "--no-tty", "--quiet", "--trust-model",
             "always", "--pinentry-mode", "loopback", "--passphrase", passphrase, *words],
            input=given, capture_output=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError("gpg %s: %s" % (" ".join(map(str, words)), done.stderr.decode()))
        return done.stdout

    def make(self, user_id, primary, subkey=None, expire="0", passphrase="", options=()):
        """A new key that signs, and a subkey that encrypts; its fingerprint."""
        said = self.run("--status-fd", "1", *options, "--quick-generate-key", user_id, primary, "cert,sign", expire,
                        passphrase=passphrase).decode()
        fingerprint = re.search("KEY_CREATED . ([0-9A-F]+)", said).group(1)
        if subkey is not None:
            self.run("--quick-add-key", fingerprint, subkey, "encr", expire, passphrase=passphrase)
        return fingerprint

    def make_old(self, address, days, lifetime):
        """A key that was made so many days ago, for so many days (the agent's clock can not be put back)."""
        self.run("--generate-key", given=(
            "Key-Type: eddsa\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\n"
            "Name-Email: %s\nCreation-Date: seconds=%d\nExpire-Date: seconds=%d\n%%no-protection\n%%commit\n"
            % (address, time.time() - days * DAY, lifetime * DAY)).encode())
        return self.fingerprints(address)[0]

    def fingerprints(self, name):
        """Of the primary key and the subkeys."""
        listing = self.run("--with-colons", "--list-keys", name).decode()
        return [line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr")]

    def edit(self, fingerprint, *commands):
        """Answers to --edit-key, as somebody would type them."""
        self.run("--command-fd", "0", "--no-batch", "--expert", "--edit-key", fingerprint,
                 given="".join(word + "\n" for word in commands).encode())

    def revoke(self, fingerprint):
        """Use the certificate that was made beside the key."""
        path = self.home / "openpgp-revocs.d" / (fingerprint + ".rev")
        self.run("--import", given=path.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))

    def public(self, name, *words):
        """The key in binary."""
        return self.run(*words, "--export", name)

    def secret(self, name, passphrase=""):
        """The secret key, armoured, under its passphrase."""
        return self.run("--armor", "--export-secret-keys", name, passphrase=passphrase)

    def decrypt(self, armoured, passphrase=""):
        """(plain, status lines) of a message."""
        done = subprocess.run(
            ["gpg", "--homedir", self.home, "--batch", "--no-tty", "--quiet", "--status-fd", "2",
             "--pinentry-mode", "loopback", "--passphrase", passphrase, "--decrypt"],
            input=armoured, capture_output=True, check=False)
        status = [line.split()[1:] for line in done.stderr.decode(errors="replace").splitlines()
                  if line.startswith("[GNUPG:]")]
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout, status


class Tool:
    """The helper with a runtime folder."""

    def __init__(self, runtime, path=None, through=()):
        self.path = path or build()
        self.runtime = pathlib.Path(runtime)
        self.through = list(through)
        self.environment = dict(os.environ, HOME="/nonexistent")
        self.environment.pop("GNUPGHOME", None)

    def _file(self, content):
        handle, path = tempfile.mkstemp(dir=self.runtime.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(path, 0o644)
        return path

    def words(self, verb, key, signer=None):
        """The command line; the files stand beside the runtime folder, and go with it."""
        words = [*self.through, self.path, verb, self.runtime, self._file(key)]
        if signer is not None:
            words += [self._file(signer[0]), signer[1]]
        return words

    def choose(self, key, address, now=None):
        """What is said of the material."""
        words = self.words("choose", key) + [address] + ([str(int(now))] if now is not None else [])
        done = subprocess.run(words, capture_output=True, check=False, env=self.environment)
        assert done.returncode == 0, done.stderr.decode()
        said = json.loads(done.stdout)
        for name in ("minimal", "user_id"):
            if name in said:
                said[name] = bytes.fromhex(said[name])
        return said

    def make(self, verb, key, plain, signer=None):
        """The message that comes out, and what was said beside it; None for the first where it failed."""
        path = self._file(plain)
        with open(path, "rb") as file:
            done = subprocess.run(self.words(verb, key, signer), stdin=file, capture_output=True,
                                  check=False, env=self.environment)
        os.unlink(path)
        return (done.stdout if done.returncode == 0 else None), done.stderr.decode()
