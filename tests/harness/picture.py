"""Pictures that are made on the spot."""

import struct
import zlib


def png(width=3, height=2, colour=b"\x80"):
    """One of a single colour: one byte is a grey, three are red, green and blue."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[len(colour)], 0, 0, 0)
    rows = zlib.compress((b"\0" + colour * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
