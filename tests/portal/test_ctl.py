#!/usr/bin/python3 -B
"""The operator's commands, and that sample configuration and documentation name every option."""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import ROOT, Postern, program  # noqa: E402


def ctl(*words):
    """Exit status, standard output, standard error."""
    done = subprocess.run([program(), "ctl", *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def options_in_force():
    """Names and values from `ctl config show` on the sample."""
    code, shown, faults = ctl("config", "show", "--config", ROOT / "etc" / "postern.conf")
    assert code == 0, faults
    names, group = {}, ""
    for line in shown.splitlines():
        if found := re.match(r"(\w+)\s*:", line):
            group = found.group(1)
        if found := re.match(r"\s+(\w+) = (.*);$", line):
            names["%s.%s" % (group, found.group(1))] = found.group(2)
    return shown, names


def test_the_sample_is_whole_and_shows_defaults():
    _, names = options_in_force()
    assert len(names) > 60, len(names)
    sample = (ROOT / "etc" / "postern.conf").read_text()
    manual = (ROOT / "docs" / "configuration.md").read_text()
    for name in names:
        assert re.search(r"^\s*#?\s*%s = " % name.split(".")[1], sample, re.M), name + " not in sample"
        assert "`%s`" % name in manual, name + " is not in docs/configuration.md"
    for name in re.findall(r"^\| `(\w+\.\w+)` \|", manual, re.M):
        assert name in names, name + " is documented but does not exist"


def test_the_samples_comments_are_the_defaults():
    shown, _ = options_in_force()
    text = re.sub(r"^\t# (\w+ = .*;)$", r"\t\1", (ROOT / "etc" / "postern.conf").read_text(),
                  flags=re.M)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "postern.conf"
        path.write_text(text)
        code, again, faults = ctl("config", "show", "--config", path)
        assert code == 0, faults
        assert again.replace(folder, str(ROOT / "etc")) == shown


def test_what_is_shown_can_be_read_back():
    shown, names = options_in_force()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(shown)
        file.flush()
        code, again, faults = ctl("config", "show", "--config", file.name)
        assert code == 0, faults
        assert again == shown


def test_every_fault_is_named_with_its_line():
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write('organisation: { domains = ( "a.example" ); smell = "red"; };\n'
                   'smtp: {\n\trecipients = "many";\n};\npolicy: { lifetime_days = 99999; mode = "x"; };\n')
        file.flush()
        code, out, faults = ctl("config", "check", "--config", file.name)
        assert code == 1 and out == ""
        for expected in (":1: no such option: organisation.smell", ":3: smtp.recipients",
                         ":5: policy.lifetime_days", "portal.url must be set",
                         ":5: policy.mode expects"):
            assert expected in faults, (expected, faults)


def test_faults_across_options_are_named_at_once():
    sample = (ROOT / "etc" / "postern.conf").read_text()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(sample.replace('# tls = "may"', 'tls = "perhaps"').replace('# harvest = "review"', 'harvest = "some"')
                   .replace('# revocation = "soft"', 'revocation = "lax"')
                   .replace('"https://portal.example.org"', '"http://portal.example.org"'))
        file.flush()
        code, out, faults = ctl("config", "check", "--config", file.name)
        assert code == 1 and out == ""
        assert re.search(r":\d+: relay.tls expects", faults) and re.search(r":\d+: portal.url expects", faults), faults
        assert re.search(r":\d+: keys.harvest is none of off, review, use", faults), faults
        assert re.search(r":\d+: keys.revocation is none of off, soft, hard", faults), faults


def test_keys():
    with tempfile.TemporaryDirectory() as folder:
        keys = pathlib.Path(folder) / "keys"
        code, out, faults = ctl("keys", "init", keys)
        assert code == 0, faults
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in keys.iterdir())
        before = {path: path.read_bytes() for path in keys.iterdir()}
        code, out, faults = ctl("keys", "init", keys)
        assert code == 1 and "already" in faults
        assert before == {path: path.read_bytes() for path in keys.iterdir()}
        code, out, faults = ctl("keys", "show", keys)
        assert code == 0, faults
        for text in before.values():
            for line in text.decode().splitlines()[2:]:
                name, value = line.split()
                assert (value in out) == (name == "gateway-public"), name
        (keys / "portal.keys").chmod(0o644)
        code, out, faults = ctl("keys", "show", keys)
        assert code == 1 and "portal.keys" in faults


def test_doctor():
    with Postern(start=False, own_database=True) as postern:
        code, out, _ = ctl("doctor", "--config", postern.config)
        assert code == 0 and "PROBLEM" not in out, out
        (postern.folder / "tls.pem").unlink()
        postern.cluster("stop")
        code, out, _ = ctl("doctor", "--config", postern.config)
        assert code == 1
        problems = [line for line in out.splitlines() if line.startswith("PROBLEM")]
        assert any("portal.certificate" in line for line in problems), out
        assert sum(".database" in line for line in problems) == 3, out
        postern.cluster("start")


def test_usage():
    for words in ((), ("nonsense",), ("keys", "init"), ("config",)):
        code, out, faults = ctl(*words)
        assert code == 2 and faults.startswith("usage: postern ctl"), words
    done = subprocess.run([program(), "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and re.match(r"postern \d+\.\d+\.\d+\n$", done.stdout)
    done = subprocess.run([program(), "help"], capture_output=True, text=True)
    assert done.returncode == 0 and "courier" in done.stdout


if __name__ == "__main__":
    cases.run("__main__")
