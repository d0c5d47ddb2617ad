#!/usr/bin/python3 -B
"""Every message of a folder goes the whole way: SMTP, held, finished by its sender, unlocked, read, and
taken as .eml, which must equal the bytes sent (the trace line apart, and Bcc, which is never passed on).
Every page of it is seen, attached letters and original layouts too, and every file's bytes have the digest
that its answer names; the slowest page is told.  Letters are saved as PDF, which other programs open: these have
every character of the page's text, and the files, byte for byte.

	through.py [-b BATCH] [-e EACH] [-p SAVED] FOLDER...

A batch of messages (default 200) has a portal and a database of its own; of the messages only each EACH-th
is taken (default: all), and of these each SAVED-th is saved as PDF (default: all; 0: none).

Line ends are made CRLF first, as a mail server would have done; what ingest then refuses for a
reason of its own (a bare CR, a header over its bounds) is counted and listed.
"""

import collections
import concurrent.futures
import html
import hashlib
import pathlib
import re
import smtplib
import sys
import threading
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from pdf import Paper, solid  # noqa: E402
from postern import Postern, link_in, parse_letter, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

PASSPHRASE = "the same for all"
MIRRORED = {one: other for pair in ("()", "[]", "{}", "<>", "«»", "‹›") for one, other in (pair, pair[::-1])}
LOCK = threading.Lock()


def apart(text):
    """Letters and their marks, which other programs give in an order of their own."""
    return unicodedata.normalize("NFKD", text)


def as_sent(raw):
    """What a mail server would hand over: CRLF line ends, one at the very end."""
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def without_trace(raw):
    """The bytes behind the trace line that stands in front."""
    assert raw.startswith(b"Received: from client.corp.example"), raw[:80]
    rest = raw.split(b"\r\n", 1)[1]
    while rest[:1] in (b" ", b"\t"):
        rest = rest.split(b"\r\n", 1)[1]
    return rest


def without_marked_subject(raw):
    """The bytes without a Subject field that holds a mark: that one is cut on the way."""
    return re.sub(rb"(?im)^Subject:[^\r]*secure[^\r]*\r\n", b"", raw, count=1)


def without_blind(raw):
    """The bytes without the header's Bcc fields, which are taken out on the way."""
    end = raw.find(b"\r\n\r\n")
    end = len(raw) if end < 0 else end + 2
    return re.sub(rb"(?im)^(Resent-)?Bcc[ \t]*:[^\n]*\n([ \t][^\n]*\n)*", b"", raw[:end]) + raw[end:]


def body_of(page):
    """The text of a letter's page: what stands in its lines, without the marks of quotes."""
    found = re.findall(r'<(pre|p) class="body" dir="auto">(.*?)</\1>', page.text, re.S)
    lines = (re.sub(r'<span class="mark">.*?</span>', "", line, flags=re.S) for _, line in found)
    return html.unescape("\n".join(re.sub(r"<[^>]*>", "", line) for line in lines))


