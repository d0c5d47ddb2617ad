#!/usr/bin/python3 -B
"""Messages that are built to break whoever reads them, and readers that are killed while they read:
the message is still there, as text or as a file, the page says which, and nothing that may be marked
leaves in clear.

Measured at the release build, where the sandbox has its bound of memory; POSTERN names another.
"""

import base64
import contextlib
import os
import pathlib
import re
import signal
import smtplib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import ROOT, Postern, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

os.environ.setdefault("POSTERN", str(ROOT / "build" / "release" / "postern"))
ALICE, FRED = "alice@corp.example", "fred@example.net"
PASSPHRASE = "four white storks"
LIMIT_KB = 32 * 1024  # by which courier and portal grow, which hold little of it
CANNOT = "cannot be shown here"
END = "The last line.\r\n"


def page(html):
    """A message that is this page."""
    return "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n%s\n" % html


def nested(depth, kind):
    """Containers in containers."""
    if kind == "rfc822":
        return "MIME-Version: 1.0\n" + "Content-Type: message/rfc822\n\n" * depth + "\ndeep\n"
    heads = "".join("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i)
                    for i in range(depth))
    return "MIME-Version: 1.0\n" + heads + "\ndeep\n"


def many_parts(count):
    """One container of many."""
    return ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" +
            "--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nx\n" * count +
            "--b--\n")


# What each is, and whether its page says that it cannot be shown (None: either).
def attached(kind, name, content):
    """One file beside a line of text."""
    return ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\nContent-Type: text/plain\n\nsee there\n"
            "--b\nContent-Type: %s; name=%s\nContent-Transfer-Encoding: base64\n\n%s--b--\n"
            % (kind, name, base64.encodebytes(content).decode()))


HOSTILE = (
    ("100,000 tags in each other", page("<div>\n" * 100000), True),
    ("40,000 attributes of one tag", page("<p\n" + "\n".join("a%d=x" % i for i in range(40000)) +
                                           ">"), True),
    ("20,000 formats", page("<b><i><p>\n" * 7000), None),
    ("100,000 parts", many_parts(100000), None),
    ("2,000 containers in each other", nested(2000, "mixed"), None),
    ("2,000 messages in each other", nested(2000, "rfc822"), None),
    ("an encoding without end", "MIME-Version: 1.0\nContent-Type: text/plain; charset=iso-2022-jp\n"
     "Content-Transfer-Encoding: quoted-printable\n\n" + "=1B$B=\n" * 200000, None),
    ("names without end", "MIME-Version: 1.0\nContent-Type: application/x; " +
     "; ".join("name*%d*=utf-8''%%41" % i for i in range(3000)).replace("; ", ";\n ") + "\n\nx\n",
     None),
    ("an invitation of 20,000 meetings", "MIME-Version: 1.0\nContent-Type: text/calendar\n\n"
     "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nSUMMARY:s\nDTSTART;TZID=Europe/Berlin:20260105T100000\n"
     "END:VEVENT\n" * 20000 + "END:VCALENDAR\n", False),
    ("an invitation that does not end", "MIME-Version: 1.0\nContent-Type: text/calendar\n\n" +
     "BEGIN:VEVENT\n" * 30000, None),
    ("a report of 50,000 recipients", "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n"
     "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n" +
     "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 50000 + "--b--\n",
     False),
    ("10,000 files in uuencode", "MIME-Version: 1.0\nContent-Type: text/plain\n\n" +
     "begin 644 a\n#86)C\n`\nend\n" * 10000, False),
    ("a winmail.dat that lies", attached("application/ms-tnef", "winmail.dat",
     b"\x78\x9f\x3e\x22\x01\x00" + b"\x02\x0f\x80\x06\x00\xff\xff\xff\x7f" + b"\xff" * 9000), False),
    ("a winmail.dat of many pieces", attached("application/ms-tnef", "winmail.dat",
     b"\x78\x9f\x3e\x22\x01\x00" + b"\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00" * 50000), False),
    ("an archive that lies", attached("application/zip", "a.zip",
     b"PK\x01\x02" + b"\xff" * 400000 + b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(6)),
     False),
    ("a picture that lies", attached("image/png", "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" +
     b"\x7f\xff\xff\xff" * 2 + bytes(9)), False),
    ("a picture without end", attached("image/jpeg", "a.jpg", b"\xff\xd8" + b"\xff\xe0\0\x02" * 60000), False),
)


