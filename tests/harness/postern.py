"""A whole Postern of its own for one test: PostgreSQL, keys, certificate, daemons, Maildir.

Everything lies in one temporary folder, on ports that were free, and goes away at the end; only
what was started here is stopped.  The program under test is POSTERN (default: the sanitized build
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
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAEMONS = ("ingest", "courier", "portal")
WAIT = 60  # seconds; a wait ends at its event, this only bounds a failure


def program():
    """Path of the executable under test."""
    if "POSTERN" in os.environ:
        return pathlib.Path(os.environ["POSTERN"])
    for variant in ("sanitize", "release"):
        path = ROOT / "build" / variant / "postern"
        if path.exists():
            return path
    raise RuntimeError("no program: make first")


def catalogues():
    """The folder of the compiled translations, beside the program in a build; elsewhere as installed."""
    beside = pathlib.Path(program()).resolve().parent / "languages"
    return beside if beside.is_dir() else ""


def free_port():
    """A TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, found, timeout=WAIT):
    """Call `found` until it gives something true; give that back."""
    until = time.monotonic() + timeout
    pause = 0.01
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError("waited in vain for " + what)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


class Postern:
    """One installation.  Use as a context manager."""

    # No look-ups on the network, unless a test wants some.
    NO_LOOKUPS = "keys: { sources = ( ); };"

    def __init__(self, extra="", policy="", start=True, pg_options="fsync=off", smtp="", portal="",
                 courier="", relay=None, clock_patience="0 s", ingest="", organisation="",
                 keys=NO_LOOKUPS):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-test-"))
        self.folder.chmod(0o711)  # as root, PostgreSQL runs as somebody else and must get in
        self.extra, self.policy, self.smtp, self.portal = extra, policy, smtp, portal
        self.courier, self.relay, self.ingest = courier, relay, ingest
        self.organisation, self.keys = organisation, keys
        # Tests move the clock by days and want to see at once what comes of it.
        self.clock_patience = clock_patience
        self.pg_options = pg_options
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
        self.connection = (self.cluster("start").strip().splitlines()[-1] +
                           " dbname=postern user=postern")
        self.socket = re.search(r"host=(\S+)", self.connection).group(1)
        self.ctl("keys", "init", str(self.folder / "keys"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "30", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.folder / "tls.key",
             "-out", self.folder / "tls.pem"], check=True, capture_output=True)
        self.config = self.folder / "postern.conf"
        self.write_config()
        self.ctl("schema", "migrate", "--config", str(self.config))

    def write_config(self):
        """The configuration, from the texts given to the constructor."""
        role = "host=%s dbname=postern user=postern_" % self.socket
        relay = self.relay or 'relay: { maildir = "mail"; };'
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
	database = "{role}portal";
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
ingest: {{ database = "{role}ingest"; keys = "keys/ingest.keys"; {self.ingest} }};
courier: {{
	database = "{role}courier";
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
{self.keys}
{self.extra}
''')

    def cluster(self, verb, *more, folder="database", through=()):
        """tools/cluster.sh on this installation's PostgreSQL; gives its output."""
        environment = dict(os.environ, POSTERN_PG_OPTIONS=self.pg_options)
        done = subprocess.run([*through, ROOT / "tools" / "cluster.sh", verb, self.folder / folder,
                               *more], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("cluster %s: %s" % (verb, done.stderr))
        return done.stdout

    def kill_postmaster(self):
        """kill -9 of PostgreSQL's first process; the others find out by themselves."""
        lock = self.folder / "database" / "data" / "postmaster.pid"
        number = int(lock.read_text().split("\n", 1)[0])
        os.kill(number, signal.SIGKILL)
        # Until it is reaped, its number looks like a server that runs.
        wait_for("the server to be gone", lambda: not pathlib.Path("/proc/%d" % number).exists())

    def start_database(self):
        """Start it after a kill: it refuses as long as a process of the killed one lives."""
        def started():
            with contextlib.suppress(RuntimeError):
                self.cluster("start")
                return self.query("select 1")
        wait_for("PostgreSQL to start again", started)

    def ctl(self, *words, check=True):
        """postern ctl ...; gives its output."""
        done = subprocess.run([program(), "ctl", *words], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError("ctl %s: %s%s" % (words, done.stdout, done.stderr))
        return done.stdout

    def start(self, *names):
        """Start the daemons named (default: all) and wait until they are ready."""
        for name in names or DAEMONS:
            mark = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "ab") as log:
                self.processes[name] = subprocess.Popen(self.command(name), stderr=log)
            self._wait_ready(name, mark)

    def command(self, name):
        """How a daemon is started."""
        return [program(), name, "--config", self.config]

    def _wait_ready(self, name, mark):
        def ready():
            if self.processes[name].poll() is not None:
                raise AssertionError("%s ended at once: %s" % (
                    name, self.log.read_text(errors="replace")[-2000:]))
            with open(self.log, "rb") as log:
                log.seek(mark)
                text = log.read().decode(errors="replace")
            return re.search("daemon=%s event=ready" % name.partition("-")[0], text)
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
        for name in list(self.processes):
            try:
                self.stop(name)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed = error
        with contextlib.suppress(Exception):
            self.cluster("destroy")
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

    def query(self, sql):
        """Run SQL as the owner; gives rows of texts."""
        done = subprocess.run(["psql", "-X", "-A", "-t", "-q", "-d", self.connection, "-c", sql],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [line.split("|") for line in done.stdout.splitlines() if line]

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


def link_in(message, kind):
    """The private link of that kind ("r" or "s") in a letter; it stands alone on its line."""
    found = re.search(r"^(https://\S+/%s/[0-9a-z]{32})\s*$" % kind, body_text(message), re.M)
    if found is None:
        raise AssertionError("no /%s/ link in:\n%s" % (kind, body_text(message)))
    return found.group(1)
