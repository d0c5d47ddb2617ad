#include "messenger/sessions.h"

#include "base/log.h"
#include "messenger/mailbox_session.h"
#include "store/signed_in.h"

enum status
messenger_sessions_list(const struct messenger *messenger, const struct account_session *session,
			int64_t now, struct arena *arena, struct session_view **views_out,
			size_t *count_out)
{
	const struct policy *policy = messenger->policy;
	struct store *store = store_pool_get(messenger->stores);
	struct session_view *views;
	struct signed_in_row *rows;
	size_t count;
	enum status status =
	    signed_in_list(store, session->index, now - policy->session_idle_seconds,
			   now - policy->session_seconds, SESSIONS_MOST, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = (struct session_view){
		    .id = rows[i].id,
		    .in_mailbox = rows[i].in_mailbox,
		    .place = place_open(
			messenger, rows[i].in_mailbox ? MAILBOX_SESSION_PLACE : DESK_SESSION_PLACE,
			&rows[i].id, rows[i].place, arena),
		    .since = rows[i].created_at,
		    .seen_at = rows[i].seen_at,
		    .is_this = id_equal(rows[i].id, session->id),
		};
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}

enum status
messenger_sessions_end(const struct messenger *messenger, const struct account_session *session,
		       const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = signed_in_end(store, id, session->index);

	store_pool_put(messenger->stores, store);
	log_info("session-ended", LOG_TEXT("status", status_text(status)));
	return status;
}

/* First what is on the way: who is being let in just now holds that row, or the mailbox, until they
 * are in, and so is found among the sessions then. */
enum status
sessions_end_others(struct store *store, struct slice owner_index, const struct id *but)
{
	enum status status = sign_in_end(store, owner_index);

	if (status == STATUS_OK)
		status = desk_session_end_others(store, owner_index, but);
	return status == STATUS_OK ? signed_in_end_mailbox(store, owner_index, but) : status;
}

void
session_keeper_begin(const struct account_session *session, struct arena *arena,
		     struct session_keeper *keeper_out)
{
	*keeper_out = (struct session_keeper){.session = session};
	secret_random(&keeper_out->token, DESK_TOKEN_SIZE);
	if (session->inbox != NULL)
		keeper_out->sealed = mailbox_session_seal(
		    &session->inbox->id, &session->inbox->pair, &keeper_out->token, arena);
}

static enum status
renew(struct store *store, const struct session_keeper *keeper)
{
	struct slice token = secret_slice(&keeper->token);
	unsigned char hash[HASH_SIZE];

	if (keeper->session->inbox == NULL) {
		desk_hash_token(token, hash);
		return desk_session_renew(store, &keeper->session->id,
					  slice_of(hash, sizeof(hash)));
	}
	mailbox_hash_token(token, hash);
	return mailbox_session_renew(store, &keeper->session->id, slice_of(hash, sizeof(hash)),
				     keeper->sealed);
}

enum status
session_keeper_keep(struct store *store, struct slice owner_index,
		    const struct session_keeper *keeper)
{
	enum status status = sessions_end_others(store, owner_index, &keeper->session->id);

	if (status == STATUS_OK)
		status = renew(store, keeper);
	/* It was ended from elsewhere just now: then it changes nothing. */
	return status == STATUS_NOT_FOUND ? STATUS_UNAVAILABLE : status;
}

enum status
messenger_sessions_end_all(const struct messenger *messenger, const struct account_session *session,
			   bool with_this)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status =
		    sessions_end_others(store, session->index, with_this ? NULL : &session->id);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("sessions-ended", LOG_TEXT("status", status_text(status)));
	return status;
}
