#!/usr/bin/python3 -B
"""Large files go in by SMTP, wait, are read and downloaded, in parts, all as one ZIP and after a
broken connection, and an upload goes back: no daemon ever has more than 64 MB in memory.

Measured at the release build, since sanitizers use memory of their own; POSTERN names another.  With
POSTERN_BIG=1 the message is one of 2 GB and the upload one of 1 GB (it takes minutes, and 15 GB of disk).
"""

import base64
import contextlib
import hashlib
import http.client
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
import postern as harness  # noqa: E402
from authority import Authority  # noqa: E402
from desk import GENERATED, send  # noqa: E402
from openpgp_keys import Gpg  # noqa: E402
from pdf import Paper  # noqa: E402
from picture import png  # noqa: E402
from pki import Pki  # noqa: E402
from postern import ROOT, Postern, body_text, link_in, wait_for  # noqa: E402
from sink import Sink  # noqa: E402
from tls import unchecked_tls  # noqa: E402
from visitor import Visitor  # noqa: E402

os.environ.setdefault("POSTERN", str(ROOT / "build" / "release" / "postern"))
ALICE, FRED = "alice@corp.example", "fred@example.net"
PASSPHRASE = "four white storks"
MB = 1 << 20
LIMIT_KB = 64 * 1024
PAGE_TEXT = 524288  # bytes of text of a PDF
BIG = os.environ.get("POSTERN_BIG") == "1"
# Of the three files in the message; the first is the one that is taken alone.
FILE_SIZES = [1100 * MB, 600 * MB, 400 * MB] if BIG else [150 * MB, 30 * MB, 20 * MB]
UPLOAD_SIZE = 1024 * MB if BIG else 90 * MB
PIECE = os.urandom(57 * 4096)  # whole lines of base64
HEAD = b"""From: Alice <alice@corp.example>
To: Fred <fred@example.net>
Subject: The film
Message-ID: <film@corp.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="limit"

--limit
Content-Type: text/plain

Here it is.
""".replace(b"\n", b"\r\n")
FILE_HEAD = """--limit
Content-Type: video/mp4
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="film%d.mp4"

"""


def send_large(postern, *recipients):
    """Hand the message over without ever having it whole, with the address mark for each; gives size and hash of each file."""
    encoded = base64.encodebytes(PIECE).replace(b"\n", b"\r\n")
    files = []
    with socket.create_connection(("127.0.0.1", postern.smtp_port), timeout=1800) as connection:
        replies = connection.makefile("rb")

        def ask(line):
            connection.sendall(line + b"\r\n")
            while True:
                reply = replies.readline()
                if reply[3:4] != b"-":
                    return reply

        replies.readline()
        for line in ("HELO client.corp.example", "MAIL FROM:<alice@corp.example>",
                     *("RCPT TO:<secure-%s>" % recipient for recipient in recipients), "DATA"):
            reply = ask(line.encode())
            assert reply[:1] in b"23", reply
        connection.sendall(HEAD)
        for number, wanted in enumerate(FILE_SIZES):
            connection.sendall((FILE_HEAD % number).replace("\n", "\r\n").encode())
            digest, size = hashlib.sha256(), 0
            while size < wanted:
                connection.sendall(encoded)
                digest.update(PIECE)
                size += len(PIECE)
            files.append((size, digest.hexdigest()))
        reply = ask(b"--limit--\r\n.")
        assert reply.startswith(b"250"), reply
    return files


def cookie_of(visitor):
    """For curl."""
    return "; ".join("%s=%s" % (cookie.name, cookie.value) for cookie in visitor.cookies)


def fetch(visitor, url, headers=None):
    """Read an answer to its end; gives status, headers, size and hash of what came."""
    parts = urllib.parse.urlsplit(url)
    context = unchecked_tls()
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=300,
                                             context=context)
    connection.request("GET", parts.path, headers=dict(headers or {}, Cookie=cookie_of(visitor)))
    answer = connection.getresponse()
    digest, size = hashlib.sha256(), 0
    while True:
        piece = answer.read(MB)
        if not piece:
            break
        digest.update(piece)
        size += len(piece)
    connection.close()
    return answer.status, answer.headers, size, digest.hexdigest()


