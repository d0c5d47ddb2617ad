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

static enum status
read_row(struct columns columns, struct own_key_row *row_out)
{
	struct own_key_row row = {0};

	column_id(&columns, &row.id);
	row.kind = (enum key_kind)column_number(&columns);
	row.address = column_bytes(&columns);
	row.address_index = column_bytes(&columns);
	row.print_index = column_bytes(&columns);
	row.material = column_bytes(&columns);
	row.evidence = column_bytes(&columns);
	row.key_wrap = column_bytes(&columns);
	row.private = column_bytes(&columns);
	row.added_at = column_number(&columns);
	row.expires_at = column_number(&columns);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

static enum status
read_one(struct store *store, const char *statement, const struct parameters *parameters,
	 struct arena *arena, struct own_key_row *row_out)
{
	struct columns columns;
	PGresult *result;
	enum status status = query_row(store, statement, parameters, arena, &result, &columns);

	if (status != STATUS_OK)
		return status;
	status = read_row(columns, row_out);
	PQclear(result);
	return status;
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
	return read_one(store, "own_key_find", &parameters, arena, row_out);
}

enum status
own_key_read(struct store *store, const struct id *id, struct arena *arena,
	     struct own_key_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return read_one(store, "own_key_read", &parameters, arena, row_out);
}

enum status
own_key_list(struct store *store, const struct id *after, size_t most, struct arena *arena,
	     struct own_key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct own_key_row *rows;
	PGresult *result;
	size_t count;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, after);
	bind_number(&parameters, (int64_t)most);
	status = query_run(store, "own_key_list", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	rows = arena_alloc_many(arena, count + 1, sizeof(*rows));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = read_row(columns_of(result, i, arena), &rows[i]);
	PQclear(result);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows;
	*count_out = count;
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
