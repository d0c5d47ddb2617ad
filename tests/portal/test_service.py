#!/usr/bin/python3 -B
"""What the service manager sees of each daemon: ready, reloading, alive, stopping; the sockets it hands
over; and that a reload takes a new configuration whole, or keeps the old one."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import DAEMONS, Postern, body_text, free_port, link_in, program, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE = "alice@corp.example"


class Manager:
    """Hears what daemons tell."""

    def __init__(self, **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="postern-manager-")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(60)
        path = self.folder.name + "/notify"
        self.socket.bind(path)
        self.environment = dict(environment, NOTIFY_SOCKET=path)
        self.before = {}

    def __enter__(self):
        self.before = dict(os.environ)
        os.environ.update(self.environment)
        return self

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)
        self.socket.close()
        self.folder.cleanup()

    def next(self, but=""):
        """The next thing that is told, except for one thing."""
        while True:
            told = self.socket.recv(4096).decode().split("\n")[0]
            if told != but:
                return told


def test_each_daemon_tells_its_state():
    with Postern(start=False) as postern:
        for name in DAEMONS:
            with Manager() as manager:
                postern.start(name)
                assert manager.next() == "READY=1"
                if name != "ingest":
                    postern.processes[name].send_signal(signal.SIGHUP)
                    assert manager.next() == "RELOADING=1"
                    assert manager.next() == "READY=1"
                postern.stop(name)
                assert manager.next() == "STOPPING=1"


def test_each_daemon_feeds_the_watchdog():
    with Postern(start=False) as postern:
        for name in DAEMONS:
            with Manager(WATCHDOG_USEC="2000000") as manager:
                postern.start(name)
                for _ in range(3):
                    assert manager.next(but="READY=1") == "WATCHDOG=1"
                postern.stop(name)
                assert manager.next(but="WATCHDOG=1") == "STOPPING=1"


@contextlib.contextmanager
def activated(postern, listen, name="https"):
    """The portal with a socket that is listened on already; gives the process."""
    process = subprocess.Popen(
        ["systemd-socket-activate", "--listen=" + listen, "--fdname=" + name,
         *("-E%s=%s" % pair for pair in os.environ.items() if "OPTIONS" in pair[0]),
         program(), "portal", "--config", postern.config],
        stderr=open(postern.log, "ab"))
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def test_the_portal_takes_the_managers_socket():
    if not os.path.exists("/usr/bin/systemd-socket-activate"):
        raise cases.Skip("no systemd-socket-activate")
    other = free_port()
    with Postern(start=False) as postern:
        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", other)) == 0
        with activated(postern, "127.0.0.1:%d" % other):
            wait_for("the socket", listens)
            answer = Visitor().get("https://localhost:%d/healthz" % other)
            assert answer.status == 200 and answer.text == "ok\n"
            # The address of the configuration is not listened on.
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", postern.https_port)) != 0


def test_the_demonstration_stays_on_this_machine():
    """A socket that others can connect to is no way round the rule."""
    if not os.path.exists("/usr/bin/systemd-socket-activate"):
        raise cases.Skip("no systemd-socket-activate")
    port = free_port()
    with Postern(start=False) as postern:
        with activated(postern, "0.0.0.0:%d" % port) as process:
            def ended():
                with socket.socket() as probe:
                    probe.connect_ex(("127.0.0.1", port))
                return process.poll() is not None
            wait_for("the portal to refuse", ended)
        assert "needs a loopback address" in postern.log.read_text()


def reload(postern, name, event):
    """SIGHUP, and wait for the event in the daemon's log; gives what was logged since."""
    mark = postern.log.stat().st_size
    postern.processes[name].send_signal(signal.SIGHUP)

    def logged():
        text = postern.log.read_bytes()[mark:].decode()
        return text if re.search("daemon=%s event=%s" % (name, event), text) else None
    return wait_for("%s of %s" % (event, name), logged)


def change(postern, old, new):
    """Write another configuration."""
    text = postern.config.read_text()
    assert old in text, old
    postern.config.write_text(text.replace(old, new))


def test_the_portal_takes_a_new_configuration():
    with Postern(portal="workers = 2;") as postern:
        assert "Example Organisation" in Visitor().get(postern.url + "/").text
        change(postern, "Example Organisation", "Example Savings Bank")
        change(postern, "workers = 2;", "workers = 3;")
        logged = reload(postern, "portal", "reloaded")
        assert "event=restart-needed option=portal.workers" in logged, logged
        page = Visitor().get(postern.url + "/").text
        assert "Example Savings Bank" in page and "Example Organisation" not in page

        change(postern, "Example Savings Bank", "Example Trust")
        change(postern, 'system_address = "postern@corp.example"', 'system_address = "nobody"')
        logged = reload(postern, "portal", "reload-refused")
        assert "organisation.system_address is no mail address" in logged, logged
        assert "Example Savings Bank" in Visitor().get(postern.url + "/").text

        change(postern, 'system_address = "nobody"', 'system_address = "postern@corp.example"')
        (postern.folder / "tls.key").rename(postern.folder / "tls.away")
        logged = reload(postern, "portal", "reload-refused")
        assert "event=certificate-unusable" in logged, logged
        assert "Example Savings Bank" in Visitor().get(postern.url + "/").text

        (postern.folder / "tls.away").rename(postern.folder / "tls.key")
        reload(postern, "portal", "reloaded")
        assert "Example Trust" in Visitor().get(postern.url + "/").text


def send(postern, subject="Plans"):
    """A message that is held or passes, by the configuration in force."""
    postern.send(ALICE, ["grace@example.net"],
                 "From: alice@corp.example\nTo: grace@example.net\nSubject: %s\n\nThe body.\n" % subject)


def test_the_courier_takes_a_new_configuration():
    with Postern(policy='mode = "on-demand";') as postern:
        send(postern)
        postern.next_letter("grace@example.net")
        change(postern, "Example Organisation", "Example Savings Bank")
        change(postern, 'mode = "on-demand"', 'mode = "always"')
        change(postern, "clock_patience", "workers = 2; clock_patience")
        logged = reload(postern, "courier", "reloaded")
        assert "event=restart-needed option=courier.workers" in logged, logged
        send(postern)
        mail, _ = postern.next_letter(ALICE)
        assert "Example Savings Bank" in body_text(mail) or "Example Savings Bank" in str(mail["From"])
        link_in(mail, "s")

        change(postern, 'mode = "always"', 'mode = "sometimes"')
        logged = reload(postern, "courier", "reload-refused")
        assert "policy.mode expects" in logged, logged
        send(postern)
        postern.next_letter(ALICE)  # asked, as before

        change(postern, 'mode = "sometimes"', 'mode = "on-demand"')
        reload(postern, "courier", "reloaded")
        send(postern)
        postern.next_letter("grace@example.net")


def test_the_courier_takes_another_relay():
    with Postern() as postern:
        other = postern.folder / "elsewhere"
        other.mkdir()
        change(postern, 'maildir = "mail"; };', 'maildir = "elsewhere"; };')
        reload(postern, "courier", "reloaded")
        send(postern)
        wait_for("a letter by the other relay",
                 lambda: list(other.glob("grace@example.net/new/*")))
        assert not postern.letters("grace@example.net")


if __name__ == "__main__":
    cases.run(__name__)
