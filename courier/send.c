#include "courier/send.h"

#include "base/clock.h"
#include "base/log.h"
#include "courier/figures.h"
#include "messenger/dispatch.h"

#define BATCH ((size_t)8)
/* With several destinations few, since they wait for each other in one thread. */
#define BATCH_APART ((size_t)2)
#define BUSY_MAX ((size_t)64)
#define OWN_WAYS 2 /* that are not among the relays */

static struct relay_letter
letter_of(const struct dispatch *dispatch)
{
	return (struct relay_letter){
	    .id = dispatch->letter_id,
	    .sender = dispatch->sender,
	    .recipients = dispatch->recipients,
	    .count = dispatch->recipient_count,
	    .source = &dispatch->letter,
	    .making = dispatch->making.make != NULL ? &dispatch->making : NULL,
	    .binary = dispatch->binary,
	    .utf8 = dispatch->utf8,
	    .returns = dispatch->returns,
	    .envelope_id = dispatch->envelope_id,
	};
}

static enum status
hand_over(const struct messenger *messenger, const struct send_ways *ways,
	  struct dispatch *dispatch, int64_t sure, struct arena *arena, struct relay_wait *wait_out)
{
	struct relay_letter letter = letter_of(dispatch);

	if (dispatch->call != NULL) {
		phone_send(ways->phone, &messenger->policy->phone, dispatch, arena, wait_out);
		return STATUS_OK;
	}
	if (dispatch->row.kind == OUTBOX_VERIFIED)
		return direct_send(ways->direct, messenger, dispatch, &letter, sure, arena,
				   wait_out);
	return relay_pool_send(ways->relays, &letter, arena, wait_out);
}

static enum status
send_one(const struct messenger *messenger, const struct send_ways *ways,
	 const struct outbox_row *row, int64_t now, int64_t sure)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct dispatch dispatch;
	enum status status =
	    messenger_dispatch_prepare(messenger, store, row, now, arena, &dispatch);

	if (status == STATUS_OK) {
		struct relay_wait wait;
		enum status sent = hand_over(messenger, ways, &dispatch, sure, arena, &wait);

		if (sent == STATUS_OK || sent == STATUS_UNAVAILABLE) {
			status = messenger_dispatch_finish(messenger, store, &dispatch, &wait, now,
							   sure, arena);
			if (status == STATUS_OK)
				courier_count_letter(&dispatch, clock_now());
		} else {
			/* The letter could not be read: the row stays and is tried again. */
			log_error("letter-unreadable", LOG_TEXT("letter", dispatch.letter_id),
				  LOG_TEXT("status", status_text(sent)));
			store_rollback(store);
		}
	}
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status == STATUS_UNAVAILABLE ? status : STATUS_OK;
}

/* What does not go to the relays, or is drawn first, may take its time: the others are not to wait
 * for it. */
static bool
is_slow(enum outbox_kind kind)
{
	return kind == OUTBOX_VERIFIED || kind == OUTBOX_PHONE || kind == OUTBOX_PDF_PHONE ||
	       kind == OUTBOX_PDF;
}

enum status
send_some(const struct messenger *messenger, const struct send_ways *ways, int64_t now,
	  int64_t sure, bool *worked_out)
{
	const char *busy[BUSY_MAX + OWN_WAYS];
	size_t busy_count = relay_pool_busy(ways->relays, busy, BUSY_MAX);
	size_t most = relay_pool_is_single(ways->relays) ? BATCH : BATCH_APART;
	struct arena *arena = arena_new();
	struct outbox_row *rows = NULL;
	size_t count = 0;
	enum status status;

	if (direct_is_busy(ways->direct))
		busy[busy_count++] = DIRECT_TRANSPORT;
	if (phone_is_busy(ways->phone))
		busy[busy_count++] = PHONE_TRANSPORT;
	status =
	    messenger_dispatch_claim(messenger, now, most, busy, busy_count, arena, &rows, &count);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count && status == STATUS_OK; i++)
			if (is_slow(rows[i].kind) == (pass == 1))
				status = send_one(messenger, ways, &rows[i], now, sure);
	*worked_out = count > 0;
	arena_free(arena);
	return status;
}