def file_digest(path):
    """Of a file that is too large for memory."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def take_broken(postern, visitor, url, size, digest):
    """curl is killed midway, and goes on where it stopped."""
    target = postern.folder / "film.mp4"
    command = ["curl", "-sfk", "-C", "-", "-b", cookie_of(visitor), "-o", target, url]
    with subprocess.Popen(command) as first:
        wait_for("a part of the file", lambda: target.exists() and
                 target.stat().st_size > size // 3 or first.poll() is not None, 300)
        first.kill()
    assert size // 3 < target.stat().st_size < size, target.stat().st_size
    subprocess.run(command, check=True, timeout=1800)
    assert target.stat().st_size == size and file_digest(target) == digest
    target.unlink()


def take_all(postern, visitor, url, files):
    """The ZIP of all, checked by another program's reader."""
    target = postern.folder / "files.zip"
    subprocess.run(["curl", "-sfk", "-b", cookie_of(visitor), "-o", target, url], check=True,
                   timeout=1800)
    with zipfile.ZipFile(target) as archive:
        assert [entry.file_size for entry in archive.infolist()] == [size for size, _ in files]
        assert archive.testzip() is None
    target.unlink()


def send_upload(postern, visitor, link):
    """A reply by curl, which reads the file as it sends it; gives its hash."""
    source = postern.folder / "back.mp4"
    digest = hashlib.sha256()
    with open(source, "wb") as file:
        for _ in range(UPLOAD_SIZE // len(PIECE)):
            file.write(PIECE)
            digest.update(PIECE)
    fields = visitor.get(link + "/reply").form("body")["fields"]
    words = []
    for name, value in dict(fields, body="Thank you.").items():
        words += ["-F", "%s=%s" % (name, value or "")]
    status = subprocess.run(
        ["curl", "-sk", "-b", cookie_of(visitor), "-H", "Origin: " + postern.url, *words, "-F",
         "files=@%s" % source, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}",
         link + "/reply"], check=True, capture_output=True, text=True, timeout=1800).stdout
    assert re.fullmatch(r"303 \S+/sent\?at=[0-9a-z]+", status), status
    source.unlink()
    return digest.hexdigest()


def check_reply(postern, digest):
    """The reply in Alice's mailbox, which is read line by line."""
    def found():
        for path in (postern.maildir / ALICE / "new").iterdir():
            with open(path, "rb") as file:
                if b"Re: The film" in file.read(4096):
                    return path
        return None
    wait_for("the reply", found, 1800)
    taken, inside = hashlib.sha256(), False
    with open(found(), "rb") as file:
        for line in file:
            if b"back.mp4" in line:
                inside = None  # the empty line behind its header comes next
            elif inside is None and line in (b"\n", b"\r\n"):
                inside = True
            elif inside and line.startswith(b"--"):
                break
            elif inside:
                taken.update(base64.b64decode(line))
    assert taken.hexdigest() == digest


def peaks(postern):
    """The most memory that each daemon ever had, in kB."""
    found = {}
    for name, process in postern.processes.items():
        try:
            status = pathlib.Path("/proc/%d/status" % process.pid).read_text()
        except PermissionError as error:
            raise cases.Skip("memory of a daemon cannot be read: %s" % error)
        found[name] = int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1))
    return found


def story(postern):
    """Everything with large things; tells the peaks on the way."""
    began = time.monotonic()

    def tell(what):
        print("  %-28s %5.1f s  %s" % (what, time.monotonic() - began, "  ".join(
            "%s %.1f MB" % (name, size / 1024) for name, size in peaks(postern).items())),
            flush=True)

    tell("at the start")
    files = send_large(postern, FRED)
    size, digest = files[0]
    tell("taken")
    wait_for("the message to be held", lambda: postern.letters(ALICE), 1800)
    held, _ = postern.next_letter(ALICE)
    tell("held")
    visitor = Visitor()
    visitor.submit(visitor.get(link_in(held, "s")), "clue", clue="Birds?", passphrase=PASSPHRASE,
                   passphrase_again=PASSPHRASE, lifetime_days="7")
    notice, _ = postern.next_letter(FRED)
    link = link_in(notice, "r")
    tell("secured")
    fred = Visitor()
    page = fred.submit(fred.get(link), "passphrase", passphrase=PASSPHRASE)
    assert "Here it is." in page.words(), page.words()
    tell("opened")
    url = postern.url + [path for path in page.links() if "/file/" in path][0]
    assert fetch(fred, url)[2:] == (size, digest)
    tell("downloaded")
    start = size - 3 * MB - 17
    status, headers, part_size, _ = fetch(fred, url, {
        "Range": "bytes=%d-%d" % (start, start + MB - 1)})
    assert status == 206 and part_size == MB, (status, part_size)
    assert headers["Content-Range"] == "bytes %d-%d/%d" % (start, start + MB - 1, size)
    take_broken(postern, fred, url, size, digest)
    tell("broken off and resumed")
    take_all(postern, fred, link + "/files.zip", files)
    tell("all as one ZIP")
    assert fetch(fred, link + "/message.eml")[2] > sum(size for size, _ in files) * 4 // 3
    tell("as .eml")
    digest = send_upload(postern, fred, link)
    tell("replied")
    check_reply(postern, digest)
    tell("reply delivered")


