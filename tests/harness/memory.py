"""What processes have in their memory, and what they may leave of it."""

import pathlib

import cases


def memory_of(process):
    """All that a process has in its memory and may write to, piece by piece."""
    try:
        maps = pathlib.Path("/proc/%d/maps" % process).read_text().splitlines()
        memory = open("/proc/%d/mem" % process, "rb", buffering=0)
    except PermissionError as error:
        raise cases.Skip("the memory of a process cannot be read here") from error
    with memory:
        for line in maps:
            first, last = (int(number, 16) for number in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                try:
                    memory.seek(first)
                    yield memory.read(last - first)
                except (OSError, OverflowError, ValueError):
                    continue  # guarded, or the kernel's own


def readers_of(process):
    """Its reader, and what that works on."""
    children = pathlib.Path("/proc/%d/task" % process).glob("*/children")
    found = [int(number) for file in children for number in file.read_text().split()]
    return found + [below for number in found for below in readers_of(number)]


def forgotten(process, secrets, kept=None):
    """None of these bytes is in the memory of a program, or of its readers; nor would a core file be written.
    `kept` is a control: what the program itself has to have."""
    for number in [process] + readers_of(process):
        whole = b"".join(memory_of(number))
        assert kept is None or kept in whole or number != process, "the control"
        for secret in secrets:
            assert secret not in whole, "it is left in %d (program %d)" % (number, process)
        limits = pathlib.Path("/proc/%d/limits" % number).read_text()
        (core,) = [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core == ["0", "0"], limits
