#!/usr/bin/python3 -B
"""Letters encrypted by S/MIME, read by others: OpenSSL, NSS (the engine of Thunderbird) and gpgsm.
What they find inside is the letter with its whole header, whatever stands outside."""

import atexit
import email
import email.policy
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))
import cases  # noqa: E402

SMIME = ROOT / "build" / "sanitize" / "letters" / "smime"
RELEASE = ROOT / "build" / "release" / "letters" / "smime"
KEYS = {  # name: how openssl makes it
    "rsa2048": ("rsa:2048",), "rsa4096": ("rsa:4096",),
    "p256": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "p521": ("ec", "-pkeyopt", "ec_paramgen_curve:P-521"),
    "brainpool": ("ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"),
}
WORDS = {"plain CBC": (), "GCM": ("gcm",), "OAEP": ("oaep",), "GCM and OAEP": ("gcm", "oaep")}
HEAD = (b"Received: from host.corp.example by mail.corp.example; Thu, 26 Nov 2026 08:00:00 +0100\r\n"
        b"From: Alice <alice@corp.example>\r\nTo: Bob <bob@example.net>,\r\n\tcarol@example.net\r\n"
        b"Subject: =?utf-8?q?=C3=9Cbernahme?= of the\r\n company\r\nThread-Topic: company\r\n"
        b"Date: Thu, 26 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@corp.example>\r\nBcc: dave@example.net\r\n"
        b"DKIM-Signature: v=1; d=corp.example; bh=x\r\nMIME-Version: 1.0\r\n")
LETTERS = {
    "text": HEAD + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + "Grüße\r\n.\r\nFrom here\r\n".encode(),
    "no type": HEAD + b"\r\nHi.\r\n",
    "no body": HEAD,
    "mixed": HEAD + b'Content-Type: multipart/mixed;\r\n\tboundary="=_b"\r\n\r\n--=_b\r\n\r\nHi.\r\n--=_b\r\n'
             b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--=_b--\r\n",
    "long": HEAD + b"\r\n" + b"".join(b"line %d\r\n" % number for number in range(30000)),
}
# Sizes at which something ends: a block of the cipher, a line of base64, a piece that is read at once.
SIZES = (0, 1, 15, 16, 17, 56, 57, 58, 65535, 65536, 65537, 131072, 57 * 512, 57 * 512 + 1)


def run(*words, given=None, **more):
    """What a program writes; a failure is one of the test."""
    done = subprocess.run([str(word) for word in words], input=given, capture_output=True, check=False, **more)
    assert done.returncode == 0, (words, done.stderr.decode(errors="replace"))
    return done.stdout


