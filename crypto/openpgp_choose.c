#include "crypto/openpgp_part.h"

#include <string.h>

/* Whom a key is wanted for, and when. */
struct wish {
	bool (*matches)(void *context, struct slice address);
	void *context;
	int64_t now;
};

/* What became of a key. */
struct judged {
	enum openpgp_reason reason;
	const struct openpgp_key *key;
	const struct openpgp_user_id *user_id; /* for the address; NULL: none is */
	const struct openpgp_subkey *subkey;   /* for encryption; NULL: not looked for, or none */
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
	    [OPENPGP_REVOKED_BY_OTHER] = "revoked-by-other",
	    [OPENPGP_REVOKED] = "revoked",
	    [OPENPGP_EXPIRED] = "expired",
	    [OPENPGP_SUBKEY_REVOKED] = "subkey-revoked",
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

static bool
is_wanted(const struct wish *wish, const struct openpgp_user_id *user_id)
{
	return user_id->address.size > 0 && wish->matches(wish->context, user_id->address);
}

/* The first user id for the address that may be used; else the one that came nearest, and why not.
 */
static enum openpgp_reason
find_user_id(const struct openpgp_key *key, const struct wish *wish,
	     const struct openpgp_user_id **user_id_out)
{
	enum openpgp_reason reason = OPENPGP_WRONG_ADDRESS;

	for (size_t at = 0; at < key->user_id_count && reason != OPENPGP_USABLE; at++) {
		const struct openpgp_user_id *user_id = &key->user_ids[at];
		enum openpgp_reason judged;

		if (!is_wanted(wish, user_id))
			continue;
		judged = judge_user_id(user_id, wish->now);
		if (judged != OPENPGP_USABLE && judged <= reason)
			continue;
		*user_id_out = user_id;
		reason = judged;
	}
	return reason;
}

/* The last made key that may be encrypted to, as gpg would choose it, a subkey before the primary
 * one; else the one that came nearest. */
static enum openpgp_reason
find_subkey(const struct openpgp_key *key, int64_t now, const struct openpgp_subkey **subkey_out)
{
	const struct openpgp_subkey *best = NULL, *nearest = NULL;
	enum openpgp_reason reason = OPENPGP_USABLE;

	for (size_t at = key->subkey_count; at-- > 0;) {
		const struct openpgp_subkey *subkey = &key->subkeys[at];
		enum openpgp_reason judged;

		if (!subkey->can_encrypt)
			continue;
		judged = judge_subkey(subkey, now);
		if (judged == OPENPGP_REVOKED)
			judged = OPENPGP_SUBKEY_REVOKED;
		if (judged > reason) {
			nearest = subkey;
			reason = judged;
		}
		if (judged == OPENPGP_USABLE &&
		    (best == NULL || (at > 0 && subkey->created > best->created)))
			best = subkey;
	}
	*subkey_out = best != NULL ? best : nearest;
	if (best != NULL)
		return OPENPGP_USABLE;
	return nearest != NULL ? reason : OPENPGP_NOT_FOR_ENCRYPTION;
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

/* Whether the key may be used for somebody. */
static struct judged
judge_key(const struct openpgp_key *key, const struct wish *wish)
{
	struct judged judged = {.key = key};
	enum openpgp_reason user_id = find_user_id(key, wish, &judged.user_id);

	if (key->block->components[0].version != 4)
		judged.reason = OPENPGP_UNKNOWN_VERSION;
	else if (user_id == OPENPGP_WRONG_ADDRESS)
		judged.reason = OPENPGP_WRONG_ADDRESS;
	else if (!key->listed)
		judged.reason = OPENPGP_UNREADABLE;
	else
		judged.reason = judge_subkey(&key->subkeys[0], wish->now);
	if (judged.reason == OPENPGP_USABLE && key->block->revoked_by_other)
		judged.reason = OPENPGP_REVOKED_BY_OTHER;
	if (judged.reason != OPENPGP_USABLE)
		return judged;
	/* Of a key that is revoked gpg calls the user ids revoked, too: so they come after it. */
	judged.reason = user_id;
	if (judged.reason == OPENPGP_USABLE)
		judged.reason = find_subkey(key, wish->now, &judged.subkey);
	return judged;
}

/* As gpg writes it, which is not asked about every key. */
static const char *
fingerprint_of(const struct openpgp_component *primary, struct arena *arena)
{
	char *hex;

	if (primary->version != 4)
		return "";
	hex = arena_alloc(arena, HEX_LENGTH(SHA1_SIZE) + 1);
	encode_hex(slice_of(primary->fingerprint, SHA1_SIZE), hex);
	for (char *at = hex; *at != '\0'; at++)
		if (*at >= 'a')
			*at = (char)(*at - 'a' + 'A');
	return hex;
}

static struct slice
write_minimal(const struct judged *judged, struct arena *arena)
{
	struct kept kept = {judged->user_id->bytes, judged->subkey->fingerprint};
	struct slice copy;
	struct text minimal;

	/* Less than what was read. */
	text_init(&minimal, OPENPGP_MATERIAL_MAX);
	openpgp_write_block(judged->key->block, is_kept, &kept, &minimal);
	copy = arena_copy(arena, text_slice(&minimal));
	text_clear(&minimal);
	return copy;
}

static struct openpgp_choice
describe_choice(const struct judged *judged, struct arena *arena)
{
	const struct openpgp_key *key = judged->key;
	const struct openpgp_subkey *primary = key->listed ? &key->subkeys[0] : NULL;
	const struct openpgp_subkey *subkey = judged->subkey != NULL ? judged->subkey : primary;
	const struct openpgp_user_id *user_id = judged->user_id;
	struct openpgp_choice choice = {
	    .reason = judged->reason,
	    .fingerprint = fingerprint_of(&key->block->components[0], arena),
	    .algorithm = subkey == NULL ? "" : subkey->algorithm,
	};

	if (primary != NULL)
		choice.valid_until = sooner(primary->expires, subkey->expires);
	if (user_id != NULL)
		choice.valid_until = sooner(choice.valid_until, user_id->expires);
	else if (key->user_id_count > 0)
		user_id = &key->user_ids[0];
	if (user_id != NULL)
		choice.user_id = user_id->bytes;
	/* A usable one has both. */
	if (judged->reason == OPENPGP_USABLE && judged->user_id != NULL && judged->subkey != NULL)
		choice.minimal = write_minimal(judged, arena);
	return choice;
}

/* Of those that may be used the one that was made last, of the others the first that came nearest.
 */
static bool
is_better(const struct judged *a, const struct judged *b)
{
	if (b->key == NULL)
		return true;
	if (a->reason != OPENPGP_USABLE)
		return b->reason != OPENPGP_USABLE && a->reason > b->reason;
	return b->reason != OPENPGP_USABLE ||
	       a->key->subkeys[0].created > b->key->subkeys[0].created;
}

static struct openpgp_choice
refusal(enum openpgp_reason reason)
{
	return (struct openpgp_choice){.reason = reason, .fingerprint = "", .algorithm = ""};
}

/* A key that is nobody's who is asked for is not worth a gpg. */
static enum status
judge_block(struct openpgp *openpgp, const struct openpgp_block *block, const struct wish *wish,
	    struct arena *arena, struct judged *judged_out)
{
	struct openpgp_key *key = arena_alloc(arena, sizeof(*key));
	enum status status = STATUS_OK;
	bool wanted = false;

	openpgp_look_at(block, arena, key);
	for (size_t at = 0; at < key->user_id_count && !wanted; at++)
		wanted = is_wanted(wish, &key->user_ids[at]);
	if (wanted)
		status = openpgp_ask(openpgp, arena, key);
	if (status == STATUS_OK)
		*judged_out = judge_key(key, wish);
	return status;
}

static enum status
choose_among(struct openpgp *openpgp, const struct openpgp_block *blocks, size_t count,
	     const struct wish *wish, struct arena *arena, struct openpgp_choice *choice_out)
{
	struct judged best = {.key = NULL};

	/* Who gives away a secret key has made a mistake, beside which nothing is believed. */
	for (size_t at = 0; at < count; at++)
		if (blocks[at].secret) {
			*choice_out = refusal(OPENPGP_SECRET_KEY);
			return STATUS_OK;
		}
	for (size_t at = 0; at < count; at++) {
		struct judged judged;
		enum status status = judge_block(openpgp, &blocks[at], wish, arena, &judged);

		if (status != STATUS_OK)
			return status;
		if (is_better(&judged, &best))
			best = judged;
	}
	*choice_out = best.key == NULL ? refusal(OPENPGP_NO_KEY) : describe_choice(&best, arena);
	return STATUS_OK;
}

enum status
openpgp_choose(struct openpgp *openpgp, struct slice material,
	       bool (*matches)(void *context, struct slice address), void *context, int64_t now,
	       struct arena *arena, struct openpgp_choice *choice_out)
{
	const struct wish wish = {matches, context, now};
	struct openpgp_block *blocks;
	size_t count;
	enum status status = openpgp_read_blocks(material, arena, &blocks, &count);

	switch (status) {
	case STATUS_OK:
		return choose_among(openpgp, blocks, count, &wish, arena, choice_out);
	case STATUS_NOT_FOUND:
		*choice_out = refusal(OPENPGP_NO_KEY);
		return STATUS_OK;
	case STATUS_INVALID:
		*choice_out = refusal(OPENPGP_UNREADABLE);
		return STATUS_OK;
	case STATUS_TOO_LARGE:
		*choice_out = refusal(OPENPGP_TOO_LARGE);
		return STATUS_OK;
	default:
		return status;
	}
}
