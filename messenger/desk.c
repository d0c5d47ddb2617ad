#include "messenger/desk.h"

#include <string.h>

#include "base/log.h"
#include "crypto/pair.h"
#include "mail/address.h"
#include "messenger/account.h"
#include "messenger/code.h"
#include "messenger/desk_part.h"
#include "messenger/post.h"
#include "messenger/seal.h"
#include "messenger/throttle.h"

#define HOUR 3600

static struct throttle
limit_of_address(const struct messenger *messenger, struct slice address_index)
{
	return (struct throttle){"throttle sign-in", address_index,
				 messenger->policy->sign_in_codes, HOUR};
}

void
desk_hash_token(struct slice token, unsigned char hash[HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "desk token", token, hash);
}

/* The pepper is in it: eight digits would be found at once by whoever has the database. */
static void
hash_code(const struct messenger *messenger, const struct id *id, struct slice code,
	  unsigned char hash[HASH_SIZE])
{
	unsigned char both[ID_SIZE + DESK_CODE_LENGTH] = {0};

	memcpy(both, id->bytes, ID_SIZE);
	memcpy(both + ID_SIZE, code.data,
	       code.size < DESK_CODE_LENGTH ? code.size : DESK_CODE_LENGTH);
	hash_purpose(secret_slice(&messenger->keys->pepper), "sign-in code",
		     slice_of(both, sizeof(both)), hash);
	explicit_bzero(both, sizeof(both));
}

/* Uniform digits: of random bytes those that would favour some digits are left out. */
static void
draw_code(unsigned char code[DESK_CODE_LENGTH])
{
	size_t drawn = 0;

	while (drawn < DESK_CODE_LENGTH) {
		struct secret random;

		secret_random(&random, DESK_TOKEN_SIZE);
		for (size_t i = 0; i < random.size && drawn < DESK_CODE_LENGTH; i++)
			if (random.data[i] < 250)
				code[drawn++] = (unsigned char)('0' + random.data[i] % 10);
		secret_clear(&random);
	}
}

/* An organisation's senders may all come from one network: they ask for more than strangers guess.
 */
static struct throttle
limit_of_asking(const struct messenger *messenger, struct slice network)
{
	return (struct throttle){"throttle sign-in network", network,
				 messenger->policy->sign_in_network, HOUR};
}

/* Asking counts for the address whoever asks, and for the network whatever is asked for. */
static enum status
count_asking(const struct messenger *messenger, struct store *store, struct slice address_index,
	     struct slice network, int64_t now, int64_t *retry_at_out)
{
	struct throttle limits[2] = {limit_of_address(messenger, address_index),
				     limit_of_asking(messenger, network)};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < 2 && status == STATUS_OK; i++)
		status = throttle_once(messenger, store, &limits[i], now, retry_at_out);
	return status;
}

static enum status
ask_in_transaction(const struct messenger *messenger, struct store *store, const char *address,
		   struct slice network, const struct secret *token, int64_t now,
		   int64_t *retry_at_out, struct arena *arena)
{
	unsigned char code[DESK_CODE_LENGTH], token_hash[HASH_SIZE], code_hash[HASH_SIZE];
	struct sign_in_row row = {
	    .id = id_new(),
	    .address_index = messenger_address_index(messenger, address, arena),
	    .created_at = now,
	};
	enum status status =
	    count_asking(messenger, store, row.address_index, network, now, retry_at_out);

	if (status != STATUS_OK)
		return status;
	draw_code(code);
	hash_code(messenger, &row.id, slice_of(code, sizeof(code)), code_hash);
	row.code_hash = slice_of(code_hash, sizeof(code_hash));
	row.address = messenger_display_seal(messenger, "sign_in.address", &row.id, address, arena);
	status = pair_seal(messenger->keys->gateway_public, PAIR_SIGN_IN_CODE, &row.id,
			   slice_of(code, sizeof(code)), arena, &row.code_wrap);
	explicit_bzero(code, sizeof(code));
	desk_hash_token(secret_slice(token), token_hash);
	if (status == STATUS_OK)
		status = sign_in_insert(store, slice_of(token_hash, sizeof(token_hash)), &row);
	return status == STATUS_OK ? post_step(store, OUTBOX_SIGN_IN, &row.id, 0, now) : status;
}

