#!/usr/bin/python3 -B
"""Verified TLS: a message to be secured leaves as it is to a server that shows who it is, by signed DNS, by
MTA-STS or as the administrator has pinned it; to every other server nothing of it is told, and it goes the
next way."""

import atexit
import contextlib
import hashlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import desk  # noqa: E402
import nameserver  # noqa: E402
from authority import Authority  # noqa: E402
from openpgp_keys import Gpg  # noqa: E402
from pki import Pki  # noqa: E402
from postern import Postern, body_text, free_port, link_in, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from web import Web  # noqa: E402

ALICE = desk.ALICE
CANARY = "CanaryInTheMine"
NOTES = bytes(range(256)) * 64
LADDER = 'ladder = ( "tls", "portal" ); '
_the = []  # the one house of this program


def openssl(*words, given=None):
    """Its output."""
    done = subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def print_of(certificate):
    """SHA-256 of a certificate, in hexadecimal."""
    return hashlib.sha256(openssl("x509", "-in", certificate, "-outform", "DER")).hexdigest()


def key_print_of(certificate):
    """SHA-256 of its public key: what stands in TLSA 3 1 1."""
    key = openssl("x509", "-in", certificate, "-noout", "-pubkey")
    return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", given=key)).hexdigest()


class House:
    """Domains with their mail servers, each on a loopback address of its own, all on one port."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-tls-")))
        self.authority = Authority()
        self.other = Authority()
        self.port = free_port()
        self.names = nameserver.Nameserver()
        self.sinks, self.certificates, self.answers, self.policies = {}, {}, {}, {}
        self.lone = self._lone()
        self.add_servers()
        policies = ["DNS:mta-sts.%s.example" % name for name in self.policies]
        self.web = self.stack.enter_context(Web(*self.authority.issue("web", policies), self._give))
        self.stack.enter_context(self.names)
        self.resolver = self.stack.enter_context(nameserver.Forgetful(self.names, "hangs"))

    def _lone(self):
        """A certificate that is signed by itself, for another name, and is long over."""
        (self.folder / "index").write_text("")
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=%s/index\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n"
            "[any]\ncommonName=supplied\n" % self.folder)
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.folder / "lone.key", "-out", self.folder / "lone.req", "-subj", "/CN=nobody.invalid")
        openssl("ca", "-batch", "-selfsign", "-notext", "-config", self.folder / "ca.conf", "-keyfile",
                self.folder / "lone.key", "-in", self.folder / "lone.req", "-outdir", self.folder, "-startdate",
                "20200101000000Z", "-enddate", "20200201000000Z", "-out", self.folder / "lone.pem")
        return self.folder / "lone.pem", self.folder / "lone.key"

    def _give(self, handler, host, path):
        name = host.split(".")[1]
        assert path == "/.well-known/mta-sts.txt"
        handler.give(200, self.policies[name].encode(), "text/plain")

    def issued(self, name, authority=None, host=None):
        """A certificate for a server, with its authority's behind it."""
        authority = authority or self.authority
        certificate, key = authority.issue(name, ["DNS:" + (host or "mx.%s.example" % name)])
        chain = self.folder / (name + ".chain")
        chain.write_text(certificate.read_text() + authority.file.read_text())
        return chain, key

    def add(self, name, certificate, records="", signed=True, more="", **zone):
        """A domain with one mail server; `records` is what its TLSA says."""
        address = "127.0.1.%d" % (len(self.sinks) + 1)
        tlsa = "_25._tcp.mx 300 IN TLSA %s\n" % records if records else ""
        self.names.add(name + ".example", "@ 300 IN MX 10 mx\nmx 300 IN A %s\n%s%s" % (address, tlsa, more),
                       signed=signed, **zone)
        self.certificates[name] = certificate
        self.sinks[name] = self.stack.enter_context(Sink(
            lambda verb, argument: self.answers.get(name, lambda *_: None)(verb, argument),
            certificate=certificate, port=self.port, host=address))

    def add_sts(self, name, mode, certificate, mx=None, more=""):
        """The same with MTA-STS; DNS is not signed."""
        self.policies[name] = "version: STSv1\nmode: %s\nmx: %s\nmax_age: 86400\n" % (mode, mx or "mx.%s.example" % name)
        self.add(name, certificate, signed=False,
                 more="_mta-sts 300 IN TXT \"v=STSv1; id=1\"\nmta-sts 300 IN A 127.0.0.1\n" + more)

    def add_servers(self):
        """One domain for each thing that can be right or wrong."""
        lone = "3 1 1 " + key_print_of(self.lone[0])
        root = "2 0 1 " + print_of(self.authority.file)
        for name in ("good", "dead", "unclear", "later", "notls", "killed", "fresh"):
            self.add(name, self.lone, lone)
        self.add("anchored", self.issued("anchored"), root)
        self.add("byname", self.issued("byname", host="byname.example"), root)
        self.add("misnamed", self.issued("misnamed", host="mx.other.example"), root)
        self.add("foreign", self.issued("foreign", self.other), root)
        self.add("wrong", self.lone, "3 1 1 " + "ab" * 32)
        self.add("strict", self.lone, "3 1 1 " + "ab" * 32)
        self.add("keyed", self.lone, "3 1 1 " + "ab" * 32)
        self.add("stripped", None, lone)
        self.add("expired", self.lone, lone, expired=True)
        self.add("bogus", self.lone, lone, spoil=lambda text: text.replace(lone.split()[3], "ab" * 32))
        self.add("unsigned", self.lone, lone, signed=False)
        self.add("inward", self.lone, "", more="@ 300 IN MX 5 in\nin 300 IN A 192.168.77.1\n"
                 "_25._tcp.in 300 IN TLSA %s\n" % lone)
        self.add("second", self.lone, lone, more="@ 300 IN MX 5 first\nfirst 300 IN A 127.0.1.200\n"
                 "_25._tcp.first 300 IN TLSA %s\n" % lone)
        self.add_sts("enforce", "enforce", self.issued("enforce"))
        self.add_sts("slow", "enforce", self.issued("slow"), mx="first.hangs.slow.example\nmx: mx.slow.example",
                     more="@ 300 IN MX 5 first.hangs\nfirst.hangs 300 IN A 127.0.1.200\n")
        self.add_sts("testing", "testing", self.issued("testing"))
        self.add_sts("none", "none", self.issued("none"))
        self.add_sts("unlisted", "enforce", self.issued("unlisted"), mx="mx.elsewhere.example")
        self.add_sts("stsname", "enforce", self.issued("stsname", host="mx.other.example"))
        self.add_sts("stsforeign", "enforce", self.issued("stsforeign", self.other))
        for name in ("pinned", "pinnedca", "badpin", "badname"):
            self.add(name, self.issued(name), signed=False)

    def pins(self):
        """Partners whose servers are known."""
        def row(name, what):
            return '{ domains = ( "%s.example" ); via = "%s:%d"; %s }' % (
                name, self.sinks[name].host, self.port, what)
        return "tls_pins = ( %s ); " % ", ".join([
            row("pinned", 'fingerprints = ( "%s" );' % key_print_of(self.certificates["pinned"][0])),
            row("badpin", 'fingerprints = ( "%s" );' % ("ab" * 32)),
            row("pinnedca", 'ca_file = "%s"; name = "mx.pinnedca.example";' % self.authority.file),
            row("badname", 'ca_file = "%s"; name = "mx.other.example";' % self.authority.file)])

    def postern(self, policy=LADDER, **more):
        """An installation that looks here."""
        keys = ('keys: { sources = ( ); dns_servers = ( "127.0.0.1@%d" ); dns_anchor = "%s"; ca_file = "%s"; '
                'private_networks = ( "127.0.0.0/8" ); test_port = %d; tls_port = %d; };'
                % (self.resolver.port, self.names.anchor_file(), self.authority.file, self.web.port, self.port))
        return Postern(keys=keys, policy=policy + self.pins(), **more)


