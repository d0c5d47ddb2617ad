/*
 * Taking a message in: encrypted chunk by chunk as it arrives, durable when
 * messenger_accept_commit says so.  Used by ingest for SMTP and by the portal
 * for replies; needs the gateway's PUBLIC key only, and nothing that could
 * read back what it wrote.
 */
#ifndef MESSENGER_ACCEPT_H
#define MESSENGER_ACCEPT_H

#include "messenger/envelope.h"
#include "messenger/messenger.h"

struct acceptance;

/* A new message with a fresh key.  Holds at most two chunks, growing with what is written: one that
 * is being filled, and one that the store is writing.  One thread at a time. */
enum status messenger_accept_open(const struct messenger *messenger, enum message_origin origin,
				  struct acceptance **acceptance_out) MUST_CHECK;

/* Its id, known from the start (for "queued as"). */
struct id messenger_accept_id(const struct acceptance *acceptance);

/* Plain bytes taken so far. */
uint64_t messenger_accept_size(const struct acceptance *acceptance);

/* The next plain bytes, any size.  A chunk that could not be stored may be told of only at the next
 * one, or by the commit. */
enum status messenger_accept_write(struct acceptance *acceptance, struct slice bytes) MUST_CHECK;

/* What the portal knows of a reply beyond its envelope. */
struct answering {
	struct id delivery; /* that is answered */
	struct slice once;  /* of two commits with the same, one gives STATUS_CONFLICT; empty: no
			       such check */
	const struct intake_sent *sent; /* kept with it, in the place of a draft; may be NULL */
	struct id last_file;		/* of that draft */
};

/* Seal the rest, store it, and wait until it is durable.  `answering` is NULL for SMTP.
 * STATUS_UNAVAILABLE, STATUS_FULL: nothing is promised, try later.  Frees the acceptance
 * whatever happens. */
enum status messenger_accept_commit(struct acceptance *acceptance, const struct envelope *envelope,
				    const struct answering *answering) MUST_CHECK;

/* What was taken as a bundle of its own instead of a message: its chunks but the last are stored.
 */
struct bundle {
	struct id id;
	struct secret key; /* clear it */
	uint64_t size;
	uint32_t chunk_count;
	struct slice last_chunk; /* sealed, in the arena */
};

/* End as a bundle.  Frees the acceptance whatever happens. */
enum status messenger_accept_bundle(struct acceptance *acceptance, struct arena *arena,
				    struct bundle *bundle_out) MUST_CHECK;

/* Give up: what was staged is swept later.  NULL is fine. */
void messenger_accept_abort(struct acceptance *acceptance);

#endif
