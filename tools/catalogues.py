#!/usr/bin/python3 -B
"""The phrases of Postern, and what became of them in each language.

	tools/catalogues.py extract		write the template of all catalogues (.pot) to stdout
	tools/catalogues.py check		say what is missing, unused, doubtful or unlike its phrase

Phrases stand in the templates between {{_}} and {{/_}} (base/template.h), and in C as
language_word(..., "context", "word") or LANGUAGE_WORD("context", "word").  languages/README.md says
how translators work; `make catalogues` brings new phrases into the catalogues.
"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LANGUAGES = ROOT / "languages"

# What somebody meets who got a message: every language has all of it.  German has everything.
RECIPIENT = ("pages/home.html", "pages/clue.html", "pages/code.html", "pages/message.html", "pages/original.html",
             "pages/unshown.html",
             "pages/reply.html", "pages/forward.html", "pages/sent.html", "pages/view.html", "pages/attached.html",
             "pages/attribution.txt", "pages/forgotten.html", "pages/standing.html", "pages/error.html",
             "pages/pdf.html", "pdf/message.txt", "pages/mailbox.html", "pages/box.html", "pages/box_sign_in.html", "pages/factor.html",
             "pages/box_lost.html", "pages/box_lost_link.html", "pages/factor_lost_link.html",
             "pages/account.html", "pages/account_new.html", "pages/account_passkey.html",
             "pages/box_passphrase.html", "pages/box_close.html", "pages/box_write.html", "pages/box_sent.html",
             "pages/box_export.html",
             "mails/notice.txt", "mails/code.txt", "mails/phone.txt", "mails/reminder.txt", "mails/new-clue.txt",
             "mails/suspended-recipient.txt", "mails/account.txt", "mails/give-up.txt",
             "mails/factors-lost.txt", "mails/pdf.txt", "mails/pdf-phone.txt", "pdf/delivery.txt", "pdf/clue.txt")
COMPLETE = ("de",)
NEEDED = ("ar", "de", "es", "fr", "nl")

PHRASE = re.compile(r"\{\{_(?:@([^{}]*)|#([^{}]*))?\}\}(.*?)\{\{/_\}\}", re.S)
PARTIAL = re.compile(r"\{\{>\s*([^}\s]+)\s*\}\}")
TAG = re.compile(r"\{\{.*?\}\}", re.S)
MARKUP = re.compile(r"<(?:[^<>{]|\{\{.*?\}\})*>", re.S)
IN_C = re.compile(r'(?:language_word\([^,;"]*,|LANGUAGE_WORD\()\s*"([^"]*)",\s*"([^"]*)"\s*\)')

Key = collections.namedtuple("Key", "context text plural")
Entry = collections.namedtuple("Entry", "key translations line fuzzy obsolete")


class Phrase:
    """One phrase and where it stands."""

    def __init__(self, key, count):
        self.key, self.count = key, count
        self.places = []

    def add(self, name, line):
        """It stands there, too."""
        self.places.append((name, line))


def normal(text):
    """Blanks and line ends run together, as base/template_phrase.c does it."""
    return re.sub(r"[ \t\n]+", " ", text).strip(" ")


def template_files():
    """(name, text) of every template."""
    for folder, ending in (("pages", "html"), ("pages", "txt"), ("mails", "txt"), ("pdf", "txt")):
        for path in sorted((ROOT / "templates" / folder).glob("*." + ending)):
            yield "%s/%s" % (folder, path.name), path.read_text()


def phrases():
    """All of them, by key, in the order in which they are found."""
    found = {}

    def add(key, count, name, line):
        found.setdefault(key, Phrase(key, count)).add(name, line)

    for name, text in template_files():
        for match in PHRASE.finditer(text):
            context, count, body = match.groups()
            one, _, many = body.partition("{{|}}")
            key = Key((context or "").strip(), normal(one), normal(many) if count else "")
            add(key, (count or "").strip(), "templates/" + name, text.count("\n", 0, match.start()) + 1)
    for path in sorted(ROOT.glob("*/*.c")):
        if path.parent.name in ("tests", "bench", "build"):
            continue
        text = path.read_text()
        for match in IN_C.finditer(text):
            add(Key(match.group(1), match.group(2), ""), "", str(path.relative_to(ROOT)),
                text.count("\n", 0, match.start()) + 1)
    return found


def recipient_files():
    """The templates that recipients meet, with all that these include."""
    texts = dict(template_files())
    seen, waiting = set(), list(RECIPIENT)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        folder, ending = name.split("/")[0], name.rsplit(".", 1)[1]
        for partial in PARTIAL.findall(texts[name]):
            waiting.append("%s.%s" % (partial if "/" in partial else folder + "/" + partial, ending))
    return seen


def is_for_recipients(phrase, files):
    """Also what comes from C: sizes, the word that confirms."""
    return any(not place.startswith("templates/") or place[len("templates/"):] in files
               for place, _ in phrase.places)


def quoted(text):
    """A string of a catalogue."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n"')


def write_template(out):
    """The .pot file."""
    out.write('msgid ""\nmsgstr ""\n"Project-Id-Version: postern\\n"\n"MIME-Version: 1.0\\n"\n'
              '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n')
    for phrase in phrases().values():
        names = sorted({name for name, _ in phrase.places})
        out.write("\n#: %s\n" % " ".join(names))
        if phrase.key.context:
            out.write("msgctxt %s\n" % quoted(phrase.key.context))
        out.write("msgid %s\n" % quoted(phrase.key.text))
        if phrase.key.plural:
            out.write('msgid_plural %s\nmsgstr[0] ""\nmsgstr[1] ""\n' % quoted(phrase.key.plural))
        else:
            out.write('msgstr ""\n')