@contextlib.contextmanager
def house(**more):
    """The house, built once, and an installation."""
    nameserver.require()
    if not _the:
        _the.append(House())
        atexit.register(_the[0].stack.close)
    here = _the[0]
    here.answers.clear()
    for sink in here.sinks.values():
        del sink.letters[:], sink.commands[:]
        sink.connected = 0
    with here.postern(**more) as postern:
        yield here, postern


def to(name):
    """Somebody there."""
    return "fred@%s.example" % name


def send(postern, *names, **more):
    """A marked message to somebody at each of the domains."""
    marked = ["secure-" + to(name) for name in names]
    postern.send(ALICE, marked, desk.letter(to=", ".join(marked), body=CANARY + " sings.\n",
                                            files=[("notes.bin", NOTES)], **more))


def ctl(postern, *words):
    """One JSON object."""
    return json.loads(postern.ctl(*words, "--json", "--config", str(postern.config)))


def delivery(postern, name):
    """What the administrator sees of it."""
    for line in ctl(postern, "message", "list", "--state", "all")["deliveries"]:
        if line["recipient"] == to(name):
            shown = ctl(postern, "message", "show", line["delivery"])["deliveries"]
            return next(row for row in shown if row["delivery"] == line["delivery"])
    return None


def comes_to(postern, name, route, state):
    """Wait until a delivery has gone that way."""
    def there():
        row = delivery(postern, name)
        return row if row is not None and (row["route"], row["state"]) == (route, state) else None
    return wait_for("%s to be %s by %s" % (name, state, route), there)