class Keys:
    """Certificates with their keys, and the readers that hold them."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-smime-"))
        for number, (name, how) in enumerate(KEYS.items()):
            key, pem = self.folder / (name + ".key"), self.folder / (name + ".pem")
            run("openssl", "req", "-x509", "-newkey", *how, "-nodes", "-keyout", key, "-out", pem, "-days", "30",
                "-set_serial", str(number + 1), "-subj", "/CN=" + name, "-addext", "subjectAltName=email:bob@example.net",
                "-addext", "basicConstraints=critical,CA:FALSE")
            run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out",
                self.folder / (name + ".p8"))
        self.environment = dict(os.environ, GNUPGHOME=str(self.folder / "gpgsm"))

    def close(self):
        """Stop what gpgsm has started, and remove all."""
        if (self.folder / "gpgsm").exists():
            subprocess.run(["gpgconf", "--kill", "all"], env=self.environment, check=False)
        shutil.rmtree(self.folder)

    def protect(self, letter, name, *words, program=SMIME):
        """The encrypted letter; it is read twice, and must be the same."""
        path = self.folder / "letter.eml"
        path.write_bytes(letter)
        with path.open("rb") as given:
            done = subprocess.run([program, "again", *words, self.folder / (name + ".pem")], stdin=given,
                                  capture_output=True, check=False)
        assert done.returncode == 0, (name, words, done.stderr.decode())
        return done.stdout

    def openssl(self, sent, name):
        """Decrypted by OpenSSL, the letter as a mail program has it."""
        return run("openssl", "cms", "-decrypt", "-binary", "-inkey", self.folder / (name + ".key"), "-recip",
                   self.folder / (name + ".pem"), given=sent)

    def pkcs12(self, name):
        """The key as a file that all of them take."""
        path = self.folder / (name + ".p12")
        run("openssl", "pkcs12", "-export", "-in", self.folder / (name + ".pem"), "-inkey",
            self.folder / (name + ".key"), "-out", path, "-passout", "pass:x", "-name", name, "-keypbe",
            "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1")
        return path

    def nss(self, sent, name):
        """Decrypted by NSS, the DER inside of the letter."""
        store = self.folder / ("nss-" + name)
        if not store.exists():
            store.mkdir()
            run("certutil", "-N", "-d", "sql:%s" % store, "--empty-password")
            run("pk12util", "-i", self.pkcs12(name), "-d", "sql:%s" % store, "-W", "x")
        path = self.folder / "body.der"
        path.write_bytes(body_of(sent))
        return run("cmsutil", "-D", "-d", "sql:%s" % store, "-i", path)

    def gpgsm(self, sent, name):
        """The same by gpgsm."""
        home = self.folder / "gpgsm"
        words = ("gpgsm", "--batch", "--pinentry-mode", "loopback", "--disable-crl-checks", "--passphrase-fd")
        if not home.exists():
            home.mkdir(mode=0o700)
            (home / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
        path = self.folder / "body.der"
        path.write_bytes(body_of(sent))
        if not (home / name).exists():
            # Some salts its reader of PKCS#12 does not bear.
            for _ in range(10):
                done = subprocess.run([*words, "0", "--import", self.pkcs12(name)], input=b"x\n", env=self.environment,
                                      capture_output=True, check=False)
                if done.returncode == 0:
                    break
            (home / name).touch()
        return run(*words, "0", "--decrypt", path, given=b"x\n", env=self.environment)


def body_of(sent):
    """The CMS of a letter, checked on its way: lines, their ends, and definite lengths to the last byte."""
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = body.split(b"\r\n")
    assert lines[-1] == b"" and all(len(line) == 76 for line in lines[:-2]) and len(lines[-2]) <= 76
    assert b"\r" not in body.replace(b"\r\n", b"") and b"\n" not in body.replace(b"\r\n", b"")
    message = email.message_from_bytes(sent, policy=email.policy.default)
    assert message.get_content_type() == "application/pkcs7-mime", head
    assert message.get_filename() == "smime.p7m" and message["Content-Disposition"].content_disposition == "attachment"
    der = message.get_payload(decode=True)
    size = int.from_bytes(der[2:2 + (der[1] & 0x7f)], "big") + 2 + (der[1] & 0x7f)
    assert der[0] == 0x30 and der[1] > 0x80 and size == len(der), (size, len(der))
    return der


def opens(read):
    """Whether a reader can, or says no."""
    try:
        return read() is not None
    except AssertionError:
        return False


@functools.cache
def shared_keys():
    """Made once: they take a while."""
    keys = Keys()
    atexit.register(keys.close)
    return keys


def with_keys(case):
    """A test that is given keys."""
    def wrapped():
        for program in ("openssl", "certutil", "cmsutil", "pk12util", "gpgsm"):
            if shutil.which(program) is None:
                raise cases.Skip("no " + program)
        case(shared_keys())
    return wrapped


def parse(raw):
    """As a mail program of today reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def fields(raw):
    """Every field (name, value) as it stands there, unfolded."""
    return [(name, " ".join(value.split())) for name, value in
            email.message_from_bytes(raw, policy=email.policy.compat32).items()]


