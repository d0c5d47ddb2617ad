"""Pictures that are made on the spot."""

import os
import struct
import zlib


def png(width=3, height=2, colour=b"\x80"):
    """One of a single colour: one byte is a grey, three are red, green and blue; None is noise in three."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if colour and len(colour) == 1 else 2, 0, 0, 0)
    if colour:
        rows = zlib.compress((b"\0" + colour * width) * height)
    else:
        rows = zlib.compress(b"".join(b"\0" + os.urandom(width * 3) for _ in range(height)), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
