"""winmail.dat as Outlook packs it ([MS-OXTNEF]), for tests."""

import struct

SIGNATURE = 0x223E9F78


def attribute(level, kind, content):
    """One attribute with its checksum."""
    return struct.pack("<BII", level, kind, len(content)) + content + \
        struct.pack("<H", sum(content) & 0xFFFF)


def padded(content):
    """Filled up to four bytes."""
    return content + b"\0" * (-len(content) % 4)


def variable(kind, number, content):
    """A property of changing length, with one value."""
    return struct.pack("<HHII", kind, number, 1, len(content)) + padded(content)


def text(number, value):
    """A property in UTF-16."""
    return variable(0x1F, number, (value + "\0").encode("utf-16-le"))


def properties(*items):
    """A list of properties."""
    return struct.pack("<I", len(items)) + b"".join(items)


def rtf(content):
    """RTF, not packed, but in the form of packed RTF."""
    return struct.pack("<III", len(content) + 12, len(content), 0x414C454D) + struct.pack("<I", 0) + content


def attached(name, content, *more):
    """The attributes of a file."""
    return attribute(2, 0x00069002, b"\1\0" + b"\0" * 12) + \
        attribute(2, 0x00018010, name.encode("cp1252", "replace") + b"\0") + \
        attribute(2, 0x0006800F, content) + \
        attribute(2, 0x00069005, properties(text(0x3707, name), *more))


def letter(*parts):
    """All of it."""
    return struct.pack("<IH", SIGNATURE, 1) + \
        attribute(1, 0x00069007, struct.pack("<II", 1252, 0)) + b"".join(parts)


def sample():
    """A letter with two files, HTML and RTF."""
    return letter(
        attribute(1, 0x00069003, properties(
            variable(0x102, 0x1009, rtf(b"{\\rtf1 packed text}")),
            variable(0x102, 0x1013, b"<p>From <b>Outlook</b>.</p>"))),
        attached("Plan \u20ac 2026.pdf", b"%PDF of a plan"),
        attached("photo.png", b"\x89PNG and so on", text(0x370E, "image/png"), text(0x3712, "photo@x")))
