#!/usr/bin/python3 -B
"""Certificates and signed letters of a corpus: which certificate is used and which refused, for what reason, beside
a table that was written by looking at each with `openssl x509 -text`; which signature is right, beside what the
command line of OpenSSL says of the whole letter.

    certificates.py JUDGE SMIME FOLDER
"""

import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NOW = "1795651200"  # 26 November 2026
ROOTS = ("generated/pki/root.crt", "quictls__smime-certs-smroot.pem", "certvalidator__nameConstraintsRFC822CA1Cert.crt",
         "certvalidator__nameConstraintsRFC822CA2Cert.crt", "certvalidator__nameConstraintsRFC822CA3Cert.crt")
OTHERS = ("generated/pki/int.crt",)
CRL = "generated/pki/int.crl"

# Patterns of file names, the first that fits counts: what is said of each certificate in it, to encrypt and to sign.
TABLE = (
    # Made for one fault each.
    ("generated/pki/[bpr]*[0-9][0-9][0-9].crt !*rsa1024*", "believed", "believed"),
    ("generated/pki/rsa1024.crt", "weak-key", "weak-key"),
    ("generated/pki/critunk.crt", "unknown-extension", "unknown-extension"),
    ("generated/pki/eai.crt", "not-for-encryption", "believed"),  # a curve with keyEncipherment only
    ("generated/pki/ed25519.crt", "not-for-encryption", "believed"),
    ("generated/pki/enconly.crt", "believed", "not-for-signing"),
    ("generated/pki/signonly.crt", "not-for-encryption", "believed"),
    ("generated/pki/expired.crt", "expired", "expired"),
    ("generated/pki/notyet.crt", "not-yet-valid", "not-yet-valid"),
    ("generated/pki/leafca.crt", "certificate-authority", "certificate-authority"),
    ("generated/pki/revoked.crt", "revoked", "revoked"),
    ("generated/pki/rogue.crt", "untrusted", "untrusted"),
    ("generated/pki/sha1.crt", "weak-signature", "weak-signature"),
    ("generated/pki/tlsonly.crt", "not-for-mail", "not-for-mail"),
    ("generated/pki/*root.crt", "certificate-authority", "certificate-authority"),
    ("generated/pki/int.crt", "certificate-authority", "certificate-authority"),
    ("generated/pki/chain.pem", "certificate-authority", "certificate-authority"),
    ("generated/pki/*.crt", "believed", "believed"),  # whose names are odd, not their use: keys/ compares these
    # Name constraints of the PKITS suite; of the last three the issuer is not there.
    ("certvalidator__*CA[0-9]Cert.crt", "certificate-authority", "certificate-authority"),
    ("certvalidator__*DNandRFC822*", "untrusted", "untrusted"),
    ("certvalidator__Valid*", "believed", "believed"),
    ("certvalidator__Invalid*", "not-allowed-to-its-issuer", "not-allowed-to-its-issuer"),
    # RFC 9216: their issuers are not there.
    ("examples-cms__lamps-bob*", "untrusted", "not-for-signing"),
    ("examples-cms__lamps-dana*.crt", "not-for-encryption", "not-for-signing"),  # X25519
    ("examples-cms__*Alice*", "not-for-encryption", "untrusted"),
    ("examples-cms__lamps-alice.crt", "not-for-encryption", "untrusted"),
    ("examples-cms__*Carlos*", "not-for-encryption", "untrusted"),
    ("examples-cms__lamps-carlos.crt", "not-for-encryption", "untrusted"),
    ("bc-java__cert.pem", "weak-key", "weak-key"),
    ("bc-java__dotnet*", "expired", "expired"),
    ("bc-java__smimeTKcert.pem", "certificate-authority", "certificate-authority"),
    ("notmuch__*", "certificate-authority", "certificate-authority"),
    ("quictls__smime-certs-badrsa.pem", "not-for-encryption", "untrusted"),
    ("quictls__smime-certs-csrsa1.pem", "not-for-mail", "not-for-mail"),
    ("quictls__smime-certs-smd[hs]*", "not-for-encryption", "not-for-signing"),  # DH and DSA
    ("quictls__smime-certs-smec*", "not-for-encryption", "believed"),  # keyEncipherment only
    ("quictls__smime-certs-smrsa1024.pem", "weak-key", "weak-key"),
    ("quictls__smime-certs-smroot.pem", "certificate-authority", "certificate-authority"),
    ("quictls__smime-certs-smrsa*", "believed", "believed"),
    ("quictls__pkcs7-1.pem", "expired", "expired"),
    ("quictls__*md4.pem", "not-for-mail", "not-for-mail"),
    ("mbedtls-framework__cert_example_multi*", "weak-key", "weak-key"),
    ("mbedtls-framework__*rfc822name*", "weak-key", "weak-key"),
    ("mbedtls-framework__cert_v1_with_ext.crt", "expired", "expired"),
    ("mbedtls-framework__server1.der", "expired", "expired"),
    ("mbedtls-framework__test-ca-v1.crt", "untrusted", "untrusted"),  # version 1: nothing says that it is an authority
    ("mbedtls-framework__test-ca2_cat-future-invalid.crt:1", "untrusted", "untrusted"),  # a server's, behind its issuer
    ("mbedtls-framework__*test-ca*", "certificate-authority", "certificate-authority"),
    ("mbedtls-framework__*data_*", "certificate-authority", "certificate-authority"),
    ("mbedtls-framework__-rsa-sha256*", "certificate-authority", "certificate-authority"),
    ("mbedtls-framework__*", "untrusted", "untrusted"),
)
ADDRESSES = {
    "multisan.crt": ["one@multi.example", "Two@Multi.Example", "three@other.example"],
    "nosan.crt": ["nosan@example.org"],  # in the subject
    "dnonly.crt": [],  # one that only looks like it
    "suffix.crt": ["victim@example.org.evil.example"],
    "lamps-bob.encrypt.crt": ["bob@smime.example"],
    "rfc822name.crt.der": ["my@other.address", "second@other.address"],
    "cert_v1_with_ext.crt": ["admin@identity-check.org"],
}


