#!/usr/bin/python3 -B
"""Figures, health and readiness of the daemons on their own listeners, read by an independent parser of
Prometheus' text format."""

import contextlib
import http.client
import pathlib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile

from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from postern import Postern, body_text, check_config, free_port, link_in, program, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

ALICE = "alice@corp.example"
PASSPHRASE = "correct horse battery"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def ask(where, path="/metrics"):
    """Status and text; `where` is a port or the path of a socket."""
    connection = (http.client.HTTPConnection("127.0.0.1", where) if isinstance(where, int)
                  else UnixConnection(where))
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def figures(where):
    """{name: value} with labels in the name as they are written, parsed; types and helps are there."""
    status, text = ask(where)
    assert status == 200, text
    values, families = {}, list(text_string_to_metric_families(text))
    assert len(families) == len({family.name for family in families}) > 5
    for family in families:
        assert family.documentation and family.type != "unknown", family.name
        for sample in family.samples:
            labels = ",".join('%s="%s"' % pair for pair in sorted(sample.labels.items()))
            key = sample.name + ("{%s}" % labels if labels else "")
            assert key not in values, key
            values[key] = sample.value
            if family.type == "counter":
                assert sample.name.endswith("_total") and sample.value >= 0
    return values, text


def watched(**more):
    """An installation whose daemons show their figures."""
    folder = tempfile.mkdtemp(prefix="postern-figures-")
    where = {"ingest": pathlib.Path(folder) / "ingest.sock",
             "courier": pathlib.Path(folder) / "courier.sock", "portal": free_port()}
    postern = Postern(courier='metrics = "unix:%s";' % where["courier"],
                      portal='metrics = "127.0.0.1:%d";' % where["portal"],
                      ingest='metrics = "unix:%s";' % where["ingest"], **more)
    return postern, where


def letter(recipient, subject="Figures of the quarter"):
    """A small message."""
    return ("From: Alice <alice@corp.example>\nTo: %s\nSubject: %s\nMessage-ID: <1@corp.example>\n\n"
            "The body.\n" % (recipient, subject))


def finish_and_unlock(postern):
    """The sender finishes; one wrong passphrase, then the right one; gives the links used."""
    mail, _ = postern.next_letter(ALICE, lambda m: "/s/" in body_text(m))
    sender = link_in(mail, "s")
    visitor = Visitor()
    visitor.submit(visitor.get(sender), "clue", clue="Which horse?", passphrase=PASSPHRASE,
                   passphrase_again=PASSPHRASE, lifetime_days="7")
    mail, _ = postern.next_letter("fred@example.net", lambda m: "/r/" in body_text(m))
    recipient = link_in(mail, "r")
    visitor.submit(visitor.get(recipient), "passphrase", passphrase="wrong horse")
    answer = visitor.submit(visitor.get(recipient), "passphrase", passphrase=PASSPHRASE)
    assert answer.status == 200 and "The body." in answer.text
    return sender, recipient


def test_a_story_in_figures():
    postern, where = watched()
    with postern:
        postern.send(ALICE, ["secure-fred@example.net", "grace@example.net"],
                     letter("secure-fred@example.net"))
        links = finish_and_unlock(postern)
        postern.settle()

        taken, ingest_text = figures(where["ingest"])
        assert taken["postern_ingest_messages_total"] == 1
        assert taken["postern_ingest_recipients_total"] == 2
        assert taken["postern_ingest_bytes_total"] > 100
        assert taken["postern_ingest_sessions_total"] >= 1
        assert taken["postern_ingest_commit_seconds_count"] == 1
        assert taken['postern_ingest_commit_seconds_bucket{le="+Inf"}'] == 1

        sent, courier_text = figures(where["courier"])
        assert sent['postern_deliveries_routed_total{route="plain"}'] == 1
        assert sent['postern_deliveries_routed_total{route="held"}'] == 1
        assert sent['postern_deliveries_routed_total{route="portal"}'] == 0
        assert sent['postern_courier_letters_total{kind="plain"}'] == 1
        assert sent['postern_courier_letters_total{kind="finish"}'] == 1
        assert sent['postern_courier_letters_total{kind="notice"}'] == 1
        assert sent['postern_courier_relayed_total{outcome="sent"}'] >= 3
        assert sent["postern_courier_delivery_seconds_count"] == 1
        assert sent["postern_courier_database_up"] == 1

        shown, portal_text = figures(where["portal"])
        assert shown['postern_portal_unlocks_total{outcome="right"}'] == 1
        assert shown['postern_portal_unlocks_total{outcome="wrong"}'] == 1
        assert shown['postern_portal_sessions_opened_total{kind="message"}'] == 1
        assert shown['postern_portal_requests_total{status="2xx"}'] >= 3
        assert shown['postern_portal_requests_total{status="4xx"}'] >= 1
        assert shown["postern_portal_request_seconds_count"] == sum(
            value for key, value in shown.items() if key.startswith("postern_portal_requests_total"))
        assert shown["postern_portal_passphrase_seconds_count"] >= 3
        assert shown['postern_portal_pool_busy{pool="passphrases"}'] == 0
        assert shown['postern_portal_pool_waiting{pool="passphrases"}'] == 0

        everything = ingest_text + courier_text + portal_text
        for secret in [PASSPHRASE, "Which horse", "quarter", "alice", "fred", "example", "127.0.0.1",
                       *(link.rsplit("/", 1)[1] for link in links)]:
            assert secret not in everything, secret


