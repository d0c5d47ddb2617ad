#!/usr/bin/python3 -B
"""Listeners: TLS from the first byte, certificates by name, IPv6, tickets, sockets handed over."""

import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern  # noqa: E402
from smtp_client import Authority, Client, expect, ingest, reload, tls_context  # noqa: E402


class Site:
    """An installation with listeners of every kind."""

    def __init__(self):
        self.tls_port, self.ipv6_port = postern.free_port(), postern.free_port()
        self.site = postern.Postern(start=False)
        folder = self.site.folder
        authority = Authority(folder, "authority")
        for file, name in (("own", "own.example"), ("mx", "mx.corp.example"), ("any", "any.corp.example")):
            authority.issue(file, name, (name,), "serverAuth")
        self.site.smtp = f'''
            listeners = (
                {{ address = "127.0.0.1:{self.tls_port}"; implicit_tls = true;
                   certificate = "own.pem"; private_key = "own.key"; }},
                {{ address = "[::1]:{self.ipv6_port}"; }} );
            certificates = (
                {{ names = ( "*.corp.example" ); certificate = "any.pem"; private_key = "any.key"; }},
                {{ names = ( "mx.corp.example", "mx.example" ); certificate = "mx.pem"; private_key = "mx.key"; }} );
            message_size = "1 MB";'''
        self.site.write_config()
        self.site.start("ingest")

    def __enter__(self):
        return self.site.__enter__()

    def __exit__(self, *exception):
        self.site.__exit__(*exception)


def shown(client):
    """Common name of the certificate that the server showed."""
    der = client.socket.getpeercert(True)
    done = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject", "-nameopt", "multiline"],
                          input=der, capture_output=True, check=True)
    return re.search(r"commonName\s*= (\S+)", done.stdout.decode()).group(1)


def check_implicit_tls(site, port):
    """The greeting comes inside, nothing is offered that is there already, and plain text gets nowhere."""
    client = Client(site, port=port, tls=tls_context())
    expect(client.greeting, client.greeting.startswith("220 "))
    expect(client.capabilities, "STARTTLS" not in client.capabilities)
    expect("no second one", client.say(b"STARTTLS\r\n")[0] == "5")
    expect("taken", client.send().startswith("250 2.0.0 Ok: queued"))
    with socket.create_connection(("127.0.0.1", port), 20) as plain:
        plain.sendall(b"EHLO client.example\r\n")
        try:
            reply = plain.recv(4096)
        except ConnectionError:
            reply = b""
        expect(reply, not reply.startswith((b"220", b"250", b"5")))


def check_names(site, port):
    """The certificate of the name that is asked for, else that of the listener, else the common one."""
    for name, starttls, implicit in (
            (None, "localhost", "own.example"), ("other.example", "localhost", "own.example"),
            ("MX.Corp.example", "mx.corp.example", "mx.corp.example"),
            ("mx.example", "mx.corp.example", "mx.corp.example"),
            ("a.corp.example", "any.corp.example", "any.corp.example"),
            ("a.b.corp.example", "localhost", "own.example"),
            ("corp.example", "localhost", "own.example")):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = tls_context(minimum=version, maximum=version)
            found = shown(Client(site).secure(context, name))
            expect("%s: %s" % (name, found), found == starttls)
            found = shown(Client(site, port=port, tls=context, name=name))
            expect("%s: %s" % (name, found), found == implicit)


def resumes(site, version, session=None, between=lambda: None):
    """Whether a second session resumes the first."""
    context = tls_context(minimum=version, maximum=version)
    client = Client(site).secure(context)
    client.say(b"NOOP\r\n")
    session = client.socket.session
    between()
    again = Client(site).secure(context, session=session)
    return again.socket.session_reused


def check_tickets(site):
    """Clients resume, and do so after the configuration was read again."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        expect(version, resumes(site, version))
        expect(version, resumes(site, version, between=lambda: reload(site)))


def test_listeners_of_every_kind():
    kinds = Site()
    with kinds as site:
        check_implicit_tls(site, kinds.tls_port)
        client = Client(site, port=kinds.ipv6_port, host="::1")
        expect(client.capabilities, "STARTTLS" in client.capabilities)
        expect("taken over IPv6", client.send().startswith("250"))
        expect("and TLS there", shown(client.secure()) == "localhost")
        check_names(site, kinds.tls_port)
        check_tickets(site)
        site.stop("ingest")
        log = site.log.read_text()
        expect(log, log.count("event=message ") == 2 and "client=::1" in log)


def handed_over(site, sockets):
    """Start ingest with sockets as a service manager hands them over: (name, socket) each."""
    for position, (_, each) in enumerate(sockets):
        os.dup2(each.fileno(), 100 + position)
    moves = " ".join("%d<&%d %d<&-" % (3 + i, 100 + i, 100 + i) for i in range(len(sockets)))
    script = "exec %s; LISTEN_PID=$$ LISTEN_FDS=%d LISTEN_FDNAMES=%s exec %s ingest --config %s" % (
        moves, len(sockets), ":".join(name for name, _ in sockets), postern.program(), site.config)
    mark = site.log.stat().st_size if site.log.exists() else 0
    with open(site.log, "ab") as log:
        site.processes["ingest"] = subprocess.Popen(
            ["bash", "-c", script], stderr=log, pass_fds=range(100, 100 + len(sockets)))
    for position in range(len(sockets)):
        os.close(100 + position)
    site._wait_ready("ingest", mark)


def listening():
    """A socket that listens on some port."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(16)
    return server


def test_takes_sockets_that_are_handed_over():
    with postern.Postern(start=False) as site, listening() as plain, listening() as secure, \
            listening() as own:
        port = own.getsockname()[1]
        site.smtp = ('listeners = ( { address = "127.0.0.1:%d"; implicit_tls = true; } );' % port)
        site.write_config()
        handed_over(site, (("smtp", plain), ("smtps", secure), ("other", plain), ("smtp", own)))
        client = Client(site, port=plain.getsockname()[1])
        expect("taken", client.send().startswith("250"))
        check_implicit_tls(site, secure.getsockname()[1])
        check_implicit_tls(site, port)  # by its address, whatever its name
        try:
            socket.create_connection(("127.0.0.1", site.smtp_port), 5).close()
        except ConnectionError:
            pass
        else:
            raise AssertionError("smtp.listen was bound beside the sockets")
        reload(site)
        expect("still there", Client(site, port=plain.getsockname()[1]).send().startswith("250"))
        check_implicit_tls(site, port)


if __name__ == "__main__":
    cases.run(__name__)
