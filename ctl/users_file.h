/*
 * The file of those who may authenticate (ingest/users.h says what a line is), changed line by line
 * and replaced as a whole: who reads it sees the old one or the new one, comments stay where they
 * were.  Knows where a name and domains stand, not what a verifier is.
 */
#ifndef CTL_USERS_FILE_H
#define CTL_USERS_FILE_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define USERS_FILE_MAX ((size_t)4194304)
#define USERS_FILE_LINE_MAX ((size_t)16384)

struct users_file_entry {
	const char *name;
	const char *domains; /* "a,b"; "" for any */
};

/* STATUS_NOT_FOUND, STATUS_DENIED, STATUS_TOO_LARGE, STATUS_UNAVAILABLE. */
enum status users_file_list(const char *path, struct arena *arena,
			    struct users_file_entry **entries_out, size_t *count_out) MUST_CHECK;

/* Put `line`, with its line end, in the place of the user's, or at the end; an empty one removes
 * it.  A file that is not there is made, with mode 0640; one that is keeps its owner and group.
 * STATUS_NOT_FOUND: nobody to remove; STATUS_CONFLICT: somebody else is at it; and those of
 * users_file_list, STATUS_FULL.  Unchanged then. */
enum status users_file_put(const char *path, const char *name, struct slice line,
			   struct arena *arena) MUST_CHECK;

#endif
