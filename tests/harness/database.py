#!/usr/bin/python3 -B
"""The PostgreSQL under an installation: a database in a server that many share, or a server of its own.

To make a server costs more than most tests do, so one is made for a whole run (tests/run says in
POSTERN_TEST_DATABASE where it is, as to tests/cluster.h) or else for this process.  In it the schema
is made once; each installation gets a copy.  Who stops the server, kills it, fills its disk or reads
its files wants one of its own.

    database.py start OWNER    makes the server of a run, which ends with the process of that number at the
                               latest; prints its folder, for tools/cluster.sh, and the beginning of a
                               connection string
"""

import atexit
import contextlib
import functools
import hashlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from libpq import Connection
from waiting import wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = "POSTERN_TEST_DATABASE"
# Many daemons' pools at a time.  Nothing in it outlives the run, so it takes no care of crashes and
# keeps little of its log.
SHARED_OPTIONS = ("fsync=off full_page_writes=off max_connections=500 wal_level=minimal max_wal_senders=0 "
                  "max_wal_size=128MB min_wal_size=64MB")
MEMORY, ROOM = pathlib.Path("/dev/shm"), 1 << 30
# Waits until its owner is gone, however that ended; then until a start that it had begun is over; and takes
# the server away.  Where its owner has done so, there is nothing left to do.
GUARD = 'tail --pid="$1" -f /dev/null; flock "$3/lock" true; "$2" destroy "$3"; rm -rf "$4"'
NUMBERS = itertools.count(1)


def cluster(verb, folder, *more, options="", through=()):
    """tools/cluster.sh; gives its output."""
    done = subprocess.run([*through, ROOT / "tools" / "cluster.sh", verb, folder, *more],
                          env=dict(os.environ, POSTERN_PG_OPTIONS=options), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("cluster %s: %s" % (verb, done.stderr))
    return done.stdout


def address_in(output):
    """The beginning of a connection string, which cluster.sh prints last."""
    return output.strip().splitlines()[-1]


def start_server(owner):
    """Make a server that many share, in memory where there is room: to copy a database is to make some
    three hundred files.  It ends with the process `owner` at the latest.  Gives its folder, in one to be
    removed with it, and where to connect."""
    room = os.statvfs(MEMORY) if os.access(MEMORY, os.W_OK) else None
    roomy = room is not None and room.f_bavail * room.f_frsize >= ROOM
    place = pathlib.Path(tempfile.mkdtemp(prefix="postern-server-", dir=MEMORY if roomy else None))
    place.chmod(0o711)  # as root, PostgreSQL runs as somebody else and must get in
    folder = place / "database"
    nothing = subprocess.DEVNULL
    subprocess.Popen(["bash", "-c", GUARD, "guard", str(owner), ROOT / "tools" / "cluster.sh", folder, place],
                     stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    try:
        return folder, address_in(cluster("start", folder, options=SHARED_OPTIONS))
    except BaseException:
        destroy_server(folder)
        raise


def destroy_server(folder):
    """Stop it and remove its folder, and the one that holds that."""
    cluster("destroy", folder)
    shutil.rmtree(folder.parent, ignore_errors=True)


@functools.cache
def shared_server():
    """The beginning of a connection string to the run's server, or to one that ends with this process."""
    if os.environ.get(SHARED):
        return os.environ[SHARED]
    folder, address = start_server(os.getpid())

    def end(process=os.getpid()):
        if os.getpid() == process:
            destroy_server(folder)
    atexit.register(end)
    return address


class Database:
    """Part of an installation, which has `folder` and `pg_options`."""

    folder = pg_options = None
    socket = connection = None  # the server's folder; the owner's connection string
    guest = ""  # the name of its database in the shared server; "" in one of its own

    def open_database(self, own, migrate):
        """Give it an empty database with the schema; `migrate` makes the schema where `connection` leads."""
        self._local = threading.local()
        if own:
            self._lies_at(address_in(self.cluster("start")), "postern")
            migrate()
            return
        server = shared_server()
        with Connection(server + " dbname=postgres user=postern") as owner:
            pattern = self._pattern(owner, server, migrate)
            self.guest = "test_%d_%d" % (os.getpid(), next(NUMBERS))
            owner.query("create database %s template %s strategy file_copy" % (self.guest, pattern))
            # A copy has everything but the rights to the database itself.
            owner.query("update pg_database set datacl = (select datacl from pg_database where "
                        "datname = '%s') where datname = '%s'" % (pattern, self.guest))
        self._lies_at(server, self.guest)

    def _pattern(self, owner, server, migrate):
        """The name of the database that is copied; it is made by whoever needs it first."""
        statements = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((ROOT / "sql").rglob("*.sql"))))
        name = "pattern_" + statements.hexdigest()[:16]
        owner.query("select pg_advisory_lock(1)")
        if not owner.query("select 1 from pg_database where datname = '%s'" % name):
            owner.query("drop database if exists half_made")
            owner.query("create database half_made")
            self._lies_at(server, "half_made")
            migrate()
            owner.query("alter database half_made rename to " + name)
        owner.query("select pg_advisory_unlock(1)")
        return name

    def _lies_at(self, server, database):
        self.socket = re.search(r"host=(\S+)", server).group(1)
        self.connection = "%s dbname=%s user=postern" % (server, database)

    def role(self, name):
        """The connection string of a program's role."""
        return "host=%s dbname=%s user=postern_%s" % (self.socket, self.guest or "postern", name)

    def close_database(self):
        """Remove it with all data."""
        if not self.guest:
            self.cluster("destroy")
            return
        self._local = threading.local()
        with Connection(shared_server() + " dbname=postgres user=postern") as owner:
            owner.query("drop database if exists %s with (force)" % self.guest)

    def cluster(self, verb, *more, folder="database", through=()):
        """tools/cluster.sh on this installation's own server; gives its output."""
        if self.guest:
            raise RuntimeError("others use this server too: Postern(own_database=True)")
        return cluster(verb, self.folder / folder, *more, options=self.pg_options, through=through)

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

    def dump(self, *options):
        """All that it holds, as pg_dump writes it."""
        return subprocess.run(["pg_dump", *options, "-d", self.connection], check=True, capture_output=True).stdout

    def query(self, sql):
        """Run SQL as the owner; gives rows of texts."""
        if not self.guest:
            # Its server may have been gone, or be another by now.
            with Connection(self.connection) as connection:
                return connection.query(sql)
        if not hasattr(self._local, "connection"):
            self._local.connection = Connection(self.connection)
        return self._local.connection.query(sql)


if __name__ == "__main__":
    if sys.argv[1:2] != ["start"] or len(sys.argv) != 3:
        sys.exit(__doc__)
    print(*start_server(int(sys.argv[2])))
