#!/usr/bin/python3 -B
"""Where mail goes: several smarthosts, transports by domain, destinations that are dead or slow."""

import hashlib
import pathlib
import ssl
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, free_port, wait_for  # noqa: E402
from sink import Sink  # noqa: E402

ALICE, BOB = "alice@corp.example", "bob@corp.example"
FRED, MARY = "fred@example.net", "mary@sub.example.net"
CAROL = "carol@example.com"
LETTER = "From: Alice <alice@corp.example>\nSubject: n\nMessage-ID: <t-%s@corp.example>\n\nText.\n"


def relay(text):
    """The group, for this machine."""
    return 'relay: { tls = "never"; timeout = "5 s"; rest = "1 s"; %s };' % text


def hosts(*rows):
    """Smarthosts as (sink, priority)."""
    return relay("hosts = ( %s );" % ", ".join(
        '{ host = "127.0.0.1"; port = %d; priority = %d; }' % (sink.port, priority)
        for sink, priority in rows))


def transport(domains, sink, more=""):
    """A row of the table."""
    return '{ domains = ( %s ); hosts = ( "127.0.0.1:%d" ); %s }' % (
        ", ".join('"%s"' % domain for domain in domains), sink.port, more)


def waiting(postern):
    """(tries, lane) of what is queued."""
    return postern.query("select tries, lane from outbox where state = 1 order by id")


def send(postern, name, *recipients):
    """One message."""
    postern.send(ALICE, list(recipients), LETTER % name)


def test_smarthosts():
    """Equal ones take turns; the next ones wait until these cannot be reached, greet with an error,
    or break off before they have taken anything.  Nothing is put off by it."""
    mood = {}

    def answer(verb, _):
        return mood.get(verb)

    with Sink(answer) as first, Sink() as second, Sink() as spare:
        text = hosts((first, 10), (second, 10), (spare, 20))
        with Postern(relay=text, courier="workers = 1;", policy='retry = "1 h";') as postern:
            for i in range(6):
                send(postern, i, CAROL)
            postern.settle()
            assert (len(first.letters), len(second.letters)) == (3, 3)
            assert first.connected == second.connected == 1 and not spare.connected
            said = [line for line, _ in first.commands]
            assert "RSET" not in said, said
            second.stop()
            for name, fault in (("CONNECT", "450 4.3.2 not now"), ("CONNECT", "554 5.3.2 not here"),
                                ("CONNECT", "close"), ("EHLO", "421 4.3.2 not now"),
                                ("MAIL", "421 4.3.2 not now"), ("RCPT", "421 4.3.2 not now"),
                                ("DATA", "close"), (".", "421 4.3.2 not now")):
                mood.clear()
                mood[name] = fault
                before = len(first.letters), len(spare.letters)
                # A connection that is kept has its greeting behind it.
                first.drop()
                send(postern, fault[:3] + name, CAROL)
                wait_for(name + " " + fault, lambda: len(spare.letters) == before[1] + 1)
                assert len(first.letters) == before[0]
            mood.clear()
            postern.settle()

            def again():
                send(postern, "again", CAROL)
                postern.settle()
                return len(first.letters) > 3
            wait_for("the first host to be asked again", again)
            assert "status=deferred" not in postern.log.read_text()


def test_refusals_are_final_and_later_is_later():
    """What a server says of a recipient is its answer: nobody else is asked."""
    def answer(verb, argument):
        if verb == "RCPT":
            return {"a": "550 5.1.1 no", "b": "451 4.2.0 later"}.get(argument.partition("<")[2][:1])
        return None

    with Sink(answer) as first, Sink() as spare:
        with Postern(relay=hosts((first, 10), (spare, 20)), policy='retry = "1 h";') as postern:
            send(postern, 1, "a@example.com", "b@example.com", "c@example.com")
            wait_for("the three", lambda: [row[0] for row in waiting(postern)] == ["1"])
            assert [letter.recipients for letter in first.letters] == [["c@example.com"]]
            assert not spare.letters


