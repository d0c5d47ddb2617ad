#include "messenger/queue.h"

#include "mail/address.h"
#include "messenger/author.h"
#include "messenger/report.h"

#define PAGE ((size_t)100)

/* Whether a mail goes to the recipient of its delivery; else it goes to the sender of the message.
 */
static bool
goes_to_recipient(enum outbox_kind kind)
{
	return kind == OUTBOX_PLAIN || kind == OUTBOX_PROTECTED || kind == OUTBOX_VERIFIED ||
	       kind == OUTBOX_NOTICE || kind == OUTBOX_NEW_CLUE ||
	       kind == OUTBOX_SUSPENDED_RECIPIENT || kind == OUTBOX_REMIND_RECIPIENT ||
	       kind == OUTBOX_CODE || kind == OUTBOX_PHONE || kind == OUTBOX_PDF ||
	       kind == OUTBOX_PDF_PHONE;
}

static struct queue_recipient
recipient_of(const struct messenger *messenger, const struct delivery_row *row, struct arena *arena)
{
	return (struct queue_recipient){
	    .address = messenger_display_open(messenger, "delivery.recipient", &row->id,
					      row->recipient, arena),
	    .status = row->relay_status == NULL ? "" : row->relay_status,
	    .answer = messenger_display_open(messenger, "delivery.relay_reply", &row->id,
					     row->relay_reply, arena),
	};
}

/* The message itself goes to all of its deliveries that are queued, or to one that went alone. */
static enum status
find_deliveries(struct store *store, const struct outbox_row *row, struct arena *arena,
		struct delivery_row **rows_out, size_t *count_out)
{
	struct delivery_row *rows;
	size_t count, kept = 0;
	enum status status;

	*rows_out = NULL;
	*count_out = 0;
	if (!outbox_is_of_message(row->kind))
		return STATUS_OK;
	if (row->has_delivery && row->kind != OUTBOX_REPLY) {
		rows = arena_alloc(arena, sizeof(*rows));
		status = delivery_read(store, &row->delivery_id, false, arena, rows);
		count = 1;
	} else {
		status = delivery_of_message(store, &row->message_id, arena, &rows, &count);
		for (size_t i = 0; status == STATUS_OK && i < count; i++)
			if (rows[i].state == DELIVERY_QUEUED && rows[i].route == ROUTE_PLAIN &&
			    rows[i].gateway_wrap.size == 0)
				rows[kept++] = rows[i];
		count = kept;
	}
	if (status != STATUS_OK)
		return status;
	*rows_out = rows;
	*count_out = count;
	return STATUS_OK;
}

static enum status
fill_entry(const struct messenger *messenger, struct store *store, const struct outbox_line *line,
	   int64_t now, struct arena *arena, struct queue_entry *entry)
{
	struct message_row message = {.id = line->row.message_id, .sender = line->sender};
	bool to_recipient = goes_to_recipient(line->row.kind) || line->row.kind == OUTBOX_REPLY;
	struct delivery_row *rows;
	size_t count;
	enum status status = find_deliveries(store, &line->row, arena, &rows, &count);

	if (status != STATUS_OK)
		return status;
	*entry = (struct queue_entry){.row = line->row, .busy = line->waits, .size = line->size};
	entry->state = line->row.next_at <= now ? QUEUE_DUE : QUEUE_WAITING;
	if (line->held)
		entry->state = QUEUE_HELD;
	entry->sender = author_open(messenger, &message, arena).address;
	entry->recipients = arena_alloc_many(arena, count + 1, sizeof(*entry->recipients));
	for (size_t i = 0; i < count && to_recipient; i++)
		entry->recipients[entry->recipient_count++] =
		    recipient_of(messenger, &rows[i], arena);
	if (!to_recipient && outbox_is_of_message(line->row.kind))
		entry->recipients[entry->recipient_count++] =
		    (struct queue_recipient){entry->sender, "", ""};
	return STATUS_OK;
}

static bool
fits(const struct queue_filter *filter, const struct outbox_line *line,
     const struct queue_entry *entry)
{
	if (filter->state != QUEUE_ANY && filter->state != entry->state)
		return false;
	if (filter->sender_index.size > 0 && !slice_equal(filter->sender_index, line->sender_index))
		return false;
	for (size_t i = 0; filter->domain != NULL && i < entry->recipient_count; i++)
		if (slice_equal_nocase(
			address_domain(slice_from_text(entry->recipients[i].address)),
			slice_from_text(filter->domain)))
			return true;
	return filter->domain == NULL;
}

