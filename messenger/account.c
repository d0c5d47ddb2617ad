#include "messenger/account.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/totp.h"
#include "messenger/account_event.h"
#include "messenger/code.h"
#include "messenger/sessions.h"
#include "messenger/throttle.h"

#define CODE_BYTES ((size_t)5)
#define WRONG_CODES 10 /* of one account within an hour */
#define HOUR 3600
#define SECRET_COLUMN "account_factor.secret"

/* What is being done to one account. */
struct doing {
	const struct messenger *messenger;
	struct store *store;
	const char *owner;
	struct slice index;
	int64_t now;
	struct arena *arena;
	const struct session_keeper
	    *keeper; /* whose session does it; NULL where it changes nothing */
};

void
account_offer_clear(struct account_offer *offer)
{
	secret_clear(&offer->text);
	secret_clear(&offer->uri);
}

/* --- rows --- */

/* The one of the kind, confirmed or begun; STATUS_NOT_FOUND. */
static enum status
find_totp(const struct doing *doing, bool confirmed, struct account_factor_row *row_out)
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
open_secret(const struct doing *doing, const struct account_factor_row *row,
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
hash_recovery(const struct doing *doing, struct slice code, unsigned char hash[HASH_SIZE])
{
	unsigned char both[HASH_SIZE + CODE_BYTES];

	memcpy(both, doing->index.data, HASH_SIZE);
	memcpy(both + HASH_SIZE, code.data, CODE_BYTES);
	hash_purpose(secret_slice(&doing->messenger->keys->pepper), "recovery code",
		     slice_of(both, sizeof(both)), hash);
	explicit_bzero(both, sizeof(both));
}

static enum status
draw_recovery(const struct doing *doing, struct account_recovery *recovery_out)
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
use_totp(const struct doing *doing, const struct account_factor_row *row, struct slice code)
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
use_recovery(const struct doing *doing, struct slice code)
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

static enum status
tell(const struct doing *doing, enum account_event what)
{
	return account_tell(doing->messenger, doing->store, doing->owner,
			    &(struct account_telling){.what = what}, doing->now, doing->arena);
}

/* What signing in takes is another from now on: whoever got in by what it took before is sent away,
 * but for who has just shown that they may change it. */
static enum status
changed(const struct doing *doing, enum account_event what)
{
	enum status status = session_keeper_keep(doing->store, doing->index, doing->keeper);

	return status == STATUS_OK ? tell(doing, what) : status;
}

/* --- showing a factor --- */

static enum status
show(const struct doing *doing, struct slice typed)
{
	struct slice code = code_without_gaps(typed, doing->arena);
	struct account_factor_row row;
	enum status status = find_totp(doing, true, &row);

	if (status != STATUS_OK)
		return status;
	if (code.size == TOTP_DIGITS)
		return use_totp(doing, &row, code);
	status = use_recovery(doing, code);
	return status == STATUS_OK ? tell(doing, ACCOUNT_RECOVERY_USED) : status;
}

static struct throttle
limit_of_wrong(const struct doing *doing)
{
	return (struct throttle){"throttle factor of account", doing->index, WRONG_CODES, HOUR};
}

enum status
account_show_factor(const struct messenger *messenger, struct store *store, const char *owner,
		    struct slice code, int64_t now, struct arena *arena)
{
	const struct doing doing = {.messenger = messenger,
				    .store = store,
				    .owner = owner,
				    .index = messenger_address_index(messenger, owner, arena),
				    .now = now,
				    .arena = arena};
	enum status status = show(&doing, code);

	return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
}

enum status
account_needs_factor(const struct messenger *messenger, struct store *store,
		     struct slice owner_index, struct arena *arena, bool *needs_out)
{
	const struct doing doing = {.messenger = messenger,
				    .store = store,
				    .owner = "",
				    .index = owner_index,
				    .arena = arena};
	struct account_factor_row row;
	enum status status = find_totp(&doing, true, &row);

	*needs_out = status == STATUS_OK;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- what the owner does --- */

typedef enum status account_deed(const struct doing *doing, void *context);

/* In a transaction; a wrong code is counted in another, and too many are refused. */
static enum status
do_in_transaction(const struct messenger *messenger, const char *owner,
		  const struct session_keeper *keeper, account_deed *deed, void *context,
		  const char *event, int64_t now, struct arena *arena)
{
	struct doing doing = {.messenger = messenger,
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

	if (counted)
		status = store_begin(doing.store);
	if (status == STATUS_OK) {
		status = deed(&doing, context);
		if (status == STATUS_OK)
			status = store_commit(doing.store);
		if (status != STATUS_OK)
			store_rollback(doing.store);
	}
	if (counted && status != STATUS_DENIED)
		throttle_forgive(messenger, doing.store, &limit, now);
	store_pool_put(messenger->stores, doing.store);
	log_info(event, LOG_TEXT("status", status_text(status)));
	return status;
}

enum status
messenger_account_look(const struct messenger *messenger, struct slice owner_index,
		       struct arena *arena, struct account_view *view_out)
{
	struct doing doing = {.messenger = messenger,
			      .store = store_pool_get(messenger->stores),
			      .owner = "",
			      .index = owner_index,
			      .arena = arena};
	struct account_view view = {.has_to = messenger->policy->always_desk_factor};
	struct account_factor_row row;
	enum status status = find_totp(&doing, true, &row);

	if (status == STATUS_OK) {
		view.has_totp = true;
		view.totp_since = row.created_at;
		view.totp_used_at = row.used_at;
		status = recovery_code_count(doing.store, owner_index, &view.recovery_left);
	}
	store_pool_put(messenger->stores, doing.store);
	*view_out = view;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
offer(const struct doing *doing, const struct secret *secret, struct account_offer *offer_out)
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

static enum status
begin(const struct doing *doing, void *context)
{
	struct account_factor_row row = {
	    .id = id_new(), .kind = ACCOUNT_TOTP, .created_at = doing->now};
	struct account_factor_row there;
	struct secret secret;
	enum status status = find_totp(doing, true, &there);

	if (status != STATUS_NOT_FOUND)
		return status == STATUS_OK ? STATUS_CONFLICT : status;
	secret_random(&secret, TOTP_SECRET_SIZE);
	row.secret = messenger_display_seal_bytes(doing->messenger, SECRET_COLUMN, &row.id,
						  secret_slice(&secret), doing->arena);
	status = account_factor_begin(doing->store, doing->index, &row);
	if (status == STATUS_OK)
		status = offer(doing, &secret, context);
	secret_clear(&secret);
	return status;
}

enum status
messenger_account_begin(const struct messenger *messenger, const char *owner, int64_t now,
			struct account_offer *offer_out)
{
	struct arena *arena = arena_new();
	enum status status;

	*offer_out = (struct account_offer){.text = {NULL, 0}};
	status =
	    do_in_transaction(messenger, owner, NULL, begin, offer_out, "factor-begun", now, arena);
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
	struct doing doing = {.messenger = messenger,
			      .store = store_pool_get(messenger->stores),
			      .owner = owner,
			      .index = messenger_address_index(messenger, owner, arena),
			      .arena = arena};
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
	struct account_recovery *recovery;
};

static enum status
confirm(const struct doing *doing, void *context)
{
	const struct exchange *exchange = context;
	struct slice code = code_without_gaps(exchange->code, doing->arena);
	struct account_factor_row row;
	enum status status = find_totp(doing, false, &row);

	if (status == STATUS_OK && row.created_at + ACCOUNT_BEGUN_SECONDS <= doing->now)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK && code.size != TOTP_DIGITS)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = use_totp(doing, &row, code);
	if (status == STATUS_OK)
		status = draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? changed(doing, ACCOUNT_FACTOR_ADDED) : status;
}

enum status
messenger_account_confirm(const struct messenger *messenger, const char *owner,
			  const struct session_keeper *keeper, struct slice code, int64_t now,
			  struct arena *arena, struct account_recovery *recovery_out)
{
	struct exchange exchange = {code, recovery_out};

	return do_in_transaction(messenger, owner, keeper, confirm, &exchange, "factor-confirmed",
				 now, arena);
}

static enum status
renew(const struct doing *doing, void *context)
{
	const struct exchange *exchange = context;
	enum status status = show(doing, exchange->code);

	if (status == STATUS_OK)
		status = draw_recovery(doing, exchange->recovery);
	return status == STATUS_OK ? changed(doing, ACCOUNT_RECOVERY_NEW) : status;
}

enum status
messenger_account_renew(const struct messenger *messenger, const char *owner,
			const struct session_keeper *keeper, struct slice code, int64_t now,
			struct arena *arena, struct account_recovery *recovery_out)
{
	struct exchange exchange = {code, recovery_out};

	return do_in_transaction(messenger, owner, keeper, renew, &exchange, "recovery-renewed",
				 now, arena);
}

/* Whether the policy leaves them no other choice than to have what they have. */
static enum status
may_lose_one(const struct doing *doing)
{
	struct account_factor_row *rows;
	size_t count, confirmed = 0;
	enum status status;

	if (!doing->messenger->policy->always_desk_factor)
		return STATUS_OK;
	status = account_factor_list(doing->store, doing->index, doing->arena, &rows, &count);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		confirmed += rows[i].confirmed;
	return confirmed > 1 ? STATUS_OK : STATUS_CONFLICT;
}

static enum status
remove_all(const struct doing *doing, void *context)
{
	const struct exchange *exchange = context;
	struct account_factor_row row;
	enum status status = may_lose_one(doing);

	if (status == STATUS_OK)
		status = show(doing, exchange->code);
	if (status == STATUS_OK)
		status = find_totp(doing, true, &row);
	if (status == STATUS_OK)
		status = account_factor_delete(doing->store, &row.id, doing->index);
	if (status == STATUS_OK)
		status = recovery_code_set(doing->store, doing->index, NULL, 0, doing->now);
	return status == STATUS_OK ? changed(doing, ACCOUNT_FACTOR_REMOVED) : status;
}

enum status
messenger_account_remove(const struct messenger *messenger, const char *owner,
			 const struct session_keeper *keeper, struct slice code, int64_t now)
{
	struct arena *arena = arena_new();
	struct exchange exchange = {code, NULL};
	enum status status = do_in_transaction(messenger, owner, keeper, remove_all, &exchange,
					       "factor-removed", now, arena);

	arena_free(arena);
	return status;
}