enum status
messenger_desk_ask(const struct messenger *messenger, struct slice address, struct slice network,
		   int64_t now, struct secret *token_out, int64_t *retry_at_out)
{
	struct arena *arena = arena_new();
	struct slice typed = slice_trim(address);
	struct secret token;
	struct store *store;
	enum status status = address_check(typed, NULL);

	*retry_at_out = 0;
	if (status != STATUS_OK) {
		arena_free(arena);
		return STATUS_INVALID;
	}
	secret_random(&token, DESK_TOKEN_SIZE);
	store = store_pool_get(messenger->stores);
	status = store_begin(store);
	if (status == STATUS_OK)
		status = ask_in_transaction(messenger, store, address_normalise(typed, arena),
					    network, &token, now, retry_at_out, arena);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("sign-in-asked", LOG_TEXT("status", status_text(status)));
	if (status == STATUS_OK)
		secret_move(token_out, &token);
	else
		secret_clear(&token);
	arena_free(arena);
	return status;
}

enum status
messenger_desk_asked(const struct messenger *messenger, struct slice token, int64_t now,
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
	status =
	    sign_in_find(store, slice_of(hash, sizeof(hash)), now - DESK_CODE_SECONDS, arena, &row);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	if (row.tries >= DESK_CODE_TRIES)
		return STATUS_NOT_FOUND;
	*address_out =
	    messenger_display_open(messenger, "sign_in.address", &row.id, row.address, arena);
	return STATUS_OK;
}

enum status
desk_let_in(const struct messenger *messenger, struct store *store, const struct sign_in_row *asked,
	    const struct place *place, const struct secret *session, int64_t now,
	    struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct desk_session_row row = {
	    .id = id_new(), .address_index = asked->address_index, .created_at = now};
	const char *address =
	    messenger_display_open(messenger, "sign_in.address", &asked->id, asked->address, arena);
	/* A code is good for once: of two who come at once with it one finds it gone, and so does
	 * whoever comes while all sessions of its owner are ended. */
	enum status status = sign_in_delete(store, &asked->id);

	if (status != STATUS_OK)
		return status;
	row.address =
	    messenger_display_seal(messenger, "desk_session.address", &row.id, address, arena);
	row.place = place_seal(messenger, DESK_SESSION_PLACE, &row.id, place, arena);
	desk_hash_token(secret_slice(session), hash);
	status = desk_session_insert(store, slice_of(hash, sizeof(hash)), &row);
	return status == STATUS_OK ? place_note(messenger, store, address, place, now, arena)
				   : status;
}

/* To the desk, or to the second factor where there is one. */
static enum status
go_on(const struct messenger *messenger, struct store *store, const struct sign_in_row *asked,
      const struct place *place, const struct secret *session, int64_t now, bool *needs_factor_out,
      struct arena *arena)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = account_needs_factor(messenger, store, asked->address_index, arena,
					      needs_factor_out);
	if (status == STATUS_OK)
		status = *needs_factor_out
			     ? sign_in_set_coded(store, &asked->id, now)
			     : desk_let_in(messenger, store, asked, place, session, now, arena);
	return store_end(store, status);
}

static enum status
try_code(const struct messenger *messenger, struct store *store, struct slice token,
	 struct slice typed, const struct place *place, int64_t now, struct secret *session,
	 int *left_out, bool *needs_factor_out, struct arena *arena)
{
	unsigned char token_hash[HASH_SIZE], given[HASH_SIZE];
	struct slice code = code_without_gaps(typed, arena);
	struct sign_in_row row;
	enum status status;

	desk_hash_token(token, token_hash);
	status = sign_in_try(store, slice_of(token_hash, sizeof(token_hash)),
			     now - DESK_CODE_SECONDS, DESK_CODE_TRIES, arena, &row);
	if (status != STATUS_OK)
		return status;
	*left_out = DESK_CODE_TRIES - row.tries;
	hash_code(messenger, &row.id, code, given);
	if (code.size == DESK_CODE_LENGTH &&
	    hash_equal(slice_of(given, sizeof(given)), row.code_hash))
		return go_on(messenger, store, &row, place, session, now, needs_factor_out, arena);
	return STATUS_DENIED;
}

