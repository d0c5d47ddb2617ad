#!/usr/bin/python3 -B
"""Postern behind Postfix, in both placements of docs/integration.md: everything goes through it, or
only what is marked.  The world and the organisation's mailboxes are sinks."""

import pathlib
import re
import smtplib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from chain import chain, parse, split  # noqa: E402
from desk import finish, letter, opens  # noqa: E402
from postern import body_text, link_in, wait_for  # noqa: E402

ALICE, BOB, FRED = "alice@corp.example", "bob@example.com", "fred@example.net"


def plain(to=BOB, subject="Figures", body="Only words.\r\n"):
    """An unmarked message."""
    return ("From: Alice <alice@corp.example>\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@corp."
            "example>\r\nDate: Thu, 26 Nov 2026 08:00:00 +0100\r\n\r\n%s" % (
                to, subject, subject.encode().hex(), body)).encode()


def arrives(here, content, to=BOB, hops=3):
    """The message comes out as it went in, apart from the trace lines; gives these and the letter."""
    found = here.take(here.world, to)
    traces, rest = split(found.content)
    assert rest == content, rest[:2000]
    assert len(traces) == hops, traces
    assert sum(b"(Postern)" in trace for trace in traces) == (hops == 3), traces
    return traces, found


def secured(here, content, body, to="secure-" + FRED):
    """The whole story of a marked message; nothing of its body is ever seen outside the portal."""
    here.send(content, to)
    asked = here.take(here.inbox, ALICE)
    assert asked.sender == "" and body.encode() not in asked.content
    finish(link_in(parse(asked), "s"), receipt_opened=None)
    notice = here.take(here.world, FRED)
    assert notice.sender == ALICE and body.encode() not in notice.content
    assert body_text(parse(notice))
    page, _ = opens(link_in(parse(notice), "r"))
    assert body in page.words(), page.words()


def test_all_mail_unmarked():
    with chain() as here:
        content = plain()
        here.send(content, BOB)
        _, found = arrives(here, content)
        assert found.sender == ALICE
        here.settle()


def test_all_mail_marked():
    with chain() as here:
        secured(here, letter(body="Between us only.\n"), "Between us only.")
        secured(here, letter(to=FRED, subject="[secure] Figures", body="By its subject.\n"),
                "By its subject.", FRED)
        here.settle()


def test_a_bounce_comes_home_once():
    with chain() as here:
        to = "bob@bounce.example"
        here.send(plain(to, "Refused"), to)
        bounce = here.take(here.inbox, ALICE)
        assert bounce.sender == ""
        message = parse(bounce)
        assert message.get_content_type() == "multipart/report"
        assert b"5.1.1" in bounce.content and to.encode() in bounce.content
        here.settle()


def test_a_notice_that_bounces_comes_home_once():
    with chain() as here:
        to = "fred@bounce.example"
        here.send(letter(to="secure-" + to, body="Between us only.\n"), "secure-" + to)
        finish(link_in(parse(here.take(here.inbox, ALICE)), "s"))
        bounce = here.take(here.inbox, ALICE)
        assert parse(bounce).get_content_type() == "multipart/report"
        assert b"5.1.1" in bounce.content and b"Between us" not in bounce.content
        here.settle()


def test_a_report_that_was_asked_for():
    """Whether Postern passes the wish on or not, the sender hears once."""
    with chain() as here:
        content = plain(subject="Report")
        here.send(content, BOB, options=["RET=HDRS", "ENVID=QQ314159"], rcpt_options=[
            "NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;" + BOB])
        arrives(here, content)
        report = here.take(here.inbox, ALICE)
        text = report.content.lower()
        assert b"action: relayed" in text or b"action: delivered" in text, text
        assert b"original-envelope-id: qq314159" in text
        here.settle()


