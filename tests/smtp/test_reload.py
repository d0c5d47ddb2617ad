#!/usr/bin/python3 -B
"""SIGHUP: new settings for new sessions, whole or not at all; and what is told before it is asked for."""

import os
import pathlib
import re
import shutil
import socket
import ssl
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern  # noqa: E402
from smtp_client import ENVELOPE, MESSAGE, Authority, Client, expect, ingest, reload  # noqa: E402


def configure(site, smtp):
    """Another text of smtp options in the file."""
    site.smtp = smtp
    site.write_config()


def shown(client):
    """The certificate that the server showed."""
    return ssl.DER_cert_to_PEM_cert(client.socket.getpeercert(True))


def test_sessions_keep_what_they_began_with():
    with ingest('clients = ( { networks = ( "127.0.5.5" ); message_size = "1 MB"; } );') as site:
        busy, idle = Client(site, source="127.0.5.5"), Client(site, source="127.0.5.5")
        busy.say(ENVELOPE, 3)
        busy.socket.sendall(b"Subject: half\r\n\r\n" + b"x" * 70 + b"\r\n")
        configure(site, 'networks = ( "127.0.0.1" ); message_size = "64 KB"; timeout = "2 s";')
        reload(site)
        fresh = Client(site, source="127.0.5.5")
        expect(fresh.capabilities, "SIZE 65536" in fresh.capabilities)
        expect("a stranger now", fresh.try_rcpt().startswith("554 5.7.1"))
        expect("as before", "SIZE 1048576" in idle.say(b"EHLO again.example\r\n"))
        busy.socket.sendall((b"x" * 998 + b"\r\n") * 200)
        reply = busy.say(b".\r\n")
        expect("the message in hand is whole: " + reply, reply.startswith("250 2.0.0 Ok: queued"))
        expect("and the next one", busy.send().startswith("250"))
        expect("stored", site.query("select max(size) from message") == [["200089"]])
        expect("a new timeout", fresh.reply().startswith("421 4.4.2"))


BAD = (
    ("smtp: {", "smtp: { nonsense = 1;", r"no such option: smtp\.nonsense"),
    ('certificate = "tls.pem";\n\tprivate_key = "tls.key";\n\ttimeout', 'certificate = "gone.pem";\n\t'
     'private_key = "tls.key";\n\ttimeout', r"postern\.conf:\d+: smtp\.certificate cannot be read"),
    ('private_key = "tls.key";\n\ttimeout', 'private_key = "other.key";\n\ttimeout',
     r"postern\.conf:\d+: smtp\.private_key does not fit the certificate"),
    ('timeout = "5 s";', 'networks = ( "0.0.0.0/0", "x" );', r"is no network.*\n.*would let everybody relay"),
    ('timeout = "5 s";', 'clients = ( { certificates = ( "a.example" ); } );', r"smtp\.client_ca must be set"),
    ('timeout = "5 s";', 'listeners = ( { address = "1:2:3:4"; }, { address = "127.0.0.1:99999"; } );',
     r"needs brackets.*\n.*has no port"),
    ('timeout = "5 s";', 'client_ca = "tls.key";', r"smtp\.client_ca holds no certificate"),
)


def test_what_is_bad_changes_nothing():
    with ingest('timeout = "5 s";') as site:
        Authority(site.folder, "other")
        good = site.config.read_text()
        for found, bad, fault in BAD:
            expect(found, found in good)
            site.config.write_text(good.replace(found, bad))
            text = reload(site, taken=False)
            expect("%s in %s" % (fault, text), re.search(fault, text))
            expect("service goes on", Client(site).secure().send().startswith("250"))
        site.config.unlink()
        reload(site, taken=False)
        site.config.write_text(good.replace("5 s", "6 s"))
        reload(site)
        expect("then on with the good", Client(site).secure().send().startswith("250"))


def test_listeners_come_and_go():
    with ingest("") as site, socket.socket() as taken:
        port = postern.free_port()
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        configure(site, 'listeners = ( { address = "127.0.0.1:%d"; } );' % port)
        reload(site)
        first = Client(site, port=port)
        configure(site, 'listeners = ( { address = "127.0.0.1:%d"; implicit_tls = true; } );' % port)
        reload(site)
        with socket.create_connection(("127.0.0.1", port), 20) as client:
            client.settimeout(0.5)
            try:
                expect("TLS first now", client.recv(10) == b"")
            except TimeoutError:
                pass
        configure(site, 'listeners = ( { address = "127.0.0.1:%d"; } );' % taken.getsockname()[1])
        text = reload(site, taken=False)
        expect(text, "event=listen-failed" in text)
        socket.create_connection(("127.0.0.1", port), 20).close()
        configure(site, "")
        text = reload(site)
        expect(text, "event=listening-no-more address=127.0.0.1 port=%d" % port in text)
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionError:
            pass
        else:
            raise AssertionError("still listening")
        expect("who came by it stays", first.send().startswith("250"))
        expect("the other one was never closed", Client(site).send().startswith("250"))