static enum status
enter(const struct messenger *messenger, struct store *store, struct slice token,
      struct slice typed, const struct place *place, int64_t now, struct secret *session,
      int *left_out, bool *needs_factor_out, struct arena *arena)
{
	struct throttle limit = throttle_network(messenger, slice_from_text(place->network));
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = try_code(messenger, store, token, typed, place, now, session, left_out,
			  needs_factor_out, arena);
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

enum status
messenger_desk_enter(const struct messenger *messenger, struct slice token, struct slice code,
		     const struct place *place, int64_t now, struct secret *session_out,
		     int *left_out, bool *needs_factor_out)
{
	struct arena *arena = arena_new();
	struct secret session;
	struct store *store;
	enum status status = STATUS_NOT_FOUND;

	*left_out = 0;
	*needs_factor_out = false;
	secret_random(&session, DESK_TOKEN_SIZE);
	if (token.size == DESK_TOKEN_SIZE) {
		store = store_pool_get(messenger->stores);
		status = enter(messenger, store, token, code, place, now, &session, left_out,
			       needs_factor_out, arena);
		store_pool_put(messenger->stores, store);
	}
	log_info("sign-in", LOG_TEXT("status", status_text(status)),
		 LOG_TEXT("factor", *needs_factor_out ? "asked" : "none"));
	if (status == STATUS_OK && !*needs_factor_out)
		secret_move(session_out, &session);
	else
		secret_clear(&session);
	arena_free(arena);
	return status;
}

enum status
messenger_desk_open(const struct messenger *messenger, struct slice token, int64_t now,
		    struct arena *arena, struct desk *desk_out)
{
	const struct policy *policy = messenger->policy;
	unsigned char hash[HASH_SIZE];
	struct desk_session_row row;
	struct store *store;
	bool has_factor = false;
	int64_t idle, whole;
	enum status status;

	if (token.size != DESK_TOKEN_SIZE)
		return STATUS_DENIED;
	desk_hash_token(token, hash);
	store = store_pool_get(messenger->stores);
	status = desk_session_find(store, slice_of(hash, sizeof(hash)), now,
				   now - policy->session_idle_seconds,
				   now - policy->session_seconds, arena, &row);
	if (status == STATUS_OK && policy->always_desk_factor)
		status =
		    account_needs_factor(messenger, store, row.address_index, arena, &has_factor);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	idle = now + policy->session_idle_seconds;
	whole = row.created_at + policy->session_seconds;
	*desk_out = (struct desk){
	    .address = messenger_display_open(messenger, "desk_session.address", &row.id,
					      row.address, arena),
	    .index = row.address_index,
	    .session = row.id,
	    .limited = policy->always_desk_factor && !has_factor,
	    .ends_at = idle < whole ? idle : whole,
	};
	return STATUS_OK;
}

enum status
messenger_desk_leave(const struct messenger *messenger, struct slice token)
{
	unsigned char hash[HASH_SIZE];
	struct store *store;
	enum status status;

	if (token.size != DESK_TOKEN_SIZE)
		return STATUS_OK;
	desk_hash_token(token, hash);
	store = store_pool_get(messenger->stores);
	status = desk_session_delete(store, slice_of(hash, sizeof(hash)));
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_desk_code(const struct messenger *messenger, struct store *store,
		    const struct id *sign_in, int64_t now, struct arena *arena,
		    const char **address_out, const char **code_out)
{
	struct pair gateway = seal_gateway_pair(messenger);
	struct sign_in_row row;
	struct secret code;
	enum status status = sign_in_read(store, sign_in, arena, &row);

	if (status == STATUS_NOT_FOUND)
		return STATUS_CONFLICT;
	if (status != STATUS_OK)
		return status;
	*address_out =
	    messenger_display_open(messenger, "sign_in.address", &row.id, row.address, arena);
	if (row.code_wrap.size == 0 || row.created_at + DESK_CODE_SECONDS <= now ||
	    !policy_is_own(messenger->policy, slice_from_text(*address_out)))
		return STATUS_CONFLICT;
	status = pair_open(&gateway, PAIR_SIGN_IN_CODE, &row.id, row.code_wrap, &code);
	if (status != STATUS_OK)
		return status;
	*code_out = arena_text_from(arena, secret_slice(&code));
	secret_clear(&code);
	return STATUS_OK;
}
