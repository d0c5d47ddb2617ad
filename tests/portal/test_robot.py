#!/usr/bin/python3 -B
"""A robot that opens every link of every mail, follows every link of the pages, and sends every form
empty and with random values: nothing moves, nobody is told anything, nobody is locked out."""

import pathlib
import random
import re
import string
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, link_in, parse_letter  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE = "alice@corp.example"
PASSPHRASE = "correct horse battery"
# Counters of wrong tries are what a wrong passphrase moves; nothing else may move at all.
COUNTERS = ("wrong_tries", "retry_at")
TABLES = ("message", "chunk", "lock", "delivery", "link", "template", "outbox", "session", "taken",
          "thread", "sign_in", "desk_session", "factor_try", "sheet", "sheet_number", "account_factor",
          "recovery_code", "account_event", "passkey", "account", "account_place", "account_reset", "mailbox",
          "mailbox_message", "mailbox_session", "give_up")


def letter(recipient, subject="Figures", more=""):
    """A small message with a file."""
    return ("From: Alice <alice@corp.example>\nTo: %s\nSubject: %s\nMessage-ID: <%s@corp.example>\n%s"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nThe body.\n--x\n"
            "Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n1,2\n--x--\n"
            % (recipient, subject, recipient.replace("@", ".") + str(abs(hash(subject))), more))


def send(postern, recipient, marked=True, **more):
    """One message; gives the sender's link of the mail that asks or tells."""
    mark = "secure-" if marked else ""
    postern.send(ALICE, [mark + recipient], letter(mark + recipient, **more))
    mail, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
    return link_in(mail, "s")


def finish(link, **choices):
    """Clue and passphrase."""
    visitor = Visitor()
    values = dict(clue="Which horse?", passphrase=PASSPHRASE, passphrase_again=PASSPHRASE,
                  lifetime_days="7", notify=True, notify_files=True)
    values.update(choices)
    answer = visitor.submit(visitor.get(link), "clue", **values)
    assert answer.status == 200, answer.words()


def unlock(link, visitor=None):
    """The right passphrase."""
    visitor = visitor or Visitor()
    return visitor.submit(visitor.get(link), "passphrase", passphrase=PASSPHRASE), visitor


def snapshot(postern):
    """Every row that the robot must leave alone."""
    found = {}
    for table in TABLES:
        drop = "".join(" - '%s'" % name for name in COUNTERS)
        found[table] = postern.query("select md5((to_jsonb(t)%s)::text) from %s t order by 1"
                                     % (drop if table == "delivery" else "", table))
    return found


class Robot:
    """Everything that a scanner of links does, and more."""

    def __init__(self, postern, seed):
        self.postern, self.random = postern, random.Random(seed)
        self.visitor = Visitor()
        self.seen, self.submitted = set(), 0

    def word(self):
        """Something to write into a field, but no address: who types one asks for a code to sign in."""
        word = "".join(self.random.choice(string.ascii_letters + string.digits + " -@.")
                       for _ in range(self.random.randint(1, 24)))
        return word + "@" if word.count("@") == 1 else word

    def fill(self, form):
        """Random values: of a box or a choice, its own value or nothing."""
        fields = {}
        for name, value in form["fields"].items():
            if name == "csrf" or name == "once":
                fields[name] = value
            elif name in form["checkboxes"]:
                if self.random.random() < 0.7:
                    fields[name] = form["checkboxes"][name]
            else:
                fields[name] = self.word()
        for name, value in form["buttons"].items():
            if self.random.random() < 0.5:
                fields[name] = value
        return fields

    def submit(self, page, form, fields):
        """POST (or GET) it, as the page says."""
        url = urllib.parse.urljoin(page.url, form["action"])
        data = urllib.parse.urlencode(fields)
        self.submitted += 1
        if form["method"].lower() != "post":
            return self.visitor.get(url + "?" + data)
        return self.visitor.request(url, data.encode(), {
            "Content-Type": "application/x-www-form-urlencoded"}, follow=False)

    def visit(self, url):
        """One page, its forms, and what it links to."""
        todo = [url]
        while todo:
            url = todo.pop()
            if url in self.seen or not url.startswith(self.postern.url) or "/static/" in url or \
                    "/demo" in url:
                continue
            self.seen.add(url)
            self.visitor.request(url, method="HEAD")
            page = self.visitor.get(url)
            assert page.status < 500, (url, page.status)
            if page.url != url:
                # A link to a language leads back to a page that it has read, or has still to read: once.
                # The desk begins with its messages.
                back = url.split("?")[0]
                back += "/messages" if back == self.postern.url + "/desk" else ""
                assert "language=" in url and page.url == back, (url, page.url)
                todo.append(page.url)
                continue
            for form in page.forms():
                hidden = {name: value for name, value in form["fields"].items()
                          if name in ("csrf", "once")}
                for fields in ({}, hidden, self.fill(form)):
                    answer = self.submit(page, form, fields)
                    assert answer.status < 500, (form["action"], answer.status)
            todo += [urllib.parse.urljoin(page.url, link) for link in page.links()]

    def read_all_mail(self):
        """Every link of every mail."""
        for folder in self.postern.maildir.iterdir():
            for _, raw in self.postern.letters(folder.name):
                message, _ = parse_letter(raw)
                for part in message.walk():
                    if part.get_content_type() == "text/plain":
                        for link in re.findall(r"https://[^\s>]+", part.get_content()):
                            self.visit(link)


