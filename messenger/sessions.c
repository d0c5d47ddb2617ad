#include "messenger/sessions.h"

#include "base/log.h"
#include "crypto/hash.h"

enum status
messenger_sessions_list(const struct messenger *messenger, const struct desk *desk, int64_t now,
			struct arena *arena, struct session_view **views_out, size_t *count_out)
{
	const struct policy *policy = messenger->policy;
	struct store *store = store_pool_get(messenger->stores);
	struct session_view *views;
	struct desk_session_row *rows;
	size_t count;
	enum status status =
	    desk_session_list(store, desk->index, now - policy->session_idle_seconds,
			      now - policy->session_seconds, SESSIONS_MOST, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = (struct session_view){
		    .id = rows[i].id,
		    .place = place_open(messenger, DESK_SESSION_PLACE, &rows[i].id, rows[i].place,
					arena),
		    .since = rows[i].created_at,
		    .seen_at = rows[i].seen_at,
		    .is_this = id_equal(rows[i].id, desk->session),
		};
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}

enum status
messenger_sessions_end(const struct messenger *messenger, const struct desk *desk,
		       const struct id *session)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = desk_session_end(store, session, desk->index);

	store_pool_put(messenger->stores, store);
	log_info("session-ended", LOG_TEXT("status", status_text(status)));
	return status;
}

/* First what is on the way: who is being let in just now holds that row until they are in, and so
 * is found among the sessions then. */
enum status
sessions_end_others(struct store *store, struct slice owner_index, const struct id *but)
{
	enum status status = sign_in_end(store, owner_index);

	return status == STATUS_OK ? desk_session_end_others(store, owner_index, but) : status;
}

void
session_keeper_begin(const struct desk *desk, struct session_keeper *keeper_out)
{
	keeper_out->session = desk->session;
	secret_random(&keeper_out->token, DESK_TOKEN_SIZE);
}

enum status
session_keeper_keep(struct store *store, struct slice owner_index,
		    const struct session_keeper *keeper)
{
	unsigned char hash[HASH_SIZE];
	enum status status = sessions_end_others(store, owner_index, &keeper->session);

	if (status != STATUS_OK)
		return status;
	desk_hash_token(secret_slice(&keeper->token), hash);
	status = desk_session_renew(store, &keeper->session, slice_of(hash, sizeof(hash)));
	/* It was ended from elsewhere just now: then it changes nothing. */
	return status == STATUS_NOT_FOUND ? STATUS_UNAVAILABLE : status;
}

enum status
messenger_sessions_end_all(const struct messenger *messenger, const struct desk *desk,
			   bool with_this)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = sessions_end_others(store, desk->index, with_this ? NULL : &desk->session);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("sessions-ended", LOG_TEXT("status", status_text(status)));
	return status;
}
