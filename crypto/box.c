#include "crypto/box.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/format.h"

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SUBKEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES

_Static_assert(BOX_OVERHEAD == FORMAT_HEADER_SIZE + NONCE_SIZE + TAG_SIZE, "box layout");

/* Version ‖ algorithm ‖ context: so the two header bytes are authenticated too. */
struct associated {
	unsigned char bytes[FORMAT_HEADER_SIZE + BOX_CONTEXT_MAX];
	size_t size;
};

static bool
inputs_fit(struct slice key, struct slice context)
{
	return key.size >= crypto_generichash_KEYBYTES_MIN &&
	       key.size <= crypto_generichash_KEYBYTES_MAX && context.size <= BOX_CONTEXT_MAX;
}

static void
make_associated(struct slice context, struct associated *associated)
{
	associated->bytes[0] = FORMAT_VERSION;
	associated->bytes[1] = FORMAT_BOX;
	if (context.size > 0)
		memcpy(associated->bytes + FORMAT_HEADER_SIZE, context.data, context.size);
	associated->size = FORMAT_HEADER_SIZE + context.size;
}

static void
derive_subkey(struct slice key, const char *purpose, unsigned char subkey[SUBKEY_SIZE])
{
	struct slice domain = SLICE("postern box ");
	struct slice name = slice_from_text(purpose);
	crypto_generichash_state state;

	crypto_generichash_init(&state, key.data, key.size, SUBKEY_SIZE);
	crypto_generichash_update(&state, domain.data, domain.size);
	crypto_generichash_update(&state, name.data, name.size);
	crypto_generichash_final(&state, subkey, SUBKEY_SIZE);
	sodium_memzero(&state, sizeof(state));
}

struct slice
box_seal(struct slice key, const char *purpose, struct slice context, struct slice plain,
	 struct arena *arena)
{
	unsigned char subkey[SUBKEY_SIZE];
	struct associated associated;
	unsigned char *sealed, *nonce;

	if (!inputs_fit(key, context) || plain.size > SIZE_MAX - BOX_OVERHEAD) {
		log_error("box-misused", LOG_TEXT("purpose", purpose),
			  LOG_NUMBER("key_size", key.size),
			  LOG_NUMBER("context_size", context.size));
		abort();
	}
	sealed = arena_alloc(arena, plain.size + BOX_OVERHEAD);
	nonce = sealed + FORMAT_HEADER_SIZE;
	make_associated(context, &associated);
	derive_subkey(key, purpose, subkey);
	sealed[0] = FORMAT_VERSION;
	sealed[1] = FORMAT_BOX;
	randombytes_buf(nonce, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, plain.data, plain.size,
						   associated.bytes, associated.size, NULL, nonce,
						   subkey);
	sodium_memzero(subkey, sizeof(subkey));
	return slice_of(sealed, plain.size + BOX_OVERHEAD);
}

/* Open into `plain`, which has room for sealed.size - BOX_OVERHEAD; libsodium
 * writes nothing there but zeros when the tag is wrong. */
static enum status
open_into(struct slice key, const char *purpose, struct slice context, struct slice sealed,
	  unsigned char *plain)
{
	const unsigned char *nonce = sealed.data + FORMAT_HEADER_SIZE;
	unsigned char subkey[SUBKEY_SIZE];
	struct associated associated;
	int failed;

	make_associated(context, &associated);
	derive_subkey(key, purpose, subkey);
	failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
	    plain, NULL, NULL, nonce + NONCE_SIZE, sealed.size - FORMAT_HEADER_SIZE - NONCE_SIZE,
	    associated.bytes, associated.size, nonce, subkey);
	sodium_memzero(subkey, sizeof(subkey));
	return failed != 0 ? STATUS_DAMAGED : STATUS_OK;
}

static bool
looks_sealed(struct slice key, struct slice context, struct slice sealed)
{
	return inputs_fit(key, context) && sealed.size >= BOX_OVERHEAD &&
	       sealed.data[0] == FORMAT_VERSION && sealed.data[1] == FORMAT_BOX;
}

enum status
box_open(struct slice key, const char *purpose, struct slice context, struct slice sealed,
	 struct arena *arena, struct slice *plain_out)
{
	unsigned char *plain;
	enum status status;

	if (!looks_sealed(key, context, sealed))
		return STATUS_DAMAGED;
	plain = arena_alloc(arena, sealed.size - BOX_OVERHEAD);
	status = open_into(key, purpose, context, sealed, plain);
	if (status == STATUS_OK)
		*plain_out = slice_of(plain, sealed.size - BOX_OVERHEAD);
	return status;
}

enum status
box_open_secret(struct slice key, const char *purpose, struct slice context, struct slice sealed,
		struct secret *plain_out)
{
	struct secret plain;
	enum status status;

	if (!looks_sealed(key, context, sealed))
		return STATUS_DAMAGED;
	secret_init(&plain, sealed.size - BOX_OVERHEAD);
	status = open_into(key, purpose, context, sealed, plain.data);
	if (status == STATUS_OK)
		secret_move(plain_out, &plain);
	else
		secret_clear(&plain);
	return status;
}