def test_a_robot_moves_nothing():
    with Postern(policy="receipt_delay = \"0 s\"; pair_mails = 100;") as postern:
        # One of each kind: held, held for a near miss, held in a thread, waiting, by template,
        # opened, taken back; a template.
        waiting = send(postern, "fred@example.net")
        finish(waiting, save_template=True)
        ready, _ = postern.next_letter("fred@example.net")
        send(postern, "fred@example.net", subject="By template")
        templated, _ = postern.next_letter("fred@example.net")
        finish(send(postern, "grace@example.net"))
        opened, _ = postern.next_letter("grace@example.net")
        assert unlock(link_in(opened, "r"))[0].status == 200
        recalled = send(postern, "hal@example.net")
        finish(recalled)
        gone, _ = postern.next_letter("hal@example.net")
        page = Visitor().get(recalled + "/recall")
        Visitor().submit(page, "sure", sure="yes")
        send(postern, "ivy@example.net")
        send(postern, "jo@example.net", marked=False, subject="[secuer] near")
        send(postern, "kim@example.net", marked=False, subject="answer",
             more="In-Reply-To: <%s>\n" % email_id(postern))
        postern.settle()
        before, letters = snapshot(postern), count_letters(postern)
        robots = [Robot(postern, seed) for seed in (1, 2, 3)]
        for robot in robots:
            robot.read_all_mail()
        assert min(len(robot.seen) for robot in robots) > 60, [len(robot.seen) for robot in robots]
        assert min(robot.submitted for robot in robots) > 100
        postern.settle()
        after = snapshot(postern)
        for table in TABLES:
            assert before[table] == after[table], table + " has changed"
        assert count_letters(postern) == letters, "a mail was sent"
        # Who knows the passphrase gets in, at once, and that is told once.
        for notice in (ready, templated, opened):
            answer, _ = unlock(link_in(notice, "r"))
            assert answer.status == 200 and "The body." in answer.words(), answer.words()
        assert Visitor().get(link_in(gone, "r")).status == 410
        # The control: what a person types does move something.
        page = Visitor().get(waiting + "/recall")
        Visitor().submit(page, "sure", sure="yes")
        assert snapshot(postern)["delivery"] != after["delivery"]


def email_id(postern):
    """The Message-ID of the first secured message, as the mail that asked about it quotes it."""
    _, raw = postern.letters(ALICE)[0]
    return parse_letter(raw)[0]["In-Reply-To"].strip().strip("<>")


def count_letters(postern):
    """All mails that left."""
    return sum(len(postern.letters(folder.name)) for folder in postern.maildir.iterdir())


if __name__ == "__main__":
    cases.run("__main__")
