#include "store/reset.h"

#include "store/query.h"

enum status
reset_insert(struct store *store, struct slice owner_index, const struct reset_row *row)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, row->begun_at);
	status = query_change(store, "account_reset_lapse", &parameters, &rows);
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
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	return query_change(store, "account_reset_drop", &parameters, &rows);
}
