#include "messenger/mailbox_session.h"

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/hash.h"
#include "messenger/account.h"
#include "messenger/desk.h"
#include "messenger/mailbox_key.h"
#include "messenger/throttle.h"

static void
hash_token(struct slice token, unsigned char hash_out[HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "mailbox token", token, hash_out);
}

enum status
mailbox_session_insert_for(struct store *store, const struct id *mailbox, const struct pair *pair,
			   bool owes, const struct secret *token, int64_t now, struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct mailbox_session_row row = {
	    .id = id_new(), .mailbox_id = *mailbox, .owes = owes, .created_at = now};
	enum status status;

	hash_token(secret_slice(token), hash);
	row.sealed = box_seal(secret_slice(token), "mailbox session", id_slice(mailbox),
			      secret_slice(&pair->private), arena);
	status = mailbox_session_insert(store, slice_of(hash, sizeof(hash)), &row);
	return status == STATUS_OK && !owes ? mailbox_set_entered(store, mailbox, now) : status;
}

enum status
mailbox_begin_session(const struct messenger *messenger, struct store *store,
		      const struct mailbox_row *row, const struct pair *pair,
		      const struct secret *token, int64_t now, struct arena *arena, bool *owes_out)
{
	enum status status =
	    account_needs_factor(messenger, store, row->address_index, arena, owes_out);

	return status == STATUS_OK
		   ? mailbox_session_insert_for(store, &row->id, pair, *owes_out, token, now, arena)
		   : status;
}

static void
clear_pair(void *argument)
{
	pair_clear(argument);
}

static enum status
open_pair(struct slice token, const struct mailbox_session_row *session, struct pair *pair_out)
{
	struct secret private;
	enum status status = box_open_secret(
	    token, "mailbox session", id_slice(&session->mailbox_id), session->sealed, &private);

	if (status != STATUS_OK)
		return status;
	status = pair_from_private(secret_slice(&private), pair_out);
	secret_clear(&private);
	return status;
}

/* The row of a token, of a session that owes a factor or of one that does not. */
static enum status
find(const struct messenger *messenger, struct store *store, struct slice token, bool owes,
     int64_t now, struct arena *arena, struct mailbox_session_row *row_out)
{
	const struct policy *policy = messenger->policy;
	int64_t since = owes ? MAILBOX_FACTOR_SECONDS : policy->session_seconds;
	unsigned char hash[HASH_SIZE];
	enum status status;

	if (token.size != MAILBOX_TOKEN_SIZE)
		return STATUS_NOT_FOUND;
	hash_token(token, hash);
	status =
	    mailbox_session_find(store, slice_of(hash, sizeof(hash)), now,
				 now - policy->session_idle_seconds, now - since, arena, row_out);
	return status == STATUS_OK && row_out->owes != owes ? STATUS_NOT_FOUND : status;
}

enum status
mailbox_find_session(const struct messenger *messenger, struct store *store, struct slice token,
		     int64_t now, struct arena *arena, struct inbox *inbox_out)
{
	const struct policy *policy = messenger->policy;
	struct mailbox_session_row session;
	struct mailbox_row row;
	enum status status = find(messenger, store, token, false, now, arena, &session);

	if (status == STATUS_OK)
		status = mailbox_read(store, &session.mailbox_id, arena, &row);
	if (status == STATUS_OK)
		status = open_pair(token, &session, &inbox_out->pair);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	arena_defer(arena, clear_pair, &inbox_out->pair);
	inbox_out->id = row.id;
	inbox_out->session = session.id;
	inbox_out->address =
	    messenger_display_open(messenger, "mailbox.address", &row.id, row.address, arena);
	inbox_out->index = row.address_index;
	inbox_out->idle_at = now + policy->session_idle_seconds;
	inbox_out->ends_at = session.created_at + policy->session_seconds;
	if (inbox_out->idle_at > inbox_out->ends_at)
		inbox_out->idle_at = inbox_out->ends_at;
	return STATUS_OK;
}

