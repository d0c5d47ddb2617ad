#include "crypto/openpgp_part.h"

#include <string.h>

#include "base/log.h"

#define WEAK_BELOW 2048U

static bool
is_certification(unsigned int type)
{
	return type >= 0x10 && type <= 0x13;
}

/* gpg goes by the last signature as well, but GPGME does not tell that it has expired. */
static int64_t
user_id_expiry(const struct openpgp_component *component)
{
	const struct openpgp_signature *last = NULL;

	for (size_t at = 0; at < component->signature_count; at++) {
		const struct openpgp_signature *signature = &component->signatures[at];

		if (is_certification(signature->type) &&
		    (last == NULL || signature->created > last->created))
			last = signature;
	}
	return last == NULL || last->lifetime == 0 ? 0 : last->created + last->lifetime;
}

/* One pair of brackets, at the end; or no bracket at all.  Whatever could be read in two ways has
 * no address. */
static struct slice
user_id_address(struct slice bytes)
{
	struct slice none = slice_of(NULL, 0);
	size_t open = slice_find_byte(bytes, '<', 0);
	size_t close = slice_find_byte(bytes, '>', 0);

	for (size_t at = 0; at < bytes.size; at++)
		if (bytes.data[at] < ' ' || bytes.data[at] == 0x7f)
			return none;
	if (open == SLICE_NONE && close == SLICE_NONE)
		return slice_find_byte(bytes, '@', 0) == SLICE_NONE ? none : bytes;
	if (open == SLICE_NONE || close != bytes.size - 1 || close < open ||
	    slice_find_byte(bytes, '<', open + 1) != SLICE_NONE)
		return none;
	return slice_part(bytes, open + 1, close);
}

static bool
is_weak(gpgme_subkey_t subkey)
{
	switch (subkey->pubkey_algo) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
	case GPGME_PK_ELG_E:
	case GPGME_PK_ELG:
	case GPGME_PK_DSA:
		return subkey->length < WEAK_BELOW;
	case GPGME_PK_ECC:
	case GPGME_PK_ECDSA:
	case GPGME_PK_ECDH:
	case GPGME_PK_EDDSA:
		/* gpg knows no curve below 255 bits. */
		return false;
	}
	return true;
}

static struct openpgp_subkey
describe_subkey(gpgme_subkey_t subkey, struct arena *arena)
{
	char *algorithm = gpgme_pubkey_algo_string(subkey);
	struct openpgp_subkey facts = {
	    .fingerprint = arena_copy_text(arena, subkey->fpr == NULL ? "" : subkey->fpr),
	    .algorithm = arena_copy_text(arena, algorithm == NULL ? "" : algorithm),
	    .created = subkey->timestamp,
	    .expires = subkey->expires,
	    .weak = is_weak(subkey),
	    .revoked = subkey->revoked,
	    .expired = subkey->expired,
	    /* GPGME has -1 for a time that it can not read. */
	    .invalid = subkey->invalid || subkey->disabled || subkey->timestamp < 0,
	    .can_encrypt = subkey->can_encrypt,
	};

	gpgme_free(algorithm);
	return facts;
}

static void
match_user_id(const struct _gpgme_user_id *list, struct openpgp_user_id *user_id)
{
	for (; list != NULL; list = list->next) {
		if (!slice_equal(slice_from_text(list->uid), user_id->bytes))
			continue;
		user_id->valid = !list->invalid;
		user_id->revoked = list->revoked;
		return;
	}
}

void
openpgp_look_at(const struct openpgp_block *block, struct arena *arena, struct openpgp_key *key_out)
{
	struct openpgp_key key = {.block = block};

	key.user_ids = arena_alloc_many(arena, block->count, sizeof(*key.user_ids));
	for (size_t at = 0; at < block->count; at++) {
		const struct openpgp_component *component = &block->components[at];

		if (component->kind != OPENPGP_USER_ID)
			continue;
		key.user_ids[key.user_id_count++] = (struct openpgp_user_id){
		    .bytes = component->body,
		    .address = user_id_address(component->body),
		    .expires = user_id_expiry(component),
		};
	}
	*key_out = key;
}