def files_in(path):
    """Hashes of the files in a message, which is read line by line."""
    digests, inside = [], False
    with open(path, "rb") as file:
        for line in file:
            if line.startswith(b"Content-Disposition: attachment"):
                inside = None  # the empty line behind its header comes next
                digests.append(hashlib.sha256())
            elif inside is None and line in (b"\n", b"\r\n"):
                inside = True
            elif inside and line.startswith(b"--"):
                inside = False
            elif inside:
                digests[-1].update(base64.b64decode(line))
    return [digest.hexdigest() for digest in digests]


def signed_part_of(path, folder):
    """The letter inside of a multipart/signed, once openssl has verified it by the authority; its path."""
    inside = folder / "inside"
    subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", folder / "authority.pem", "-purpose", "any",
                    "-out", inside], check=True, capture_output=True, timeout=1800)
    return inside


def test_encrypted_letters_are_bounded():
    """The same message leaves signed and encrypted, and over verified TLS, without being in memory."""
    if not harness.program().exists():
        raise cases.Skip("no release build")
    rsa, ec, openpgp, tls = "rsa@example.net", "ec@example.net", "grace@example.net", "tina@partner.example"
    organisation, authority = "postern@corp.example", Authority()
    with Pki() as pki, Gpg() as gpg, \
            Sink(certificate=authority.issue("mx", ["DNS:mx.partner.example"])) as sink:
        pin = hashlib.sha256(subprocess.run(
            ["openssl", "x509", "-in", sink.certificate[0], "-outform", "DER"], capture_output=True, check=True).stdout).hexdigest()
        policy = ('ladder = ( "smime", "openpgp", "tls", "portal" ); tls_pins = ( { domains = ( "partner.example" ); '
                  'via = "127.0.0.1:%d"; fingerprints = ( "%s" ); } );' % (sink.port, pin))
        with Postern(smtp='message_size = "4 GB";', policy=policy, keys='keys: { sources = ( ); sign = "gateway"; };',
                     pg_options="fsync=off max_wal_size=4GB") as postern:
            def ctl(*words, **more):
                subprocess.run([harness.program(), "ctl", *words, "--config", postern.config], check=True,
                               capture_output=True, **more)

            (pki.folder / "grace.gpg").write_bytes(gpg.run("--export", gpg.make(
                "Grace <%s>" % openpgp, "ed25519", "cv25519")))
            ctl("ca", "import", pki.authority)
            for path in (pki.person(rsa), pki.person(ec, "ec"), pki.folder / "grace.gpg"):
                ctl("key", "import", path)
            pki.person(organisation)
            ctl("own-key", "import", pki.pkcs12(organisation, "of a test"), input=b"of a test\n")
            house = gpg.make("The house <%s>" % organisation, "ed25519")
            (pki.folder / "house.asc").write_bytes(gpg.secret(house))
            ctl("own-key", "import", pki.folder / "house.asc")
            digests = [digest for _, digest in send_large(postern, rsa, ec, openpgp, tls)]
            plain = pki.folder / "plain"
            for address in (rsa, ec, openpgp):
                wait_for("the letter to " + address, lambda: any((postern.maildir / address / "new").glob("*")), 1800)
                (letter,) = (postern.maildir / address / "new").iterdir()
                if address == openpgp:
                    status = gpg.run("--status-fd", "1", "--output", str(plain), "--decrypt", str(letter)).decode()
                    (signed,) = re.findall(r"^\[GNUPG:\] VALIDSIG ([0-9A-F]+) ", status, re.M)
                    assert signed == house, status
                    assert files_in(plain) == digests, address
                else:
                    name = str(pki.folder / address.replace("@", "-"))
                    subprocess.run(["openssl", "cms", "-decrypt", "-in", letter, "-inkey", name + ".key", "-recip",
                                    name + ".pem", "-out", plain], check=True, timeout=1800)
                    assert files_in(signed_part_of(plain, pki.folder)) == digests, address
                plain.unlink()
                letter.unlink()
            wait_for("the letter to " + tls, lambda: sink.letters, 1800)
            plain.write_bytes(sink.letters[0].content)
            assert sink.letters[0].encrypted and files_in(plain) == digests, tls
            for name, size in peaks(postern).items():
                print("  %s %.1f MB" % (name, size / 1024))
                assert size < LIMIT_KB, "%s took %d kB" % (name, size)


