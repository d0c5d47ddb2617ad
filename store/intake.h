/*
 * The way of bytes into the store: few connections shared by many sessions,
 * prepared statements in pipeline mode, and group commit: whoever is ready
 * when a connection comes free is taken along in its transaction.  No delay
 * when idle, batches under load.
 *
 * Thread-safe; each call blocks its caller only.
 */
#ifndef STORE_INTAKE_H
#define STORE_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/slice.h"
#include "base/status.h"

struct intake;

enum message_origin { MESSAGE_BY_SMTP = 1, MESSAGE_BY_PORTAL = 2 };

/* What the writer of a reply can read of it later. */
struct intake_sent {
	struct id id;
	struct slice key_wrap;
	struct slice sealed;
};

/* A message about to exist.  Slices are borrowed for the call. */
struct intake_message {
	struct id id;
	enum message_origin origin;
	int64_t received_at;
	uint64_t size;
	uint32_t chunk_count;
	struct slice chunk; /* the only one, or the last one; empty when all were staged */
	struct slice gateway_wrap;
	struct slice envelope;
	/* Replies only; all zero / empty otherwise. */
	struct id parent_delivery;
	bool has_parent;
	struct slice once;		/* no two messages have the same; empty: any number */
	const struct intake_sent *sent; /* NULL: nothing is kept, and no draft is dropped */
	struct id last_file; /* the draft's files up to this one were sent; zeros: it had none */
};

/* Opens `connections` connections lazily, and one more that wakes the courier; needs only INSERT on
 * message, chunk and upload.  While the schema is not the program's,
 * everything is STATUS_UNAVAILABLE. */
enum status
intake_open(const char *connection, size_t connections, struct intake **intake_out) MUST_CHECK;
void intake_close(struct intake *intake);

/* A chunk on its way into the store. */
struct staging;

/* Begin to write one sealed chunk of a message that does not exist yet; id and bytes are borrowed
 * until intake_stage_end.  The first one also notes the upload: it must have ended before another
 * is begun, or what a crash leaves could never be swept. */
enum status
intake_stage_begin(struct intake *intake, const struct id *message, uint32_t number,
		   struct slice sealed, int64_t now, struct staging **staging_out) MUST_CHECK;

/* Wait for it and free it.  Committed, but not waited for on disk: intake_commit's flush covers it.
 * After a failure the whole message must be given up. */
enum status intake_stage_end(struct staging *staging) MUST_CHECK;

/* Both in one. */
enum status intake_stage(struct intake *intake, const struct id *message, uint32_t number,
			 struct slice sealed, int64_t now) MUST_CHECK;

/* Commit the message row, and its last chunk if that comes along; STATUS_OK means durable
 * (synchronous_commit on).  Wakes the courier (outside the transaction, at most once in 20 ms).
 * STATUS_UNAVAILABLE, STATUS_FULL: nothing is promised; a broken connection at COMMIT is
 * STATUS_UNAVAILABLE although the row may be there. STATUS_CONFLICT: a message with this `once` is
 * there already. */
enum status intake_commit(struct intake *intake, const struct intake_message *message) MUST_CHECK;

#endif
