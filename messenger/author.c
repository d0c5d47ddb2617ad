#include "messenger/author.h"

/* Three lines; none of the values can hold a line end (all are cleaned when parsed). */
struct slice
author_seal(const struct messenger *messenger, const struct id *message,
	    const struct author *author, struct arena *arena)
{
	const char *text =
	    arena_printf(arena, "%s\n%s\n%s", author->address, author->name, author->message_id);

	return messenger_display_seal(messenger, "message.sender", message, text, arena);
}

struct author
author_open(const struct messenger *messenger, const struct message_row *row, struct arena *arena)
{
	struct slice rest = slice_from_text(
	    messenger_display_open(messenger, "message.sender", &row->id, row->sender, arena));
	struct author author;

	author.address = arena_text_from(arena, slice_take_line(&rest));
	author.name = arena_text_from(arena, slice_take_line(&rest));
	author.message_id = arena_text_from(arena, slice_take_line(&rest));
	return author;
}
