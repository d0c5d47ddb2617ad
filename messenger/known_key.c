#include "messenger/known_key.h"

#include <string.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "store/authority.h"
#include "store/key_search.h"

/* Bits of key.capabilities. */
#define CAN_OAEP 1u
#define CAN_GCM 2u
#define CAN_TOLD 4u /* something is known: that the others are not set says no */

#define CHAIN_MAX ((size_t)TRUST_CHAIN_MAX)
#define MATERIAL_MAX ((size_t)1048576)

#define DAY ((int64_t)86400)
#define SEARCHED_SECONDS (90 * DAY)
#define BROUGHT_SECONDS (365 * DAY)
#define REVIEW_SECONDS (90 * DAY)
#define REVIEW_MAX ((size_t)10000) /* of all addresses */
#define ANSWER_SECONDS (7 * DAY)
#define REVOCATION_SECONDS (30 * DAY)
#define SWEEP_MOST ((size_t)1000)

struct slice
known_key_join(struct slice material, const struct slice *chain, size_t count, struct arena *arena)
{
	struct text *out = text_new_in(arena, MATERIAL_MAX);

	for (size_t i = 0; i <= count && i <= CHAIN_MAX; i++) {
		struct slice piece = i == 0 ? material : chain[i - 1];

		for (int shift = 24; shift >= 0; shift -= 8)
			text_append_byte(out, (unsigned char)(piece.size >> shift));
		text_append(out, piece);
	}
	return text_slice(out);
}

