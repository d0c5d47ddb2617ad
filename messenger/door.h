/*
 * From the text of a private link to the rows behind it, and what may be said
 * about them to its holder.  Shared by the recipient's and the sender's side.
 */
#ifndef MESSENGER_DOOR_H
#define MESSENGER_DOOR_H

#include "crypto/link.h"
#include "messenger/open.h"
#include "store/delivery.h"
#include "store/link.h"
#include "store/message.h"

struct door {
	struct secret link; /* the link's secret itself; clear it */
	struct link_row row;
	struct delivery_row delivery;
};

/* STATUS_NOT_FOUND for whatever is no link of that kind.  Clears nothing on success: the caller
 * does. */
enum status door_find(struct store *store, struct slice link, enum link_kind kind,
		      struct arena *arena, struct door *door_out) MUST_CHECK;
/* The same, with the message and the lock behind it. */
enum status
door_follow(struct store *store, struct slice link, enum link_kind kind, bool with_chunk,
	    struct arena *arena, struct door *door_out, struct link_path *path_out) MUST_CHECK;
void door_clear(struct door *door);

/* What the holder of this link may be told, at this time. */
enum delivery_standing door_standing(const struct door *door, int64_t now);

#endif
