#include "messenger/passkey.h"

#include <arpa/inet.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "messenger/account_part.h"
#include "store/passkey.h"

#define TOKEN_SIZE ((size_t)32)
#define NAME_COLUMN "passkey.name"
#define CREDENTIAL_COLUMN "passkey.credential"
#define KEY_COLUMN "passkey.public_key"

bool
passkey_party(const struct messenger *messenger, struct arena *arena,
	      struct webauthn_party *party_out)
{
	const char *host = messenger->policy->portal_host;
	char *name = arena_text_from(arena, slice_of(host, strcspn(host, ":/")));
	unsigned char number[sizeof(struct in6_addr)];

	/* Section 5.4.2, "RP ID": a domain.  That of IPv6 begins with a bracket. */
	if (*name == '\0' || *name == '[' || inet_pton(AF_INET, name, number) == 1)
		return false;
	for (char *at = name; *at != '\0'; at++)
		*at = (char)slice_lower((unsigned char)*at);
	*party_out = (struct webauthn_party){name, messenger->policy->portal_url};
	return true;
}

/* --- challenges --- */

static struct slice
holder_of(enum passkey_use use, struct slice token, struct arena *arena)
{
	unsigned char *hash = arena_alloc(arena, HASH_SIZE);
	unsigned char both[TOKEN_SIZE + 1] = {(unsigned char)use};

	memcpy(both + 1, token.data, TOKEN_SIZE);
	hash_purpose(slice_of(NULL, 0), "passkey challenge", slice_of(both, sizeof(both)), hash);
	explicit_bzero(both, sizeof(both));
	return slice_of(hash, HASH_SIZE);
}

enum status
messenger_passkey_challenge(const struct messenger *messenger, enum passkey_use use,
			    struct slice token, int64_t now, struct arena *arena,
			    const char **challenge_out)
{
	char *text = arena_alloc(arena, BASE64URL_LENGTH(WEBAUTHN_CHALLENGE_SIZE) + 1);
	struct secret random;
	struct slice challenge;
	struct store *store;
	enum status status;

	if (token.size != TOKEN_SIZE)
		return STATUS_NOT_FOUND;
	secret_random(&random, WEBAUTHN_CHALLENGE_SIZE);
	store = store_pool_get(messenger->stores);
	status = passkey_challenge_offer(
	    store, holder_of(use, token, arena), secret_slice(&random), now,
	    now - PASSKEY_CHALLENGE_SECONDS + PASSKEY_CHALLENGE_FRESH, arena, &challenge);
	store_pool_put(messenger->stores, store);
	secret_clear(&random);
	if (status != STATUS_OK)
		return status;
	if (challenge.size != WEBAUTHN_CHALLENGE_SIZE)
		return STATUS_DAMAGED;
	encode_base64url(challenge, text);
	*challenge_out = text;
	return STATUS_OK;
}

static enum status
take_challenge(struct store *store, enum passkey_use use, struct slice token, int64_t now,
	       struct arena *arena, struct slice *challenge_out)
{
	enum status status = STATUS_NOT_FOUND;

	if (token.size == TOKEN_SIZE)
		status =
		    passkey_challenge_take(store, holder_of(use, token, arena),
					   now - PASSKEY_CHALLENGE_SECONDS, arena, challenge_out);
	return status == STATUS_NOT_FOUND ? STATUS_GONE : status;
}

enum status
passkey_take_challenge(struct store *store, enum passkey_use use, struct account_proof *proof,
		       int64_t now, struct arena *arena)
{
	if (proof->passkey.id.size == 0)
		return STATUS_OK;
	return take_challenge(store, use, proof->token, now, arena, &proof->challenge);
}

/* --- rows --- */

static enum status
open_row(const struct messenger *messenger, const struct passkey_row *row, struct arena *arena,
	 struct webauthn_credential *credential_out)
{
	struct webauthn_credential credential = {.algorithm = row->algorithm,
						 .counter = row->counter};
	enum status status = messenger_display_open_bytes(messenger, CREDENTIAL_COLUMN, &row->id,
							  row->credential, arena, &credential.id);

	if (status == STATUS_OK)
		status = messenger_display_open_bytes(messenger, KEY_COLUMN, &row->id,
						      row->public_key, arena, &credential.key);
	if (status == STATUS_OK)
		*credential_out = credential;
	return status;
}

/* The one that a device knows by this id, among those of one owner: nobody is found by what
 * belongs to somebody else.  STATUS_NOT_FOUND. */
