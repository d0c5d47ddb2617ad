#!/usr/bin/python3 -B
"""Reports about deliveries: who is told what, by what was asked for (RFC 3461), and what comes back of a
message (RFC 3464, RFC 6533)."""

import email
import email.policy
import pathlib
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, link_in, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, FRED, CAROL = "alice@corp.example", "fred@example.net", "carol@example.com"
HEADER = (b"Received: from x by y;\r\n\tThu, 1 Jan 2026 00:00:00 +0000\r\nFrom: Alice <alice@corp.example>\r\n"
          b"Subject: Figures\r\nX-Odd:  two  blanks \r\nMessage-ID: <report@corp.example>\r\n\r\n")
BODY = b"The body of it: Gr\xc3\xb6\xc3\x9fe\r\n.dot\r\n"
OFFERS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN")


def relay(sink):
    """The only smarthost."""
    return 'relay: { host = "127.0.0.1"; port = %d; tls = "never"; rest = "1 s"; };' % sink.port


def send(postern, recipients, options=(), sender=ALICE, content=HEADER + BODY):
    """One message to {address: parameters}."""
    with smtplib.SMTP("127.0.0.1", postern.smtp_port, "client.corp.example", timeout=60) as smtp:
        smtp.ehlo()
        if not smtp.has_extn("dsn"):
            raise cases.Skip("ingest offers no DSN")
        code, said = smtp.mail(sender, list(options))
        assert code == 250, said
        for address, parameters in recipients.items():
            code, said = smtp.rcpt(address, list(parameters))
            assert code == 250, said
        code, said = smtp.data(content)
        assert code == 250, said


def parts(letter):
    """What a report says (fields of the message, fields of the recipient), and what it brings back."""
    message = email.message_from_bytes(letter.content, policy=email.policy.SMTP)
    assert letter.sender == "" and message.get_content_type() == "multipart/report"
    assert message["Auto-Submitted"] == "auto-replied"
    report, original = list(message.iter_parts())[1:3]
    fields = report.get_payload()
    return report.get_content_type(), fields[0], fields[1], original


def test_what_is_asked_for():
    """Success, failure and never, beside each other and unsaid; the server offers nothing."""
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" and "<no" in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink)) as postern:
        send(postern, {
            "yes-unsaid@example.com": [], "no-unsaid@example.com": [],
            "yes-never@example.com": ["NOTIFY=NEVER"], "no-never@example.com": ["NOTIFY=NEVER"],
            "yes-success@example.com": ["NOTIFY=SUCCESS", "ORCPT=rfc822;Yes+2BSuccess@example.com"],
            "no-success@example.com": ["NOTIFY=SUCCESS"],
            "no-failure@example.com": ["NOTIFY=FAILURE,DELAY"],
        }, ["RET=HDRS", "ENVID=one+2Btwo"])
        wait_for("the reports", lambda: len(sink.to(ALICE)) == 3)
        postern.settle()
        told = {}
        for letter in sink.to(ALICE):
            kind, of_message, of_recipient, original = parts(letter)
            assert kind == "message/delivery-status"
            assert of_message["Original-Envelope-Id"] == "one+two" and of_message["Arrival-Date"]
            assert of_recipient["Remote-MTA"] == "dns; 127.0.0.1" and of_recipient["Last-Attempt-Date"]
            assert original.get_content_type() == "text/rfc822-headers"
            assert "X-Odd:  two  blanks" in original.get_payload() and b"The body" not in letter.content
            told[of_recipient["Final-Recipient"].split("; ")[1]] = (
                of_recipient["Action"], of_recipient["Original-Recipient"])
        assert told == {
            "no-unsaid@example.com": ("failed", None), "no-failure@example.com": ("failed", None),
            "yes-success@example.com": ("relayed", "rfc822; Yes+Success@example.com")}, told
        assert len(sink.to(ALICE)) == 3
        wait_for("it to be cleared away", lambda: postern.query(
            "select state, gateway_wrap is null from message") == [["3", "t"]])


