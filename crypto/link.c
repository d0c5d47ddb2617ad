#include "crypto/link.h"

#include <sodium.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/hash.h"

#define TYPED_MAX ((size_t)64) /* bytes a person may type for a code, blanks and all */
#define CODE_SIZE ((size_t)8)  /* 60 bits, the last 4 are zero */
#define CODE_PASSES 2
#define CODE_MEMORY ((size_t)19 * 1024 * 1024)
#define STRETCHED_SIZE ((size_t)32)

/* kind (1 byte) ‖ delivery (16) ‖ generation (4) */
struct derivation {
	unsigned char bytes[1 + ID_SIZE + 4];
};

static struct slice
describe(unsigned char kind, const struct id *delivery, uint32_t generation,
	 struct derivation *derivation)
{
	derivation->bytes[0] = kind;
	memcpy(derivation->bytes + 1, delivery->bytes, ID_SIZE);
	for (int i = 0; i < 4; i++)
		derivation->bytes[1 + ID_SIZE + i] = (unsigned char)(generation >> (24 - 8 * i));
	return slice_of(derivation->bytes, sizeof(derivation->bytes));
}

void
link_derive(const struct secret *link_key, enum link_kind kind, const struct id *delivery,
	    uint32_t generation, struct secret *secret_out)
{
	struct derivation derivation;
	struct secret hash;

	hash_derive_key(secret_slice(link_key), "link",
			describe((unsigned char)kind, delivery, generation, &derivation), &hash);
	secret_copy(secret_out, slice_part(secret_slice(&hash), 0, LINK_SECRET_SIZE));
	secret_clear(&hash);
}

void
link_hash(struct slice secret, unsigned char hash_out[LINK_HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "link hash", secret, hash_out);
}

const char *
link_text(const struct secret *secret, struct arena *arena)
{
	char *text = arena_alloc(arena, BASE32_LENGTH(secret->size) + 1);

	encode_base32(secret_slice(secret), text);
	return text;
}

enum status
link_parse(struct slice text, struct secret *secret_out)
{
	struct secret secret;

	_Static_assert(LINK_TEXT_LENGTH == BASE32_LENGTH(LINK_SECRET_SIZE), "link length");
	secret_init(&secret, LINK_SECRET_SIZE);
	if (!decode_base32(text, secret.data, secret.size)) {
		secret_clear(&secret);
		return STATUS_INVALID;
	}
	secret_move(secret_out, &secret);
	return STATUS_OK;
}

const char *
pickup_derive(const struct secret *link_key, const struct id *delivery, uint32_t generation,
	      struct arena *arena)
{
	struct derivation derivation;
	struct secret hash;
	char *text = arena_alloc(arena, BASE32_LENGTH(CODE_SIZE) + 1);

	hash_derive_key(secret_slice(link_key), "pickup code",
			describe(LINK_RECIPIENT, delivery, generation, &derivation), &hash);
	encode_base32(slice_part(secret_slice(&hash), 0, CODE_SIZE), text);
	secret_clear(&hash);
	text[PICKUP_LENGTH] = '\0';
	return text;
}

/* The code as pickup_derive writes it, whatever blanks, hyphens, case and
 * look-alike letters a person typed. */
static enum status
read_code(struct slice typed, char code_out[BASE32_LENGTH(CODE_SIZE) + 1])
{
	unsigned char digits[BASE32_LENGTH(CODE_SIZE)];
	unsigned char code[CODE_SIZE];
	size_t count = 0;
	bool good;

	if (typed.size > TYPED_MAX)
		return STATUS_INVALID;
	for (size_t i = 0; i < typed.size; i++) {
		unsigned char byte = typed.data[i];

		if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte == '-')
			continue;
		if (count == PICKUP_LENGTH)
			return STATUS_INVALID;
		digits[count++] = byte;
	}
	if (count != PICKUP_LENGTH)
		return STATUS_INVALID;
	/* Twelve digits are 60 bits; a zero digit more makes whole bytes. */
	digits[count++] = '0';
	good = decode_base32(slice_of(digits, count), code, sizeof(code));
	if (good) {
		encode_base32(slice_of(code, sizeof(code)), code_out);
		code_out[PICKUP_LENGTH] = '\0';
	}
	sodium_memzero(digits, sizeof(digits));
	sodium_memzero(code, sizeof(code));
	return good ? STATUS_OK : STATUS_INVALID;
}

enum status
pickup_stretch(const struct secret *display_key, struct slice typed,
	       unsigned char hash_out[LINK_HASH_SIZE], struct secret *key_out)
{
	unsigned char salt[HASH_SIZE];
	char code[BASE32_LENGTH(CODE_SIZE) + 1];
	struct secret stretched;
	enum status status = read_code(typed, code);

	if (status != STATUS_OK)
		return status;
	_Static_assert(sizeof(salt) >= crypto_pwhash_SALTBYTES, "salt is cut from a hash");
	hash_purpose(secret_slice(display_key), "pickup salt", slice_of(NULL, 0), salt);
	secret_init(&stretched, STRETCHED_SIZE);
	if (crypto_pwhash(stretched.data, stretched.size, code, PICKUP_LENGTH, salt, CODE_PASSES,
			  CODE_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0) {
		status = STATUS_UNAVAILABLE; /* no memory for it now */
	} else {
		hash_purpose(secret_slice(&stretched), "pickup hash", slice_of(NULL, 0), hash_out);
		hash_derive_key(secret_slice(&stretched), "pickup key", slice_of(NULL, 0), key_out);
	}
	secret_clear(&stretched);
	sodium_memzero(salt, sizeof(salt));
	sodium_memzero(code, sizeof(code));
	return status;
}
