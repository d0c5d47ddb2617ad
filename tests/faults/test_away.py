#!/usr/bin/python3 -B
"""What others need may be away: the database, the relay, one of its recipients.  Mail waits or
comes back, nothing is promised that is not kept, and all goes on without a restart."""

import email
import email.policy
import pathlib
import re
import smtplib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, free_port, link_in, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE, FRED = "alice@corp.example", "fred@example.net"
BOB, CAROL, DAVE = "bob@example.com", "carol@example.com", "dave@example.com"
PASSPHRASE = "one red kite"
DAY = 86400
LETTER = ("From: Alice <alice@corp.example>\nTo: secure-fred@example.net\nSubject: Figures\n"
          "Message-ID: <away-%d@corp.example>\n\nThe body of it.\n")
PLAIN = LETTER.replace("secure-fred@example.net", "bob@example.com")


def relay(port, tls="never", more=""):
    """A relay on this machine."""
    return 'relay: { host = "127.0.0.1"; port = %d; tls = "%s"; timeout = "5 s"; rest = "1 s"; %s };' % (
        port, tls, more)


def hand_over(postern, sender, recipient, text):
    """One message; gives the code and text of the first reply that is no success, or the last."""
    with smtplib.SMTP("127.0.0.1", postern.smtp_port, "client.corp.example", timeout=30) as smtp:
        smtp.ehlo()
        for command in ("MAIL FROM:<%s>" % sender, "RCPT TO:<%s>" % recipient, "DATA"):
            code, said = smtp.docmd(command)
            if code >= 400:
                return code, said
        smtp.send(text.replace("\n", "\r\n").encode() + b".\r\n")
        return smtp.getreply()


def secure(link, **choices):
    """The sender's part."""
    visitor = Visitor()
    return visitor.submit(visitor.get(link), "clue", clue="Which bird?", passphrase=PASSPHRASE,
                          passphrase_again=PASSPHRASE, lifetime_days="7", **choices)


def test_database_away():
    with Postern(pg_options="") as postern:
        postern.send(ALICE, ["secure-" + FRED], LETTER % 1)
        held, _ = postern.next_letter(ALICE)
        secure(link_in(held, "s"))
        notice, _ = postern.next_letter(FRED)
        reader = Visitor()
        message = reader.submit(reader.get(link_in(notice, "r")), "passphrase",
                                passphrase=PASSPHRASE)
        assert "The body of it." in message.words()
        forms = (reader.get(link_in(notice, "r")), reader.get(message.url.replace(
            "/message", "/reply")))
        postern.send(ALICE, ["secure-" + FRED], LETTER % 2)
        second, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
        form = Visitor().get(link_in(second, "s"))
        # One that is on its way when it happens.
        postern.stop("courier")
        postern.send(ALICE, [BOB], PLAIN % 3)
        processes = dict(postern.processes)

        postern.cluster("stop", "fast")
        for size in (1, 40_000):
            code, said = hand_over(postern, ALICE, BOB, PLAIN % 4 + "More of it.\n" * size)
            assert code == 451 and said.startswith(b"4.3"), (code, said)
        assert Visitor().get(postern.url + "/healthz").status == 200
        assert Visitor().get(postern.url + "/readyz").status == 503
        for address in (link_in(notice, "r"), message.url, link_in(second, "s"),
                        message.url + ".eml"):
            answer = reader.get(address)
            assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0, address
            assert "nothing is lost" in answer.words().lower() or \
                "again" in answer.words().lower(), answer.words()
        answer = reader.submit(forms[0], "passphrase", passphrase=PASSPHRASE)
        assert answer.status == 503, answer.status
        answer = Visitor().submit(form, "clue", clue="Which bird?", passphrase=PASSPHRASE,
                                  passphrase_again=PASSPHRASE, lifetime_days="7")
        assert answer.status in (403, 503), answer.status
        answer = reader.submit(forms[1], "body", body="Many thanks, typed for an hour.")
        assert answer.status == 503, answer.status

        postern.cluster("start")
        # The courier was not there when it went: now it starts beside the others, which stayed.
        postern.start("courier")
        assert hand_over(postern, ALICE, BOB, PLAIN % 5)[0] == 250
        assert Visitor().get(postern.url + "/readyz").status == 200
        assert "The body of it." in reader.get(message.url).words()
        secure(link_in(second, "s"))
        postern.next_letter(FRED)
        answer = reader.submit(reader.get(message.url.replace("/message", "/reply")), "body",
                               body="Many thanks.")
        assert answer.status == 200, answer.status
        postern.next_letter(ALICE, lambda m: "Many thanks" in body_text(m))
        postern.settle()
        ids = sorted(email.message_from_bytes(raw)["Message-ID"] for _, raw in postern.letters(BOB))
        assert ids == ["<away-3@corp.example>", "<away-5@corp.example>"], ids
        for name, process in processes.items():
            assert process.poll() is None, name


