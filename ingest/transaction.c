#include "ingest/transaction.h"

#include "mail/address.h"

#define RECIPIENTS_ROOM_FIRST ((size_t)8)

/* How far behind the size limit a client may go on before it is cut off. */
#define ENDLESS_SLACK ((uint64_t)16 * 1048576)

struct transaction *
transaction_new(const struct envelope *envelope, uint64_t size_limit)
{
	struct arena *arena = arena_new();
	struct transaction *transaction = arena_alloc(arena, sizeof(*transaction));

	transaction->arena = arena;
	transaction->envelope = *envelope;
	transaction->envelope.sender = arena_copy_text(arena, envelope->sender);
	transaction->envelope.client_name = arena_copy_text(arena, envelope->client_name);
	transaction->envelope.user = arena_copy_text(arena, envelope->user);
	transaction->envelope.envelope_id = arena_copy_text(arena, envelope->envelope_id);
	transaction->envelope.client_address = arena_copy_text(arena, envelope->client_address);
	transaction->envelope.recipient_count = 0;
	transaction->room = RECIPIENTS_ROOM_FIRST;
	transaction->recipients =
	    arena_alloc_many(arena, transaction->room, sizeof(*transaction->recipients));
	transaction->envelope.recipients = transaction->recipients;
	transaction->size_limit = size_limit;
	transaction->header_most = TRANSACTION_HEADER_MAX;
	transaction->hops_most = TRANSACTION_HOPS_MAX;
	transaction->refusal = REPLY_OK;
	dot_init(&transaction->dot);
	bdat_init(&transaction->bdat, envelope->binary);
	trace_init(&transaction->trace);
	return transaction;
}

void
transaction_bound(struct transaction *transaction, const struct transaction_bounds *bounds)
{
	if (bounds->line != 0)
		transaction->dot.line_most = transaction->bdat.line_most = bounds->line;
	if (bounds->header != 0)
		transaction->header_most = bounds->header;
	if (bounds->hops != 0)
		transaction->hops_most = bounds->hops;
}

void
transaction_free(struct transaction *transaction)
{
	if (transaction != NULL)
		arena_free(transaction->arena);
}

/* Local parts are compared exactly (RFC 5321 section 2.4), domains without case. */
static bool
is_same_mailbox(struct slice a, struct slice b)
{
	return a.size == b.size && slice_equal_nocase(a, b) &&
	       slice_equal(address_local(a), address_local(b));
}

void
transaction_add_recipient(struct transaction *transaction, struct slice mailbox, unsigned notify,
			  struct slice original)
{
	size_t count = transaction->envelope.recipient_count;

	for (size_t i = 0; i < count; i++) {
		if (is_same_mailbox(slice_from_text(transaction->recipients[i].address), mailbox))
			return;
	}
	if (count == transaction->room) {
		struct envelope_recipient *more =
		    arena_alloc_many(transaction->arena, 2 * transaction->room, sizeof(*more));

		for (size_t i = 0; i < count; i++)
			more[i] = transaction->recipients[i];
		transaction->room *= 2;
		transaction->recipients = more;
		transaction->envelope.recipients = more;
	}
	transaction->recipients[count] = (struct envelope_recipient){
	    .address = arena_text_from(transaction->arena, mailbox),
	    .notify = notify,
	    .original = arena_text_from(transaction->arena, original),
	};
	transaction->envelope.recipient_count = count + 1;
}

/* Judged by what the whole text so far is, never by which piece brought it: the reply must not
 * depend on how the text was cut on its way. */
static enum reply
find_refusal(const struct transaction *transaction)
{
	enum dot_fault fault =
	    transaction->chunked ? transaction->bdat.fault : transaction->dot.fault;

	if (fault == DOT_BARE)
		return REPLY_BARE_IN_DATA;
	if (fault == DOT_LINE_TOO_LONG)
		return REPLY_DATA_LINE_TOO_LONG;
	if (transaction->size > transaction->size_limit)
		return REPLY_TOO_LARGE;
	if (transaction->trace.header_size > transaction->header_most)
		return REPLY_HEADER_TOO_LARGE;
	if (transaction->trace.hops > transaction->hops_most)
		return REPLY_TOO_MANY_HOPS;
	return REPLY_OK;
}

static void
judge(struct transaction *transaction)
{
	if (!transaction->refused_by_store && !transaction->refused_by_size)
		transaction->refusal = find_refusal(transaction);
}

void
transaction_begin_chunk(struct transaction *transaction, uint64_t size, bool last)
{
	transaction->chunked = true;
	bdat_begin(&transaction->bdat, size, last);
	if (size > transaction->size_limit - transaction->size) {
		transaction->refused_by_size = true;
		transaction->refusal = REPLY_TOO_LARGE;
	}
}

struct slice
transaction_take_text(struct transaction *transaction, struct slice *input)
{
	size_t before = input->size;
	struct slice content = transaction->chunked ? bdat_next(&transaction->bdat, input)
						    : dot_next(&transaction->dot, input);

	transaction->read_size += before - input->size;
	trace_add(&transaction->trace, content);
	transaction->size += content.size;
	judge(transaction);
	return slice_part(content, 0, transaction->refusal == REPLY_OK ? content.size : 0);
}

void
transaction_refuse(struct transaction *transaction, enum reply reply)
{
	transaction->refusal = reply;
	transaction->refused_by_store = true;
	transaction->given_up = true;
}

bool
transaction_paused(const struct transaction *transaction)
{
	return transaction->chunked ? bdat_chunk_ended(&transaction->bdat)
				    : dot_ended(&transaction->dot);
}

bool
transaction_ended(struct transaction *transaction)
{
	bool ended =
	    transaction->chunked ? bdat_ended(&transaction->bdat) : dot_ended(&transaction->dot);

	if (ended)
		judge(transaction);
	return ended;
}

struct slice
transaction_complete(struct transaction *transaction)
{
	struct slice line_end = SLICE("\r\n");

	if (!transaction->chunked || transaction->completed ||
	    !bdat_lacks_line_end(&transaction->bdat))
		return slice_of(NULL, 0);
	transaction->completed = true;
	transaction->size += line_end.size;
	return line_end;
}

bool
transaction_is_too_much(uint64_t size, uint64_t size_limit)
{
	return size > 2 * size_limit + ENDLESS_SLACK;
}

bool
transaction_is_endless(const struct transaction *transaction)
{
	return transaction->refusal != REPLY_OK && !transaction_paused(transaction) &&
	       transaction_is_too_much(transaction->read_size, transaction->size_limit);
}
