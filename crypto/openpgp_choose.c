#include "crypto/openpgp_part.h"

#include <string.h>

/* Whom a key is wanted for, and when. */
struct wish {
	bool (*matches)(void *context, struct slice address);
	void *context;
	int64_t now;
};

/* What is kept of a key. */
struct kept {
	struct slice user_id;
	const char *subkey; /* fingerprint in hex */
};

const char *
openpgp_reason_text(enum openpgp_reason reason)
{
	static const char *const texts[] = {
	    [OPENPGP_USABLE] = "usable",
	    [OPENPGP_NO_KEY] = "no-key",
	    [OPENPGP_UNREADABLE] = "unreadable",
	    [OPENPGP_TOO_LARGE] = "too-large",
	    [OPENPGP_SECRET_KEY] = "secret-key",
	    [OPENPGP_UNKNOWN_VERSION] = "unknown-version",
	    [OPENPGP_WRONG_ADDRESS] = "wrong-address",
	    [OPENPGP_USER_ID_UNSIGNED] = "user-id-unsigned",
	    [OPENPGP_USER_ID_REVOKED] = "user-id-revoked",
	    [OPENPGP_USER_ID_EXPIRED] = "user-id-expired",
	    [OPENPGP_INVALID] = "invalid",
	    [OPENPGP_NOT_YET_VALID] = "not-yet-valid",
	    [OPENPGP_REVOKED] = "revoked",
	    [OPENPGP_EXPIRED] = "expired",
	    [OPENPGP_NOT_FOR_ENCRYPTION] = "not-for-encryption",
	    [OPENPGP_WEAK_KEY] = "weak-key",
	};

	return texts[reason];
}

static enum openpgp_reason
judge_subkey(const struct openpgp_subkey *subkey, int64_t now)
{
	if (subkey->revoked)
		return OPENPGP_REVOKED;
	if (subkey->created > now)
		return OPENPGP_NOT_YET_VALID;
	if (subkey->expired || (subkey->expires != 0 && subkey->expires <= now))
		return OPENPGP_EXPIRED;
	if (subkey->invalid)
		return OPENPGP_INVALID;
	return subkey->weak ? OPENPGP_WEAK_KEY : OPENPGP_USABLE;
}

static enum openpgp_reason
judge_user_id(const struct openpgp_user_id *user_id, int64_t now)
{
	if (!user_id->valid)
		return OPENPGP_USER_ID_UNSIGNED;
	if (user_id->revoked)
		return OPENPGP_USER_ID_REVOKED;
	if (user_id->expires != 0 && user_id->expires <= now)
		return OPENPGP_USER_ID_EXPIRED;
	return OPENPGP_USABLE;
}

/* The first user id for the address that may be used; else the nearest reason. */
static enum openpgp_reason
find_user_id(const struct openpgp_key *key, const struct wish *wish,
	     const struct openpgp_user_id **user_id_out)
{
	enum openpgp_reason reason = OPENPGP_WRONG_ADDRESS;

	for (size_t at = 0; at < key->user_id_count; at++) {
		const struct openpgp_user_id *user_id = &key->user_ids[at];
		enum openpgp_reason judged;

		if (user_id->address.size == 0 || !wish->matches(wish->context, user_id->address))
			continue;
		judged = judge_user_id(user_id, wish->now);
		if (judged == OPENPGP_USABLE) {
			*user_id_out = user_id;
			return OPENPGP_USABLE;
		}
		reason = judged > reason ? judged : reason;
	}
	return reason;
}

/* The last made key that may be encrypted to, as gpg would choose it; a subkey before the primary
 * one. */
static enum openpgp_reason
find_subkey(const struct openpgp_key *key, int64_t now, const struct openpgp_subkey **subkey_out)
{
	const struct openpgp_subkey *best = NULL;
	enum openpgp_reason reason = OPENPGP_USABLE;

	for (size_t at = key->subkey_count; at-- > 0;) {
		const struct openpgp_subkey *subkey = &key->subkeys[at];
		enum openpgp_reason judged;

		if (!subkey->can_encrypt)
			continue;
		judged = judge_subkey(subkey, now);
		if (judged != OPENPGP_USABLE)
			reason = judged > reason ? judged : reason;
		else if (best == NULL || (at > 0 && subkey->created > best->created))
			best = subkey;
	}
	if (best == NULL)
		return reason == OPENPGP_USABLE ? OPENPGP_NOT_FOR_ENCRYPTION : reason;
	*subkey_out = best;
	return OPENPGP_USABLE;
}

static bool
is_kept(const void *context, const struct openpgp_component *component)
{
	const struct kept *kept = context;
	char fingerprint[HEX_LENGTH(SHA1_SIZE) + 1];

	if (component->kind == OPENPGP_PRIMARY)
		return true;
	if (component->kind == OPENPGP_USER_ID)
		return slice_equal(component->body, kept->user_id);
	encode_hex(slice_of(component->fingerprint, SHA1_SIZE), fingerprint);
	return slice_equal_nocase(slice_from_text(fingerprint), slice_from_text(kept->subkey));
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return b != 0 && (a == 0 || b < a) ? b : a;
}

