#!/usr/bin/python3 -B
"""Ten thousand guesses from two hundred networks, against a passphrase, a mailed code, a code to sign in and
the code of an app: none gets more tries than the policy says, who is meant still gets in, and others are
served meanwhile.

POSTERN_GUESSES sets how many guesses each of the four attacks makes (10000 in all by default).
"""

import collections
import concurrent.futures
import http.client
import os
import pathlib
import re
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import (ALICE, FRED, GINA, HOUR, PASSPHRASE, ask_code, is_signed_in, mailed_code,  # noqa: E402
                  opens, secured, send, sign_in, unlock)
from postern import Postern, body_text, link_in, program, wait_for  # noqa: E402
from test_account import Clock, app_code, mail_step, set_up  # noqa: E402
from test_factor import enter, mailed_code as mailed_factor  # noqa: E402
from tls import unchecked_tls  # noqa: E402
from visitor import Visitor  # noqa: E402

GUESSES = int(os.environ.get("POSTERN_GUESSES", "2500"))
NETWORKS = 200
CLIENTS = 32
MB = 1 << 20
# Of the portal: two Argon2id of 8 MB each, pages, and much room; freed memory that sanitizers keep is not its own.
MEMORY = (1200 if "sanitize" in str(program()) else 300) * MB
PATIENCE = 20.0  # seconds for another visitor's page: a bound, no measure
NETWORK_TRIES, WAIT_TRIES, SUSPEND_TRIES, CODE_TRIES, CODES, FACTOR_TRIES = 20, 10, 20, 5, 10, 10
PORTAL = 'trusted_proxies = ( "127.0.0.1" ); waiting = 8; workers = 2;'
POLICY = "network_tries = %d; tries_before_wait = %d; tries_before_suspend = %d; sign_in_codes = %d;" % (
    NETWORK_TRIES, WAIT_TRIES, SUSPEND_TRIES, CODES)


