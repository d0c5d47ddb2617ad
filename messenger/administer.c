#include "messenger/administer.h"

#include "messenger/change.h"

static enum status
read_delivery(const struct messenger *messenger, const struct id *id, struct arena *arena,
	      struct delivery_row *row_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = delivery_read(store, id, false, arena, row_out);

	store_pool_put(messenger->stores, store);
	return status;
}

enum status
administer_place(const struct messenger *messenger, const struct id *delivery, struct arena *arena,
		 struct desk_place *place_out)
{
	struct delivery_row row;
	enum status status = read_delivery(messenger, delivery, arena, &row);

	if (status == STATUS_OK)
		*place_out = (struct desk_place){row.created_at, row.id};
	return status;
}

enum status
administer_look(const struct messenger *messenger, const struct id *id, struct arena *arena,
		struct message_view *view_out)
{
	struct delivery_row row;
	enum status status = messenger_look_any_message(messenger, id, arena, view_out);

	if (status != STATUS_NOT_FOUND)
		return status;
	status = read_delivery(messenger, id, arena, &row);
	return status == STATUS_OK
		   ? messenger_look_any_message(messenger, &row.message_id, arena, view_out)
		   : status;
}

static struct claimant
claim(const struct id *delivery)
{
	return (struct claimant){.delivery = *delivery, .administrator = true};
}

enum status
administer_recall(const struct messenger *messenger, const struct id *delivery, int64_t now)
{
	struct claimant claimant = claim(delivery);

	return messenger_recall(messenger, &claimant, now);
}

static enum status
find_deliveries(const struct messenger *messenger, const struct id *message, struct arena *arena,
		struct delivery_row **rows_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct message_row row;
	enum status status = message_read(store, message, false, arena, &row);

	if (status == STATUS_OK)
		status = delivery_of_message(store, message, arena, rows_out, count_out);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
administer_recall_all(const struct messenger *messenger, const struct id *message, int64_t now,
		      size_t *count_out)
{
	struct arena *arena = arena_new();
	struct delivery_row *rows;
	size_t count, recalled = 0;
	enum status status = find_deliveries(messenger, message, arena, &rows, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		status = administer_recall(messenger, &rows[i].id, now);
		if (status == STATUS_OK)
			recalled++;
		/* It goes or went another way, or is over already. */
		else if (status == STATUS_CONFLICT)
			status = STATUS_OK;
	}
	arena_free(arena);
	*count_out = recalled;
	return status;
}

enum status
administer_extend(const struct messenger *messenger, const struct id *delivery, int days,
		  int64_t now, int64_t *expires_at_out)
{
	struct claimant claimant = claim(delivery);
	struct arena *arena = arena_new();
	struct delivery_row row;
	enum status status = messenger_extend(messenger, &claimant, days, now);

	if (status == STATUS_OK)
		status = read_delivery(messenger, delivery, arena, &row);
	if (status == STATUS_OK)
		*expires_at_out = row.expires_at;
	arena_free(arena);
	return status;
}

enum status
administer_templates(const struct messenger *messenger, struct slice owner_index, size_t most,
		     struct arena *arena, struct owned_template **templates_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct id first = {{0}};
	struct owned_template *templates;
	struct template_row *rows;
	size_t count;
	enum status status = owner_index.size == 0
				 ? template_list_all(store, &first, most, arena, &rows, &count)
				 : template_list(store, owner_index, most, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	templates = arena_alloc_many(arena, count + 1, sizeof(*templates));
	for (size_t i = 0; i < count; i++) {
		templates[i].owner = messenger_display_open(messenger, "template.owner",
							    &rows[i].id, rows[i].owner, arena);
		templates[i].view = templates_view(messenger, &rows[i], arena);
	}
	*templates_out = templates;
	*count_out = count;
	return STATUS_OK;
}
