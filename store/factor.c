#include "store/factor.h"

#include "store/query.h"

enum status
factor_insert(struct store *store, struct slice token_hash, const struct factor_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, token_hash);
	bind_id(&parameters, &row->delivery_id);
	bind_bytes(&parameters, row->sealed);
	bind_bytes_or_null(&parameters, row->code_wrap);
	bind_id(&parameters, row->has_sheet ? &row->sheet_id : NULL);
	bind_number_or_null(&parameters, row->number);
	bind_number(&parameters, row->created_at);
	return query_change_one(store, "factor_insert", &parameters, STATUS_INTERNAL);
}

static void
read_tried(struct columns *columns, void *element)
{
	struct factor_row *row = element;

	column_id(columns, &row->id);
	column_id(columns, &row->delivery_id);
	row->sealed = column_bytes(columns);
	row->tries = (int)column_number(columns);
	row->created_at = column_number(columns);
	row->has_sheet = column_id(columns, &row->sheet_id);
	row->number = (int)column_number(columns);
	row->sheet_at = column_number(columns);
}

enum status
factor_try(struct store *store, struct slice token_hash, const struct id *delivery, int64_t since,
	   int most, struct arena *arena, struct factor_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_id(&parameters, delivery);
	bind_number(&parameters, since);
	bind_number(&parameters, most);
	return query_one(store, "factor_try", &parameters, arena, read_tried, sizeof(*row_out),
			 row_out);
}

enum status
factor_find(struct store *store, struct slice token_hash, int64_t since, struct arena *arena,
	    struct factor_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, since);
	return query_one(store, "factor_find", &parameters, arena, read_tried, sizeof(*row_out),
			 row_out);
}

static void
read_coded(struct columns *columns, void *element)
{
	struct factor_row *row = element;

	column_id(columns, &row->id);
	column_id(columns, &row->delivery_id);
	row->code_wrap = column_bytes(columns);
	row->created_at = column_number(columns);
}

enum status
factor_read(struct store *store, const struct id *id, struct arena *arena,
	    struct factor_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "factor_read", &parameters, arena, read_coded, sizeof(*row_out),
			 row_out);
}

enum status
factor_mailed(struct store *store, const struct id *id)
{
	return query_change_id(store, "factor_mailed", id);
}

enum status
factor_delete(struct store *store, const struct id *id)
{
	return query_change_id(store, "factor_delete", id);
}

enum status
factor_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "factor_sweep", &parameters, &rows);
}