def test_domains():
    """Each recipient by its own way, from one message; one that is dead keeps only its own."""
    with Sink() as inside, Sink() as partner, Sink() as smarthost:
        text = relay('host = "127.0.0.1"; port = %d; transports = ( %s, %s );' % (
            smarthost.port, transport(["own"], inside),
            transport(["example.net", ".example.net"], partner)))
        with Postern(relay=text, courier="workers = 2;", policy='retry = "1 h";') as postern:
            send(postern, 1, BOB, FRED, MARY, CAROL, "dave@dept.corp.example")
            postern.settle()
            assert [sorted(letter.recipients) for letter in inside.letters] == [
                [BOB, "dave@dept.corp.example"]]
            assert [letter.recipients for letter in smarthost.letters] == [[CAROL]]
            assert [sorted(letter.recipients) for letter in partner.letters] == [[FRED, MARY]]
            assert len({letter.content for sink in (inside, partner, smarthost)
                        for letter in sink.letters}) == 1

            partner.stop()
            send(postern, 2, FRED, CAROL)  # this one finds out, and has had its try
            wait_for("the try", lambda: [row[0] for row in waiting(postern)] == ["1"])
            # Those behind it wait without one, and nobody else waits at all.
            for i in range(3, 9):
                send(postern, i, FRED, CAROL)
            wait_for("the others", lambda: len(smarthost.letters) == 8)
            wait_for("their lanes", lambda: sum(row[1] != "0" for row in waiting(postern)) >= 5)
            partner.start()
            wait_for("what waited", lambda: len(partner.letters) >= 1 + 5)
            assert len(smarthost.letters) == 8
            lanes = {row[0] for row in postern.query("select distinct lane from outbox")}
            assert len(lanes) == 2 and "0" in lanes, lanes


def test_a_slow_destination():
    """It holds as many connections as it may, and none of the others' time."""
    slow = {"yes": True}

    def answer(verb, _):
        return "hang" if slow["yes"] and verb == "RCPT" else None

    with Sink(answer) as molasses, Sink() as smarthost:
        text = ('relay: { tls = "never"; timeout = "60 s"; rest = "1 s"; host = "127.0.0.1"; port = %d; '
                'transports = ( %s ); };' % (smarthost.port, transport(["example.net"], molasses)))
        with Postern(relay=text, courier="workers = 4;") as postern:
            for i in range(12):
                send(postern, i, FRED)
            wait_for("both of its connections", lambda: molasses.connected == 2)
            for i in range(6):
                send(postern, "x%d" % i, CAROL)
            wait_for("the others", lambda: len(smarthost.letters) == 6)
            assert molasses.connected == 2 and not molasses.letters
            slow["yes"] = False
            molasses.drop()
            wait_for("those that waited", lambda: len(molasses.letters) >= 10)


def test_connections():
    """Kept over letters, closed politely after so many, and when there is no more work."""
    with Sink() as sink:
        text = relay('host = "127.0.0.1"; port = %d; messages = 4; idle = "1 s";' % sink.port)
        with Postern(relay=text, courier="workers = 1;", start=False) as postern:
            postern.start("ingest")
            for i in range(9):
                send(postern, i, CAROL)
            postern.start("courier")
            wait_for("all", lambda: len(sink.letters) == 9)
            wait_for("the last goodbye",
                     lambda: [line for line, _ in sink.commands].count("QUIT") == 3)
            assert sink.connected == 3


def test_fingerprints():
    """A certificate that nobody signed, known by the table; another one gets nothing."""
    with Postern(start=False) as postern:
        certificate = (postern.folder / "tls.pem", postern.folder / "tls.key")
        der = ssl.PEM_cert_to_DER_cert(certificate[0].read_text())
        right = hashlib.sha256(der).hexdigest()
        with Sink(certificate=certificate) as known, Sink(certificate=certificate) as other, \
                Sink(port=free_port()) as smarthost:
            more = 'tls = "fingerprint"; fingerprints = ( "%s" );'
            postern.relay = relay('host = "127.0.0.1"; port = %d; transports = ( %s, %s );' % (
                smarthost.port, transport(["example.net"], known, more % right),
                transport(["example.com"], other, more % right[::-1])))
            postern.write_config()
            postern.start()
            send(postern, 1, FRED, CAROL)
            wait_for("the known one", lambda: known.letters)
            wait_for("the other's try", lambda: waiting(postern) and waiting(postern)[0][0] == "1")
            assert known.letters[0].encrypted and not other.letters and not smarthost.letters
            assert not [line for line, _ in other.commands if line.startswith("MAIL")]
            assert "event=relay-fingerprint" in postern.log.read_text()


cases.run(__name__)
