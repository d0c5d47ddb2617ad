#!/usr/bin/python3 -B
"""What `make install` puts in place, and the systemd units in it: they are sound, tight, and keep the
programs apart."""

import functools
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import ROOT, Postern, link_in, program  # noqa: E402
from visitor import Visitor  # noqa: E402

PROGRAMS = ("ingest", "courier", "portal")
MOST_EXPOSED = 15  # tenths, of a hundred


def run(*words, **more):
    """Exit status and what was said."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    return done.returncode, done.stdout + done.stderr


def needs(tool):
    """Skip where the tool is absent."""
    if shutil.which(tool) is None:
        raise cases.Skip("no " + tool)


@functools.cache
def staged():
    """A root with an installation below /usr, as packagers make it."""
    folder = tempfile.TemporaryDirectory(prefix="postern-root-")
    root = pathlib.Path(folder.name)
    root.chmod(0o755)
    code, said = run(ROOT / "tools" / "install.sh", "install", env={
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "BUILD": str(program().parent), "DESTDIR": str(root),
        "SBINDIR": "/usr/sbin", "DATADIR": "/usr/share", "MANDIR": "/usr/share/man",
        "LIBDIR": "/usr/lib",
        "UNITDIR": "/usr/lib/systemd/system", "SYSCONFDIR": "/etc"})
    assert code == 0, said
    return folder, root


def unit(name):
    """Path of an installed unit."""
    return staged()[1] / "usr/lib/systemd/system" / name


def settings(name):
    """{setting: [values]} of a unit."""
    found = {}
    for line in unit(name).read_text().splitlines():
        if match := re.match(r"(\w+)=(.*)", line):
            found.setdefault(match.group(1), []).append(match.group(2))
    return found


def test_services_are_tight():
    needs("systemd-analyze")
    for name in PROGRAMS:
        code, said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                         "--threshold=%d" % MOST_EXPOSED, unit("postern-%s.service" % name))
        assert code == 0, said
        # The threshold is looked at, not just printed.
        code, said = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                         "--threshold=1", unit("postern-%s.service" % name))
        assert code != 0, said


def test_units_are_sound():
    needs("systemd-analyze")
    _, root = staged()
    # What systemd itself brings, which verify follows: the targets that our units name.
    for name in ("sysinit", "shutdown", "basic", "network-online", "multi-user", "sockets"):
        place = root / "usr/lib/systemd/system" / (name + ".target")
        if not place.exists():
            place.write_text("[Unit]\nDescription=%s\nDefaultDependencies=no\n" % name)
    for tool in ("bin/kill", "usr/bin/kill"):
        (root / tool).parent.mkdir(parents=True, exist_ok=True)
        if not (root / tool).exists():
            shutil.copy("/bin/kill", root / tool)
    names = sorted(path.name for path in unit("").glob("postern*"))
    assert len(names) == 6, names
    code, said = run("systemd-analyze", "verify", "--man=no", "--root=%s" % root, *names)
    ours = [line for line in said.splitlines() if "postern" in line]
    assert code == 0 and not ours, said
    broken = unit("postern-broken.service")
    broken.write_text(unit("postern-portal.service").read_text().replace(
        "/usr/sbin/postern", "/usr/sbin/nothing").replace("UMask=", "Umask="))
    code, said = run("systemd-analyze", "verify", "--man=no", "--root=%s" % root, broken.name)
    broken.unlink()
    assert "Umask" in said and "nothing" in said, said


def test_programs_are_kept_apart():
    users = set()
    for name in PROGRAMS:
        service = settings("postern-%s.service" % name)
        assert service["ExecStart"] == ["/usr/sbin/postern " + name]
        assert service["User"] == service["Group"] == ["postern-" + name]
        users.update(service["User"])
        hidden = {re.sub(r".*/(\w+)\.keys", r"\1", path) for path in service["InaccessiblePaths"]}
        assert hidden == set(PROGRAMS) - {name}
        assert service["Type"] == ["notify"] and int(service["WatchdogSec"][0]) > 0
        assert service["CapabilityBoundingSet"] == [""] and service["LimitCORE"] == ["0"]
    assert len(users) == 3
    _, root = staged()
    made = re.findall(r"^u (\S+)", (root / "usr/lib/sysusers.d/postern.conf").read_text(), re.M)
    assert set(made) == users
    kept = (root / "usr/lib/tmpfiles.d/postern.conf").read_text()
    for name in PROGRAMS:
        assert re.search(r"^z /etc/postern/keys/%s.keys\s+0600\s+postern-%s\s" % (name, name),
                         kept, re.M)


def test_users_and_folders_are_made():
    needs("systemd-sysusers")
    needs("systemd-tmpfiles")
    _, root = staged()
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    code, said = run("systemd-sysusers", "--root=%s" % root)
    assert code == 0, said
    lines = (root / "etc/passwd").read_text().splitlines()
    made = {line.split(":")[0]: line.split(":") for line in lines}
    for name in PROGRAMS:
        assert made["postern-" + name][6].endswith("nologin"), made
        assert int(made["postern-" + name][2]) < 1000
    if pwd.getpwuid(os.getuid()).pw_name != "root":
        return
    keys = root / "etc/postern/keys"
    code, said = run(program(), "ctl", "keys", "init", keys)
    assert code == 0, said
    code, said = run("systemd-tmpfiles", "--root=%s" % root, "--create",
                     root / "usr/lib/tmpfiles.d/postern.conf")
    for name in PROGRAMS:
        found = (keys / (name + ".keys")).stat()
        assert stat.S_IMODE(found.st_mode) == 0o600, said
        assert found.st_uid == int(made["postern-" + name][2]), said
    assert stat.S_IMODE(keys.stat().st_mode) == 0o711, said


def test_the_installed_program_finds_its_files():
    _, root = staged()
    config = root / "etc/postern/postern.conf"
    text = config.read_text()
    for option in ("static", "templates"):
        for path in re.findall(r'^\t%s = "(.*)";' % option, text, re.M):
            assert (root / path.lstrip("/")).is_dir(), path
            assert path.startswith("/usr/share/postern/")
    code, said = run(root / "usr/sbin/postern", "ctl", "config", "check", "--config", config)
    assert code == 0, said
    code, said = run(root / "usr/sbin/postern", "ctl", "config", "show", "--config", config)
    # Nobody on other machines can connect before the administrator says so.
    assert 'listen = "127.0.0.1:8443"' in said and 'listen = ( "127.0.0.1:2525" )' in said


def test_the_programs_work_under_their_filters():
    """A whole story, each program with the system calls that its unit leaves it."""
    needs("systemd-analyze")
    if importlib.util.find_spec("seccomp") is None:
        raise cases.Skip("no python3-seccomp")
    before = dict(os.environ)
    os.environ.update(CONFINED_PROGRAM=str(program()), CONFINED_UNITS=str(unit("")),
                      # The leak finder needs a call that debuggers use.
                      ASAN_OPTIONS="detect_leaks=0",
                      POSTERN=str(pathlib.Path(__file__).with_name("confined.py")))
    try:
        with Postern() as postern:
            for name in PROGRAMS:
                status = pathlib.Path("/proc/%d/status" % postern.processes[name].pid).read_text()
                assert re.search(r"^Seccomp:\s+2$", status, re.M), status
            postern.send("alice@corp.example", ["secure-fred@example.net", "grace@example.net"],
                         "From: alice@corp.example\nSubject: Plans\n\nThe body.\n")
            mail, _ = postern.next_letter("alice@corp.example")
            visitor = Visitor()
            visitor.submit(visitor.get(link_in(mail, "s")), "clue", clue="Which horse?",
                           passphrase="correct horse", passphrase_again="correct horse")
            mail, _ = postern.next_letter("fred@example.net")
            answer = visitor.submit(visitor.get(link_in(mail, "r")), "passphrase",
                                    passphrase="correct horse")
            assert answer.status == 200 and "The body." in answer.text
            postern.next_letter("grace@example.net")
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_uninstall_leaves_configuration_and_keys():
    with tempfile.TemporaryDirectory(prefix="postern-root-") as folder:
        root = pathlib.Path(folder)
        places = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "BUILD": str(program().parent),
                  "DESTDIR": folder, "SBINDIR": "/opt/p/sbin", "DATADIR": "/opt/p/share",
                  "MANDIR": "/opt/p/share/man", "LIBDIR": "/opt/p/lib",
                  "UNITDIR": "/opt/p/lib/systemd/system", "SYSCONFDIR": "/etc"}
        code, said = run(ROOT / "tools" / "install.sh", "install", env=places)
        assert code == 0, said
        service = (root / "opt/p/lib/systemd/system/postern-portal.service").read_text()
        assert "ExecStart=/opt/p/sbin/postern portal" in service
        config = root / "etc/postern/postern.conf"
        assert '"/opt/p/share/postern/templates"' in config.read_text()
        config.write_text("# mine\n")
        code, said = run(ROOT / "tools" / "install.sh", "install", env=places)
        assert code == 0 and config.read_text() == "# mine\n"
        code, said = run(ROOT / "tools" / "install.sh", "uninstall", env=places)
        assert code == 0, said
        left = [str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()]
        assert left == ["etc/postern/postern.conf"], left


if __name__ == "__main__":
    cases.run(__name__)
