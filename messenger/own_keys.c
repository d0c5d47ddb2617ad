#include "messenger/own_keys.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/box.h"
#include "crypto/cms.h"
#include "crypto/pair.h"

#define PURPOSE "own key"
#define KEY_SIZE ((size_t)32)
#define CHAIN_MAX ((size_t)TRUST_CHAIN_MAX)
#define LENGTH_SIZE ((size_t)4)

/* A key as it was read from a file, and where it goes. */
struct taking {
	const struct messenger *messenger;
	const struct own_keys_order *order;
	int64_t now;
	struct arena *arena;
	enum key_kind kind;
	struct slice material;
	const struct slice *chain;
	size_t chain_count;
	struct evidence evidence;
	const char *fault; /* of the key itself, whoever's it is; "" */
	struct slice private;
	const char **addresses; /* that the key names */
	size_t address_count;
	struct own_keys_import *list;
	size_t count;
};

bool
own_keys_is_private(struct slice file)
{
	struct secret none = {NULL, 0};
	struct arena *arena = arena_new();
	struct certificate_pair pair;
	struct openpgp_block *blocks;
	size_t count;
	bool found = slice_find(file, SLICE("PRIVATE KEY-----"), 0) != SLICE_NONE ||
		     slice_find(file, SLICE("PRIVATE KEY BLOCK-----"), 0) != SLICE_NONE;

	if (!found)
		found = openpgp_read_blocks(file, arena, &blocks, &count) == STATUS_OK &&
			blocks[0].secret;
	if (!found) {
		enum status status = certificate_open_pkcs12(file, &none, arena, &pair);

		found = status == STATUS_OK || status == STATUS_DENIED;
		if (status == STATUS_OK)
			certificate_pair_clear(&pair);
	}
	arena_free(arena);
	return found;
}

/* --- sealing --- */

enum status
own_keys_seal_private(const unsigned char gateway_public[PAIR_PUBLIC_SIZE], struct slice private,
		      struct arena *arena, struct own_key_row *row)
{
	struct secret key;
	enum status status;

	secret_random(&key, KEY_SIZE);
	row->private = box_seal(secret_slice(&key), PURPOSE, id_slice(&row->id), private, arena);
	status = pair_seal(gateway_public, PAIR_OWN_KEY, &row->id, secret_slice(&key), arena,
			   &row->key_wrap);
	secret_clear(&key);
	return status;
}

enum status
own_keys_open_private(const struct secret *gateway_private, const struct own_key_row *row,
		      struct secret *private_out)
{
	struct pair gateway;
	struct secret key;
	enum status status = pair_from_private(secret_slice(gateway_private), &gateway);

	if (status != STATUS_OK)
		return status;
	status = pair_open(&gateway, PAIR_OWN_KEY, &row->id, row->key_wrap, &key);
	pair_clear(&gateway);
	if (status != STATUS_OK)
		return status;
	status = box_open_secret(secret_slice(&key), PURPOSE, id_slice(&row->id), row->private,
				 private_out);
	secret_clear(&key);
	return status;
}

static enum status
seal(const struct taking *taking, const char *address, struct own_key_row *row)
{
	const struct messenger *messenger = taking->messenger;
	struct arena *arena = taking->arena;

	row->kind = taking->kind;
	row->added_at = taking->now;
	row->expires_at = taking->evidence.expires_at;
	row->address_index = messenger_address_index(messenger, address, arena);
	row->print_index = known_key_print_index(messenger, taking->evidence.fingerprint, arena);
	row->address =
	    messenger_display_seal(messenger, "own_key.address", &row->id, address, arena);
	row->material = messenger_display_seal_bytes(
	    messenger, "own_key.material", &row->id,
	    known_key_join(taking->material, taking->chain, taking->chain_count, arena), arena);
	row->evidence =
	    evidence_seal(messenger, "own_key.evidence", &row->id, &taking->evidence, arena);
	return own_keys_seal_private(messenger->keys->gateway_public, taking->private, arena, row);
}