def check_nothing_told(sink):
    """A server that could not be verified knows nothing of a letter, not even that there is one."""
    assert not sink.letters, [letter.content for letter in sink.letters]
    said = {line.split(" ")[0].upper() for line, _ in sink.commands}
    assert said <= {"EHLO", "STARTTLS", "QUIT"}, sink.commands


def check_arrived(sink, times=1):
    """The letter as it was, over TLS, and nothing of it before."""
    assert len(sink.letters) == times, len(sink.letters)
    for letter in sink.letters:
        assert letter.encrypted and CANARY.encode() in letter.content
        assert b"secure-" not in letter.content and letter.sender == ALICE, letter.content
        assert not letter.recipients[0].startswith("secure-")
    clear = {line.split(" ")[0].upper() for line, encrypted in sink.commands if not encrypted}
    assert clear <= {"EHLO", "STARTTLS"}, sink.commands


def test_servers_that_show_who_they_are():
    with house() as (here, postern):
        ways = {"good": "dane-ee", "anchored": "dane-ta", "byname": "dane-ta", "enforce": "mta-sts",
                "pinned": "pinned", "pinnedca": "pinned"}
        send(postern, *ways)
        for name, way in ways.items():
            row = comes_to(postern, name, "tls", "sent")
            check_arrived(here.sinks[name])
            assert row["key_source"] == way, row
            # The certificate on the wire is the one that is told.
            assert row["key_fingerprint"] == print_of(here.certificates[name][0]), row
            assert row["protection"].startswith("TLSv1.3, TLS_"), row
            assert row["key_place"] == (here.sinks[name].host if way == "pinned" else "mx.%s.example" % name), row
            assert row["relay_status"].startswith("2."), row
        assert not [path for path in postern.maildir.rglob("*") if path.is_file()
                    and CANARY.encode() in path.read_bytes()]
        # Once all have theirs, nobody can read it here any more.
        postern.settle()
        assert postern.query("select gateway_wrap is null from message") == [["t"]]


def test_servers_that_do_not():
    with house() as (here, postern):
        names = ("misnamed", "foreign", "wrong", "stripped", "stsname", "stsforeign", "badpin", "badname",
                 "inward")
        send(postern, *names)
        for name in names:
            comes_to(postern, name, "portal", "held")
            check_nothing_told(here.sinks[name])
            assert name == "inward" or here.sinks[name].connected == 1, (name, here.sinks[name].connected)
        # Each sender's mail is one, and the message is whole for who gets it.
        mails = [postern.next_letter(ALICE)[0] for _ in names]
        assert len({mail["Subject"] for mail in mails}) == len(names)
        postern.settle()
        assert len(postern.letters(ALICE)) == len(names)
        assert postern.query("select gateway_wrap is null from message") == [["t"]]
        (asked,) = [mail for mail in mails if to("wrong") in mail["Subject"]]
        desk.finish(link_in(asked, "s"))
        page, _ = desk.opens(link_in(desk.notice(postern, to("wrong")), "r"))
        assert CANARY in page.text and "notes.bin" in page.text


