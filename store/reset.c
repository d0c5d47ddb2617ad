#include "store/reset.h"

#include "store/query.h"

/* What is over makes room for another. */
static enum status
lapse(struct store *store, struct slice owner_index, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, now);
	return query_change(store, "account_reset_lapse", &parameters, &rows);
}

enum status
reset_insert(struct store *store, struct slice owner_index, const struct reset_row *row)
{
	struct parameters parameters;
	enum status status = lapse(store, owner_index, row->begun_at);

	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->begun_by);
	bind_number(&parameters, row->begun_at);
	bind_number(&parameters, row->ready_at);
	bind_number(&parameters, row->lapses_at);
	return query_change_one(store, "account_reset_insert", &parameters, STATUS_CONFLICT);
}

enum status
reset_ask(struct store *store, struct slice link_hash, const struct reset_row *row)
{
	struct parameters parameters;
	enum status status = lapse(store, row->owner_index, row->begun_at);

	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->owner_index);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->begun_by);
	bind_text(&parameters, row->language);
	bind_bytes(&parameters, link_hash);
	bind_bytes(&parameters, row->link_wrap);
	bind_number(&parameters, row->begun_at);
	bind_number(&parameters, row->lapses_at);
	return query_change_one(store, "account_reset_ask", &parameters, STATUS_CONFLICT);
}

static void
read_row(struct columns *columns, void *element)
{
	struct reset_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->begun_by = column_bytes(columns);
	row->ended_by = column_bytes(columns);
	row->state = (enum reset_state)column_number(columns);
	row->begun_at = column_number(columns);
	row->ready_at = column_number(columns);
	row->lapses_at = column_number(columns);
	row->ended_at = column_number(columns);
	row->owner_index = column_bytes(columns);
	row->by_sender = column_flag(columns);
	row->language = column_text(columns);
	row->link_wrap = column_bytes(columns);
}

enum status
reset_find(struct store *store, struct slice owner_index, int64_t now, struct arena *arena,
	   struct reset_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, now);
	return query_one(store, "account_reset_find", &parameters, arena, read_row,
			 sizeof(*row_out), row_out);
}

enum status
reset_find_link(struct store *store, struct slice link_hash, struct arena *arena,
		struct reset_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, link_hash);
	return query_one(store, "account_reset_find_link", &parameters, arena, read_row,
			 sizeof(*row_out), row_out);
}

enum status
reset_read(struct store *store, const struct id *id, struct arena *arena, struct reset_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "account_reset_read", &parameters, arena, read_row,
			 sizeof(*row_out), row_out);
}

enum status
reset_agree(struct store *store, const struct id *id, int64_t ready_at, struct slice ended_by)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, ready_at);
	bind_bytes_or_null(&parameters, ended_by);
	return query_change_one(store, "account_reset_agree", &parameters, STATUS_CONFLICT);
}

enum status
reset_due(struct store *store, int64_t now, size_t most, struct arena *arena, struct id **ids_out,
	  size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, "account_reset_due", &parameters, arena, ids_out, count_out);
}

enum status
reset_end_agreed(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "account_reset_end_agreed", &parameters, STATUS_CONFLICT);
}

enum status
reset_mailed(struct store *store, const struct id *id)
{
	return query_change_id(store, "account_reset_mailed", id);
}

enum status
reset_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	   struct reset_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "account_reset_list", &parameters, arena, read_row,
			    sizeof(struct reset_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
reset_end(struct store *store, const struct id *id, enum reset_state state, struct slice ended_by,
	  int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, state);
	bind_bytes_or_null(&parameters, ended_by);
	bind_number(&parameters, now);
	return query_change_one(store, "account_reset_end", &parameters, STATUS_CONFLICT);
}

enum status
reset_forget(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "account_reset_drop", owner_index);
}