static bool
take_piece(struct slice *rest, struct slice *piece_out)
{
	size_t size = 0;

	if (rest->size < 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		size = size << 8 | rest->data[i];
	if (size > rest->size - 4)
		return false;
	*piece_out = slice_part(*rest, 4, 4 + size);
	*rest = slice_part(*rest, 4 + size, rest->size);
	return true;
}

bool
known_key_split(struct slice joined, struct arena *arena, struct slice *material_out,
		const struct slice **chain_out, size_t *count_out)
{
	struct slice *chain = arena_alloc_many(arena, CHAIN_MAX, sizeof(*chain));
	size_t count = 0;

	if (!take_piece(&joined, material_out))
		return false;
	while (joined.size > 0)
		if (count == CHAIN_MAX || !take_piece(&joined, &chain[count++]))
			return false;
	*chain_out = chain;
	*count_out = count;
	return true;
}

struct slice
known_key_print_index(const struct messenger *messenger, const char *fingerprint,
		      struct arena *arena)
{
	unsigned char *hash = arena_alloc(arena, HASH_SIZE);
	char *lower = arena_copy_text(arena, fingerprint);

	for (char *at = lower; *at != '\0'; at++)
		*at = (char)slice_lower((unsigned char)*at);
	hash_purpose(secret_slice(&messenger->keys->display_key), "key fingerprint",
		     slice_from_text(lower), hash);
	return slice_of(hash, HASH_SIZE);
}

struct id
known_key_search_id(struct slice address_index)
{
	struct id id = {{0}};

	memcpy(id.bytes, address_index.data,
	       address_index.size < ID_SIZE ? address_index.size : ID_SIZE);
	return id;
}

static void
seal(const struct messenger *messenger, const struct known_key_found *found, struct arena *arena,
     struct key_row *row)
{
	const struct belief_answer *answer = found->answer;
	const struct evidence evidence = {
	    .source = origin_text(found->origin),
	    .place = found->place,
	    .fingerprint = answer->fingerprint,
	    .owner = answer->owner,
	    .issuer = answer->issuer,
	    .algorithm = answer->algorithm,
	    .method = "",
	    .signer = "",
	    .expires_at = answer->expires_at,
	};

	row->address =
	    messenger_display_seal(messenger, "key.address", &row->id, found->address, arena);
	row->material = messenger_display_seal_bytes(
	    messenger, "key.material", &row->id,
	    known_key_join(answer->material, answer->chain, answer->chain_count, arena), arena);
	row->evidence = evidence_seal(messenger, "key.evidence", &row->id, &evidence, arena);
}

static unsigned
bits_of(const struct known_key_found *found)
{
	const struct capabilities *can =
	    found->told != NULL ? found->told : &found->answer->capabilities;

	return (can->oaep ? CAN_OAEP : 0) | (can->aes256_gcm ? CAN_GCM : 0) |
	       (can->told ? CAN_TOLD : 0);
}

static bool
is_brought(const struct known_key_found *found)
{
	return found->origin >= ORIGIN_SIGNED;
}

/* By its maker, whose signature shows that: wherever it came from. */
static bool
is_withdrawn(const struct known_key_found *found)
{
	return found->kind == KEY_OPENPGP &&
	       strcmp(found->answer->reason, openpgp_reason_text(OPENPGP_REVOKED)) == 0;
}

static enum status
put(struct store *store, const struct known_key_found *found, const struct key_row *row,
    int64_t now)
{
	return is_brought(found) ? key_put_brought(store, row, ORIGIN_SIGNED, now)
				 : key_put(store, row);
}

enum status
known_key_note(const struct messenger *messenger, struct store *store,
	       const struct known_key_found *found, int64_t now, struct arena *arena,
	       struct id *id_out)
{
	const struct belief_answer *answer = found->answer;
	bool believed = *answer->reason == '\0';
	struct key_row row = {
	    .kind = found->kind,
	    .standing = believed ? found->standing : KEY_REVIEW,
	    .source = found->origin,
	    .address_index = messenger_address_index(messenger, found->address, arena),
	    .print_index = known_key_print_index(messenger, answer->fingerprint, arena),
	    .capabilities = bits_of(found),
	    .vouched = found->vouched,
	    .reason = believed ? NULL : answer->reason,
	    .seen_at = found->said_at > 0 ? found->said_at : now,
	    .expires_at = answer->expires_at,
	};
	enum status status = STATUS_CONFLICT;

	/* What could not be read has no fingerprint, and nothing to decide about. */
	if (*answer->fingerprint == '\0')
		return STATUS_INVALID;
	if (found->told != NULL && found->told->told)
		row.told_at = row.seen_at;
	/* Another courier may have noted it between looking and putting. */
	for (int tries = 0; tries < 3 && status == STATUS_CONFLICT; tries++) {
		status = key_find(store, row.address_index, row.print_index, arena, &row.id);
		if (status == STATUS_NOT_FOUND) {
			row.id = id_new();
			status = STATUS_OK;
		}
		if (status != STATUS_OK)
			return status;
		seal(messenger, found, arena, &row);
		status = put(store, found, &row, now);
	}
	/* Something better stays. */
	if (status == STATUS_CONFLICT)
		status = row.told_at > 0
			     ? key_set_told(store, &row.id, row.capabilities, row.told_at)
			     : STATUS_OK;
	if (status == STATUS_OK && is_withdrawn(found))
		status = key_withdraw(store, row.print_index);
	if (status == STATUS_OK && is_brought(found))
		status = key_trim(store, row.address_index, ORIGIN_SIGNED, KNOWN_KEYS_BROUGHT_MAX);
	if (status == STATUS_OK)
		*id_out = row.id;
	return status;
}

enum status
known_key_open(const struct messenger *messenger, const struct key_row *row, struct arena *arena,
	       struct known_key *key_out)
{
	struct known_key key = {
	    .id = row->id,
	    .kind = row->kind,
	    .standing = row->standing,
	    .origin = (enum origin)row->source,
	    .oaep = (row->capabilities & CAN_OAEP) != 0,
	    .gcm = (row->capabilities & CAN_GCM) != 0,
	    .vouched = row->vouched,
	    .reason = row->reason == NULL ? "" : row->reason,
	    .found_at = row->found_at,
	    .seen_at = row->seen_at,
	};
	struct slice joined;
	enum status status = messenger_display_open_bytes(messenger, "key.material", &row->id,
							  row->material, arena, &joined);

	if (status != STATUS_OK)
		return status;
	if (!known_key_split(joined, arena, &key.material, &key.chain, &key.chain_count))
		return STATUS_DAMAGED;
	key.address =
	    messenger_display_open(messenger, "key.address", &row->id, row->address, arena);
	key.evidence = evidence_open(messenger, "key.evidence", &row->id, row->evidence, arena);
	*key_out = key;
	return STATUS_OK;
}

enum status
known_keys_of(const struct messenger *messenger, struct store *store, const char *address,
	      struct arena *arena, struct known_key **keys_out, size_t *count_out)
{
	struct known_key *keys;
	struct key_row *rows;
	size_t count, opened = 0;
	enum status status =
	    key_of_address(store, messenger_address_index(messenger, address, arena),
			   KNOWN_KEYS_MAX, arena, &rows, &count);

	if (status != STATUS_OK)
		return status;
	keys = arena_alloc_many(arena, count + 1, sizeof(*keys));
	for (size_t i = 0; i < count; i++)
		if (known_key_open(messenger, &rows[i], arena, &keys[opened]) == STATUS_OK)
			opened++;
	*keys_out = keys;
	*count_out = opened;
	return STATUS_OK;
}

enum status
known_keys_sweep(struct store *store, int64_t now)
{
	/* What the administrator imported is theirs to delete. */
	const struct key_sweep sweeps[] = {
	    {KEY_FOUND, ORIGIN_SMIMEA, ORIGIN_HKPS, now - SEARCHED_SECONDS},
	    {KEY_REVIEW, ORIGIN_SMIMEA, ORIGIN_HKPS, now - REVIEW_SECONDS},
	    {KEY_FOUND, ORIGIN_SIGNED, ORIGIN_ATTACHED, now - BROUGHT_SECONDS},
	    {KEY_REVIEW, ORIGIN_SIGNED, ORIGIN_ATTACHED, now - REVIEW_SECONDS},
	};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]) && status == STATUS_OK; i++)
		status = key_sweep(store, &sweeps[i], SWEEP_MOST);
	if (status == STATUS_OK)
		status = key_sweep_review(store, ORIGIN_SIGNED, REVIEW_MAX, SWEEP_MOST);
	if (status == STATUS_OK)
		status = key_search_sweep(store, now - ANSWER_SECONDS, SWEEP_MOST);
	if (status == STATUS_OK)
		status = revocation_sweep(store, now - REVOCATION_SECONDS, SWEEP_MOST);
	return status;
}
