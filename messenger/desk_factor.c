#include "base/log.h"
#include "messenger/desk_part.h"
#include "messenger/passkey.h"
#include "messenger/throttle.h"

#define HOUR 3600

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

/* The try is counted before it is looked at. */
static enum status
show_factor(const struct messenger *messenger, struct store *store, const struct sign_in_row *row,
	    const char *address, struct account_proof *proof, const struct place *place,
	    int64_t now, const struct secret *session, struct arena *arena)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = account_show_factor(messenger, store, address, proof, now, arena);
	if (status == STATUS_OK)
		status = desk_let_in(messenger, store, row, place, session, now, arena);
	return store_end(store, status);
}

struct throttle
desk_factor_limit(struct slice owner_index)
{
	return (struct throttle){"throttle factor at sign-in", owner_index, DESK_FACTOR_TRIES,
				 HOUR};
}

/* Of one account within an hour, however many codes are mailed: who reads somebody's mail must not
 * come to their telephone's six digits by patience. */
static enum status
try_factor_of(const struct messenger *messenger, struct store *store, const struct sign_in_row *row,
	      const char *address, struct account_proof *proof, const struct place *place,
	      int64_t now, const struct secret *session, struct arena *arena)
{
	struct throttle limit = desk_factor_limit(row->address_index);
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = passkey_take_challenge(store, PASSKEY_SIGN_IN, proof, now, arena);
	if (status == STATUS_OK)
		status =
		    show_factor(messenger, store, row, address, proof, place, now, session, arena);
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

static enum status
try_factor(const struct messenger *messenger, struct store *store, struct slice token,
	   struct account_proof *proof, const struct place *place, int64_t now,
	   const struct secret *session, int *left_out, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct throttle limit = throttle_network(messenger, slice_from_text(place->network));
	struct sign_in_row row;
	const char *address = "";
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	desk_hash_token(token, hash);
	status = sign_in_try_factor(store, slice_of(hash, sizeof(hash)), now - DESK_CODE_SECONDS,
				    DESK_CODE_TRIES, arena, &row);
	if (status == STATUS_OK) {
		*left_out = DESK_CODE_TRIES - row.tries;
		address = messenger_display_open(messenger, "sign_in.address", &row.id, row.address,
						 arena);
		status = try_factor_of(messenger, store, &row, address, proof, place, now, session,
				       arena);
	}
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	if (proof->copied &&
	    account_tell_copied(messenger, store, address, now, arena) != STATUS_OK)
		return STATUS_UNAVAILABLE;
	return status;
}

enum status
messenger_desk_factor(const struct messenger *messenger, struct slice token,
		      struct account_proof *proof, const struct place *place, int64_t now,
		      struct secret *session_out, int *left_out)
{
	struct arena *arena = arena_new();
	struct secret session;
	struct store *store;
	enum status status = STATUS_NOT_FOUND;

	*left_out = 0;
	secret_random(&session, DESK_TOKEN_SIZE);
	if (token.size == DESK_TOKEN_SIZE) {
		store = store_pool_get(messenger->stores);
		status = try_factor(messenger, store, token, proof, place, now, &session, left_out,
				    arena);
		store_pool_put(messenger->stores, store);
	}
	log_info("sign-in-factor", LOG_TEXT("status", status_text(status)));
	if (status == STATUS_OK)
		secret_move(session_out, &session);
	else
		secret_clear(&session);
	arena_free(arena);
	return status;
}
