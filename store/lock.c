#include "store/lock.h"

#include "store/rows.h"

enum status
lock_insert(struct store *store, const struct lock_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->public_wrap);
	bind_bytes(&parameters, row->salt);
	bind_number(&parameters, row->ops);
	bind_number(&parameters, row->memory_kib);
	bind_number(&parameters, row->rule);
	bind_bytes(&parameters, row->clue);
	bind_number(&parameters, row->created_at);
	return query_change_one(store, "lock_insert", &parameters, STATUS_INTERNAL);
}

bool
lock_from_columns(struct columns *columns, struct lock_row *row_out)
{
	bool found;

	*row_out = (struct lock_row){0};
	found = column_id(columns, &row_out->id);
	row_out->public_wrap = column_bytes(columns);
	row_out->salt = column_bytes(columns);
	row_out->ops = (uint32_t)column_number(columns);
	row_out->memory_kib = (uint32_t)column_number(columns);
	row_out->rule = (int)column_number(columns);
	row_out->clue = column_bytes(columns);
	row_out->created_at = column_number(columns);
	return found;
}

enum status
lock_read(struct store *store, const struct id *id, struct arena *arena, struct lock_row *row_out)
{
	struct parameters parameters;
	struct lock_row row;
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_row(store, "lock_read", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	if (!lock_from_columns(&columns, &row))
		columns.damaged = true;
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
lock_drop_unused(struct store *store, const struct id *id)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change(store, "lock_drop_unused", &parameters, &rows);
}
