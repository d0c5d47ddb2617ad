"""A name server for one test: zones signed by ldns, served by nsd on the loopback address.

Nothing of it is the system's.  Zones can be spoiled after they are signed.
"""

import hashlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import cases
from postern import free_port, wait_for

SOA = "@ 300 IN SOA ns hostmaster 1 3600 600 86400 60\n@ 300 IN NS ns\nns 300 IN A 127.0.0.1\n"


def require():
    """Skip where it cannot be run."""
    for tool in ("nsd", "ldns-keygen", "ldns-signzone", "drill"):
        if shutil.which(tool, path="/usr/sbin:/usr/bin") is None:
            raise cases.Skip("no " + tool)


def owner(address, label):
    """Where records of an address lie, relative to its zone (RFC 7929 section 3)."""
    local = address.rsplit("@", 1)[0]
    return hashlib.sha256(local.encode()).hexdigest()[:56] + "." + label


def record(name, number, data):
    """A record of any type with its bytes (RFC 3597)."""
    return "%s 300 IN TYPE%d \\# %d %s\n" % (name, number, len(data), data.hex())


class Nameserver:
    """Zones are added before it is entered."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-dns-"))
        self.port = free_port()
        self.zones = {}
        self.anchors = ""
        self.process = None

    def add(self, name, text, signed=False, expired=False, spoil=None):
        """A zone; `spoil` is a function of the signed text."""
        path = self.folder / name
        path.write_text("$ORIGIN %s.\n%s%s" % (name, SOA, text))
        if signed:
            path = self._sign(name, path, expired)
        if spoil is not None:
            before = path.read_text()
            after = spoil(before)
            assert after != before, "nothing was spoiled"
            path.write_text(after)
        self.zones[name] = path

    def _sign(self, name, path, expired):
        def ldns(*words):
            done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return done.stdout.strip()
        keys = [ldns("ldns-keygen", "-a", "ECDSAP256SHA256", *kind, name) for kind in (["-k"], [])]
        self.anchors += (self.folder / (keys[0] + ".key")).read_text()
        day = 86400
        begin, end = (time.time() + days * day for days in ((-20, -10) if expired else (-1, 10)))
        stamps = [time.strftime("%Y%m%d", time.gmtime(stamp)) for stamp in (begin, end)]
        ldns("ldns-signzone", "-i", stamps[0], "-e", stamps[1], "-f", name + ".signed", str(path), *keys)
        return self.folder / (name + ".signed")

    def anchor_file(self):
        """Keys of all signed zones."""
        path = self.folder / "anchors"
        path.write_text(self.anchors)
        return path

    def __enter__(self):
        config = self.folder / "nsd.conf"
        config.write_text(
            'server:\n  ip-address: 127.0.0.1@{port}\n  username: ""\n  zonesdir: "{folder}"\n'
            '  pidfile: "{folder}/pid"\n  zonelistfile: "{folder}/list"\n  xfrdfile: "{folder}/xfrd"\n'
            '  xfrdir: "{folder}"\n  logfile: "{folder}/log"\n  server-count: 1\n'
            '  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n'
            'remote-control:\n  control-enable: no\n'.format(port=self.port, folder=self.folder)
            + "".join('zone:\n  name: "%s"\n  zonefile: "%s"\n' % zone for zone in self.zones.items()))
        self.process = subprocess.Popen(["/usr/sbin/nsd", "-d", "-c", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        name = next(iter(self.zones))
        wait_for("the name server", lambda: self.process.poll() is not None or "NOERROR" in subprocess.run(
            ["drill", "-p", str(self.port), "@127.0.0.1", name, "SOA"],
            capture_output=True, text=True).stdout)
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


class Forgetful:
    """Stands in front of a name server and never answers what asks for names with a certain label."""

    def __init__(self, there, label):
        self.there = there
        self.mark = bytes([len(label)]) + label.encode()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.forgotten = 0

    def _serve(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as behind:
            behind.connect(("127.0.0.1", self.there.port))
            behind.settimeout(5)
            while True:
                question, asker = self.socket.recvfrom(65535)
                if not question:
                    return
                if self.mark in question.lower():
                    self.forgotten += 1
                    continue
                behind.send(question)
                self.socket.sendto(behind.recv(65535), asker)

    def __enter__(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()