def check_letter(original, sent, inner, shown=False):
    """Outside nothing that is not needed there; inside all that was written, and a record of what is outside."""
    given, outside, inside = parse(original), parse(sent), parse(inner)
    assert inner.partition(b"\r\n\r\n")[2] == original.partition(b"\r\n\r\n")[2]
    for name in ("From", "To", "Date", "Message-ID"):
        assert outside[name] == inside[name] == given[name], name
    assert inside["Subject"] == given["Subject"] == "Übernahme of the company"
    assert inside["Thread-Topic"] == "company" and outside["Thread-Topic"] is None
    assert outside["Subject"] == (given["Subject"] if shown else "...")
    for name in ("Bcc", "DKIM-Signature"):
        assert outside[name] is None and inside[name] is None, name
    assert outside["Received"] is not None and inside["Received"] is None
    assert inside["Content-Type"].params["hp"] == "cipher"
    assert inside.get_content_type() == given.get_content_type()
    records = [tuple(value.split(": ", 1)) for name, value in fields(inner) if name == "HP-Outer"]
    assert records == [(name, value) for name, value in fields(sent)
                       if not re.match("(?i)content-|mime-version|received", name)], records


@with_keys
def test_openssl_reads_every_kind(keys):
    for name in KEYS:
        for claim, words in WORDS.items():
            sent = keys.protect(LETTERS["mixed"], name, *words)
            check_letter(LETTERS["mixed"], sent, keys.openssl(sent, name))
            kind = parse(sent)["Content-Type"].params["smime-type"]
            assert kind == ("authEnveloped-data" if "gcm" in words else "enveloped-data"), (claim, kind)
            body_of(sent)


@with_keys
def test_every_letter_by_every_reader(keys):
    """What NSS 3.87 and gpgsm 2.2 read at all: RSA with PKCS#1 and CBC.  NSS knows neither GCM nor OAEP nor any
    elliptic curve for recipients; gpgsm no GCM and no OAEP, and it crashes when it is given a key of such a curve."""
    for claim, letter in LETTERS.items():
        for name in ("rsa2048", "rsa4096"):
            sent = keys.protect(letter, name)
            inner = keys.openssl(sent, name)
            check_letter(letter, sent, inner)
            assert keys.nss(sent, name) == inner, claim
            assert keys.gpgsm(sent, name) == inner, claim


@with_keys
def test_every_size(keys):
    """The letter inside is of each size at which something ends."""
    empty = len(keys.openssl(keys.protect(b"\r\n", "p256"), "p256"))
    for words in WORDS["plain CBC"], WORDS["GCM"]:
        for size in (*SIZES, *(size - empty for size in SIZES if size > empty)):
            body = bytes(ord("a") + number % 26 for number in range(size))
            sent = keys.protect(b"\r\n" + body, "p256", *words)
            inner = keys.openssl(sent, "p256")
            assert inner.partition(b"\r\n\r\n")[2] == body and len(inner) == empty + size, (words, size)
            body_of(sent)


@with_keys
def test_only_the_key_opens_it(keys):
    sent = keys.protect(LETTERS["text"], "rsa2048")
    other = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inkey", keys.folder / "rsa4096.key"],
                           input=sent, capture_output=True, check=False)
    # Without a certificate to look for OpenSSL decrypts to noise rather than tell that the key is wrong.
    assert b"Hi" not in other.stdout and "Grüße".encode() not in other.stdout
    assert "bernahme".encode() not in sent and b"company" not in sent and b"Gr" not in sent.partition(b"\r\n\r\n")[0]
    again = keys.protect(LETTERS["text"], "rsa2048")
    assert body_of(sent) != body_of(again), "the key or the initial vector is not a new one"


@with_keys
def test_a_changed_byte_is_seen_with_gcm(keys):
    sent = keys.protect(LETTERS["long"], "p256", "gcm")
    head, _, body = sent.partition(b"\r\n\r\n")
    at = len(body) // 2
    changed = head + b"\r\n\r\n" + body[:at] + (b"A" if body[at:at + 1] != b"A" else b"B") + body[at + 1:]
    assert opens(lambda: keys.openssl(sent, "p256"))
    assert not opens(lambda: keys.openssl(changed, "p256"))


@with_keys
def test_the_subject_may_stay(keys):
    sent = keys.protect(LETTERS["text"], "p256", "shown")
    check_letter(LETTERS["text"], sent, keys.openssl(sent, "p256"), shown=True)