def test_courier_outlives_the_database():
    with Postern(pg_options="") as postern:
        process = postern.processes["courier"]
        for mode in ("fast", "immediate"):
            postern.cluster("stop", mode)
            mark = postern.log.stat().st_size
            wait_for("the courier to notice", lambda: b"daemon=courier event=work-interrupted" in
                     postern.log.read_bytes()[mark:])
            postern.cluster("start")
            assert hand_over(postern, ALICE, BOB, PLAIN % 1)[0] == 250
            postern.next_letter(BOB)
            assert process.poll() is None
        postern.settle()
        assert len(postern.letters(BOB)) == 2


def due(postern):
    """Seconds until the queued letter is tried again, and how often it was tried."""
    row = postern.query("select next_at - created_at, tries from outbox where state = 1 and kind = 1")
    return [int(value) for value in row[0]] if row else None


def wait_for_try(postern, number, ahead):
    """Wait for the end of that try, by a clock that is so far ahead: it is counted when it begins, and leased
    for some seconds; then the next one is due, minutes later."""
    def ended():
        after, tries = due(postern) or (0, 0)
        return tries == number and after > ahead + 60
    wait_for("try %d" % number, ended)


def test_relay_away():
    port = free_port()
    with Postern(relay=relay(port), policy='retry = "5 min";') as postern:
        postern.send(ALICE, [BOB], PLAIN % 1)
        ahead, delays = 0, []
        for tries in range(1, 5):
            wait_for_try(postern, tries, ahead)
            after, _ = due(postern)
            delays.append(after - ahead)
            ahead = after + 5
            if tries < 4:
                postern.set_clock(ahead)
        # Each delay is twice the one before, with up to a quarter added; and it took some seconds.
        assert all(300 * 2 ** i <= delay < 375 * 2 ** i + 60 for i, delay in enumerate(delays)), delays
        with Sink(port=port) as sink:
            postern.set_clock(ahead)
            wait_for("the letter", lambda: sink.to(BOB))
            postern.settle()
            assert [letter.recipients for letter in sink.letters] == [[BOB]]
            letter = sink.letters[0]
            assert letter.sender == ALICE and b"The body of it." in letter.content
            postern.set_clock(ahead + DAY)
            postern.settle()
            assert len(sink.letters) == 1


def statuses(bounce):
    """The fields per recipient of a bounce (RFC 3464)."""
    message = email.message_from_bytes(bounce.content, policy=email.policy.default)
    assert message.get_content_type() == "multipart/report", message.get_content_type()
    assert message.get_param("report-type") == "delivery-status"
    part = [part for part in message.walk()
            if part.get_content_type() == "message/delivery-status"][0]
    return {str(block["Final-Recipient"]): block for block in part.get_payload()[1:]}


def test_one_of_three_refused():
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" and "bob@" in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink.port)) as postern:
        postern.send(ALICE, [BOB, CAROL, DAVE], PLAIN % 1)
        bounce = wait_for("the bounce", lambda: sink.to(ALICE))[0]
        assert bounce.sender == ""
        fields = statuses(bounce)
        assert list(fields) == ["rfc822; " + BOB], fields
        block = fields["rfc822; " + BOB]
        assert block["Action"] == "failed" and block["Status"] == "5.1.1"
        assert re.match(r"smtp; 550 5\.1\.1 no such user", block["Diagnostic-Code"])
        postern.set_clock(DAY)
        postern.settle()
        assert [len(sink.to(who)) for who in (BOB, CAROL, DAVE, ALICE)] == [0, 1, 1, 1]
        assert postern.query("select left(relay_status, 2), count(*) from delivery group by 1 "
                             "order by 1") == [["2.", "2"], ["5.", "1"]]
        # Nobody is told about a bounce that cannot be delivered.
        postern.send("", [BOB], PLAIN % 2)
        wait_for("the second to fail", lambda: postern.query(
            "select count(*) from delivery where relay_status = '5.1.1'") == [["2"]])
        postern.settle()
        assert len(sink.letters) == 2