def test_domains_that_promise_nothing():
    with house() as (here, postern):
        names = ("expired", "bogus", "unsigned", "testing", "none", "unlisted")
        send(postern, *names)
        for name in names:
            comes_to(postern, name, "portal", "held")
            assert here.sinks[name].connected == 0, name
            check_nothing_told(here.sinks[name])


def test_what_is_said_before():
    with house() as (_, postern):
        for name, outcome, source in (("good", "tls", "dane"), ("enforce", "tls", "mta-sts"),
                                      ("pinned", "tls", "pinned"), ("bogus", "held", ""), ("testing", "held", "")):
            told = ctl(postern, "route", "test", ALICE, "secure-" + to(name))
            assert (told["outcome"], told["source"] or "", told["looking"]) == (outcome, source, False), told
        lines = {row["source"]: row for row in ctl(postern, "key", "find", to("bogus"))["sources"]}
        assert (lines["tls"]["outcome"], lines["tls"]["reason"]) == ("failed", "bogus"), lines


def test_other_servers_of_the_domain():
    with house() as (here, postern), Sink(port=here.port, host="127.0.1.200") as first:
        # The preferred one does not offer TLS: somebody may stand before it.
        send(postern, "second")
        comes_to(postern, "second", "tls", "sent")
        check_arrived(here.sinks["second"])
        assert first.connected == 1
        check_nothing_told(first)


def test_a_server_whose_address_is_not_told():
    with house() as (here, postern):
        send(postern, "slow")
        comes_to(postern, "slow", "tls", "sent")
        check_arrived(here.sinks["slow"])
        assert here.resolver.forgotten > 0


def test_the_next_way_is_the_ladders():
    ladders = ('ladders = ( { domains = ( "strict.example" ); ladder = ( "tls" ); }, '
               '{ domains = ( "keyed.example" ); ladder = ( "tls", "smime" ); } ); ')
    with house(policy=LADDER + ladders) as (here, postern), Pki() as pki:
        postern.ctl("ca", "import", str(pki.authority), "--config", str(postern.config))
        postern.ctl("key", "import", str(pki.person(to("keyed"))), "--config", str(postern.config))
        send(postern, "strict")
        bounce, raw = postern.next_letter(ALICE)
        assert bounce.get_content_type() == "multipart/report" and CANARY.encode() not in raw
        assert b"5.7.1" in raw and "did not leave in clear" in body_text(bounce), body_text(bounce)
        row = comes_to(postern, "strict", "refuse", "failed")
        assert row["reason"] == "no-secure-way", row
        send(postern, "keyed")
        letter, raw = postern.next_letter(to("keyed"))
        assert letter.get_content_type() == "application/pkcs7-mime" and CANARY.encode() not in raw
        assert CANARY.encode() in pki.open(to("keyed"), raw)
        row = comes_to(postern, "keyed", "smime", "sent")
        assert row["key_source"] == "imported" and row["protection"].startswith("S/MIME"), row
        for name in ("strict", "keyed"):
            check_nothing_told(here.sinks[name])
        postern.settle()
        assert postern.query("select count(*) from chunk") == [["0"]]


def test_off_by_default():
    with house(policy="") as (here, postern):
        send(postern, "good", "pinned")
        for name in ("good", "pinned"):
            comes_to(postern, name, "portal", "held")
            assert here.sinks[name].connected == 0


def test_a_server_that_is_away_has_its_time():
    with house(policy=LADDER + 'retry = "1 s"; ') as (here, postern):
        here.sinks["dead"].stop()
        send(postern, "dead")
        wait_for("a second try", lambda: int(postern.query("select coalesce(max(tries), 0) from outbox where kind = 22")[0][0]) > 1)
        row = delivery(postern, "dead")
        assert (row["route"], row["state"]) == ("tls", "queued"), row
        here.sinks["dead"].start()
        postern.set_clock(1800)
        comes_to(postern, "dead", "tls", "sent")
        check_arrived(here.sinks["dead"])
        # The next one waits longer than that.
        here.sinks["dead"].stop()
        send(postern, "dead")
        wait_for("a first try", lambda: postern.query("select 1 from outbox where kind = 22 and state = 1 and tries > 0"))
        postern.set_clock(1800 + 3700)
        comes_to(postern, "dead", "portal", "held")
        here.sinks["dead"].start()


