#include "messenger/claimant.h"

#include "crypto/hash.h"

enum status
claimant_open(struct store *store, const struct claimant *claimant, struct arena *arena,
	      struct door *door_out)
{
	struct door door = {.link = {NULL, 0}};
	enum status status;

	if (claimant->link.size > 0) {
		status = door_find(store, claimant->link, LINK_SENDER, arena, door_out);
		if (status == STATUS_OK && door_out->row.ended != LINK_LIVE) {
			door_clear(door_out);
			status = STATUS_GONE;
		}
		return status;
	}
	status = delivery_read(store, &claimant->delivery, false, arena, &door.delivery);
	if (status != STATUS_OK)
		return status;
	if (!claimant->administrator &&
	    !hash_equal(door.delivery.sender_index, claimant->owner_index))
		return STATUS_NOT_FOUND;
	*door_out = door;
	return STATUS_OK;
}