enum status
queue_walk(const struct messenger *messenger, const struct queue_filter *filter, int64_t now,
	   queue_visit *visit, void *context)
{
	struct outbox_row last = {.created_at = -1};
	enum status status = STATUS_OK;
	size_t count = PAGE;

	while (status == STATUS_OK && count == PAGE) {
		struct store *store = store_pool_get(messenger->stores);
		struct arena *arena = arena_new();
		struct queue_entry *entries =
		    arena_alloc_many(arena, PAGE, sizeof(struct queue_entry));
		struct outbox_line *lines;

		status = outbox_list(store, last.created_at, &last.id, PAGE, arena, &lines, &count);
		for (size_t i = 0; status == STATUS_OK && i < count; i++)
			status = fill_entry(messenger, store, &lines[i], now, arena, &entries[i]);
		/* Whoever visits may need the connection. */
		store_pool_put(messenger->stores, store);
		for (size_t i = 0; status == STATUS_OK && i < count; i++) {
			last = lines[i].row;
			if (fits(filter, &lines[i], &entries[i]))
				status = visit(context, &entries[i]);
		}
		arena_free(arena);
	}
	return status;
}

enum status
queue_look(const struct messenger *messenger, const struct id *id, int64_t now, struct arena *arena,
	   struct queue_entry *entry_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct outbox_line line;
	enum status status = outbox_read(store, id, arena, &line);

	if (status == STATUS_OK)
		status = fill_entry(messenger, store, &line, now, arena, entry_out);
	store_pool_put(messenger->stores, store);
	return status;
}

/* Commit, and wake the couriers; or roll back. */
static enum status
end(const struct messenger *messenger, struct store *store, enum status status)
{
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	return status;
}

/* A change that found no row: is there none, or is it in another state? */
static enum status
explain(struct store *store, const struct id *id, enum status status, struct arena *arena)
{
	struct outbox_line line;

	return status == STATUS_CONFLICT ? outbox_read(store, id, arena, &line) == STATUS_NOT_FOUND
					       ? STATUS_NOT_FOUND
					       : STATUS_CONFLICT
					 : status;
}

enum status
queue_do(const struct messenger *messenger, const struct id *id, enum outbox_deed deed, int64_t now)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = explain(store, id, outbox_do(store, id, deed, now), arena);
	arena_free(arena);
	return end(messenger, store, status);
}

/* Those who wait for the message itself have failed. */
static enum status
fail_deliveries(const struct messenger *messenger, struct store *store,
		const struct outbox_line *line, bool bounce, int64_t now, struct arena *arena)
{
	struct message_row message = {.id = line->row.message_id, .sender = line->sender};
	const char *sender = author_open(messenger, &message, arena).address;
	struct delivery_row *rows;
	size_t count;
	enum status status = find_deliveries(store, &line->row, arena, &rows, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct delivery_answer answer = {
		    .status = "5.3.0",
		    .reply = messenger_display_seal(messenger, "delivery.relay_reply", &rows[i].id,
						    "taken out of the queue by the administrator",
						    arena),
		    .at = now,
		};

		status = rows[i].state == DELIVERY_QUEUED
			     ? delivery_set_relayed(store, &rows[i].id, DELIVERY_FAILED, &answer)
			     : delivery_set_noticed(store, &rows[i].id, &answer);
		if (status == STATUS_OK && bounce && line->row.kind != OUTBOX_REPLY)
			status = report_post(store, &rows[i], NOTIFY_FAILURE, sender, now);
	}
	return status;
}

/* A notice that will never be sent is as bad as one that was refused; the mails to the sender say
 * nothing that was promised to anybody. */
static bool
is_missed(enum outbox_kind kind)
{
	return kind == OUTBOX_PLAIN || kind == OUTBOX_PROTECTED || kind == OUTBOX_VERIFIED ||
	       kind == OUTBOX_REPLY || kind == OUTBOX_NOTICE || kind == OUTBOX_NEW_CLUE ||
	       kind == OUTBOX_SUSPENDED_RECIPIENT || kind == OUTBOX_PDF;
}

/* What was kept for a PDF, or for telling its password, goes with the mail that needed it. */
static enum status
forget_pdf(struct store *store, const struct outbox_row *row, int64_t now, struct arena *arena)
{
	bool pdf = row->kind == OUTBOX_PDF;
	struct delivery_row delivery;
	enum status status;

	if (!pdf && row->kind != OUTBOX_PDF_PASSWORD && row->kind != OUTBOX_PDF_PHONE)
		return STATUS_OK;
	status = delivery_read(store, &row->delivery_id, true, arena, &delivery);
	if (status == STATUS_OK && pdf)
		status = delivery_set_pdf_over(store, &row->delivery_id, PDF_REFUSED, now, 0);
	else if (status == STATUS_OK)
		status = delivery_set_pdf_told(store, &row->delivery_id, &row->id, false);
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

enum status
queue_delete(const struct messenger *messenger, const struct id *id, bool bounce, int64_t now)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct outbox_line line = {0};
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = outbox_read(store, id, arena, &line);
	if (status == STATUS_OK)
		status = outbox_do(store, id, OUTBOX_DELETE, now);
	if (status == STATUS_OK)
		status = forget_pdf(store, &line.row, now, arena);
	if (status == STATUS_OK && is_missed(line.row.kind))
		status = fail_deliveries(messenger, store, &line, bounce, now, arena);
	arena_free(arena);
	return end(messenger, store, status);
}
