/*
 * One mail transaction (RFC 5321 section 3.3): born at MAIL, gathers recipients
 * at RCPT, follows the text of the message behind DATA, and is dropped whole at
 * its end, whatever the end is.  There is no partial reset.
 */
#ifndef INGEST_TRANSACTION_H
#define INGEST_TRANSACTION_H

#include "base/arena.h"
#include "base/slice.h"
#include "ingest/dot.h"
#include "ingest/reply.h"
#include "ingest/trace.h"
#include "messenger/envelope.h"

#define TRANSACTION_HOPS_MAX ((size_t)50)
#define TRANSACTION_HEADER_MAX ((size_t)1048576)

struct transaction {
	struct arena *arena;
	struct envelope envelope;	       /* its texts live in the arena */
	struct envelope_recipient *recipients; /* what envelope.recipients points to */
	size_t room;

	struct dot dot;
	struct trace trace;
	uint64_t size_limit;
	uint64_t size;	    /* of the content so far */
	uint64_t read_size; /* bytes read behind DATA, content or not */
	enum reply refusal; /* REPLY_OK, or why the message will be refused at its end */
	bool refused_by_store;
	bool given_up; /* the caller has been told so */
};

/* `envelope` gives all but the recipients; its texts are copied. */
struct transaction *transaction_new(const struct envelope *envelope, uint64_t size_limit);

/* NULL is fine. */
void transaction_free(struct transaction *transaction);

/* Add a checked mailbox; one that is there already is one delivery and is not added again.  All but
 * the address is taken from `wishes`; its texts are copied. */
void transaction_add_recipient(struct transaction *transaction, struct slice mailbox,
			       const struct envelope_recipient *wishes);

/* Take bytes off *input, which stand behind DATA, and give the content in them.  Watches every
 * bound; a message that breaks one sets `refusal` and has no content from then on. */
struct slice transaction_take_text(struct transaction *transaction, struct slice *input);

/* The caller could not keep the content. */
void transaction_refuse(struct transaction *transaction, enum reply reply);

/* The text has ended. */
bool transaction_ended(const struct transaction *transaction);

/* A refused message that still does not end: more of it is not waited for. */
bool transaction_is_endless(const struct transaction *transaction);

#endif
