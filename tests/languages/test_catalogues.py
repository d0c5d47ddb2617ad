#!/usr/bin/python3 -B
"""Catalogues: nothing is missing, unused, doubtful or unlike its phrase, and no text is unmarked; and
that the checks find what they look for."""

import gettext
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "harness"), str(ROOT / "tools")]
import cases  # noqa: E402
import catalogues  # noqa: E402

# One of a recipient's phrases, one of a sender's, one with a plural.
CLUE = '\nmsgid "The clue to the passphrase"\n'
DESK = '\nmsgid "Sign in to your desk"\n'
SECONDS = '\nmsgid "Best wait {{retry_after}} second before you try again."\n'


def faults_of(code, change):
    """What is said of a catalogue after `change` of its text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / (code + ".po")
        path.write_text(change((ROOT / "languages" / (code + ".po")).read_text()))
        return catalogues.check_catalogue(path, catalogues.phrases(), catalogues.recipient_files())


def translated(text, msgid, words):
    """The catalogue with another translation of this phrase."""
    at = text.index(msgid) + len(msgid)
    end = text.index("\n", at)
    assert text[at:].startswith('msgstr "'), text[at:end]
    return text[:at] + "msgstr %s" % catalogues.quoted(words) + text[end:]


def test_nothing_is_missing_unused_or_unmarked():
    faults = catalogues.check()
    assert faults == [], "\n".join(faults)
    assert len(catalogues.phrases()) > 600 and "mails/genuine.txt" in catalogues.recipient_files()


def test_catalogues_compile():
    for path in sorted((ROOT / "languages").glob("*.po")):
        done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", done.stderr


def test_faults_of_catalogues_are_found():
    for code, change, words in (
            ("de", lambda text: text, None),
            ("de", lambda text: translated(text, DESK, ""), "of templates/pages/desk_sign_in.html is not translated"),
            ("fr", lambda text: translated(text, DESK, ""), None),
            ("fr", lambda text: translated(text, CLUE, ""), "of templates/pages/clue.html is not translated"),
            ("de", lambda text: translated(text, CLUE, "Der <b>Hinweis</b>"), "not the same values and tags"),
            ("de", lambda text: translated(text, CLUE, "{{clue}}"), "not the same values and tags"),
            ("de", lambda text: translated(text, CLUE, "Der  Hinweis"), "blanks or line ends"),
            ("de", lambda text: text.replace(CLUE, CLUE.replace("clue", "hint")), "nobody uses"),
            ("de", lambda text: text.replace(CLUE, CLUE.replace("clue", "hint")), "lacks 'The clue to"),
            ("de", lambda text: text.replace(CLUE, "\n#, fuzzy" + CLUE), "a doubtful (fuzzy) entry"),
            ("de", lambda text: text + '\n#~ msgid "Gone"\n#~ msgstr "Fort"\n', "an obsolete entry"),
            ("ar", lambda text: re.sub(r'(%s.*?msgstr\[5\] ")[^"]*' % re.escape(SECONDS.strip()),
                                       r"\1", text, flags=re.S), "is not translated")):
        faults = faults_of(code, change)
        if words is None:
            assert faults == [], faults
        else:
            assert any(words in fault for fault in faults), (words, faults)
            assert all(re.match(r"languages/%s\.po:\d+: " % code, fault) for fault in faults), faults


def test_the_line_of_a_fault_is_told():
    def change(text):
        return translated(text, CLUE, "Der <b>Hinweis</b>")
    text = change((ROOT / "languages" / "de.po").read_text())
    line = text[:text.index(CLUE) + 1].count("\n") + 1
    assert faults_of("de", change)[0].startswith("languages/de.po:%d: " % line), faults_of("de", change)


def test_unmarked_words_are_found():
    for name, text, found in (
            ("pages/t.html", "<p>{{_}}Hello{{/_}} {{name}}</p>", False),
            ("pages/t.html", "<p>Hello</p>", True),
            ("pages/t.html", "<p>{{_}}Hello{{/_}} you</p>", True),
            ("pages/t.html", "<p>{{#x}}Hello{{/x}}</p>", True),
            ("pages/t.html", "<p>&#8230; &amp; 12 (–)</p>", False),
            ("pages/t.html", '<ul aria-label="Files">', True),
            ("pages/t.html", '<ul aria-label="{{_}}Files{{/_}}" class="files">', False),
            ("pages/t.html", '<td data-label="Written">', True),
            ("pages/t.html", '<dt translate="no">lifetime_days</dt>', False),
            ("pages/t.html", "{{! Remarks\nof two lines }}<p></p>", False),
            ("mails/t.txt", "Subject: {{_}}Hello{{/_}}\n\n    {{link}}\n", False),
            ("mails/t.txt", "Subject: Hello\n\n", True),
            ("mails/t.txt", "Subject: {{_}}Hello{{/_}}\n\nBye\n", True)):
        faults = catalogues.unmarked(name, text)
        assert bool(faults) == found, (text, faults)


def test_plural_rules_are_those_of_the_forms():
    # The program chooses by CLDR's categories in this order; the field is what tools go by.
    wanted = {"de": lambda n: int(n != 1), "nl": lambda n: int(n != 1), "es": lambda n: int(n != 1),
              "fr": lambda n: int(n > 1),
              "ar": lambda n: n if n < 3 else 3 if 3 <= n % 100 <= 10 else 4 if n % 100 >= 11 else 5}
    for path in sorted((ROOT / "languages").glob("*.po")):
        rule = re.search(r'"Plural-Forms: nplurals=\d; plural=(.*);\\n"', path.read_text()).group(1)
        form = gettext.c2py(rule)
        for number in range(1001):
            assert form(number) == wanted[path.stem](number), (path.name, number)


def test_what_is_extracted_is_what_catalogues_hold():
    with tempfile.NamedTemporaryFile("w", suffix=".pot") as file:
        catalogues.write_template(file)
        file.flush()
        entries = catalogues.Reader(pathlib.Path(file.name)).entries
        assert {entry.key for entry in entries if entry.key.text} == set(catalogues.phrases())
        done = subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", file.name], capture_output=True)
        assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    cases.run(__name__)