def test_the_queue_tells_of_it():
    with house(policy=LADDER + 'retry = "2 h"; ') as (here, postern):
        here.sinks["dead"].stop()
        send(postern, "dead")
        (row,) = wait_for("its try", lambda: [row for row in ctl(postern, "queue", "list")["queue"] if row["tries"]])
        assert (row["kind"], row["recipient"]) == ("verified", to("dead")), row
        ctl(postern, "queue", "delete", row["mail"], "--bounce")
        _, raw = postern.next_letter(ALICE)
        assert b"5.3.0" in raw and CANARY.encode() not in raw, raw
        comes_to(postern, "dead", "tls", "failed")
        here.sinks["dead"].start()
        check_nothing_told(here.sinks["dead"])


def test_a_server_that_says_later():
    with house(policy=LADDER + 'retry = "1 s"; ') as (here, postern):
        here.answers["later"] = lambda verb, _: "450 4.2.0 later" if verb == "RCPT" else None
        send(postern, "later")
        wait_for("a try", lambda: postern.query("select 1 from outbox where kind = 22 and state = 1 and tries > 1"))
        here.answers["later"] = lambda verb, _: "550 5.1.1 nobody" if verb == "RCPT" else None
        # Its word is final: that is no question of the way.
        bounce, raw = postern.next_letter(ALICE)
        assert bounce.get_content_type() == "multipart/report" and b"5.1.1" in raw, raw
        comes_to(postern, "later", "tls", "failed")


def test_a_server_that_puts_tls_off():
    with house(policy=LADDER + 'retry = "1 s"; ') as (here, postern):
        here.answers["notls"] = lambda verb, _: "454 4.7.0 not now" if verb == "STARTTLS" else None
        send(postern, "notls")
        wait_for("a second try", lambda: int(postern.query("select coalesce(max(tries), 0) from outbox where kind = 22")[0][0]) > 1)
        row = delivery(postern, "notls")
        assert (row["route"], row["state"]) == ("tls", "queued"), row
        check_nothing_told(here.sinks["notls"])
        del here.answers["notls"]
        postern.set_clock(1800)
        comes_to(postern, "notls", "tls", "sent")
        check_arrived(here.sinks["notls"])


def test_a_server_that_may_have_it():
    with house(policy=LADDER + 'retry = "1 s"; ') as (here, postern):
        given = []

        def answer(verb, _):
            """It takes all of the letter and dies; then nobody answers any more."""
            if verb == ".":
                given.append(True)
            return "close" if verb == "." or (verb == "CONNECT" and given) else None
        here.answers["unclear"] = answer
        send(postern, "unclear")
        wait_for("a try", lambda: postern.query("select 1 from delivery where handed_over"))
        # Whatever the time: nobody else gets it.
        postern.set_clock(7200)
        tried = here.sinks["unclear"].connected
        wait_for("another try", lambda: here.sinks["unclear"].connected > tried + 1)
        row = delivery(postern, "unclear")
        assert (row["route"], row["state"]) == ("tls", "queued"), row
        del here.answers["unclear"]
        postern.set_clock(14400)
        comes_to(postern, "unclear", "tls", "sent")
        check_arrived(here.sinks["unclear"], times=2)
        assert postern.letters(ALICE) == [] and postern.letters(to("unclear")) == []


