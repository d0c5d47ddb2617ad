"""People's certificates for S/MIME, by openssl: an authority and whom it vouches for."""

import collections
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

KINDS = {"rsa": ("rsa:2048",), "rsa4096": ("rsa:4096",),
         "ec": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")}

MADE = collections.Counter()


def make_key(kind, path):
    """A private key, in a file.  To find the primes of RSA takes long, so the programs of a run share what they
    found, in a folder that tests/run names: none of them gets a key twice."""
    MADE[kind] += 1
    words = ["openssl", "req", "-newkey", *KINDS[kind], "-nodes", "-subj", "/CN=nobody", "-out", os.devnull, "-keyout"]
    stock = os.environ.get("POSTERN_TEST_KEYS")
    if not stock or not kind.startswith("rsa"):
        subprocess.run([*words, path], capture_output=True, check=True)
        return
    shared = pathlib.Path(stock, "%s-%d" % (kind, MADE[kind]))
    if not shared.exists():
        own = shared.with_suffix(".%d" % os.getpid())
        subprocess.run([*words, own], capture_output=True, check=True)
        with contextlib.suppress(FileExistsError):  # somebody else was faster
            os.link(own, shared)
        own.unlink()
    shutil.copy(shared, path)


# What a program may say that it reads (RFC 8551 section 2.5.2).
AES256_CBC, AES256_GCM, OAEP = "2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.46", "1.2.840.113549.1.1.7"


def der(tag, *pieces):
    """One value of DER."""
    body = b"".join(pieces)
    size = bytes([len(body)]) if len(body) < 128 else \
        (lambda length: bytes([0x80 + len(length)]) + length)(len(body).to_bytes((len(body).bit_length() + 7) // 8, "big"))
    return bytes([tag]) + size + body


def oid(dotted):
    """An object identifier in DER."""
    first, second, *rest = map(int, dotted.split("."))
    out = bytes([first * 40 + second])
    for number in rest:
        digits = [number & 127]
        while number > 127:
            number >>= 7
            digits.append(number & 127 | 128)
        out += bytes(reversed(digits))
    return der(6, out)


def children(value):
    """The values inside of one in DER, each with its tag."""
    def head(at):
        size, begin = value[at + 1], at + 2
        if size > 127:
            begin += size - 128
            size = int.from_bytes(value[at + 2:begin], "big")
        return begin, begin + size
    at, end = head(0)
    found = []
    while at < end:
        _, after = head(at)
        found.append(value[at:after])
        at = after
    return found


class Pki:
    """One authority.  Use as a context manager."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="postern-pki-")
        self.folder = pathlib.Path(self._folder.name)
        self.authority = self.folder / "authority.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", "authority.key", "-out", "authority.pem", "-days", "30", "-subj",
                      "/CN=Authority of a test", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def _openssl(self, *words, given=None):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, input=given,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def person(self, address, kind="rsa", days=30, own=False, usage=None, name=None, lists=(), responder=None):
        """The file of a certificate for an address; `own`: signed by itself; where lists of what was taken back
        are, or who answers for it by OCSP, as URLs."""
        name = name or address.replace("@", "-")
        usage = usage or "digitalSignature," + ("keyAgreement" if kind == "ec" else "keyEncipherment")
        (self.folder / (name + ".ext")).write_text(
            "subjectAltName=email:%s\nkeyUsage=critical,%s\nextendedKeyUsage=emailProtection\n"
            "basicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" % (address, usage)
            + "".join("crlDistributionPoints=%s\n" % ",".join("URI:" + url for url in lists) for _ in lists[:1])
            + ("authorityInfoAccess=OCSP;URI:%s\n" % responder if responder else ""))
        make_key(kind, self.folder / (name + ".key"))
        self._openssl("req", "-new", "-key", name + ".key", "-out", name + ".req", "-subj", "/CN=" + address)
        signer = ("-signkey", name + ".key") if own else \
            ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial")
        self._openssl("x509", "-req", "-in", name + ".req", *signer, "-days", days, "-sha256", "-extfile",
                      name + ".ext", "-out", name + ".pem")
        return self.folder / (name + ".pem")

    def _note(self, revoked):
        """Write down, as openssl wants it, whose certificates are good and which were taken back."""
        lines = []
        for path in sorted(self.folder.glob("*.ext")):
            name = path.name.removesuffix(".ext")
            serial = self._openssl("x509", "-in", name + ".pem", "-noout", "-serial").decode().strip().partition("=")[2]
            lines.append("%s\t491231235959Z\t%s\t%s\tunknown\t/CN=%s\n" % (
                *(("R", "260101000000Z") if name in revoked else ("V", "")), serial, name))
        (self.folder / "index").write_text("".join(lines))
        (self.folder / "index.attr").write_text("unique_subject = no\n")
        (self.folder / "ca.conf").write_text("[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\n")

    def revocation_list(self, *revoked, signer=None):
        """What this authority has taken back, by names of files, in DER; `signer`: another authority of the same
        name, which signs it."""
        self._note(revoked)
        signer = (signer or self).folder
        self._openssl("ca", "-gencrl", "-config", "ca.conf", "-cert", signer / "authority.pem", "-keyfile",
                      signer / "authority.key", "-crldays", 30, "-out", "list.pem")
        return self._openssl("crl", "-in", "list.pem", "-outform", "DER")

    def ocsp(self, question, *revoked, signer=None):
        """The answer to a question of OCSP, likewise."""
        self._note(revoked)
        signer = (signer or self).folder
        (self.folder / "question").write_bytes(question)
        self._openssl("ocsp", "-index", "index", "-CA", "authority.pem", "-rsigner", signer / "authority.pem", "-rkey",
                      signer / "authority.key", "-reqin", "question", "-ndays", 1, "-respout", "answer")
        return (self.folder / "answer").read_bytes()

    def signed_by_openssl(self, address, content, *more, within=False):
        """A whole MIME entity with a signature, as openssl makes it; `content` has its own header."""
        name = address.replace("@", "-")
        made = self._openssl("cms", "-sign", "-signer", name + ".pem", "-inkey", name + ".key", "-binary", "-crlfeol",
                             *(("-nodetach",) if within else ()), *more, given=content)
        return made.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def signature(self, address, content, reads=(), at=None, within=False, weak=False, others=()):
        """SignedData in DER, made by hand: with capabilities of choice, at a time of choice."""
        name = address.replace("@", "-")
        digest = "1.3.14.3.2.26" if weak else "2.16.840.1.101.3.4.2.1"
        word = "sha1" if weak else "sha256"
        certificates = [self._openssl("x509", "-in", path, "-outform", "der") for path in (name + ".pem", *others)]
        first = children(children(certificates[0])[0])
        seconds = time.gmtime(time.time() if at is None else at)
        attributes = sorted([
            der(0x30, oid("1.2.840.113549.1.9.3"), der(0x31, oid("1.2.840.113549.1.7.1"))),
            der(0x30, oid("1.2.840.113549.1.9.4"),
                der(0x31, der(4, self._openssl("dgst", "-" + word, "-binary", given=content)))),
            der(0x30, oid("1.2.840.113549.1.9.5"),
                der(0x31, der(0x17, time.strftime("%y%m%d%H%M%SZ", seconds).encode()))),
            der(0x30, oid("1.2.840.113549.1.9.15"),
                der(0x31, der(0x30, *(der(0x30, oid(each)) for each in reads))))])
        signed = self._openssl("dgst", "-" + word, "-sign", name + ".key", given=der(0x31, *attributes))
        algorithm = der(0x30, oid(digest), der(5))
        signer = der(0x30, der(2, b"\1"), der(0x30, first[3], first[1]), algorithm, der(0xa0, *attributes),
                     der(0x30, oid("1.2.840.113549.1.1.1"), der(5)), der(4, signed))
        inside = (der(0xa0, der(4, content)),) if within else ()
        return der(0x30, oid("1.2.840.113549.1.7.2"), der(0xa0, der(
            0x30, der(2, b"\1"), der(0x31, algorithm), der(0x30, oid("1.2.840.113549.1.7.1"), *inside),
            der(0xa0, *certificates), der(0x31, signer))))

    def open(self, address, letter):
        """What somebody reads in an encrypted letter, by their private key."""
        name = address.replace("@", "-")
        return self._openssl("cms", "-decrypt", "-inkey", name + ".key", "-recip", name + ".pem", given=letter)

    def pkcs12(self, address, password):
        """A person's key with certificate and authority, as programs hand it over."""
        name = address.replace("@", "-")
        self._openssl("pkcs12", "-export", "-in", name + ".pem", "-inkey", name + ".key", "-certfile",
                      "authority.pem", "-out", name + ".p12", "-passout", "pass:" + password)
        return self.folder / (name + ".p12")

    def pem(self, address, password=None):
        """The same as one text, the key under the password where one is given."""
        name = address.replace("@", "-")
        key = (self.folder / (name + ".key")).read_bytes() if password is None else \
            self._openssl("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", name + ".key", "-passout",
                          "pass:" + password)
        path = self.folder / (name + ".both.pem")
        path.write_bytes(key + (self.folder / (name + ".pem")).read_bytes())
        return path

    def verify(self, address, signed):
        """The content of a signed entity, whose signature is right and leads to the authority, as whose signer
        that address is named."""
        content = self._openssl("cms", "-verify", "-CAfile", "authority.pem", "-purpose", "smimesign", "-signer",
                                "signer.pem", given=signed)
        said = self._openssl("x509", "-in", "signer.pem", "-noout", "-email").decode().split()
        assert said == [address], said
        return content
