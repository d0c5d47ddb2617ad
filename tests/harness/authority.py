"""A certificate authority for one test, by openssl."""

import pathlib
import subprocess
import tempfile


class Authority:
    """Certificates of servers by DNS name or address; of people by mail address."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="postern-ca-")
        self.folder = pathlib.Path(self._folder.name)
        self.file = self.folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", "ca.key", "-out", "ca.pem", "-days", "10", "-subj", "/CN=Test authority")

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def issue(self, name, alternatives):
        """Paths of a certificate with these alternative names ("DNS:a.example") and of its key."""
        certificate, key, extensions = (name + end for end in (".pem", ".key", ".ext"))
        (self.folder / extensions).write_text("subjectAltName=%s\n" % ",".join(alternatives))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                      "-out", name + ".req", "-subj", "/CN=" + name)
        self._openssl("x509", "-req", "-in", name + ".req", "-CA", "ca.pem", "-CAkey", "ca.key",
                      "-CAcreateserial", "-days", "10", "-extfile", extensions, "-out", certificate)
        return self.folder / certificate, self.folder / key

    def der(self, certificate):
        """The certificate's bytes."""
        return self._openssl("x509", "-in", str(certificate), "-outform", "DER")

    def bundle(self, *certificates):
        """A PKCS#7 bundle of certificates."""
        words = [word for certificate in certificates for word in ("-certfile", str(certificate))]
        return self._openssl("crl2pkcs7", "-nocrl", *words, "-outform", "DER")