def test_one_of_three_later():
    patience = {"left": 3}

    def answer(verb, argument):
        if verb == "RCPT" and "bob@" in argument and patience["left"] > 0:
            patience["left"] -= 1
            return "450 4.2.1 greylisted"
        return None

    with Sink(answer) as sink, Postern(relay=relay(sink.port),
                                       policy='retry = "5 min";') as postern:
        postern.send(ALICE, [BOB, CAROL, DAVE], PLAIN % 1)
        ahead, delays = 0, []
        for tries in (1, 2, 3):
            wait_for_try(postern, tries, ahead)
            assert not sink.to(BOB) and len(sink.letters) == 1
            delays.append(due(postern)[0] - ahead)
            ahead += delays[-1] + 5
            postern.set_clock(ahead)
        assert delays == sorted(delays) and delays[-1] > 3 * delays[0] - 60, delays
        wait_for("the last one", lambda: sink.to(BOB))
        postern.settle()
        assert [sorted(letter.recipients) for letter in sink.letters] == [[CAROL, DAVE], [BOB]]


def test_giving_up():
    def answer(verb, argument):
        return "450 4.2.2 mailbox full" if verb == "RCPT" and "bob@" in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink.port),
                                       policy='give_up = "5 d";') as postern:
        postern.send(ALICE, [BOB, CAROL], PLAIN % 1)
        for day in (0, 1, 2, 3, 4):
            postern.set_clock(day * DAY)
            wait_for_try(postern, day + 1, day * DAY)
        warning = wait_for("the warning", lambda: sink.to(ALICE))[0]
        fields = statuses(warning)["rfc822; " + BOB]
        assert fields["Action"] == "delayed" and fields["Status"] == "4.2.2"
        assert fields["Will-Retry-Until"]
        postern.set_clock(5 * DAY + 60)
        bounce = wait_for("the bounce", lambda: sink.to(ALICE)[1:])[0]
        fields = statuses(bounce)
        assert list(fields) == ["rfc822; " + BOB]
        assert fields["rfc822; " + BOB]["Action"] == "failed"
        assert fields["rfc822; " + BOB]["Status"] == "4.2.2"
        postern.set_clock(9 * DAY)
        postern.settle()
        assert [len(sink.to(who)) for who in (BOB, CAROL, ALICE)] == [0, 1, 2]


def test_a_notice_that_cannot_be_delivered():
    def answer(verb, argument):
        return "550 5.1.1 no such user" if verb == "RCPT" and "fred@" in argument else None

    with Sink(answer) as sink, Postern(relay=relay(sink.port)) as postern:
        postern.send(ALICE, ["secure-" + FRED], LETTER % 1)
        asked = wait_for("the question", lambda: sink.to(ALICE))[0]
        message = email.message_from_bytes(asked.content, policy=email.policy.default)
        secure(link_in(message, "s"))
        bounce = wait_for("the bounce", lambda: sink.to(ALICE)[1:])[0]
        assert list(statuses(bounce)) == ["rfc822; " + FRED]
        assert b"The body of it." not in b"".join(letter.content for letter in sink.letters)


