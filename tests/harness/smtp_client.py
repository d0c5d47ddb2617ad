"""A mail server's side of SMTP, line by line, with TLS in every way; and certificates to use with it."""

import contextlib
import re
import signal
import socket
import ssl
import subprocess

import postern
from tls import unchecked_tls

HELLO = b"EHLO client.example\r\n"
ENVELOPE = b"MAIL FROM:<alice@corp.example>\r\nRCPT TO:<fred@example.net>\r\nDATA\r\n"
MESSAGE = b"Subject: Figures\r\n\r\nhello\r\n.\r\n"


def expect(what, condition):
    """An assertion that says what was found."""
    if not condition:
        raise AssertionError(what)


def ingest(smtp='timeout = "2 s";', **more):
    """An installation with ingest alone."""
    site = postern.Postern(smtp=smtp, start=False, **more)
    try:
        site.start("ingest")
    except BaseException:
        site.close()
        raise
    return site


class Client:
    """One connection.  `tls` is TLS from the first byte, `source` the address to come from."""

    def __init__(self, site, hello=True, port=None, host="127.0.0.1", source=None, tls=None, name=None):
        self.socket = socket.create_connection((host, port or site.smtp_port), 60,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name)
        self.greeting = self.reply()
        if hello:
            self.capabilities = self.say(HELLO)

    def line(self):
        """The next line, b"" at the end of the connection."""
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                more = b""
            if not more:
                return b""
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"

    def reply(self):
        """One reply of one or more lines."""
        lines = b""
        while True:
            line = self.line()
            lines += line
            if line[3:4] != b"-":
                return lines.decode()

    def say(self, data, replies=1):
        """Send; gives the last reply of so many."""
        self.socket.sendall(data)
        return [self.reply() for _ in range(replies)][-1]

    def start_tls(self, context=None, name=None, session=None, **versions):
        """The client's side of the handshake; by default without a look at the certificate."""
        context = context or tls_context()
        for attribute, version in versions.items():
            setattr(context, attribute, version)
        self.socket = context.wrap_socket(self.socket, server_hostname=name, session=session)

    def secure(self, context=None, name=None, **more):
        """STARTTLS and EHLO."""
        reply = self.say(b"STARTTLS\r\n")
        expect(reply, reply.startswith("220"))
        self.start_tls(context, name, **more)
        self.capabilities = self.say(HELLO)
        return self

    def closed(self, seconds):
        """Nothing but the end comes, and in time."""
        self.socket.settimeout(seconds)
        try:
            return self.line() == b""
        except TimeoutError:
            return False

    def try_rcpt(self, sender=b"alice@corp.example"):
        """The first reply to a transaction that refuses, or that of RCPT."""
        reply = self.say(b"MAIL FROM:<%s>\r\n" % sender)
        if reply.startswith("250"):
            reply = self.say(b"RCPT TO:<fred@example.net>\r\n")
        return reply

    def send(self):
        """A whole message; gives the last reply."""
        return self.say(ENVELOPE + MESSAGE, 4)


def tls_context(pair=None, minimum=None, maximum=None):
    """Trusts anybody; shows the certificate and key of `pair`."""
    context = unchecked_tls()
    if pair is not None:
        context.load_cert_chain(*pair)
    if minimum is not None:
        context.minimum_version = minimum
    if maximum is not None:
        context.maximum_version = maximum
    return context


def fingerprint(path):
    """SHA-256 of a certificate, as openssl shows it."""
    done = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"],
                          check=True, capture_output=True, text=True)
    return done.stdout.strip().split("=")[1]


class Authority:
    """Issues certificates into a folder.  Each is a pair of paths: certificate, key."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.pair = self.path(name)
        self._run("req", "-x509", *self._key(name), "-days", "30", "-subj", "/CN=" + name,
                  "-addext", "keyUsage=keyCertSign,cRLSign")

    def path(self, name):
        """Where a certificate and its key are."""
        return self.folder / (name + ".pem"), self.folder / (name + ".key")

    def _key(self, name):
        pem, key = self.path(name)
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key),
                "-out", str(pem))

    def _run(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def issue(self, file, common_name, names=(), usage="clientAuth", days=30):
        """A certificate by this authority."""
        pem, key = self.path(file)
        request, extensions = self.folder / (file + ".csr"), self.folder / (file + ".ext")
        extensions.write_text("extendedKeyUsage=%s\n" % usage + (
            "subjectAltName=%s\n" % ",".join("DNS:" + name for name in names) if names else ""))
        self._run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                  "-keyout", str(key), "-out", str(request), "-subj", "/CN=" + common_name)
        self._run("x509", "-req", "-in", str(request), "-CA", str(self.pair[0]), "-CAkey",
                  str(self.pair[1]), "-CAcreateserial", "-days", str(days), "-extfile",
                  str(extensions), "-out", str(pem))
        return pem, key

    def self_signed(self, file, common_name):
        """One that nobody vouches for."""
        self._run("req", "-x509", *self._key(file), "-days", "30", "-subj", "/CN=" + common_name)
        return self.path(file)


@contextlib.contextmanager
def log_of(site):
    """A list that holds, behind the with, the lines that were logged meanwhile."""
    lines = []
    mark = site.log.stat().st_size
    yield lines
    lines += site.log.read_bytes()[mark:].decode(errors="replace").splitlines()


def reload(site, taken=True):
    """SIGHUP, and wait until it was taken, or refused; gives the lines of the log."""
    mark = site.log.stat().st_size
    site.processes["ingest"].send_signal(signal.SIGHUP)

    def told():
        text = site.log.read_bytes()[mark:].decode(errors="replace")
        return re.search(r"event=(reloaded|configuration-kept)[^\n]*\n", text) and text

    text = postern.wait_for("the configuration to be read again", told)
    expect(text, ("event=reloaded" in text) == taken)
    return text
