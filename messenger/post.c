#include "messenger/post.h"

static enum status
insert(struct store *store, const struct id *name, enum outbox_kind kind,
       const struct delivery_row *delivery, int64_t now, int64_t at)
{
	enum status status =
	    outbox_insert(store, &(struct outbox_row){.id = *name,
						      .kind = kind,
						      .message_id = delivery->message_id,
						      .has_delivery = true,
						      .delivery_id = delivery->id,
						      .generation = delivery->link_generation,
						      .created_at = now,
						      .next_at = at});

	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

enum status
post_later(struct store *store, enum outbox_kind kind, const struct delivery_row *delivery,
	   int64_t now, int64_t at)
{
	struct id name = id_new();

	return insert(store, &name, kind, delivery, now, at);
}

enum status
post(struct store *store, enum outbox_kind kind, const struct delivery_row *delivery, int64_t now)
{
	return post_later(store, kind, delivery, now, now);
}

enum status
post_named(struct store *store, const struct id *name, enum outbox_kind kind,
	   const struct delivery_row *delivery, int64_t now)
{
	return insert(store, name, kind, delivery, now, now);
}

enum status
post_message(struct store *store, enum outbox_kind kind, const struct id *message,
	     const struct id *delivery, int64_t now)
{
	struct outbox_row row = {
	    .id = id_new(),
	    .kind = kind,
	    .message_id = *message,
	    .has_delivery = delivery != NULL,
	    .created_at = now,
	    .next_at = now,
	};

	if (delivery != NULL)
		row.delivery_id = *delivery;
	return outbox_insert(store, &row);
}

enum status
post_step(struct store *store, enum outbox_kind kind, const struct id *about, int step, int64_t now)
{
	enum status status = outbox_insert(store, &(struct outbox_row){.id = id_new(),
								       .kind = kind,
								       .has_code = true,
								       .code_id = *about,
								       .generation = (uint32_t)step,
								       .created_at = now,
								       .next_at = now});

	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}
