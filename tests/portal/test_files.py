#!/usr/bin/python3 -B
"""Files of a message: what pages tell of them, how they are taken one by one, in parts and all at
once, and how they are looked at without anything of theirs being run."""

import email.message
import email.policy
import hashlib
import io
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import urllib.parse
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import cases  # noqa: E402
from desk import ALICE, FRED, file_links, finish, finish_mail, notice, opens  # noqa: E402
from picture import png  # noqa: E402
from postern import Postern, link_in, wait_for  # noqa: E402
from visitor import Visitor  # noqa: E402

SCRIPT = b"<html><script>alert(1)</script></html>"


def packed(*files):
    """A ZIP archive of (name, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def encrypted():
    """The same, saying that its file is encrypted."""
    archive = bytearray(packed(("secret.txt", b"x")))
    at = archive.index(b"PK\1\2")
    archive[at + 8] |= 1
    return bytes(archive)


FILES = [
    ("plan.pdf", "application/pdf", b"%PDF-1.7 " + b"p" * 5000),
    ("Übersicht €.bin", "application/octet-stream", os.urandom(300_000)),
    ("photo.png", "image/png", png(640, 480)),
    ("a.txt", "text/plain", "Grüße <b>&\n".encode() + b"x" * 100 + b"\n"),
    ("a.txt", "text/plain", "Grüße".encode("latin-1")),
    ("films.zip", "application/zip", packed(("one/two.mp4", b"f" * 2048), ("read me.txt", b"r"))),
    ("tools.zip", "application/zip", packed(("setup.EXE", b"MZ"), ("inner.rar", b"R"))),
    ("closed.zip", "application/zip", encrypted()),
    ("broken.zip", "application/zip", b"PK\3\4 was cut off"),
    ("offer.pdf.exe", "application/pdf", b"MZ" + b"\0" * 100),
    ("liar.png", "image/png", SCRIPT),
    ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ("form.html", "text/html", SCRIPT),
    ("sheet.xlsm", "application/octet-stream", b"PK"),
    ("noise.txt", "text/plain", bytes(range(256)) * 20),
    ("wide.txt", "text/plain", "Ω\n".encode("utf-16")),
    ("huge.png", "image/png", png(1, 1).replace(struct.pack(">II", 1, 1),
                                                struct.pack(">II", 60000, 60000))),
    ("empty.txt", "text/plain", b""),
]
CONTENT = {name: content for name, _, content in FILES}


def letter(files):
    """A marked message with files of their own types."""
    message = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=990))
    message["From"], message["To"] = "Alice <%s>" % ALICE, "secure-" + FRED
    message["Subject"] = "Files"
    message["Date"] = "Sun, 22 Nov 2026 08:00:00 +0100"
    message.set_content("Here they are.\n")
    for name, kind, content in files:
        main, sub = kind.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def open_with(postern, files, choices=None):
    """Send the files; gives the link, the page of the message, and its reader."""
    postern.send(ALICE, ["secure-" + FRED], letter(files))
    finish(link_in(finish_mail(postern), "s"), **(choices or {}))
    link = link_in(notice(postern), "r")
    page, fred = opens(link)
    return link, page, fred


def about(page, name):
    """What the list says of a file."""
    words = page.words()
    start = words.index("File: " + name)
    end = words.find("File: ", start + 1)
    return words[start:end if end > 0 else words.index("Save all files")]


def view_link(page, name):
    """The address of a file's own page, or None."""
    found = [link for link in page.links()
             if "/view/" in link and link.endswith("/" + urllib.parse.quote(name))]
    return urllib.parse.urljoin(page.url, found[0]) if found else None


def file_link(page, name, which=0):
    """The address of a file."""
    return [link for link in file_links(page) if link.endswith("/" + urllib.parse.quote(name))][which]


def test_list_and_view():
    with Postern() as postern:
        link, page, fred = open_with(postern, FILES)
        check_list(page)
        check_pictures(link, page, fred)
        check_texts(page, fred)
        check_archives(page, fred)
        check_what_is_never_shown(link, page, fred)