def test_a_lost_last_reply():
    """Nobody can know whether a letter was taken: it is sent again, recognisably the same."""
    lose = {"left": 2}

    def answer(verb, argument):
        if verb == "." and lose["left"] > 0:
            lose["left"] -= 1
            return "close"
        return None

    with Sink(answer) as sink, Postern(relay=relay(sink.port),
                                       policy='retry = "1 min";') as postern:
        postern.send(ALICE, ["secure-" + FRED], LETTER % 1)
        for turn in (1, 2):
            wait_for("copy %d" % turn, lambda: len(sink.to(ALICE)) == turn)
            wait_for("try %d" % turn, lambda: postern.query(
                "select tries from outbox where kind = 2 and state = 1") == [[str(turn)]])
            postern.set_clock(turn * 3600)
        wait_for("the last copy", lambda: len(sink.to(ALICE)) == 3)
        postern.settle()
        copies = {re.search(rb"Message-ID: *(\S+)", letter.content, re.I).group(1)
                  for letter in sink.letters}
        links = {re.search(rb"/s/\w+", letter.content).group(0) for letter in sink.letters}
        assert len(sink.letters) == 3 and len(copies) == 1 and len(links) == 1


def test_a_silent_relay_holds_up_nobody_else():
    silent = {"on": True}

    def answer(verb, argument):
        return "hang" if verb == "RCPT" and "bob@" in argument and silent["on"] else None

    with Sink(answer) as sink, Postern(relay=relay(sink.port), policy='retry = "1 s";') as postern:
        postern.send(ALICE, [BOB], PLAIN % 1)
        wait_for("the silent one", lambda: any("bob@" in line for line, _ in sink.commands))
        postern.send(ALICE, [CAROL], PLAIN % 2)
        wait_for("the other one", lambda: sink.to(CAROL))
        silent["on"] = False
        wait_for("the silent one to speak", lambda: sink.to(BOB))
        postern.settle()
        assert len(sink.letters) == 2


def test_tls_is_required():
    port = free_port()
    with Postern(relay=relay(port, "encrypt"), policy='retry = "1 s";') as postern:
        certificate = (postern.folder / "tls.pem", postern.folder / "tls.key")
        with Sink(port=port) as clear:
            postern.send(ALICE, [BOB], PLAIN % 1)
            wait_for("two tries", lambda: (due(postern) or (0, 0))[1] >= 2)
            said = {line.split(" ")[0].upper() for line, _ in clear.commands}
            assert said <= {"EHLO", "HELO", "STARTTLS", "QUIT"}, said

        def refuse(verb, _):
            return "454 4.7.0 not now" if verb == "STARTTLS" else None

        with Sink(refuse, certificate, port) as refusing:
            tries = due(postern)[1]
            wait_for("two more tries", lambda: due(postern)[1] >= tries + 2)
            said = {line.split(" ")[0].upper() for line, _ in refusing.commands}
            assert said <= {"EHLO", "HELO", "STARTTLS", "QUIT"}, said
        with Sink(certificate=certificate, port=port) as sink:
            wait_for("the letter", lambda: sink.to(BOB))
            assert sink.letters[0].encrypted
            postern.settle()
            assert len(sink.letters) == 1
            assert not [line for line, encrypted in sink.commands
                        if line.startswith("MAIL") and not encrypted]


def test_tls_is_taken_where_offered():
    port = free_port()
    with Postern(relay=relay(port, "may")) as postern:
        certificate = (postern.folder / "tls.pem", postern.folder / "tls.key")
        with Sink(certificate=certificate, port=port) as sink:
            postern.send(ALICE, [BOB], PLAIN % 1)
            wait_for("the letter", lambda: sink.to(BOB))
            assert sink.letters[0].encrypted


def test_a_certificate_is_checked():
    port = free_port()
    with Postern(relay=relay(port, "verify"), policy='retry = "1 s";') as postern:
        certificate = (postern.folder / "tls.pem", postern.folder / "tls.key")
        with Sink(certificate=certificate, port=port) as sink:
            postern.send(ALICE, [BOB], PLAIN % 1)
            wait_for("two tries", lambda: (due(postern) or (0, 0))[1] >= 2)
            assert not [line for line, _ in sink.commands if line.startswith("MAIL")]
            # The same server, now trusted.
            postern.stop("courier")
            postern.relay = relay(port, "verify", 'ca_file = "tls.pem";')
            postern.write_config()
            postern.start("courier")
            wait_for("the letter", lambda: sink.to(BOB))
            assert sink.letters[0].encrypted


if __name__ == "__main__":
    cases.run("__main__")