/* Whether the key may be used for somebody; user id and subkey are those that were found. */
static enum openpgp_reason
judge_key(const struct openpgp_key *key, const struct wish *wish,
	  const struct openpgp_user_id **user_id_out, const struct openpgp_subkey **subkey_out)
{
	enum openpgp_reason user_id;
	enum openpgp_reason judged;

	if (key->block->components[0].version != 4)
		return OPENPGP_UNKNOWN_VERSION;
	user_id = find_user_id(key, wish, user_id_out);
	if (user_id == OPENPGP_WRONG_ADDRESS)
		return user_id;
	if (!key->listed)
		return OPENPGP_UNREADABLE;
	/* Of a key that is revoked gpg calls the user ids revoked, too. */
	judged = key->block->revoked_by_other ? OPENPGP_REVOKED
					      : judge_subkey(&key->subkeys[0], wish->now);
	if (judged != OPENPGP_USABLE)
		return judged;
	if (user_id != OPENPGP_USABLE)
		return user_id;
	return find_subkey(key, wish->now, subkey_out);
}

static void
describe_choice(const struct openpgp_key *key, const struct openpgp_user_id *user_id,
		const struct openpgp_subkey *subkey, struct arena *arena,
		struct openpgp_choice *choice)
{
	struct kept kept = {user_id->bytes, subkey->fingerprint};
	struct text minimal;

	/* Less than what was read. */
	text_init(&minimal, OPENPGP_MATERIAL_MAX);
	openpgp_write_block(key->block, is_kept, &kept, &minimal);
	*choice = (struct openpgp_choice){
	    .reason = OPENPGP_USABLE,
	    .fingerprint = key->subkeys[0].fingerprint,
	    .subkey_fingerprint = subkey->fingerprint,
	    .algorithm = subkey->algorithm,
	    .user_id = user_id->bytes,
	    .valid_until =
		sooner(sooner(key->subkeys[0].expires, subkey->expires), user_id->expires),
	    .minimal = arena_copy(arena, text_slice(&minimal)),
	};
	text_clear(&minimal);
}

static void
choose_among(const struct openpgp_key *keys, size_t count, const struct wish *wish,
	     struct arena *arena, struct openpgp_choice *choice_out)
{
	const struct openpgp_key *best = NULL;
	const struct openpgp_user_id *best_user_id = NULL;
	const struct openpgp_subkey *best_subkey = NULL;
	enum openpgp_reason reason = OPENPGP_NO_KEY;

	/* Who gives away a secret key has made a mistake, beside which nothing is believed. */
	for (size_t at = 0; at < count; at++)
		if (keys[at].block->secret) {
			*choice_out = (struct openpgp_choice){.reason = OPENPGP_SECRET_KEY};
			return;
		}
	for (size_t at = 0; at < count; at++) {
		const struct openpgp_user_id *user_id = NULL;
		const struct openpgp_subkey *subkey = NULL;
		enum openpgp_reason judged = judge_key(&keys[at], wish, &user_id, &subkey);

		if (judged != OPENPGP_USABLE) {
			reason = judged > reason ? judged : reason;
			continue;
		}
		if (best != NULL && keys[at].subkeys[0].created <= best->subkeys[0].created)
			continue;
		best = &keys[at];
		best_user_id = user_id;
		best_subkey = subkey;
	}
	if (best != NULL)
		describe_choice(best, best_user_id, best_subkey, arena, choice_out);
	else
		*choice_out = (struct openpgp_choice){.reason = reason};
}

enum status
openpgp_choose(struct openpgp *openpgp, struct slice material,
	       bool (*matches)(void *context, struct slice address), void *context, int64_t now,
	       struct arena *arena, struct openpgp_choice *choice_out)
{
	struct wish wish = {matches, context, now};
	struct openpgp_key *keys;
	size_t count;
	enum status status = openpgp_look(openpgp, material, arena, &keys, &count);

	switch (status) {
	case STATUS_OK:
		choose_among(keys, count, &wish, arena, choice_out);
		return STATUS_OK;
	case STATUS_NOT_FOUND:
		*choice_out = (struct openpgp_choice){.reason = OPENPGP_NO_KEY};
		return STATUS_OK;
	case STATUS_INVALID:
		*choice_out = (struct openpgp_choice){.reason = OPENPGP_UNREADABLE};
		return STATUS_OK;
	case STATUS_TOO_LARGE:
		*choice_out = (struct openpgp_choice){.reason = OPENPGP_TOO_LARGE};
		return STATUS_OK;
	default:
		return status;
	}
}