class Journey:
    """One message."""

    def __init__(self, postern, number, path, saved):
        self.postern, self.path, self.number = postern, path, number
        self.saved = saved  # as PDF, too
        self.recipient = "fred%d@example.net" % number
        self.sent = as_sent(path.read_bytes())
        self.files = self.pages = self.papers = self.papers_files = 0
        self.slowest = (0, 0, "")

    def letter(self, address, needle):
        """The letter to an address that speaks of this recipient."""
        def look():
            for path, raw in self.postern.letters(address):
                if needle in raw:
                    return parse_letter(raw)[0]
            return None
        return wait_for("a letter to %s" % address, look)

    def go(self):
        """Give "opened", or why ingest refused."""
        with smtplib.SMTP("127.0.0.1", self.postern.smtp_port,
                          local_hostname="client.corp.example") as smtp:
            try:
                # A sender of its own per message, so that each finds its letters.
                sender = "alice%d@corp.example" % self.number
                smtp.sendmail(sender, ["secure-" + self.recipient], self.sent)
            except smtplib.SMTPDataError as error:
                return "refused %d %s" % (error.smtp_code, error.smtp_error.decode()[:60])
        asked = self.letter(sender, b"/s/")
        visitor = Visitor()
        page = visitor.get(link_in(asked, "s"))
        answer = visitor.submit(page, "clue", clue="Which?", passphrase=PASSPHRASE,
                                passphrase_again=PASSPHRASE, lifetime_days="7", save_template=None)
        assert answer.status == 200, "finish: %d" % answer.status
        notice = self.letter(self.recipient, b"/r/")
        link = link_in(notice, "r")
        began = time.monotonic()
        page = visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE)
        assert page.status == 200, "unlock: %d" % page.status
        took = time.monotonic() - began
        assert took < 30, "took %.1f s" % took
        whole = visitor.get(link + "/message.eml")
        assert whole.status == 200, "eml: %d" % whole.status
        came, expected = without_trace(whole.body), without_blind(self.sent)
        assert came in (expected, without_marked_subject(expected)) or \
            re.sub(rb"(?im)^Subject:[^\r]*\r\n", b"", came, count=1) == \
            without_marked_subject(expected), "the .eml differs"
        self.look(visitor, page)
        return "opened"

    def look(self, visitor, page):
        """Everything that a page leads to, once."""
        todo, seen = [page.url.replace(self.postern.url, "")], set()
        while todo:
            target = todo.pop()
            began = time.monotonic()
            answer = visitor.get(self.postern.url + target)
            took = time.monotonic() - began
            assert answer.status in ((200, 413) if "/content" in target else (200,)), "%s: %d" % (
                target, answer.status)
            if "/file/" in target:
                assert answer.headers["ETag"] == '"%s"' % hashlib.sha256(answer.body).hexdigest(), \
                    "%s: another digest" % target
                self.files += 1
                continue
            if self.saved and re.search(r"/message(/\d+)?$", target):
                self.save(visitor, answer, target.replace("/message", "/pdf"))
            self.pages += 1
            self.slowest = max(self.slowest, (took, len(answer.body), target.split("/", 3)[3]))
            more = answer.links() + ([target + "/content"] if re.search(r"/original/\d+$", target) else [])
            for link in more:
                if link not in seen and re.search(r"^/r/[^/]+/(file|message|original)/\d+", link):
                    seen.add(link)
                    todo.append(link)

    def save(self, visitor, page, target):
        """A letter as PDF, and what other programs find in it."""
        form = visitor.get(self.postern.url + target)
        answer = visitor.submit(form, "password", password=PASSPHRASE, password_again=PASSPHRASE)
        assert answer.headers["Content-Type"] == "application/pdf", "pdf: %d %s" % (
            answer.status, answer.words()[:300])
        with Paper(answer.body, PASSPHRASE) as paper:
            paper.check()
            (_, said), *files = paper.files()
            shown = paper.characters()
            counted = collections.Counter(apart(shown))
            counted["*"] += counted["\u2022"]  # what an item begins with
            text = body_of(page)
            # Of the pages each character, of the attached text also their order.
            named = collections.Counter()
            for written in set(text + unicodedata.normalize("NFC", text)):
                # What no font has stands there by its code, each time.
                for character in apart(solid(written)):
                    named[character] += len(re.findall(r"U\+%04X(?![0-9A-F])" % ord(written), shown))
            text_shown = apart(solid(text))
            for character in set(text_shown):
                # Brackets are turned where text runs to the left.
                pair = {character, MIRRORED.get(character, character)}
                count = sum(text_shown.count(each) for each in pair)
                found = sum(counted[each] + named[each] for each in pair)
                assert found >= count, "pdf: %d of %d U+%04X" % (found, count, ord(character))
            rest = solid(said.decode())
            for line in filter(solid, text.splitlines()):
                _, found, rest = rest.partition(solid(line))
                assert found == solid(line), "pdf: its text lacks %r" % line[:60]
            # A letter's page also offers the letter itself.
            own = re.search(r"/pdf/(\d+)$", target)
            wanted = sorted(hashlib.sha256(visitor.get(self.postern.url + link).body).hexdigest()
                            for link in set(page.links()) if re.search(r"^/r/[^/]+/file/\d+", link) and
                            not (own and "/file/%s/" % own.group(1) in link))
            got = sorted(hashlib.sha256(content).hexdigest() for _, content in files)
            if "does not fit" not in form.words() and "and others" not in form.words():
                assert got == wanted, "pdf: %d files, not %d, or other ones" % (len(got), len(wanted))
        self.papers += 1
        self.papers_files += len(got)


def travel(paths, saved, journeys, results):
    """One batch; whether all programs live at its end."""
    def go(postern, number, path):
        journey = Journey(postern, number, path, path in saved)
        try:
            result = journey.go()
        except Exception as error:
            result = "failed %s: %s" % (type(error).__name__, error)
        with LOCK:
            results[path] = result
            journeys.append(journey)

    with Postern(policy="network_tries = 100000;", smtp='message_size = "50 MB";') as postern:
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for number, path in enumerate(paths):
                pool.submit(go, postern, number, path)
        postern.settle()
        return all(process.poll() is None for process in postern.processes.values())


def main():
    """All folders; exit status 1 when one message did not make it."""
    cases.end_when_told()
    arguments, batch, each, saved_each = sys.argv[1:], 200, 1, 1
    if arguments[:1] == ["-b"]:
        batch, arguments = int(arguments[1]), arguments[2:]
    if arguments[:1] == ["-e"]:
        each, arguments = int(arguments[1]), arguments[2:]
    if arguments[:1] == ["-p"]:
        saved_each, arguments = int(arguments[1]), arguments[2:]
    paths = sorted(path for folder in arguments for path in pathlib.Path(folder).iterdir()
                   if path.is_file() and path.name not in ("INDEX.md", "MANIFEST.json", "expected.json"))
    paths = paths[::each]
    saved = set(paths[::saved_each] if saved_each > 0 else ())
    results, journeys, alive = {}, [], True
    for first in range(0, len(paths), batch):
        alive = travel(paths[first:first + batch], saved, journeys, results) and alive
    opened = sum(result == "opened" for result in results.values())
    refused = {path: result for path, result in results.items() if result.startswith("refused")}
    failed = {path: result for path, result in results.items() if result.startswith("failed")}
    for path, result in sorted(refused.items()) + sorted(failed.items()):
        print("%s: %s" % (path.name, result))
    print("%d of %d opened and equal, %d refused by ingest, %d failed" % (
        opened, len(paths), len(refused), len(failed)))
    print("%d pages, %d files with the right digest" % (
        sum(journey.pages for journey in journeys), sum(journey.files for journey in journeys)))
    print("%d PDF whole, with all text, and %d files in them" % (
        sum(journey.papers for journey in journeys), sum(journey.papers_files for journey in journeys)))
    for journey in sorted(journeys, key=lambda journey: journey.slowest)[-5:]:
        print("slowest: %.2f s, %d bytes, %s of %s" % (*journey.slowest, journey.path.name))
    print("%s corpus messages go through" % ("ok" if not failed and alive and opened else "not ok"))
    sys.exit(1 if failed or not alive or not opened else 0)


main()