def address(number):
    """Somebody in one of the networks."""
    return "203.%d.113.%d" % (number % NETWORKS, 1 + number // NETWORKS % 250)


class Guesser:
    """One of many clients: keeps its connection, and sends what it is given."""

    local = threading.local()

    def __init__(self, postern):
        self.postern = postern

    def post(self, path, fields, number, cookie=""):
        """One form, as if it came from that address; gives status and text."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address(number)}
        if cookie:
            headers["Cookie"] = cookie
        data = urllib.parse.urlencode(fields)
        for again in (True, False):
            connection = getattr(self.local, "connection", None)
            if connection is None or connection.port != self.postern.https_port:
                context = unchecked_tls()
                connection = http.client.HTTPSConnection("localhost", self.postern.https_port, timeout=60,
                                                         context=context)
                self.local.connection = connection
            try:
                connection.request("POST", path, data, headers)
                response = connection.getresponse()
                return response.status, response.read().decode("utf-8", "replace"), response.headers
            except (http.client.HTTPException, OSError):
                # An idle connection may be closed; nothing else may.
                self.local.connection = None
                if not again:
                    raise
        return None


class Bystander:
    """Others who use the portal meanwhile: is it alive, and is another message's clue shown?"""

    def __init__(self, postern, link):
        self.postern, self.link, self.pid = postern, link, postern.processes["portal"].pid
        self.stopping, self.slowest, self.served, self.trouble, self.peak = threading.Event(), 0.0, 0, [], 0
        self.thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(60)

    def _go_on(self):
        while not self.stopping.wait(0.1):
            for url, words in ((self.postern.url + "/healthz", ""), (self.link, "passphrase")):
                began = time.monotonic()
                try:
                    answer = Visitor().get(url)
                except OSError as error:
                    self.trouble.append(repr(error))
                    continue
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.served += 1
                if answer.status != 200 or words not in answer.text:
                    self.trouble.append((url, answer.status))
            text = pathlib.Path("/proc/%d/status" % self.pid).read_text()
            self.peak = max(self.peak, int(re.search(r"^VmRSS:\s*(\d+)", text, re.M).group(1)) * 1024)

    def report(self, what, answers, seconds):
        """Say what happened, and hold it against the bounds."""
        print("  %-18s %5d guesses in %4.1f s: %s; others served %d times, slowest %.2f s; portal %.0f MB" % (
            what, sum(answers.values()), seconds, dict(sorted(answers.items())), self.served, self.slowest,
            self.peak / MB), flush=True)
        assert not self.trouble, self.trouble[:5]
        assert self.served >= 2 and self.slowest < PATIENCE, (self.served, self.slowest)
        assert self.peak < MEMORY, self.peak


def attack(postern, what, other, guess):
    """All guesses at once by many clients; gives how often each status came, and the texts of those that were
    refused for being too many."""
    guesser, texts = Guesser(postern), {}
    began = time.monotonic()
    with Bystander(postern, other) as bystander, concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        answers = collections.Counter()
        for status, text, headers in pool.map(lambda number: guess(guesser, number), range(GUESSES)):
            answers[status] += 1
            if status in (429, 503):
                texts.setdefault(status, (text, headers))
        wait_for("the others", lambda: bystander.served >= 2)
    bystander.report(what, answers, time.monotonic() - began)
    assert set(answers) <= {200, 303, 403, 429, 503}, answers
    for status, (text, headers) in texts.items():
        assert "<title>" in text and re.search("[Ww]ait|moment|try again|Try again", text), (status, text[:400])
        assert status != 503 or headers["Retry-After"], "no Retry-After"
    return answers


def counted(postern):
    """The most that was counted under one key."""
    return int(postern.query("select coalesce(max(failures), 0) from throttle")[0][0])


def fields_of(page, field, **values):
    """What a form sends."""
    return dict({name: value for name, value in page.form(field)["fields"].items() if value is not None}, **values)


def cookies_of(visitor):
    """As a Cookie field."""
    return "; ".join("%s=%s" % (found.name, found.value) for found in visitor.cookies)


def path_of(page, field):
    """Where its form goes."""
    return urllib.parse.urlsplit(urllib.parse.urljoin(page.url, page.form(field)["action"])).path


def tried(postern, event):
    """How many tries were looked at and found wrong, by the log."""
    return len(re.findall(r"event=%s\b[^\n]* status=denied" % event, postern.log.read_text()))


def test_passphrase():
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        _, link = secured(postern)
        _, other = secured(postern, to=GINA)
        page = Visitor().get(link)
        fields, path = fields_of(page, "passphrase"), path_of(page, "passphrase")
        answers = attack(postern, "a passphrase", other, lambda guesser, number: guesser.post(
            path, dict(fields, passphrase="guess number %d" % number), number))
        # So many were tried before each next one has to wait: no later one was looked at within this time.
        wrong = tried(postern, "unlock")
        assert wrong == answers[403] <= WAIT_TRIES + 2, (wrong, answers)
        assert answers[200] + answers[303] == 0 and answers[429] > 0, answers
        assert int(postern.query("select max(wrong_tries) from delivery")[0][0]) == wrong
        assert counted(postern) <= NETWORK_TRIES
        # With patience: until the link is suspended, and another one mailed, by which its reader gets in.
        hours = 1
        while postern.query("select count(*) from delivery where suspended_at is not null or link_generation > 0") \
                == [["0"]]:
            postern.set_clock(hours * HOUR * 2)
            hours += 1
            Guesser(postern).post(path, dict(fields_of(Visitor().get(link), "passphrase"), passphrase="no"), hours)
            assert hours < 40, "never suspended"
        assert tried(postern, "unlock") <= SUSPEND_TRIES
        message, _ = postern.next_letter(FRED, lambda m: "/r/" in body_text(m))
        fresh = link_in(message, "r")
        assert fresh != link
        opens(fresh)
        answer, _ = unlock(other)
        assert answer.status == 200


def test_mailbox():
    own = "seven green umbrellas"
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        _, link = secured(postern)
        _, other = secured(postern, to=GINA)
        _, fred = opens(link)
        page = fred.submit(fred.get(link + "/mailbox"), "passphrase_again", passphrase=own, passphrase_again=own)
        assert "You have a mailbox now" in page.words(), page.words()
        send(postern, subject="Later")
        message, _ = postern.next_letter(FRED, lambda m: "lies in your mailbox" in body_text(m).replace("\n", " "))
        later = link_in(message, "r")
        page = Visitor().get(postern.url + "/box")
        fields, path = fields_of(page, "address", address=FRED), path_of(page, "address")
        answers = attack(postern, "a mailbox", other, lambda guesser, number: guesser.post(
            path, dict(fields, passphrase="guess number %d" % number), number))
        wrong = tried(postern, "mailbox-sign-in")
        assert wrong == answers[403] == SUSPEND_TRIES, (wrong, answers)
        assert answers[200] + answers[303] == 0 and answers[429] > 0, answers
        assert counted(postern) <= NETWORK_TRIES
        # Who is inside stays there; by address nobody comes in now; by the link of the notice its owner does.
        assert "Later" in fred.get(postern.url + "/box").words()
        page = Visitor().get(postern.url + "/box")
        assert Visitor().submit(page, "address", address=FRED, passphrase=own).status == 429
        assert "The body of it." in opens(later, own)[0].words()


def test_mailed_code():
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        _, link = secured(postern, choices={"second_factor": "mail"})
        _, other = secured(postern, to=GINA)
        page, fred = unlock(link)
        code = mailed_factor(postern)
        fields, path, cookie = fields_of(page, "code"), path_of(page, "code"), cookies_of(fred)
        alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

        def word(number):
            made = "".join(alphabet[number // 32 ** place % 32] for place in range(8))
            return made if made != code.replace("-", "") else made[::-1]

        answers = attack(postern, "a mailed code", other, lambda guesser, number: guesser.post(
            path, dict(fields, code=word(number)), number, cookie))
        wrong = tried(postern, "factor")
        assert wrong == CODE_TRIES and answers[200] + answers[303] == 0, (wrong, answers)
        assert postern.query("select max(tries) from factor_try") == [[str(CODE_TRIES)]]
        assert counted(postern) <= NETWORK_TRIES
        # The right one comes too late there; a new one is good.
        assert enter(fred, page, code).status == 403
        page, fred = unlock(link)
        assert "The body of it." in enter(fred, page, mailed_factor(postern)).words()


def test_code_to_sign_in():
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        _, other = secured(postern, to=GINA)
        alice = Visitor()
        page = ask_code(postern, ALICE, alice)
        code = mailed_code(postern, ALICE).replace(" ", "")
        fields, path, cookie = fields_of(page, "code"), path_of(page, "code"), cookies_of(alice)
        answers = attack(postern, "a code to sign in", other, lambda guesser, number: guesser.post(
            path, dict(fields, code="%08d" % ((int(code) + 1 + number) % 10 ** 8)), number, cookie))
        wrong = tried(postern, "sign-in")
        assert wrong == CODE_TRIES and answers[200] + answers[303] == 0, (wrong, answers)
        assert postern.query("select max(tries) from sign_in") == [[str(CODE_TRIES)]]
        assert counted(postern) <= NETWORK_TRIES
        assert alice.submit(page, "code", code=code).status == 403
        assert is_signed_in(sign_in(postern).get(postern.url + "/desk/messages"))


def test_code_of_an_app():
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        _, other = secured(postern, to=GINA)
        clock = Clock(postern)
        secret, _ = set_up(postern, sign_in(postern), clock)
        # Somebody reads the mailbox: as many mailed codes as there are in an hour.
        thieves = []
        while len(thieves) < CODES - 2:
            visitor, page = mail_step(postern)
            thieves.append((fields_of(page, "code"), cookies_of(visitor)))
        path = path_of(page, "code")
        near = {app_code(secret, clock.now() + 30 * step) for step in range(-9, 10)}

        def guess(guesser, number):
            fields, cookie = thieves[number % len(thieves)]
            wrong = next(text for text in ("%06d" % (number * 37 + more) for more in range(100)) if text not in near)
            return guesser.post(path, dict(fields, code=wrong), number, cookie)

        answers = attack(postern, "a code of an app", other, guess)
        wrong = tried(postern, "sign-in-factor")
        assert wrong == FACTOR_TRIES and answers[200] + answers[303] == 0, (wrong, answers)
        assert int(postern.query("select max(factor_tries) from sign_in")[0][0]) <= CODE_TRIES
        # Its owner waits an hour at most, and gets in.
        postern.set_clock(HOUR + 600)
        clock.ahead = HOUR + 600
        owner, page = mail_step(postern)
        assert is_signed_in(owner.submit(page, "code", code=app_code(secret, clock.now())))


def test_one_network():
    """Many at once from one network get no more than its tries together, against several things at a time."""
    with Postern(portal=PORTAL, policy=POLICY) as postern:
        links = [secured(postern, to="p%d@example.net" % number)[1] for number in range(4)]
        forms = [(fields_of(page, "passphrase"), path_of(page, "passphrase")) for page in
                 (Visitor().get(link) for link in links)]
        guesser = Guesser(postern)

        def guess(number):
            fields, path = forms[number % len(forms)]
            while True:  # whoever is asked to come again does
                status = guesser.post(path, dict(fields, passphrase="guess %d" % number), 0)[0]
                if status != 503:
                    return status

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            answers = collections.Counter(pool.map(guess, range(GUESSES // 5)))
        wrong = tried(postern, "unlock")
        print("  one network        %s" % dict(sorted(answers.items())), flush=True)
        assert wrong == answers[403] == NETWORK_TRIES, (wrong, answers)
        assert counted(postern) == NETWORK_TRIES
        # Who sits elsewhere is not held up by that; a message that nobody guessed at opens.
        guesser.local.connection = None
        _, link = secured(postern)
        fields = fields_of(Visitor().get(link), "passphrase", passphrase=PASSPHRASE)
        assert guesser.post(urllib.parse.urlsplit(link).path, fields, 0)[0] == 429
        assert guesser.post(urllib.parse.urlsplit(link).path, fields, 1)[0] == 303


if __name__ == "__main__":
    cases.run("__main__")
