"""People before w3m, lynx, links and elinks: links are followed and forms are filled by the browser
itself, without JavaScript and with certificates truly verified.

All understand the same words, so that one story can be told in each of them.
"""

import pathlib
import re
import tempfile

from terminal import Terminal, need
from postern import wait_for


def new_home(postern):
    """A folder for one browser alone: two that begin at once read no half-written settings."""
    return pathlib.Path(tempfile.mkdtemp(prefix="browser-", dir=postern.folder))


class W3m(Terminal):
    """w3m with a person before it."""

    def __init__(self, postern, url):
        self.own = new_home(postern)
        self.text = self.own / "typed.txt"
        editor = self.own / "editor"
        editor.write_text('#!/bin/sh\ncat "%s" >"$1"\n' % self.text)
        editor.chmod(0o700)
        super().__init__([need("w3m"), "-cookie", *w3m_options(postern), "-o", "editor=%s" % editor,
                          "-o", "confirm_qq=0", "-o", "show_srch_str=0", url], {"HOME": str(self.own)})

    def goto(self, words, tabs):
        """Put the cursor on these words, then on the tabs-th field or link behind them."""
        self._search("g", "/", "Forward:", words)
        self.press(*["Tab"] * tabs)

    def _search(self, edge, key, prompt, words):
        self.press(edge)
        self.type(key)
        self.see(prompt)
        self.type(words, "Enter")
        self.gone(prompt)

    def gone(self, text):
        """Wait until a prompt has left the screen."""
        wait_for("%r to go" % text, lambda: text not in self.words(), 30)

    def fill(self, words, text, prompt="TEXT:", tabs=1):
        """Type a text into the field behind these words."""
        self.goto(words, tabs)
        self.press("Enter")
        self.see(prompt)
        self.press("C-u")
        self.type(text, "Enter")
        self.gone(prompt)

    def secret(self, words, text):
        """The same with a field whose letters are not shown."""
        self.fill(words, text, "Password:")

    def choose(self, words, steps):
        """Choose what stands so many steps below what is chosen in the list behind these words."""
        self.goto(words, 1)
        self.press("Enter", *["Down"] * steps, "Enter")

    def write(self, words, text):
        """Write into the text area behind these words, which w3m does in an editor."""
        self.text.write_text(text)
        self.goto(words, 1)
        self.press("Enter")
        self.see(text.splitlines()[0])

    def push(self, words, tabs=0):
        """Press the button or follow the link that says these words."""
        self.goto(words, tabs)
        self.press("Enter")

    def submit(self, label):
        """Press the button with this label: the last place that says so."""
        self._search("G", "?", "Backward:", label)
        self.press("Enter")

    def save(self, words, path):
        """Save what the link with these words leads to."""
        self.goto(words, 0)
        self.press("a")
        self.see("Save file to:")
        self.press("C-u")
        self.type(str(path), "Enter")
        self.see("Download List Panel")
        self.press("B")
        self.gone("Download List Panel")


def w3m_options(postern):
    """Verify the certificate, keep cookies; everything else as it comes."""
    return ["-o", "ssl_verify_server=1", "-o", "ssl_ca_file=%s" % (postern.folder / "tls.pem"),
            "-o", "ssl_ca_path=", "-o", "accept_cookie=1", "-I", "UTF-8", "-O", "UTF-8"]


class Lynx(Terminal):
    """lynx with a person before it, who goes by the numbers that lynx gives to links and fields."""

    def __init__(self, postern, url):
        home = new_home(postern)
        settings = home / "lynx.cfg"
        settings.write_text("DEFAULT_KEYPAD_MODE:LINKS_AND_FORM_FIELDS_ARE_NUMBERED\n"
                            "TEXTFIELDS_NEED_ACTIVATION:TRUE\n")
        super().__init__([need("lynx"), "-cfg=%s" % settings, "-accept_all_cookies", "-nopause",
                          "-nocolor", "-assume_charset=utf-8", "-display_charset=utf-8", url],
                         {"HOME": str(home), "SSL_CERT_FILE": str(postern.folder / "tls.pem")})

    def goto(self, words):
        """Go to the first link, field or button whose number stands in or behind these words."""
        before, behind = r"(?:\[(\d+)\] ?|\(\[(\d+)\]BUTTON\) )", r"[^\[]*?\[(\d+)\]"
        text = re.escape(words).replace(r"\ ", r"\s+")
        self._follow("%s%s|%s%s" % (before, text, text, behind))

    def _follow(self, pattern):
        number = next(part for part in self.see_match(pattern).groups() if part)
        self.type(number + "g", "Enter")
        wait_for("lynx to go to " + number,
                 lambda: "Follow link (or goto" not in self.words(), 30)

    def fill(self, words, text):
        """Type a text into the field behind these words, and leave the field."""
        self.goto(words)
        self.press("Enter")
        self.see("Enter text.")
        self.press("C-u")
        for number, line in enumerate(text.split("\n")):
            self.type(line, *(["Enter"] if number < text.count("\n") else ["Tab"]))
        wait_for("the field to be left", lambda: "Enter text." not in self.words(), 30)

    def push(self, words):
        """Press the button or follow the link that says these words."""
        self.goto(words)
        self.press("Enter")

    def secret(self, words, text):
        """The same with a field whose letters are not shown."""
        self.fill(words, text)

    def choose(self, words, steps):
        """Choose what stands so many steps below what is chosen in the list behind these words."""
        self.goto(words)
        self.press("Enter", *["Down"] * steps, "Enter")

    def write(self, words, text):
        """Write into the text area behind these words."""
        self.fill(words, text)

    def submit(self, label):
        """Press the button with this label, whatever else says the same."""
        self._follow(r"\(\[(\d+)\]\w+\) %s" % re.escape(label))
        self.press("Enter")


