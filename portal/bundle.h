/*
 * Several files as one ZIP archive, made while it is read: nothing is kept but the
 * piece under way.  Files are stored as they are, for most that people send are packed already; so
 * the archive's size is known before its first byte.  It knows nothing of HTTP.
 */
#ifndef PORTAL_BUNDLE_H
#define PORTAL_BUNDLE_H

#include "mail/reading.h"
#include "messenger/shown_letter.h"

#define BUNDLE_FILES_MAX SHOWN_FILES_MAX

/* What goes in: a safe name, no two the same; the size that it opens with; its date (0: unknown).
 */
struct bundle_entry {
	const char *name;
	uint64_t size;
	int64_t at;
};

/* Open the entry of that index, in the arena, which is freed when it has been read. */
typedef enum status
bundle_opener(void *context, size_t index, struct arena *arena, struct source *source_out);

/* The archive as a source that is read from its begin to its end only, each byte once: any other
 * offset is STATUS_INVALID.  Lives in the arena, borrows entries and context.  STATUS_TOO_LARGE for
 * more than BUNDLE_FILES_MAX. */
enum status bundle_open(const struct bundle_entry *entries, size_t count, bundle_opener *opener,
			void *context, struct arena *arena, struct source *zip_out) MUST_CHECK;

/* Where files of a message come from: as in reading_open. */
struct bundle_from {
	struct reader *reader;
	const char *label;
	const struct source *message;
	const struct manifest *manifest;
};

/* The same with parts of a message.  Names are made safe, and different in any case of letters;
 * `sent_at` is the date of all.  Borrows the message and parts. */
enum status
bundle_open_parts(const struct bundle_from *from, const struct part *const *parts, size_t count,
		  int64_t sent_at, struct arena *arena, struct source *zip_out) MUST_CHECK;

#endif
