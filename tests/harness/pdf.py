"""PDF as programs that are not ours read it: qpdf and poppler."""

import collections
import html
import pathlib
import re
import subprocess
import tempfile
import unicodedata

import cases


def run(*words, good=(0,)):
    """A program of theirs; gives status, what it wrote, and its complaints."""
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, timeout=120, check=False)
    except FileNotFoundError as missing:
        raise cases.Skip("no " + str(words[0])) from missing
    assert good is None or done.returncode in good, (words[0], done.returncode, done.stdout[:500], done.stderr[:500])
    return done


# Bytes of a password that poppler's programs take on their command line.
POPPLER_MAX = 32


Run = collections.namedtuple("Run", "left size colour bold text")


class Paper:
    """One PDF, in a folder of its own, which goes with it, or with the end of a context."""

    def __init__(self, content, password=""):
        self.password = password
        self.folder = tempfile.TemporaryDirectory(prefix="pdf-paper-")
        self.path = pathlib.Path(self.folder.name) / "it.pdf"
        self.path.write_bytes(content)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def _poppler(self, program, *words, good=(0,)):
        if len(self.password.encode()) > POPPLER_MAX:
            opened = self.path.with_name("opened.pdf")
            if not opened.exists():
                run("qpdf", "--password=" + self.password, "--decrypt", self.path, opened)
            return run(program, *(opened if word == self.path else word for word in words), good=good)
        mine = ["-upw", self.password] if self.password else []
        return run(program, *mine, *words, good=good)

    def opens_with(self, password):
        """Whether qpdf and, as far as it can be asked, poppler open it so; they must agree."""
        by_qpdf = run("qpdf", "--password=" + password, "--check", self.path, good=None).returncode == 0
        if len(password.encode()) > POPPLER_MAX:
            return by_qpdf
        by_poppler = run("pdftotext", *(["-upw", password] if password else []), self.path, "-",
                         good=None).returncode == 0
        assert by_qpdf == by_poppler, (password, by_qpdf, by_poppler)
        return by_qpdf

    def check(self):
        """Everything that makes it whole; encrypted as it should be, or not at all."""
        done = run("qpdf", "--password=" + self.password, "--check", self.path)
        assert b"No syntax or stream encoding errors" in done.stdout, done.stdout
        shown = run("qpdf", "--password=" + self.password, "--show-encryption", self.path).stdout.decode()
        info = self._poppler("pdfinfo", self.path).stdout.decode()
        if self.password:
            assert "R = 6" in shown and shown.count("AESv3") == 3, shown
            assert "AES-256" in info or len(self.password.encode()) > POPPLER_MAX, info
        else:
            assert "not encrypted" in shown and re.search(r"Encrypted: +no", info), (shown, info)
        assert re.search(r"JavaScript: +no", info) and re.search(r"Form: +none", info), info
        return info

    def text(self, *words):
        """The text of its pages."""
        return self._poppler("pdftotext", *words, self.path, "-").stdout.decode()

    def words(self):
        """Of each page, its words: where they are, (left, top, right, bottom) in points from the upper left
        corner, and their letters, each in its plain form."""
        pages = self.text("-bbox").split("<page ")[1:]
        found = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
        return [[(*map(float, place), solid(html.unescape(word))) for *place, word in found.findall(page)]
                for page in pages]

    def characters(self):
        """Every character that its pages show, blanks left out, in one form."""
        return solid(self.text("-raw", "-nopgbrk"))

    def runs(self):
        """What its pages show, run by run of one font: where it begins from the left, size of the font and its
        colour, whether it is bold, and the text."""
        said = self._poppler("pdftohtml", "-xml", "-i", "-stdout", self.path).stdout.decode()
        fonts = {number: (int(size), colour) for number, size, colour in re.findall(
            r'<fontspec id="(\d+)" size="(\d+)" [^>]*color="([^"]*)"', said)}
        return [Run(int(left), *fonts[font], "<b>" in text, html.unescape(re.sub(r"<[^>]*>", "", text)))
                for left, font, text in re.findall(
                    r'<text top="-?\d+" left="(-?\d+)" [^>]*font="(\d+)">(.*?)</text>', said)]

    def pictures(self):
        """(width, height) of what is drawn, in pixels."""
        listed = self._poppler("pdfimages", "-list", self.path).stdout.decode()
        return [(int(line.split()[3]), int(line.split()[4])) for line in listed.splitlines()[2:]]

    def files(self):
        """Name and content of what is attached, in its order."""
        folder = pathlib.Path(self.folder.name) / "files"
        folder.mkdir(exist_ok=True)
        # Status 2 of pdfdetach: there are none.
        listed = self._poppler("pdfdetach", "-list", self.path).stdout.decode()
        names = re.findall(r"^\d+: (.*)$", listed, re.M)
        found = []
        for number, name in enumerate(names, 1):
            out = folder / str(number)
            self._poppler("pdfdetach", "-save", str(number), "-o", out, self.path)
            found.append((name, out.read_bytes()))
        return found

    def raw_objects(self):
        """All of it, decrypted and uncompressed, for a look at its parts."""
        out = pathlib.Path(self.folder.name) / "plain.pdf"
        run("qpdf", "--password=" + self.password, "--decrypt", "--qdf", "--object-streams=disable",
            self.path, out)
        return out.read_bytes()


def solid(text):
    """Letters in one form: composed, joined ones apart, no blanks, nothing that is not seen."""
    text = unicodedata.normalize("NFKC", text)
    # Selectors of variants (U+FE00 to U+FE0F) ask for another glyph where there is one.
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")
                   and not "\ufe00" <= c <= "\ufe0f")
