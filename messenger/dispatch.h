/*
 * From an outbox row to a letter ready for the relay, and from the relay's
 * results to state.  The caller sends in between, while the row stays locked.
 */
#ifndef MESSENGER_DISPATCH_H
#define MESSENGER_DISPATCH_H

#include "mail/relay_pool.h"
#include "messenger/evidence.h"
#include "messenger/messenger.h"
#include "store/delivery.h"
#include "store/outbox.h"

/* What is said to a phone. */
struct phone_call {
	const char *number; /* "+4915112345678" */
	const char *text;   /* one line */
};

struct dispatch {
	struct outbox_row row;
	int64_t received_at;   /* of its message; 0 without one */
	const char *letter_id; /* stable over tries */
	const char *sender;    /* envelope */
	struct relay_recipient *recipients;
	size_t recipient_count;
	struct source letter;
	struct relay_making making; /* what comes behind it; `make` is NULL for nothing */
	bool binary;		    /* of the message itself, as it came: see struct relay_letter */
	bool utf8;
	enum relay_return returns;
	const char *envelope_id;
	bool needed;	/* others wait for the message under the courier's wrap */
	bool alone;	/* one delivery that was held before, apart from the others */
	bool last;	/* no other delivery of the message is waiting or open */
	bool all_plain; /* no delivery of the message was to be secured */
	const struct message_row *message; /* NULL without one */
	const struct phone_call *call;	   /* of OUTBOX_PHONE, _PDF_PHONE: instead of a letter */
	bool pdf_not_made;		   /* of OUTBOX_PDF: the letter is an ordinary notice */
	/* Of OUTBOX_VERIFIED, told by who sends it, which is not the relay: */
	bool falls;			 /* its servers cannot be verified: it goes the next way */
	bool unclear;			 /* a server was given all of it and did not answer */
	const struct evidence *proof;	 /* what the server that took it has shown */
	struct delivery_row *deliveries; /* of the message itself: one per recipient; NULL for
					    Postern's own letters */
};

/* Lease due rows, but none of those that wait for the transports named in `busy`. */
enum status
messenger_dispatch_claim(const struct messenger *messenger, int64_t now, size_t most,
			 const char *const *busy, size_t busy_count, struct arena *arena,
			 struct outbox_row **rows_out, size_t *count_out) MUST_CHECK;

/* Lock the row in a new transaction on `store` and make the letter.  STATUS_CONFLICT: nothing to
 * send (any more); the transaction is closed then, as on every failure. */
enum status
messenger_dispatch_prepare(const struct messenger *messenger, struct store *store,
			   const struct outbox_row *row, int64_t now, struct arena *arena,
			   struct dispatch *dispatch_out) MUST_CHECK;

/* Write down the outcomes and commit: sent, to be tried again, gone another way, or failed (reports
 * are queued as they are wanted).  `wait` says for what those wait who were not asked. `sure` is
 * the time by which a mail may be given up. */
enum status messenger_dispatch_finish(const struct messenger *messenger, struct store *store,
				      struct dispatch *dispatch, const struct relay_wait *wait,
				      int64_t now, int64_t sure, struct arena *arena) MUST_CHECK;

#endif
