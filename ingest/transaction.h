/*
 * One mail transaction (RFC 5321 section 3.3): born at MAIL, gathers recipients
 * at RCPT, follows the text of the message behind DATA or in the chunks of BDAT, and is
 * dropped whole at its end, whatever the end is.  There is no partial reset.
 */
#ifndef INGEST_TRANSACTION_H
#define INGEST_TRANSACTION_H

#include "base/arena.h"
#include "base/slice.h"
#include "ingest/bdat.h"
#include "ingest/dot.h"
#include "ingest/reply.h"
#include "ingest/trace.h"
#include "messenger/envelope.h"

#define TRANSACTION_HOPS_MAX ((size_t)50)
#define TRANSACTION_HEADER_MAX ((size_t)1048576)

/* Bounds of the text besides its size; 0 for the one built in. */
struct transaction_bounds {
	size_t line;   /* bytes, with its CRLF */
	size_t header; /* bytes */
	size_t hops;   /* Received fields: more of them are a loop (RFC 5321 section 6.3) */
};

struct transaction {
	struct arena *arena;
	struct envelope envelope;	       /* its texts live in the arena */
	struct envelope_recipient *recipients; /* what envelope.recipients points to */
	size_t room;

	bool begun;   /* the caller keeps a message that has to be ended or given up */
	bool chunked; /* by BDAT: `bdat` follows the text, else `dot` does */
	struct dot dot;
	struct bdat bdat;
	struct trace trace;
	uint64_t size_limit;
	size_t header_most;
	size_t hops_most;
	uint64_t size;	    /* of the content so far */
	uint64_t read_size; /* bytes of text read, content or not */
	enum reply refusal; /* REPLY_OK, or why the message will be refused at its end */
	bool refused_by_store;
	bool refused_by_size; /* a chunk was announced that is too much */
	bool completed;	      /* a CRLF was put to the end */
	bool given_up;	      /* the caller has been told so */
};

/* `envelope` gives all but the recipients; its texts are copied. */
struct transaction *transaction_new(const struct envelope *envelope, uint64_t size_limit);

/* Before its text comes. */
void transaction_bound(struct transaction *transaction, const struct transaction_bounds *bounds);

/* NULL is fine. */
void transaction_free(struct transaction *transaction);

/* Add a checked mailbox and what its sender wishes; one that is there already is one delivery and
 * is not added again, nor its wishes changed. */
void transaction_add_recipient(struct transaction *transaction, struct slice mailbox,
			       unsigned notify, struct slice original);

/* Announce a chunk; one that would make the message too large sets `refusal` at once. */
void transaction_begin_chunk(struct transaction *transaction, uint64_t size, bool last);

/* Take bytes off *input, which are text of the message, and give the content in them.  Watches
 * every bound; a message that breaks one sets `refusal` and has no content from then on. */
struct slice transaction_take_text(struct transaction *transaction, struct slice *input);

/* The caller could not keep the content. */
void transaction_refuse(struct transaction *transaction, enum reply reply);

/* The text, or the chunk in hand, has ended. */
bool transaction_paused(const struct transaction *transaction);

/* The text has ended whole; may still set `refusal`. */
bool transaction_ended(struct transaction *transaction);

/* Once, behind the end of text in chunks that does not end in CRLF: the CRLF that it
 * needs to leave through DATA one day; empty otherwise. */
struct slice transaction_complete(struct transaction *transaction);

/* A refused message that still does not end: more of it is not waited for. */
bool transaction_is_endless(const struct transaction *transaction);

/* So many bytes of a refused text are not waited for either. */
bool transaction_is_too_much(uint64_t size, uint64_t size_limit);

#endif
