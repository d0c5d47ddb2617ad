/*
 * The two bytes in front of everything that is stored sealed.  A reader that
 * meets other values refuses (STATUS_DAMAGED); a new construction gets a new
 * number here and in docs/cryptography.md, and old numbers are never reused.
 *
 * All numbers in sealed objects and key derivations are big-endian.
 */
#ifndef CRYPTO_FORMAT_H
#define CRYPTO_FORMAT_H

#define FORMAT_VERSION 1
#define FORMAT_HEADER_SIZE 2 /* version byte, algorithm byte */

enum format_algorithm {
	FORMAT_CHUNK = 1, /* ChaCha20-Poly1305 (RFC 8439), crypto/chunk.h */
	FORMAT_BOX = 2,	  /* XChaCha20-Poly1305 under a BLAKE2b subkey, crypto/box.h */
	FORMAT_PAIR = 3,  /* X25519 sealed box, crypto/pair.h */
};

#endif
