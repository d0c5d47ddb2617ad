/*
 * The header block of a message, by bytes: where each field begins and ends.
 * Nothing is decoded or repaired here, so that what is not touched leaves as
 * it came.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/arena.h"
#include "base/stream.h"

#define HEADER_BLOCK_MAX ((size_t)1048576)
#define HEADER_FIELDS_MAX ((size_t)10000)

struct header_field {
	struct slice name;  /* without the colon */
	struct slice value; /* behind the colon, folding included, without the last line end */
	uint64_t offset;    /* of the name's first byte in the message */
	uint64_t size;	    /* up to and with the last line end */
};

struct header_block {
	struct header_field *fields;
	size_t count;
	struct slice bytes; /* the whole block, blank line not included */
	uint64_t body;	    /* offset of the first body byte */
};

/* Read the header block of a message (RFC 5322 section 2.2).  A leading mbox
 * "From " line and lines that are no field are kept as bytes but listed as no
 * field; a message without blank line is all header.
 * STATUS_TOO_LARGE beyond HEADER_BLOCK_MAX or HEADER_FIELDS_MAX. */
enum status header_read(const struct source *source, struct arena *arena,
			struct header_block *block_out) MUST_CHECK;

/* The bytes of the header block alone, its blank line included, not looked at any further.
 * STATUS_TOO_LARGE beyond HEADER_BLOCK_MAX. */
enum status header_bytes(const struct source *source, struct arena *arena,
			 struct slice *bytes_out) MUST_CHECK;

/* The first field of that name (ASCII, any case) at or after index `from`; NULL when none. */
const struct header_field *
header_find(const struct header_block *block, const char *name, size_t from);

/* Unfold and decode (RFC 2047) to clean UTF-8 text on one line: no controls, no bidi
 * overrides; at most `limit` bytes, cut at a character. */
const char *header_decode(struct slice value, size_t limit, struct arena *arena);

#endif
