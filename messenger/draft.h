/*
 * A reply that is not sent yet: its text, and the files that have arrived whole.
 * Saving needs the delivery only; reading needs its opened message.
 *
 * Files lie in bundles: whatever one form brought, written as the reply would be.
 */
#ifndef MESSENGER_DRAFT_H
#define MESSENGER_DRAFT_H

#include "base/stream.h"
#include "messenger/accept.h"
#include "messenger/open.h"
#include "messenger/writing.h"

#define DRAFT_FILES_MAX ((size_t)100)
#define DRAFT_NAME_MAX ((size_t)255)
#define DRAFT_TYPE_MAX ((size_t)127)

struct draft_file {
	struct id id;
	const char *name;
	const char *type;
	uint64_t size; /* of the file */
	uint64_t from; /* where it lies in the bundle, encoded */
	uint64_t to;
	const struct draft_file_row *row;
};

struct draft {
	bool has_text;
	struct writing text;
	struct draft_file *files; /* the first one first */
	size_t file_count;
	uint64_t size; /* of all files */
};

/* What there is; everything is in the arena. */
enum status messenger_draft_open(const struct messenger *messenger, const struct opened *opened,
				 struct arena *arena, struct draft *draft_out) MUST_CHECK;

/* A file's bundle as plain bytes, from `from` to `to` of which it lies; for the thread of the
 * request. */
enum status draft_file_open(const struct messenger *messenger, const struct opened *opened,
			    const struct draft_file *file, struct arena *arena,
			    struct source *source_out) MUST_CHECK;

/* The delivery behind a recipient's link, for somebody whose session is over.  STATUS_GONE when it
 * is not there to be answered any more. */
enum status messenger_draft_place(const struct messenger *messenger, struct slice link, int64_t now,
				  struct id *delivery_out) MUST_CHECK;

/* How much the draft of a delivery holds already. */
enum status messenger_draft_total(const struct messenger *messenger, const struct id *delivery,
				  size_t *count_out, uint64_t *size_out) MUST_CHECK;

/* What is to be saved. */
struct draft_save {
	const struct writing *text;	/* body, quote, to_all; NULL: the text stays as it is */
	const struct bundle *bundle;	/* NULL: no new files */
	const struct draft_file *files; /* in it */
	size_t file_count;
	uint64_t most; /* bytes of all files of the draft; what is beyond stays out */
};

/* Save it; *kept_out counts the new files that are in now.  STATUS_GONE: the delivery is over. */
enum status
messenger_draft_save(const struct messenger *messenger, const struct id *delivery,
		     const struct draft_save *save, int64_t now, size_t *kept_out) MUST_CHECK;

/* Leave a file out; one that is not there is no failure. */
enum status messenger_draft_drop(const struct messenger *messenger, const struct id *delivery,
				 const struct id *file) MUST_CHECK;

/* What was sent in answer to an opened message, the newest first, at most `most`. */
enum status
messenger_sent_list(const struct messenger *messenger, const struct opened *opened, size_t most,
		    struct arena *arena, struct writing **list_out, size_t *count_out) MUST_CHECK;

#endif
