/*
 * Encodings of bytes as text: Crockford base32 in lower case (ids, link
 * secrets, pick-up codes), hex (digests), base64url without padding (cookies), base64 with
 * padding (what SMTP and its passwords use), percent encoding (RFC 3986 section 2.1).
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/text.h"

/* Characters, without NUL, that encode_base32 writes for `size` bytes. */
#define BASE32_LENGTH(size) (((size)*8 + 4) / 5)
#define HEX_LENGTH(size) ((size)*2)
#define BASE64URL_LENGTH(size) (((size)*8 + 5) / 6)
#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/* Bytes that base64 text of `length` characters can stand for, at most. */
#define BASE64_BYTES(length) ((length) / 4 * 3)

/* Write the encoding and a NUL; `out` has room for LENGTH(size) + 1. */
void encode_base32(struct slice bytes, char *out);
void encode_hex(struct slice bytes, char *out);
void encode_base64url(struct slice bytes, char *out);
void encode_base64(struct slice bytes, char *out);

/* Decode exactly `size` bytes.  base32 takes upper case, and o/i/l for 0/1/1,
 * as Crockford says; unused trailing bits must be zero.  False on anything else. */
bool decode_base32(struct slice text, unsigned char *out, size_t size);
bool decode_hex(struct slice text, unsigned char *out, size_t size);
bool decode_base64url(struct slice text, unsigned char *out, size_t size);

/* Decode base64 of any size into at most `room` bytes, in a time that tells nothing of them.
 * False on a wrong length, bytes of another alphabet (line ends too), unused bits that are set. */
bool decode_base64(struct slice text, unsigned char *out, size_t room, size_t *size_out);

/* Append with everything but unreserved characters percent-encoded. */
void encode_percent(struct slice bytes, struct text *out);

#endif