def readers(site, daemon):
    """Numbers of the daemon's reader and of that reader's tasks."""
    def children(number):
        with contextlib.suppress(OSError):
            text = pathlib.Path("/proc/%d/task/%d/children" % (number, number)).read_text()
            return [int(word) for word in text.split()]
        return []

    found = children(site.processes[daemon].pid)
    # posix_spawn may be asked by any of the daemon's threads.
    for path in pathlib.Path("/proc/%d/task" % site.processes[daemon].pid).glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(word) for word in path.read_text().split()]
    found = sorted(set(found))
    return found, [task for reader in found for task in children(reader)]


class Killer:
    """Kills what a daemon's reader works on, again and again, and now and then the reader."""

    def __init__(self, site, daemon, also_reader):
        self.site, self.daemon, self.also_reader = site, daemon, also_reader
        self.stopping, self.killed = threading.Event(), 0
        self.thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _go_on(self):
        while not self.stopping.is_set():
            found, tasks = readers(self.site, self.daemon)
            victims = tasks
            if self.also_reader and tasks and self.killed % 2 == 0:
                victims = found
            for victim in victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    self.killed += 1


def peak_kb(site, name):
    """The most memory that a daemon ever had."""
    text = pathlib.Path("/proc/%d/status" % site.processes[name].pid).read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1))


def send(site, recipient, subject, rest):
    """Hand in one message that ends as all of them do."""
    message = ("From: %s\nTo: %s\nSubject: %s\n%s" % (ALICE, FRED, subject, rest)).replace(
        "\n", "\r\n") + END
    with smtplib.SMTP("127.0.0.1", site.smtp_port, "client.corp.example", timeout=120) as smtp:
        smtp.sendmail(ALICE, [recipient], message.encode())


def finish(site):
    """The sender finishes what is asked next; gives a visitor who has read the page, and the page."""
    mail, _ = site.next_letter(ALICE)
    sender = Visitor()
    sender.submit(sender.get(link_in(mail, "s")), "clue", clue="Which bird?",
                  passphrase=PASSPHRASE, passphrase_again=PASSPHRASE)
    mail, _ = site.next_letter(FRED)
    link = link_in(mail, "r")
    reader = Visitor()
    answer = reader.submit(reader.get(link), "passphrase", passphrase=PASSPHRASE)
    return reader, link, answer


def assert_saved(reader, link):
    """All of the message can be taken."""
    saved = reader.get(link + "/message.eml")
    assert saved.status == 200 and saved.body.decode().endswith(END), saved.body[-200:]


def test_hostile_messages_are_shown_or_refused():
    with Postern() as site:
        send(site, "secure-" + FRED, "as usual", "\n")
        finish(site)
        before = {daemon: peak_kb(site, daemon) for daemon in ("courier", "portal")}
        for name, rest, refused in HOSTILE:
            send(site, "secure-" + FRED, name, rest)
            reader, link, answer = finish(site)
            assert answer.status == 200, (name, answer.status)
            assert refused is None or (CANNOT in answer.words()) == refused, name
            assert name in answer.words()
            assert_saved(reader, link)
            if "/original" in answer.text:
                frame = reader.get(link + "/original/content")
                assert frame.status == 200, name
        log = site.log.read_text()
        # Nothing came near the two seconds after which a task is ended.
        assert "why=late" not in log and "level=error" not in log, log[-2000:]
        for daemon in ("courier", "portal"):
            grown = peak_kb(site, daemon) - before[daemon]
            assert grown < LIMIT_KB, (daemon, grown)