def test_eight_bits():
    with chain() as here:
        content = (plain(subject="Bits").decode() + "Grüße aus Köln, 東京\r\n").encode()
        content = content.replace(b"\r\n\r\n", b"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
                                  b"charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n", 1)
        content += bytes(range(128, 256)) + b"\r\n"
        here.send(content, BOB, options=["BODY=8BITMIME"])
        arrives(here, content)
        assert any("BODY=8BITMIME" in line for line, _ in here.world.commands
                   if line.startswith("MAIL"))
        here.settle()


def test_addresses_beyond_ascii():
    with chain() as here:
        to = "用户@example.net"
        content = plain(to, "Grüße")
        here.send(content, to, sender="josé@corp.example", options=["SMTPUTF8"])
        _, found = arrives(here, content, to)
        assert found.sender == "josé@corp.example"
        assert any("SMTPUTF8" in line for line, _ in here.world.commands
                   if line.startswith("MAIL"))
        here.settle()


def test_a_big_message():
    with chain() as here:
        content = plain(subject="Big", body="0123456789abcdef" * 4 + "\r\n") \
            + (b"x" * 74 + b"\r\n.." + b"y" * 70 + b"\r\n") * 40_000
        here.send(content, BOB)
        arrives(here, content)
        here.settle()


def test_clients_are_passed_on():
    """XFORWARD: Postern's log tells who gave the message to Postfix, and only the log."""
    with chain() as here:
        content = plain(subject="From afar")
        with smtplib.SMTP("127.0.0.1", here.postfix.submit, "pc.corp.example",
                          source_address=("127.0.0.7", 0)) as smtp:
            smtp.sendmail(ALICE, [BOB], content)
        traces, _ = arrives(here, content)
        assert b"127.0.0.7" not in traces[0] + traces[1], traces
        wait_for("its line in the log", lambda: re.search(
            r"event=message .*forwarded=\S*127\.0\.0\.7", here.postern.log.read_text()))
        here.settle()


def test_a_loop_ends():
    """The relay is set to the port for people instead of the way back: it must not go on for ever."""
    with chain() as here:
        here.relay_to(here.postfix.submit)
        try:
            here.send(plain(subject="Loop"), BOB)
            bounce = here.take(here.inbox, ALICE)
            assert b"5.4.6" in bounce.content and b"Too many hops" in bounce.content
            here.settle()
        finally:
            here.relay_to(here.reentry)


def test_a_hosted_service_needs_its_key():
    """Its addresses are those of its other customers too; only the key tells them apart."""
    with chain() as here:
        content = plain(subject="Hosted")
        for key in (b"", b"X-Postern-Key: 5ee1c2d7a90\r\n", b"X-Postern-Key: 5ee1c2d7a90bb\r\n",
                    b"Subject: X-Postern-Key: 5ee1c2d7a90b\r\n"):
            here.send(key + content, BOB, port=here.postfix.hosted)
        here.settle()
        # From elsewhere not even with the key.
        keyed = b"X-Postern-Key: 5ee1c2d7a90b\r\n" + content
        with smtplib.SMTP("127.0.0.1", here.postfix.hosted, "pc.corp.example",
                          source_address=("127.0.0.7", 0)) as smtp:
            smtp.ehlo()
            smtp.mail(ALICE)
            assert smtp.rcpt(BOB)[0] == 554
        here.settle()
        here.send(keyed, BOB, port=here.postfix.hosted)
        arrives(here, content)
        here.send(letter(body="Not for others.\n", X_Postern_Key="5ee1c2d7a90b"), "secure-" + FRED,
                  port=here.postfix.hosted)
        finish(link_in(parse(here.take(here.inbox, ALICE)), "s"), receipt_opened=None)
        page, visitor = opens(link_in(parse(here.take(here.world, FRED)), "r"))
        assert "Not for others." in page.words()
        original = visitor.get(page.url + ".eml").body
        assert b"Not for others." in original and b"5ee1c2d7a90b" not in original
        here.settle()


