/*
 * What a ZIP archive says it holds, from its central directory alone (PKWARE APPNOTE 4.3): nothing
 * is ever unpacked, so no archive can be a bomb here.  At most ARCHIVE_DIRECTORY_MAX bytes are
 * read, whatever the archive claims.  Names are only shown: nothing is opened by them.
 */
#ifndef MAIL_ARCHIVE_H
#define MAIL_ARCHIVE_H

#include "base/arena.h"
#include "base/stream.h"

#define ARCHIVE_ITEMS_MAX ((size_t)1000)
#define ARCHIVE_DIRECTORY_MAX ((size_t)1048576)
#define ARCHIVE_NAME_MAX ((size_t)200)

struct archive_item {
	const char *name; /* clean UTF-8 on one line, with its folders; may be cut */
	uint64_t size;	  /* unpacked, as the archive says */
	bool is_risky;	  /* a program, or something else that can do harm */
};

struct archive_listing {
	struct archive_item *items; /* files, no folders; the first ARCHIVE_ITEMS_MAX */
	size_t item_count;
	uint64_t files;	     /* files among all that was read */
	uint64_t size;	     /* of these, unpacked, as the archive says */
	bool has_more;	     /* the directory goes on beyond what was read, or is broken there */
	bool is_encrypted;   /* at least one of them */
	bool holds_risky;    /* programs among all that was read */
	bool holds_archives; /* whose content nobody has looked at */
};

/* STATUS_INVALID: no ZIP archive, or one without a readable directory.  Else what the source says.
 */
enum status archive_list(const struct source *source, struct arena *arena,
			 struct archive_listing *listing_out) MUST_CHECK;

#endif
