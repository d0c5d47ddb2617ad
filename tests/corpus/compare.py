#!/usr/bin/python3 -B
"""What mail/ makes of every message of a folder, beside what Python's email makes of it: texts, file names,
sizes and digests of files.

	compare.py PARSE_FOLDER FOLDER

Python is no judge, only another reader.  A difference is allowed where a rule below says why; all
others are listed, and fail.  Where the folder has an expected.json (subject, sender, file name and
text by file), that is what must come out, without exceptions.
"""

import base64
import collections
import email
import email.policy
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unicodedata

RULES = {
    "uuencode": "a whole body in uuencode: Python takes the first file of it, and it needs no clean digits",
    "charset": "a charset that Python does not know, or that browsers read as a larger one",
    "broken-encoding": "base64 or quoted-printable with faults in it, or with blanks at the end of a line: each reader skips others",
    "line-end": "the line end before a boundary, or at the end of a message without one",
    "structure": "a boundary that is missing or used twice: where a part ends is a matter of taste",
    "depth": "more parts or layers than are taken apart; what is beyond is given as one file",
    "encoded-letter": "a letter attached in base64: Python gives it no content, here it is a file and read",
    "encoding-label": "the name of an encoding with blanks behind it: Python does not know it",
    "bare-cr": "lines that end in CR alone: no mail server sends them; shown as they are",
    "letter-bytes": "an attached letter: Python writes it anew, here its bytes are given",
    "name-cleaned": "a file name with a path, controls, or what no system takes: cleaned here",
    "name-form": "a file name in a form that only one of the two reads (RFC 2231 in quotes, no charset, words)",
    "raw-name": "a file name in bytes that should not be there: Python gives up, here they are read as UTF-8 or windows-1252",
}


def found(parse_folder, folder):
    """What parse_folder tells, by file."""
    told = subprocess.run([parse_folder, "-l", folder], stdout=subprocess.PIPE, check=False)
    everything = collections.defaultdict(lambda: dict(header=None, parts={}, texts={}))
    for line in told.stdout.decode("utf-8").split("\n"):
        kind, _, rest = line.partition("\t")
        columns = rest.split("\t")
        if kind == "H":
            everything[columns[0]]["header"] = columns[1:5]
        elif kind == "P":
            everything[columns[0]]["parts"][int(columns[1])] = dict(
                role=columns[2], type=columns[3], size=int(columns[4]), digest=columns[5],
                name=columns[6], parent=int(columns[7]), letter=columns[8] == "letter")
        elif kind == "T":
            everything[columns[0]]["texts"][int(columns[1])] = base64.b64decode(columns[2]).decode()
    return everything, told.returncode


