/*
 * How much of what is in the database: for figures, not for decisions.
 */
#ifndef STORE_FIGURES_H
#define STORE_FIGURES_H

#include "store/outbox.h"

/* Rows counted at most; a figure never rises above. */
#define FIGURES_ROWS 100000

/* Letters of one kind that are queued: due now, or later (to be tried again, or in hand). */
struct queue_figure {
	enum outbox_kind kind;
	bool later;
	int64_t letters;
	int64_t oldest_at;
};

enum status figures_of_queue(struct store *store, int64_t now, struct arena *arena,
			     struct queue_figure **figures_out, size_t *count_out) MUST_CHECK;

/* Deliveries that are held for their senders; messages that are not routed yet. */
enum status
figures_of_waiting(struct store *store, int64_t *held_out, int64_t *received_out) MUST_CHECK;

/* A connection of one's own, opened when it is first needed and database and schema are there. */
struct probe {
	const char *connection; /* borrowed */
	struct store *store;	/* NULL: not yet */
};

/* STATUS_OK: probe->store answers. */
enum status probe_ask(struct probe *probe) MUST_CHECK;
void probe_close(struct probe *probe);

#endif