static enum status
put(struct taking *taking, struct store *store, const char *address, const char *reason)
{
	struct own_keys_import *import = &taking->list[taking->count];
	struct own_key_row row = {.id = id_new()};
	enum status status = STATUS_OK;

	if (taking->count == OWN_KEYS_IMPORTS_MAX)
		return STATUS_TOO_LARGE;
	*import = (struct own_keys_import){.address = address,
					   .kind = taking->kind,
					   .fingerprint = taking->evidence.fingerprint,
					   .reason = *reason == '\0' ? taking->fault : reason,
					   .id = row.id};
	taking->count++;
	if (*import->reason != '\0')
		return STATUS_OK;
	status = seal(taking, address, &row);
	if (status == STATUS_OK)
		status = own_key_put(store, &row);
	if (status == STATUS_CONFLICT) {
		import->reason = "known";
		status = STATUS_OK;
	}
	return status;
}

static bool
is_own(const struct messenger *messenger, const char *address)
{
	struct slice text = slice_from_text(address);

	return policy_is_own(messenger->policy, text) ||
	       finder_same_address(messenger->finder, text,
				   slice_from_text(messenger->policy->system_address));
}

/* For each address that the key names, and that is the organisation's. */
static enum status
put_all(struct taking *taking)
{
	const char *wanted = taking->order->address;
	struct store *store = store_pool_get(taking->messenger->stores);
	bool named = false;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < taking->address_count && status == STATUS_OK; i++) {
		const char *address = taking->addresses[i];

		if (wanted != NULL &&
		    !finder_same_address(taking->messenger->finder, slice_from_text(wanted),
					 slice_from_text(address)))
			continue;
		named = true;
		status = put(taking, store, address,
			     is_own(taking->messenger, address) ? "" : "foreign-address");
	}
	if (status == STATUS_OK && !named)
		status = put(taking, store, wanted != NULL ? wanted : "", "wrong-address");
	store_pool_put(taking->messenger->stores, store);
	return status;
}

/* --- certificates --- */

/* Whether it signs at all is found out by signing. */
static const char *
fault_of_pair(const struct certificate *certificate, const struct certificate_pair *pair,
	      int64_t now, struct arena *arena)
{
	const struct cms_signer signer = {.certificate = pair->certificate, .key = &pair->key};
	struct slice nothing = SLICE("\r\n"), signature;
	struct source content = source_from_slice(&nothing);

	if (certificate->not_after <= now)
		return "expired";
	if (certificate->is_authority || !certificate->usage.sign || !certificate->for_mail ||
	    (certificate->key != CERTIFICATE_KEY_RSA && certificate->key != CERTIFICATE_KEY_EC))
		return "not-for-signing";
	if (certificate->key_broken ||
	    (certificate->key == CERTIFICATE_KEY_RSA && certificate->key_bits < 2048))
		return "weak-key";
	return cms_sign(&content, &signer, now, arena, &signature) == STATUS_OK ? ""
										: "not-for-signing";
}

static enum status
take_pair(struct taking *taking, const struct certificate_pair *pair)
{
	struct arena *arena = taking->arena;
	struct certificate certificate;
	char *hex = arena_alloc(arena, HEX_LENGTH(CERTIFICATE_FINGERPRINT_SIZE) + 1);
	enum status status = certificate_parse(pair->certificate, arena, &certificate);

	if (status != STATUS_OK)
		return status;
	encode_hex(slice_of(certificate.fingerprint, CERTIFICATE_FINGERPRINT_SIZE), hex);
	taking->kind = KEY_CERTIFICATE;
	taking->material = pair->certificate;
	taking->chain = pair->others;
	taking->chain_count = pair->other_count < CHAIN_MAX ? pair->other_count : CHAIN_MAX;
	taking->evidence = (struct evidence){
	    .source = origin_text(ORIGIN_IMPORTED),
	    .place = taking->order->place,
	    .fingerprint = hex,
	    .owner = certificate.subject,
	    .issuer = certificate.issuer,
	    .algorithm =
		arena_printf(arena, certificate.key == CERTIFICATE_KEY_RSA ? "%s %u" : "%s",
			     certificate.key_name, certificate.key_bits),
	    .method = "",
	    .signer = "",
	    .expires_at = certificate.not_after,
	};
	taking->fault = fault_of_pair(&certificate, pair, taking->now, arena);
	taking->private = secret_slice(&pair->key);
	taking->addresses = (const char **)certificate.addresses;
	taking->address_count = certificate.address_count;
	return put_all(taking);
}

static enum status
take_certificate(struct taking *taking)
{
	const struct own_keys_order *order = taking->order;
	struct certificate_pair pair;
	enum status status =
	    certificate_open_pem(order->file, order->passphrase, taking->arena, &pair);

	if (status == STATUS_INVALID)
		status =
		    certificate_open_pkcs12(order->file, order->passphrase, taking->arena, &pair);
	if (status != STATUS_OK)
		return status;
	status = take_pair(taking, &pair);
	certificate_pair_clear(&pair);
	return status;
}

