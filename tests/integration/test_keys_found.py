#!/usr/bin/python3 -B
"""Keys that the courier finds on its own, in signed DNS, at web servers and in directories: messages
leave encrypted to them; what is spoiled, dead or crowded ends in the portal, in time and never in clear."""

import base64
import contextlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import directory  # noqa: E402
import nameserver  # noqa: E402
from authority import Authority  # noqa: E402
from nameserver import owner, record  # noqa: E402
from openpgp_keys import Gpg  # noqa: E402
from pki import Pki  # noqa: E402
from postern import Postern, body_text, wait_for  # noqa: E402
from web import Silence, Web  # noqa: E402

ALICE = "alice@corp.example"
CANARY = b"CanaryInTheMine"
LETTER = (b"From: Alice <alice@corp.example>\nTo: undisclosed-recipients:;\nSubject: About May\n"
          b"Message-ID: <%d@corp.example>\nMIME-Version: 1.0\nContent-Type: text/plain\n\n" + CANARY + b"\n")
SMIMEA, OPENPGPKEY = 53, 61
DEADLINE = 20  # seconds, however busy the machine


def in_base64(data):
    return base64.b64encode(data).decode()


class World:
    """Servers of the outside, and an installation that may ask them."""

    def __init__(self, dead=False):
        """`dead`: names below mute.example get no answer, and the directory of dumb.example says nothing."""
        self.stack, self.dead = contextlib.ExitStack(), dead

    def __enter__(self):
        nameserver.require()
        directory.require()
        enter = self.stack.enter_context
        self.pki, self.gpg, self.servers = enter(Pki()), enter(Gpg()), Authority()
        self.web = enter(Web(*self.servers.issue("web", ["DNS:web.example", "DNS:herd.example", "IP:127.0.0.1"]),
                             self.answer))
        self.silence = enter(Silence("127.0.0.2", self.web.port))
        self.wkd = {}
        self.names = nameserver.Nameserver()
        self.add_zones()
        enter(self.names)
        chained = self.pki.person("dir@people.example")
        self.directory = enter(directory.Directory(
            self.servers.file, *self.servers.issue("ldap", ["IP:127.0.0.1"]),
            [("people", "dir@people.example", {"userCertificate;binary": self.der(chained)})]))
        dns_port, dumb = self.names.port, ""
        if self.dead:
            self.forgetful = enter(nameserver.Forgetful(self.names, "mute"))
            self.dumb = enter(Silence("127.0.0.3", 0))
            dns_port = self.forgetful.port
            dumb = ', { servers = ( "ldaps://127.0.0.3:%d" ); domains = ( "dumb.example" ); base = "dc=example"; }' % (
                self.dumb.port)
        self.postern = enter(Postern(
            policy='ladders = ( { domains = ( "herd.example", "silent.example" ); ladder = ( "openpgp" ); } );',
            keys='keys: { dns_servers = ( "127.0.0.1@%d" ); dns_anchor = "%s"; ca_file = "%s"; '
                 'private_networks = ( "127.0.0.0/8" ); test_port = %d; deadline = "%d s"; ldap = ( { '
                 'servers = ( "%s" ); domains = ( "people.example" ); base = "dc=example"; ca_file = "%s"; }%s ); };'
                 % (dns_port, self.names.anchor_file(), self.servers.file, self.web.port, DEADLINE,
                    self.directory.tls, self.servers.file, dumb)))
        self.ctl("ca", "import", self.pki.authority)
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def ctl(self, *words):
        """One JSON object."""
        return json.loads(self.postern.ctl(*map(str, words), "--json", "--config", str(self.postern.config)))

    def der(self, path):
        return self.pki._openssl("x509", "-in", path, "-outform", "DER")

    def openpgp(self, address):
        """A new key of somebody, as bytes."""
        return self.gpg.run("--export", self.gpg.make("Somebody <%s>" % address, "ed25519", "cv25519"))

    def keys_of(self, name):
        """New keys of the people of a zone; nobody but the zone vouches for them."""
        return (self.der(self.pki.person("own@%s.example" % name, own=True)), self.openpgp("grace@%s.example" % name))

    @staticmethod
    def exchange(keys, others):
        """Somebody on the way puts in keys of their own, which would do as well."""
        texts = [(own.hex(), in_base64(key)) for own, key in (keys, others)]

        def spoil(zone):
            for text, other in zip(*texts):
                assert zone.count(text) == 1, text
                zone = zone.replace(text, other)
            return zone
        return spoil

    def add_zones(self):
        """The same people in a zone that is good, one that is spoiled, one that is over, and one without signatures."""
        add = self.names.add
        for name in ("good", "spoiled", "expired", "plain"):
            own, key = self.keys_of(name)
            text = (record(owner("own@x", "_smimecert"), SMIMEA, b"\3\0\0" + own)
                    + record(owner("grace@x", "_openpgpkey"), OPENPGPKEY, key))
            more = {"signed": name != "plain", "expired": name == "expired"}
            if name == "spoiled":
                more["spoil"] = self.exchange((own, key), self.keys_of(name))
            add(name + ".example", text, **more)
        add("web.example", "@ 300 IN A 127.0.0.1\n")
        add("herd.example", "@ 300 IN A 127.0.0.1\n")
        add("silent.example", "openpgpkey 300 IN A 127.0.0.2\n")
        add("people.example", "")

    def answer(self, handler, host, path):
        who = path.rsplit("=", 1)[-1]
        handler.give(200 if who in self.wkd else 404, self.wkd.get(who, b""))

    def send(self, *recipients, number=1):
        self.postern.send(ALICE, ["secure-" + recipient for recipient in recipients], LETTER % number)

    def delivery(self, address):
        """As the administrator sees it."""
        for delivery in self.ctl("message", "list", "--state", "all")["deliveries"]:
            if delivery["recipient"] == address:
                return delivery
        return None

    def read(self, address):
        """The body that somebody reads in the letter they got."""
        letter, raw = self.postern.next_letter(address)
        assert CANARY not in raw, raw
        if letter.get_content_type() == "application/pkcs7-mime":
            return self.pki.open(address, raw)
        assert letter.get_content_type() == "multipart/encrypted", raw
        return self.gpg.run("--decrypt", given=letter.get_payload()[1].get_payload(decode=True))


