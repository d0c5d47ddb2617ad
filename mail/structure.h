/*
 * The tree of MIME entities of a message (RFC 2046), by bytes, in one pass and
 * with bounds: depth, number and header size are counted while reading, and the
 * range of every entity is exact, an attached message's too.  (GMime's own
 * parser keeps every part and header in memory without a bound, cannot be
 * stopped, and does not tell where an attached message ends; its reading of
 * field values is what is used here.)
 *
 * Knows boundaries and content types; what an entity is good for is decided in
 * mail/parse.c.
 */
#ifndef MAIL_STRUCTURE_H
#define MAIL_STRUCTURE_H

#include "mail/header.h"
#include "mail/manifest.h"

/* How an entity asks to be shown (RFC 2183). */
enum disposition { DISPOSITION_NONE, DISPOSITION_INLINE, DISPOSITION_ATTACHMENT };

struct entity {
	uint32_t parent;
	uint32_t depth;
	bool container;	 /* a multipart that is descended into, or a message at the root */
	bool unreadable; /* it would be a container, but is beyond the limits or without boundary */
	uint32_t children; /* of a container */
	const char *type;  /* lower case */
	const char *start; /* multipart/related: Content-ID of the first to be shown, else "" */
	const char *charset;
	const char *name;
	const char *content_id;
	enum disposition disposition;
	enum part_encoding encoding;
	bool flowed;
	bool delete_space;
	uint64_t
	    header; /* its first byte; of the message itself, and of one that is all of it, none */
	uint64_t body; /* first byte behind the header */
	uint64_t end;  /* behind the last byte; the line end before a boundary is not content */
};

struct structure {
	struct entity *entities; /* each behind its container, in the order of the message */
	size_t count;
	bool truncated;
};

/* Where the body begins, so that all that somebody wrote is shown: at the blank line, but where
 * lines that are no field stand before it, behind the last field; without a blank line at the first
 * line that is no field.  An mbox "From " line at the start is none of these. */
uint64_t structure_body(const struct header_block *block);

/* Read the structure of `message`, whose header block is `block`. */
enum status structure_read(const struct source *message, const struct header_block *block,
			   struct arena *arena, struct structure *structure_out) MUST_CHECK;

#endif
