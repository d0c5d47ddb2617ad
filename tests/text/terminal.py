"""A person at a terminal: keys go in, what stands on the screen comes out.

The terminal is tmux with a server, a socket and a folder of its own, so that a program meets what
it would meet under anybody's hands.  Nothing sleeps: every step waits for words on the screen.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import wait_for  # noqa: E402

COLUMNS, LINES = 100, 200  # high enough for any page, so that nothing hides below the edge


def need(*names):
    """The first of these programs that is installed; without one the case is skipped."""
    for name in names:
        if shutil.which(name):
            return name
    raise cases.Skip("%s is not installed" % " or ".join(names))


class Terminal:
    """One program on one screen.  Use as a context manager."""

    def __init__(self, command, environment=None):
        need("tmux")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-terminal-"))
        more = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(self.folder),
                "TERM": "screen", **(environment or {})}
        words = ["env", "-i", "PATH=" + os.environ["PATH"]]
        words += ["%s=%s" % item for item in more.items()] + [str(word) for word in command]
        settings = self.folder / "tmux.conf"
        settings.write_text("set -g remain-on-exit on\nset -g escape-time 0\nset -g status off\n")
        self._tmux("-f", str(settings), "new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES),
                   shlex.join(words))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print("--- the screen at last\n" + self.screen())
        self.close()

    def _tmux(self, *words):
        environment = dict(os.environ, LC_ALL="C.UTF-8")
        environment.pop("TMUX", None)
        done = subprocess.run(["tmux", "-u", "-S", str(self.folder / "socket"), *words],
                              capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            raise RuntimeError("tmux %s: %s" % (words[0], done.stderr))
        return done.stdout

    def screen(self):
        """What stands on the screen, without the empty lines at the end."""
        return self._tmux("capture-pane", "-p", "-t", "0").rstrip()

    def words(self):
        """The same in one line, as a reader takes it in."""
        return " ".join(self.screen().split())

    def press(self, *keys):
        """Press keys by name: Enter, Tab, Down, C-a, q."""
        self._tmux("send-keys", "-t", "0", *keys)

    def type(self, text, *keys):
        """Type a text letter by letter, then press keys."""
        self._tmux("send-keys", "-t", "0", "-l", text)
        if keys:
            self.press(*keys)

    def see(self, *texts):
        """Wait until the screen holds all these texts (in any order); give back its words."""
        def look():
            seen = self.words()
            return seen if all(" ".join(text.split()) in seen for text in texts) else None
        return wait_for("%r on the screen" % (texts,), look, 30)

    def see_match(self, pattern):
        """Wait until the words on the screen match; give back the match."""
        return wait_for("%r on the screen" % pattern, lambda: re.search(pattern, self.words()), 30)

    def ended(self):
        """Wait until the program has ended."""
        wait_for("the program to end", lambda: self._tmux(
            "display-message", "-p", "-t", "0", "#{pane_dead}").strip() == "1", 30)

    def close(self):
        """Take the terminal away, with what runs in it."""
        subprocess.run(["tmux", "-S", str(self.folder / "socket"), "kill-server"],
                       capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