def plain(text):
    """A text without what the two may write differently: blanks, marks of quotes, invisible things."""
    text = unicodedata.normalize("NFC", text)
    return "".join(c for c in text if not c.isspace() and c not in ">\ufffd"
                   and unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Co", "Cs"))


def clean_name(name):
    """As mail/file_name.c cleans one, roughly."""
    name = re.split(r"[/\\]", str(name))[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn"))
    return " ".join(re.sub(r'[<>:"|?*]', "_", name).split()).strip(". ")


def is_faulty(payload, encoding):
    """Whether an encoded part holds what it should not."""
    if encoding == "base64":
        digits = re.sub(r"\s", "", payload)
        return not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", digits) or len(digits) % 4 != 0
    if encoding == "quoted-printable":
        return re.search(r"=(?![0-9A-F]{2}|[ \t]*\r?\n)|[^\t\r\n\x20-\x7e]|[ \t]\r?\n", payload) is not None
    return False


class Comparison:
    """One message."""

    def __init__(self, path, ours):
        self.path, self.ours = path, ours
        self.raw = path.read_bytes()
        self.digests = collections.Counter()
        self.sizes = collections.defaultdict(list)
        for part in ours["parts"].values():
            self.digests[part["digest"]] += 1
            self.sizes[part["type"]].append(part)
        self.text = plain("".join(ours["texts"].values()))
        self.names = {part["name"] for part in ours["parts"].values() if part["name"]}
        self.differences = []

    def rule_for(self, part, content, what):
        """The name of the rule that allows a difference, or None."""
        label = str(part.get("Content-Transfer-Encoding", "")).lower()
        encoding = label.strip()
        defects = {type(defect).__name__ for defect in part.defects}
        if re.search(rb"(?m)^begin [0-7]{3,4} ", content) or "uu" in encoding:
            return "uuencode"
        if part.get_content_maintype() == "message":
            return "letter-bytes" if content else "encoded-letter"
        if what == "text":
            charset = (part.get_content_charset() or "").lower()
            try:
                content.decode(charset or "ascii")
                known = charset not in ("", "us-ascii", "ascii", "iso-8859-1", "iso-8859-9", "gb2312")
            except (LookupError, UnicodeError):
                known = False
            if not known and re.search(rb"[^\t\r\n\x20-\x7e]", content):
                return "charset"
        for ours in self.ours["parts"].values():
            if ours["role"] != "C" and abs(ours["size"] - len(content)) <= 2 and \
                    ours["type"] == part.get_content_type():
                return "line-end"
        if encoding in ("base64", "quoted-printable") and label.rstrip() != label:
            return "encoding-label"
        if b"\r" in self.raw and b"\n" not in self.raw:
            return "bare-cr"
        if is_faulty(part.get_payload(), encoding):
            return "broken-encoding"
        if self.ours["header"][3]:
            return "depth"
        if defects or self.whole.defects or self.broken:
            return "structure"
        return None

    def leaf(self, part):
        """A part that has content of its own."""
        content = part.get_payload(decode=True)
        if content is None:
            return
        digest = hashlib.sha256(content).hexdigest()
        is_text = part.get_content_type() in ("text/plain", "text/html")
        if self.digests[digest]:
            self.check_name(part)
            return
        if is_text:
            charset = part.get_content_charset() or "utf-8"
            try:
                text = content.decode(charset, "replace")
            except LookupError:
                text = content.decode("utf-8", "replace")
            if part.get_content_type() == "text/html":
                text = ""  # digests differ only where bytes do; the text form is no other's
            if plain(text) and plain(text) in self.text:
                self.check_name(part)
                return
        if not content.strip():
            return
        self.difference(self.rule_for(part, content, "text" if is_text else "file"),
                        "%s of %d bytes is not there" % (part.get_content_type(), len(content)))

    def check_name(self, part):
        """The file name, where one is said."""
        try:
            name = part.get_filename()
        except Exception:
            return
        if not name:
            return
        name = str(email.header.make_header(email.header.decode_header(name))) \
            if "=?" in name else name
        wanted = clean_name(name)
        if wanted in self.names or not wanted:
            return
        if re.search("[\udc80-\udcff\ufffd]", str(name) + str(part.items())):
            self.difference("raw-name" if self.names else None, "name %r, here %r" % (
                name.encode("ascii", "replace"), sorted(self.names)))
            return
        close = [ours for ours in self.names
                 if plain(ours).lower() == plain(wanted).lower() or len(wanted.encode()) > 200]
        self.difference("name-cleaned" if close else "name-form"
                        if re.search(r"\*\d*\*?=|=\?|[^\x20-\x7e]", str(part.items())) else None,
                        "name %r, here %r" % (name, sorted(self.names)))

    def difference(self, rule, what):
        self.differences.append((rule, what))

    def run(self):
        """All parts that Python sees, down into attached letters."""
        self.whole = email.message_from_bytes(self.raw, policy=email.policy.compat32)
        self.broken = any(part.defects for part in self.whole.walk())
        self.walk(self.whole)
        return self.differences

    def walk(self, part):
        """Reports and what lies elsewhere are whole files here; Python takes them apart as letters."""
        if not part.is_multipart():
            self.leaf(part)
        elif part.get_content_type() not in (
                "message/delivery-status", "message/external-body", "message/partial"):
            for child in part.get_payload():
                self.walk(child)


def check_expected(folder, everything):
    """What must come out, where that is known."""
    wanted = json.loads((folder / "expected.json").read_text())
    right = wrong = 0
    for name, row in wanted.items():
        ours = everything[name]
        rows = (("subject", ours["header"][0] == row.get("subject", "").strip()),
                ("from_name", ours["header"][1] == row.get("from_name", "").strip()),
                ("filename", clean_name(row.get("filename", "")) in
                 {part["name"] for part in ours["parts"].values()}),
                ("body_contains", row.get("body_contains", "") in "".join(ours["texts"].values())))
        for what, good in rows:
            if what not in row:
                continue
            right, wrong = right + good, wrong + (not good)
            if not good:
                print("%s: %s: %r" % (name, what, row[what]))
                print("   here: %r" % ([ours["header"], [p["name"] for p in ours["parts"].values()]],))
    print("%d of %d as expected" % (right, right + wrong))
    return wrong == 0


def main():
    """Exit status 1 for a difference that no rule allows."""
    parse_folder, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    everything, status = found(parse_folder, folder)
    good = status == 0
    allowed, same, unexplained = collections.Counter(), 0, 0
    for path in sorted(folder.iterdir()):
        if path.name in ("INDEX.md", "MANIFEST.json", "expected.json") or not path.is_file():
            continue
        if path.name not in everything:
            print("%s: refused" % path.name)
            continue
        try:
            differences = Comparison(path, everything[path.name]).run()
        except Exception as error:
            print("%s: Python fails: %s: %s" % (path.name, type(error).__name__, error))
            continue
        same += not differences
        for rule, what in differences:
            allowed[rule] += 1
            print("%s: %s: %s" % (path.name, rule or "NOT EXPLAINED", what))
            unexplained += rule is None
    print()
    for rule, count in sorted(allowed.items(), key=lambda item: -item[1]):
        if rule:
            print("%5d %s: %s" % (count, rule, RULES[rule]))
    print("%d messages the same, %d differences allowed, %d not explained" % (
        same, sum(allowed.values()) - unexplained, unexplained))
    if (folder / "expected.json").exists():
        good = check_expected(folder, everything) and good
    print("%s %s reads as another reader does" % ("ok" if good and not unexplained else "not ok", folder.name))
    sys.exit(0 if good and not unexplained else 1)


main()
