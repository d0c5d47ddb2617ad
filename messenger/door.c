#include "messenger/door.h"

enum status
door_find(struct store *store, struct slice link, enum link_kind kind, struct arena *arena,
	  struct door *door_out)
{
	struct door door = {.link = {NULL, 0}};
	unsigned char hash[LINK_HASH_SIZE];
	enum status status = link_parse(link, &door.link);

	if (status != STATUS_OK)
		return STATUS_NOT_FOUND;
	link_hash(secret_slice(&door.link), hash);
	status = link_find(store, slice_of(hash, sizeof(hash)), (int)kind, arena, &door.row);
	if (status == STATUS_OK)
		status = delivery_read(store, &door.row.delivery_id, false, arena, &door.delivery);
	if (status != STATUS_OK) {
		secret_clear(&door.link);
		return status;
	}
	*door_out = door;
	return STATUS_OK;
}

enum status
door_follow(struct store *store, struct slice link, enum link_kind kind, bool with_chunk,
	    struct arena *arena, struct door *door_out, struct link_path *path_out)
{
	struct door door = {.link = {NULL, 0}};
	unsigned char hash[LINK_HASH_SIZE];
	enum status status = link_parse(link, &door.link);

	if (status != STATUS_OK)
		return STATUS_NOT_FOUND;
	link_hash(secret_slice(&door.link), hash);
	status = link_follow(store, slice_of(hash, sizeof(hash)), (int)kind, with_chunk, arena,
			     path_out);
	if (status != STATUS_OK) {
		secret_clear(&door.link);
		return status;
	}
	door.row = path_out->link;
	door.delivery = path_out->delivery;
	*door_out = door;
	return STATUS_OK;
}

void
door_clear(struct door *door)
{
	secret_clear(&door->link);
}

enum delivery_standing
door_standing(const struct door *door, int64_t now)
{
	const struct delivery_row *delivery = &door->delivery;

	switch (delivery->state) {
	case DELIVERY_EXPIRED:
	case DELIVERY_FAILED:
	case DELIVERY_SENT:
		return STANDING_EXPIRED;
	case DELIVERY_RECALLED:
		return STANDING_RECALLED;
	case DELIVERY_DESTROYED:
		return STANDING_DESTROYED;
	case DELIVERY_QUEUED:
	case DELIVERY_HELD:
	case DELIVERY_SECURING:
		return STANDING_NOT_READY;
	case DELIVERY_READY:
	case DELIVERY_OPENED:
		break;
	}
	/* The courier may be late; the message is not. */
	if (delivery->expires_at <= now)
		return STANDING_EXPIRED;
	if (door->row.ended == LINK_SUSPENDED ||
	    (delivery->suspended_at != 0 && door->row.generation == delivery->link_generation))
		return STANDING_SUSPENDED;
	/* A new link was asked for: this one is dead already. */
	if (door->row.ended == LINK_REPLACED || delivery->relink_at != 0 ||
	    door->row.generation != delivery->link_generation)
		return STANDING_REPLACED;
	return STANDING_READY;
}
