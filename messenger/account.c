#include "messenger/account.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/totp.h"
#include "messenger/account_part.h"
#include "messenger/code.h"
#include "messenger/passkey.h"
#include "messenger/throttle.h"
#include "store/outbox.h"
#include "store/passkey.h"

#define CODE_BYTES ((size_t)5)
#define WRONG_CODES 10 /* of one account within an hour */
#define HOUR 3600
#define SECRET_COLUMN "account_factor.secret"

void
account_offer_clear(struct account_offer *offer)
{
	secret_clear(&offer->text);
	secret_clear(&offer->uri);
}

/* --- rows --- */

/* The one of the kind, confirmed or begun; STATUS_NOT_FOUND. */
static enum status
find_totp(const struct account_doing *doing, bool confirmed, struct account_factor_row *row_out)
{
	struct account_factor_row *rows;
	size_t count;
	enum status status =
	    account_factor_list(doing->store, doing->index, doing->arena, &rows, &count);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		if (rows[i].kind == ACCOUNT_TOTP && rows[i].confirmed == confirmed) {
			*row_out = rows[i];
			return STATUS_OK;
		}
	return STATUS_NOT_FOUND;
}

static enum status
open_secret(const struct account_doing *doing, const struct account_factor_row *row,
	    struct secret *secret_out)
{
	struct slice bytes;
	enum status status = messenger_display_open_bytes(doing->messenger, SECRET_COLUMN, &row->id,
							  row->secret, doing->arena, &bytes);

	if (status == STATUS_OK)
		secret_copy(secret_out, bytes);
	return status;
}

/* --- codes --- */

static void
hash_recovery(const struct account_doing *doing, struct slice code, unsigned char hash[HASH_SIZE])
{
	unsigned char both[HASH_SIZE + CODE_BYTES];

	memcpy(both, doing->index.data, HASH_SIZE);
	memcpy(both + HASH_SIZE, code.data, CODE_BYTES);
	hash_purpose(secret_slice(&doing->messenger->keys->pepper), "recovery code",
		     slice_of(both, sizeof(both)), hash);
	explicit_bzero(both, sizeof(both));
}

enum status
account_draw_recovery(const struct account_doing *doing, struct account_recovery *recovery_out)
{
	struct slice hashes[ACCOUNT_RECOVERY_CODES];

	for (size_t i = 0; i < ACCOUNT_RECOVERY_CODES; i++) {
		unsigned char *hash = arena_alloc(doing->arena, HASH_SIZE);
		char text[ACCOUNT_CODE_LENGTH + 1] = "";
		struct secret code;

		secret_random(&code, CODE_BYTES);
		hash_recovery(doing, secret_slice(&code), hash);
		hashes[i] = slice_of(hash, HASH_SIZE);
		encode_base32(secret_slice(&code), text);
		secret_clear(&code);
		recovery_out->codes[i] = arena_printf(doing->arena, "%.4s-%.4s", text, text + 4);
		explicit_bzero(text, sizeof(text));
	}
	return recovery_code_set(doing->store, doing->index, hashes, ACCOUNT_RECOVERY_CODES,
				 doing->now);
}

/* A code by the clock of that row, used up by this. */
static enum status
use_totp(const struct account_doing *doing, const struct account_factor_row *row, struct slice code)
{
	struct secret secret;
	uint64_t step;
	enum status status = open_secret(doing, row, &secret);

	if (status != STATUS_OK)
		return status;
	status = totp_check(&secret, code, doing->now, row->last_step, &step);
	secret_clear(&secret);
	if (status == STATUS_OK)
		status = account_factor_use(doing->store, &row->id, step, doing->now);
	/* Whether it was right before is nobody's business. */
	return status == STATUS_CONFLICT || status == STATUS_INVALID ? STATUS_DENIED : status;
}

static enum status
use_recovery(const struct account_doing *doing, struct slice code)
{
	unsigned char bytes[CODE_BYTES], hash[HASH_SIZE];
	enum status status = STATUS_DENIED;

	if (code.size == ACCOUNT_CODE_LENGTH && decode_base32(code, bytes, sizeof(bytes))) {
		hash_recovery(doing, slice_of(bytes, sizeof(bytes)), hash);
		status = recovery_code_use(doing->store, doing->index, slice_of(hash, HASH_SIZE));
	}
	explicit_bzero(bytes, sizeof(bytes));
	return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
}

/* --- telling --- */

