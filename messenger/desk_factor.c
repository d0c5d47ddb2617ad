#include "base/log.h"
#include "messenger/account_enter.h"
#include "messenger/desk_part.h"
#include "messenger/throttle.h"

enum status
messenger_desk_owes(const struct messenger *messenger, struct slice token, int64_t now,
		    struct arena *arena, const char **address_out)
{
	unsigned char hash[HASH_SIZE];
	struct sign_in_row row;
	struct store *store;
	enum status status;

	if (token.size != DESK_TOKEN_SIZE)
		return STATUS_NOT_FOUND;
	desk_hash_token(token, hash);
	store = store_pool_get(messenger->stores);
	status = sign_in_find_factor(store, slice_of(hash, sizeof(hash)), now - DESK_CODE_SECONDS,
				     arena, &row);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	if (row.tries >= DESK_CODE_TRIES)
		return STATUS_NOT_FOUND;
	*address_out =
	    messenger_display_open(messenger, "sign_in.address", &row.id, row.address, arena);
	return STATUS_OK;
}

/* Who shows a factor, having typed the mailed code. */
struct entering {
	const struct messenger *messenger;
	struct sign_in_row row;
	const struct place *place;
	const struct secret *session; /* its token */
	int64_t now;
	struct arena *arena;
};

static enum status
let_in(struct store *store, void *context)
{
	const struct entering *entering = context;

	return desk_let_in(entering->messenger, store, &entering->row, entering->place,
			   entering->session, entering->now, entering->arena);
}

static enum status
try_factor(struct entering *entering, struct store *store, struct slice token,
	   struct account_proof *proof, int *left_out)
{
	const struct messenger *messenger = entering->messenger;
	unsigned char hash[HASH_SIZE];
	struct throttle limit =
	    throttle_network(messenger, slice_from_text(entering->place->network));
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, entering->now, &retry_at);

	if (status != STATUS_OK)
		return status;
	desk_hash_token(token, hash);
	status = sign_in_try_factor(store, slice_of(hash, sizeof(hash)),
				    entering->now - DESK_CODE_SECONDS, DESK_CODE_TRIES,
				    entering->arena, &entering->row);
	if (status == STATUS_OK) {
		const struct sign_in_row *row = &entering->row;
		const char *address = messenger_display_open(messenger, "sign_in.address", &row->id,
							     row->address, entering->arena);

		*left_out = DESK_CODE_TRIES - row->tries;
		status = account_enter(messenger, store, address, proof, entering->now, let_in,
				       entering, entering->arena);
	}
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, entering->now);
	return status;
}

enum status
messenger_desk_factor(const struct messenger *messenger, struct slice token,
		      struct account_proof *proof, const struct place *place, int64_t now,
		      struct secret *session_out, int *left_out)
{
	struct secret session;
	struct entering entering = {.messenger = messenger,
				    .place = place,
				    .session = &session,
				    .now = now,
				    .arena = arena_new()};
	struct store *store;
	enum status status = STATUS_NOT_FOUND;

	*left_out = 0;
	secret_random(&session, DESK_TOKEN_SIZE);
	if (token.size == DESK_TOKEN_SIZE) {
		store = store_pool_get(messenger->stores);
		status = try_factor(&entering, store, token, proof, left_out);
		store_pool_put(messenger->stores, store);
	}
	log_info("sign-in-factor", LOG_TEXT("status", status_text(status)));
	if (status == STATUS_OK)
		secret_move(session_out, &session);
	else
		secret_clear(&session);
	arena_free(entering.arena);
	return status;
}