def test_every_source_is_used():
    with World() as world:
        world.wkd["wanda"] = world.openpgp("wanda@web.example")
        people = {"own@good.example": "smimea", "grace@good.example": "openpgpkey", "wanda@web.example": "wkd",
                  "dir@people.example": "ldap"}
        world.send(*people, "nobody@web.example")
        for address, source in people.items():
            assert CANARY in world.read(address), address
            (key,) = world.ctl("key", "list", "--address", address)["keys"]
            assert (key["source"], key["standing"]) == (source, "found"), key
        letter, _ = world.postern.next_letter(ALICE)
        assert "nobody@web.example" in body_text(letter) and "/s/" in body_text(letter)
        assert {address: world.delivery(address)["route"] for address in people} == {
            "own@good.example": "smime", "grace@good.example": "openpgp",
            "wanda@web.example": "openpgp", "dir@people.example": "smime"}
        # What each source said is there to be read.
        said = world.ctl("key", "find", "nobody@web.example")
        assert any(line["source"] == "wkd" and line["outcome"] == "none" for line in said["sources"]), said


def test_what_is_not_secure_ends_in_the_portal():
    with World() as world:
        doubtful = [who + "@" + zone + ".example" for zone in ("spoiled", "expired", "plain")
                    for who in ("own", "grace")]
        world.send(*doubtful)
        asked = set()
        for _ in doubtful:
            letter, raw = world.postern.next_letter(ALICE)
            asked |= {address for address in doubtful if address in body_text(letter)}
            assert "/s/" in body_text(letter) and CANARY not in raw
        world.postern.settle()
        assert asked == set(doubtful)
        for address in doubtful:
            assert world.postern.letters(address) == [] and world.delivery(address)["route"] == "portal", address
        for address in doubtful:
            for key in world.ctl("key", "list", "--address", address)["keys"]:
                assert key["standing"] != "found", key
            # It is the zone's signatures that count, and nothing else that would be wrong as well.
            source = "smimea" if address.startswith("own@") else "openpgpkey"
            (said,) = [row for row in world.ctl("key", "find", address)["sources"] if row["source"] == source]
            why = ("none", "insecure") if address.endswith("@plain.example") else ("failed", "bogus")
            assert (said["outcome"], said["reason"]) == why, (address, said)


def test_a_dead_server_costs_the_deadline_once():
    with World() as world:
        crowd = ["p%d@silent.example" % number for number in range(40)]
        world.send(*crowd)
        # One after the other, forty would wait for more than ten minutes.
        wait_for("all to be routed", lambda: world.postern.query(
            "select count(*) from delivery where reason = 'no-key'") == [[str(len(crowd))]], DEADLINE * 20)
        assert len(world.silence.taken) == 1, len(world.silence.taken)
        assert all(world.postern.letters(address) == [] for address in crowd)


def test_dead_names_and_directories_end_in_the_portal():
    with World(dead=True) as world:
        crowd = ["p%d@%s.example" % (number, name) for name in ("mute", "dumb") for number in range(10)]
        world.send(*crowd)
        wait_for("all to be routed", lambda: world.postern.query(
            "select count(*) from delivery where route = 2 and reason = 'address-mark'") == [[str(len(crowd))]],
            DEADLINE * 20)
        assert world.forgetful.forgotten > 0 and world.dumb.taken, "nobody was asked"
        assert all(world.postern.letters(address) == [] for address in crowd)
        for address, source in ((crowd[0], "smimea"), (crowd[-1], "ldap")):
            said = {row["source"]: row["outcome"] for row in world.ctl("key", "find", address)["sources"]}
            assert said[source] in ("late", "failed"), said


def test_a_herd_asks_once_each():
    with World() as world:
        herd = ["p%d@herd.example" % number for number in range(1000)]
        world.send(*herd, number=0)
        for number in range(1, 5):
            world.send(*herd[::10], number=number)
        wait_for("all to be routed", lambda: world.postern.query(
            "select count(*) from delivery")[0][0] == "1400", 300)
        asked = [path for host, path, _ in world.web.seen if host == "herd.example" and "/hu/" in path]
        assert len(asked) == len(set(asked)) == len(herd), (len(asked), len(set(asked)))
        world.postern.settle()
        assert all(world.postern.letters(address) == [] for address in herd[:5])


if __name__ == "__main__":
    cases.run("__main__")