def run(*words, **more):
    """What a program writes, and whether it was content."""
    return subprocess.run([str(word) for word in words], capture_output=True, check=False, **more)


def expected(name):
    """The row of the table."""
    for pattern, *reasons in TABLE:
        pattern, _, but = pattern.partition(" !")
        if fnmatch.fnmatch(name, pattern) and not (but and fnmatch.fnmatch(name, but)):
            return reasons
        if fnmatch.fnmatch(name.rpartition(":")[0], pattern) and not but:
            return reasons
    return None


def pem(path):
    """The certificates of a file in PEM, by OpenSSL."""
    for words in (("x509", "-inform", "DER"), ("x509",)):
        done = run("openssl", *words, "-in", path)
        if done.returncode == 0:
            return done.stdout
    return b""


def count_by_openssl(path):
    """How many certificates OpenSSL finds there."""
    text = path.read_bytes()
    if "md4-encrypted" in path.name:
        return 0  # signedAndEnvelopedData, which CMS (RFC 5652) has no more
    if b"-----BEGIN CERTIFICATE" in text:
        return text.count(b"-----BEGIN CERTIFICATE")
    for form in ("DER", "PEM"):
        if form == "DER" and run("openssl", "x509", "-inform", form, "-in", path, "-noout").returncode == 0:
            return 1
        for words in (("pkcs7", "-print_certs", "-noout"), ("cms", "-cmsout", "-noout", "-certsout", "/dev/stdout")):
            done = run("openssl", *words, "-inform", form, "-in", path)
            if done.returncode == 0:
                found = done.stdout.count(b"subject=") + done.stdout.count(b"BEGIN CERTIFICATE")
                if found:
                    return found
    return 0


def check_certificates(judge, folder, work, say):
    """Each certificate of the corpus, to encrypt and to sign."""
    roots, others, crl = work / "roots.pem", work / "others.pem", work / "crl.der"
    roots.write_bytes(b"".join(pem(folder / name) for name in ROOTS))
    others.write_bytes(b"".join(pem(folder / name) for name in OTHERS))
    run("openssl", "crl", "-in", folder / CRL, "-outform", "DER", "-out", crl)
    paths = [path for path in sorted(folder.rglob("*"))
             if path.suffix in (".crt", ".pem", ".der", ".p12", ".p7m") and path.is_file()]
    names = [str(path.relative_to(folder)) for path in paths]
    used = []
    for column, use in enumerate(("encrypt", "sign")):
        done = run(judge, use, NOW, roots, others, crl, *names, cwd=folder)
        assert done.returncode == 0, done.stderr.decode()
        counts = dict.fromkeys(names, 0)
        for line in done.stdout.decode().splitlines():
            name, number, reason, *addresses = line.split(" ")
            if number == "-":
                say(reason == "not-found", line)
                continue
            counts[name] += 1
            wanted = expected("%s:%s" % (name, number)) or expected(name)
            say(wanted is not None and wanted[column] == reason, "%s: %s to %s, not %s" % (
                name, reason, use, wanted and wanted[column]))
            for end, known in ADDRESSES.items():
                if name.endswith(end):
                    say(addresses == known, "%s: %s" % (name, addresses))
            if reason == "believed" and use == "encrypt":
                used.append(name)
        for path, name in zip(paths, names):
            say(counts[name] == count_by_openssl(path), "%s: %d certificates, OpenSSL finds %d" % (
                name, counts[name], count_by_openssl(path)))
    return used


