#!/usr/bin/python3
"""An independent reader of what Postern stores, written from docs/cryptography.md.

It shares no code with crypto/: BLAKE2b is hashlib's, Unicode is unicodedata's,
the ciphers, X25519 and Argon2id are PyNaCl's (Debian: python3-nacl).

	reader.py vectors   write vectors.h, the known answers that the unit tests
	                    hold the C code to; the same bytes at every run
	reader.py check     open every sealed vector again
"""
import hashlib
import sys
import unicodedata

import nacl.bindings as sodium
from nacl.pwhash import argon2id

VERSION, CHUNK, BOX, PAIR = 1, 1, 2, 3
MESSAGE_KEY, TEMPORARY_PRIVATE = 1, 2
RECIPIENT, SENDER = 1, 2
CHUNK_SIZE = 262144


class Damaged(Exception):
    pass


def number(value, size):
    return value.to_bytes(size, "big")


def blake2b(bytes_, key=b"", size=32):
    return hashlib.blake2b(bytes_, key=key, digest_size=size).digest()


def hash_purpose(key, purpose, bytes_=b""):
    name = purpose.encode()
    return blake2b(number(len(name), 4) + name + bytes_, key)


def body_of(sealed, algorithm):
    if len(sealed) < 2 or sealed[0] != VERSION or sealed[1] != algorithm:
        raise Damaged("header")
    return sealed[2:]


# --- chunk ---

def chunk_terms(message, index, last):
    return number(index, 8) + number(1 if last else 0, 4), message + bytes([VERSION, CHUNK])


def chunk_seal(key, message, index, last, plain):
    nonce, associated = chunk_terms(message, index, last)
    return bytes([VERSION, CHUNK]) + sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        plain, associated, nonce, key)


def chunk_open(key, message, index, last, sealed):
    nonce, associated = chunk_terms(message, index, last)
    plain = sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
        body_of(sealed, CHUNK), associated, nonce, key)
    if len(plain) > CHUNK_SIZE or (not last and len(plain) != CHUNK_SIZE):
        raise Damaged("chunk size")
    return plain


# --- box ---

def box_seal(key, purpose, context, plain, nonce):
    subkey = blake2b(b"postern box " + purpose.encode(), key)
    header = bytes([VERSION, BOX])
    return header + nonce + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, header + context, nonce, subkey)


def box_open(key, purpose, context, sealed):
    body = body_of(sealed, BOX)
    subkey = blake2b(b"postern box " + purpose.encode(), key)
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        body[24:], bytes([VERSION, BOX]) + context, body[:24], subkey)


# --- pair ---

def public_of(private):
    return sodium.crypto_scalarmult_base(private)


def pair_seal(public, purpose, identifier, secret, ephemeral):
    """crypto_box_seal, with the ephemeral private key given instead of random."""
    ephemeral_public = public_of(ephemeral)
    nonce = blake2b(ephemeral_public + public, size=24)
    return bytes([VERSION, PAIR]) + ephemeral_public + sodium.crypto_box(
        bytes([purpose]) + identifier + secret, nonce, public, ephemeral)


def pair_open(private, purpose, identifier, sealed):
    inner = sodium.crypto_box_seal_open(body_of(sealed, PAIR), public_of(private), private)
    if inner[:17] != bytes([purpose]) + identifier:
        raise Damaged("purpose or id")
    return inner[17:]


# --- lock ---

WHITE_SPACE = set(map(chr, [
    *range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029,
    0x202F, 0x205F, 0x3000]))
DEFAULT_IGNORABLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)]


def nfkc_casefold(text):
    def drop(folded):
        return "".join(c for c in folded
                       if not any(a <= ord(c) <= b for a, b in DEFAULT_IGNORABLE))
    for _ in range(3):
        text = drop(unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold()))
    return text


def normalise(rule, passphrase):
    if rule == "generated":
        digits = "".join(c for c in unicodedata.normalize("NFKC", passphrase).lower()
                         if c not in WHITE_SPACE and unicodedata.category(c) != "Pd")
        return digits.translate(str.maketrans("oil", "011")).encode()
    exact = unicodedata.normalize("NFKC", passphrase).strip("".join(WHITE_SPACE))
    if rule == "exact":
        return exact.encode()
    folded = unicodedata.normalize("NFD", nfkc_casefold(passphrase))
    kept = "".join(c for c in folded if c not in WHITE_SPACE
                   and unicodedata.category(c) != "Mn"
                   and not unicodedata.category(c).startswith("P"))
    return (kept or exact).encode()


def lock_derive(answer, salt, ops, memory_kib, lock, pepper):
    stretched = argon2id.kdf(32, answer, salt, opslimit=ops, memlimit=memory_kib * 1024)
    if pepper is None:
        seed = blake2b(b"postern generated lock" + stretched + lock)
    else:
        seed = blake2b(b"postern lock" + stretched + lock, pepper)
    return hashlib.sha512(seed).digest()[:32]


