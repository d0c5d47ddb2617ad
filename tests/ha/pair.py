"""Two of each daemon on one PostgreSQL with a synchronous replica, as two machines would run them.

Both machines are this one: they differ in ports, and share keys and configuration.  With `network`
the primary lives in a network of its own and is reached by TCP, so that its packets can be lost.
"""

import contextlib
import os
import pathlib
import signal
import subprocess

from postern import DAEMONS, Postern, free_port, wait_for

BOTH = tuple(name + machine for name in DAEMONS for machine in ("", "-b"))


class Network:
    """A network namespace with one cable to it; needs root."""

    def __init__(self):
        self.name = "postern%d" % os.getpid()
        self.near, self.far = "pn%d" % os.getpid(), "pf%d" % os.getpid()
        first = os.getpid() % 16000 * 4
        self.net = "10.213.%d.%d/30" % (first // 256, first % 256)
        self.here, self.there = ("10.213.%d.%d" % (first // 256, first % 256 + number)
                                 for number in (1, 2))

    def __enter__(self):
        try:
            self._ip("netns", "add", self.name)
            self._ip("link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns",
                     self.name)
            self._ip("addr", "add", self.here + "/30", "dev", self.near)
            self._ip("link", "set", self.near, "up")
            for words in (("addr", "add", self.there + "/30", "dev", self.far),
                          ("link", "set", self.far, "up"), ("link", "set", "lo", "up")):
                self._ip("-n", self.name, *words)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for words in (("link", "del", self.near), ("netns", "del", self.name)):
            with contextlib.suppress(subprocess.CalledProcessError):
                self._ip(*words)

    def lose(self):
        """From now on what is sent there arrives at nobody, and nobody says so."""
        self._ip("neigh", "replace", self.there, "lladdr", "02:00:00:00:00:01", "dev", self.near,
                 "nud", "permanent")

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)


class Pair(Postern):
    """The installation.  Daemons of the second machine are called NAME-b."""

    def __init__(self, network=None, **more):
        self.network = network
        self.frozen = []
        self.smtp_port_b, self.https_port_b = free_port(), free_port()
        options = "wal_level=replica wal_keep_size=512MB"
        if network is not None:
            options += " listen_addresses=*"
        super().__init__(start=False, pg_options=options, **more)
        try:
            self.start(*BOTH)
        except BaseException:
            self.close()
            raise

    def _prepare(self):
        super()._prepare()
        primary = self.socket
        replica = self.cluster("replica", str(self.folder / "database"),
                               folder="replica").strip().rpartition("host=")[2]
        # The primary answers for a commit only when the replica has it on its disk too.
        self.set_primary("synchronous_standby_names = '*'")
        wait_for("the replica to be synchronous", lambda: self.query(
            "select 1 from pg_stat_replication where sync_state = 'sync'"))
        if self.network is not None:
            primary = self._listen_there()
        self.socket = "%s,%s target_session_attrs=read-write" % (primary, replica)
        self.connection = "host=%s connect_timeout=2 dbname=postern user=postern" % self.socket
        self.write_config()
        text = self.config.read_text()
        for port, other in ((self.smtp_port, self.smtp_port_b),
                            (self.https_port, self.https_port_b)):
            text = text.replace('"127.0.0.1:%d"' % port, '"127.0.0.1:%d"' % other)
        (self.folder / "postern-b.conf").write_text(text)

    def _listen_there(self):
        with open(self.folder / "database" / "data" / "pg_hba.conf", "a") as rules:
            rules.write("host all all %s trust\n" % self.network.net)
        self.query("select pg_reload_conf()")
        return self.network.there

    def set_primary(self, setting):
        """ALTER SYSTEM on whichever server takes writes."""
        self.query("alter system set " + setting)
        self.query("select pg_reload_conf()")

    def cluster(self, verb, *more, folder="database"):
        if self.network is None or folder != "database":
            return super().cluster(verb, *more, folder=folder)
        return super().cluster(verb, *more, folder=folder,
                               through=["ip", "netns", "exec", self.network.name])

    def command(self, name):
        name, _, machine = name.partition("-")
        command = super().command(name)
        if machine:
            command[-1] = self.folder / "postern-b.conf"
        return command

    def promote(self):
        """What a watcher, or a person, does when the primary is gone."""
        self.cluster("promote", folder="replica")
        # Nobody is there to wait for.
        self.set_primary("synchronous_standby_names = ''")

    def freeze(self):
        """Stop every process of the primary where it stands; its machine goes on to answer."""
        postmaster = int((self.folder / "database/data/postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGSTOP)  # first, so that there are no more children
        children = pathlib.Path("/proc/%d/task/%d/children" % (postmaster, postmaster)).read_text()
        self.frozen = [postmaster] + [int(word) for word in children.split()]
        for number in self.frozen:
            os.kill(number, signal.SIGSTOP)

    def close(self):
        for number in self.frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(RuntimeError):
            self.cluster("destroy", folder="replica")
        super().close()
