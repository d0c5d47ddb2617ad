#!/usr/bin/env python3
"""What only a running ingest can show: sockets, TLS, deadlines, limits, drain.

    tests/smtp/server.py POSTERN CONNECTION FOLDER

POSTERN is the program, CONNECTION the beginning of a libpq connection string to a migrated
database ("host=... dbname=postern"), FOLDER holds ingest.keys.  Starts an ingest of its own on
free ports, with short deadlines, and stops it.  Prints one line per fault, then
"N passed, N failed".
"""
import os, re, signal, socket, ssl, subprocess, sys, tempfile, threading, time, warnings

if len(sys.argv) != 4:
    sys.exit(__doc__)
program, database, folder = sys.argv[1:]
program = program.split()
warnings.simplefilter('ignore', DeprecationWarning)  # old TLS is asked for to see it refused
work = tempfile.TemporaryDirectory(prefix='postern-smtp-')
HELLO = b'EHLO client.example\r\n'
ENVELOPE = b'MAIL FROM:<alice@corp.example>\r\nRCPT TO:<fred@example.net>\r\nDATA\r\n'
MESSAGE = b'Subject: x\r\n\r\nhello\r\n.\r\n'


def make_certificate():
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                    '-nodes', '-keyout', work.name + '/key.pem', '-out', work.name + '/certificate.pem',
                    '-days', '2', '-subj', '/CN=mx.example.org'], check=True, stderr=subprocess.DEVNULL)


