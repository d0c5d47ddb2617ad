#!/usr/bin/python3 -B
"""Every file of a folder of OpenPGP material as somebody's key: used, or refused for a reason that
is right.

    openpgp_corpus.py HELPER FOLDER [-v]

What is right is worked out apart from Postern, by the rules of crypto/openpgp.h from what gpg lists
of the file, and from its list of packets where it shows no key.  What is said to be usable must be encrypted to, and gpg must find that subkey in the result.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
from openpgp_keys import Gpg, Tool  # noqa: E402

LIMIT, KEYS_MAX = 262144, 16
# Kinds of names: what gpg does not tell apart.
NOTED = (
    # Revoked by somebody whom the key names, and whom gpg does not know.
    (r"desigrevoked", {"revoked-by-other"}),
)


def packets(path):
    """Whether secret keys, and keys of versions that gpg does not know, are in the file."""
    done = subprocess.run(["gpg", "--batch", "--no-autostart", "--list-packets", path], capture_output=True,
                          check=False)
    text = (done.stdout + done.stderr).decode(errors="replace")
    secret = re.search(r"^:secret (sub )?key packet", text, re.M) is not None
    unknown = re.search(r"packet\((?:5|6|7|14)\) with unknown version", text) is not None
    return secret, unknown


def armoured_secret(content):
    """The file says so itself."""
    return b"-----BEGIN PGP PRIVATE KEY BLOCK-----" in content


class Listed:
    """A key of gpg's listing in colons."""

    def __init__(self, fields):
        self.primary = fields
        self.user_ids, self.subkeys = [], [fields]


def listing(gpg, content):
    """Keys as gpg shows them."""
    text = gpg.run("--with-colons", "--import-options", "import-show", "--dry-run", "--import",
                   given=content, check=False).decode(errors="replace")
    keys = []
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] in ("pub", "sec"):
            keys.append(Listed(fields))
        elif keys and fields[0] == "uid":
            keys[-1].user_ids.append((fields[1], fields[9]))
        elif keys and fields[0] in ("sub", "ssb"):
            keys[-1].subkeys.append(fields)
    return keys


def address_of(user_id):
    """Of "Name <address>" or the whole; None where there is none."""
    found = re.fullmatch(r"[^<>]*<([^<>\s]+@[^<>\s]+)>", user_id) or re.fullmatch(r"([^<>\s]+@[^<>\s]+)", user_id)
    return found.group(1) if found else None


def is_weak(fields):
    """RSA, ElGamal and DSA by their bits; curves are strong."""
    return fields[3] in ("1", "2", "3", "16", "17", "20") and int(fields[2]) < 2048


def judge(key, address, now):
    """Reason, by gpg's letters."""
    letters = {"r": "revoked", "e": "expired", "i": "invalid"}
    states = [state for state, user_id in key.user_ids if address_of(user_id) == address]
    first = key.primary
    if first[1] in letters:
        if int(first[5] or 0) > now:
            return "not-yet-valid"
        return letters[first[1]]
    if is_weak(first):
        return "weak-key"
    if states and all(state in letters for state in states):
        return {"r": "user-id-revoked", "e": "user-id-expired", "i": "user-id-unsigned"}[states[0]]
    encrypting = [fields for fields in key.subkeys if "e" in fields[11]]
    if not encrypting:
        return "not-for-encryption"
    usable = [fields for fields in encrypting if fields[1] not in letters and not is_weak(fields)]
    if usable:
        return "usable"
    of_subkeys = dict(letters, r="subkey-revoked")
    return {of_subkeys.get(fields[1], "weak-key") for fields in encrypting}


def expected(gpg, path, content, now):
    """(address to ask for, reasons that are right)."""
    secret, unknown = packets(path)
    keys = listing(gpg, content)
    if len(content) > LIMIT or len(keys) > KEYS_MAX:
        return "a@example.org", {"too-large"}
    if secret or armoured_secret(content):
        # Where the secret key is broken or of no known version, that is said as well.
        return "a@example.org", {"secret-key", "unreadable"}
    for pattern, reasons in NOTED:
        if re.search(pattern, path.name) and keys:
            name = address_of(keys[0].user_ids[0][1]) if keys[0].user_ids else None
            return name or "a@example.org", reasons if name else {"wrong-address"}
    addresses = [address_of(user_id) for key in keys for _, user_id in key.user_ids]
    addresses = [address for address in addresses if address is not None]
    if not addresses:
        if unknown and not keys:
            return "a@example.org", {"no-key", "unknown-version", "unreadable", "wrong-address"}
        return "a@example.org", {"no-key", "unreadable", "wrong-address", "too-large", "unknown-version"}
    address = addresses[0]
    reasons = set()
    for key in keys:
        if any(address_of(user_id) == address for _, user_id in key.user_ids):
            judged = judge(key, address, now)
            reasons |= judged if isinstance(judged, set) else {judged}
    return address, {"usable"} if "usable" in reasons else reasons


def encrypts(gpg, tool, said):
    """A message to what was chosen names that subkey, and no other."""
    armour, complaint = tool.make("encrypt", said["minimal"], b"x")
    if armour is None:
        return complaint
    done = subprocess.run(["gpg", "--homedir", gpg.home, "--batch", "--list-packets", "--list-only"],
                          input=armour, capture_output=True, check=False).stdout.decode(errors="replace")
    names = re.findall(r"pubkey enc packet: .* keyid ([0-9A-F]{16})", done)
    return None if names == [said["subkey"][-16:]] else "encrypted to %s" % names


def main():
    """One line per fault, and counts."""
    helper, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    told, faults, now = collections.Counter(), 0, time.time()
    with tempfile.TemporaryDirectory(prefix="pgp-") as place, Gpg(place) as gpg:
        runtime = pathlib.Path(place) / "run"
        runtime.mkdir(mode=0o700)
        tool = Tool(runtime, helper)
        for path in sorted(folder.iterdir()):
            if path.suffix in (".json", ".md", ".NOTE") or not path.is_file():
                continue
            content = path.read_bytes()
            address, right = expected(gpg, path, content, now)
            said = tool.choose(content, address)
            told[said["reason"]] += 1
            fault = None if said["reason"] in right else "%s, not %s" % (said["reason"], " or ".join(sorted(right)))
            if fault is None and said["reason"] == "usable":
                fault = encrypts(gpg, tool, said)
            if fault or "-v" in sys.argv:
                print("%s: %s: %s" % (path.name, address, fault or said["reason"]))
            faults += fault is not None
    print(", ".join("%d %s" % (count, reason) for reason, count in told.most_common()))
    failed = faults > 0 or not told
    print("%s openpgp keys: %d files, %d faults" % ("not ok" if failed else "ok", sum(told.values()), faults))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
