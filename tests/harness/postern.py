"""A whole Postern of its own for one test: PostgreSQL, keys, certificate, daemons, Maildir.

Everything lies in one temporary folder, and a second one on memory, on ports that were free, and goes
away at the end; only what was started here is stopped.  The program under test is POSTERN (default: the sanitized build
when it is there).
"""

import contextlib
import email
import email.policy
import os
import pathlib
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import unittest.mock

import cases
from database import MEMORY, Database
from waiting import WAIT, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMONS = ("ingest", "courier", "portal")


def program():
    """Path of the executable under test."""
    if "POSTERN" in os.environ:
        return pathlib.Path(os.environ["POSTERN"])
    for variant in ("sanitize", "release"):
        path = ROOT / "build" / variant / "postern"
        if path.exists():
            return path
    raise RuntimeError("no program: make first")


@contextlib.contextmanager
def release():
    """The release build is under test, for what sanitizers change: memory, how much and what is in it."""
    path = ROOT / "build" / "release" / "postern"
    if not path.exists():
        raise cases.Skip("no build/release/postern")
    with unittest.mock.patch.dict(os.environ, POSTERN=str(path)):
        yield


def catalogues():
    """The folder of the compiled translations, beside the program in a build; elsewhere as installed."""
    beside = pathlib.Path(program()).resolve().parent / "languages"
    return beside if beside.is_dir() else ""


_claims = []  # sockets of names, which go with this process


