#!/usr/bin/python3 -B
"""Names under which keys of addresses lie, beside those of a list that others computed.

	key_names.py LOOKUP VECTORS.json
"""

import hashlib
import json
import subprocess
import sys

FIELDS = ("dns_smimea", "dns_openpgpkey", "wkd_advanced", "wkd_direct")


def expected(vector):
    """What the list says.  RFC 7929 section 3 and RFC 8162 section 3 take the quotes off a local part
    before it is hashed; lists that leave them on are corrected here."""
    names = {field: vector[field].rstrip(".") for field in FIELDS}
    local = vector["address"].rsplit("@", 1)[0]
    if local.startswith('"'):
        plain = local[1:-1].replace("\\", "")
        digest = hashlib.sha256(plain.encode()).hexdigest()[:56]
        for field in FIELDS[:2]:
            names[field] = digest + names[field][56:]
    return names


def main(lookup, path):
    """One line for each address that differs, then the count."""
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    told = subprocess.run([lookup, "-", "names", *(vector["address"] for vector in vectors)],
                          capture_output=True, text=True, check=True).stdout
    wrong = 0
    for vector, names in zip(vectors, json.loads(told), strict=True):
        if names != expected(vector):
            wrong += 1
            print("not ok %s: %s, expected %s" % (vector["address"], names, expected(vector)))
    print("%d names of keys, %d wrong" % (len(vectors), wrong))
    return 1 if wrong or not vectors else 0


sys.exit(main(*sys.argv[1:]))
