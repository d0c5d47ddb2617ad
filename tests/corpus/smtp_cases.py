#!/usr/bin/python3 -B
"""Every case of a list of SMTP sessions, answered as it says, and with exactly what it says stored.

	smtp_cases.py CASES.json [ID...]

What is stored is opened with the courier's key by an independent reader (tests/unit/crypto/reader.py), after each
case: as many messages as were acknowledged, from the case's own sender, with the bytes that were
sent.  Then the courier routes them, and what should be secured is.
"""

import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "unit" / "crypto"))
import cases  # noqa: E402
import reader  # noqa: E402
from postern import WAIT, Postern, program, wait_for  # noqa: E402
from tls import unchecked_tls  # noqa: E402

SIZE = 52428800
LINES_OVER_SIZE = (SIZE + SIZE // 5) // 78
QUIET = 0.5  # seconds without a reply, where the case says that none may come
DEFAULT, STRANGER, DATABASE_AWAY = "default", "STRANGER_CLIENT", "DB_DOWN"
TLS_REQUIRED = "TLS_REQUIRED"


class Failed(Exception):
    """What a case expects did not come."""


def expect(what, condition):
    if not condition:
        raise Failed(what)


class Connection:
    """One session, seen as its bytes."""

    def __init__(self, port, greeting=True):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.acknowledged, self.gone = b"", [], False
        self.last = self.reply() if greeting else ""
        expect("greeting %r" % self.last, not greeting or self.last.startswith("220"))

    def reply(self, timeout=20):
        """A whole reply; "" at the end of the session or of the time."""
        self.socket.settimeout(timeout)
        lines = b""
        while True:
            while b"\n" not in self.buffer:
                try:
                    more = self.socket.recv(65536)
                except TimeoutError:
                    return ""
                except OSError:
                    more = b""
                if not more:
                    self.gone = True
                    return ""
                self.buffer += more
            line, self.buffer = self.buffer.split(b"\n", 1)
            lines += line + b"\n"
            if line[3:4] != b"-":
                text = lines.decode("latin-1")
                self.acknowledged += re.findall(r"queued as (\w{26})", text)
                return text

    def send(self, data):
        try:
            self.socket.settimeout(60)
            self.socket.sendall(data)
        except OSError:
            self.gone = True

    def start_tls(self):
        context = unchecked_tls()
        self.socket = context.wrap_socket(self.socket)
        expect("bytes from before TLS", self.buffer == b"")

    def say(self, data, pattern):
        self.send(data)
        self.last = self.reply()
        expect("%r: %r" % (data[:60], self.last), re.search(pattern, self.last, re.S))


def resident(pid):
    """Bytes of memory of a process."""
    text = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024


def flood(connection, pid):
    """A megabyte of NOOPs, none of whose replies is read."""
    before = resident(pid)
    connection.socket.settimeout(5)
    try:
        for _ in range(175):
            connection.socket.sendall(b"NOOP\r\n" * 1000)
    except OSError:
        pass
    expect("memory grows", resident(pid) < before + (16 << 20))


def transaction(connection, case, piece):
    """A whole session, `piece` bytes at a time."""
    for line, pattern in ((b"EHLO c.example\r\n", "^250"),
                          (b"MAIL FROM:<%s>\r\n" % sender_of(case), "^250"),
                          (b"RCPT TO:<fred@example.net>\r\n", "^250"), (b"DATA\r\n", "^354"),
                          (b"Subject: x\r\n\r\nx\r\n.\r\n", "^250"), (b"QUIT\r\n", "^221")):
        for at in range(0, len(line) - piece, piece):
            connection.send(line[at:at + piece])
        connection.say(line[(len(line) - 1) // piece * piece:], pattern)


def sender_of(case):
    return b"alice+%s@corp.example" % case["id"].encode()


def fill(text, case, count=0):
    """The bytes that a text of the list stands for."""
    for name, value in (("FROM", sender_of(case).decode()), ("RCPT", "fred@example.net"),
                        ("LOCALDOMAIN", "corp.example"), ("ID", case["id"]), ("N", str(count))):
        text = text.replace("{{%s}}" % name, value)
    return text.encode("latin-1")


def act(connection, step, case, pid):
    """True when the case ends here."""
    action = step["action"]
    if action == "close":
        connection.socket.close()
        return True
    if action == "tls" or (action == "tls_if_220" and connection.last.startswith("220")):
        connection.start_tls()
    elif action == "tls_if_220":
        return True
    elif action == "expect_silence":
        expect("a reply", connection.reply(QUIET) == "")
    elif action == "byte_by_byte_transaction":
        transaction(connection, case, 1)
    elif action == "flood_without_reading":
        flood(connection, pid)
    elif action == "stall_until_close":
        expect("not cut off", connection.reply(90) == "" and connection.gone)
    else:
        raise Failed("unknown action " + action)
    return False


def padding(step):
    pad = step.get("pad")
    if pad is None:
        return b""
    count = pad["count"] if isinstance(pad["count"], int) else LINES_OVER_SIZE
    return pad["byte"].encode("latin-1") * count


def converse(connection, step, case):
    """One step that sends; True when the session has ended, as it may."""
    pattern = step["expect_regex"]
    for count in range(step.get("repeat", 1)):
        if "segments" in step:
            for segment in step["segments"]:
                connection.send(fill(segment, case))
                time.sleep(0.05)  # so that they are segments
        elif step["send"] or "pad" in step:
            connection.send(fill(step["send"], case, count) + padding(step))
        else:
            connection.buffer, connection.last = connection.last.encode("latin-1"), ""
        if step.get("no_reply"):
            return False
        replies = step.get("replies") or (2 if "r\\n(" in pattern else 1)
        connection.last = "".join(connection.reply() for _ in range(replies))
        if connection.last == "" and connection.gone and step.get("may_close"):
            return True
        expect("%r: %r" % (step.get("send", "segments")[:60], connection.last[:160]),
               re.search(pattern, connection.last, re.S))
    if "replies" in step and not connection.gone:
        extra = connection.reply(QUIET)
        expect("one reply too many: %r" % extra, extra == "" or extra.startswith("421"))
    return False


def run(site, case):
    """Let the session happen; gives the ids that were acknowledged."""
    pid = site.processes["ingest"].pid
    early = case["steps"][0].get("action") == "send_before_greeting"
    connection = Connection(site.smtp_port, greeting=not early)
    try:
        if case.get("requires") == "AUTH":
            connection.say(b"EHLO client.example\r\n", "^250")
            connection.say(b"STARTTLS\r\n", "^220")
            connection.start_tls()
        for step in case["steps"]:
            if step.get("action") == "send_before_greeting":
                connection.send(b"EHLO client.example\r\n")
                expect("no greeting", re.search(step["expect_regex"], connection.reply()))
            elif "action" in step:
                if act(connection, step, case, pid):
                    break
            elif converse(connection, step, case):
                break
        while connection.socket.fileno() >= 0 and not connection.gone and connection.reply(QUIET):
            pass
    finally:
        connection.socket.close()
    return connection.acknowledged


# ---- what is stored ----

class Store:
    """The messages in the database, opened as docs/cryptography.md says."""

    def __init__(self, site):
        self.site, self.seen = site, set()
        keys = (site.folder / "keys" / "courier.keys").read_text()
        self.private = bytes.fromhex(re.search(r"^gateway-private (\w+)$", keys, re.M).group(1))

    def new(self):
        """Those that were not seen before."""
        rows = self.site.query(
            "select id, encode(gateway_wrap, 'hex'), encode(envelope, 'hex'), chunk_count, "
            "encode(chunk, 'hex') from message order by id")
        fresh = [self.open(*row) for row in rows if row[0] not in self.seen]
        self.seen |= {row[0] for row in rows}
        return fresh

    def chunks(self, name, count, only):
        if count == 1 and only:
            return [bytes.fromhex(only)]
        rows = self.site.query("select encode(body, 'hex') from chunk where message_id = '%s' "
                               "order by number" % name)
        expect("chunks are missing", len(rows) == count)
        return [bytes.fromhex(row[0]) for row in rows]

    def open(self, name, wrap, envelope, count, only):
        identifier = bytes.fromhex(name.replace("-", ""))
        key = reader.pair_open(self.private, reader.MESSAGE_KEY, identifier, bytes.fromhex(wrap))
        chunks = self.chunks(name, int(count), only)
        text = b"".join(reader.chunk_open(key, identifier, number, number == len(chunks) - 1, chunk)
                        for number, chunk in enumerate(chunks))
        sealed = reader.box_open(key, "envelope", identifier, bytes.fromhex(envelope))
        return {"id": name, "name": reader.base32(identifier), "text": text, **unpack(sealed)}


def unpack(envelope):
    """The second version of messenger/envelope.c's form."""
    at = 10

    def take(form):
        nonlocal at
        value, = struct.unpack_from(">" + form, envelope, at)
        at += struct.calcsize(form)
        return value

    def text():
        nonlocal at
        size = take("H")
        at += size
        return envelope[at - size:at]

    expect("version %d" % envelope[0], envelope[0] == 2)
    fields = dict(zip(("sender", "helo", "address", "user", "certificate", "envid"),
                      [text() for _ in range(6)]))
    fields["returns"] = take("B")
    fields["recipients"] = [(take("B"), text(), text()) for _ in range(take("H"))]
    expect("bytes behind the envelope", at == len(envelope))
    return fields


def check_stored(case, stored, acknowledged):
    """What came of a case."""
    count = len(stored)
    expect("%d acknowledged, %d stored" % (len(acknowledged), count),
           sorted(acknowledged) == sorted(message["name"] for message in stored))
    if case.get("must_not_accept_message"):
        expect("%d stored" % count, count == 0)
    expect("%d stored" % count, count == case.get("messages", count))
    expect("%d stored" % count, case.get("messages_at_least", 0) <= count <=
           case.get("max_messages", count))
    sent = "".join(json.dumps(step, ensure_ascii=False) for step in case["steps"])
    for message in stored:
        allowed = {sender_of(case)}
        if "MAIL FROM:<>" in sent:
            allowed.add(b"")
        if not case.get("smuggling"):
            allowed |= set(re.findall(rb"FROM: *<([^>]*)>", sent.encode("latin-1", "ignore"), re.I))
        expect("from %r" % message["sender"], message["sender"] in allowed)
        expect("no recipient", message["recipients"])
        if "stored_body" in case:
            body = message["text"].split(b"\r\n\r\n", 1)[1]
            expect("body %r" % body, body == case["stored_body"].encode("latin-1"))


def check_routes(site, wanted):
    """`portal` of the cases, once the courier has seen them."""
    site.start("courier")
    site.settle()
    rows = site.query("select message_id, route from delivery")
    for name, (case, portal) in wanted.items():
        routes = {int(route) for message, route in rows if message == name}
        expect("%s: routes %s" % (case, routes), routes == ({2} if portal else {1}))


def check_one(site, store, case):
    sessions = site.log.read_text(errors="replace").count("event=session ")
    acknowledged = run(site, case)
    # Whatever the session was still about to store is stored when its line is there.
    wait_for("the session's end", lambda: site.log.read_text(errors="replace").count(
        "event=session ") > sessions)
    if store is None:
        expect("acknowledged without a database", not acknowledged)
        return []
    stored = store.new()
    check_stored(case, stored, acknowledged)
    return stored


def set_up_of(case):
    needs = case.get("requires")
    return needs if needs in (STRANGER, DATABASE_AWAY, TLS_REQUIRED, "DISK_FULL") else DEFAULT


def check_stall(site, case, results):
    """The one that takes a minute runs beside the others; it stores nothing."""
    try:
        run(site, case)
        results[case["id"]] = None
    except Exception as error:
        results[case["id"]] = "%s: %s" % (type(error).__name__, error)


def check_all(site, chosen, store, results):
    """Run cases one by one; gives the messages whose route is told."""
    routed = {}
    for case in chosen:
        try:
            stored = check_one(site, store, case)
            results[case["id"]] = None
            routed.update({message["id"]: (case["id"], case["portal"]) for message in stored
                           if "portal" in case})
        except Exception as error:
            results[case["id"]] = "%s: %s" % (type(error).__name__, error)
            if store is not None:
                store.new()
    return routed


def is_stall(case):
    return any(step.get("action") == "stall_until_close" for step in case["steps"])


def open_site(smtp=""):
    site = Postern(smtp='message_size = "50 MB"; users_file = "users"; ' + smtp, start=False, own_database=True)
    subprocess.run([program(), "ctl", "user", "set", "alice", "--config", site.config],
                   input=b"wonderland\n", check=True, timeout=WAIT)
    site.start("ingest")
    return site


def main():
    cases.end_when_told()
    wanted = set(sys.argv[2:])
    chosen = [case for case in json.loads(pathlib.Path(sys.argv[1]).read_text())
              if not wanted or case["id"] in wanted]
    groups = {}
    for case in chosen:
        groups.setdefault("stall" if is_stall(case) else set_up_of(case), []).append(case)
    results = {}
    with open_site() as site:
        store = Store(site)
        threads = [threading.Thread(target=check_stall, args=(site, case, results))
                   for case in groups.pop("stall", [])]
        routed = check_all(site, groups.pop(DEFAULT, []), store, results)
        kept = len(store.seen)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        try:
            check_routes(site, routed)
        except Failed as error:
            results["routes"] = str(error)
        site.cluster("stop", "immediate")
        check_all(site, groups.pop(DATABASE_AWAY, []), None, results)
        site.cluster("start")
        alive = all(process.poll() is None for process in site.processes.values())
    with open_site('networks = ( "192.0.2.0/24" );') as site:
        check_all(site, groups.pop(STRANGER, []), Store(site), results)
        alive = alive and all(process.poll() is None for process in site.processes.values())
    with open_site('clients = ( { networks = ( "127.0.0.0/8" ); needs_tls = true; } );') as site:
        check_all(site, groups.pop(TLS_REQUIRED, []), Store(site), results)
        alive = alive and all(process.poll() is None for process in site.processes.values())
    failed = {name: why for name, why in results.items() if why is not None}
    for name, why in sorted(failed.items()):
        print("%s: %s" % (name, why))
    for needs, unmet in sorted(groups.items()):
        print("not run, need %s: %s" % (needs, " ".join(case["id"] for case in unmet)))
    print("%d of %d cases as they should be, %d failed; %d messages stored, all opened, %d routed" % (
        len(results) - len(failed), len(chosen), len(failed), kept, len(routed)))
    print("%s corpus SMTP sessions" % ("ok" if not failed and alive and results else "not ok"))
    sys.exit(1 if failed or not alive or not results else 0)


main()
