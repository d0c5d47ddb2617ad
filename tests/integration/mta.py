"""A Postfix of its own for one test: configuration, queue, log and ports, nothing of the system's.

It plays the organisation's mail server: `submit` is the port for its own people, `reentry` the one
that takes back what Postern hands over.  What it delivers goes to two sinks, the world and the
mailboxes of corp.example.  docs/integration.md says what is set here; keep both the same.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import cases
from postern import free_port, wait_for

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = mail.corp.example
myorigin = corp.example
mydestination =
local_recipient_maps =
local_transport = error:nobody is at home
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtpd_forbid_bare_newline = no
relayhost = [127.0.0.1]:{world}
transport_maps = pcre:{folder}/etc/transport
message_size_limit = 209715200
local_header_rewrite_clients =
# So that it is Postern who ends a loop.
hopcount_limit = 100
# Faster than in life, for the test.
bounce_queue_lifetime = 1h
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
in_flow_delay = 0s
"""

REENTRY = """
127.0.0.1:{reentry} inet n - n - - smtpd
  -o content_filter=
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks,no_milters
  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
postern unix - - n - 20 smtp
  -o smtp_tls_security_level=may
  -o disable_mime_output_conversion=yes
  -o smtp_generic_maps=
  -o smtp_send_xforward_command=yes
"""

# The port for a hosted mail service: whoever lacks the key in the header is not heard.
HOSTED = """
127.0.0.1:{hosted} inet n - n - - smtpd
  -o cleanup_service_name=hosted
  -o content_filter=discard:
  -o smtpd_relay_restrictions=check_client_access,cidr:{folder}/etc/service,reject
hosted unix n - n - 0 cleanup
  -o header_checks=pcre:{folder}/etc/hosted
keyed unix - - n - 20 smtp
  -o smtp_tls_security_level=may
  -o disable_mime_output_conversion=yes
  -o smtp_generic_maps=
  -o smtp_header_checks=pcre:{folder}/etc/keyed
"""

HOSTED_KEY = r"""
/^X-Postern-Key:\s*5ee1c2d7a90b\s*$/ FILTER keyed:[127.0.0.1]:{ingest}
"""

KEYED = """
/^X-Postern-Key:/ IGNORE
"""

SERVICE = """
127.0.0.1/32 OK
"""

# What people send goes to Postern, whatever it is.
ALL = """
127.0.0.1:{submit} inet n - n - - smtpd
  -o content_filter=postern:[127.0.0.1]:{ingest}
"""

# Marked recipients go to Postern, and messages with a mark in their header.
MARKED = """
127.0.0.1:{submit} inet n - n - - smtpd
  -o cleanup_service_name=marks
marks unix n - n - 0 cleanup
  -o header_checks=pcre:{folder}/etc/marks
"""

MARKED_TRANSPORT = """
/^secure-.*@/ postern:[127.0.0.1]:{ingest}
"""

MARKS = r"""
/^Subject:.*\[secure\]/ FILTER postern:[127.0.0.1]:{ingest}
/^X-Secure:\s*yes\s*$/ FILTER postern:[127.0.0.1]:{ingest}
"""

TRANSPORT = r"""
/@corp\.example$/ smtp:[127.0.0.1]:{inbox}
"""

SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def require():
    """Skip where Postfix cannot be run."""
    if not pathlib.Path("/usr/sbin/postfix").exists():
        raise cases.Skip("no Postfix")
    if os.geteuid() != 0:
        raise cases.Skip("Postfix needs root")


class Postfix:
    """One instance.  `marked_only` chooses the placement."""

    def __init__(self, ingest, world, inbox, marked_only=False, reentry=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-mta-"))
        self.folder.chmod(0o755)
        self.submit, self.hosted = free_port(), free_port()
        self.reentry = reentry or free_port()
        self.values = {"folder": self.folder, "ingest": ingest, "world": world, "inbox": inbox,
                       "submit": self.submit, "hosted": self.hosted, "reentry": self.reentry}
        self.marked_only = marked_only

    def __enter__(self):
        try:
            self._write()
            self._run("start")
            wait_for("Postfix", lambda: (self.folder / "queue/pid/master.pid").exists())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None and (self.folder / "maillog").exists():
            lines = (self.folder / "maillog").read_text(errors="replace").splitlines()
            print("--- last lines of Postfix's log\n" + "\n".join(lines[-40:]))
        self._stop()

    def _write(self):
        (self.folder / "etc").mkdir(mode=0o755)
        (self.folder / "queue").mkdir(mode=0o755)
        (self.folder / "data").mkdir(mode=0o700)
        shutil.chown(self.folder / "data", "postfix")
        placement = MARKED if self.marked_only else ALL
        texts = {"main.cf": MAIN, "master.cf": SERVICES + placement + REENTRY + HOSTED,
                 "marks": MARKS, "hosted": HOSTED_KEY, "keyed": KEYED, "service": SERVICE,
                 "transport": (MARKED_TRANSPORT if self.marked_only else "") + TRANSPORT}
        for name, text in texts.items():
            path = self.folder / "etc" / name
            path.write_text(text.format(**self.values).lstrip("\n"))
            path.chmod(0o644)

    def _run(self, verb):
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "etc", verb],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("postfix %s: %s %s" % (verb, done.stdout, done.stderr))

    def _stop(self):
        lock = self.folder / "queue" / "pid" / "master.pid"
        if lock.exists():
            number = int(lock.read_text())
            name = pathlib.Path("/proc/%d/comm" % number)
            if name.exists() and name.read_text().strip() == "master":
                os.kill(number, signal.SIGTERM)
                wait_for("Postfix to end", lambda: not name.exists())
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        """Everything it wrote."""
        return (self.folder / "maillog").read_text(errors="replace")

    def queue(self):
        """Messages that are still there."""
        return [path for name in ("maildrop", "incoming", "active", "deferred", "hold")
                for path in (self.folder / "queue" / name).rglob("*") if path.is_file()]
