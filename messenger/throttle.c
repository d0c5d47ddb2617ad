#include "messenger/throttle.h"

#include <string.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "store/session.h"

#define HOUR 3600

struct throttle
throttle_network(const struct messenger *messenger, struct slice network)
{
	return (struct throttle){"throttle network", network, messenger->policy->network_tries,
				 HOUR};
}

struct throttle
throttle_pair(const char *purpose, struct slice sender_index, struct slice recipient_index,
	      int most, struct arena *arena)
{
	unsigned char *both = arena_alloc(arena, sender_index.size + recipient_index.size);

	memcpy(both, sender_index.data, sender_index.size);
	memcpy(both + sender_index.size, recipient_index.data, recipient_index.size);
	return (struct throttle){purpose, slice_of(both, sender_index.size + recipient_index.size),
				 most, THROTTLE_WINDOW_MOST};
}

static void
derive_key(const struct messenger *messenger, const struct throttle *throttle,
	   unsigned char key[HASH_SIZE])
{
	hash_purpose(secret_slice(&messenger->keys->display_key), throttle->purpose,
		     throttle->subject, key);
}

enum status
throttle_check(const struct messenger *messenger, struct store *store,
	       const struct throttle *throttle, int64_t now, int64_t *retry_at_out)
{
	unsigned char key[HASH_SIZE];
	struct throttle_row row;
	int64_t over;
	enum status status;

	derive_key(messenger, throttle, key);
	status = throttle_read(store, slice_of(key, sizeof(key)), &row);
	if (status != STATUS_OK)
		return status;
	over = row.first_at + throttle->window;
	/* A clock that was set back does not lock anybody out for longer than one window. */
	if (row.failures >= throttle->most && over > now && row.first_at <= now) {
		*retry_at_out = over;
		return STATUS_BUSY;
	}
	*retry_at_out = 0;
	return STATUS_OK;
}

void
throttle_forgive(const struct messenger *messenger, struct store *store,
		 const struct throttle *throttle, int64_t now)
{
	unsigned char key[HASH_SIZE];
	enum status status;

	derive_key(messenger, throttle, key);
	status = throttle_give_back(store, slice_of(key, sizeof(key)), now - throttle->window);
	if (status != STATUS_OK)
		log_warning("throttle-not-given-back", LOG_TEXT("status", status_text(status)));
}

enum status
throttle_once(const struct messenger *messenger, struct store *store,
	      const struct throttle *throttle, int64_t now, int64_t *retry_at_out)
{
	unsigned char key[HASH_SIZE];
	enum status status;

	*retry_at_out = 0;
	derive_key(messenger, throttle, key);
	status = throttle_take(store, slice_of(key, sizeof(key)), now, now - throttle->window,
			       now + throttle->window, throttle->most);
	if (status != STATUS_BUSY)
		return status;
	status = throttle_check(messenger, store, throttle, now, retry_at_out);
	return status == STATUS_OK ? STATUS_INTERNAL : status;
}

enum status
throttle_hold(const struct messenger *messenger, struct store *store,
	      const struct throttle *throttle)
{
	unsigned char key[HASH_SIZE];

	derive_key(messenger, throttle, key);
	return throttle_hold_key(store, slice_of(key, sizeof(key)));
}
