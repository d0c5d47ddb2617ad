#!/usr/bin/python3 -B
"""A Postern of its own for the browser journey: one JSON request per line on standard input, one
answer per line on standard output, until standard input ends."""

import base64
import contextlib
import email.message
import email.policy
import email.utils
import json
import os
import pathlib
import random
import re
import sys
import traceback
import zipfile

for _folder in ("harness", "portal"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / _folder))
import cases  # noqa: E402
import desk  # noqa: E402
import test_account  # noqa: E402
import test_box_account  # noqa: E402
from postern import Postern, body_text, link_in, wait_for  # noqa: E402

ALICE = "alice@corp.example"
# A colour that nobody can read on paper: pages have to make the best of it.
BRAND = """logo = "logo.svg"; colour = "#ffd500";
	address = ( "Example Organisation", "Brückenstraße 1", "80331 München" );
	legal = "HRB 12345, Amtsgericht München"; legal_url = "https://www.corp.example/imprint";"""
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="40" height="40" rx="6"
fill="#ffd500"/><path d="M10 28 20 10 30 28z" fill="#222"/><path d="M52 14h60v4H52zM52 24h42v4H52z" fill="#222"/></svg>
"""
POLICY = 'tries_before_wait = 3; tries_before_suspend = 5; give_up = "1 d";'
# A brown square.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAH0lEQVR42mOoshagCmIYNWjUoFGDRg0aNWjUoIE3CAAN"
    "SrtQ24pmowAAAABJRU5ErkJggg==")
HTML = """<!doctype html><html><head><title>Offer</title>
<link rel="stylesheet" href="https://elsewhere.example/style.css">
<meta http-equiv="refresh" content="0;url=https://elsewhere.example/refresh">
<style>h1 { color: #7a3b10 } body { background: url(https://elsewhere.example/back.png) }</style>
</head><body onload="document.title = 'taken over'">
<h1>Your <em>offer</em>, Fred</h1>
<p>Dear Fred, here is the offer with its <a href="https://www.corp.example/terms">terms</a>.</p>
<p><img src="cid:picture@corp.example" alt="A brown square" width="24" height="24">
<img src="https://elsewhere.example/pixel.gif" alt="A remote picture" width="40" height="20"></p>
<table border="1"><tr><th>Rate</th><th>Years</th></tr><tr><td>3.1 %</td><td>10</td></tr></table>
<script>document.body.innerHTML = "a script ran"; fetch("https://elsewhere.example/script")</script>
<p><a href="javascript:alert(1)">Press here</a> <img src="x" onerror="document.body.innerHTML = ''"></p>
<iframe src="https://elsewhere.example/frame"></iframe>
<form action="https://elsewhere.example/form"><input name="a"><button>Give it to me</button></form>
</body></html>
"""
TEXT = """Dear Fred,

here is the offer that we spoke about. The rate is 3.1 % for ten years; you can pay back up to five
per cent a year without a fee.

    3.1 %    10 years
    3.4 %    15 years

With kind regards
Alice Example
"""


class Installation:
    """What the journey may ask for."""

    def __init__(self, postern):
        self.postern = postern
        self.app_clock = test_account.Clock(postern)
        self.count = 0

    def begin(self):
        """Where the portal is."""
        return {"url": self.postern.url}

    def send(self, to, subject="Your offer", rich=False, marked=True, asks=True, answers=None):
        """Send a message; gives the files that went with it and, when the sender is asked to
        finish it, the link for that."""
        self.count += 1
        message = email.message.EmailMessage(
            policy=email.policy.SMTP.clone(max_line_length=990))
        message["From"] = "Alice Example <alice@corp.example>"
        message["To"] = envelope = "secure-" + to if marked else to
        message["Subject"] = subject
        message["Date"] = email.utils.localtime()
        message["Message-ID"] = "<journey-%d@corp.example>" % self.count
        if answers:
            message["In-Reply-To"] = answers
        message.set_content(TEXT)
        files = []
        if rich:
            message.add_alternative(HTML, subtype="html")
            message.get_payload()[1].add_related(PICTURE, "image", "png",
                                                 cid="<picture@corp.example>")
            for name, size in (("Offer Fontaine.pdf", 400_000), ("Übersicht €.bin", 70_001)):
                path = self.postern.folder / ("sent-%d-%d" % (self.count, len(files)))
                path.write_bytes(random.randbytes(size))
                message.add_attachment(path.read_bytes(), maintype="application",
                                       subtype="octet-stream", filename=name)
                files.append({"name": name, "path": str(path)})
        self.postern.send(ALICE, [envelope], message.as_bytes())
        if not asks:
            return {"files": files}
        asked, _ = self.postern.next_letter(
            ALICE, lambda m: "/s/" in body_text(m) and to in body_text(m))
        return {"link": link_in(asked, "s"), "files": files, "id": message["Message-ID"]}

    def notice(self, to):
        """The link in the next notice to a recipient."""
        message, _ = self.postern.next_letter(to)
        return {"link": link_in(message, "r")}

    def reply(self, words):
        """The reply that holds these words; its files are written out."""
        message, _ = self.postern.next_letter(ALICE, lambda m: words in body_text(m))
        files = []
        for part in message.iter_attachments():
            path = self.postern.folder / ("reply-%d" % len(os.listdir(self.postern.folder)))
            path.write_bytes(part.get_content() if not part.get_content_maintype() == "text"
                             else part.get_payload(decode=True))
            files.append({"name": part.get_filename(), "path": str(path)})
        return {"text": body_text(message), "subject": message["Subject"], "files": files,
                "in_reply_to": message["In-Reply-To"]}

    def code(self):
        """The code in the mail to somebody who signs in."""
        return {"code": desk.mailed_code(self.postern, ALICE)}

    def told(self, subject, to=ALICE):
        """The next mail that tells somebody of something; its text."""
        message, _ = self.postern.next_letter(to, lambda found: found["Subject"].startswith(subject))
        return {"text": body_text(message)}

    def app(self, secret):
        """What an authenticator app shows, in a step of time in which nothing was shown yet."""
        return {"code": test_account.app_code(secret, self.app_clock.next_step())}

    def fill(self, to, subjects):
        """Messages for who has a mailbox; what their notices say: how many, their links, and whether one
        speaks of a clue."""
        for subject in subjects:
            desk.send(self.postern, "secure-" + to, subject=subject, body="The body of %s.\n" % subject)
        self.postern.settle()
        texts = [body_text(desk.notice(self.postern, to)) for _ in subjects]
        links = {re.search(r"/r/[0-9a-z]{32}", text).group(0) for text in texts}
        more = [path for path, _ in self.postern.letters(to) if path not in self.postern.seen]
        return {"links": len(links), "clue": any("clue" in text for text in texts), "letters": len(more)}

    def archive(self, path):
        """Subjects and texts of the letters in a ZIP archive."""
        with zipfile.ZipFile(path) as read:
            letters = [email.message_from_bytes(read.read(name), policy=email.policy.default)
                       for name in read.namelist()]
        return {"letters": [{"subject": letter["Subject"], "text": body_text(letter)} for letter in letters]}

    def left(self):
        """Tables that know an owner of a mailbox, and are not empty, once what is due has left."""
        self.postern.settle()
        self.courier(False)
        self.courier(True)

        def tables():
            return sorted(test_box_account.in_use(self.postern, test_box_account.of_owners(self.postern) | {
                "session", "factor_try", "writing", "chunk"}))
        with contextlib.suppress(AssertionError):
            wait_for("nothing to be left", lambda: not tables())
        return {"tables": tables()}

    def states(self):
        """Messages in all states that last, and more plain ones than a page holds."""
        postern, now = self.postern, 2 * desk.DAY
        never = postern.maildir / "nobody@example.net"
        never.write_text("This is no folder, so nothing can be delivered into it.\n")
        desk.send(postern, never.name, subject="Never arrives")
        desk.secured(postern, "ed@example.net", subject="Nobody read it", choices={"lifetime_days": "1"})
        postern.set_clock(now)
        for number in range(28):
            desk.send(postern, "carol@example.com", subject="Ordinary %d" % number)
        desk.held(postern, "holly@example.net", subject="Held")
        desk.secured(postern, "rita@example.net", subject="Not opened yet")
        _, link = desk.secured(postern, "opal@example.net", subject="Opened")
        desk.opens(link)
        _, link = desk.secured(postern, "amy@example.net", subject="Answered")
        desk.reply(*desk.opens(link))
        _, link = desk.secured(postern, "fay@example.net", subject="Forgotten")
        desk.do(desk.Visitor(), link + "/forgotten")
        link, _ = desk.secured(postern, "rex@example.net", subject="Taken back")
        desk.do(desk.Visitor(), link + "/recall")
        link, _ = desk.secured(postern, "dot@example.net", subject="Destroyed by its sender")
        desk.do(desk.Visitor(), link + "/destroy")
        _, link = desk.secured(postern, "dan@example.net", subject="Destroyed by its recipient")
        page, visitor = desk.opens(link)
        visitor.submit(page, "sure", sure="yes")
        postern.settle()
        return {"now": now}

    def courier(self, running):
        """Stop the courier, or start it again."""
        (self.postern.start if running else self.postern.stop)("courier")
        return {}

    def clock(self, seconds):
        """Move the time."""
        self.postern.set_clock(seconds)
        return {}

    def settle(self):
        """Wait until the courier rests."""
        self.postern.settle()
        return {}


def main():
    """Answer until nobody asks any more."""
    cases.end_when_told()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with contextlib.redirect_stdout(sys.stderr):
        with Postern(policy=POLICY, organisation=BRAND, start=False) as postern:
            (postern.folder / "logo.svg").write_text(LOGO)
            postern.start()
            installation = Installation(postern)
            for line in sys.stdin:
                question = json.loads(line)
                try:
                    answer = getattr(installation, question.pop("verb"))(**question)
                except Exception as error:  # the journey shall hear of it and go on
                    traceback.print_exc()
                    answer = {"error": str(error)[:300]}
                print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
