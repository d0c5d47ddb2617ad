#include "crypto/pair.h"

#include <sodium.h>
#include <string.h>

#include "crypto/format.h"

#define INNER_SIZE (1 + ID_SIZE) /* purpose byte ‖ id, in front of the secret */

_Static_assert(PAIR_SEAL_OVERHEAD == FORMAT_HEADER_SIZE + crypto_box_SEALBYTES + INNER_SIZE,
	       "pair layout");
_Static_assert(PAIR_PUBLIC_SIZE == crypto_box_PUBLICKEYBYTES, "public size");
_Static_assert(PAIR_PRIVATE_SIZE == crypto_box_SECRETKEYBYTES, "private size");

void
pair_new(struct pair *pair)
{
	secret_init(&pair->private, PAIR_PRIVATE_SIZE);
	crypto_box_keypair(pair->public, pair->private.data);
}

void
pair_clear(struct pair *pair)
{
	secret_clear(&pair->private);
	sodium_memzero(pair->public, sizeof(pair->public));
}

enum status
pair_from_private(struct slice private, struct pair *pair_out)
{
	struct pair pair;

	if (private.size != PAIR_PRIVATE_SIZE)
		return STATUS_INVALID;
	secret_copy(&pair.private, private);
	crypto_scalarmult_base(pair.public, pair.private.data);
	*pair_out = pair;
	return STATUS_OK;
}

enum status
pair_seal(const unsigned char public[PAIR_PUBLIC_SIZE], enum pair_purpose purpose,
	  const struct id *id, struct slice secret, struct arena *arena, struct slice *sealed_out)
{
	struct secret inner;
	unsigned char *sealed;
	int failed;

	if (secret.size > PAIR_SECRET_MAX)
		return STATUS_TOO_LARGE;
	secret_init(&inner, INNER_SIZE + secret.size);
	inner.data[0] = (unsigned char)purpose;
	memcpy(inner.data + 1, id->bytes, ID_SIZE);
	if (secret.size > 0)
		memcpy(inner.data + INNER_SIZE, secret.data, secret.size);
	sealed = arena_alloc(arena, PAIR_SEAL_OVERHEAD + secret.size);
	sealed[0] = FORMAT_VERSION;
	sealed[1] = FORMAT_PAIR;
	failed = crypto_box_seal(sealed + FORMAT_HEADER_SIZE, inner.data, inner.size, public);
	secret_clear(&inner);
	/* Only a public key that no honest pair has (a point of small order) fails. */
	if (failed != 0)
		return STATUS_INVALID;
	*sealed_out = slice_of(sealed, PAIR_SEAL_OVERHEAD + secret.size);
	return STATUS_OK;
}

enum status
pair_open(const struct pair *pair, enum pair_purpose purpose, const struct id *id,
	  struct slice sealed, struct secret *secret_out)
{
	enum status status = STATUS_DAMAGED;
	struct secret inner;

	if (sealed.size < PAIR_SEAL_OVERHEAD ||
	    sealed.size > PAIR_SEAL_OVERHEAD + PAIR_SECRET_MAX ||
	    sealed.data[0] != FORMAT_VERSION || sealed.data[1] != FORMAT_PAIR)
		return STATUS_DAMAGED;
	secret_init(&inner, sealed.size - FORMAT_HEADER_SIZE - crypto_box_SEALBYTES);
	if (crypto_box_seal_open(inner.data, sealed.data + FORMAT_HEADER_SIZE,
				 sealed.size - FORMAT_HEADER_SIZE, pair->public,
				 pair->private.data) == 0 &&
	    inner.data[0] == (unsigned char)purpose &&
	    sodium_memcmp(inner.data + 1, id->bytes, ID_SIZE) == 0) {
		secret_copy(secret_out, slice_of(inner.data + INNER_SIZE, inner.size - INNER_SIZE));
		status = STATUS_OK;
	}
	secret_clear(&inner);
	return status;
}
