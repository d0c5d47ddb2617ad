"""Read every letter in a folder with Python's email package and with mutt, and compare what they
find with what test_compose expected (NAME.subject, NAME.reply-to, NAME.body, NAME.files)."""

import email
import email.policy
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import threading

failures = 0
checks = 0


def check(letter, what, found, wanted):
    global failures, checks
    checks += 1
    if found != wanted:
        failures += 1
        print(f"{letter.name}: {what}: found {found!r}, wanted {wanted!r}")


def fill(size):
    return bytes((i * 7 + i // 251) & 255 for i in range(size))


def expected(letter, kind):
    path = letter.with_suffix("." + kind)
    return path.read_text() if path.exists() else None


def read_with_python(letter):
    message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
    for part in message.walk():
        check(letter, "defects", [str(d) for d in part.defects], [])
    subject = expected(letter, "subject")
    if subject is not None:
        check(letter, "subject", str(message["Subject"]), subject[:-1])
    reply_to = expected(letter, "reply-to")
    if reply_to is not None:
        addresses = message["Reply-To"].addresses
        check(letter, "addresses", [a.addr_spec for a in addresses], ["fred@example.net"])
        # Python puts a blank between the encoded words of a name that needs several.
        check(letter, "name", addresses[0].display_name.replace(" ", ""),
              reply_to[:-1].replace(" ", ""))
    body = expected(letter, "body")
    if body is not None:
        check(letter, "body", message.get_content().replace("\r\n", "\n") + "\n", body)
    files = expected(letter, "files")
    if files is not None:
        found = list(message.iter_attachments())
        check(letter, "files", [f.get_filename() for f in found], files.splitlines())
        for number, part in enumerate(found):
            check(letter, "bytes", part.get_payload(decode=True), fill(number * 1001))
    if letter.name == "bounce.eml":
        report = message.get_payload(1)
        fields = [dict(block.items()) for block in report.get_payload()]
        check(letter, "blocks", len(fields), 3)
        check(letter, "status", fields[1]["Status"], "5.1.1")
        check(letter, "recipient", fields[1]["Final-Recipient"], "rfc822; fred@example.net")


def drain(terminal):
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass  # mutt has closed its side


def read_with_mutt(letter):
    """The letter as mutt's reader would see it: it is piped through cat, decoded."""
    output = letter.with_suffix(".mutt")
    script = letter.with_suffix(".muttrc")
    script.write_text("set charset=utf-8\nset pipe_decode=yes\nset wait_key=no\nset quit=yes\n"
                      f"set folder={letter.parent}\n"
                      f'push "<pipe-message>cat >{output}<enter><exit>"\n')
    ours, theirs = pty.openpty()
    reader = threading.Thread(target=drain, args=(ours,), daemon=True)
    reader.start()
    subprocess.run(["mutt", "-n", "-F", script, "-R", "-f", letter.with_suffix(".mbox")],
                   stdin=theirs, stdout=theirs, stderr=theirs, timeout=20, check=False,
                   env={"TERM": "vt100", "LC_ALL": "C.UTF-8", "HOME": str(letter.parent),
                        "PATH": "/usr/bin:/bin"})
    os.close(theirs)
    os.close(ours)
    return output.read_text() if output.exists() else None


def main():
    folder = pathlib.Path(sys.argv[1])
    letters = sorted(folder.glob("*.eml"))
    check(folder, "letters", len(letters) > 0, True)
    for letter in letters:
        read_with_python(letter)
        if shutil.which("mutt") is None:
            continue
        raw = letter.read_bytes().replace(b"\r\n", b"\n")
        letter.with_suffix(".mbox").write_bytes(b"From x Sun Nov 22 06:01:21 2026\n" + raw + b"\n")
        shown = read_with_mutt(letter)
        check(letter, "mutt reads it", shown is not None, True)
        subject = expected(letter, "subject")
        if shown is not None and subject is not None:
            found = shown.split("Subject: ", 1)[1].split("\nDate:")[0]
            found = found.replace("\n ", " ").replace("\n\t", " ")
            check(letter, "subject in mutt", found, subject[:-1])
    print(f"{checks} checks, {failures} failed")
    sys.exit(failures != 0)


main()