def test_what_waits_is_counted():
    postern, where = watched(relay='relay: { host = "127.0.0.1"; port = %d; timeout = "1 s"; };'
                             % free_port())
    with postern:
        postern.send(ALICE, ["secure-fred@example.net"], letter("secure-fred@example.net"))

        def queued():
            values, _ = figures(where["courier"])
            return (values["postern_courier_held_deliveries"] == 1 and
                    values['postern_courier_queue_letters{kind="finish",state="later"}'] == 1 and
                    values['postern_courier_relayed_total{outcome="later"}'] >= 1)
        wait_for("one held delivery and a queued letter", queued)
        postern.set_clock(3600)

        def old():
            values, _ = figures(where["courier"])
            return values['postern_courier_queue_oldest_seconds{kind="finish"}'] >= 3600
        wait_for("the letter to grow old", old)


def test_refusals_and_tls_are_counted():
    postern, where = watched(start=False)
    with postern:
        postern.start("ingest")
        context = ssl.create_default_context(cafile=str(postern.folder / "tls.pem"))
        with smtplib.SMTP("localhost", postern.smtp_port) as smtp:
            smtp.starttls(context=context)
            smtp.ehlo("client.example")
            assert smtp.docmd("RCPT", "TO:<a@b.example>")[0] == 503
            values, _ = figures(where["ingest"])
            assert values["postern_ingest_connections_open"] == 1
            assert values['postern_ingest_refusals_total{code="503"}'] == 1
            assert values['postern_ingest_tls_sessions_total{version="TLSv1.3"}'] == 1

        def closed():
            return figures(where["ingest"])[0]["postern_ingest_connections_open"] == 0
        wait_for("the connection to be counted off", closed)


def test_logins_and_refused_connections_are_counted():
    postern, where = watched(start=False, smtp='users_file = "users"; clients = ( '
                             '{ networks = ( "127.0.0.0/8" ); connections_per_minute = 4; } );')
    with postern:
        done = subprocess.run([program(), "ctl", "user", "set", "alice", "--config", postern.config],
                              input="open sesame\n", capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        postern.start("ingest")
        context = ssl.create_default_context(cafile=str(postern.folder / "tls.pem"))
        with smtplib.SMTP("localhost", postern.smtp_port) as smtp:
            smtp.starttls(context=context)
            for password in ("open barley", "open sesame"):
                with contextlib.suppress(smtplib.SMTPAuthenticationError):
                    smtp.login("alice", password)
        told = ""
        while not told.startswith("421"):
            with socket.create_connection(("127.0.0.1", postern.smtp_port)) as client:
                told = client.makefile().readline()
                assert told.startswith(("220", "421")), told
        values, text = figures(where["ingest"])
        assert values['postern_ingest_logins_total{outcome="passed"}'] == 1
        # The library tries a wrong password by PLAIN and by LOGIN.
        assert values['postern_ingest_logins_total{outcome="failed"}'] == 2
        assert values['postern_ingest_connections_refused_total{cause="rate"}'] == 1
        assert values['postern_ingest_connections_refused_total{cause="number"}'] == 0
        assert "alice" not in text and "sesame" not in text


def test_readiness_follows_the_database():
    postern, where = watched(own_database=True)
    with postern:
        for place in where.values():
            assert ask(place, "/healthz")[0] == 200
            assert ask(place, "/readyz") == (200, "ok\n")
        postern.cluster("stop")
        for place in where.values():
            wait_for("not ready", lambda place=place: ask(place, "/readyz")[0] == 503)
            assert ask(place, "/healthz")[0] == 200
        postern.cluster("start")
        for place in where.values():
            wait_for("ready again", lambda place=place: ask(place, "/readyz")[0] == 200)


def test_nobody_else_can_connect():
    for where in ("0.0.0.0:9464", "*:9464", "192.0.2.1:9464", "nowhere"):
        for group in ("ingest", "courier", "portal"):
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write('organisation: { domains = ( "a.example" ); system_address = "a@a.example"; '
                           'host_name = "h"; };\nportal: { url = "https://a.example"; certificate = "c"; '
                           'private_key = "k"; %s };\n%s' % (
                               'metrics = "%s";' % where if group == "portal" else "",
                               "" if group == "portal" else
                               '%s: { metrics = "%s"; };\n' % (group, where)))
                file.flush()
                code, said = check_config(file.name)
                assert code == 1, (group, where)
                assert re.search(r":\d: %s\.metrics expects a loopback" % group, said), said


if __name__ == "__main__":
    cases.run(__name__)
