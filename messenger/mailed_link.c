#include "messenger/mailed_link.h"

#include "crypto/link.h"
#include "messenger/seal.h"

static struct slice
hash_secret(const struct secret *secret, struct arena *arena)
{
	unsigned char *hash = arena_alloc(arena, LINK_HASH_SIZE);

	link_hash(secret_slice(secret), hash);
	return slice_of(hash, LINK_HASH_SIZE);
}

enum status
mailed_link_make(const struct messenger *messenger, const struct id *row, struct arena *arena,
		 struct mailed_link *link_out)
{
	struct secret secret;
	enum status status;

	secret_random(&secret, LINK_SECRET_SIZE);
	link_out->hash = hash_secret(&secret, arena);
	status = pair_seal(messenger->keys->gateway_public, PAIR_MAILED_LINK, row,
			   secret_slice(&secret), arena, &link_out->wrap);
	secret_clear(&secret);
	return status;
}

enum status
mailed_link_hash(struct slice text, struct arena *arena, struct slice *hash_out)
{
	struct secret secret;

	if (link_parse(text, &secret) != STATUS_OK)
		return STATUS_NOT_FOUND;
	*hash_out = hash_secret(&secret, arena);
	secret_clear(&secret);
	return STATUS_OK;
}

enum status
mailed_link_open(const struct messenger *messenger, const struct id *row, struct slice wrap,
		 struct arena *arena, const char **text_out)
{
	struct pair gateway = seal_gateway_pair(messenger);
	struct secret secret;
	enum status status;

	if (wrap.size == 0)
		return STATUS_CONFLICT;
	status = pair_open(&gateway, PAIR_MAILED_LINK, row, wrap, &secret);
	if (status != STATUS_OK)
		return status;
	*text_out = link_text(&secret, arena);
	secret_clear(&secret);
	return STATUS_OK;
}