def check_use(smime, folder, used, work, say):
    """What is believed is used: a letter to each, opened again where the key is there."""
    letter = work / "letter.eml"
    letter.write_bytes(b"Subject: To everybody\r\n\r\nHello.\r\n")
    for name in used:
        with letter.open("rb") as given:
            sent = run(smime, folder / name, stdin=given)
        say(sent.returncode == 0, "%s: %s" % (name, sent.stderr.decode()))
        key = (folder / name).with_suffix(".key")
        if key.exists():
            opened = run("openssl", "cms", "-decrypt", "-binary", "-inkey", key, "-recip", folder / name,
                         input=sent.stdout)
            say(b"Subject: To everybody" in opened.stdout and opened.stdout.endswith(b"\r\nHello.\r\n"),
                "%s: not opened" % name)


def split_signed(raw):
    """Content and signature of a multipart/signed as they come by SMTP; (None, bytes) of signed-data; None of others."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    head = re.sub(rb"\r\n[ \t]+", b" ", head)
    kind = re.search(rb"(?im)^content-type:\s*([^;\s]+)", head)
    if kind is None:
        return None
    if kind.group(1).lower() in (b"application/pkcs7-mime", b"application/x-pkcs7-mime"):
        return None, body
    found = re.search(rb'(?i)boundary="?([^";\r\n]+)', head)
    if kind.group(1).lower() != b"multipart/signed" or found is None:
        return None
    parts = re.split(rb"(?:^|\r\n)--" + re.escape(found.group(1)) + rb"(?:--)?[ \t]*(?:\r\n|$)", body)
    if len(parts) < 3:
        return None
    return parts[1], parts[2].partition(b"\r\n\r\n")[2]


def decode(base64):
    """By OpenSSL, which also forgives."""
    return run("openssl", "base64", "-d", "-A", input=re.sub(rb"\s", b"", base64)).stdout


def check_signatures(judge, folder, work, say):
    """Each signed letter: our word on its signature beside OpenSSL's on the letter."""
    counts = {}
    for path in sorted(folder.rglob("*.eml")):
        split = split_signed(path.read_bytes())
        if split is None:
            continue
        content, signature = work / "content", work / "signature"
        if split[0] is not None:
            content.write_bytes(split[0])
        signature.write_bytes(decode(split[1]))
        done = run(judge, "verify", signature, content if split[0] is not None else "-")
        assert done.returncode == 0, (path, done.stderr.decode())
        status, signers, _, strength = done.stdout.decode().split()
        # The parts as we see them, and the letter as OpenSSL splits it: a signature is right only if both say so.
        words = ("-content", content) if split[0] is not None else ()
        alone = run("openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", signature, *words)
        right = alone.returncode == 0 or b"Verification successful" in alone.stderr
        say((status == "ok") == right, "%s: %s, OpenSSL %s" % (path.name, status, alone.stderr.decode()[-200:]))
        if "sha1" in path.name and status == "ok":
            say(strength == "weak", "%s is not weak" % path.name)
        if "two-signers" in path.name:
            say(signers == "2", "%s: %s signers" % (path.name, signers))
        for mark in ("tampered", "enc-", "efail"):
            if mark in path.name and "signed" not in path.name:
                say(status != "ok", "%s: %s" % (path.name, status))
        counts[status] = counts.get(status, 0) + 1
    say(bool(counts), "no signed letter in %s" % folder)
    print("signed letters: %s" % ", ".join("%d %s" % (number, status) for status, number in sorted(counts.items())))


def main():
    """Counts, and a line for each difference."""
    judge, smime = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    folder = pathlib.Path(sys.argv[3])
    counts = [0, 0]

    def say(right, text):
        counts[0 if right else 1] += 1
        if not right:
            print("not ok %s" % text)

    with tempfile.TemporaryDirectory(prefix="postern-certificates-") as work:
        used = check_certificates(judge, folder, pathlib.Path(work), say)
        check_use(smime, folder, used, pathlib.Path(work), say)
        check_signatures(judge, folder, pathlib.Path(work), say)
    print("certificates: %d used, %d checks passed, %d failed" % (len(used), *counts))
    return 1 if counts[1] else 0


if __name__ == "__main__":
    os.environ.pop("OPENSSL_CONF", None)
    sys.exit(main())