# --- links ---

def link_derive(link_key, kind, delivery, generation):
    return hash_purpose(link_key, "link", bytes([kind]) + delivery + number(generation, 4))[:20]


def link_hash(secret):
    return hash_purpose(b"", "link hash", secret)


def base32(bytes_):
    bits = "".join(f"{byte:08b}" for byte in bytes_)
    bits += "0" * (-len(bits) % 5)
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[int(bits[i:i + 5], 2)]
                   for i in range(0, len(bits), 5))


def pickup_derive(link_key, delivery, generation):
    return base32(hash_purpose(link_key, "pickup code", bytes([RECIPIENT]) + delivery
                               + number(generation, 4)))[:12]


def pickup_stretch(display_key, code):
    salt = hash_purpose(display_key, "pickup salt")[:16]
    stretched = argon2id.kdf(32, code.encode(), salt, opslimit=2, memlimit=19 * 1024 * 1024)
    return hash_purpose(stretched, "pickup hash"), hash_purpose(stretched, "pickup key")


# --- known answers ---

def counting(start, size=32):
    return bytes((start + i) % 256 for i in range(size))


MESSAGE, DELIVERY, LOCK = counting(0x00, 16), counting(0x10, 16), counting(0x20, 16)
K, T = counting(0x30), counting(0x50)
LINK_KEY, PEPPER, DISPLAY_KEY = counting(0x70), counting(0x90), counting(0xB0)
GATEWAY, EPHEMERAL, SALT = counting(0xD0), counting(0xE0), counting(0xF0, 16)
PASSPHRASE = "  Gru\u0308\u00dfe, Tante Erna! "
FULL = bytes((i * 7 + i // 251) % 256 for i in range(CHUNK_SIZE))
NORMALISED = [
    ("composed umlaut", "Gr\u00fcn"),
    ("decomposed umlaut", "Gru\u0308n"),
    ("sharp s", "Stra\u00dfe"),
    ("capital sharp s", "STRA\u1e9eE"),
    ("full-width letters and blank", "\uff26\uff55\uff4c\uff4c\u3000\uff17"),
    ("case", "Blue Bicycle"),
    ("outer and inner blanks", "\t  blue \u00a0 bicycle\r\n"),
    ("punctuation", "it\u2019s - \u201cblue\u201d, isn't it?"),
    ("only punctuation", " ?!... "),
    ("a symbol is no punctuation", "a+b=c"),
    ("emoji with variation selector", "I \u2764\ufe0f cats \U0001f408"),
    ("emoji joined by zero width", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ("only an emoji", "\U0001f600"),
    ("NUL inside", "a\0b"),
    ("ligature and fraction", "o\ufb03ce \u00bd"),
    ("Turkish dotted capital", "\u0130stanbul"),
    ("Greek final sigma", "\u038c\u03bc\u03b7\u03c1\u03bf\u03c2"),
    ("Hangul", "\ud55c\uad6d\uc5b4"),
    ("soft hyphen and zero width space", "blue\u00adbi\u200bcycle"),
    ("combining mark alone", "\u0301"),
    ("the longest growth", "\ufdfa"),
    ("beyond the basic plane", "\U0001d400\U0001d41b\U00010400"),
]


def vectors():
    link, sender = (link_derive(LINK_KEY, kind, DELIVERY, 7) for kind in (RECIPIENT, SENDER))
    answer = normalise("forgiving", PASSPHRASE)
    lock = lock_derive(answer, SALT, 1, 8, LOCK, PEPPER)
    code = pickup_derive(LINK_KEY, DELIVERY, 7)
    pickup_hash, pickup_key = pickup_stretch(DISPLAY_KEY, code)
    inner = pair_seal(public_of(lock), TEMPORARY_PRIVATE, DELIVERY, T, EPHEMERAL)
    nonce = counting(0x01, 24)
    return {
        "MESSAGE": MESSAGE, "DELIVERY": DELIVERY, "LOCK": LOCK, "K": K, "T": T,
        "LINK_KEY": LINK_KEY, "PEPPER": PEPPER, "DISPLAY_KEY": DISPLAY_KEY, "SALT": SALT,
        "GATEWAY_PRIVATE": GATEWAY, "GATEWAY_PUBLIC": public_of(GATEWAY),
        "T_PUBLIC": public_of(T),
        "HASH": hash_purpose(DISPLAY_KEY, "address index", b"erna@example.org"),
        "HASH_NO_KEY": hash_purpose(b"", "address index", b"erna@example.org"),
        "HASH_EMPTY": hash_purpose(b"", "", b""),
        "CHUNK_SHORT": chunk_seal(K, MESSAGE, 1, True, b"Subject: hello\r\n"),
        "CHUNK_EMPTY": chunk_seal(K, MESSAGE, 0, True, b""),
        "CHUNK_FAR": chunk_seal(K, MESSAGE, 0x0102030405060708, True, b"far"),
        "CHUNK_FULL_HASH": blake2b(chunk_seal(K, MESSAGE, 0, False, FULL)),
        "BOX": box_seal(K, "manifest", MESSAGE, b"a small thing", nonce),
        "BOX_EMPTY": box_seal(K, "manifest", b"", b"", nonce),
        "PAIR_MESSAGE_KEY": pair_seal(public_of(GATEWAY), MESSAGE_KEY, MESSAGE, K, EPHEMERAL),
        "PAIR_TEMPORARY": pair_seal(public_of(GATEWAY), TEMPORARY_PRIVATE, DELIVERY, T,
                                    EPHEMERAL),
        "PASSPHRASE": PASSPHRASE.encode(), "ANSWER": answer,
        "ANSWER_EXACT": normalise("exact", PASSPHRASE),
        "LOCK_PRIVATE": lock, "LOCK_PUBLIC": public_of(lock),
        "LOCK_DEFAULT_PUBLIC": public_of(lock_derive(answer, SALT, 3, 65536, LOCK, PEPPER)),
        "GENERATED": b"7K2M 9xqf-3hvd\xe2\x80\x93WORT",
        "GENERATED_ANSWER": normalise("generated", "7K2M 9xqf-3hvd\u2013WORT"),
        "GENERATED_PUBLIC": public_of(lock_derive(
            normalise("generated", "7k2m-9xqf-3hvd-w0rt"), SALT, 2, 19456, LOCK, None)),
        "LINK_RECIPIENT": link, "LINK_SENDER": sender,
        "LINK_RECIPIENT_HASH": link_hash(link), "LINK_RECIPIENT_TEXT": base32(link).encode(),
        "PICKUP_CODE": code.encode(), "PICKUP_HASH": pickup_hash, "PICKUP_KEY": pickup_key,
        "WRAP_CHUNK": chunk_seal(K, MESSAGE, 0, True, b"From: a@example.org\r\n\r\nSecret.\r\n"),
        "WRAP_K": pair_seal(public_of(T), MESSAGE_KEY, MESSAGE, K, EPHEMERAL),
        "WRAP_OUTER": box_seal(link, "wrap", DELIVERY, inner, nonce),
        "WRAP_RESCUE": box_seal(sender, "rescue", DELIVERY, T, nonce),
        "WRAP_PICKUP": box_seal(pickup_key, "pickup", DELIVERY, link, nonce),
    }


def write_vectors():
    print("/*\n * Known answers, written by `reader.py vectors`: an independent implementation in\n"
          " * Python over hashlib, unicodedata and PyNaCl.  Do not edit; all bytes are hex.\n */\n"
          "#ifndef TESTS_CRYPTO_VECTORS_H\n#define TESTS_CRYPTO_VECTORS_H\n")
    for name, value in vectors().items():
        lines = [f'\t"{value.hex()[i:i + 80]}"' for i in range(0, len(value.hex()), 80)]
        print(f"#define VECTOR_{name} \\\n" + " \\\n".join(lines))
    print("\n/* claim, typed, exact answer, forgiving answer */\n#define VECTOR_NORMALISED \\")
    rows = [f'\t{{"{claim}", \\\n\t "{text.encode().hex()}", \\\n'
            f'\t "{normalise("exact", text).hex()}", \\\n'
            f'\t "{normalise("forgiving", text).hex()}"}},' for claim, text in NORMALISED]
    print(" \\\n".join(rows))
    print("\n#endif")


def check():
    """Open a delivery in the documented order, from the link and the passphrase alone."""
    v = vectors()
    link = v["LINK_RECIPIENT"]
    assert link_hash(link) == v["LINK_RECIPIENT_HASH"]
    lock = lock_derive(normalise("forgiving", "grusse tante ERNA"), SALT, 1, 8, LOCK, PEPPER)
    assert public_of(lock) == v["LOCK_PUBLIC"]
    inner = box_open(link, "wrap", DELIVERY, v["WRAP_OUTER"])
    t = pair_open(lock, TEMPORARY_PRIVATE, DELIVERY, inner)
    k = pair_open(t, MESSAGE_KEY, MESSAGE, v["WRAP_K"])
    assert chunk_open(k, MESSAGE, 0, True, v["WRAP_CHUNK"]).endswith(b"Secret.\r\n")
    assert box_open(v["LINK_SENDER"], "rescue", DELIVERY, v["WRAP_RESCUE"]) == t
    assert box_open(v["PICKUP_KEY"], "pickup", DELIVERY, v["WRAP_PICKUP"]) == link
    assert pair_open(GATEWAY, MESSAGE_KEY, MESSAGE, v["PAIR_MESSAGE_KEY"]) == k
    assert pair_open(GATEWAY, TEMPORARY_PRIVATE, DELIVERY, v["PAIR_TEMPORARY"]) == t
    print("opened")


if __name__ == "__main__":
    {"vectors": write_vectors, "check": check}[sys.argv[1]]()