def test_certificates_are_picked_up():
    with ingest("connections = 400;") as site:
        before = shown(Client(site).secure())
        open_session = Client(site).secure()
        other = Authority(site.folder, "other").issue("fresh", "localhost", usage="serverAuth")
        shutil.copy(other[0], site.folder / "tls.pem")
        shutil.copy(other[1], site.folder / "tls.key")
        expect("not by itself", shown(Client(site).secure()) == before)
        configure(site, "connections = 300;")
        text = reload(site)
        expect(text, "event=restart-needed option=smtp.connections" in text)
        after = shown(Client(site).secure())
        expect("the new one", after == other[0].read_text() and after != before)
        expect("an open session goes on", open_session.send().startswith("250"))


def test_nobody_is_refused_meanwhile():
    """Sessions come and go, messages are sent, while it reads its configuration again and again."""
    with ingest("") as site:
        over, faults = threading.Event(), []

        def visit():
            while not over.is_set():
                try:
                    client = Client(site)
                    expect("sent", client.secure().send().startswith("250"))
                    client.say(b"QUIT\r\n")
                except Exception as fault:  # whatever it is, it is told
                    faults.append(fault)

        threads = [threading.Thread(target=visit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(20):
            configure(site, 'message_size = "%d MB"; listeners = ( { address = "127.0.0.1:%d"; } );' % (
                number + 1, postern.free_port()))
            reload(site)
        over.set()
        for thread in threads:
            thread.join()
        expect(faults, not faults)
        expect("of the last one", "SIZE %d" % (20 << 20) in Client(site).capabilities)


def test_the_service_manager_is_told():
    with postern.Postern(start=False) as site, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = str(site.folder / "notify")
        manager.bind(path)
        manager.settimeout(postern.WAIT)
        os.environ["NOTIFY_SOCKET"] = path
        try:
            site.start("ingest")
        finally:
            del os.environ["NOTIFY_SOCKET"]
        expect("ready", manager.recv(4096) == b"READY=1")
        reload(site)
        told = manager.recv(4096)
        expect(told, re.match(rb"RELOADING=1\nMONOTONIC_USEC=\d+$", told))
        expect("done", manager.recv(4096) == b"READY=1")
        site.config.write_text(site.config.read_text().replace("smtp: {", "smtp: { nonsense = 1;"))
        reload(site, taken=False)
        expect("again", manager.recv(4096).startswith(b"RELOADING=1"))
        expect("done, though nothing was taken", manager.recv(4096) == b"READY=1")
        site.stop("ingest")
        expect("stopping", manager.recv(4096) == b"STOPPING=1")


def test_config_check_tells_all_at_once():
    with postern.Postern(start=False) as site:
        authority = Authority(site.folder, "authority")
        authority.issue("old", "old.example", usage="serverAuth", days=-1)
        configure(site, '''clients = (
            { networks = ( "10.0.0.0/33" ); },
            { users = ( "a" ); needs_tls = true; certificates = ( "*" ); } );
            listeners = ( { address = "here"; },
                { address = "127.0.0.1:465"; certificate = "tls.pem"; private_key = "authority.key"; } );
            certificates = ( { names = ( "x.example" ); certificate = "none.pem"; private_key = "tls.key"; },
                { names = ( "y.example" ); certificate = "old.pem"; private_key = "old.key"; } );''')
        lines = site.config.read_text().splitlines()
        code, faults = postern.check_config(site.config)
        expect(faults, code == 1)
        for found, option, fault in (
                ('"10.0.0.0/33"', "smtp.clients[].networks", "bad prefix length"),
                ('( "*" )', "smtp.clients[].certificates", "neither a name"),
                ('"here"', "smtp.listeners[].address", "expects host:port"),
                ('"authority.key"', "smtp.listeners[].private_key", "does not fit the certificate"),
                ('"none.pem"', "smtp.certificates[].certificate", "cannot be read"),
                ('"old.pem"', "smtp.certificates[].certificate", r"\(warning\) holds a certificate that has expired")):
            number = 1 + next(i for i, line in enumerate(lines) if found in line)
            expect("%s in:\n%s" % (found, faults),
                   re.search(r":%d: %s .*%s" % (number, re.escape(option), fault), faults))


def test_config_check_needs_no_rights():
    if os.geteuid() != 0:
        raise cases.Skip("needs root, to give up its rights")
    with postern.Postern(start=False) as site:
        (site.folder / "tls.key").chmod(0o600)
        site.config.chmod(0o644)
        expect("as root", postern.check_config(site.config) == (0, ""))
        code, said = postern.check_config(site.config, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        expect("%d: %s" % (code, said), code == 0)
        expect(said, re.search(r"smtp\.private_key \(warning\) not checked, this user may not read", said))


if __name__ == "__main__":
    cases.run(__name__)