def check_list(page):
    for name, words in (
            ("plan.pdf", "PDF document, 4.9 KB"), ("Übersicht €.bin", "File, 293.0 KB"),
            ("photo.png", "Picture, "), ("photo.png", "640 × 480 pixels View"),
            ("films.zip", "ZIP archive, "), ("films.zip", ", 2 files inside"),
            ("films.zip", "one/two.mp4 (2 KB)"), ("closed.zip", ", 1 file inside"),
            ("closed.zip", "a password of its own"), ("tools.zip", "There are programs in it"),
            ("tools.zip", "setup.EXE (2 B) - can do harm"), ("tools.zip", "more archives in it"),
            ("broken.zip", "cannot be read"), ("offer.pdf.exe", "Program, 102 B"),
            ("offer.pdf.exe", "This is a program."), ("drawing.svg", "This is a web page."),
            ("form.html", "Web page"), ("sheet.xlsm", "can run a program")):
        assert words in about(page, name), (name, words, about(page, name))
    for name in ("plan.pdf", "photo.png", "a.txt", "films.zip"):
        assert "program" not in about(page, name), about(page, name)
    for name in ("liar.png", "huge.png"):  # neither its size nor a look
        assert "pixels" not in about(page, name) and view_link(page, name) is None
    assert "setup.EXE" not in about(page, "films.zip")
    total = sum(len(content) for _, _, content in FILES)
    assert "as one ZIP (%.1f KB)" % (total / 1024) in page.words(), page.words()


def check_pictures(link, page, fred):
    view = fred.get(view_link(page, "photo.png"))
    assert "640 × 480 pixels" in view.words(), view.words()
    source = re.search(r'<img src="([^"]+)"', view.text).group(1)
    assert 'alt="The picture photo.png"' in view.text and source.startswith("/r/"), view.text
    picture = fred.get(urllib.parse.urljoin(view.url, source))
    assert picture.body == CONTENT["photo.png"] and picture.headers["Content-Type"] == "image/png"
    check_sandboxed(picture)
    assert picture.headers["Content-Disposition"] is None
    # Without the session there is no picture, whatever address is known.
    assert Visitor().get(picture.url).status == 403


def check_sandboxed(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'"), policy
    for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
                        ("Cross-Origin-Resource-Policy", "same-origin"),
                        ("Cache-Control", "no-store, no-cache"),
                        ("Referrer-Policy", "no-referrer")):
        assert answer.headers[name] == value, answer.headers.items()


def check_texts(page, fred):
    first, second = [urllib.parse.urljoin(page.url, link) for link in page.links()
                     if "/view/" in link and link.endswith("/a.txt")]
    view = fred.get(first)
    assert "Grüße &lt;b&gt;&amp;" in view.text and "x" * 100 in view.text, view.text
    assert "Grüße" in fred.get(second).words()  # not labelled, and no UTF-8
    assert "Ω" in fred.get(view_link(page, "wide.txt")).words()
    assert "no text in this file" in fred.get(view_link(page, "empty.txt")).words()
    noise = fred.get(view_link(page, "noise.txt"))
    assert "cannot be shown here" in noise.words() and "\x01" not in noise.text


def check_archives(page, fred):
    # All names are on the message's page already.
    assert view_link(page, "films.zip") is None
    number = re.search(r"/file/(\d+)/films.zip", page.text).group(1)
    view = fred.get(page.url.removesuffix("/message") + "/view/%s/films.zip" % number)
    assert "one/two.mp4 (2 KB)" in view.words() and "2 files inside" in view.words(), view.words()


