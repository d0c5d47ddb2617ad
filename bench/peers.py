"""The peers: a private Postfix, a private nginx, smtp-sink, and the constant server."""

import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

from postern import free_port, wait_for


class Missing(Exception):
    """A program that a row needs is not installed."""


def need(*programs):
    """Find programs; the folders of daemons are looked at too."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    for program in programs:
        if shutil.which(program, path=path) is None:
            raise Missing(program + " is not installed")


def listening(port):
    """Does somebody listen there?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postfix:
    """Accepts mail and keeps it in its queue ("hold"), or relays it on to a port."""

    MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = peer.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = {relay}
smtpd_client_restrictions = {restrictions}
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_tls_security_level = none
message_size_limit = 209715200
mailbox_size_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
in_flow_delay = 0
"""
    SERVICES = (("unix", "cleanup", 0, "cleanup"), ("unix", "qmgr", 1, "qmgr"),
                ("unix", "rewrite", "-", "trivial-rewrite"), ("unix", "bounce", 0, "bounce"),
                ("unix", "defer", 0, "bounce"), ("unix", "trace", 0, "bounce"),
                ("unix", "verify", 1, "verify"), ("unix", "flush", 0, "flush"),
                ("unix", "proxymap", "-", "proxymap"), ("unix", "smtp", "-", "smtp"),
                ("unix", "relay", "-", "smtp"), ("unix", "error", "-", "error"),
                ("unix", "retry", "-", "error"), ("unix", "anvil", 1, "anvil"),
                ("unix", "scache", 1, "scache"), ("unix", "tlsmgr", 1, "tlsmgr"),
                ("unix-dgram", "postlog", 1, "postlogd"))

    def __init__(self, relay_port=None):
        need("postfix", "postsuper")
        if os.geteuid() != 0:
            raise Missing("the right to start Postfix (root)")
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-postfix-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        (self.folder / "etc" / "main.cf").write_text(self.MAIN.format(
            folder=self.folder, relay="[127.0.0.1]:%d" % relay_port if relay_port else "",
            restrictions="permit" if relay_port else "check_client_access static:HOLD"))
        lines = ["127.0.0.1:%d inet n - n - 200 smtpd" % self.port]
        for kind, name, limit, program in self.SERVICES:
            wake = {"qmgr": "300", "tlsmgr": "1000?", "flush": "1000?"}.get(name, "-")
            private = "n" if name in ("cleanup", "qmgr", "flush", "postlog") else "y"
            lines.append("%s %s %s - n %s %s %s" % (name, kind, private, wake, limit, program))
        (self.folder / "etc" / "master.cf").write_text("\n".join(lines) + "\n")
        self.command("start")
        wait_for("Postfix", lambda: listening(self.port))

    def command(self, *words):
        """postfix ..."""
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "etc", *words],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("postfix %s: %s" % (words, done.stderr))

    def roots(self):
        """Its first process."""
        return {int((self.folder / "queue" / "pid" / "master.pid").read_text())}

    def queued(self):
        """Messages in its queue."""
        return sum(len(files) for part in ("incoming", "active", "deferred", "hold", "maildrop")
                   for _, _, files in os.walk(self.folder / "queue" / part))

    def empty(self):
        """Forget what was queued."""
        subprocess.run(["/usr/sbin/postsuper", "-c", self.folder / "etc", "-d", "ALL"],
                       capture_output=True, check=True)

    def close(self):
        """Stop and remove."""
        with contextlib.suppress(RuntimeError):
            self.command("stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class SmtpSink:
    """Takes mail and throws it away, counting."""

    def __init__(self):
        need("smtp-sink")
        self.port = free_port()
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["/usr/sbin/smtp-sink", "-c", "-u", "nobody", "127.0.0.1:%d" % self.port, "1000"],
            stdout=self.output, stderr=subprocess.DEVNULL)
        wait_for("smtp-sink", lambda: listening(self.port))

    def count(self):
        """Messages so far."""
        size = os.fstat(self.output.fileno()).st_size
        tail = os.pread(self.output.fileno(), 200, max(0, size - 200))
        found = re.findall(rb"mesg=\s*(\d+)", tail)
        return int(found[-1]) if found else 0

    def close(self):
        """Stop."""
        self.process.kill()
        self.process.wait()


def send(port, size, sessions, count):
    """smtp-source: so many messages over so many sessions; gives the seconds it took."""
    began = time.monotonic()
    subprocess.run(["/usr/sbin/smtp-source", "-4", "-d", "-l", str(size), "-s", str(sessions), "-m",
                    str(count), "-f", "sender@corp.example", "-t", "carol@example.net",
                    "127.0.0.1:%d" % port], check=True, timeout=300, capture_output=True)
    return time.monotonic() - began


class Nginx:
    """Serves one folder over HTTPS."""

    def __init__(self, folder, certificate, key):
        need("nginx")
        self.port = free_port()
        config = pathlib.Path(folder) / "nginx.conf"
        config.write_text("""daemon off;
worker_processes auto;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log;
events { worker_connections 256; }
http {
	access_log off;
	sendfile on;
	client_body_temp_path %(folder)s/nginx-body;
	proxy_temp_path %(folder)s/nginx-proxy;
	fastcgi_temp_path %(folder)s/nginx-fastcgi;
	uwsgi_temp_path %(folder)s/nginx-uwsgi;
	scgi_temp_path %(folder)s/nginx-scgi;
	server {
		listen 127.0.0.1:%(port)d ssl;
		ssl_certificate %(certificate)s;
		ssl_certificate_key %(key)s;
		ssl_protocols TLSv1.2 TLSv1.3;
		root %(folder)s/served;
	}
}
""" % {"folder": folder, "port": self.port, "certificate": certificate, "key": key})
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-e", folder / "nginx.log", "-c", config])
        wait_for("nginx", lambda: listening(self.port))

    def close(self):
        """Stop."""
        self.process.terminate()
        self.process.wait()


class Constant:
    """bench/constant.c with a page of that size."""

    def __init__(self, program, certificate, key, size):
        self.port = free_port()
        self.process = subprocess.Popen([program, str(self.port), certificate, key, str(size)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def close(self):
        """Stop."""
        self.process.stdin.close()
        self.process.wait()
