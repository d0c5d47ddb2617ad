#include "crypto/totp.h"
#include "messenger/account_part.h"
#include "messenger/code.h"

/* --- a new app --- */

void
account_offer_clear(struct account_offer *offer)
{
	secret_clear(&offer->text);
	secret_clear(&offer->uri);
}

static enum status
offer(const struct account_doing *doing, const struct secret *secret,
      struct account_offer *offer_out)
{
	struct secret text, uri;
	enum status status = totp_text(secret, &text);

	if (status != STATUS_OK)
		return status;
	status = totp_uri(secret, doing->messenger->policy->organisation, doing->owner, &uri);
	if (status != STATUS_OK) {
		secret_clear(&text);
		return status;
	}
	secret_move(&offer_out->text, &text);
	secret_move(&offer_out->uri, &uri);
	return STATUS_OK;
}

struct beginning {
	struct account_proof *proof;
	struct account_offer *offer;
};

static enum status
begin(const struct account_doing *doing, void *context)
{
	const struct beginning *beginning = context;
	struct account_factor_row row = {
	    .id = id_new(), .kind = ACCOUNT_TOTP, .created_at = doing->now};
	struct account_has has;
	struct secret secret;
	enum status status = account_count(doing, &has);

	if (status == STATUS_OK && has.totp)
		return STATUS_CONFLICT;
	if (status == STATUS_OK && has.passkeys > 0)
		status = account_show(doing, beginning->proof);
	if (status != STATUS_OK)
		return status;
	secret_random(&secret, TOTP_SECRET_SIZE);
	row.secret = messenger_display_seal_bytes(doing->messenger, ACCOUNT_SECRET_COLUMN, &row.id,
						  secret_slice(&secret), doing->arena);
	status = account_factor_begin(doing->store, doing->index, &row);
	if (status == STATUS_OK)
		status = offer(doing, &secret, beginning->offer);
	secret_clear(&secret);
	return status;
}

enum status
messenger_account_begin(const struct messenger *messenger, const char *owner,
			struct account_proof *proof, int64_t now, struct account_offer *offer_out)
{
	struct arena *arena = arena_new();
	struct beginning beginning = {proof, offer_out};
	enum status status;

	*offer_out = (struct account_offer){.text = {NULL, 0}};
	status = account_do(messenger, owner, NULL, begin, &beginning, proof, "factor-begun", now,
			    arena);
	if (status != STATUS_OK)
		account_offer_clear(offer_out);
	arena_free(arena);
	return status;
}

enum status
messenger_account_offer(const struct messenger *messenger, const char *owner,
			struct account_offer *offer_out)
{
	struct arena *arena = arena_new();
	struct account_doing doing = {.messenger = messenger,
				      .store = store_pool_get(messenger->stores),
				      .owner = owner,
				      .index = messenger_address_index(messenger, owner, arena),
				      .arena = arena};
	struct account_factor_row row;
	struct secret secret;
	enum status status = account_find_totp(&doing, false, &row);

	store_pool_put(messenger->stores, doing.store);
	if (status == STATUS_OK)
		status = account_open_secret(&doing, &row, &secret);
	if (status == STATUS_OK) {
		status = offer(&doing, &secret, offer_out);
		secret_clear(&secret);
	}
	arena_free(arena);
	return status;
}

/* What a deed is given and gives. */
struct exchange {
	struct slice code;
	struct account_proof *proof;
	struct account_recovery *recovery;
};

static enum status
confirm(const struct account_doing *doing, void *context)
{
	const struct exchange *exchange = context;
	struct slice code = code_without_gaps(exchange->code, doing->arena);
	struct account_factor_row row;
	struct account_has has = {.passkeys = 0};
	enum status status = account_find_totp(doing, false, &row);

	if (status == STATUS_OK && row.created_at + ACCOUNT_BEGUN_SECONDS <= doing->now)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK && code.size != TOTP_DIGITS)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status == STATUS_OK)
		status = account_use_totp(doing, &row, code);
	if (status == STATUS_OK && has.passkeys == 0)
		status = account_draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? account_changed(doing, ACCOUNT_FACTOR_ADDED) : status;
}

enum status
messenger_account_confirm(const struct messenger *messenger, const char *owner,
			  const struct session_keeper *keeper, struct slice code, int64_t now,
			  struct arena *arena, struct account_recovery *recovery_out)
{
	struct exchange exchange = {.code = code, .recovery = recovery_out};

	*recovery_out = (struct account_recovery){.codes = {NULL}};
	return account_do(messenger, owner, keeper, confirm, &exchange, NULL, "factor-confirmed",
			  now, arena);
}

/* --- what is behind a factor --- */

static enum status
renew(const struct account_doing *doing, void *context)
{
	const struct exchange *exchange = context;
	enum status status = account_show(doing, exchange->proof);

	if (status == STATUS_OK)
		status = account_draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? account_changed(doing, ACCOUNT_RECOVERY_NEW) : status;
}

enum status
messenger_account_renew(const struct messenger *messenger, const char *owner,
			const struct session_keeper *keeper, struct account_proof *proof,
			int64_t now, struct arena *arena, struct account_recovery *recovery_out)
{
	struct exchange exchange = {.proof = proof, .recovery = recovery_out};

	return account_do(messenger, owner, keeper, renew, &exchange, proof, "recovery-renewed",
			  now, arena);
}

enum status
account_may_lose_one(const struct account_doing *doing)
{
	struct account_has has;
	bool has_to;
	enum status status = account_has_to(doing, &has_to);

	if (status != STATUS_OK || !has_to)
		return status;
	status = account_count(doing, &has);
	if (status != STATUS_OK)
		return status;
	return has.passkeys + has.totp > 1 ? STATUS_OK : STATUS_CONFLICT;
}

static enum status
remove_totp(const struct account_doing *doing, void *context)
{
	const struct exchange *exchange = context;
	struct account_factor_row row;
	struct account_has has;
	enum status status = account_may_lose_one(doing);

	if (status == STATUS_OK)
		status = account_show(doing, exchange->proof);
	if (status == STATUS_OK)
		status = account_find_totp(doing, true, &row);
	if (status == STATUS_OK)
		status = account_factor_delete(doing->store, &row.id, doing->index);
	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status == STATUS_OK && has.passkeys == 0)
		status = recovery_code_set(doing->store, doing->index, NULL, 0, doing->now);
	if (status != STATUS_OK)
		return status;
	return account_changed(doing,
			       has.passkeys == 0 ? ACCOUNT_FACTOR_REMOVED : ACCOUNT_APP_REMOVED);
}

enum status
messenger_account_remove(const struct messenger *messenger, const char *owner,
			 const struct session_keeper *keeper, struct account_proof *proof,
			 int64_t now)
{
	struct arena *arena = arena_new();
	struct exchange exchange = {.proof = proof};
	enum status status = account_do(messenger, owner, keeper, remove_totp, &exchange, proof,
					"factor-removed", now, arena);

	arena_free(arena);
	return status;
}
