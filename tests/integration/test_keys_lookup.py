#!/usr/bin/python3 -B
"""Look-ups for keys against servers of our own: DNS with and without signatures, Web Key Directories,
key servers, directories, and what hostile or dead ones of them cost."""

import atexit
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import directory  # noqa: E402
import nameserver  # noqa: E402
from authority import Authority  # noqa: E402
from nameserver import owner, record  # noqa: E402
from postern import ROOT, free_port, program  # noqa: E402
from web import Silence, Web  # noqa: E402

SMIMEA, OPENPGPKEY = 53, 61
KEY = b"\xc6\x33\x04\x65\x00\x00\x00\x16" + bytes(range(43))
OTHER_KEY = KEY[:-1] + b"\xff"
MANY = 1000
# Seconds that a source has: PATIENT where it answers, however busy the machine; HASTY where it does not.
PATIENT, HASTY = 20, 3
_the = []  # the one house of this program


def in_base64(data):
    """As zone files have keys."""
    return base64.b64encode(data).decode()


class House:
    """All servers, shared by the tests of this file."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-keys-")))
        self.authority = Authority()
        self.person, _ = self.authority.issue("fred", ["email:fred@signed.example"])
        self.certificate = self.authority.der(self.person)
        self.web = self.stack.enter_context(Web(*self.authority.issue("web", [
            "DNS:openpgpkey.signed.example", "DNS:direct.example", "DNS:odd.example", "DNS:vks.example",
            "DNS:mta-sts.sts.example", "DNS:mta-sts.testing.example", "DNS:mta-sts.moved.example",
            "IP:127.0.0.1"]), self.answer))
        # The same port on other loopback addresses: one says nothing, one refuses.
        self.silence = self.stack.enter_context(Silence("127.0.0.2", self.web.port))
        self.names = nameserver.Nameserver()
        self.add_zones()
        self.stack.enter_context(self.names)
        self.binary = program().parent / "keys" / "lookup"
        self.policy = ("version: STSv1\nmode: enforce\nmx: *.sts.example\nmax_age: 86400\n", "text/plain")

    def add_zones(self):
        """Signed, spoiled, expired and plain ones."""
        digest = hashlib.sha256(self.certificate).digest()
        fred, joe = "fred@x", "joe@x"
        people = (record(owner(fred, "_smimecert"), SMIMEA, b"\3\0\0" + self.certificate)
                  + record(owner(fred, "_openpgpkey"), OPENPGPKEY, KEY))
        add = self.names.add
        add("signed.example", people
            + record(owner("pin@x", "_smimecert"), SMIMEA, b"\3\0\1" + digest)
            + record(owner("next@x", "_smimecert"), SMIMEA, b"\3\0\0" + self.certificate)
            + record(owner("next@x", "_smimecert"), SMIMEA, b"\3\0\1" + bytes(32))
            + owner("away@x", "_smimecert") + " 300 IN CNAME " + owner(fred, "_smimecert") + ".plain.example.\n"
            + owner("gone@x", "_smimecert") + " 300 IN CNAME " + owner("nobody@x", "_smimecert") + ".plain.example.\n"
            + record(owner("odd@x", "_smimecert"), SMIMEA, b"\x09\0\0" + self.certificate)
            + owner("alias@x", "_smimecert") + " 300 IN CNAME " + owner(fred, "_smimecert") + "\n"
            + record(owner(joe, "_openpgpkey"), OPENPGPKEY, b"no key at all, but long enough")
            + "openpgpkey 300 IN A 127.0.0.1\n@ 300 IN MX 20 mx2\n@ 300 IN MX 10 mx1\n"
            "mx1 300 IN A 192.0.2.1\nmx2 300 IN A 192.0.2.2\n"
            "_25._tcp.mx1 300 IN TLSA 3 1 1 " + "ab" * 32 + "\n"
            "_25._tcp.mx1 300 IN TLSA 1 1 1 " + "cd" * 32 + "\n", signed=True)
        add("slow.example", "@ 300 IN MX 10 mx.hangs\n@ 300 IN MX 20 mx2\n@ 300 IN MX 30 mx3\n"
            "mx.hangs 300 IN A 192.0.2.1\nmx2 300 IN A 192.0.2.2\nmx3 300 IN A 192.0.2.3\n"
            "_25._tcp.mx.hangs 300 IN TLSA 3 1 1 " + "ab" * 32 + "\n"
            "_25._tcp.mx3 300 IN TLSA 3 1 1 " + "ab" * 32 + "\n", signed=True)
        add("spoiled.example", people + "@ 300 IN MX 10 mx\nmx 300 IN A 192.0.2.1\n_25._tcp.mx 300 IN TLSA 3 1 1 "
            + "ab" * 32 + "\n", signed=True, spoil=lambda text: text.replace(in_base64(KEY), in_base64(OTHER_KEY)).replace("ab" * 32, "ac" * 32))
        add("expired.example", people, signed=True, expired=True)
        add("plain.example", people + "@ 300 IN MX 10 mx\n")
        add("direct.example", "@ 300 IN A 127.0.0.1\n")
        # A wildcard, and the way to say that it is not meant for directories (section 3.1).
        add("wild.example", "@ 300 IN A 127.0.0.1\n* 300 IN A 192.168.0.1\nopenpgpkey 300 IN TXT \"\"\n")
        add("odd.example", "@ 300 IN A 127.0.0.1\n")
        add("private.example", "openpgpkey 300 IN A 192.168.77.1\nopenpgpkey 300 IN AAAA ::ffff:127.0.0.1\n")
        add("silent.example", "openpgpkey 300 IN A 127.0.0.2\n")
        add("refused.example", "openpgpkey 300 IN A 127.0.0.3\n")
        add("untrusted.example", "openpgpkey 300 IN A 127.0.0.1\n")
        add("nothing.example", "")
        add("vks.example", "@ 300 IN A 127.0.0.1\n")
        add("hosts.example", "".join("many 300 IN A 8.8.8.%d\n" % i for i in range(9))
            + "many 300 IN AAAA 2600::1\nmany 300 IN AAAA fd00::1\ninward 300 IN A 10.0.0.1\ninward 300 IN AAAA fd00::1\n")
        add("null.example", "@ 300 IN MX 0 .\n")
        for name in ("sts", "testing", "moved"):
            add(name + ".example", "@ 300 IN MX 10 mx\n@ 300 IN MX 20 mx.elsewhere.example.\n"
                "_mta-sts 300 IN TXT \"v=STSv1; id=1\"\nmta-sts 300 IN A 127.0.0.1\n")
        add("gone.example", "@ 300 IN MX 10 mx\n_mta-sts 300 IN TXT \"v=STSv1; id=1\"\nmta-sts 300 IN A 127.0.0.3\n")

    def answer(self, handler, host, path):
        """What the web servers say; people are told apart by the end of the URL."""
        who = path.rsplit("=", 1)[-1]
        if path.endswith("mta-sts.txt"):
            if host == "mta-sts.moved.example":
                handler.give(302, Location="https://mta-sts.sts.example" + path)
            elif host == "mta-sts.testing.example":
                handler.give(200, self.policy[0].replace("enforce", "testing").encode(), "text/plain")
            else:
                handler.give(200, self.policy[0].encode(), self.policy[1])
        elif path.startswith("/vks/v1/by-email/"):
            known = path == "/vks/v1/by-email/fred%40signed.example"
            handler.give(200 if known else 404, KEY, "application/pgp-keys")
        elif path.startswith("/pks/lookup?"):
            known = path == "/pks/lookup?op=get&options=mr&search=fred%40signed.example"
            handler.give(200 if known else 404, OTHER_KEY, "application/pgp-keys; charset=UTF-8")
        elif path == "/crl":
            handler.give(200, b"a list", "application/pkix-crl")
        elif path == "/large":
            handler.give(200, bytes(9 << 20))
        elif path == "/ocsp":
            if handler.command == "POST" and handler.headers["Content-Type"] == "application/ocsp-request":
                handler.give(200, b"about " + handler.body, "application/ocsp-response")
            else:
                handler.give(405)
        elif host == "odd.example":
            self.answer_oddly(handler, who, path)
        elif who == "fred" or who == "Fred":
            handler.give(200, KEY)
        else:
            handler.give(404, b"<p>no</p>", "text/html")

    @staticmethod
    def answer_oddly(handler, who, path):
        """One oddity for each person."""
        if who == "elsewhere":
            handler.give(302, Location="https://openpgpkey.signed.example" + path)
        elif who == "inward":
            handler.give(302, Location="https://127.0.0.1" + path)
        elif who == "clear":
            handler.give(302, Location="http://odd.example" + path)
        elif who == "port":
            handler.give(302, Location="https://odd.example:25" + path)
        elif who == "moved":
            handler.give(302, Location=path.replace("=moved", "=arrived"))
        elif who == "arrived":
            handler.give(200, KEY)
        elif who == "circle":
            handler.give(302, Location=path)
        elif who == "big":
            handler.give(200, bytes(10 << 20))
        elif who == "endless":
            handler.send_response(200)
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(160):
                    handler.wfile.write(bytes(1 << 16))
        elif who == "drip":
            handler.send_response(200)
            handler.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    handler.wfile.write(b"\xc6")
                    time.sleep(0.2)
        elif who == "page":
            handler.give(200, b"<p>hello</p>", "text/html; charset=utf-8")
        elif who == "broken":
            handler.give(503, b"")
        elif who == "empty":
            handler.give(200, b"")
        else:
            handler.give(404)

    def run(self, *words, keys="", dns=None, deadline=PATIENT):
        """What the program says; `keys` are more options."""
        config = self.folder / ("%d.conf" % threading.get_ident())
        config.write_text(
            'keys: { dns_servers = ( "127.0.0.1@%d" ); dns_anchor = "%s"; ca_file = "%s"; '
            'private_networks = ( "127.0.0.0/8" ); test_port = %d; deadline = "%d s"; %s };\n'
            % (dns or self.names.port, self.names.anchor_file(), self.authority.file, self.web.port, deadline, keys))
        done = subprocess.run([self.binary, config, *map(str, words)], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "https_proxy": "http://127.0.0.3:1", "ALL_PROXY": "http://127.0.0.3:1"})
        assert done.returncode == 0, (done.returncode, done.stderr[-4000:])
        return json.loads(done.stdout)

    def discover(self, address, keys="", milliseconds=PATIENT * 1000, **more):
        """The findings, by source, and the candidates for one address, for whom it is waited so long: what is
        not there by then is "late"."""
        one = self.run("discover", milliseconds, 1, address, keys=keys, **more)[0]["addresses"][0]
        return {finding["source"]: finding for finding in one["findings"]}, one["candidates"]


@contextlib.contextmanager
def house():
    """The house, built once."""
    nameserver.require()
    if not _the:
        path = program().parent
        subprocess.run(["make", "--no-print-directory", "-s", "-C", ROOT, "VARIANT=" + path.name,
                        str((path / "keys" / "lookup").relative_to(ROOT))], check=True)
        _the.append(House())
        atexit.register(_the[0].stack.close)
    yield _the[0]


def only(source):
    """Options that ask one source."""
    return 'sources = ( "%s" );' % source


def test_signed_records_are_found():
    with house() as here:
        findings, candidates = here.discover("fred@signed.example")
        assert findings["smimea"]["outcome"] == findings["openpgpkey"]["outcome"] == "found", findings
        # In the order of the configuration, with where they come from and who vouches.
        assert [(one["source"], one["kind"], one["trust"], one["bytes"]) for one in candidates] == [
            ("smimea", "certificate", "dnssec", here.certificate.hex()),
            ("openpgpkey", "openpgp", "dnssec", KEY.hex()),
            ("wkd", "openpgp", "domain", KEY.hex())], candidates
        assert candidates[0]["usage"] == 3
        assert candidates[0]["evidence"] == owner("fred@x", "_smimecert") + ".signed.example"
        assert candidates[2]["evidence"].startswith("https://openpgpkey.signed.example/.well-known/")
        _, candidates = here.discover("fred@signed.example", 'sources = ( "wkd", "openpgpkey" );')
        assert [one["source"] for one in candidates] == ["wkd", "openpgpkey"]


def test_case_and_aliases_of_names():
    with house() as here:
        findings, candidates = here.discover("Fred@SIGNED.example")
        assert findings["openpgpkey"]["outcome"] == "found" and len(candidates) == 3, findings
        findings, candidates = here.discover("alias@signed.example")
        assert findings["smimea"]["outcome"] == "found", findings
        assert candidates[0]["bytes"] == here.certificate.hex()


def test_what_records_are_not():
    with house() as here:
        for who, source, reason in (("nobody", "smimea", "no-record"), ("nobody", "openpgpkey", "no-record"),
                                    ("odd", "smimea", "unusable"), ("joe", "openpgpkey", "unusable"),
                                    ("pin", "smimea", "digest-only")):
            finding = here.discover(who + "@signed.example", only(source))[0][source]
            assert (finding["outcome"], finding["reason"]) == ("none", reason), (who, finding)
        assert finding["pins"] == [{"usage": 3, "selector": 0, "matching": 1,
                                    "data": hashlib.sha256(here.certificate).hexdigest()}]


def test_any_record_of_a_domain_is_a_pin():
    with house() as here:
        findings, candidates = here.discover("next@signed.example", only("smimea"))
        assert [one["bytes"] for one in candidates] == [here.certificate.hex()]
        pins = sorted((pin["usage"], pin["matching"], pin["data"]) for pin in findings["smimea"]["pins"])
        assert pins == [(3, 0, here.certificate.hex()), (3, 1, bytes(32).hex())], pins


def test_what_is_not_secure_counts_for_nothing():
    with house() as here:
        findings, candidates = here.discover("fred@plain.example", 'sources = ( "smimea", "openpgpkey" );')
        assert {one["reason"] for one in findings.values()} == {"insecure"} and not candidates, findings
        assert {one["outcome"] for one in findings.values()} == {"none"}
        for name in ("spoiled", "expired"):
            finding = here.discover("fred@%s.example" % name, only("openpgpkey"))[0]["openpgpkey"]
            assert (finding["outcome"], finding["reason"], finding["candidates"]) == ("failed", "bogus", 0), finding
            assert finding["detail"], finding
        assert "expired" in finding["detail"], finding
        # What was not spoiled of that zone is as good as ever.
        assert here.discover("fred@spoiled.example", only("smimea"))[0]["smimea"]["outcome"] == "found"


def test_an_alias_to_elsewhere_speaks_for_itself():
    with house() as here:
        for who in ("away", "gone"):
            (told,) = here.run("discover", 3000, 1, who + "@signed.example", "fred@signed.example", keys=only("smimea"))
            first, second = (one["findings"][0] for one in told["addresses"])
            assert (first["outcome"], first["reason"]) == ("none", "insecure"), first
            assert second["outcome"] == "found" and not second["remembered"], (who, second)
        # Where a domain is not signed, the first that is asked for tells it for all.
        (told,) = here.run("discover", 3000, 1, "u1@plain.example", "u2@plain.example", keys=only("smimea"))
        assert [(one["findings"][0]["reason"], one["findings"][0]["remembered"]) for one in told["addresses"]] == [
            ("insecure", False), ("insecure", True)], told


def test_without_its_anchor_nothing_is_secure():
    with house() as here:
        other = here.folder / "other-anchor"
        other.write_text("".join(line for line in here.names.anchors.splitlines(True)
                                 if line.startswith("expired.example")))
        config = here.folder / "anchor.conf"
        config.write_text('keys: { dns_servers = ( "127.0.0.1@%d" ); dns_anchor = "%s"; deadline = "%d s"; %s };\n'
                          % (here.names.port, other, PATIENT, only("smimea")))
        told = json.loads(subprocess.run([here.binary, config, "discover", "20000", "1", "fred@signed.example"],
                                         capture_output=True, text=True, check=True).stdout)
        finding = told[0]["addresses"][0]["findings"][0]
        assert (finding["outcome"], finding["reason"]) == ("none", "insecure"), finding


def test_directories_on_the_web():
    with house() as here:
        del here.web.seen[:]
        finding = here.discover("nobody@signed.example", only("wkd"))[0]["wkd"]
        assert (finding["outcome"], finding["reason"]) == ("none", "no-key"), finding
        # The advanced host has answered, so the other one is not asked.
        assert [host for host, _, _ in here.web.seen] == ["openpgpkey.signed.example"]
        assert "/.well-known/openpgpkey/signed.example/hu/" in here.web.seen[0][1]
        assert here.web.seen[0][2].get("User-Agent") == "postern" and "Cookie" not in here.web.seen[0][2]
        for name in ("direct", "wild"):
            findings, candidates = here.discover("fred@%s.example" % name, only("wkd"))
            if name == "direct":
                assert candidates[0]["evidence"].startswith("https://direct.example/.well-known/openpgpkey/hu/")
            else:  # it was asked: its certificate is not for that name
                assert findings["wkd"]["reason"] == "tls-untrusted", findings
        finding = here.discover("fred@nothing.example", only("wkd"))[0]["wkd"]
        assert (finding["outcome"], finding["reason"]) == ("none", "no-directory"), finding


def test_odd_web_servers():
    with house() as here:
        del here.web.seen[:]
        for who, outcome, reason in (
                ("elsewhere", "failed", "redirect"), ("inward", "failed", "redirect"), ("clear", "failed", "redirect"),
                ("port", "failed", "redirect"), ("circle", "failed", "redirect"), ("moved", "found", ""),
                ("big", "failed", "too-large"), ("endless", "failed", "too-large"), ("page", "failed", "wrong-type"),
                ("broken", "failed", "server-failed"), ("empty", "none", "no-key"), ("nobody", "none", "no-key")):
            finding = here.discover(who + "@odd.example", only("wkd"))[0]["wkd"]
            assert (finding["outcome"], finding["reason"]) == (outcome, reason), (who, finding)
        assert {host for host, _, _ in here.web.seen} == {"odd.example"}


def test_servers_that_take_their_time_cost_the_deadline():
    with house() as here:
        for address in ("drip@odd.example", "fred@silent.example"):
            finding = here.discover(address, only("wkd"), deadline=HASTY)[0]["wkd"]
            assert (finding["outcome"], finding["reason"]) == ("failed", "timeout"), finding
            # Who waits for less than that does not wait for its end.
            finding = here.discover(address, only("wkd"), milliseconds=500, deadline=HASTY)[0]["wkd"]
            assert finding["outcome"] == "late", finding


def test_addresses_that_are_not_public():
    with house() as here:
        finding = here.discover("fred@private.example", only("wkd"))[0]["wkd"]
        assert (finding["outcome"], finding["reason"]) == ("failed", "private-address"), finding
        # Loopback addresses are there for this test only; without leave they are refused as well.
        config = here.folder / "strict.conf"
        config.write_text('keys: { dns_servers = ( "127.0.0.1@%d" ); dns_anchor = "%s"; ca_file = "%s"; deadline = "%d s"; %s };\n'
                          % (here.names.port, here.names.anchor_file(), here.authority.file, PATIENT, only("wkd")))
        del here.web.seen[:]
        for words in (("discover", "20000", "1", "fred@signed.example"),
                      ("fetch", "https://127.0.0.1/", "https"), ("fetch", "https://[::1]/", "https"),
                      ("fetch", "https://[::ffff:127.0.0.1]/", "https"), ("fetch", "http://10.0.0.1/crl", "plain"),
                      ("fetch", "https://169.254.169.254/", "https"), ("fetch", "https://0x7f.1/", "https"),
                      ("fetch", "https://2130706433/", "https")):
            told = json.loads(subprocess.run([here.binary, config, *words], capture_output=True, text=True,
                                             check=True).stdout)
            told = told[0]["addresses"][0]["findings"][0] if isinstance(told, list) else told
            assert told["reason"] == "private-address", (words, told)
        assert not here.web.seen


def test_urls_that_are_not_fetched():
    with house() as here:
        for url, kind in (("http://odd.example/", "https"), ("ftp://odd.example/", "plain"),
                          ("file:///etc/passwd", "plain"), ("https://user:word@odd.example/", "https"),
                          ("https://odd.example:25/", "https"), ("gopher://odd.example/", "plain"), ("", "plain")):
            told = here.run("fetch", url, kind)
            assert told["reason"] == "bad-url", (url, told)
        assert here.run("fetch", "https://odd.example/?l=arrived", "https")["body"] == KEY.hex()


def test_revocation():
    with house() as here:
        for scheme in ("http", "https"):
            url = scheme + "://odd.example"
            assert here.run("list", url + "/crl", "-")["body"] == b"a list".hex()
            assert here.run("ocsp", url + "/ocsp", "fred")["body"] == b"about fred".hex()
        assert here.run("list", "http://odd.example/large", "-")["reason"] == "too-large"
        assert here.run("list", "http://odd.example/missing", "-")["reason"] == "server-failed"
        assert here.run("ocsp", "http://odd.example/crl", "fred")["reason"] == "wrong-type"
        for url, reason in (("ldap://odd.example/crl", "bad-url"), ("http://private.example/crl", "no-address"),
                            ("http://openpgpkey.private.example/crl", "private-address"),
                            ("http://nobody.nothing.example/crl", "no-such-name")):
            assert here.run("list", url, "-")["reason"] == reason, url


def test_certificates_of_servers():
    with house() as here:
        finding = here.discover("fred@untrusted.example", only("wkd"))[0]["wkd"]
        assert (finding["outcome"], finding["reason"]) == ("failed", "tls-untrusted"), finding


def test_key_servers():
    keys = 'sources = ( "vks", "hkps" ); vks_servers = ( "vks.example" ); hkps_servers = ( "vks.example" );'
    with house() as here:
        findings, candidates = here.discover("fred@signed.example", keys)
        assert [(one["source"], one["trust"], one["bytes"]) for one in candidates] == [
            ("vks", "checked", KEY.hex()), ("hkps", "anybody", OTHER_KEY.hex())], findings
        findings, candidates = here.discover("nobody@signed.example", keys)
        assert {one["reason"] for one in findings.values()} == {"no-key"} and not candidates, findings
        # They are no default: nobody learns who is written to.
        del here.web.seen[:]
        here.discover("fred@signed.example")
        assert {host for host, _, _ in here.web.seen} == {"openpgpkey.signed.example"}


def test_a_dead_server_is_asked_once():
    with house() as here:
        del here.silence.taken[:]
        addresses = ["u%d@silent.example" % number for number in range(MANY)]
        rounds = here.run("discover", 20000, 2, *addresses, keys=only("wkd"), deadline=HASTY)
        for told in rounds:
            assert {one["findings"][0]["reason"] for one in told["addresses"]} == {"timeout"}
        assert len(here.silence.taken) == 1, len(here.silence.taken)
        assert all(one["findings"][0]["remembered"] for one in rounds[1]["addresses"])


def test_many_addresses_are_asked_once_each():
    with house() as here:
        del here.web.seen[:]
        addresses = ["u%d@signed.example" % number for number in range(100)]
        rounds = here.run("discover", 60000, 2, *addresses, keys=only("wkd") + " parallel = 4;")
        for told in rounds:
            assert {one["findings"][0]["reason"] for one in told["addresses"]} == {"no-key"}
        assert len(here.web.seen) == 100 and len({path for _, path, _ in here.web.seen}) == 100


def test_a_herd_shares_one_look_up():
    with house() as here:
        del here.web.seen[:]
        told = here.run("herd", 20000, 50, "fred@direct.example", keys=only("wkd"))
        assert len(told) == 50
        assert all(one["addresses"][0]["candidates"][0]["bytes"] == KEY.hex() for one in told)
        assert len(here.web.seen) == 1, here.web.seen


def test_name_servers_that_say_nothing():
    with house() as here, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
        dead.bind(("127.0.0.1", 0))
        findings, candidates = here.discover("fred@signed.example", dns=dead.getsockname()[1], deadline=HASTY)
        assert {one["reason"] for one in findings.values()} <= {"timeout", "server-failed"}, findings
        assert len(findings) == 3 and not candidates, findings


def ldap_row(servers, domains="*", **columns):
    """A row of keys.ldap."""
    return 'sources = ( "ldap" ); ldap = ( { servers = ( %s ); domains = ( "%s" ); base = "dc=example"; %s } );' % (
        ", ".join('"%s"' % one for one in servers), domains,
        " ".join("%s = %s;" % (name, json.dumps(value)) for name, value in columns.items()))


@contextlib.contextmanager
def directory_of(here):
    """A directory with an open and a closed part."""
    directory.require()
    certificate, key = here.authority.issue("ldap", ["IP:127.0.0.1", "DNS:localhost"])
    other, _ = here.authority.issue("ann", ["email:ann@signed.example"])
    people = [("people", "fred@signed.example", {"userCertificate;binary": here.certificate, "audio": KEY}),
              ("people", "ann@signed.example", {
                  "userSMIMECertificate": here.authority.bundle(other, here.authority.file)}),
              ("people", "bare@signed.example", {}),
              ("closed", "boss@signed.example", {"userCertificate;binary": here.certificate})]
    with directory.Directory(here.authority.file, certificate, key, people) as there:
        yield there, here.authority.der(other)


def test_directories():
    with house() as here, directory_of(here) as (there, other):
        ca = str(here.authority.file)
        for server in (there.tls, there.clear, there.socket):
            findings, candidates = here.discover("fred@signed.example", ldap_row([server], ca_file=ca))
            assert findings["ldap"]["outcome"] == "found", (server, findings)
            assert [(one["kind"], one["trust"], one["bytes"]) for one in candidates] == [
                ("certificate", "directory", here.certificate.hex())], candidates
            assert candidates[0]["evidence"] == server + " uid=p0,ou=people,dc=example"
        # It was the first that was said on the clear one.
        assert "op=0 STARTTLS" in there.log(), there.log()[-2000:]
        _, candidates = here.discover("ann@signed.example", ldap_row([there.tls], ca_file=ca))
        assert other.hex() in [one["bytes"] for one in candidates] and len(candidates) == 2, candidates
        _, candidates = here.discover("fred@signed.example", ldap_row([there.tls], ca_file=ca,
                                                                        key_attribute="audio"))
        assert [one["bytes"] for one in candidates if one["kind"] == "openpgp"] == [KEY.hex()], candidates
        for who in ("bare", "nobody"):
            finding = here.discover(who + "@signed.example", ldap_row([there.tls], ca_file=ca))[0]["ldap"]
            assert (finding["outcome"], finding["reason"]) == ("none", "no-entry"), finding
        # Not asked at all for other domains.
        assert here.discover("fred@signed.example", ldap_row([there.tls], ca_file=ca, domains="other.example"))[0] == {}
        assert here.discover("fred@signed.example", ldap_row([there.tls], ca_file=ca, domains=".example"))[0] != {}


def test_who_asks_a_directory():
    with house() as here, directory_of(here) as (there, _):
        ca, admin = str(here.authority.file), "cn=admin,dc=example"
        finding = here.discover("boss@signed.example", ldap_row([there.tls], ca_file=ca))[0]["ldap"]
        assert finding["outcome"] == "none", finding
        finding = here.discover("boss@signed.example", ldap_row(
            [there.tls], ca_file=ca, bind_dn=admin, password_file=str(there.password)))[0]["ldap"]
        assert finding["outcome"] == "found", finding
        for text in ("wrong\n", "\n", ""):
            there.password.write_text(text)
            finding = here.discover("boss@signed.example", ldap_row(
                [there.tls], ca_file=ca, bind_dn=admin, password_file=str(there.password)))[0]["ldap"]
            assert (finding["outcome"], finding["reason"]) == ("failed", "bind-refused"), (text, finding)


def test_addresses_that_would_be_filters():
    with house() as here, directory_of(here) as (there, _):
        for address in ("*@signed.example", "fred*@signed.example", '"x)(mail=*"@signed.example',
                        '"fred@signed.example)(|(uid=*"@signed.example', '"*)(uid=*))(|(uid=*"@signed.example'):
            findings, candidates = here.discover(address, ldap_row([there.tls], ca_file=str(here.authority.file)))
            assert findings["ldap"]["outcome"] == "none" and not candidates, (address, findings)
        # They were asked, as what they are.
        assert there.log().count("SRCH base") >= 5 and 'filter="(mail=\\2A@signed.example)"' in there.log(), there.log()


def test_directories_that_cannot_be_trusted_or_reached():
    with house() as here, directory_of(here) as (there, _):
        stranger = Authority()
        finding = here.discover("fred@signed.example", ldap_row([there.tls], ca_file=str(stranger.file)))[0]["ldap"]
        assert finding["outcome"] == "failed" and finding["reason"] in ("unreachable", "tls-failed"), finding
        finding = here.discover("fred@signed.example", ldap_row([there.clear], ca_file=str(stranger.file)))[0]["ldap"]
        assert finding["outcome"] == "failed" and finding["reason"] in ("unreachable", "tls-failed"), finding
        ca = str(here.authority.file)
        refused = "ldaps://127.0.0.1:%d" % free_port()
        finding = here.discover("fred@signed.example", ldap_row([refused], ca_file=ca))[0]["ldap"]
        assert (finding["outcome"], finding["reason"]) == ("failed", "unreachable"), finding
        silent = "ldaps://127.0.0.2:%d" % here.silence.port
        for first in (refused, silent):
            finding = here.discover("fred@signed.example", ldap_row([first, there.tls], ca_file=ca))[0]["ldap"]
            assert finding["outcome"] == "found", (first, finding)
        finding = here.discover("fred@signed.example", ldap_row([silent, silent], ca_file=ca), deadline=HASTY)[0]["ldap"]
        assert finding["outcome"] == "failed", finding


def test_tls_of_mail_servers_by_dane():
    with house() as here:
        policy = here.run("policy", "signed.example", 1)[0]
        assert policy["kind"] == "dane", policy
        assert [(host["name"], host["preference"], len(host["records"])) for host in policy["hosts"]] == [
            ("mx1.signed.example", 10, 1), ("mx2.signed.example", 20, 0)], policy
        assert policy["hosts"][0]["records"][0] == {"usage": 3, "selector": 1, "matching": 1, "data": "ab" * 32}
        policy = here.run("policy", "spoiled.example", 1)[0]
        assert (policy["kind"], policy["reason"]) == ("unknown", "bogus"), policy
        policy = here.run("policy", "null.example", 1)[0]
        assert (policy["kind"], policy["reason"]) == ("none", "takes-no-mail"), policy
        policy = here.run("policy", "plain.example", 1)[0]
        assert (policy["kind"], policy["reason"]) == ("none", "no-policy"), policy


def test_a_mail_server_that_hangs_takes_nothing_from_others():
    with house() as here, nameserver.Forgetful(here.names, "hangs") as forgetful:
        policy = here.run("policy", "slow.example", 1, dns=forgetful.port)[0]
        assert forgetful.forgotten > 0
        assert policy["kind"] == "dane", policy
        assert [(host["name"], len(host["records"])) for host in policy["hosts"]] == [
            ("mx.hangs.slow.example", 0), ("mx2.slow.example", 0), ("mx3.slow.example", 1)], policy


def test_addresses_of_mail_servers():
    with house() as here:
        told = here.run("hosts", "many.hosts.example", "-")
        ipv4 = [one for one in told["addresses"] if one.startswith("8.8.8.")]
        assert len(ipv4) == 4 and told["addresses"][4:] == ["2600::1"], told
        told = here.run("hosts", "inward.hosts.example", "-")
        assert (told["status"], told["reason"]) == ("denied", "private-address"), told


def test_tls_of_mail_servers_by_policy():
    with house() as here:
        del here.web.seen[:]
        policies = here.run("policy", "sts.example", 3)
        assert all(policy["kind"] == "mta-sts" for policy in policies), policies
        assert [host["name"] for host in policies[0]["hosts"]] == ["mx.sts.example"], policies[0]
        assert len(here.web.seen) == 1, here.web.seen
        for domain, kind, reason in (("testing.example", "none", "testing-only"),
                                     ("moved.example", "unknown", "redirect"),
                                     ("gone.example", "unknown", "unreachable")):
            policy = here.run("policy", domain, 1)[0]
            assert (policy["kind"], policy["reason"]) == (kind, reason), (domain, policy)
        policy = here.run("policy", "sts.example", 1, keys="mta_sts = false;")[0]
        assert (policy["kind"], policy["reason"]) == ("none", "no-policy"), policy
        good = here.policy
        for text, kind in (("version: STSv1\nmode: enforce\nmax_age: 1\n", "text/plain"), (good[0], "text/html")):
            here.policy = (text, kind)
            policy = here.run("policy", "sts.example", 1)[0]
            here.policy = good
            assert policy["kind"] == "unknown" and policy["reason"] in ("policy-invalid", "wrong-type"), policy


cases.run(__name__)