enum status
account_tell(const struct account_doing *doing, enum account_event what)
{
	struct account_event_row row = {.id = id_new(), .what = what, .created_at = doing->now};
	enum status status;

	row.address = messenger_display_seal(doing->messenger, "account_event.address", &row.id,
					     doing->owner, doing->arena);
	status = account_event_insert(doing->store, &row);
	if (status == STATUS_OK)
		status = outbox_insert(doing->store, &(struct outbox_row){.id = id_new(),
									  .kind = OUTBOX_ACCOUNT,
									  .has_code = true,
									  .code_id = row.id,
									  .created_at = doing->now,
									  .next_at = doing->now});
	return status == STATUS_OK ? store_notify(doing->store, "postern_work") : status;
}

/* --- showing a factor --- */

enum status
account_count(const struct account_doing *doing, struct account_has *has_out)
{
	struct account_factor_row row;
	struct passkey_row *passkeys;
	enum status status = find_totp(doing, true, &row);

	has_out->totp = status == STATUS_OK;
	if (status != STATUS_OK && status != STATUS_NOT_FOUND)
		return status;
	return passkey_list(doing->store, doing->index, doing->arena, &passkeys,
			    &has_out->passkeys);
}

/* A code of an app, where there is one; else it may be a recovery code. */
static enum status
show_code(const struct account_doing *doing, struct slice typed, bool has_totp)
{
	struct slice code = code_without_gaps(typed, doing->arena);
	struct account_factor_row row;
	enum status status;

	if (has_totp && code.size == TOTP_DIGITS) {
		status = find_totp(doing, true, &row);
		return status == STATUS_OK ? use_totp(doing, &row, code) : status;
	}
	status = use_recovery(doing, code);
	return status == STATUS_OK ? account_tell(doing, ACCOUNT_RECOVERY_USED) : status;
}

enum status
account_show(const struct account_doing *doing, struct account_proof *proof)
{
	struct account_has has;
	enum status status = account_count(doing, &has);

	if (status != STATUS_OK)
		return status;
	if (!has.totp && has.passkeys == 0)
		return STATUS_NOT_FOUND;
	if (proof->passkey.id.size > 0)
		return passkey_show(doing, proof);
	return show_code(doing, proof->code, has.totp);
}

static struct throttle
limit_of_wrong(const struct account_doing *doing)
{
	return (struct throttle){"throttle factor of account", doing->index, WRONG_CODES, HOUR};
}

enum status
account_show_factor(const struct messenger *messenger, struct store *store, const char *owner,
		    struct account_proof *proof, int64_t now, struct arena *arena)
{
	const struct account_doing doing = {
	    messenger, store, owner, messenger_address_index(messenger, owner, arena), now, arena};
	enum status status = account_show(&doing, proof);

	return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
}

enum status
account_needs_factor(const struct messenger *messenger, struct store *store,
		     struct slice owner_index, struct arena *arena, bool *needs_out)
{
	const struct account_doing doing = {messenger, store, "", owner_index, 0, arena};
	struct account_has has;
	enum status status = account_count(&doing, &has);

	if (status == STATUS_OK)
		*needs_out = has.totp || has.passkeys > 0;
	return status;
}

enum status
account_tell_copied(const struct messenger *messenger, struct store *store, const char *owner,
		    int64_t now, struct arena *arena)
{
	const struct account_doing doing = {
	    messenger, store, owner, messenger_address_index(messenger, owner, arena), now, arena};
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = account_tell(&doing, ACCOUNT_PASSKEY_COPIED);
	if (status == STATUS_OK)
		status = store_commit(store);
	if (status != STATUS_OK)
		store_rollback(store);
	return status;
}

/* --- what the owner does --- */

static enum status
do_it(const struct account_doing *doing, account_deed *deed, void *context)
{
	enum status status = store_begin(doing->store);

	if (status != STATUS_OK)
		return status;
	status = deed(doing, context);
	if (status == STATUS_OK)
		status = store_commit(doing->store);
	if (status != STATUS_OK)
		store_rollback(doing->store);
	return status;
}

enum status
account_do(const struct messenger *messenger, const char *owner, account_deed *deed, void *context,
	   struct account_proof *proof, const char *event, int64_t now, struct arena *arena)
{
	struct account_doing doing = {messenger, store_pool_get(messenger->stores),
				      owner,	 messenger_address_index(messenger, owner, arena),
				      now,	 arena};
	struct throttle limit = limit_of_wrong(&doing);
	int64_t retry_at;
	enum status status = throttle_check(messenger, doing.store, &limit, now, &retry_at);