/* --- OpenPGP --- */

static bool
describe_openpgp(struct taking *taking, const struct openpgp_key *key, const char *fingerprint)
{
	const struct openpgp_subkey *primary = &key->subkeys[0];

	if (!key->listed || key->subkey_count == 0)
		return false;
	taking->addresses =
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	    arena_alloc_many(taking->arena, key->user_id_count + 1, sizeof(*taking->addresses));
	for (size_t i = 0; i < key->user_id_count; i++) {
		const struct openpgp_user_id *user_id = &key->user_ids[i];

		if (!user_id->valid || user_id->revoked || user_id->address.size == 0)
			continue;
		taking->addresses[taking->address_count++] =
		    arena_text_from(taking->arena, user_id->address);
	}
	taking->evidence = (struct evidence){
	    .source = origin_text(ORIGIN_IMPORTED),
	    .place = taking->order->place,
	    .fingerprint = fingerprint,
	    .owner = taking->address_count > 0 ? taking->addresses[0] : "",
	    .issuer = "",
	    .algorithm = primary->algorithm,
	    .method = "",
	    .signer = "",
	    .expires_at = primary->expires,
	};
	if (primary->revoked || primary->invalid)
		taking->fault = "revoked";
	else if (primary->expired)
		taking->fault = "expired";
	else if (primary->weak)
		taking->fault = "weak-key";
	return true;
}

/* Secret key and passphrase as one: the passphrase behind its length, then the key. */
static void
join_secrets(struct slice key, const struct secret *passphrase, struct secret *joined_out)
{
	unsigned char *at;

	secret_init(joined_out, LENGTH_SIZE + passphrase->size + key.size);
	at = joined_out->data;
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (unsigned char)(passphrase->size >> shift);
	if (passphrase->size > 0)
		memcpy(at, passphrase->data, passphrase->size);
	memcpy(at + passphrase->size, key.data, key.size);
}

static enum status
take_public(struct taking *taking, struct openpgp_signer *signer)
{
	const struct own_keys_order *order = taking->order;
	struct openpgp *openpgp = finder_openpgp(taking->messenger->finder);
	const char *fingerprint =
	    arena_copy_text(taking->arena, openpgp_signer_fingerprint(signer));
	struct openpgp_key *keys;
	struct secret joined;
	size_t count;
	enum status status = openpgp_signer_public(signer, taking->arena, &taking->material);

	if (status == STATUS_OK)
		status = openpgp_look(openpgp, taking->material, taking->arena, &keys, &count);
	if (status != STATUS_OK)
		return status;
	taking->kind = KEY_OPENPGP;
	if (count != 1 || !describe_openpgp(taking, &keys[0], fingerprint))
		return STATUS_INVALID;
	join_secrets(order->file, order->passphrase, &joined);
	taking->private = secret_slice(&joined);
	status = put_all(taking);
	secret_clear(&joined);
	return status;
}

static enum status
take_openpgp(struct taking *taking)
{
	const struct own_keys_order *order = taking->order;
	struct openpgp_signer *signer;
	enum status status;

	if (finder_openpgp(taking->messenger->finder) == NULL)
		return STATUS_INVALID;
	/* gpg is given bytes that may be a key at all. */
	if (!own_keys_is_private(order->file))
		return STATUS_INVALID;
	if (!finder_keeps_secrets(taking->messenger->finder))
		return STATUS_CONFLICT;
	status = openpgp_signer_open(finder_runtime_folder(taking->messenger->finder), order->file,
				     secret_slice(order->passphrase), &signer);
	if (status != STATUS_OK)
		return status;
	status = take_public(taking, signer);
	openpgp_signer_close(signer);
	return status;
}

enum status
own_keys_import(const struct messenger *messenger, const struct own_keys_order *order, int64_t now,
		struct arena *arena, struct own_keys_import **imports_out, size_t *count_out)
{
	struct taking taking = {
	    .messenger = messenger,
	    .order = order,
	    .now = now,
	    .arena = arena,
	    .fault = "",
	    .list = arena_alloc_many(arena, OWN_KEYS_IMPORTS_MAX, sizeof(*taking.list)),
	};
	enum status status = take_certificate(&taking);

