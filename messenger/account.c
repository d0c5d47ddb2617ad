#include "messenger/account.h"

#include <limits.h>
#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/totp.h"
#include "messenger/account_event.h"
#include "messenger/account_part.h"
#include "messenger/code.h"
#include "messenger/passkey.h"
#include "messenger/sessions.h"
#include "messenger/throttle.h"
#include "store/mailbox.h"
#include "store/passkey.h"

#define CODE_BYTES ((size_t)5)
#define WRONG_CODES 10 /* of one account within an hour */
#define HOUR 3600

/* --- rows --- */

enum status
account_find_totp(const struct account_doing *doing, bool confirmed,
		  struct account_factor_row *row_out)
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

enum status
account_open_secret(const struct account_doing *doing, const struct account_factor_row *row,
		    struct secret *secret_out)
{
	struct slice bytes;
	enum status status = messenger_display_open_bytes(
	    doing->messenger, ACCOUNT_SECRET_COLUMN, &row->id, row->secret, doing->arena, &bytes);

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

enum status
account_use_totp(const struct account_doing *doing, const struct account_factor_row *row,
		 struct slice code)
{
	struct secret secret;
	uint64_t step;
	enum status status = account_open_secret(doing, row, &secret);

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
account_inform(const struct account_doing *doing, enum account_event what)
{
	return account_tell(doing->messenger, doing->store, doing->owner,
			    &(struct account_telling){.what = what}, doing->now, doing->arena);
}

/* What signing in takes is another from now on: whoever got in by what it took before is sent away,
 * but for who has just shown that they may change it. */
enum status
account_changed(const struct account_doing *doing, enum account_event what)
{
	enum status status = session_keeper_keep(doing->store, doing->index, doing->keeper);

	return status == STATUS_OK ? account_inform(doing, what) : status;
}

/* --- showing a factor --- */

enum status
account_count(const struct account_doing *doing, struct account_has *has_out)
{
	struct account_factor_row row;
	struct passkey_row *passkeys;
	enum status status = account_find_totp(doing, true, &row);

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
		status = account_find_totp(doing, true, &row);
		return status == STATUS_OK ? account_use_totp(doing, &row, code) : status;
	}
	status = use_recovery(doing, code);
	return status == STATUS_OK ? account_inform(doing, ACCOUNT_RECOVERY_USED) : status;
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
	const struct account_doing doing = {.messenger = messenger,
					    .store = store,
					    .owner = owner,
					    .index =
						messenger_address_index(messenger, owner, arena),
					    .now = now,
					    .arena = arena};
	enum status status = account_show(&doing, proof);

	return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
}

enum status
account_needs_factor(const struct messenger *messenger, struct store *store,
		     struct slice owner_index, struct arena *arena, bool *needs_out)
{
	const struct account_doing doing = {.messenger = messenger,
					    .store = store,
					    .owner = "",
					    .index = owner_index,
					    .arena = arena};
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
	const struct account_doing doing = {.messenger = messenger,
					    .store = store,
					    .owner = owner,
					    .index =
						messenger_address_index(messenger, owner, arena),
					    .now = now,
					    .arena = arena};
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = account_inform(&doing, ACCOUNT_PASSKEY_COPIED);
	return store_end(store, status);
}

/* --- what the owner does --- */

enum status
account_hold(const struct messenger *messenger, struct store *store, struct slice owner_index,
	     int64_t now)
{
	const struct account_doing doing = {.index = owner_index};
	struct throttle limit = limit_of_wrong(&doing);
	int64_t retry_at;
	enum status status;

	/* There may be nothing to hold yet: a try is counted, and given back. */
	limit.most = INT_MAX;
	status = throttle_once(messenger, store, &limit, now, &retry_at);
	if (status == STATUS_OK)
		throttle_forgive(messenger, store, &limit, now);
	return status;
}

/* One deed at a time to an account: what it has is looked at before it is changed. */
static enum status
do_it(const struct account_doing *doing, const struct throttle *limit, account_deed *deed,
      void *context)
{
	enum status status = store_begin(doing->store);

	if (status == STATUS_OK)
		status = throttle_hold(doing->messenger, doing->store, limit);
	if (status == STATUS_NOT_FOUND)
		status = STATUS_UNAVAILABLE;
	if (status == STATUS_OK)
		status = deed(doing, context);
	return store_end(doing->store, status);
}

enum status
account_do(const struct messenger *messenger, const char *owner,
	   const struct session_keeper *keeper, account_deed *deed, void *context,
	   struct account_proof *proof, const char *event, int64_t now, struct arena *arena)
{
	struct account_doing doing = {.messenger = messenger,
				      .store = store_pool_get(messenger->stores),
				      .owner = owner,
				      .index = messenger_address_index(messenger, owner, arena),
				      .now = now,
				      .arena = arena,
				      .keeper = keeper};
	struct throttle limit = limit_of_wrong(&doing);
	int64_t retry_at;
	enum status status = throttle_once(messenger, doing.store, &limit, now, &retry_at);
	bool counted = status == STATUS_OK;

	if (counted && proof != NULL)
		status = passkey_take_challenge(doing.store, PASSKEY_PROVE, proof, now, arena);
	if (status == STATUS_OK)
		status = do_it(&doing, &limit, deed, context);
	if (counted && status != STATUS_DENIED)
		throttle_forgive(messenger, doing.store, &limit, now);
	if (proof != NULL && proof->copied &&
	    account_tell_copied(messenger, doing.store, owner, now, arena) != STATUS_OK)
		status = STATUS_UNAVAILABLE;
	store_pool_put(messenger->stores, doing.store);
	log_info(event, LOG_TEXT("status", status_text(status)));
	return status;
}

enum status
account_has_to(const struct account_doing *doing, bool *has_to_out)
{
	const struct policy *policy = doing->messenger->policy;
	struct mailbox_row row;
	enum status status = STATUS_NOT_FOUND;

	if (policy->always_desk_factor && policy_is_own(policy, slice_from_text(doing->owner)))
		status = STATUS_OK;
	else if (policy->always_mailbox_factor)
		status = mailbox_find(doing->store, doing->index, doing->arena, &row);
	*has_to_out = status == STATUS_OK;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
look(const struct account_doing *doing, struct account_view *view)
{
	struct account_factor_row row = {.kind = ACCOUNT_TOTP};
	struct account_has has;
	enum status status = account_has_to(doing, &view->has_to);

	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status == STATUS_OK && has.totp)
		status = account_find_totp(doing, true, &row);
	if (status != STATUS_OK)
		return status;
	view->has_totp = has.totp;
	view->totp_since = row.created_at;
	view->totp_used_at = row.used_at;
	view->passkeys = has.passkeys;
	return recovery_code_count(doing->store, doing->index, &view->recovery_left);
}

enum status
messenger_account_look(const struct messenger *messenger, const char *owner, struct arena *arena,
		       struct account_view *view_out)
{
	struct account_doing doing = {.messenger = messenger,
				      .store = store_pool_get(messenger->stores),
				      .owner = owner,
				      .index = messenger_address_index(messenger, owner, arena),
				      .arena = arena};
	enum status status;

	*view_out = (struct account_view){.has_totp = false};
	status = look(&doing, view_out);
	store_pool_put(messenger->stores, doing.store);
	return status;
}