def test_kills_on_the_way():
    with house(policy=LADDER) as (here, postern):
        here.answers["killed"] = lambda verb, _: "hang" if verb == "EHLO" else None
        for round_ in range(3):
            before = here.sinks["killed"].connected
            if round_ == 0:
                send(postern, "killed")
            wait_for("a connection", lambda: here.sinks["killed"].connected > before)
            postern.stop("courier", how=signal.SIGKILL)
            here.sinks["killed"].drop()
            postern.start("courier")
            postern.set_clock(20 * (round_ + 1))  # the lease of the one that is gone is over
        postern.query("create function slow() returns trigger language plpgsql as "
                      "$$ begin perform pg_sleep(600); return new; end $$")
        # In whatever moment of its fall the next one dies, it falls once.
        moments = ("trigger slow before update of route on delivery", "trigger slow before insert on outbox",
                   "constraint trigger slow after insert on outbox deferrable initially deferred")
        for round_, moment in enumerate(moments):
            table = re.search(r" on (\w+)", moment).group(1)
            postern.query("create %s for each row execute function slow()" % moment)
            postern.set_clock(1000 + 20 * round_)
            if round_ == 0:
                here.answers["killed"] = lambda verb, _: "502 no" if verb == "STARTTLS" else None
                here.sinks["killed"].drop()
            else:
                postern.start("courier")
            wait_for("the fall", lambda: postern.query(
                "select 1 from pg_stat_activity where usename = 'postern_courier' and "
                "datname = current_database() and wait_event = 'PgSleep'"))
            postern.stop("courier", how=signal.SIGKILL)
            postern.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postern_courier' "
                "and datname = current_database()")
            wait_for("its session to be gone", lambda: not postern.query(
                "select 1 from pg_stat_activity where usename = 'postern_courier' and "
                "datname = current_database()"))
            assert postern.query("select kind, state from outbox") == [["22", "1"]]
            postern.query("drop trigger slow on " + table)
        postern.set_clock(2000)
        postern.start("courier")
        comes_to(postern, "killed", "portal", "held")
        postern.next_letter(ALICE)
        postern.settle()
        assert not [letter for letter in here.sinks["killed"].letters]
        assert postern.query("select count(*) from delivery") == [["1"]]
        assert postern.query("select kind, count(*) from outbox group by kind order by kind") == [["2", "1"], ["22", "1"]]


def test_each_of_eight_gets_theirs():
    """One message to people who need eight different ways; and one in Bcc, whom nobody sees."""
    people = {"rsa": "rsa@example.net", "ec": "ec@example.net", "openpgp": "grace@example.net", "tls": to("good"),
              "template": "tom@example.net", "held": "hank@example.net", "refused": "rob@strictly.example",
              "plain": "pete@example.net", "blind": "blind@example.net"}
    policy = ('ladder = ( "smime", "openpgp", "tls", "portal" ); '
              'ladders = ( { domains = ( "strictly.example" ); ladder = ( "smime" ); } ); ')
    with Pki() as pki, Gpg() as gpg, house(policy=policy) as (here, postern):
        desk.new_template(postern, desk.sign_in(postern), people["template"])
        postern.ctl("ca", "import", str(pki.authority), "--config", str(postern.config))
        key = pki.folder / "grace.gpg"
        key.write_bytes(gpg.run("--export", gpg.make("Grace <%s>" % people["openpgp"], "ed25519", "cv25519")))
        for path in (pki.person(people["rsa"]), pki.person(people["ec"], "ec"), pki.person(people["blind"]), key):
            postern.ctl("key", "import", str(path), "--config", str(postern.config))
        marked = {way: address if way == "plain" else "secure-" + address for way, address in people.items()}
        shown = ", ".join(address for way, address in marked.items() if way != "blind")
        postern.send(ALICE, list(marked.values()), desk.letter(
            to=shown, subject="Eight ways", body=CANARY + " sings.\n", Bcc=marked["blind"]))

        # What comes to whom: their own way, once.
        copies = {way: postern.next_letter(people[way]) for way in ("rsa", "ec", "openpgp", "template", "plain", "blind")}
        for_alice = [postern.next_letter(ALICE) for _ in range(3)]
        wait_for("the letter by verified TLS", lambda: here.sinks["good"].letters)
        postern.settle()
        for way, address in people.items():
            assert len(postern.letters(address)) == (way in copies), way
        (by_tls,) = here.sinks["good"].letters
        assert by_tls.recipients == [people["tls"]], by_tls.recipients
        for way in ("rsa", "ec", "blind"):
            assert copies[way][0].get_content_type() == "application/pkcs7-mime", way
            assert CANARY.encode() in pki.open(people[way], copies[way][1]), way
        assert copies["openpgp"][0].get_content_type() == "multipart/encrypted"
        assert CANARY.encode() in gpg.run("--decrypt", given=copies["openpgp"][0].get_payload()[1].get_payload(decode=True))
        # Whoever opens another's copy has the wrong key.
        for way, other in (("rsa", "ec"), ("ec", "rsa"), ("blind", "rsa")):
            name = str(pki.folder / people[other].replace("@", "-"))
            assert subprocess.run(["openssl", "cms", "-decrypt", "-inkey", name + ".key", "-recip", name + ".pem"],
                                  input=copies[way][1], capture_output=True, check=False).returncode != 0, way
        assert CANARY in by_tls.content.decode() and CANARY in body_text(copies["plain"][0])
        notice = link_in(copies["template"][0], "r")
        assert notice
        by_subject = sorted(body_text(letter) for letter, _ in for_alice)
        held = [text for text in by_subject if people["held"] in text and "/s/" in text]
        assert len(held) == 1, by_subject
        assert any(letter.get_content_type() == "multipart/report" and people["refused"] in str(letter)
                   for letter, _ in for_alice)

        # Nothing of one in the copy of another.
        readable = {"plain": copies["plain"][1], "tls": by_tls.content, "template": copies["template"][1],
                    "rsa": copies["rsa"][1] + pki.open(people["rsa"], copies["rsa"][1]),
                    "ec": copies["ec"][1] + pki.open(people["ec"], copies["ec"][1])}
        for way, raw in readable.items():
            # With what base64 cannot have by chance.
            assert b"bcc:" not in raw.lower() and b"blind@" not in raw, (way, raw)
            assert b"secure-" not in raw, way
            assert postern.url.encode() + b"/s/" not in raw, way
            assert way == "template" or notice.encode() not in raw, way
        assert CANARY.encode() not in readable["template"]
        routes = {delivery["recipient"]: delivery["route"]
                  for delivery in ctl(postern, "message", "list", "--state", "all")["deliveries"]}
        assert {way: routes[address] for way, address in people.items()} == {
            "rsa": "smime", "ec": "smime", "openpgp": "openpgp", "tls": "tls", "template": "portal",
            "held": "portal", "refused": "refuse", "plain": "plain", "blind": "smime"}, routes


