#include "messenger/throttle.h"

#include "crypto/hash.h"
#include "store/session.h"

#define WINDOW_SECONDS 3600

static void
network_key(const struct messenger *messenger, struct slice network, unsigned char key[HASH_SIZE])
{
	hash_purpose(secret_slice(&messenger->keys->display_key), "throttle network", network, key);
}

enum status
throttle_check(const struct messenger *messenger, struct store *store, struct slice network,
	       int64_t now, int64_t *retry_at_out)
{
	unsigned char key[HASH_SIZE];
	struct throttle_row row;
	enum status status;

	network_key(messenger, network, key);
	status = throttle_read(store, slice_of(key, sizeof(key)), &row);
	if (status != STATUS_OK)
		return status;
	*retry_at_out = row.first_at + WINDOW_SECONDS;
	if (row.failures >= messenger->policy->network_tries && *retry_at_out > now)
		return STATUS_BUSY;
	*retry_at_out = 0;
	return STATUS_OK;
}

enum status
throttle_count(const struct messenger *messenger, struct store *store, struct slice network,
	       int64_t now)
{
	unsigned char key[HASH_SIZE];

	network_key(messenger, network, key);
	return throttle_fail(store, slice_of(key, sizeof(key)), now, now - WINDOW_SECONDS,
			     now + WINDOW_SECONDS);
}
