#!/usr/bin/python3 -B
"""The disk is full: under PostgreSQL's tables, then under its write-ahead log.  Mail servers are told
452 or 451, never 250 for what is not kept and never to give up; what was kept stays readable; and
when there is room again all goes on without a restart of Postern.

The disks are small file systems in memory, which needs root; see test_away.py for a database that
is not there at all.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, BOB, letter, opens, reply, secured, unlock  # noqa: E402
from postern import Postern, wait_for  # noqa: E402
from test_away import hand_over  # noqa: E402

MB = 1 << 20
TO = "carol@example.com"
LINE = "All of it, and more than fits.\n" * 1000


class Small(Postern):
    """An installation whose tables or whose log (`which`: "data", "wal") lie on a small disk."""

    def __init__(self, which, size, **more):
        self.which, self.size = which, size
        self.disk = None
        super().__init__(own_database=True, **more)

    def _prepare(self):
        self._mount()
        super()._prepare()
        # The log is moved to where it belongs while nothing runs.
        self.cluster("stop")
        data = self.folder / "database" / "data"
        wal = self.folder / "wal"
        owner = data.stat()
        wal.mkdir(exist_ok=True)
        shutil.copytree(data / "pg_wal", wal, dirs_exist_ok=True)
        for path in [wal, *wal.rglob("*")]:
            os.chown(path, owner.st_uid, owner.st_gid)
        wal.chmod(0o700)
        shutil.rmtree(data / "pg_wal")
        (data / "pg_wal").symlink_to(wal)
        self.cluster("start")

    def _mount(self):
        disk = self.folder / {"data": "database", "wal": "wal"}[self.which]
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=700" % self.size, "tmpfs",
                               disk], capture_output=True, text=True)
        if done.returncode != 0:
            raise cases.Skip("no small disk can be made: " + done.stderr.strip())
        self.disk = disk

    def fill(self):
        """Fill the disk up."""
        room = os.statvfs(self.disk)
        with open(self.disk / "ballast", "wb", buffering=0) as file, contextlib.suppress(OSError):
            left = room.f_bavail * room.f_frsize
            while left > 0:
                left -= file.write(bytes(min(left, MB)))

    def make_room(self):
        """Take the filling away."""
        (self.disk / "ballast").unlink()

    def close(self):
        super().close()
        if self.disk is not None:
            subprocess.run(["umount", self.disk], check=False, capture_output=True)
            shutil.rmtree(self.folder, ignore_errors=True)


def text(number, size):
    """A message of about so many bytes."""
    return ("From: Alice <alice@corp.example>\nTo: %s\nSubject: Figures\nMessage-ID: <full-%d@corp."
            "example>\n\n" % (TO, number)) + LINE * max(1, size // len(LINE))


def numbers(postern):
    """Which of the messages lie with their recipient, in order."""
    return sorted(int(raw.split(b"Message-ID: <full-")[1].split(b"@")[0])
                  for _, raw in postern.letters(TO))


def check_needs():
    """Only root mounts."""
    if os.geteuid() != 0:
        raise cases.Skip("a small disk needs root")


def test_no_room_for_messages():
    check_needs()
    with Small("data", 192 * MB) as postern:
        sender_link, link = secured(postern, body="Kept before.\n")
        assert sender_link
        processes = dict(postern.processes)
        page, visitor = opens(link)
        assert "Kept before." in page.words()
        assert hand_over(postern, ALICE, TO, text(1, 40_000))[0] == 250
        postern.next_letter(TO)
        postern.settle()

        postern.fill()
        told = set()
        for turn in range(12):
            # Whole in its row, and in several chunks of which the first come before the end.
            code, said = hand_over(postern, ALICE, TO, text(100 + turn, (40_000, 3 * MB)[turn % 2]))
            told.add(code)
            assert code in (250, 452) and (code == 250 or said.startswith(b"4.3.1")), (code, said)
            if turn % 2:
                assert code == 452, (code, said)
        assert 452 in told
        # What was kept is still there for who has it open, and nobody is sent away for good.
        assert "Kept before." in visitor.get(page.url).words()
        assert unlock(link)[0].status in (200, 503)

        postern.make_room()
        for number, size in ((2, 40_000), (3, 3 * MB)):
            code, said = hand_over(postern, ALICE, TO, text(number, size))
            assert code == 250, (code, said)
        wait_for("the letters", lambda: {1, 2, 3} <= set(numbers(postern)))
        page, visitor = opens(link)
        reply(page, visitor)
        postern.next_letter(ALICE, lambda m: "Thank you." in m.get_body(("plain",)).get_content())
        # A letter comes once, and only what got 250 comes.
        postern.settle()
        found = numbers(postern)
        assert len(found) == len(set(found)) and all(number % 2 == 0 for number in found
                                                     if number >= 100), found
        for name, process in processes.items():
            assert process.poll() is None, name


def test_no_room_for_the_log():
    """PostgreSQL gives up then, and has to be started again: by its supervisor, not by Postern's."""
    check_needs()
    with Small("wal", 96 * MB, pg_options="fsync=off max_wal_size=48MB min_wal_size=32MB") as postern:
        processes = dict(postern.processes)
        assert hand_over(postern, ALICE, TO, text(1, 40_000))[0] == 250
        postern.fill()
        taken, refused = [1], 0
        for number in range(100, 150):
            code, said = hand_over(postern, ALICE, TO, text(number, 3 * MB))
            assert code in (250, 451, 452), (code, said)
            if code == 250:
                taken.append(number)
            else:
                refused += 1
            if refused == 5:
                break
        assert refused == 5, "the log was never full"
        postern.make_room()
        postern.cluster("stop", "immediate")
        postern.start_database()
        assert hand_over(postern, ALICE, TO, text(2, 3 * MB))[0] == 250
        taken.append(2)
        wait_for("the letters", lambda: set(taken) <= set(numbers(postern)))
        postern.send(ALICE, [BOB], letter(to=BOB, body="And on.\n"))
        postern.next_letter(BOB)
        for name, process in processes.items():
            assert process.poll() is None, name
        print("  %d taken while the log filled up" % (len(taken) - 2))


if __name__ == "__main__":
    cases.run("__main__")