def test_keys_that_come_with_it_are_noted():
    with house() as (here, postern), Pki() as pki:
        postern.ctl("ca", "import", str(pki.authority), "--config", str(postern.config))
        pki.person(ALICE)
        header = "From: %s\r\nTo: secure-%s\r\nSubject: Hello\r\n" % (ALICE, to("good"))
        text = b"Content-Type: text/plain\r\n\r\n" + CANARY.encode() + b" sings.\r\n"
        postern.send(ALICE, ["secure-" + to("good")], header.encode() + pki.signed_by_openssl(ALICE, text))
        comes_to(postern, "good", "tls", "sent")
        check_arrived(here.sinks["good"])
        wait_for("keys to be looked at", lambda: postern.query("select count(*) from harvest") == [["0"]])
        found = [(key["source"], key["standing"]) for key in ctl(postern, "key", "list", "--address", ALICE)["keys"]]
        assert found == [("signed-mail", "found")], found


def test_sender_and_desk_see_it():
    with house() as (here, postern):
        visitor = desk.sign_in(postern)

        def would():
            page = desk.desk(postern, visitor, "/would", address="secure-" + to("fresh"))
            return None if "still looking" in page.words() else page
        page = wait_for("the look-up", would)
        assert "leave at once over a verified connection" in page.words(), page.words()
        send(postern, "fresh")
        row = comes_to(postern, "fresh", "tls", "sent")
        ((link, line),) = desk.rows(desk.desk(postern, visitor, "/messages", show="all"))
        assert "sent over a verified connection" in line, line
        words = visitor.get(link).words()
        assert "mx.fresh.example" in words and "TLSv1.3" in words and "the signed DNS" in words, words
        assert row["key_fingerprint"][:4] in words
        log = postern.log.read_text()
        assert "event=sent-verified" in log and CANARY not in log


if __name__ == "__main__":
    cases.run("__main__")