def free_port():
    """A TCP port of the loopback address that nobody listens on; no other test on this machine gets it
    while this one runs, though nobody listens there yet, or for a while."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind("\0postern-test-port-%d" % port)
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port


def check_config(config, *before):
    """postern ctl config check, behind a command where one is given: exit status and what it complains of."""
    done = subprocess.run([*before, program(), "ctl", "config", "check", "--config", config],
                          capture_output=True, text=True, timeout=WAIT)
    return done.returncode, done.stderr


class Postern(Database):
    """One installation.  Use as a context manager.  It shares a server of PostgreSQL, unless that is told
    how to be (`pg_options`) or the test says `own_database`."""

    # No look-ups on the network, unless a test wants some.
    NO_LOOKUPS = "keys: { sources = ( ); };"

    def __init__(self, extra="", policy="", start=True, pg_options=None, smtp="", portal="",
                 courier="", relay=None, clock_patience="0 s", ingest="", organisation="",
                 keys=NO_LOOKUPS, own_database=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-test-"))
        self.folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and must get in
        self.extra, self.policy, self.smtp, self.portal = extra, policy, smtp, portal
        self.courier, self.relay, self.ingest = courier, relay, ingest
        self.organisation, self.keys = organisation, keys
        # What gpg needs is on memory, and goes with the installation, however its daemons end.
        self.runtime = pathlib.Path(tempfile.mkdtemp(
            prefix="postern-test-", dir=MEMORY if os.access(MEMORY, os.W_OK) else self.folder))
        # Tests move the clock by days and want to see at once what comes of it.
        self.clock_patience = clock_patience
        self.own_database = own_database or pg_options is not None
        self.pg_options = "fsync=off" if pg_options is None else pg_options
        self.smtp_port, self.https_port = free_port(), free_port()
        self.url = "https://localhost:%d" % self.https_port
        self.maildir = self.folder / "mail"
        self.log = self.folder / "postern.log"
        self.clock = self.folder / "clock"
        self.processes = {}
        self.seen = set()
        try:
            self._prepare()
            if start:
                self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and self.log.exists():
            lines = self.log.read_text(errors="replace").splitlines()
            print("--- last lines of the log\n" + "\n".join(lines[-40:]))
        self.close()

    def _prepare(self):
        self.maildir.mkdir()
        self.clock.write_text("0")
        self.ctl("keys", "init", str(self.folder / "keys"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "tls.key",
             "-out", self.folder / "tls.pem"], check=True, capture_output=True)
        self.config = self.folder / "postern.conf"
        self.open_database(self.own_database, self._migrate)
        self.write_config()

    def _migrate(self):
        self.write_config()
        self.ctl("schema", "migrate", "--config", str(self.config))

    def write_config(self):
        """The configuration, from the texts given to the constructor."""
        relay = self.relay or 'relay: { maildir = "mail"; };'
        keys = self.keys if "runtime_folder" in self.keys else self.keys.replace(
            "{", '{ runtime_folder = "%s";' % self.runtime, 1)
        self.config.write_text(f'''
organisation: {{
	name = "Example Organisation";
	domains = ( "corp.example" );
	system_address = "postern@corp.example";
	host_name = "gate.corp.example";
	{self.organisation}
}};
portal: {{
	url = "{self.url}";
	listen = "127.0.0.1:{self.https_port}";
	certificate = "tls.pem";
	private_key = "tls.key";
	database = "{self.role('portal')}";
	keys = "keys/portal.keys";
	templates = "{ROOT}/templates";
	languages = "{catalogues()}";
	static = "{ROOT}/static";
	demo_maildir = "mail";
	{self.portal}
}};
smtp: {{
	listen = ( "127.0.0.1:{self.smtp_port}" );
	certificate = "tls.pem";
	private_key = "tls.key";
	{self.smtp}
}};
ingest: {{ database = "{self.role('ingest')}"; keys = "keys/ingest.keys"; {self.ingest} }};
courier: {{
	database = "{self.role('courier')}";
	keys = "keys/courier.keys";
	templates = "{ROOT}/templates";
	languages = "{catalogues()}";
	clock_patience = "{self.clock_patience}";
	{self.courier}
}};
{relay}
ctl: {{ database = "{self.connection}"; }};
clock: {{ file = "clock"; }};
policy: {{ argon2_memory = "8 MB"; argon2_passes = 1; {self.policy} }};
{keys}
{self.extra}
''')

    def ctl(self, *words, check=True):
        """postern ctl ...; gives its output."""
        done = subprocess.run([program(), "ctl", *words], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError("ctl %s: %s%s" % (words, done.stdout, done.stderr))
        return done.stdout

    def start(self, *names):
        """Start the daemons named (default: all) and wait until they are ready."""
        mark = self.log.stat().st_size if self.log.exists() else 0
        for name in names or DAEMONS:
            with open(self.log, "ab") as log:
                self.processes[name] = subprocess.Popen(self.command(name), stderr=log)
        for name in names or DAEMONS:
            kind = name.partition("-")[0]
            self._wait_ready(name, mark, sum(each.partition("-")[0] == kind for each in names or DAEMONS))

    def command(self, name):
        """How a daemon is started."""
        return [program(), name, "--config", self.config]

    def _wait_ready(self, name, mark, times=1):
        """Until it said so behind that place of the log; with its like, until all of them did."""
        def ready():
            if self.processes[name].poll() is not None:
                raise AssertionError("%s ended at once: %s" % (
                    name, self.log.read_text(errors="replace")[-2000:]))
            with open(self.log, "rb") as log:
                log.seek(mark)
                text = log.read().decode(errors="replace")
            return len(re.findall("daemon=%s event=ready" % name.partition("-")[0], text)) >= times
        wait_for(name + " to be ready", ready)

    def stop(self, *names, how=signal.SIGTERM):
        """Stop daemons; a SIGTERM must end them properly."""
        for name in names or list(self.processes):
            process = self.processes.pop(name, None)
            if process is None:
                continue
            process.send_signal(how)
            code = process.wait(WAIT)
            if how == signal.SIGTERM and code != 0:
                raise AssertionError("%s ended with %d:\n%s" % (
                    name, code, self.log.read_text(errors="replace")[-3000:]))

    def close(self):
        """Stop and remove everything."""
        failed = None
        for process in self.processes.values():
            process.terminate()  # each by itself, but all at a time
        for name in list(self.processes):
            try:
                self.stop(name)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed = error
        with contextlib.suppress(Exception):
            self.close_database()
        shutil.rmtree(self.runtime, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        if failed is not None:
            raise failed

    def set_clock(self, seconds):
        """Move this installation's clock by so many seconds from the real time."""
        temporary = self.folder / "clock.new"
        temporary.write_text(str(int(seconds)))
        os.replace(temporary, self.clock)

    # ---- mail ----

    def send(self, sender, recipients, message, options=(), rcpt_options=()):
        """Hand a message (bytes, CRLF or LF) to ingest; gives the refused recipients."""
        if isinstance(message, str):
            message = message.encode()
        message = re.sub(rb"\r?\n", b"\r\n", message)
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="client.corp.example") as smtp:
            return smtp.sendmail(sender, recipients, message, options, rcpt_options)

    def letters(self, address):
        """All letters that lie in an address's Maildir, as (path, bytes)."""
        found = []
        for part in ("new", "cur"):
            folder = self.maildir / address / part
            if folder.is_dir():
                found += [(path, path.read_bytes()) for path in sorted(folder.iterdir())]
        return found

    def next_letter(self, address, matching=lambda message: True):
        """Wait for the next letter to `address` not seen before; gives (message, bytes without
        the Maildir's own lines)."""
        def look():
            for path, raw in self.letters(address):
                if path in self.seen:
                    continue
                message, rest = parse_letter(raw)
                if matching(message):
                    self.seen.add(path)
                    return message, rest
            return None
        return wait_for("a letter to " + address, look)

    def settle(self):
        """Wait until the courier has nothing left to do now."""
        def idle():
            now = "extract(epoch from now()) + %d" % int(self.clock.read_text())
            # A letter that is just being sent is leased: nobody was asked yet, and it waits for
            # no transport.
            rows = self.query(
                "select (select count(*) from message where state = 1) + "
                "(select count(*) from delivery where state in (1, 3)) + "
                "(select count(*) from outbox where state = 1 and (next_at <= %s or "
                "(tries = 0 and lane = 0 and next_at <= %s + 15)))" % (now, now))
            return rows == [["0"]]
        wait_for("the courier to settle", idle)


def parse_letter(raw):
    """Split off Return-Path and Delivered-To, which the Maildir puts in front."""
    rest = raw
    while rest.startswith((b"Return-Path:", b"Delivered-To:")):
        rest = rest.split(b"\n", 1)[1]
    return email.message_from_bytes(raw, policy=email.policy.default), rest


def body_text(message):
    """The first text/plain body of a letter."""
    part = message.get_body(("plain",))
    return part.get_content() if part is not None else ""


def body_words(message):
    """The same, in one line."""
    return " ".join(body_text(message).split())


def link_in(message, kind):
    """The private link of that kind ("r" or "s") in a letter; it stands alone on its line."""
    found = re.search(r"^(https://\S+/%s/[0-9a-z]{32})\s*$" % kind, body_text(message), re.M)
    if found is None:
        raise AssertionError("no /%s/ link in:\n%s" % (kind, body_text(message)))
    return found.group(1)
