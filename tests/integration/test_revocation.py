#!/usr/bin/python3 -B
"""Certificates that were taken back are used no more: their authority's lists and the answers of its
responders are fetched, and count when it has signed them; what cannot be had matters as it is configured."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cases  # noqa: E402
import nameserver  # noqa: E402
from authority import Authority  # noqa: E402
from pki import Pki  # noqa: E402
from postern import body_text, wait_for  # noqa: E402
from test_keys import ALICE, CANARY, House, read_inside  # noqa: E402
from web import Web  # noqa: E402

DAY = 86400
UNKNOWN = "revocation-unknown"
# Where somebody's certificate says that lists or a responder are, and why it is not used: soft, hard.
PEOPLE = {
    "good-list@a.example": (["/list"], None, "", ""),
    "taken-back@a.example": (["/list"], None, "revoked", "revoked"),
    "good-second@a.example": (["/away", "/list"], None, "", ""),
    "taken-second@a.example": (["/away", "/list"], None, "revoked", "revoked"),
    "no-list@a.example": (["/away"], None, "", UNKNOWN),
    "taken-by-others@a.example": (["/foreign"], None, "", UNKNOWN),
    "good-by-others@a.example": (["/foreign"], None, "", UNKNOWN),
    "good-answer@a.example": ([], "/ocsp", "", ""),
    "taken-answer@a.example": ([], "/ocsp", "revoked", "revoked"),
    "no-answer@a.example": ([], "/nobody", "", UNKNOWN),
    "taken-answer-by-others@a.example": ([], "/foreign-ocsp", "", UNKNOWN),
    "good-answer-by-others@a.example": ([], "/foreign-ocsp", "", UNKNOWN),
    "nothing-said@a.example": ([], None, "", UNKNOWN),
}
REVOKED = [address.replace("@", "-") for address in PEOPLE if address.startswith("taken-")]


class Registry(House):
    """An installation, and the web server of an authority that tells what it has taken back."""

    def __init__(self, revocation="soft", networks='private_networks = ( "127.0.0.0/8" );'):
        nameserver.require()
        self.servers, self.names, self.others = Authority(), nameserver.Nameserver(), Pki()
        self.names.add("lists.example", "@ 300 IN A 127.0.0.1\n", signed=True)
        self.pages, self.asked = {}, []  # what is not a page is not to be had
        self.web = Web(*self.servers.issue("web", ["DNS:lists.example"]), self._give)
        super().__init__(keys='keys: { sources = ( ); deadline = 20; revocation = "%s"; dns_servers = ( "127.0.0.1@%d" ); '
                         'dns_anchor = "%s"; test_port = %d; %s };'
                         % (revocation, self.names.port, self.names.anchor_file(), self.web.port, networks))

    def __enter__(self):
        self.names.__enter__()
        self.web.__enter__()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.web.__exit__()
        self.names.__exit__()
        self.others.__exit__()

    def _give(self, handler, _, path):
        self.asked.append(path)
        body = self.pages[path](handler) if path in self.pages else None
        handler.give(404 if body is None else 200, body or b"", "application/ocsp-response")

    def add(self, *addresses):
        """Their certificates are known before there is any list."""
        for address in addresses:
            lists, responder, *_ = PEOPLE[address]
            path = self.pki.person(address, "ec", lists=["http://lists.example" + path for path in lists],
                                   responder=responder and "http://lists.example" + responder)
            self.bring(path)

    def publish(self, *revoked):
        """What was taken back can be read from now on; others than the authority say the same."""
        for path, signer in (("/list", self.pki), ("/foreign", self.others)):
            made = self.pki.revocation_list(*revoked, signer=signer)
            self.pages[path] = lambda _, made=made: made
        for path, signer in (("/ocsp", self.pki), ("/foreign-ocsp", self.others)):
            self.pages[path] = lambda handler, signer=signer: self.pki.ocsp(handler.body, *revoked, signer=signer)

    def check_ways(self, reasons, name=b"1"):
        """One message to all of them: encrypted, or in the portal for that reason."""
        mark = self.postern.log.stat().st_size
        self.send(*reasons, name=name)
        prints = {}
        for address, reason in reasons.items():
            (key,) = self.ctl("key", "list", "--address", address)["keys"]
            prints[address] = key["fingerprint"]
            assert key["standing"] == "found", key
            if not reason:
                letter, raw = self.postern.next_letter(address)
                assert letter.get_content_type() == "application/pkcs7-mime", raw
                read_inside(self.pki.open(address, raw))
        held = {address for address, reason in reasons.items() if reason}
        mails = [self.postern.next_letter(ALICE) for _ in held]
        assert all("/s/" in body_text(letter) and CANARY not in raw for letter, raw in mails)
        assert {address for address in held for letter, _ in mails if address in body_text(letter)} == held
        self.postern.settle()
        assert not any(CANARY in raw for address in reasons for _, raw in self.postern.letters(address))
        log = self.postern.log.read_bytes()[mark:].decode()
        for address, reason in reasons.items():
            route = self.delivery(address)["route"]
            assert route == ("portal" if reason else "smime"), (address, route)
            said = set(re.findall("event=key-not-used fingerprint=%s reason=(\\S+)" % prints[address], log))
            assert said == ({reason} if reason else set()), (address, said)


def check_all(revocation, column):
    """Everybody, at once and once more."""
    with Registry(revocation) as registry:
        registry.add(*PEOPLE)
        registry.publish(*REVOKED)
        reasons = {address: row[column] for address, row in PEOPLE.items()}
        registry.check_ways(reasons)
        # Each list is fetched once, however many need it, and each responder asked once for each certificate.
        once = ["/away", "/foreign", "/foreign-ocsp", "/foreign-ocsp", "/list", "/nobody", "/ocsp", "/ocsp"]
        assert sorted(registry.asked) == once, registry.asked
        # What was had is kept, and what was not is not asked for again at once.
        registry.check_ways(reasons, name=b"2")
        assert sorted(registry.asked) == once, registry.asked


def test_soft():
    check_all("soft", 2)


def test_hard():
    check_all("hard", 3)


def test_taken_back_later():
    """The list is fetched again before anybody asks, and counts from then on."""
    with Registry() as registry:
        registry.add("good-list@a.example")
        registry.publish()
        registry.check_ways({"good-list@a.example": ""})
        registry.publish("good-list-a.example")
        registry.postern.set_clock(2 * DAY)
        wait_for("the list to be kept", lambda: "event=revocation-list bytes=" in registry.postern.log.read_text())
        # It is there: the web server is needed no more.
        registry.pages.clear()
        registry.check_ways({"good-list@a.example": "revoked"}, name=b"2")
        assert registry.asked == ["/list"] * 2, registry.asked


def check_nothing_asked(**more):
    """Where nobody may be asked, everybody has their certificate used."""
    with Registry(**more) as registry:
        people = ["taken-back@a.example", "taken-answer@a.example"]
        registry.add(*people)
        registry.publish(*REVOKED)
        registry.check_ways(dict.fromkeys(people, ""))
        assert registry.asked == []


def test_off():
    check_nothing_asked(revocation="off")


def test_strangers_lead_nowhere_inside():
    """A certificate names a private address, and there may be anything."""
    check_nothing_asked(networks="")


if __name__ == "__main__":
    cases.run("__main__")