class Ingest:
    """One daemon and the port it says it listens on."""

    def __init__(self, database=database, **smtp):
        settings = {'listen': ['127.0.0.1:0'], 'host_name': 'mx.example.org', 'timeout': '2 s',
                    'certificate': work.name + '/certificate.pem', 'private_key': work.name + '/key.pem'}
        settings.update(smtp)
        path = tempfile.mktemp(dir=work.name, suffix='.conf')
        with open(path, 'w') as file:
            file.write(self.render('smtp', settings))
            file.write(self.render('ingest', {'database': database + ' user=postern_ingest',
                                              'keys': os.path.abspath(folder) + '/ingest.keys'}))
            file.write(self.render('organisation', {'domains': ['corp.example'], 'host_name': 'mx.example.org',
                                                    'system_address': 'postern@corp.example'}))
            file.write(os.environ.get('POSTERN_TEST_CONFIG', ''))
        self.log = []
        self.process = subprocess.Popen(program + ['ingest', '--config', path], stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r'event=listening address=\S+ port=(\d+)', line)
            if found:
                self.port = int(found.group(1))
            if 'event=ready' in line:
                break
        else:
            sys.exit('ingest did not start:\n' + ''.join(self.log))
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()

    @staticmethod
    def render(group, settings):
        def value(v):
            if isinstance(v, list):
                return '(' + ', '.join('"%s"' % item for item in v) + ')'
            return '"%s"' % v if isinstance(v, str) else str(v)
        return '%s: { %s };\n' % (group, ' '.join('%s = %s;' % (k, value(v)) for k, v in settings.items()))

    def peak_memory_mb(self):
        with open('/proc/%d/status' % self.process.pid) as file:
            return int(re.search(r'VmHWM:\s+(\d+)', file.read()).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


class Client:
    def __init__(self, ingest, hello=True):
        self.socket = socket.create_connection(('127.0.0.1', ingest.port), 20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        self.greeting = self.reply()
        if hello:
            self.capabilities = self.say(HELLO)

    def line(self):
        while b'\n' not in self.buffer:
            try:
                more = self.socket.recv(65536)
            except ConnectionError:
                more = b''
            if not more:
                return b''
            self.buffer += more
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line + b'\n'

    def reply(self):
        lines = b''
        while True:
            line = self.line()
            lines += line
            if line[3:4] != b'-':
                return lines.decode()

    def say(self, data, replies=1):
        self.socket.sendall(data)
        return [self.reply() for _ in range(replies)][-1]

    def start_tls(self, **versions):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        for name, version in versions.items():
            setattr(context, name, version)
        self.socket = context.wrap_socket(self.socket)

    def closed(self, seconds):
        """Nothing but the end comes, and in time."""
        self.socket.settimeout(seconds)
        try:
            return self.line() == b''
        except TimeoutError:
            return False


def expect(what, condition):
    if not condition:
        raise AssertionError(what)


def takes_a_message():
    ingest = Ingest()
    client = Client(ingest)
    reply = client.say(ENVELOPE + MESSAGE, 4)
    expect('queued, was %r' % reply, re.match(r'250 2\.0\.0 Ok: queued as [0-9a-z]{26}\r\n$', reply))
    expect('221', client.say(b'QUIT\r\n').startswith('221 2.0.0'))
    expect('closed', client.closed(2))
    expect('stops with 0', ingest.stop() == 0)
    messages = [line for line in ingest.log if 'event=message ' in line]
    expect('one line per message', len(messages) == 1 and 'status=ok' in messages[0] and
           'recipients=1' in messages[0] and 'size=21' in messages[0])
    expect('nothing of the content in the log', not any('hello' in line or 'Subject' in line for line in ingest.log))


def speaks_tls():
    ingest = Ingest()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        client = Client(ingest)
        expect('offered', 'STARTTLS' in client.capabilities)
        expect('220', client.say(b'STARTTLS\r\n').startswith('220 2.0.0'))
        client.start_tls(minimum_version=version, maximum_version=version)
        expect('forgotten', client.say(b'MAIL FROM:<a@b.example>\r\n').startswith('503'))
        expect('not offered again', 'STARTTLS' not in client.say(HELLO))
        big = b'Subject: x\r\n\r\n' + b'0123456789abcdef' * 4 * 1000 + b'\r\n.\r\n'
        expect('stored', client.say(ENVELOPE + big, 4).startswith('250 2.0.0'))
        expect('221', client.say(b'QUIT\r\n').startswith('221'))
    client = Client(ingest)
    client.say(b'STARTTLS\r\n')
    try:
        client.start_tls(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        raise AssertionError('TLS 1.1 was taken')
    except (ssl.SSLError, ConnectionError, ValueError):
        pass
    client = Client(ingest)
    reply = client.say(b'STARTTLS\r\n' + HELLO)
    expect('injection refused, was %r' % reply, reply.startswith('501 5.5.1') and client.closed(3))
    ingest.stop()
    expect('tls in the log', any('event=message ' in line and 'tls=yes' in line for line in ingest.log))


def ends_the_silent_and_the_slow():
    ingest = Ingest()
    silent, stalled = Client(ingest, hello=False), Client(ingest)
    stalled.say(b'STARTTLS\r\n')
    in_text = Client(ingest)
    in_text.say(ENVELOPE, 3)
    dripping = Client(ingest)
    began = time.monotonic()
    try:
        while time.monotonic() - began < 6:
            dripping.socket.sendall(b'x')
            time.sleep(0.1)
    except ConnectionError:
        pass
    expect('a drip of bytes buys no time', time.monotonic() - began < 5)
    expect('silent client is told', silent.reply().startswith('421 4.4.2') and silent.closed(1))
    expect('stalled message is told', in_text.reply().startswith('421 4.4.2') and in_text.closed(1))
    ingest.stop()


def bounds_connections():
    ingest = Ingest(connections_per_client=3, connections=5)
    kept = [Client(ingest) for _ in range(3)]
    refused = Client(ingest, hello=False)
    expect('421, was %r' % refused.greeting, refused.greeting.startswith('421 4.7.0') and refused.closed(2))
    kept.pop().say(b'QUIT\r\n')
    for _ in range(50):
        client = Client(ingest, hello=False)
        if client.greeting.startswith('220'):
            break
        time.sleep(0.02)
    expect('room again', client.greeting.startswith('220'))
    ingest.stop()


def refuses_strangers():
    ingest = Ingest(networks=['192.0.2.0/24', '2001:db8::/32'])
    client = Client(ingest)
    expect('MAIL', client.say(b'MAIL FROM:<a@corp.example>\r\n').startswith('250'))
    expect('RCPT', client.say(b'RCPT TO:<x@other.example>\r\n').startswith('554 5.7.1'))
    ingest.stop()


def stops_in_order():
    ingest = Ingest(timeout='20 s')
    idle, busy = Client(ingest), Client(ingest)
    busy.say(ENVELOPE, 3)
    busy.socket.sendall(b'Subject: x\r\n')
    time.sleep(0.2)
    ingest.process.send_signal(signal.SIGTERM)
    expect('idle one is told', idle.reply().startswith('421 4.3.2') and idle.closed(2))
    try:
        socket.create_connection(('127.0.0.1', ingest.port), 1)
        raise AssertionError('still listening')
    except ConnectionError:
        pass
    expect('message in hand is taken', busy.say(b'\r\nhello\r\n.\r\n').startswith('250 2.0.0 Ok: queued'))
    expect('then ends', busy.reply().startswith('421 4.3.2') and busy.closed(2))
    expect('exit 0', ingest.process.wait(20) == 0)


def says_later_without_a_database():
    ingest = Ingest(database='host=/nonexistent dbname=postern')
    client = Client(ingest)
    reply = client.say(ENVELOPE + MESSAGE, 4)
    expect('451, was %r' % reply, reply.startswith('451 4.3.0'))
    expect('session goes on', client.say(b'NOOP\r\n').startswith('250'))
    ingest.stop()


def stays_small():
    """50 sessions, each in the middle of a large message at the same time."""
    ingest = Ingest(timeout='60 s', message_size='60 MB')
    size, sessions = int(os.environ.get('SMTP_LARGE_MB', '3')) << 20, 50
    line = b'x' * 76 + b'\r\n'
    block = line * (65536 // len(line))
    results = []

    def send():
        client = Client(ingest)
        client.say(ENVELOPE, 3)
        client.socket.sendall(b'Subject: x\r\n\r\n')
        for _ in range(size // len(block)):
            client.socket.sendall(block)
        client.socket.settimeout(300)
        results.append(client.say(b'.\r\n'))

    threads = [threading.Thread(target=send) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    peak = ingest.peak_memory_mb()
    expect('all stored', len(results) == sessions and all(r.startswith('250') for r in results))
    expect('under 64 MB, was %.1f' % peak, peak < 64)
    print('peak memory with %d sessions of %d MB: %.1f MB' % (sessions, size >> 20, peak))
    ingest.stop()


make_certificate()
passed = failed = 0
tests = (takes_a_message, speaks_tls, ends_the_silent_and_the_slow, bounds_connections, refuses_strangers,
         stops_in_order, says_later_without_a_database, stays_small)
for test in tests:
    try:
        test()
        passed += 1
    except (AssertionError, OSError) as fault:
        failed += 1
        print('FAIL %s: %s' % (test.__name__, fault))
print('%d passed, %d failed' % (passed, failed))
sys.exit(failed > 0)
