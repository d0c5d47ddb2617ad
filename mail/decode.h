/*
 * Content-Transfer-Encoding, in pieces and in constant memory.  Lenient: what
 * does not belong is passed over, so every input decodes to something.
 */
#ifndef MAIL_DECODE_H
#define MAIL_DECODE_H

#include <gmime/gmime.h>

#include "mail/manifest.h"

#define DECODE_PIECE ((size_t)49152)

/* The longest line that says something: a count and 63 bytes as digits. */
#define UU_LINE_MAX ((size_t)85)

struct decoder {
	enum part_encoding encoding;
	GMimeEncoding state;
	/* uuencode: whether the "begin" and "end" lines are behind us, and the line under way. */
	bool begun, ended;
	unsigned char line[UU_LINE_MAX];
	size_t line_size;
};

void decoder_init(struct decoder *decoder, enum part_encoding encoding);

/* Decode at most DECODE_PIECE bytes into `out`, which has room for DECODE_ROOM.  Returns how
 * many bytes came out. */
#define DECODE_ROOM (DECODE_PIECE + 256)
size_t decoder_step(struct decoder *decoder, struct slice bytes, unsigned char *out);

/* What the end of the input sets free: base64 that lacks its padding, a last line
 * without line end.  Fits behind what decoder_step gave. */
size_t decoder_finish(struct decoder *decoder, unsigned char *out);

/* Decode [part->offset, + size) of the bytes in which the part has its range (body_holder) and hand
 * it over piece by piece. */
enum status decode_part(const struct source *message, const struct part *part,
			const struct sink *sink) MUST_CHECK;

#endif
