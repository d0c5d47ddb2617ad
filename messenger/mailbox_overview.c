#include "messenger/mailbox_overview.h"

static struct mailbox_overview
overview_of(const struct messenger *messenger, const struct mailbox_overview_row *row,
	    struct arena *arena)
{
	return (struct mailbox_overview){
	    .row = *row,
	    .address =
		messenger_display_open(messenger, "mailbox.address", &row->id, row->address, arena),
	};
}

enum status
messenger_mailbox_show(const struct messenger *messenger, struct slice owner_index,
		       struct arena *arena, struct mailbox_overview *overview_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_overview_row row;
	enum status status = mailbox_show(store, owner_index, arena, &row);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*overview_out = overview_of(messenger, &row, arena);
	return status;
}

enum status
messenger_mailbox_list_all(const struct messenger *messenger, const struct id *behind, size_t most,
			   struct arena *arena, struct mailbox_overview **list_out,
			   size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_overview *list;
	struct mailbox_overview_row *rows;
	size_t count;
	enum status status = mailbox_list_all(store, behind, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	list = arena_alloc_many(arena, count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = overview_of(messenger, &rows[i], arena);
	*list_out = list;
	*count_out = count;
	return STATUS_OK;
}