ESCAPES = {"n": "\n", "t": "\t"}


def unquoted(text):
    """What a string of a catalogue says."""
    return re.sub(r"\\(.)", lambda match: ESCAPES.get(match.group(1), match.group(1)), text[1:-1])


class Reader:
    """A catalogue, line by line."""

    def __init__(self, path):
        self.entries = []
        self.clear()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            self.take(number, line.strip())
        self.finish()

    def clear(self):
        """Nothing of the next entry is known."""
        self.fields, self.field, self.line = {}, None, 0
        self.fuzzy = self.obsolete = False

    def finish(self):
        """The entry is over."""
        if "msgid" in self.fields:
            key = Key(self.fields.get("msgctxt", ""), self.fields["msgid"],
                      self.fields.get("msgid_plural", ""))
            forms = [text for field, text in self.fields.items() if field.startswith("msgstr")]
            self.entries.append(Entry(key, forms, self.line, self.fuzzy, self.obsolete))
        self.clear()

    def take(self, number, line):
        """One line."""
        if not line:
            self.finish()
            return
        if line.startswith("#~"):
            self.obsolete = True
            line = line[2:].strip()
        if line.startswith("#,") and "fuzzy" in line:
            self.fuzzy = True
        match = re.match(r'(msg[a-z_]+(?:\[\d+\])?)?\s*(".*")$', line)
        if match is None:
            return
        if match.group(1):
            self.field = match.group(1)
            self.fields[self.field] = ""
            if self.field == "msgid":
                self.line = number
        self.fields[self.field] += unquoted(match.group(2))


def tokens(text, html, optional):
    """The tags of a text, as base/template_phrase.c counts them."""
    found = collections.Counter()
    if html:
        found.update(MARKUP.findall(text))
        text = MARKUP.sub("", text)
    found.update(TAG.findall(text))
    if optional:
        found.pop("{{%s}}" % optional, None)
    return found


def check_entry(entry, phrase, faults, where):
    """Is this a translation of that?"""
    html = any(".html" in place for place, _ in phrase.places)
    for form in entry.translations:
        if form != normal(form):
            faults.append("%s: blanks or line ends that are not shown" % where)
        if not form:
            continue
        if tokens(form, html, phrase.count) != tokens(entry.key.plural or entry.key.text, html,
                                                      phrase.count):
            faults.append("%s: not the same values and tags as %r" % (where, entry.key.text[:60]))


def check_catalogue(path, found, files):
    """Faults of one language."""
    faults, seen = [], {}
    code = path.stem
    for entry in Reader(path).entries:
        where = "languages/%s:%d" % (path.name, entry.line)
        if entry.key.text == "":
            continue
        if entry.obsolete:
            faults.append("%s: an obsolete entry" % where)
            continue
        if entry.fuzzy:
            faults.append("%s: a doubtful (fuzzy) entry" % where)
        phrase = found.get(entry.key)
        if phrase is None:
            faults.append("%s: nobody uses %r" % (where, entry.key.text[:60]))
            continue
        seen[entry.key] = all(entry.translations)
        check_entry(entry, phrase, faults, where)
    for key, phrase in found.items():
        wanted = code in COMPLETE or (code in NEEDED and is_for_recipients(phrase, files))
        if key not in seen:
            faults.append("languages/%s:0: lacks %r; make catalogues" % (path.name, key.text[:60]))
        elif wanted and not seen[key]:
            faults.append("languages/%s:0: %r of %s is not translated" %
                          (path.name, key.text[:60], phrase.places[0][0]))
    return faults


def unmarked(name, text):
    """Words that people read and that no catalogue knows, as "file:line: words"."""
    def blanked(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    text = re.sub(r"\{\{!.*?\}\}", blanked, text, flags=re.S)
    text = PHRASE.sub(blanked, text)
    if name.endswith(".html"):
        text = re.sub(r'<([a-z]+)[^<>]* translate="no"[^<>]*>.*?</\1>', blanked, text, flags=re.S)
        attributes = re.findall(r'\b(?:aria-label|title|alt|placeholder|data-[a-z]+)="([^"]*)"', text)
        text = MARKUP.sub(blanked, text)
    else:
        attributes = []
        text = re.sub(r"^Subject: ", blanked, text)
        text = text.replace("https://", "        ")
        if name.startswith("pdf/"):
            # What a line is (portal/pdf_letter.h); a name that is the same everywhere.
            text = re.sub(r"(?m)^[a-z]+:|\bUTC\b", blanked, text)
    text = TAG.sub(blanked, text)
    text = re.sub(r"&#?\w+;|\S*@\S+", blanked, text)
    faults = ["templates/%s:%d: not marked for translation: %s" % (name, number, line.strip())
              for number, line in enumerate(text.split("\n"), 1) if re.search(r"[^\W\d_]", line)]
    return faults + ["templates/%s:0: an attribute that is not marked: %s" % (name, words)
                     for words in attributes if re.search(r"[^\W\d_]", TAG.sub("", words))]


def check():
    """All faults there are."""
    found, files = phrases(), recipient_files()
    faults = []
    for name, text in template_files():
        faults += unmarked(name, text)
    for code in NEEDED:
        if not (LANGUAGES / (code + ".po")).exists():
            faults.append("languages/%s.po:0: is not there" % code)
    for path in sorted(LANGUAGES.glob("*.po")):
        faults += check_catalogue(path, found, files)
    return faults


def main(words):
    """One verb."""
    if words == ["extract"]:
        write_template(sys.stdout)
        return 0
    if words == ["check"]:
        faults = check()
        print("\n".join(faults))
        return 1 if faults else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