static enum status
find_credential(const struct account_doing *doing, struct slice id, struct passkey_row *row_out,
		struct webauthn_credential *credential_out)
{
	struct passkey_row *rows;
	size_t count;
	enum status status = passkey_list(doing->store, doing->index, doing->arena, &rows, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct webauthn_credential credential;

		status = open_row(doing->messenger, &rows[i], doing->arena, &credential);
		if (status == STATUS_OK && slice_equal(credential.id, id)) {
			*row_out = rows[i];
			*credential_out = credential;
			return STATUS_OK;
		}
	}
	return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}

static void
put_view(const struct messenger *messenger, const struct passkey_row *row, struct slice credential,
	 struct arena *arena, struct passkey_view *view_out)
{
	char *text = arena_alloc(arena, BASE64URL_LENGTH(credential.size) + 1);

	encode_base64url(credential, text);
	*view_out = (struct passkey_view){
	    .id = row->id,
	    .name = messenger_display_open(messenger, NAME_COLUMN, &row->id, row->name, arena),
	    .credential = text,
	    .created_at = row->created_at,
	    .used_at = row->used_at,
	};
}

enum status
messenger_passkey_list(const struct messenger *messenger, struct slice owner_index,
		       struct arena *arena, struct passkey_view **views_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct passkey_view *views;
	struct passkey_row *rows;
	size_t count;
	enum status status = passkey_list(store, owner_index, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct webauthn_credential credential;

		status = open_row(messenger, &rows[i], arena, &credential);
		if (status == STATUS_OK)
			put_view(messenger, &rows[i], credential.id, arena, &views[i]);
	}
	if (status != STATUS_OK)
		return status;
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}

const char *
passkey_user(const struct messenger *messenger, struct slice owner_index, struct arena *arena)
{
	char *text = arena_alloc(arena, BASE64URL_LENGTH(HASH_SIZE) + 1);
	unsigned char hash[HASH_SIZE];

	hash_purpose(secret_slice(&messenger->keys->pepper), "passkey user", owner_index, hash);
	encode_base64url(slice_of(hash, sizeof(hash)), text);
	return text;
}

/* --- showing one --- */

enum status
passkey_show(const struct account_doing *doing, struct account_proof *proof)
{
	const struct passkey_shown *shown = &proof->passkey;
	struct webauthn_credential credential;
	struct webauthn_party party;
	struct passkey_row row;
	uint32_t counter;
	enum status status;

	if (!passkey_party(doing->messenger, doing->arena, &party))
		return STATUS_DENIED;
	status = find_credential(doing, shown->id, &row, &credential);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_DENIED : status;
	status = webauthn_assert(&party, proof->challenge, &credential, shown->client_data,
				 shown->authenticator_data, shown->signature, &counter);
	if (status == STATUS_OK)
		status = passkey_use(doing->store, &row.id, counter, doing->now);
	if (status == STATUS_CONFLICT)
		proof->copied = true;
	return status == STATUS_INVALID || status == STATUS_CONFLICT ? STATUS_DENIED : status;
}

/* --- a new one --- */

/* Characters that change how others are read, and controls, are left out. */
static bool
is_shown(UChar32 character)
{
	switch (u_charType(character)) {
	case U_CONTROL_CHAR:
	case U_FORMAT_CHAR:
	case U_LINE_SEPARATOR:
	case U_PARAGRAPH_SEPARATOR:
	case U_SURROGATE:
		return false;
	default:
		return character >= 0;
	}
}

/* STATUS_INVALID: nothing is left, or it is too long. */
static enum status
clean_name(struct slice typed, struct arena *arena, struct slice *name_out)
{
	struct text *name = text_new_in(arena, PASSKEY_NAME_MOST * U8_MAX_LENGTH);
	struct slice trimmed = slice_trim(typed);
	int32_t at = 0;

	if (trimmed.size > PASSKEY_NAME_MOST * U8_MAX_LENGTH)
		return STATUS_INVALID;
	while ((size_t)at < trimmed.size) {
		int32_t from = at;
		UChar32 character;

		U8_NEXT(trimmed.data, at, (int32_t)trimmed.size, character);
		if (is_shown(character))
			text_append(name, slice_part(trimmed, (size_t)from, (size_t)at));
	}
	*name_out = slice_trim(text_slice(name));
	return name_out->size == 0 || slice_count_characters(*name_out) > PASSKEY_NAME_MOST
		   ? STATUS_INVALID
		   : STATUS_OK;
}

struct adding {
	const struct passkey_made *made;
	struct account_proof *proof;
	struct slice name;
	struct slice challenge;
	struct account_recovery *recovery;
};

