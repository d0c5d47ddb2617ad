#include "messenger/remind.h"

#include "messenger/lease.h"
#include "messenger/post.h"
#include "messenger/throttle.h"
#include "messenger/work.h"

#define DAY 86400
#define PAUSE 3600 /* while a new link is on its way */

/* 0: there is no last call. */
static int64_t
last_call(const struct policy *policy, const struct delivery_row *delivery)
{
	return policy->last_call_seconds > 0 ? delivery->expires_at - policy->last_call_seconds : 0;
}

/* Whether it was opened, nobody can know of a PDF, unless nobody could: there is nothing to remind
 * of. */
static bool
is_unknown(const struct delivery_row *delivery)
{
	return delivery->pdf != PDF_NONE && delivery->pdf_outcome != PDF_NOT_MADE &&
	       delivery->pdf_outcome != PDF_UNTOLD;
}

int64_t
remind_next(const struct policy *policy, const struct delivery_row *delivery, int64_t now)
{
	bool held = delivery->state == DELIVERY_HELD;
	int64_t wait =
	    held ? policy->finish_reminder_seconds : (int64_t)delivery->remind_days * DAY;
	int64_t first = (held ? delivery->created_at : delivery->secured_at) + wait;
	int64_t last = last_call(policy, delivery);

	if (!held && (wait == 0 || delivery_is_lost(delivery) || is_unknown(delivery)))
		return 0;
	if (wait > 0 && first > now && first < (last > 0 ? last : delivery->expires_at))
		return first;
	return last > now ? last : 0;
}

bool
remind_is_last(const struct policy *policy, const struct delivery_row *delivery, int64_t now)
{
	int64_t last = last_call(policy, delivery);

	return last > 0 && now >= last;
}

/* Somebody with many unread messages of one sender gets one reminder a day, not one for each. */
static struct throttle
limit_of(const struct policy *policy, const struct delivery_row *delivery, int64_t now,
	 struct arena *arena)
{
	bool gentle = delivery->state == DELIVERY_READY && !remind_is_last(policy, delivery, now);

	return throttle_pair(gentle ? "throttle reminder" : "throttle last call",
			     delivery->sender_index, delivery->recipient_index,
			     gentle ? 1 : policy->pair_mails, arena);
}

static enum status
remind_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		      int64_t now, struct arena *arena)
{
	const struct policy *policy = messenger->policy;
	struct delivery_row row;
	struct throttle limit;
	int64_t retry_at;
	bool held;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	held = row.state == DELIVERY_HELD;
	if ((!held && row.state != DELIVERY_READY) || row.remind_at == 0 || row.remind_at > now ||
	    row.expires_at <= now)
		return STATUS_CONFLICT;
	if (row.suspended_at != 0 || row.relink_at != 0)
		return delivery_set_reminded(store, id, now + PAUSE, 0);
	limit = limit_of(policy, &row, now, arena);
	status = throttle_once(messenger, store, &limit, now, &retry_at);
	if (status == STATUS_BUSY)
		return delivery_set_reminded(
		    store, id,
		    retry_at < row.expires_at ? retry_at : remind_next(policy, &row, now), 0);
	if (status == STATUS_OK)
		status =
		    post(store, held ? OUTBOX_REMIND_SENDER : OUTBOX_REMIND_RECIPIENT, &row, now);
	if (status == STATUS_OK)
		status = delivery_set_reminded(store, id, remind_next(policy, &row, now), 1);
	return status;
}

enum status
messenger_remind_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_REMIND, remind_in_transaction, "reminded", now,
			  worked_out);
}
