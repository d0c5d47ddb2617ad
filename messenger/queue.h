/*
 * The queue of mails as the administrator sees and changes it.  Needs the owner's
 * connection, and the display key to show names and find by them.
 */
#ifndef MESSENGER_QUEUE_H
#define MESSENGER_QUEUE_H

#include "messenger/messenger.h"
#include "store/outbox.h"

enum queue_state {
	QUEUE_ANY,
	QUEUE_DUE,     /* to be sent now */
	QUEUE_WAITING, /* for its next try */
	QUEUE_HELD,    /* by the administrator */
};

struct queue_recipient {
	const char *address; /* "" when it is not known here */
	const char *status;  /* of the last answer; "" for none */
	const char *answer;
};

struct queue_entry {
	struct outbox_row row;
	enum queue_state state;
	bool busy; /* it waits for a destination that is busy or does not answer */
	const char
	    *sender;   /* of the message that it is, or speaks of; "" for the null reverse-path */
	uint64_t size; /* of that message */
	struct queue_recipient *recipients; /* that still wait for it */
	size_t recipient_count;
};

struct queue_filter {
	enum queue_state state;
	struct slice sender_index; /* empty: anybody's */
	const char *domain;	   /* of a recipient; NULL: any */
};

/* Called for each that fits, oldest first; the entry lives for the call.  Anything but STATUS_OK
 * ends the walk, and is given back. */
typedef enum status queue_visit(void *context, const struct queue_entry *entry);
enum status queue_walk(const struct messenger *messenger, const struct queue_filter *filter,
		       int64_t now, queue_visit *visit, void *context) MUST_CHECK;

/* One of them.  STATUS_NOT_FOUND: it does not wait (any more). */
enum status queue_look(const struct messenger *messenger, const struct id *id, int64_t now,
		       struct arena *arena, struct queue_entry *entry_out) MUST_CHECK;

/* Try at once, hold, release.  STATUS_CONFLICT: its state is another; STATUS_BUSY: it is being
 * sent. */
enum status queue_do(const struct messenger *messenger, const struct id *id, enum outbox_deed deed,
		     int64_t now) MUST_CHECK;

/* Take it out: it is never sent, and the recipients who wait for the message itself have failed.
 * With `bounce` its sender is told, as far as that was not declined. */
enum status queue_delete(const struct messenger *messenger, const struct id *id, bool bounce,
			 int64_t now) MUST_CHECK;

#endif
