#!/usr/bin/python3 -B
"""Runs PROGRAM with the system call filter that the program's systemd unit asks for; used in place of the
program itself.

    CONFINED_PROGRAM=path CONFINED_UNITS=folder confined.py ingest|courier|portal ...
    (other subcommands run as they are)

It holds to SystemCallFilter=, RestrictAddressFamilies= and MemoryDenyWriteExecute=, as systemd does.
"""

import errno
import functools
import os
import re
import socket
import subprocess
import sys

import seccomp

FAMILIES = {"AF_INET": socket.AF_INET, "AF_INET6": socket.AF_INET6, "AF_UNIX": socket.AF_UNIX}
PROT_WRITE, PROT_EXEC = 2, 4


@functools.cache
def calls_of(name):
    """The calls of a group, or the call itself."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", name],
                          capture_output=True, text=True, check=True).stdout
    found = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if re.fullmatch(r"@?[a-z0-9_-]+", word):
            found |= calls_of(word)
    assert found, said
    return found


def main():
    """Confine, then become the program."""
    program, units = os.environ["CONFINED_PROGRAM"], os.environ["CONFINED_UNITS"]
    unit = os.path.join(units, "postern-%s.service" % (sys.argv[1:] or ["none"])[0])
    if os.path.exists(unit):
        with open(unit) as file:
            confine(file.read())
    os.execv(program, [program, *sys.argv[1:]])


def confine(unit):
    """Load the filter that the unit asks for into this process."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)", unit, re.M):
        named = set().union(*(calls_of(word) for word in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    families = re.search(r"^RestrictAddressFamilies=(.*)", unit, re.M).group(1).split()
    assert re.search(r"^MemoryDenyWriteExecute=yes", unit, re.M)
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in sorted(allowed - {"socket", "mmap", "mprotect"}):
        try:
            rules.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, OSError, ValueError):
            pass  # of other machines
    for family in families:
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, FAMILIES[family]))
    # Python's own start is over; the program may not make memory both ways.
    for both in (0, PROT_WRITE, PROT_EXEC):
        rules.add_rule(seccomp.ALLOW, "mmap",
                       seccomp.Arg(2, seccomp.MASKED_EQ, PROT_WRITE | PROT_EXEC, both))
    for both in (0, PROT_WRITE):
        rules.add_rule(seccomp.ALLOW, "mprotect",
                       seccomp.Arg(2, seccomp.MASKED_EQ, PROT_WRITE | PROT_EXEC, both))
    rules.load()


if __name__ == "__main__":
    main()