def test_the_next_server_reports_itself():
    with Sink(offers=OFFERS) as sink, Postern(relay=relay(sink)) as postern:
        send(postern, {FRED: ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;f+2B@example.net"],
                       CAROL: ["NOTIFY=NEVER"]}, ["RET=FULL", "ENVID=x"])
        wait_for("the letter", lambda: sink.letters)
        postern.settle()
        asked = dict(zip([""] + sink.letters[0].recipients, sink.letters[0].parameters))
        assert "RET=FULL ENVID=x" in asked[""], asked
        assert asked[FRED] == "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;f+2B@example.net", asked
        assert asked[CAROL] == "NOTIFY=NEVER" and not sink.to(ALICE)


def test_the_whole_message():
    """Comes back byte for byte when that is asked for; but not when anybody's copy was to be secured."""
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" and CAROL in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink)) as postern:
        send(postern, {CAROL: []}, ["RET=FULL", "BODY=8BITMIME"])
        bounce = wait_for("the bounce", lambda: sink.to(ALICE))[0]
        assert b"\r\n\r\nReceived: from client.corp.example" in bounce.content
        assert HEADER + BODY in bounce.content
        assert b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n" in bounce.content
        send(postern, {CAROL: [], "secure-" + FRED: []}, ["RET=FULL"])
        bounce = wait_for("the next", lambda: [letter for letter in sink.to(ALICE)[1:]
                                               if b"delivery-status" in letter.content])[0]
        assert b"The body of it" not in bounce.content and b"X-Odd" not in bounce.content
        assert b"Message-ID: <report@corp.example>" in bounce.content


def test_a_secured_message():
    """Success is that the next server took the notice; never means that nobody is told that it did not."""
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" and "nobody@" in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink)) as postern:
        send(postern, {"secure-" + FRED: ["NOTIFY=SUCCESS", "ORCPT=rfc822;secure-fred@example.net"]},
             ["ENVID=secret"])
        send(postern, {"secure-nobody@example.net": ["NOTIFY=NEVER"]})
        wait_for("the questions", lambda: len(sink.to(ALICE)) == 2)
        for asked in sink.to(ALICE)[:2]:
            page = Visitor()
            page.submit(page.get(link_in(email.message_from_bytes(
                asked.content, policy=email.policy.default), "s")), "clue", clue="Which bird?",
                passphrase="one red kite", passphrase_again="one red kite", lifetime_days="7")
        report = wait_for("the report", lambda: sink.to(ALICE)[2:])[0]
        _, of_message, of_recipient, _ = parts(report)
        assert of_message["Original-Envelope-Id"] == "secret"
        assert of_recipient["Action"] == "relayed"
        assert of_recipient["Original-Recipient"] == "rfc822; secure-fred@example.net"
        wait_for("the refusal", lambda: "event=failure-not-reported" in postern.log.read_text())
        postern.settle()
        assert len(sink.to(ALICE)) == 3
        assert b"The body of it" not in b"".join(letter.content for letter in sink.letters)


def test_no_report_about_a_report():
    """Neither about mail from the null reverse-path, nor about a report that is refused."""
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" else None

    with Sink(answer) as sink, Postern(relay=relay(sink)) as postern:
        send(postern, {CAROL: ["NOTIFY=FAILURE"]}, sender="")
        wait_for("it to fail", lambda: "null reverse-path" in postern.log.read_text())
        send(postern, {CAROL: []})
        wait_for("the report to fail", lambda: "event=report-dropped" in postern.log.read_text())
        postern.settle()
        assert not sink.letters
        wait_for("both to be cleared away", lambda: {
            row[0] for row in postern.query("select state from message")} == {"3"})


def test_beyond_ascii():
    with Sink(offers=("8BITMIME",)) as sink, Postern(relay=relay(sink)) as postern:
        jurgen = "j\u00fcrgen@example.net"
        send(postern, {jurgen: ["ORCPT=utf-8;j\\x{FC}rgen@example.net"]}, ["SMTPUTF8"])
        raw = wait_for("the report", lambda: sink.to(ALICE))[0].content.decode()
        assert "Content-Type: message/global-delivery-status\r\n" in raw
        assert ("Original-Recipient: utf-8; j\\x{FC}rgen@example.net\r\n"
                "Final-Recipient: utf-8; j\u00fcrgen@example.net\r\n"
                "Action: failed\r\nStatus: 5.6.7\r\n") in raw


cases.run(__name__)
