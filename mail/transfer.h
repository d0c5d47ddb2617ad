/*
 * Text and files made fit for transfer: clean UTF-8 with known line ends,
 * flowed paragraphs (RFC 3676), quoted-printable and base64 (RFC 2045).
 */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/stream.h"
#include "base/text.h"

/* Append `text` as UTF-8 with LF line ends, the last line ended too: CR LF and CR become LF, broken
 * bytes U+FFFD, controls but tab go. */
void transfer_clean_lines(struct slice text, struct text *out);

/* Append clean lines as format=flowed: long lines end in soft breaks, quoted ones within their
 * level; lines that begin with a blank or "From " are space-stuffed. */
void transfer_flow(struct slice lines, struct text *out);

/* True when the lines can go as they are: ASCII, short, none beginning with "From ". */
bool transfer_is_7bit(struct slice lines);

/* Append with CRLF line ends, as they are or quoted-printable. */
void transfer_put_7bit(struct slice lines, struct text *out);
void transfer_put_quoted(struct slice lines, struct text *out);

#define TRANSFER_LINE_BYTES 57 /* make 76 characters of base64 */

/* base64 in constant memory: bytes in pieces of any size, whole lines out. */
struct transfer_base64 {
	const struct sink *sink;
	unsigned char held[TRANSFER_LINE_BYTES];
	size_t size;
};

enum status transfer_base64_write(struct transfer_base64 *writer, struct slice bytes) MUST_CHECK;
enum status transfer_base64_end(struct transfer_base64 *writer) MUST_CHECK;

#endif