	if (status == STATUS_INVALID)
		status = take_openpgp(&taking);
	if (status != STATUS_OK)
		return status;
	*imports_out = taking.list;
	*count_out = taking.count;
	return STATUS_OK;
}

/* --- rows --- */

static enum status
open_row(const struct messenger *messenger, const struct own_key_row *row, struct arena *arena,
	 struct own_key *key_out)
{
	struct own_key key = {.id = row->id, .kind = row->kind, .added_at = row->added_at};
	struct slice joined;
	enum status status = messenger_display_open_bytes(messenger, "own_key.material", &row->id,
							  row->material, arena, &joined);

	if (status != STATUS_OK)
		return status;
	if (!known_key_split(joined, arena, &key.material, &key.chain, &key.chain_count))
		return STATUS_DAMAGED;
	key.address =
	    messenger_display_open(messenger, "own_key.address", &row->id, row->address, arena);
	key.evidence = evidence_open(messenger, "own_key.evidence", &row->id, row->evidence, arena);
	*key_out = key;
	return STATUS_OK;
}

enum status
own_keys_list(const struct messenger *messenger, const struct id *after, size_t most,
	      struct arena *arena, struct own_key **keys_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct id none = {{0}};
	struct own_key_row *rows;
	struct own_key *keys;
	size_t count = 0, opened = 0;
	enum status status =
	    own_key_list(store, after == NULL ? &none : after, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	keys = arena_alloc_many(arena, count + 1, sizeof(*keys));
	for (size_t i = 0; i < count; i++)
		if (open_row(messenger, &rows[i], arena, &keys[opened]) == STATUS_OK)
			opened++;
	*keys_out = keys;
	*count_out = opened;
	return STATUS_OK;
}

enum status
own_keys_read(const struct messenger *messenger, const struct id *id, struct arena *arena,
	      struct own_key *key_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct own_key_row row;
	enum status status = own_key_read(store, id, arena, &row);

	store_pool_put(messenger->stores, store);
	return status == STATUS_OK ? open_row(messenger, &row, arena, key_out) : status;
}

enum status
own_keys_delete(const struct messenger *messenger, const struct id *id)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = own_key_delete(store, id);

	store_pool_put(messenger->stores, store);
	return status;
}

/* --- the courier's --- */

/* Where the private half of an OpenPGP key came with its passphrase. */
static enum status
split_secrets(const struct secret *joined, struct arena *arena, struct own_key_open *open)
{
	size_t size = 0;

	for (size_t i = 0; i < LENGTH_SIZE && joined->size >= LENGTH_SIZE; i++)
		size = size << 8 | joined->data[i];
	if (joined->size < LENGTH_SIZE || size >= joined->size - LENGTH_SIZE)
		return STATUS_DAMAGED;
	if (size > 0) {
		secret_init_in(&open->passphrase, arena, size);
		memcpy(open->passphrase.data, joined->data + LENGTH_SIZE, size);
	}
	secret_init_in(&open->private, arena, joined->size - LENGTH_SIZE - size);
	memcpy(open->private.data, joined->data + LENGTH_SIZE + size, open->private.size);
	return STATUS_OK;
}

enum status
own_keys_open(const struct messenger *messenger, struct store *store, const char *address,
	      enum key_kind kind, int64_t now, struct arena *arena, struct own_key_open *open_out)
{
	/* The arena clears the secrets of this one, wherever copies of it lie. */
	struct own_key_open *open = arena_alloc(arena, sizeof(*open));
	char id[ID_TEXT_SIZE];
	struct own_key_row row;
	struct secret whole;
	enum status status = own_key_find(store, messenger_address_index(messenger, address, arena),
					  kind, now, arena, &row);

	*open = (struct own_key_open){.private = {NULL, 0}};
	if (status != STATUS_OK)
		return status;
	status = open_row(messenger, &row, arena, &open->key);
	if (status == STATUS_OK)
		status = own_keys_open_private(&messenger->keys->gateway_private, &row, &whole);
	if (status != STATUS_OK) {
		log_error("own-key-damaged", LOG_TEXT("key", id_text(row.id, id)));
		return STATUS_DAMAGED;
	}
	if (kind == KEY_OPENPGP) {
		status = split_secrets(&whole, arena, open);
	} else {
		secret_init_in(&open->private, arena, whole.size);
		memcpy(open->private.data, whole.data, whole.size);
	}
	secret_clear(&whole);
	if (status == STATUS_OK)
		*open_out = *open;
	return status;
}