	if (status == STATUS_OK && proof != NULL)
		status = passkey_take_challenge(doing.store, PASSKEY_PROVE, proof, now, arena);
	if (status == STATUS_OK)
		status = do_it(&doing, deed, context);
	if (status == STATUS_DENIED &&
	    throttle_count(messenger, doing.store, &limit, now) != STATUS_OK)
		status = STATUS_UNAVAILABLE;
	if (proof != NULL && proof->copied &&
	    account_tell_copied(messenger, doing.store, owner, now, arena) != STATUS_OK)
		status = STATUS_UNAVAILABLE;
	store_pool_put(messenger->stores, doing.store);
	log_info(event, LOG_TEXT("status", status_text(status)));
	return status;
}

enum status
messenger_account_look(const struct messenger *messenger, struct slice owner_index,
		       struct arena *arena, struct account_view *view_out)
{
	struct account_doing doing = {
	    messenger, store_pool_get(messenger->stores), "", owner_index, 0, arena};
	struct account_view view = {.has_totp = false};
	struct account_factor_row row;
	struct account_has has;
	enum status status = account_count(&doing, &has);

	if (status == STATUS_OK && has.totp)
		status = find_totp(&doing, true, &row);
	if (status == STATUS_OK && has.totp) {
		view.has_totp = true;
		view.totp_since = row.created_at;
		view.totp_used_at = row.used_at;
	}
	if (status == STATUS_OK) {
		view.passkeys = has.passkeys;
		status = recovery_code_count(doing.store, owner_index, &view.recovery_left);
	}
	store_pool_put(messenger->stores, doing.store);
	*view_out = view;
	return status;
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
	row.secret = messenger_display_seal_bytes(doing->messenger, SECRET_COLUMN, &row.id,
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
	status = account_do(messenger, owner, begin, &beginning, proof, "factor-begun", now, arena);
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
	struct account_doing doing = {messenger, store_pool_get(messenger->stores),
				      owner,	 messenger_address_index(messenger, owner, arena),
				      0,	 arena};
	struct account_factor_row row;
	struct secret secret;
	enum status status = find_totp(&doing, false, &row);

	store_pool_put(messenger->stores, doing.store);
	if (status == STATUS_OK)
		status = open_secret(&doing, &row, &secret);
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
	struct account_has has;
	enum status status = find_totp(doing, false, &row);

	if (status == STATUS_OK && row.created_at + ACCOUNT_BEGUN_SECONDS <= doing->now)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK && code.size != TOTP_DIGITS)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status == STATUS_OK)
		status = use_totp(doing, &row, code);
	if (status == STATUS_OK && has.passkeys == 0)
		status = account_draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? account_tell(doing, ACCOUNT_FACTOR_ADDED) : status;
}

enum status
messenger_account_confirm(const struct messenger *messenger, const char *owner, struct slice code,
			  int64_t now, struct arena *arena, struct account_recovery *recovery_out)
{
	struct exchange exchange = {.code = code, .recovery = recovery_out};

	*recovery_out = (struct account_recovery){.codes = {NULL}};
	return account_do(messenger, owner, confirm, &exchange, NULL, "factor-confirmed", now,
			  arena);
}

static enum status
renew(const struct account_doing *doing, void *context)
{
	const struct exchange *exchange = context;
	enum status status = account_show(doing, exchange->proof);

	if (status == STATUS_OK)
		status = account_draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? account_tell(doing, ACCOUNT_RECOVERY_NEW) : status;
}

enum status
messenger_account_renew(const struct messenger *messenger, const char *owner,
			struct account_proof *proof, int64_t now, struct arena *arena,
			struct account_recovery *recovery_out)
{
	struct exchange exchange = {.proof = proof, .recovery = recovery_out};

	return account_do(messenger, owner, renew, &exchange, proof, "recovery-renewed", now,
			  arena);
}

static enum status
remove_totp(const struct account_doing *doing, void *context)
{
	const struct exchange *exchange = context;
	struct account_factor_row row;
	struct account_has has;
	enum status status = account_show(doing, exchange->proof);

	if (status == STATUS_OK)
		status = find_totp(doing, true, &row);
	if (status == STATUS_OK)
		status = account_factor_delete(doing->store, &row.id, doing->index);
	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status == STATUS_OK && has.passkeys == 0)
		status = recovery_code_set(doing->store, doing->index, NULL, 0, doing->now);
	if (status != STATUS_OK)
		return status;
	return account_tell(doing,
			    has.passkeys == 0 ? ACCOUNT_FACTOR_REMOVED : ACCOUNT_APP_REMOVED);
}

enum status
messenger_account_remove(const struct messenger *messenger, const char *owner,
			 struct account_proof *proof, int64_t now)
{
	struct arena *arena = arena_new();
	struct exchange exchange = {.proof = proof};
	enum status status = account_do(messenger, owner, remove_totp, &exchange, proof,
					"factor-removed", now, arena);

	arena_free(arena);
	return status;
}