@with_keys
def test_signed_inside(keys):
    """Signed and encrypted: OpenSSL, NSS and gpgsm verify what lies inside, and it is the protected letter."""
    for signer in ("rsa2048", "p256"):
        word = "sign=%s,%s" % (keys.folder / (signer + ".pem"), keys.folder / (signer + ".p8"))
        for claim, letter in LETTERS.items():
            sent = keys.protect(letter, "rsa4096", word)
            entity = keys.openssl(sent, "rsa4096")
            assert keys.nss(sent, "rsa4096") == entity
            whole = parse(entity)
            assert whole.get_content_type() == "multipart/signed" and "hp" not in whole["Content-Type"].params
            boundary = whole["Content-Type"].params["boundary"].encode()
            inner = entity.split(b"--" + boundary + b"\r\n")[1].removesuffix(b"\r\n")
            check_letter(letter, sent, inner)
            believed = ("-CAfile", keys.folder / (signer + ".pem"), "-purpose", "any")
            # As mail is read; with -binary OpenSSL 3.0 would take the CR before the boundary for content.
            assert run("openssl", "cms", "-verify", *believed, given=entity) == inner, claim
            signature = keys.folder / "signature.der"
            content = keys.folder / "content"
            signature.write_bytes(list(whole.iter_parts())[1].get_payload(decode=True))
            content.write_bytes(inner)
            run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content, *believed)
            printed = run("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", signature).decode()
            named = printed.partition("S/MIME Capabilities")[2].partition("signatureAlgorithm")[0]
            assert "aes-256-cbc" in named and "aes-128-cbc" in named, printed
            assert "rc2" not in named.lower() and "des" not in named.lower(), named
            told = subprocess.run(["gpgsm", "--batch", "--disable-crl-checks", "--status-fd", "1", "--verify", signature, content],
                                  env=dict(os.environ, GNUPGHOME=str(gpgsm_home(keys))), capture_output=True, check=False)
            assert b"GOODSIG" in told.stdout or b"VALIDSIG" in told.stdout, (told.stdout, told.stderr)


def gpgsm_home(keys):
    """A gpgsm that believes the signers, who are their own issuers."""
    home = keys.folder / "gpgsm"
    if not home.exists():
        home.mkdir(mode=0o700)
        (home / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
    listed = []
    for name in ("rsa2048", "p256"):
        print_of = run("openssl", "x509", "-in", keys.folder / (name + ".pem"), "-noout", "-fingerprint", "-sha1").decode()
        listed.append(print_of.strip().partition("=")[2] + " S relax\n")
    if not (home / "trustlist.txt").exists():
        (home / "trustlist.txt").write_text("".join(listed))
    return home


@with_keys
def test_bare_line_ends_are_not_signed(keys):
    word = "sign=%s,%s" % (keys.folder / "p256.pem", keys.folder / "p256.p8")
    for body in (b"a\nb\r\n", b"a\rb\r\n", b"a\r"):
        letter = HEAD + b"\r\n" + body
        assert keys.openssl(keys.protect(letter, "p256"), "p256").endswith(b"\r\n\r\n" + body)
        try:
            keys.protect(letter, "p256", word)
        except AssertionError as why:
            assert "conflict" in str(why), why
        else:
            raise AssertionError(body)


@with_keys
def test_200_mb_in_little_memory(keys):
    path = keys.folder / "large.eml"
    line = b"b" * 76 + b"\r\n"
    with path.open("wb") as file:
        file.write(HEAD + b"\r\n")
        for _ in range(200):
            file.write(line * ((1 << 20) // len(line)))
    sent = keys.folder / "large.sent"
    for words in WORDS["plain CBC"], WORDS["GCM"], ("sign=%s,%s" % (keys.folder / "p256.pem", keys.folder / "p256.p8"),):
        with path.open("rb") as given, sent.open("wb") as out:
            process = subprocess.Popen([RELEASE, *words, keys.folder / "p256.pem"], stdin=given, stdout=out)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        assert status == 0, words
        assert usage.ru_maxrss < 32 << 10, (words, usage.ru_maxrss)
        assert sent.stat().st_size > path.stat().st_size * 4 / 3


if __name__ == "__main__":
    for variant, program in (("sanitize", SMIME), ("release", RELEASE)):
        subprocess.run(["make", "--no-print-directory", "-s", "-C", ROOT, "VARIANT=" + variant,
                        str(program.relative_to(ROOT))], check=True)
    cases.run("__main__")
