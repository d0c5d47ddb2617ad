/*
 * Rows of `writing` and `draft_file`: what recipients write.  All of it is sealed;
 * sizes and times are not.
 */
#ifndef STORE_WRITING_H
#define STORE_WRITING_H

#include "store/store.h"

enum writing_kind { WRITING_DRAFT = 1, WRITING_SENT };

struct writing_row {
	struct id id;
	struct id delivery_id;
	struct slice key_wrap;
	struct slice sealed;
	int64_t written_at;
};

/* A file of a draft, and the bundle that it lies in. */
struct draft_file_row {
	struct id id;
	struct id bundle_id;
	uint64_t bundle_size;
	uint32_t chunk_count;
	struct slice key_wrap; /* the bundle's */
	uint64_t size;
	struct slice sealed;
};

/* Put a draft in the place of the one that there was, if any; within a transaction that has locked
 * the delivery's row. */
enum status writing_put_draft(struct store *store, const struct writing_row *row) MUST_CHECK;
/* STATUS_NOT_FOUND: there is none. */
enum status writing_draft(struct store *store, const struct id *delivery, struct arena *arena,
			  struct writing_row *row_out) MUST_CHECK;
enum status writing_drop_draft(struct store *store, const struct id *delivery) MUST_CHECK;

/* What was sent, the newest first. */
enum status
writing_sent(struct store *store, const struct id *delivery, size_t most, struct arena *arena,
	     struct writing_row **rows_out, size_t *count_out) MUST_CHECK;

/* The last chunk of a bundle; the first of all also notes the upload, as intake_stage does. */
enum status writing_end_bundle(struct store *store, const struct id *bundle, uint32_t number,
			       struct slice sealed, int64_t now) MUST_CHECK;
enum status writing_add_file(struct store *store, const struct id *delivery,
			     const struct draft_file_row *row) MUST_CHECK;
enum status writing_files(struct store *store, const struct id *delivery, struct arena *arena,
			  struct draft_file_row **rows_out, size_t *count_out) MUST_CHECK;
enum status writing_files_total(struct store *store, const struct id *delivery, size_t *count_out,
				uint64_t *size_out) MUST_CHECK;
/* STATUS_NOT_FOUND: that delivery's draft has no such file. */
enum status
writing_drop_file(struct store *store, const struct id *delivery, const struct id *file) MUST_CHECK;

/* Everything that was written for a delivery, bytes too. */
enum status writing_forget(struct store *store, const struct id *delivery) MUST_CHECK;

#endif