def watch_family(root, peaks, done):
    """Until `done`, note the most memory in kB that a process and those below it ever had."""
    family = {root}
    while not done.wait(0.02):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError, AttributeError):  # gone, or a zombie
                status = pathlib.Path("/proc", name, "status").read_text()
                parent = int(re.search(r"PPid:\s*(\d+)", status).group(1))
                if int(name) in family or parent in family:
                    family.add(int(name))
                    peaks[int(name)] = max(peaks.get(int(name), 0),
                                           int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1)))


def test_a_pdf_with_its_files_is_bounded():
    """A message of 32 MB leaves as PDF, with the 24 MB of it that fit, half a megabyte of text in scripts of which
    one has no font, and all pictures that there is room for: the courier has the PDF once, and never its
    base64; who draws stays below 200 MB."""
    pictures = [("%d.png" % number, png(1000, 900, None)) for number in range(8)]
    files = pictures + [("rest.bin", os.urandom(25 * MB - sum(len(content) for _, content in pictures))),
                        ("more.bin", os.urandom(7 * MB))]
    line = "Grüße, Привет, 中文没有空格的换行, العربية ܐܒܓܕ and some more words.\n"
    text = line * (PAGE_TEXT // len(line.encode()) - 1) + "The end."
    with Postern(policy='ladder = ( "pdf", "portal" );') as postern:
        courier = postern.processes["courier"].pid
        peaks, done = {}, threading.Event()
        watcher = threading.Thread(target=watch_family, args=(courier, peaks, done))
        watcher.start()
        try:
            send(postern, files=files, body=text)
            mail, _ = postern.next_letter(FRED)
        finally:
            done.set()
            watcher.join()
        told, _ = postern.next_letter(ALICE, lambda m: m["Subject"].startswith("Password of the PDF"))
        password = re.search(GENERATED, body_text(told)).group(0)
        (pdf,) = mail.iter_attachments()
        with Paper(pdf.get_content(), password) as paper:
            (name, _), *inside = paper.files()
            assert name == "message.txt" and inside == files[:-1], "there is no room for the last"
            words = " ".join(paper.text().split())
            assert "not in this PDF are in the portal" in words and "The end." in words
            assert words.count("Picture: ") == len(paper.pictures()) == 5
            assert words.count("A picture that is not shown here: ") == 3
        print("  courier %d MB, reader's processes %s MB" % (peaks[courier] // 1024, sorted(
            peak // 1024 for process, peak in peaks.items() if process != courier)))
        assert peaks.pop(courier) < 128 * 1024 and max(peaks.values()) < 200 * 1024, peaks


def test_memory_is_bounded():
    if not harness.program().exists():
        raise cases.Skip("no release build")
    with Postern(smtp='message_size = "%s";' % ("4 GB" if BIG else "300 MB"),
                 portal='reply_size = "%s";' % ("2 GB" if BIG else "100 MB"),
                 pg_options="fsync=off max_wal_size=4GB") as postern:
        story(postern)
        for name, size in peaks(postern).items():
            assert size < LIMIT_KB, "%s took %d kB" % (name, size)


if __name__ == "__main__":
    cases.run("__main__")
