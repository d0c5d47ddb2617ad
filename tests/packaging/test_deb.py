#!/usr/bin/python3 -B
"""The Debian package in a fresh Debian 12: installs, upgrades, goes and leaves nothing, and never touches
what is the administrator's.

Needs root, debootstrap and Debian's archive (DEBIAN_MIRROR, where it is not the usual one), or
DEBIAN_BASE: a folder where debootstrap --variant=minbase has been already; it is copied.  systemd does
not run in there: a systemctl of our own writes down what the package asks of it.
"""

import contextlib
import functools
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import ROOT  # noqa: E402

PROGRAMS = ("ingest", "courier", "portal")
PATH = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What belongs to Debian's own tools, and users, which stay as Debian's policy has it.
NOT_OURS = re.compile(
    r"/(proc|sys|dev|tmp|run|var/(lib/(dpkg|apt|systemd/(?!deb-systemd-helper))|cache|log|tmp))(/|$)|"
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/(\.pwd\.lock|ld\.so\.cache)$|"
    r"/usr/lib/sysimage/")


def run(*words, check=True, **more):
    """What was said, both streams; a failure raises unless check is off."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if check and done.returncode != 0:
        raise AssertionError("%s\n%s" % (words, done.stdout[-4000:]))
    return done.stdout if check else (done.returncode, done.stdout)


class Chroot:
    """A Debian of our own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="postern-debian-")
        self.root = pathlib.Path(self.folder.name) / "root"
        base = os.environ.get("DEBIAN_BASE")
        if base:
            run("cp", "-a", base, self.root)
        else:
            run("debootstrap", "--variant=minbase", "bookworm", self.root,
                *filter(None, [os.environ.get("DEBIAN_MIRROR")]))
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        systemctl = self.root / "usr/local/bin/systemctl"
        systemctl.write_text(
            "#!/bin/sh\nfor word; do case $word in\nis-active) exit 3 ;;\n"
            "is-enabled) exec /usr/bin/systemctl --root=/ \"$@\" ;;\n"
            "start | stop | restart | daemon-reload) echo \"$@\" >>/tmp/asked; exit 0 ;;\n"
            "esac; done\nexec /usr/bin/systemctl \"$@\"\n")
        systemctl.chmod(0o755)
        self.run("mount", "-t", "proc", "proc", "/proc")

    def run(self, *words, check=True):
        """A command in there."""
        return run("chroot", self.root, *words, check=check, env={
            "PATH": PATH, "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C.UTF-8"})

    def apt(self, *words):
        """apt-get, which keeps changed configuration."""
        return self.run("apt-get", "-y", "-q", "--no-install-recommends", "-o",
                        "Dpkg::Options::=--force-confold", "-o", "DPkg::Path=" + PATH, *words)

    def path(self, name):
        """A file in there."""
        return self.root / name.lstrip("/")

    def asked(self):
        """What systemd was asked since the last time: {(unit, deed)}."""
        note = self.path("/tmp/asked")
        lines = note.read_text().split("\n") if note.exists() else []
        note.unlink(missing_ok=True)
        found = set()
        for line in lines:
            words = [word for word in line.split() if not word.startswith("-")]
            found.update((unit, words[0]) for unit in words[1:])
        return found

    def files(self):
        """Every path that a package may be asked about."""
        found = set()
        for folder, folders, names in os.walk(self.root):
            inside = folder[len(str(self.root)):]
            folders[:] = [name for name in folders if not NOT_OURS.search(inside + "/" + name)]
            found.update(inside + "/" + name for name in folders + names
                         if not NOT_OURS.search(inside + "/" + name))
        return found

    def close(self):
        """Remove it."""
        self.run("umount", "/proc", check=False)
        self.folder.cleanup()


def package():
    """The package: built already, and nothing in the tree is newer; or built now."""
    folder = ROOT / "build" / "deb"
    ready = sorted(folder.glob("postern_*.deb"))
    tracked = run("git", "-C", ROOT, "ls-files").split("\n")
    newest = max((ROOT / name).stat().st_mtime for name in tracked if (ROOT / name).is_file())
    if len(ready) != 1 or ready[0].stat().st_mtime < newest:
        for old in ready:
            old.unlink()
        run(ROOT / "tools" / "deb.sh", folder)
        ready = sorted(folder.glob("postern_*.deb"))
    return ready[0]


