#include "messenger/work.h"

#include <string.h>

#include "messenger/account.h"
#include "messenger/account_event.h"
#include "messenger/desk.h"
#include "messenger/factor.h"
#include "messenger/give_up.h"
#include "messenger/harvest.h"
#include "messenger/known_key.h"
#include "messenger/lease.h"
#include "messenger/passkey.h"
#include "messenger/post.h"
#include "messenger/report.h"
#include "messenger/throttle.h"
#include "store/desk.h"
#include "store/factor.h"
#include "store/lock.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/passkey.h"
#include "store/place.h"
#include "store/session.h"
#include "store/sheet.h"
#include "store/thread.h"
#include "store/writing.h"

#define SHEET_IDLE_SECONDS 86400 /* a template may be made again */
#define UPLOAD_SECONDS 86400	 /* no message is received for longer than a day */
#define THROTTLE_SECONDS THROTTLE_WINDOW_MOST

static enum status
expire_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		      int64_t now, struct arena *arena)
{
	struct delivery_row row;
	enum status status = delivery_read(store, id, true, arena, &row);

	(void)messenger;
	if (status != STATUS_OK)
		return status;
	if (row.expires_at == 0 || row.expires_at > now)
		return STATUS_CONFLICT;
	status = delivery_close(store, id, DELIVERY_EXPIRED, CLOSED_BY_TIME, now);
	if (status == STATUS_OK)
		status = session_delete_of(store, id);
	if (status != STATUS_OK)
		return status;
	if (row.secured_at == 0)
		return report_post(store, &row, NOTIFY_FAILURE, "sender", now);
	/* An answer to all is not the sender's own message. */
	if (strcmp(row.reason, "reply-to-all") == 0)
		return STATUS_OK;
	/* Nobody knows whether a PDF was opened, unless nobody could. */
	if (row.pdf_outcome == PDF_LEFT)
		return STATUS_OK;
	/* Also while a new passphrase was on its way. */
	return row.opened_at == 0 ? post(store, OUTBOX_EXPIRED_UNREAD, &row, now) : STATUS_OK;
}

static bool
is_over(const struct delivery_row *row)
{
	return row->state >= DELIVERY_SENT;
}

/* The bytes of a message go when the last of its deliveries is over. */
static enum status
clear_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		     int64_t now, struct arena *arena)
{
	struct delivery_row row, *rows;
	size_t count;
	bool all_over = true;
	enum status status = delivery_read(store, id, true, arena, &row);

	(void)messenger;
	(void)now;
	if (status != STATUS_OK)
		return status;
	if (row.cleared || !is_over(&row))
		return STATUS_CONFLICT;
	status = delivery_of_message(store, &row.message_id, arena, &rows, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		all_over = all_over && is_over(&rows[i]);
	/* Closing the last of them may have queued a mail since this one was claimed. */
	if (status == STATUS_OK && all_over)
		status = outbox_check_done(store, &row.message_id);
	if (status == STATUS_OK && all_over)
		status = message_destroy(store, &row.message_id);
	if (status == STATUS_OK)
		status = session_delete_of(store, id);
	if (status == STATUS_OK)
		status = delivery_forget_taken(store, id);
	if (status == STATUS_OK)
		status = writing_forget(store, id);
	if (status == STATUS_OK)
		status = delivery_set_cleared(store, id);
	if (status == STATUS_OK && row.has_lock)
		status = lock_drop_unused(store, &row.lock_id);
	return status;
}

enum status
messenger_expire_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_EXPIRE, expire_in_transaction, "expired", now,
			  worked_out);
}

enum status
messenger_clear_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_CLEAR, clear_in_transaction, "cleared", now,
			  worked_out);
}

enum status
messenger_sweep(const struct messenger *messenger, int64_t now)
{
	const struct policy *policy = messenger->policy;
	struct store *store = store_pool_get(messenger->stores);
	size_t swept;
	enum status status =
	    session_sweep(store, now - policy->session_idle_seconds, now - policy->session_seconds);

	if (status == STATUS_OK)
		status = throttle_sweep(store, now - THROTTLE_SECONDS);
	if (status == STATUS_OK)
		status =
		    desk_sweep(store, now - DESK_CODE_SECONDS, now - policy->session_idle_seconds,
			       now - policy->session_seconds);
	if (status == STATUS_OK)
		status = mailbox_session_sweep(store, now - policy->session_idle_seconds,
					       now - policy->session_seconds);
	if (status == STATUS_OK)
		status = factor_sweep(store, now - FACTOR_SECONDS);
	if (status == STATUS_OK)
		status = sheet_sweep(store, now - SHEET_IDLE_SECONDS);
	if (status == STATUS_OK)
		status =
		    account_sweep(store, now - ACCOUNT_BEGUN_SECONDS, now - ACCOUNT_EVENT_SECONDS);
	if (status == STATUS_OK)
		status = give_up_sweep(store, now, now - GIVE_UP_RECORD_SECONDS);
	if (status == STATUS_OK)
		status = place_sweep(store, now - PLACE_SECONDS);
	if (status == STATUS_OK)
		status = passkey_challenge_sweep(store, now - PASSKEY_CHALLENGE_SECONDS);
	if (status == STATUS_OK)
		status = thread_sweep(store, now - policy->thread_seconds);
	if (status == STATUS_OK)
		status = message_sweep_uploads(store, now - UPLOAD_SECONDS, &swept);
	if (status == STATUS_OK)
		status = harvest_give_up(store, now);
	if (status == STATUS_OK)
		status = known_keys_sweep(store, now);
	store_pool_put(messenger->stores, store);
	return status;
}