class Elinks(Lynx):
    """elinks with a person before it, who goes by the numbers that elinks gives to links and fields."""

    def __init__(self, postern, url):
        home = new_home(postern)
        (home / "elinks.conf").write_text(
            "set document.browse.links.numbering = 1\n"
            "set document.browse.links.number_keys_select_link = 2\n"
            "set document.browse.forms.auto_submit = 0\n"
            "set document.browse.forms.confirm_submit = 0\n"
            "set document.browse.forms.show_formhist = 0\n"
            "set connection.ssl.cert_verify = 1\n"
            "set connection.ssl.trusted_ca_file = \"%s\"\n"
            "set ui.success_msgbox = 0\n" % (postern.folder / "tls.pem"))
        Terminal.__init__(self, [need("elinks"), "-no-connect", "1", "-config-dir", str(home), url],
                          {"HOME": str(home)})

    def _follow(self, pattern):
        number = next(part for part in self.see_match(pattern).groups() if part)
        self.type(number)
        self.see("Enter link number")
        self.press("Enter")
        wait_for("elinks to go to " + number, lambda: "Enter link number" not in self.words(), 30)

    def goto(self, words):
        """Go to the first link, field or button whose number stands in or behind these words."""
        text = re.escape(words).replace(r"\ ", r"\s+")
        self._follow(r"\[(\d+)\](?:\[.\] )?%s|%s[^\[]*?\[(\d+)\]" % (text, text))

    def fill(self, words, text):
        """Type a text into the field behind these words, and leave the field."""
        edit = "press Enter to edit"
        self.goto(words)
        self.see(edit)
        self.press("Enter")
        wait_for("the field to be entered", lambda: edit not in self.words(), 30)
        self.press("C-u")
        lines = text.split("\n")
        for line in lines[:-1]:
            self.type(line, "Enter")
        self.type(lines[-1], "Escape")
        self.see(edit)

    def submit(self, label):
        """Press the button with this label, whatever else says the same."""
        self._follow(r"\[(\d+)\]%s" % re.escape(label))
        self.press("Enter")


class Links(Terminal):
    """links with a person before it, who moves from link to field with the cursor keys."""

    def __init__(self, postern, url):
        home = new_home(postern)
        super().__init__([need("links", "links2"), "-ssl.certificates", "2", "-enable-cookies", "1",
                          "-html-assume-codepage", "utf-8", url],
                         {"HOME": str(home), "SSL_CERT_FILE": str(postern.folder / "tls.pem")})
        self.see("Welcome to links")
        self.press("Enter")
        wait_for("the welcome to end", lambda: "Welcome to links" not in self.words(), 30)

    def _cursor(self):
        """Line and column of the link or field that is chosen."""
        column, line = self._tmux("display", "-p", "-t", "0", "#{cursor_x},#{cursor_y}").split(",")
        return int(line), int(column)

    def _place(self, words, last=False):
        """Line and column where these words begin, however they are broken into lines."""
        pattern = re.escape(words).replace(r"\ ", r"\s+")
        screen = self.screen()
        found = list(re.finditer(pattern, screen))
        if not found:
            return None
        before = screen[:found[-1 if last else 0].start()]
        return before.count("\n"), len(before) - before.rfind("\n") - 1

    def _step(self, key):
        # In a text area that holds more than it shows, the text moves below the cursor.
        was = self._cursor(), self.screen()
        self.press(key)
        wait_for("the cursor to move", lambda: (self._cursor(), self.screen()) != was, 10)

    def goto(self, words, last=False):
        """Go to the first link, field or button at or behind these words."""
        place = wait_for("%r on the screen" % words, lambda: self._place(words, last), 30)
        while self._cursor() >= place:
            self._step("Up")
        while self._cursor() < place:
            self._step("Down")

    def fill(self, words, text):
        """Type a text into the field behind these words."""
        self.goto(words)
        self.press("C-u")
        lines = text.split("\n")
        line, column = self._cursor()
        for number, words in enumerate(lines):
            self.type(words, *(["Enter"] if number < len(lines) - 1 else []))
        end = (line + len(lines) - 1, (column if len(lines) == 1 else 3) + len(lines[-1]))
        # A long text moves along in its field.
        wait_for("links to take it", lambda: self._cursor() == end or
                 lines[-1][-10:] + "_" in self.words() and len(lines[-1]) > 20, 30)

    def secret(self, words, text):
        """The same with a field whose letters are not shown."""
        self.fill(words, text)

    def write(self, words, text):
        """Write into the text area behind these words."""
        self.fill(words, text)

    def choose(self, words, steps):
        """Choose what stands so many steps below what is chosen in the list behind these words."""
        self.goto(words)
        self.press("Enter", *["Down"] * steps, "Enter")

    def push(self, words):
        """Press the button or follow the link that says these words."""
        self.goto(words)
        self.press("Enter")

    def submit(self, label):
        """Press the button with this label: the last place that says so."""
        self.goto(label, last=True)
        self.press("Enter")
