/*
 * winmail.dat, the form in which Outlook packs a letter for others of its kind
 * ([MS-OXTNEF]): where the files and the text of it lie, by bytes.  Nothing is
 * copied or kept, so that each piece is read by its range, however large it is.
 *
 * Lenient: what comes before a fault is given, what comes behind it is not.
 */
#ifndef MAIL_TNEF_H
#define MAIL_TNEF_H

#include "base/arena.h"
#include "base/stream.h"

#define TNEF_PIECES_MAX ((size_t)1000)

enum tnef_kind {
	TNEF_FILE = 1,
	TNEF_LETTER, /* an attached letter, in the same form again */
	TNEF_TEXT,
	TNEF_HTML,
	TNEF_RTF, /* compressed, see mail/rtf_pack.h */
};

struct tnef_piece {
	enum tnef_kind kind;
	uint64_t offset;
	uint64_t size;
	const char *name;	/* clean; "" when none is said */
	const char *type;	/* lower case; "" when none is said */
	const char *charset;	/* of texts */
	const char *content_id; /* "" when none */
};

struct tnef {
	struct tnef_piece *pieces;
	size_t count;
	bool damaged; /* it ends early, or in something else */
};

/* STATUS_INVALID when it is no such thing at all. */
enum status
tnef_read(const struct source *source, struct arena *arena, struct tnef *tnef_out) MUST_CHECK;

#endif
