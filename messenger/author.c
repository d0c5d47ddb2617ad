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

static const char *
take_line(struct slice *rest, struct arena *arena)
{
	size_t end = slice_find_byte(*rest, '\n', 0);
	const char *line;

	if (end == SLICE_NONE)
		end = rest->size;
	line = arena_text_from(arena, slice_part(*rest, 0, end));
	*rest = slice_part(*rest, end + 1, rest->size);
	return line;
}

struct author
author_open(const struct messenger *messenger, const struct message_row *row, struct arena *arena)
{
	struct slice rest = slice_from_text(
	    messenger_display_open(messenger, "message.sender", &row->id, row->sender, arena));
	struct author author;

	author.address = take_line(&rest, arena);
	author.name = take_line(&rest, arena);
	author.message_id = take_line(&rest, arena);
	return author;
}
