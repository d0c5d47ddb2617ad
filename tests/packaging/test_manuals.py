#!/usr/bin/python3 -B
"""The manual pages: sound, and they name every option and every command."""

import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import ROOT, program  # noqa: E402

PAGES = ("postern.8", "postern.conf.5", "postern-ctl.8")


def run(*words):
    """Exit status, standard output, standard error."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def source(name):
    """Path of a page, in the tree or built beside the program."""
    for place in (ROOT / "docs" / "man" / name, program().parent / "man" / name):
        if place.exists():
            return place
    raise AssertionError("no %s: make manuals" % name)


def formatted(name):
    """The page as people read it, without bold and underline."""
    code, text, faults = run("mandoc", "-Tutf8", "-O", "width=400", source(name))
    assert code == 0, faults
    return re.sub(".\b", "", text)


def needs_mandoc():
    """Skip where it is absent."""
    if shutil.which("mandoc") is None:
        raise cases.Skip("no mandoc")


def test_pages_are_clean():
    needs_mandoc()
    for name in PAGES:
        code, said, more = run("mandoc", "-Tlint", "-W", "warning", source(name))
        assert code == 0, said + more


def test_every_option_is_there_with_its_help():
    needs_mandoc()
    page = formatted("postern.conf.5")
    code, shown, faults = run(program(), "ctl", "config", "show", "--config",
                              ROOT / "etc" / "postern.conf")
    assert code == 0, faults
    group, count, help_line = "", 0, ""
    for line in shown.splitlines():
        if found := re.match(r"(\w+)\s*:", line):
            group = found.group(1)
        elif found := re.match(r"\s*# (.*)", line):
            help_line = found.group(1)
        elif found := re.match(r"\t(\w+) = ", line):
            name = "%s.%s" % (group, found.group(1))
            entry = re.search(r"^ +%s\n? +(.*)\n" % re.escape(name), page, re.M)
            assert entry, name
            assert help_line[1:] in page.replace("‐", "-"), (name, help_line)
            count += 1
    assert count > 70, count


def test_every_command_is_there():
    needs_mandoc()
    page = formatted("postern-ctl.8")
    code, _, usage = run(program(), "ctl")
    assert code == 2
    verbs = re.findall(r"^  (\w+) +(\w*) +\S", usage, re.M)
    assert len(verbs) > 10, usage
    for line in re.findall(r"^  (.*)$", usage, re.M):
        words = line.split()
        name = "doctor" if words[0] == "doctor" else " ".join(words[:2])
        assert re.search(r"^ +%s\b" % name, page, re.M), name
    page = formatted("postern.8")
    _, usage, _ = run(program(), "help")
    for word in re.findall(r"^  (\w+) ", usage, re.M):
        assert re.search(r"\b%s\b" % word, page), word


def test_pages_agree_with_what_is_installed():
    page = source("postern.8").read_text()
    units = {path.name for path in (ROOT / "etc" / "systemd").glob("postern*")}
    named = set(re.findall(r"\bpostern(?:-\w+)?\.(?:service|socket|target)\b", page))
    assert named == units, named ^ units


if __name__ == "__main__":
    cases.run(__name__)
