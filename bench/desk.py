"""A desk with many messages and templates, sealed as Postern seals them: rows for COPY, and the plans of
the statements that read them."""

import hashlib
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "unit" / "crypto"))

MAILBOX_LINK = 11  # purpose of the pair that seals a link to a mailbox
BASE = 1_700_000_000
WORDS = ("offer", "contract", "figures", "plan", "invoice", "report", "minutes", "draft", "answer")


def _hex(value):
    return "\\\\x" + value.hex() if value is not None else "\\N"


def _copy(postern, table, columns, rows):
    text = "copy %s (%s) from stdin;\n" % (table, ", ".join(columns))
    text += "\n".join("\t".join(row) for row in rows) + "\n\\.\n"
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", postern.connection],
                          input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Desk:
    """The rows of one sender."""

    def __init__(self, postern, address):
        import reader  # python3-nacl
        self.reader, self.postern, self.address = reader, postern, address
        text = (postern.folder / "keys" / "portal.keys").read_text()
        self.key = next(bytes.fromhex(line.split()[1]) for line in text.splitlines()
                        if line.startswith("display-key "))
        self.index = self.index_of(address)

    def index_of(self, address):
        """The keyed hash by which rows of an address are found."""
        return self.reader.hash_purpose(self.key, "address index", address.encode())

    def seal(self, column, row, text):
        """A value at rest."""
        nonce = hashlib.sha256(column.encode() + row).digest()[:24]
        return self.reader.box_seal(self.key, "display", column.encode() + row, text.encode(), nonce)

    def messages(self, count):
        """So many messages, one recipient each, in all states."""
        messages, deliveries = [], []
        for i in range(count):
            message = hashlib.md5(b"desk message %d" % i).digest()
            delivery = hashlib.md5(b"desk delivery %d" % i).digest()
            recipient = "person%d@firm%d.example" % (i % 997, i % 61)
            subject = "%s %d for the %s" % (WORDS[i % 9], i, WORDS[i // 9 % 9])
            state = (2, 4, 4, 4, 5, 5, 5, 8, 9, 10)[i % 10]
            gone = state > 7
            messages.append((str(uuid.UUID(bytes=message)), "3" if gone else "2", str(BASE + i * 60),
                             "2048", "1", _hex(None if gone else b"\0" * 2066),
                             _hex(None if gone else self.seal("message.sender", message,
                                                              "%s\nAlice\n<m>" % self.address)),
                             _hex(None if gone else self.index),
                             _hex(None if gone else self.seal("message.subject", message, subject))))
            deliveries.append((str(uuid.UUID(bytes=delivery)), messages[-1][0], str(state), "2",
                               "address-mark", _hex(self.seal("delivery.recipient", delivery, recipient)),
                               _hex(self.index_of(recipient)), _hex(self.index), "30",
                               str(BASE + i * 60), str(BASE + i * 60),
                               str(BASE + i * 60) if state == 5 else "\\N",
                               str(BASE + i * 60) if gone else "\\N",
                               "\\N" if gone else "2000000000", "t" if gone else "f"))
        _copy(self.postern, "message", ("id", "state", "received_at", "size", "chunk_count", "chunk",
                                        "sender", "sender_index", "subject"), messages)
        _copy(self.postern, "delivery",
              ("id", "message_id", "state", "route", "reason", "recipient", "recipient_index",
               "sender_index", "lifetime_days", "created_at", "secured_at", "opened_at", "closed_at",
               "expires_at", "cleared"), deliveries)

    def templates(self, count):
        """So many templates, each with its lock."""
        locks, templates = [], []
        for i in range(count):
            lock = hashlib.md5(b"desk lock %d" % i).digest()
            template = hashlib.md5(b"desk template %d" % i).digest()
            recipient = "person%d@firm%d.example" % (i, i % 61)
            locks.append((str(uuid.UUID(bytes=lock)), _hex(b"\0" * 99), _hex(b"\0" * 16), "3", "65536",
                          "1", _hex(self.seal("lock.clue", lock, "What did we eat at meeting %d?" % i)),
                          str(BASE)))
            templates.append((str(uuid.UUID(bytes=template)),
                              _hex(self.seal("template.owner", template, self.address)), _hex(self.index),
                              _hex(self.seal("template.recipient", template, recipient)),
                              _hex(self.index_of(recipient)), locks[-1][0],
                              _hex(self.seal("template.clue", template,
                                             "What did we eat at meeting %d?" % i)), "30", str(BASE)))
        _copy(self.postern, "lock", ("id", "public_wrap", "salt", "ops", "memory_kib", "rule", "clue",
                                     "created_at"), locks)
        _copy(self.postern, "template", ("id", "owner", "owner_index", "recipient", "recipient_index",
                                         "lock_id", "clue", "lifetime_days", "created_at"), templates)

    def mailbox(self, count):
        """So many messages in the mailbox that is there, from this sender; none of them opens."""
        (box, public), = self.postern.query("select id, encode(public, 'hex') from mailbox")
        public, ephemeral = bytes.fromhex(public), hashlib.sha256(b"mailbox").digest()
        messages, deliveries, boxed = [], [], []
        for i in range(count):
            message = hashlib.md5(b"mailbox message %d" % i).digest()
            delivery = hashlib.md5(b"mailbox delivery %d" % i).digest()
            came, subject = str(BASE + i * 60), "%s %d for the %s" % (WORDS[i % 9], i, WORDS[i // 9 % 9])
            messages.append((str(uuid.UUID(bytes=message)), "2", came, "2048", "1", _hex(b"\0" * 2066),
                             _hex(self.seal("message.sender", message, "%s\nAlice\n<m>" % self.address)),
                             _hex(self.index), _hex(self.seal("message.subject", message, subject))))
            deliveries.append((str(uuid.UUID(bytes=delivery)), messages[-1][0], "45"[i % 2], "2", "address-mark",
                               _hex(b"\0" * 60), _hex(b"\0" * 32), _hex(self.index), "30", came, came,
                               came if i % 2 else "\\N", "2000000000"))
            boxed.append((deliveries[-1][0], box, _hex(b"\0" * 99),
                          _hex(self.reader.pair_seal(public, MAILBOX_LINK, delivery, delivery + b"link", ephemeral)),
                          came))
        _copy(self.postern, "message", ("id", "state", "received_at", "size", "chunk_count", "chunk",
                                        "sender", "sender_index", "subject"), messages)
        _copy(self.postern, "delivery",
              ("id", "message_id", "state", "route", "reason", "recipient", "recipient_index", "sender_index",
               "lifetime_days", "created_at", "secured_at", "opened_at", "expires_at"), deliveries)
        _copy(self.postern, "mailbox_message", ("delivery_id", "mailbox_id", "key_wrap", "link_wrap", "came_at"),
              boxed)
        return box

    def plan(self, statement, types, values, mode="force_custom_plan"):
        """How the database runs a statement of sql/statements: (milliseconds, lines of the plan)."""
        text = "".join(path.read_text() for path in sorted((ROOT / "sql" / "statements").glob("*.sql")))
        found = re.search(r"-- name: %s\n(.*?)(?=\n-- |\Z)" % statement, text, re.S).group(1)
        lines = [row[0] for row in self.postern.query(
            "set plan_cache_mode = %s; prepare asked (%s) as %s; "
            "explain (analyze, costs off, timing off) execute asked (%s)"
            % (mode, ", ".join(types), found.strip().rstrip(";"), ", ".join(values)))]
        took = next(float(re.search(r"([\d.]+) ms", line).group(1)) for line in lines
                    if line.startswith("Execution Time"))
        return took, lines
