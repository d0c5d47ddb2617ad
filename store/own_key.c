#include "store/own_key.h"

#include "store/query.h"

enum status
own_key_put(struct store *store, const struct own_key_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_number(&parameters, row->kind);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->address_index);
	bind_bytes(&parameters, row->print_index);
	bind_bytes(&parameters, row->material);
	bind_bytes(&parameters, row->evidence);
	bind_bytes(&parameters, row->key_wrap);
	bind_bytes(&parameters, row->private);
	bind_number(&parameters, row->added_at);
	bind_number(&parameters, row->expires_at);
	return query_change_one(store, "own_key_put", &parameters, STATUS_CONFLICT);
}

static void
read_row(struct columns *columns, void *element)
{
	struct own_key_row *row = element;

	column_id(columns, &row->id);
	row->kind = (enum key_kind)column_number(columns);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->print_index = column_bytes(columns);
	row->material = column_bytes(columns);
	row->evidence = column_bytes(columns);
	row->key_wrap = column_bytes(columns);
	row->private = column_bytes(columns);
	row->added_at = column_number(columns);
	row->expires_at = column_number(columns);
}

enum status
own_key_find(struct store *store, struct slice address_index, enum key_kind kind, int64_t now,
	     struct arena *arena, struct own_key_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_number(&parameters, kind);
	bind_number(&parameters, now);
	return query_one(store, "own_key_find", &parameters, arena, read_row, sizeof(*row_out),
			 row_out);
}

enum status
own_key_read(struct store *store, const struct id *id, struct arena *arena,
	     struct own_key_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "own_key_read", &parameters, arena, read_row, sizeof(*row_out),
			 row_out);
}

enum status
own_key_list(struct store *store, const struct id *after, size_t most, struct arena *arena,
	     struct own_key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, after);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "own_key_list", &parameters, arena, read_row,
			    sizeof(struct own_key_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
own_key_delete(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "own_key_delete", &parameters, STATUS_NOT_FOUND);
}