def next_version(deb, folder):
    """The same package under a higher version, whose configuration has another comment."""
    tree = pathlib.Path(folder) / "tree"
    run("dpkg-deb", "-R", deb, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*", "Version: 99", control.read_text(), flags=re.M))
    with open(tree / "etc/postern/postern.conf", "a") as config:
        config.write("# new in this version\n")
    built = pathlib.Path(folder) / "postern_99.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, built)
    return built


@functools.cache
def debian():
    """The one Debian of all tests here, with what the package depends on, and the package in /tmp."""
    if os.geteuid() != 0:
        raise cases.Skip("needs root")
    if shutil.which("debootstrap") is None or shutil.which("dpkg-deb") is None:
        raise cases.Skip("no debootstrap")
    deb = package()
    try:
        chroot = Chroot()
    except AssertionError as error:
        raise cases.Skip("debootstrap failed: " + str(error)[-300:]) from error
    chroot.run("apt-get", "update", "-q")
    needed = run("dpkg-deb", "-f", deb, "Depends")
    names = [re.split(r"[ (|]", part.strip())[0] for part in needed.split(",")]
    chroot.apt("install", *names, "init-system-helpers")
    # The package sees a systemd that runs; every deed of it is asked for first.
    chroot.path("/run/systemd/system").mkdir(parents=True)
    shutil.copy(deb, chroot.path("/tmp/postern.deb"))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(next_version(deb, folder), chroot.path("/tmp/postern-next.deb"))
    chroot.asked()
    return chroot


def fingerprints(chroot):
    """{name: hash} of the key files that are there."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in chroot.path("/etc/postern/keys").iterdir()}


def as_user(chroot, user, *words):
    """Exit status and output of a command as that user."""
    return chroot.run("setpriv", "--reuid", user, "--regid", user, "--clear-groups", *words,
                      check=False)


def test_life_of_a_package():
    with contextlib.ExitStack() as stack:
        chroot = debian()
        stack.callback(chroot.close)
        before = chroot.files()
        keys = look_at_installation(chroot)
        look_at_upgrade(chroot, keys)
        look_at_removal(chroot)
        look_at_purge(chroot, before)


def look_at_installation(chroot):
    """Users, keys, rights, services; gives the keys' fingerprints."""
    said = chroot.apt("install", "/tmp/postern.deb")
    assert "Keep copies" in said and "README.Debian" in said, said
    for name in PROGRAMS:
        user = "postern-" + name
        assert "nologin" in chroot.run("getent", "passwd", user)
        key = "/etc/postern/keys/%s.keys" % name
        assert stat.S_IMODE(chroot.path(key).stat().st_mode) == 0o600
        assert as_user(chroot, user, "cat", key)[0] == 0
        for other in PROGRAMS:
            if other != name:
                assert as_user(chroot, "postern-" + other, "cat", key)[0] != 0, (other, key)
        link = chroot.path("/etc/systemd/system/postern.target.wants/%s.service" % user)
        assert link.is_symlink(), link
    assert chroot.path("/etc/systemd/system/multi-user.target.wants/postern.target").is_symlink()
    assert not list(chroot.path("/etc/systemd/system").rglob("*.socket"))
    tls = "/etc/postern/tls/portal.key"
    assert as_user(chroot, "postern-portal", "cat", tls)[0] == 0
    assert as_user(chroot, "postern-ingest", "cat", tls)[0] != 0
    asked = chroot.asked()
    for name in PROGRAMS:
        assert ("postern-%s.service" % name, "start") in asked, asked
        code, said = as_user(chroot, "postern-" + name, "postern", "ctl", "config", "check")
        assert code == 0, said
    said = chroot.run("postern", "ctl", "keys", "show", "/etc/postern/keys")
    assert said.count(".keys") == 3, said
    code, said = chroot.run("postern", "ctl", "doctor", check=False)
    for option in ("portal.certificate", "portal.static", "courier.templates", "courier.keys"):
        assert re.search(r"^ok +%s" % re.escape(option), said, re.M), said
    return fingerprints(chroot)


def look_at_upgrade(chroot, keys):
    """A configuration that was changed stays; keys stay, and one that was taken away stays away."""
    config = chroot.path("/etc/postern/postern.conf")
    mine = config.read_text().replace("Example Organisation", "Example Savings Bank")
    assert mine != config.read_text()
    config.write_text(mine)
    chroot.path("/etc/postern/keys/portal.keys").unlink()
    certificate = chroot.path("/etc/postern/tls/portal.pem").read_text()
    said = chroot.apt("install", "/tmp/postern-next.deb")
    assert "schema migrate" in said, said
    assert config.read_text() == mine
    assert "# new in this version" in chroot.path("/etc/postern/postern.conf.dpkg-dist").read_text()
    assert fingerprints(chroot) == {name: mark for name, mark in keys.items()
                                    if name != "portal.keys"}
    assert chroot.path("/etc/postern/tls/portal.pem").read_text() == certificate
    asked = chroot.asked()
    for name in PROGRAMS:
        assert ("postern-%s.service" % name, "restart") in asked, asked


def look_at_removal(chroot):
    """The program goes, what is the administrator's stays, and is there when it comes again."""
    keys, config = fingerprints(chroot), chroot.path("/etc/postern/postern.conf").read_text()
    chroot.apt("remove", "postern")
    asked = chroot.asked()
    for unit in ("postern-ingest.service", "postern-portal.service", "postern-portal.socket"):
        assert (unit, "stop") in asked, asked
    assert not chroot.path("/usr/sbin/postern").exists()
    assert fingerprints(chroot) == keys
    chroot.apt("install", "/tmp/postern-next.deb")
    assert fingerprints(chroot) == keys
    assert chroot.path("/etc/postern/postern.conf").read_text() == config


def look_at_purge(chroot, before):
    """It says what it removes, and nothing is left."""
    said = chroot.apt("purge", "postern")
    assert "removing the configuration" in said and "never be read again" in said, said
    left = chroot.files() - before
    assert not left, sorted(left)
    assert not before - chroot.files()


if __name__ == "__main__":
    cases.run(__name__)