def check_what_is_never_shown(link, page, fred):
    numbers = dict(re.findall(r"/file/(\d+)/([^\"]+)\"", page.text))
    for number, name in numbers.items():
        picture = fred.get("%s/picture/%s/x.png" % (link, number))
        if name != "photo.png":
            assert picture.status == 404 and SCRIPT not in picture.body, name
        view = fred.get("%s/view/%s/x" % (link, number))
        assert view.status == 200 and b"<script>alert" not in view.body, name
        taken = fred.get("%s/file/%s/x" % (link, number))
        assert taken.headers["Content-Disposition"].startswith("attachment; "), name
        assert taken.headers["Content-Type"] not in ("text/html", "image/svg+xml"), name
        check_sandboxed(taken)
    for what in ("view", "picture", "file"):
        assert fred.get("%s/%s/%d/x" % (link, what, 4_000_000_000_000)).status == 404


def test_one_file_in_parts():
    with Postern() as postern:
        link, page, fred = open_with(postern, FILES[:2])
        url, content = file_link(page, FILES[1][0]), FILES[1][2]
        answer = fred.get(url)
        tag = answer.headers["ETag"]
        assert answer.body == content and tag == '"%s"' % hashlib.sha256(content).hexdigest()
        for name, value in (
                ("Accept-Ranges", "bytes"), ("Content-Length", "300000"),
                ("Content-Type", "application/octet-stream"),
                ("Content-Disposition", "attachment; filename=\"__bersicht ___.bin\"; "
                                        "filename*=UTF-8''%C3%9Cbersicht%20%E2%82%AC.bin")):
            assert answer.headers[name] == value, (name, answer.headers[name])
        check_sandboxed(answer)
        for wanted, status, begin, end in (
                ("bytes=0-9", 206, 0, 10), ("bytes=100000-", 206, 100000, 300000),
                ("bytes=-17", 206, 299983, 300000), ("bytes=299999-400000", 206, 299999, 300000),
                ("bytes=0-299999", 206, 0, 300000), ("bytes=65535-65536", 206, 65535, 65537),
                ("bytes=0-1,5-6", 200, 0, 300000), ("bytes=x-", 200, 0, 300000),
                ("lines=0-1", 200, 0, 300000)):
            part = fred.get(url, headers={"Range": wanted})
            assert part.status == status and part.body == content[begin:end], wanted
            assert part.headers["Content-Length"] == str(end - begin), wanted
            assert part.headers["Content-Range"] == (
                "bytes %d-%d/300000" % (begin, end - 1) if status == 206 else None), wanted
            assert part.headers["ETag"] == tag
        for wanted in ("bytes=300000-", "bytes=-0"):
            part = fred.get(url, headers={"Range": wanted})
            assert part.status == 416 and part.body == b"", wanted
            assert part.headers["Content-Range"] == "bytes */300000"
        for own, status in ((tag, 206), ('"other"', 200), ("W/" + tag, 200),
                            ("Sun, 22 Nov 2026 07:00:00 GMT", 200)):
            part = fred.get(url, headers={"Range": "bytes=10-19", "If-Range": own})
            assert part.status == status, (own, part.status)
        assert fred.get(url, headers={"If-None-Match": tag}).status == 304
        # HEAD knows no ranges.
        for headers in ({}, {"Range": "bytes=0-9"}):
            head = fred.request(url, method="HEAD", headers=headers)
            assert head.status == 200 and head.headers["Content-Length"] == "300000"
            assert head.headers["ETag"] == tag and head.body == b""
        check_resumed(postern, fred, url, content)
        whole = fred.get(link + "/message.eml")
        part = fred.get(link + "/message.eml", headers={
            "Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
        assert part.status == 206 and part.body == whole.body[100:]


def check_resumed(postern, fred, url, content):
    """curl goes on where it stopped."""
    target = postern.folder / "taken.bin"
    target.write_bytes(content[:123_457])
    cookie = "; ".join("%s=%s" % (cookie.name, cookie.value) for cookie in fred.cookies)
    subprocess.run(["curl", "-sfk", "-C", "-", "-b", cookie, "-o", target, url], check=True,
                   timeout=60)
    assert target.read_bytes() == content


def test_all_at_once():
    with Postern() as postern:
        link, page, fred = open_with(postern, FILES, choices={"notify_files": True})
        url = link + "/files.zip"
        assert urllib.parse.urlsplit(url).path in page.links()
        assert Visitor().get(url).status == 403
        head = fred.request(url, method="HEAD")
        assert head.status == 200 and head.body == b""
        assert postern.query("select count(*) from taken") == [["0"]]
        answer = fred.get(url)
        assert answer.status == 200 and answer.headers["Content-Length"] == str(len(answer.body))
        assert head.headers["Content-Length"] == answer.headers["Content-Length"]
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Content-Disposition"].startswith(
            'attachment; filename="files.zip"')
        assert answer.headers["Accept-Ranges"] == "none"
        check_sandboxed(answer)
        check_zip(postern, answer.body)
        # Each of them counts as taken, once.
        wait_for("all to be taken", lambda: postern.query("select count(*) from taken") ==
                 [[str(len(FILES))]])
        fred.get(url)
        postern.settle()
        assert postern.query("select count(*) from taken") == [[str(len(FILES))]]
        assert postern.query("select count(*) from outbox where kind = 15") == [["1"]]
        part = fred.get(url, headers={"Range": "bytes=10-"})
        assert part.status == 200 and part.body == answer.body


def check_zip(postern, body):
    """By three readers."""
    wanted = [(name if name != "a.txt" or content is FILES[3][2] else "a (2).txt", content)
              for name, _, content in FILES]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == wanted
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time[:3] == (2026, 11, 22), entry.date_time
    path = postern.folder / "files.zip"
    path.write_bytes(body)
    for program in ("unzip", "bsdtar"):
        if shutil.which(program) is None:
            raise cases.Skip("no " + program)
    subprocess.run(["unzip", "-tq", path], check=True, stdout=subprocess.DEVNULL, timeout=60)
    folder = postern.folder / "unpacked"
    folder.mkdir()
    subprocess.run(["bsdtar", "-xf", path, "-C", folder], check=True, timeout=60,
                   env=dict(os.environ, LC_ALL="C.UTF-8"))
    assert {found.name: found.read_bytes() for found in folder.iterdir()} == dict(wanted)


def test_looking_is_taking():
    """Who has seen all of a file has it; who has seen a beginning has not."""
    long_text = b"".join(b"line %d\n" % i for i in range(40_000))
    files = [("long.txt", "text/plain", long_text), ("short.txt", "text/plain", b"All of it.\n"),
             ("photo.png", "image/png", png())]
    with Postern() as postern:
        def taken():
            return [int(row[0]) for row in postern.query("select count(*) from taken")][0]
        _, page, fred = open_with(postern, files)
        view = fred.get(view_link(page, "long.txt"))
        assert "line 9000" in view.text and "line 39999" not in view.text
        assert "too long for this page" in view.words()
        fred.get(view_link(page, "photo.png"))
        fred.request(view_link(page, "short.txt"), method="HEAD")
        assert taken() == 0
        fred.get(view_link(page, "short.txt"))
        assert taken() == 1
        fred.get(view_link(page, "photo.png").replace("/view/", "/picture/"))
        wait_for("the picture to be taken", lambda: taken() == 2)


def test_many_files():
    """A page stays short, and says what it left out."""
    many = packed(*(("folder/file %04d of many.txt" % i, b"x") for i in range(3000)))
    files = [("many %d.zip" % i, "application/zip", many) for i in range(12)]
    with Postern() as postern:
        _, page, fred = open_with(postern, files)
        assert len(page.body) < 60_000, len(page.body)
        assert "and 2990 more" in page.words() and "3000 files inside" in page.words()
        view = fred.get(view_link(page, "many 3.zip"))
        assert len(view.body) < 30_000, len(view.body)
        assert "file 0100 of many.txt" in view.text and "file 2999" not in view.text


if __name__ == "__main__":
    cases.run("__main__")
