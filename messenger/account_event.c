#include "messenger/account_event.h"

#include "base/text.h"
#include "messenger/post.h"

enum status
account_tell(const struct messenger *messenger, struct store *store, const char *owner,
	     const struct account_telling *telling, int64_t now, struct arena *arena)
{
	struct account_event_row row = {
	    .id = id_new(),
	    .what = telling->what,
	    .owner_index = messenger_address_index(messenger, owner, arena),
	    .until = telling->until,
	    .created_at = now,
	};
	enum status status;

	row.address =
	    messenger_display_seal(messenger, ACCOUNT_EVENT_ADDRESS, &row.id, owner, arena);
	if (telling->detail != NULL)
		row.detail = messenger_display_seal(messenger, ACCOUNT_EVENT_DETAIL, &row.id,
						    telling->detail, arena);
	status = account_event_insert(store, &row);
	return status == STATUS_OK ? post_step(store, OUTBOX_ACCOUNT, &row.id, 0, now) : status;
}

/* A place is kept in lines, some of which may be empty. */
static const char *
in_one_line(const char *detail, struct arena *arena)
{
	struct slice rest = slice_from_text(detail);
	struct text *line = text_new_in(arena, rest.size * 2 + 1);

	while (rest.size > 0) {
		struct slice part = slice_take_line(&rest);

		if (part.size > 0 && text_slice(line).size > 0)
			text_append(line, SLICE(", "));
		text_append(line, part);
	}
	return text_string(line);
}

enum status
messenger_account_events(const struct messenger *messenger, struct slice owner_index, size_t most,
			 struct arena *arena, struct account_event_view **views_out,
			 size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct account_event_view *views;
	struct account_event_row *rows;
	size_t count;
	enum status status = account_event_list(store, owner_index, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = (struct account_event_view){
		    .what = rows[i].what,
		    .detail =
			in_one_line(messenger_display_open(messenger, ACCOUNT_EVENT_DETAIL,
							   &rows[i].id, rows[i].detail, arena),
				    arena),
		    .at = rows[i].created_at,
		};
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}
