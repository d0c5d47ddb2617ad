#include "messenger/thread.h"

#include "crypto/hash.h"
#include "store/thread.h"

#define IDS_MAX ((size_t)100)

/* What a message refers to, hashed; the last of many count, being the nearest. */
struct references {
	unsigned char hashes[IDS_MAX][THREAD_HASH_SIZE];
	size_t count; /* ever added */
};

static void
hash_message_id(const struct messenger *messenger, struct slice message_id,
		unsigned char hash[THREAD_HASH_SIZE])
{
	hash_purpose(secret_slice(&messenger->keys->display_key), "message id", message_id, hash);
}

/* Every <...> of a field (RFC 5322 section 3.6.4). */
static void
add_ids(const struct messenger *messenger, const char *field, struct references *references)
{
	struct slice rest = slice_from_text(field);

	for (size_t at = 0;;) {
		size_t from = slice_find_byte(rest, '<', at);
		size_t to = from == SLICE_NONE ? from : slice_find_byte(rest, '>', from);

		if (to == SLICE_NONE)
			return;
		hash_message_id(messenger, slice_part(rest, from, to + 1),
				references->hashes[references->count++ % IDS_MAX]);
		at = to + 1;
	}
}

enum status
thread_remember(const struct messenger *messenger, struct store *store, const char *message_id,
		int64_t now, struct arena *arena)
{
	struct references *own = arena_alloc(arena, sizeof(*own));

	if (!messenger->policy->follow_threads)
		return STATUS_OK;
	add_ids(messenger, message_id, own);
	if (own->count != 1)
		return STATUS_OK;
	return thread_note(store, slice_of(own->hashes[0], THREAD_HASH_SIZE), now);
}

enum status
thread_check(const struct messenger *messenger, struct store *store,
	     const struct manifest *manifest, struct arena *arena, bool *found_out)
{
	struct references *references;
	size_t count;
	enum status status = STATUS_NOT_FOUND;

	if (messenger->policy->follow_threads &&
	    (*manifest->in_reply_to != '\0' || *manifest->references != '\0')) {
		references = arena_alloc(arena, sizeof(*references));
		add_ids(messenger, manifest->references, references);
		add_ids(messenger, manifest->in_reply_to, references);
		count = references->count < IDS_MAX ? references->count : IDS_MAX;
		if (count > 0)
			status = thread_find(
			    store, slice_of(references->hashes, count * THREAD_HASH_SIZE), count);
	}
	*found_out = status == STATUS_OK;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
