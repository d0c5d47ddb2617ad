/*
 * What the administrator may do with anybody's messages and templates: find them,
 * look at them, take a message back, move its end, delete a template.  Needs the
 * owner's connection, and the display key only to show names and find by them.
 * Refuses to know content: nothing here opens a message.
 */
#ifndef MESSENGER_ADMINISTER_H
#define MESSENGER_ADMINISTER_H

#include "messenger/templates.h"
#include "messenger/view.h"
#include "store/desk.h"

/* Where a delivery stands in everybody's list, to go on behind it.  STATUS_NOT_FOUND. */
enum status administer_place(const struct messenger *messenger, const struct id *delivery,
			     struct arena *arena, struct desk_place *place_out) MUST_CHECK;

/* The message with this id, or the one that the delivery with this id belongs to.
 * STATUS_NOT_FOUND. */
enum status administer_look(const struct messenger *messenger, const struct id *id,
			    struct arena *arena, struct message_view *view_out) MUST_CHECK;

/* One delivery, as messenger_recall.  STATUS_CONFLICT: its state does not allow it (any more). */
enum status administer_recall(const struct messenger *messenger, const struct id *delivery,
			      int64_t now) MUST_CHECK;
/* All open deliveries of a message, each in a transaction of its own; *count_out of them were taken
 * back, set on failure too.  STATUS_NOT_FOUND: no such message. */
enum status administer_recall_all(const struct messenger *messenger, const struct id *message,
				  int64_t now, size_t *count_out) MUST_CHECK;

/* As messenger_extend; *expires_at_out is the new end. */
enum status administer_extend(const struct messenger *messenger, const struct id *delivery,
			      int days, int64_t now, int64_t *expires_at_out) MUST_CHECK;

struct owned_template {
	const char *owner;
	struct template_view view; /* without the clue of its lock */
};
/* Oldest first, at most `most`, of one owner; an empty `owner_index` stands for anybody. */
enum status
administer_templates(const struct messenger *messenger, struct slice owner_index, size_t most,
		     struct arena *arena, struct owned_template **templates_out,
		     size_t *count_out) MUST_CHECK;

#endif