/* What the browser made, if it can be taken, and is not there already. */
static enum status
read_made(const struct account_doing *doing, const struct adding *adding,
	  struct webauthn_credential *credential_out)
{
	const struct passkey_made *made = adding->made;
	struct webauthn_credential there;
	struct webauthn_party party;
	struct passkey_row row;
	enum status status;

	if (!passkey_party(doing->messenger, doing->arena, &party))
		return STATUS_INVALID;
	status = webauthn_register(&party, adding->challenge, made->client_data, made->attestation,
				   doing->arena, credential_out);
	if (status != STATUS_OK)
		return status == STATUS_DENIED ? STATUS_INVALID : status;
	status = find_credential(doing, credential_out->id, &row, &there);
	if (status == STATUS_OK)
		return STATUS_CONFLICT;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
insert(const struct account_doing *doing, struct slice name,
       const struct webauthn_credential *credential)
{
	struct passkey_row row = {
	    .id = id_new(),
	    .algorithm = credential->algorithm,
	    .counter = credential->counter,
	    .created_at = doing->now,
	};

	row.name = messenger_display_seal_bytes(doing->messenger, NAME_COLUMN, &row.id, name,
						doing->arena);
	row.credential = messenger_display_seal_bytes(doing->messenger, CREDENTIAL_COLUMN, &row.id,
						      credential->id, doing->arena);
	row.public_key = messenger_display_seal_bytes(doing->messenger, KEY_COLUMN, &row.id,
						      credential->key, doing->arena);
	return passkey_insert(doing->store, doing->index, &row);
}

static enum status
add(const struct account_doing *doing, void *context)
{
	const struct adding *adding = context;
	struct webauthn_credential credential;
	struct account_has has;
	enum status status = account_count(doing, &has);

	if (status == STATUS_OK && has.passkeys >= PASSKEY_MOST)
		return STATUS_FULL;
	if (status == STATUS_OK && (has.totp || has.passkeys > 0))
		status = account_show(doing, adding->proof);
	if (status == STATUS_OK)
		status = read_made(doing, adding, &credential);
	/* A secret of an app that was begun while nothing had to be shown would go on without. */
	if (status == STATUS_OK)
		status = account_factor_drop_begun(doing->store, doing->index);
	if (status == STATUS_OK)
		status = insert(doing, adding->name, &credential);
	if (status == STATUS_OK && !has.totp && has.passkeys == 0)
		status = account_draw_recovery(doing, adding->recovery);
	return status == STATUS_OK ? account_changed(doing, ACCOUNT_PASSKEY_ADDED) : status;
}

enum status
messenger_passkey_add(const struct messenger *messenger, const char *owner,
		      const struct session_keeper *keeper, const struct passkey_made *made,
		      struct account_proof *proof, int64_t now, struct arena *arena,
		      struct account_recovery *recovery_out)
{
	struct adding adding = {.made = made, .proof = proof, .recovery = recovery_out};
	struct store *store;
	enum status status = clean_name(made->name, arena, &adding.name);

	*recovery_out = (struct account_recovery){.codes = {NULL}};
	if (status != STATUS_OK)
		return status;
	store = store_pool_get(messenger->stores);
	status = take_challenge(store, PASSKEY_MAKE, made->token, now, arena, &adding.challenge);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	return account_do(messenger, owner, keeper, add, &adding, proof, "passkey-added", now,
			  arena);
}

/* --- one less --- */

struct removing {
	struct account_proof *proof;
	const struct id *id;
};

static enum status
remove_one(const struct account_doing *doing, void *context)
{
	const struct removing *removing = context;
	struct account_has has;
	bool last;
	enum status status = account_may_lose_one(doing);

	if (status == STATUS_OK)
		status = account_show(doing, removing->proof);
	if (status == STATUS_OK)
		status = passkey_delete(doing->store, removing->id, doing->index);
	if (status == STATUS_OK)
		status = account_count(doing, &has);
	if (status != STATUS_OK)
		return status;
	last = !has.totp && has.passkeys == 0;
	if (last)
		status = recovery_code_set(doing->store, doing->index, NULL, 0, doing->now);
	if (status != STATUS_OK)
		return status;
	return account_changed(doing,
			       last ? ACCOUNT_LAST_PASSKEY_REMOVED : ACCOUNT_PASSKEY_REMOVED);
}

enum status
messenger_passkey_remove(const struct messenger *messenger, const char *owner,
			 const struct session_keeper *keeper, const struct id *id,
			 struct account_proof *proof, int64_t now)
{
	struct arena *arena = arena_new();
	struct removing removing = {proof, id};
	enum status status = account_do(messenger, owner, keeper, remove_one, &removing, proof,
					"passkey-removed", now, arena);

	arena_free(arena);
	return status;
}