def test_a_header_that_cannot_be_read_may_bear_a_mark():
    """It bears none that anybody could see: its sender is asked, an outsider gets it back."""
    with Postern() as site:
        send(site, FRED, "Fields", "X: y\n" * 100000 + "\n")
        reader, link, answer = finish(site)
        assert CANNOT in answer.words() and "message.eml" in answer.words()
        assert_saved(reader, link)
        rows = site.query("select route, reason from delivery")
        assert [(str(route), reason) for route, reason in rows] == [("2", "unreadable-header")], rows
        # Beyond a megabyte it is not even taken.
        for rest in ("X: y\n" * 200000, "X: %s\n" % ("y" * 900 + "\n ") * 22000):
            try:
                send(site, FRED, "More", rest + "\n")
                raise AssertionError("taken")
            except smtplib.SMTPResponseException as error:
                assert error.smtp_code == 552, error


def killed_while_routing(also_reader):
    """Marked messages on their way while their reader is killed."""
    count = 0
    with Postern() as site:
        with Killer(site, "courier", also_reader) as killer:
            # Killed while idle, it disturbs nobody.
            while count < 3 or killer.killed < 6 or "event=reading-disturbed" not in site.log.read_text():
                count += 1
                assert count <= 200, "nothing gets killed"
                send(site, FRED, "=?koi8-r?B?8NLJ18XU?= [secure] %d" % count,
                     "MIME-Version: 1.0\nContent-Type: text/plain\n\nThe body.\n" + "x\n" * 20000)
        wait_for("all to be routed", lambda: int(site.query(
            "select count(*) from message where state = 1")[0][0]) == 0, 120)
        # Each is held or may have been thought to be marked; none has left.
        assert not site.query("select 1 from delivery where route <> 2")
        for _ in range(count):
            reader, link, answer = finish(site)
            assert answer.status == 200
            assert CANNOT in answer.words() or "The body." in answer.words(), answer.words()[:500]
            assert_saved(reader, link)


def test_tasks_are_killed_while_routing():
    killed_while_routing(False)


def test_readers_are_killed_while_routing():
    killed_while_routing(True)


def test_tasks_are_killed_while_a_page_is_made():
    with Postern() as site:
        send(site, "secure-" + FRED, "Plans", "Content-Type: text/html\n\n<p>The body.</p>\n")
        reader, link, answer = finish(site)
        assert "The body." in answer.words()
        with Killer(site, "portal", False) as killer:
            def disturbed():
                answer = reader.get(link + "/message")
                assert answer.status == 200, answer.status
                return CANNOT in answer.words()
            wait_for("a page without text", disturbed)
        assert killer.killed > 0
        answer = reader.get(link + "/message")
        assert answer.status == 200 and "The body." in answer.words()
        # The reader is gone: the next page has another.
        for victim in readers(site, "portal")[0]:
            os.kill(victim, signal.SIGKILL)
        answer = reader.get(link + "/message")
        assert answer.status == 200 and "The body." in answer.words()


def test_a_reader_holds_nothing_of_its_program():
    with Postern() as site:
        for daemon in ("courier", "portal"):
            found, _ = readers(site, daemon)
            assert len(found) == 1, found
            folder = pathlib.Path("/proc/%d" % found[0])
            assert folder.joinpath("environ").read_bytes() == b""
            opened = {int(path.name): os.readlink(path) for path in folder.joinpath("fd").iterdir()}
            assert set(opened) == {0, 1, 2, 3, 4}, opened
            assert opened[0] == opened[1] == "/dev/null" and opened[3].startswith("socket:")
            assert re.search(r"^NoNewPrivs:\s+1$", folder.joinpath("status").read_text(), re.M)
            # A reader without a program ends.
            site.stop(daemon, how=signal.SIGKILL)
            wait_for("the reader to end", lambda: not folder.exists() or
                     "State:\tZ" in folder.joinpath("status").read_text())


if __name__ == "__main__":
    cases.run(__name__)
