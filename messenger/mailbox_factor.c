/* The second factor of a mailbox's owner, shown to sign in. */
#include "base/log.h"
#include "messenger/account_enter.h"
#include "messenger/mailbox_session.h"
#include "messenger/throttle.h"

/* Whoever owes a factor, and tries to show it. */
struct entering {
	const struct messenger *messenger;
	struct slice token;
	const struct place *place;
	const struct secret *new_token;
	int64_t now;
	struct arena *arena;
	struct mailbox_session_row session;
	const char *address;
};

static enum status
read_owing(struct entering *entering, struct store *store)
{
	struct mailbox_session_row *session = &entering->session;
	struct mailbox_row row;
	enum status status = mailbox_session_of(entering->messenger, store, entering->token, true,
						entering->now, entering->arena, session);

	if (status == STATUS_OK && session->tries >= MAILBOX_FACTOR_TRIES)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = mailbox_read(store, &session->mailbox_id, entering->arena, &row);
	if (status == STATUS_OK)
		entering->address = messenger_display_open(entering->messenger, "mailbox.address",
							   &row.id, row.address, entering->arena);
	return status;
}

enum status
messenger_mailbox_owes(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, const char **address_out)
{
	struct entering entering = {
	    .messenger = messenger, .token = token, .now = now, .arena = arena};
	struct store *store = store_pool_get(messenger->stores);
	enum status status = read_owing(&entering, store);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*address_out = entering.address;
	return status;
}

/* The factor was right: another token takes the place of the old one. */
static enum status
let_in(struct store *store, void *context)
{
	const struct entering *entering = context;
	struct mailbox_session_row row = {.id = entering->session.id, .created_at = entering->now};
	unsigned char hash[HASH_SIZE];
	struct pair pair;
	enum status status = mailbox_session_open(entering->token, &entering->session, &pair);

	if (status != STATUS_OK)
		return status;
	row.sealed = mailbox_session_seal(&entering->session.mailbox_id, &pair, entering->new_token,
					  entering->arena);
	pair_clear(&pair);
	row.place = place_seal(entering->messenger, MAILBOX_SESSION_PLACE, &row.id, entering->place,
			       entering->arena);
	mailbox_hash_token(secret_slice(entering->new_token), hash);
	/* The mailbox first, as who ends its sessions. */
	status = mailbox_set_entered(store, &entering->session.mailbox_id, entering->now);
	if (status == STATUS_OK)
		status = mailbox_session_admit(store, slice_of(hash, sizeof(hash)), &row);
	return status == STATUS_OK ? place_note(entering->messenger, store, entering->address,
						entering->place, entering->now, entering->arena)
				   : status;
}

static enum status
try_factor(struct entering *entering, struct store *store, struct account_proof *proof,
	   int *left_out)
{
	struct throttle limit =
	    throttle_network(entering->messenger, slice_from_text(entering->place->network));
	int64_t retry_at;
	enum status status =
	    throttle_once(entering->messenger, store, &limit, entering->now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = read_owing(entering, store);
	/* A try is counted before it is looked at. */
	if (status == STATUS_OK)
		status = mailbox_session_try(store, &entering->session.id, MAILBOX_FACTOR_TRIES);
	if (status == STATUS_OK) {
		*left_out = MAILBOX_FACTOR_TRIES - entering->session.tries - 1;
		status = account_enter(entering->messenger, store, entering->address, proof,
				       entering->now, let_in, entering, entering->arena);
	}
	if (status != STATUS_DENIED)
		throttle_forgive(entering->messenger, store, &limit, entering->now);
	return status;
}

enum status
messenger_mailbox_factor(const struct messenger *messenger, struct slice token,
			 struct account_proof *proof, const struct place *place, int64_t now,
			 struct secret *token_out, int *left_out)
{
	struct secret new_token;
	struct entering entering = {.messenger = messenger,
				    .token = token,
				    .place = place,
				    .new_token = &new_token,
				    .now = now,
				    .arena = arena_new()};
	struct store *store = store_pool_get(messenger->stores);
	enum status status;

	*left_out = 0;
	secret_random(&new_token, MAILBOX_TOKEN_SIZE);
	status = try_factor(&entering, store, proof, left_out);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		secret_move(token_out, &new_token);
	else
		secret_clear(&new_token);
	log_info("mailbox-factor", LOG_TEXT("status", status_text(status)));
	arena_free(entering.arena);
	return status;
}