static void
describe_key(gpgme_key_t listed, struct arena *arena, struct openpgp_key *key)
{
	size_t count = 0;

	for (gpgme_subkey_t at = listed->subkeys; at != NULL; at = at->next)
		count++;
	key->subkeys = arena_alloc_many(arena, count == 0 ? 1 : count, sizeof(*key->subkeys));
	for (gpgme_subkey_t at = listed->subkeys; at != NULL; at = at->next)
		key->subkeys[key->subkey_count++] = describe_subkey(at, arena);
	for (size_t at = 0; at < key->user_id_count; at++)
		match_user_id(listed->uids, &key->user_ids[at]);
	key->listed = count > 0;
}

/* Keeps the first; material of one key has one. */
static void
take_key(void *taker, gpgme_key_t key)
{
	gpgme_key_t *first = taker;

	if (*first == NULL)
		*first = key;
	else
		gpgme_key_unref(key);
}

static void
forget_key(gpgme_key_t *listed)
{
	if (*listed != NULL)
		gpgme_key_unref(*listed);
	*listed = NULL;
}

/* Ask gpg what it makes of one key.  *listed_out is NULL when it takes it for none, or is not done
 * with it in time: that says something of the key, not of gpg, and to ask again would not help. */
static enum status
list_key(struct openpgp *openpgp, struct slice bytes, gpgme_key_t *listed_out)
{
	struct openpgp_run run = {0};
	gpgme_data_t data = NULL;
	gpgme_error_t error;
	enum status status = openpgp_run_open(&openpgp->idle, openpgp->home.path, &run);

	if (status != STATUS_OK)
		return status;
	run.take_key = take_key;
	run.taker = listed_out;
	error = gpgme_data_new_from_mem(&data, (const char *)bytes.data, bytes.size, 0);
	if (error == 0)
		error = gpgme_op_keylist_from_data_start(run.context, data, 0);
	if (error == 0) {
		if (openpgp_run_wait(&run, OPENPGP_LOOK_PATIENCE_MS) != STATUS_OK)
			forget_key(listed_out);
		else if (run.error != 0)
			log_info("openpgp-key-unreadable",
				 LOG_TEXT("error", gpgme_strerror(run.error)));
	} else {
		log_error("openpgp-look", LOG_TEXT("error", gpgme_strerror(error)));
		status = STATUS_UNAVAILABLE;
	}
	openpgp_run_close(&run);
	gpgme_data_release(data);
	return status;
}

enum status
openpgp_ask(struct openpgp *openpgp, struct arena *arena, struct openpgp_key *key)
{
	gpgme_key_t listed = NULL;
	struct text bytes;
	enum status status;

	if (key->block->secret || key->block->components[0].version != 4)
		return STATUS_OK;
	text_init(&bytes, OPENPGP_MATERIAL_MAX);
	openpgp_write_block(key->block, NULL, NULL, &bytes);
	status = list_key(openpgp, text_slice(&bytes), &listed);
	if (status == STATUS_OK && listed != NULL)
		describe_key(listed, arena, key);
	forget_key(&listed);
	text_clear(&bytes);
	return status;
}

enum status
openpgp_look(struct openpgp *openpgp, struct slice material, struct arena *arena,
	     struct openpgp_key **keys_out, size_t *count_out)
{
	struct openpgp_block *blocks;
	struct openpgp_key *keys;
	size_t count;
	enum status status = openpgp_read_blocks(material, arena, &blocks, &count);

	if (status != STATUS_OK)
		return status;
	keys = arena_alloc_many(arena, count, sizeof(*keys));
	for (size_t at = 0; at < count && status == STATUS_OK; at++) {
		openpgp_look_at(&blocks[at], arena, &keys[at]);
		status = openpgp_ask(openpgp, arena, &keys[at]);
	}
	if (status != STATUS_OK)
		return status;
	*keys_out = keys;
	*count_out = count;
	return STATUS_OK;
}
