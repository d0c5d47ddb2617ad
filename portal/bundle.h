/*
 * Several files of a message as one ZIP archive, made while it is read: nothing is kept but the
 * piece under way.  Files are stored as they are, for most that people send are packed already; so
 * the archive's size is known before its first byte.  It knows nothing of HTTP.
 */
#ifndef PORTAL_BUNDLE_H
#define PORTAL_BUNDLE_H

#include "mail/reading.h"

#define BUNDLE_FILES_MAX ((size_t)1000)

/* Where the files come from: as in reading_open. */
struct bundle_from {
	struct reader *reader;
	const char *label;
	const struct source *message;
	const struct manifest *manifest;
};

/* The archive as a source that is read from its begin to its end only, each byte once: any other
 * offset is STATUS_INVALID.  Names are safe, and no two are the same, in any case of letters;
 * `sent_at` (0: unknown) is the date of all.  Lives in the arena, borrows the message and parts.
 * STATUS_TOO_LARGE for more than BUNDLE_FILES_MAX. */
enum status
bundle_open(const struct bundle_from *from, const struct part *const *parts, size_t count,
	    int64_t sent_at, struct arena *arena, struct source *zip_out) MUST_CHECK;

#endif