enum status
messenger_mailbox_open(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, struct inbox *inbox_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = mailbox_find_session(messenger, store, token, now, arena, inbox_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
mailbox_take(struct store *store, const struct inbox *inbox, const struct id *delivery,
	     struct arena *arena, struct secret *temporary_private_out)
{
	struct mailbox_message_row row;
	enum status status = mailbox_message_read(store, delivery, &inbox->id, arena, &row);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	return mailbox_key_take(&inbox->pair, delivery, row.key_wrap, temporary_private_out);
}

/* --- the second factor --- */

static enum status
read_owing(const struct messenger *messenger, struct store *store, struct slice token, int64_t now,
	   struct arena *arena, struct mailbox_session_row *session_out, const char **address_out)
{
	struct mailbox_row row;
	enum status status = find(messenger, store, token, true, now, arena, session_out);

	if (status == STATUS_OK && session_out->tries >= MAILBOX_FACTOR_TRIES)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = mailbox_read(store, &session_out->mailbox_id, arena, &row);
	if (status == STATUS_OK)
		*address_out = messenger_display_open(messenger, "mailbox.address", &row.id,
						      row.address, arena);
	return status;
}

enum status
messenger_mailbox_owes(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, const char **address_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_session_row session;
	enum status status = read_owing(messenger, store, token, now, arena, &session, address_out);

	store_pool_put(messenger->stores, store);
	return status;
}

/* In one transaction: the code is used up, and another token takes the place of the old one. */
static enum status
show_factor(const struct messenger *messenger, struct store *store, const char *address,
	    struct slice code, const struct mailbox_session_row *session, struct slice token,
	    const struct secret *new_token, int64_t now, struct arena *arena)
{
	struct account_proof proof = {.code = code};
	struct pair pair;
	enum status status = open_pair(token, session, &pair);

	if (status != STATUS_OK)
		return status;
	status = store_begin(store);
	if (status == STATUS_OK)
		status = account_show_factor(messenger, store, address, &proof, now, arena);
	if (status == STATUS_OK)
		status = mailbox_session_delete(store, &session->id);
	if (status == STATUS_OK)
		status = mailbox_session_insert_for(store, &session->mailbox_id, &pair, false,
						    new_token, now, arena);
	status = store_end(store, status);
	pair_clear(&pair);
	return status;
}

/* As at the desk: for an account so many wrong ones within an hour, however often its passphrase is
 * typed. */
static enum status
try_factor_of(const struct messenger *messenger, struct store *store, const char *address,
	      struct slice code, const struct mailbox_session_row *session, struct slice token,
	      const struct secret *new_token, int64_t now, struct arena *arena)
{
	struct throttle limit =
	    desk_factor_limit(messenger_address_index(messenger, address, arena));
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status =
	    show_factor(messenger, store, address, code, session, token, new_token, now, arena);
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

static enum status
try_factor(const struct messenger *messenger, struct store *store, struct slice token,
	   struct slice code, struct slice network, int64_t now, const struct secret *new_token,
	   int *left_out, struct arena *arena)
{
	struct throttle limit = throttle_network(messenger, network);
	struct mailbox_session_row session;
	const char *address;
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = read_owing(messenger, store, token, now, arena, &session, &address);
	/* A try is counted before it is looked at. */
	if (status == STATUS_OK)
		status = mailbox_session_try(store, &session.id, MAILBOX_FACTOR_TRIES);
	if (status == STATUS_OK) {
		*left_out = MAILBOX_FACTOR_TRIES - session.tries - 1;
		status = try_factor_of(messenger, store, address, code, &session, token, new_token,
				       now, arena);
	}
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

enum status
messenger_mailbox_factor(const struct messenger *messenger, struct slice token, struct slice code,
			 struct slice network, int64_t now, struct secret *token_out, int *left_out)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct secret new_token;
	enum status status;

	*left_out = 0;
	secret_random(&new_token, MAILBOX_TOKEN_SIZE);
	status =
	    try_factor(messenger, store, token, code, network, now, &new_token, left_out, arena);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		secret_move(token_out, &new_token);
	else
		secret_clear(&new_token);
	log_info("mailbox-factor", LOG_TEXT("status", status_text(status)));
	arena_free(arena);
	return status;
}
