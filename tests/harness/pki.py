"""People's certificates for S/MIME, by openssl: an authority and whom it vouches for."""

import pathlib
import subprocess
import tempfile

KINDS = {"rsa": ("rsa:2048",), "rsa4096": ("rsa:4096",),
         "ec": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")}


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

    def person(self, address, kind="rsa", days=30, own=False):
        """The file of a certificate for an address; `own`: signed by itself."""
        name = address.replace("@", "-")
        usage = "keyAgreement" if kind == "ec" else "keyEncipherment"
        (self.folder / (name + ".ext")).write_text(
            "subjectAltName=email:%s\nkeyUsage=critical,digitalSignature,%s\nextendedKeyUsage=emailProtection\n"
            "basicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" % (address, usage))
        self._openssl("req", "-newkey", *KINDS[kind], "-nodes", "-keyout", name + ".key", "-out",
                      name + ".req", "-subj", "/CN=" + address)
        signer = ("-signkey", name + ".key") if own else \
            ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial")
        self._openssl("x509", "-req", "-in", name + ".req", *signer, "-days", days, "-sha256", "-extfile",
                      name + ".ext", "-out", name + ".pem")
        return self.folder / (name + ".pem")

    def open(self, address, letter):
        """What somebody reads in an encrypted letter, by their private key."""
        name = address.replace("@", "-")
        return self._openssl("cms", "-decrypt", "-inkey", name + ".key", "-recip", name + ".pem", given=letter)
