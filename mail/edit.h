/*
 * A message as it will leave: the stored bytes with a few ranges replaced.
 * Stored bytes are never rewritten; marks are cut and the trace line is put in
 * front while reading.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/arena.h"
#include "base/stream.h"

struct edit {
	uint64_t offset;	  /* in the stored bytes */
	uint64_t size;		  /* bytes taken out there */
	struct slice replacement; /* bytes put in their place */
};

struct edits {
	struct edit *list; /* sorted by offset, not overlapping */
	size_t count;
};

/* A source over `stored` with the edits applied; it borrows both and lives in the
 * arena.  STATUS_INVALID when edits overlap, are unsorted or lie outside. */
enum status edit_source(const struct source *stored, const struct edits *edits, struct arena *arena,
			struct source *source_out) MUST_CHECK;

#endif
