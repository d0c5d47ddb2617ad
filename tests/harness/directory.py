"""An LDAP directory for one test: slapd on the loopback address, by ldap, ldaps and a socket."""

import base64
import pathlib
import shutil
import subprocess
import tempfile
import urllib.parse

import cases
from postern import free_port, wait_for

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/pid
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
maxsize 16777216
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw "{password}"
directory {folder}/data
access to attrs=userPassword by * auth
access to dn.subtree="ou=closed,dc=example" by dn="cn=admin,dc=example" read by * none
access to * by * read
"""

PASSWORD = "correct horse"


def require():
    """Skip where it cannot be run."""
    if not pathlib.Path("/usr/sbin/slapd").exists():
        raise cases.Skip("no slapd")


class Directory:
    """`people` are triples of organisational unit, address, attributes (name to bytes)."""

    def __init__(self, ca, certificate, key, people):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-ldap-"))
        (self.folder / "data").mkdir()
        self.config = self.folder / "slapd.conf"
        self.config.write_text(CONFIG.format(folder=self.folder, ca=ca, certificate=certificate,
                                             key=key, password=PASSWORD))
        self.config.chmod(0o600)
        self.clear = "ldap://127.0.0.1:%d" % free_port()
        self.tls = "ldaps://127.0.0.1:%d" % free_port()
        self.socket = "ldapi://" + urllib.parse.quote(str(self.folder / "socket"), safe="")
        self.password = self.folder / "password"
        self.password.write_text(PASSWORD + "\n")
        self._load(people)
        self.process = None

    def _load(self, people):
        entries = ["dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n"]
        for unit in sorted({unit for unit, _, _ in people}):
            entries.append("dn: ou=%s,dc=example\nobjectClass: organizationalUnit\nou: %s\n" % (unit, unit))
        for number, (unit, address, attributes) in enumerate(people):
            entry = ("dn: uid=p%d,ou=%s,dc=example\nobjectClass: inetOrgPerson\nuid: p%d\ncn: P\nsn: P\n"
                     "mail: %s\n" % (number, unit, number, address))
            for name, value in attributes.items():
                entry += "%s:: %s\n" % (name, base64.b64encode(value).decode())
            entries.append(entry)
        done = subprocess.run(["/usr/sbin/slapadd", "-q", "-f", self.config], capture_output=True,
                              input="\n".join(entries).encode())
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def __enter__(self):
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "stats", "-f", self.config, "-h",
             " ".join((self.clear, self.tls, self.socket))], stdout=log, stderr=log)
        wait_for("the directory", lambda: self.process.poll() is not None
                 or (self.folder / "socket").exists() and b"starting" in (self.folder / "log").read_bytes())
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")
        return self

    def log(self):
        """What it was asked."""
        return (self.folder / "log").read_text(errors="replace")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)
