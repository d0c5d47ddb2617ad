"""OpenPGP beside gpg by itself, to the same key."""

import pathlib
import subprocess
import tempfile
import time

from measure import Result
from openpgp_keys import Gpg, Tool, build

MB = 1 << 20
REPEATS = 100  # of tests/keys/openpgp.c


def gpg_alone(home, key, plain, count=1):
    """Seconds of gpg for each message, out of a pipe and into one, as no message lies in a file."""
    words = ["gpg", "--homedir", home, "--batch", "--no-autostart", "--trust-model", "always", "--armor", "-z0",
             "--cipher-algo", "AES256", "--recipient-file", key, "--encrypt"]
    began = time.monotonic()
    for _ in range(count):
        with subprocess.Popen(["cat", plain], stdout=subprocess.PIPE) as before, \
             subprocess.Popen(words, stdin=before.stdout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as gpg:
            before.stdout.close()
            while gpg.stdout.read(1 << 16):
                pass
    return (time.monotonic() - began) / count


def helper(words, plain, environment):
    """Seconds, what was written of its memory in MB, and its first line."""
    began = time.monotonic()
    with open(plain, "rb") as file, tempfile.TemporaryFile() as out:
        done = subprocess.run(words, stdin=file, stdout=out if "repeat" in words else subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=True, env=environment)
        took = time.monotonic() - began
        out.seek(0)
        return took, int(done.stderr.split()[-2]) / 1024, out.read()


def rows(rounds, share):
    """A large message (MB/s; the memory is that of our own process), and small ones."""
    with tempfile.TemporaryDirectory(prefix="pgp-") as place, Gpg(place) as gpg:
        place = pathlib.Path(place)
        runtime = place / "run"
        runtime.mkdir(mode=0o700)
        tool = Tool(runtime, build("release"))
        key = gpg.public(gpg.make("fred@example.net", "ed25519", "cv25519"))
        (place / "key").write_bytes(key)
        large, small = place / "large", place / "small"
        size = 200 // share
        with open(large, "wb") as file:
            for _ in range(size):
                file.write(bytes(MB))
        small.write_bytes(b"x" * 2048)
        ours, theirs, each, alone, peaks = [], [], [], [], []
        for _ in range(rounds):
            theirs.append(size / gpg_alone(gpg.home, place / "key", large))
            took, peak, _ = helper(tool.words("encrypt", key), large, tool.environment)
            ours.append(size / took)
            peaks.append(peak)
            alone.append(1000 * gpg_alone(gpg.home, place / "key", small, REPEATS // share))
            each.append(float(helper(tool.words("repeat", key), small, tool.environment)[2]))
        yield Result("OpenPGP, %d MB" % size, "MB/s", ours, theirs, "gpg, piped", 0.8, peak=max(peaks))
        yield Result("OpenPGP, 2 KB", "ms", each, alone, "gpg, piped", 2, less=True)
