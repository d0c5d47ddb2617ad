#include "messenger/admit.h"

#include "crypto/box.h"
#include "crypto/hash.h"
#include "messenger/post.h"
#include "store/session.h"

/* What the first opening means for the sender; every other one means nothing. */
static enum status
note_opened(struct store *store, const struct delivery_row *delivery, int64_t now)
{
	bool first;
	enum status status = delivery_set_opened(store, &delivery->id, now, &first);

	if (status == STATUS_OK && first && (delivery->wishes & WISH_OPENED) != 0)
		status = post(store, OUTBOX_OPENED, delivery, now);
	return status;
}

enum status
admit_by_mailbox(struct store *store, const struct delivery_row *delivery, int64_t now)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = note_opened(store, delivery, now);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	status = store_end(store, status);
	return status == STATUS_CONFLICT ? STATUS_GONE : status;
}

enum status
admit(struct store *store, const struct delivery_row *delivery,
      const struct secret *temporary_private, const struct secret *token, int64_t now,
      struct arena *arena)
{
	unsigned char hash[HASH_SIZE];
	struct session_row session = {
	    .delivery_id = delivery->id, .created_at = now, .seen_at = now};
	enum status status = note_opened(store, delivery, now);

	if (status != STATUS_OK)
		return status;
	hash_purpose((struct slice){NULL, 0}, "session token", secret_slice(token), hash);
	session.sealed = box_seal(secret_slice(token), "session", id_slice(&delivery->id),
				  secret_slice(temporary_private), arena);
	status = session_insert(store, slice_of(hash, sizeof(hash)), &session);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}
