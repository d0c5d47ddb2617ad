"""Postern behind a Postfix, with sinks for the world and for the organisation's mailboxes."""

import atexit
import contextlib
import email
import email.policy
import smtplib

import cases
from mta import Postfix, require
from postern import Postern, free_port, wait_for
from sink import Sink

_the = []  # the one chain of this program


def split(content):
    """The trace lines in front of a letter, and the rest."""
    traces = []
    while content.startswith(b"Received: "):
        field, content = content.split(b"\r\n", 1)
        while content[:1] in (b" ", b"\t"):
            line, content = content.split(b"\r\n", 1)
            field += b" " + line.strip()
        traces.append(field)
    return traces, content


def parse(letter):
    """A letter of a sink as a message."""
    return email.message_from_bytes(letter.content, policy=email.policy.default)


class Chain:
    """All of it.  `bounce.example` refuses whatever comes."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.world = self.stack.enter_context(Sink(self._answer))
        self.inbox = self.stack.enter_context(Sink())
        self.reentry = free_port()
        self.postern = self.stack.enter_context(Postern(
            relay=self.relay(self.reentry), policy='retry = "1 s";',
            smtp='clients = ( { networks = ( "127.0.0.0/8" ); xforward = true; } );'))
        self.postfix = None

    def place(self, marked_only):
        """Let Postfix run in this placement."""
        if self.postfix is not None and self.postfix.marked_only == marked_only:
            return
        if self.postfix is not None:
            self.postfix.__exit__(None)
        self.postfix = None
        self.postfix = Postfix(self.postern.smtp_port, self.world.port, self.inbox.port,
                               marked_only, self.reentry).__enter__()

    def close(self):
        """Stop everything."""
        if self.postfix is not None:
            self.postfix.__exit__(None)
        self.stack.close()

    @staticmethod
    def relay(port):
        """The relay's section, as docs/integration.md has it."""
        return ('relay: { host = "127.0.0.1"; port = %d; tls = "never"; timeout = "20 s"; };' % port)

    @staticmethod
    def _answer(verb, argument):
        if verb == "RCPT" and "@bounce.example" in argument:
            return "550 5.1.1 no such user here"
        return None

    def relay_to(self, port):
        """Start the courier anew with another relay."""
        self.postern.stop("courier")
        self.postern.relay = self.relay(port)
        self.postern.write_config()
        self.postern.start("courier")

    def send(self, content, *to, sender="alice@corp.example", options=(), rcpt_options=(),
             port=None):
        """Submit a message as one of the organisation's people."""
        with smtplib.SMTP("127.0.0.1", port or self.postfix.submit, "pc.corp.example",
                          timeout=60) as smtp:
            smtp.sendmail(sender, list(to), content, options, rcpt_options)

    @staticmethod
    def take(sink, recipient, matching=lambda letter: True):
        """Wait for a letter to this recipient and take it out."""
        def look():
            for letter in list(sink.letters):
                if recipient in letter.recipients and matching(letter):
                    sink.letters.remove(letter)
                    return letter
            return None
        return wait_for("a letter to " + recipient, look)

    def settle(self):
        """Until nothing moves any more; then both sinks must have been emptied by the test."""
        def idle():
            self.postern.settle()
            return not self.postfix.queue()
        wait_for("the queues to be empty", idle)
        left = [(letter.recipients, letter.content[:800])
                for letter in self.world.letters + self.inbox.letters]
        assert not left, left


@contextlib.contextmanager
def chain(marked_only=False):
    """The chain of this placement, shared by the tests of a file; tells its logs when one fails."""
    require()
    if not _the:
        _the.append(Chain())
        atexit.register(_the[0].close)
    this = _the[0]
    try:
        this.place(marked_only)
        yield this
    except cases.Skip:
        raise
    except BaseException:
        for log in (this.postfix and this.postfix.log() or "",
                    this.postern.log.read_text(errors="replace")):
            print("\n".join(log.splitlines()[-30:]))
        del this.world.letters[:], this.inbox.letters[:]
        raise
