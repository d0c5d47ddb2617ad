/*
 * Files that stand as uuencode in the middle of a text: found while its decoded
 * bytes pass, so that the text can be shown without them.  Pure: the same bytes
 * give the same files, in pieces of any size.
 */
#ifndef MAIL_UUENCODE_H
#define MAIL_UUENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/stream.h"

/* More files than that in one text stay text. */
#define UU_FILES_MAX 500
/* A line that can matter is not longer: "begin 644 " and a name. */
#define UU_SCAN_LINE ((size_t)512)

struct uu_scan {
	/* What is text goes here, unchanged. */
	struct sink text;
	/* A file's "begin" line starts at `from`, and behind its last line is `to`.  NULL: nobody
	 * asks. */
	void (*found)(void *context, struct slice name, uint64_t from, uint64_t to);
	void *context;

	unsigned state;
	unsigned files;
	uint64_t position;  /* behind the last byte taken */
	uint64_t line_from; /* where the line under way starts */
	uint64_t file_from;
	unsigned char line[UU_SCAN_LINE];
	size_t line_size;
	bool overlong;			   /* the line under way went out as text already */
	unsigned char begin[UU_SCAN_LINE]; /* the line that may be a file's first */
	size_t begin_size;
};

/* Set text, found and context before, and all else to zero. */
enum status uu_scan_write(struct uu_scan *scan, struct slice bytes) MUST_CHECK;
/* The end of the text: a file that has no end line ends here. */
enum status uu_scan_end(struct uu_scan *scan) MUST_CHECK;

#endif