# Ends of data that some server or other believed in.
ENDS = {
    "lf-dot-lf": b"\n.\n", "lf-dot-crlf": b"\n.\r\n", "crlf-dot-lf": b"\r\n.\n",
    "cr-dot-cr": b"\r.\r", "cr-dot-crlf": b"\r.\r\n", "crlf-dot-cr": b"\r\n.\r",
    "crlf-dot-nul-crlf": b"\r\n.\0\r\n", "crlf-nul-dot-crlf": b"\r\n\0.\r\n",
    "crlf-dot-space-crlf": b"\r\n. \r\n", "nel-dot-nel": b"\xc2\x85.\xc2\x85",
    "crlf-dots-crlf": b"\r\n..\r\n", "ff-dot-ff": b"\x0c.\x0c", "crcrlf-dot-crcrlf": b"\r\r\n.\r\r\n",
}
SMUGGLED = (b"MAIL FROM:<boss@corp.example>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\n"
            b"From: boss@corp.example\r\nSubject: smuggled\r\n\r\nPay at once.\r\n")


def talk(port, *pieces):
    """Send each piece after a reply to the one before; gives the last reply."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        replies = connection.makefile("rb")

        def reply():
            while (line := replies.readline())[3:4] == b"-":
                pass
            return line

        said = reply()
        for piece in pieces:
            connection.sendall(piece)
            said = reply()
        return said


def test_nothing_is_smuggled_to_the_server_behind():
    """Postfix takes bare line ends for line ends here; what Postern hands over has none."""
    with chain() as here:
        taken = 0
        for name, end in ENDS.items():
            said = talk(here.postern.smtp_port, b"EHLO mail.corp.example\r\n",
                        b"MAIL FROM:<alice@corp.example>\r\n", b"RCPT TO:<bob@example.com>\r\n",
                        b"DATA\r\n", b"Subject: " + name.encode() + b"\r\n\r\nfirst" + end +
                        SMUGGLED + b"\r\n.\r\n")
            assert said[:3] in (b"250", b"550", b"554", b"500"), (name, said)
            taken += said.startswith(b"250")
        here.postern.settle()
        for _ in range(taken):
            here.take(here.world, BOB)
        here.settle()
        assert 0 < taken < len(ENDS), taken
        wanted = [line for line, _ in here.world.commands if "victim@" in line and
                  line.upper().startswith("RCPT")]
        assert not wanted and "victim@" not in here.postfix.log()


def test_only_marked():
    with chain(marked_only=True) as here:
        content = plain()
        here.send(content, BOB)
        arrives(here, content, hops=1)
        secured(here, letter(body="Between us only.\n"), "Between us only.")
        here.settle()


def test_only_marked_recipients_of_one_message():
    with chain(marked_only=True) as here:
        content = letter(to="secure-%s, %s" % (FRED, BOB), body="For two.\n")
        here.send(content, "secure-" + FRED, BOB)
        arrives(here, content, hops=1)
        finish(link_in(parse(here.take(here.inbox, ALICE)), "s"))
        here.take(here.world, FRED)
        here.settle()


def test_only_marked_by_the_subject():
    with chain(marked_only=True) as here:
        secured(here, letter(to=FRED, subject="[Secure] Figures", body="By its subject.\n"),
                "By its subject.", FRED)
        secured(here, letter(to=FRED, body="By a header.\n", X_Secure="yes"), "By a header.", FRED)
        here.settle()


def test_only_marked_bounces():
    with chain(marked_only=True) as here:
        to = "bob@bounce.example"
        here.send(plain(to, "Refused"), to)
        assert b"5.1.1" in here.take(here.inbox, ALICE).content
        here.send(letter(to="secure-fred@bounce.example", body="Between us only.\n"),
                  "secure-fred@bounce.example")
        finish(link_in(parse(here.take(here.inbox, ALICE)), "s"))
        assert b"5.1.1" in here.take(here.inbox, ALICE).content
        here.settle()


if __name__ == "__main__":
    cases.run("__main__")
