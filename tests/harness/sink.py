"""A mail server that says what a test tells it to, and keeps what it was given."""

import contextlib
import socket
import ssl
import threading

from postern import free_port


class Letter:
    """One message that was taken."""

    def __init__(self, sender, recipients, content, encrypted, parameters=()):
        self.sender, self.recipients = sender, recipients
        self.content, self.encrypted = content, encrypted
        self.parameters = list(parameters)  # what stood behind the addresses of MAIL and each RCPT


class Sink:
    """Listens on its port from start() to stop().

    `answer(verb, argument)` may give a reply line instead of the usual one, or None.  Verbs are
    upper case ("RCPT"); the greeting is asked as "CONNECT", the end of a message as "." with its
    bytes as argument.  The answer "close" drops the connection, "hang" says nothing more until it is
    gone, "break" (to STARTTLS) agrees and drops it in the handshake.  With `keep` off it remembers
    nothing itself, for tests that count.
    """

    def __init__(self, answer=lambda verb, argument: None, certificate=None, port=None, keep=True,
                 offers=("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"), host="127.0.0.1"):
        self.answer, self.certificate, self.keep = answer, certificate, keep
        self.offers = list(offers)
        self.host, self.port = host, port or free_port()
        self.letters = []
        self.commands = []  # (line, encrypted) as they came
        self.connected = 0
        self.listener = None
        self.connections = set()
        self.changed = threading.Condition()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Listen."""
        self.listener = socket.create_server((self.host, self.port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def stop(self):
        """Go away, with all connections."""
        if self.listener is not None:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        self.drop()

    def drop(self):
        """End all connections, and go on listening."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def to(self, recipient):
        """Letters that were taken for this recipient."""
        return [letter for letter in self.letters if recipient in letter.recipients]

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connected += 1
            # Replies to a pipeline are several small writes: none waits for the next.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        talk = _Talk(self, connection)
        with contextlib.suppress(OSError, ssl.SSLError):
            talk.run()
        # Behind STARTTLS it is another object that holds the connection.
        with contextlib.suppress(OSError):
            talk.connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            talk.connection.close()
        self.connections.discard(talk.connection)


class _Talk:
    """One connection."""

    def __init__(self, sink, connection):
        self.sink, self.connection = sink, connection
        self.stream = connection.makefile("rwb")
        self.encrypted = False
        self.sender, self.recipients, self.parameters = None, [], []

    def say(self, text):
        """Send a reply."""
        self.stream.write(text.encode() + b"\r\n")
        self.stream.flush()

    def run(self):
        """Until QUIT, or until the client or the script ends it."""
        greeting = self.sink.answer("CONNECT", "")
        if greeting == "close":
            return
        if greeting == "hang":
            self.connection.recv(1)
            return
        self.say(greeting or "220 sink.example ESMTP")
        while line := self.stream.readline():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if self.sink.keep:
                self.sink.commands.append((text, self.encrypted))
            verb, _, argument = text.partition(" ")
            verb = verb.upper()
            told = self.sink.answer(verb, argument)
            if told == "close":
                return
            if told == "hang":
                self.connection.recv(1)
                return
            if told == "break":
                self.say("220 2.0.0 go ahead")
                return
            if told is not None:
                if verb == "MAIL":
                    self.sender, self.recipients = None, []
                self.say(told)
                if told.startswith("421"):
                    return
            elif not self._usual(verb, argument):
                return

    def _usual(self, verb, argument):
        if verb == "EHLO":
            offers = ["sink.example"] + self.sink.offers
            if self.sink.certificate and not self.encrypted:
                offers.append("STARTTLS")
            for offer in offers[:-1]:
                self.say("250-" + offer)
            self.say("250 " + offers[-1])
        elif verb == "STARTTLS" and self.sink.certificate and not self.encrypted:
            self.say("220 2.0.0 go ahead")
            self._encrypt()
        elif verb == "MAIL":
            self.sender, self.recipients = _path(argument), []
            self.parameters = [argument.partition("> ")[2]]
            self.say("250 2.1.0 ok")
        elif verb == "RCPT" and self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif verb == "RCPT":
            self.recipients.append(_path(argument))
            self.parameters.append(argument.partition("> ")[2])
            self.say("250 2.1.5 ok")
        elif verb == "DATA" and self.recipients:
            self.say("354 go on")
            return self._take()
        elif verb == "DATA":
            self.say("554 5.5.1 no recipients")
        elif verb == "BDAT" and self.recipients and argument.upper().endswith(" LAST"):
            return self._keep(self.stream.read(int(argument.split()[0])))
        elif verb == "QUIT":
            self.say("221 2.0.0 bye")
            return False
        elif verb in ("RSET", "NOOP"):
            self.sender, self.recipients = (None, []) if verb == "RSET" else (self.sender, self.recipients)
            self.say("250 2.0.0 ok")
        else:
            self.say("502 5.5.2 what?")
        return True

    def _encrypt(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.sink.certificate)
        self.sink.connections.discard(self.connection)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.sink.connections.add(self.connection)
        self.stream = self.connection.makefile("rwb")
        self.encrypted = True

    def _take(self):
        lines = []
        while (line := self.stream.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        return self._keep(b"".join(lines))

    def _keep(self, content):
        told = self.sink.answer(".", content)
        sender, self.sender = self.sender, None
        if told == "hang":
            self.connection.recv(1)
            return False
        if self.sink.keep and (told in (None, "close") or told.startswith("2")):
            self.sink.letters.append(Letter(sender, self.recipients, content, self.encrypted,
                                            self.parameters))
        if told == "close":
            return False
        self.say(told or "250 2.0.0 taken")
        return True


def _path(argument):
    return argument.partition("<")[2].partition(">")[0]
