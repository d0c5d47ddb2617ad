"""A passkey of our own, by the `openssl` command: what a browser and its authenticator would hand over."""

import base64
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import tempfile

PRESENT, VERIFIED, WITH_CREDENTIAL = 1, 4, 64
ES256, EDDSA, RS256 = -7, -8, -257
GENERATE = {ES256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], EDDSA: ["-algorithm", "ED25519"],
            RS256: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}


def base64url(content):
    """As WebAuthn writes it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _openssl(*arguments, content=b""):
    done = subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=True)
    return done.stdout


def _head(kind, number):
    """The head of an item of CBOR (RFC 8949)."""
    if number < 24:
        return bytes([kind << 5 | number])
    return bytes([kind << 5 | 24, number]) if number < 256 else struct.pack(">BH", kind << 5 | 25, number)


def cbor(value):
    """Numbers, bytes, text and maps."""
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    return _head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


class Authenticator:
    """One passkey, for one host at one origin; what it hands over may be bent by its caller."""

    def __init__(self, host, origin, algorithm=ES256, counter=1):
        self.host, self.origin, self.algorithm, self.counter = host, origin, algorithm, counter
        self.folder = tempfile.TemporaryDirectory()
        self.key = str(pathlib.Path(self.folder.name) / "key.pem")
        _openssl("genpkey", *GENERATE[algorithm], "-out", self.key)
        self.id = hashlib.sha256(self.public()).digest()

    def public(self):
        """The key that verifies, as libfido2 and COSE have it."""
        if self.algorithm == RS256:
            said = _openssl("rsa", "-in", self.key, "-noout", "-modulus").decode()
            return bytes.fromhex(re.search("Modulus=([0-9A-F]+)", said).group(1))
        whole = _openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        return whole[-64:] if self.algorithm == ES256 else whole[-32:]

    def cose(self):
        """RFC 9053."""
        key = self.public()
        if self.algorithm == ES256:
            return cbor({1: 2, 3: ES256, -1: 1, -2: key[:32], -3: key[32:]})
        if self.algorithm == EDDSA:
            return cbor({1: 1, 3: EDDSA, -1: 6, -2: key})
        return cbor({1: 3, 3: RS256, -1: key, -2: b"\1\0\1"})

    def client(self, kind, challenge, /, **bent):
        """clientDataJSON."""
        return json.dumps({"type": "webauthn." + kind, "challenge": challenge, "origin": self.origin,
                           "crossOrigin": False, **bent}).encode()

    def data(self, flags, host=None):
        """authenticatorData, without a key."""
        return hashlib.sha256((host or self.host).encode()).digest() + struct.pack(">BI", flags, self.counter)

    def make(self, challenge, /, flags=PRESENT | VERIFIED, host=None, **bent):
        """The fields of a form that brings it."""
        data = self.data(flags | WITH_CREDENTIAL, host) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + \
            self.cose()
        return {"made_client": base64url(self.client("create", challenge, **bent)),
                "made_attestation": base64url(cbor({"fmt": "none", "attStmt": {}, "authData": data}))}

    def sign(self, content):
        """A signature over that."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            return _openssl("pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-in", file.name,
                            *(() if self.algorithm == EDDSA else ("-digest", "sha256")))

    def show(self, challenge, /, flags=PRESENT | VERIFIED, host=None, **bent):
        """The fields of a form that shows it; the counter goes on where it counts."""
        self.counter += 1 if self.counter else 0
        client, data = self.client("get", challenge, **bent), self.data(flags, host)
        return {"passkey_id": base64url(self.id), "passkey_client": base64url(client),
                "passkey_data": base64url(data),
                "passkey_signature": base64url(self.sign(data + hashlib.sha256(client).digest()))}
