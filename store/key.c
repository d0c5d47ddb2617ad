#include "store/key.h"

#include "store/query.h"

static void
bind_row(struct parameters *parameters, const struct key_row *row)
{
	bind_none(parameters);
	bind_id(parameters, &row->id);
	bind_number(parameters, row->kind);
	bind_number(parameters, row->standing);
	bind_number(parameters, row->source);
	bind_bytes(parameters, row->address);
	bind_bytes(parameters, row->address_index);
	bind_bytes(parameters, row->print_index);
	bind_bytes(parameters, row->material);
	bind_bytes(parameters, row->evidence);
	bind_number(parameters, row->capabilities);
	bind_text(parameters, row->reason);
	bind_number(parameters, row->seen_at);
	bind_number(parameters, row->expires_at);
	bind_flag(parameters, row->vouched);
	bind_number(parameters, row->told_at);
}

enum status
key_put(struct store *store, const struct key_row *row)
{
	struct parameters parameters;

	bind_row(&parameters, row);
	return query_change_one(store, "key_put", &parameters, STATUS_CONFLICT);
}

enum status
key_put_brought(struct store *store, const struct key_row *row, int source, int64_t now)
{
	struct parameters parameters;

	bind_row(&parameters, row);
	bind_number(&parameters, source);
	bind_number(&parameters, now);
	return query_change_one(store, "key_put_brought", &parameters, STATUS_CONFLICT);
}

enum status
key_set_told(struct store *store, const struct id *id, unsigned capabilities, int64_t told_at)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, capabilities);
	bind_number(&parameters, told_at);
	return query_change(store, "key_set_told", &parameters, &rows);
}

enum status
key_trim(struct store *store, struct slice address_index, int source, size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_number(&parameters, source);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "key_trim", &parameters, &rows);
}

enum status
key_find(struct store *store, struct slice address_index, struct slice print_index,
	 struct arena *arena, struct id *id_out)
{
	struct parameters parameters;
	struct id *ids;
	size_t count;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_bytes(&parameters, print_index);
	status = query_ids(store, "key_find", &parameters, arena, &ids, &count);
	if (status == STATUS_OK && count == 0)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		*id_out = ids[0];
	return status;
}

static void
read_row(struct columns *columns, void *element)
{
	struct key_row *row = element;

	column_id(columns, &row->id);
	row->kind = (enum key_kind)column_number(columns);
	row->standing = (enum key_standing)column_number(columns);
	row->source = (int)column_number(columns);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->print_index = column_bytes(columns);
	row->material = column_bytes(columns);
	row->evidence = column_bytes(columns);
	row->capabilities = (unsigned)column_number(columns);
	row->reason = column_text(columns);
	row->found_at = column_number(columns);
	row->seen_at = column_number(columns);
	row->expires_at = column_number(columns);
	row->vouched = column_flag(columns);
}

static enum status
read_many(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, struct key_row **rows_out, size_t *count_out)
{
	struct query_rows rows;
	enum status status = query_many(store, statement, parameters, arena, read_row,
					sizeof(struct key_row), &rows);

	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
key_of_address(struct store *store, struct slice address_index, size_t most, struct arena *arena,
	       struct key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, "key_of_address", &parameters, arena, rows_out, count_out);
}

enum status
key_by_print(struct store *store, struct slice print_index, size_t most, struct arena *arena,
	     struct key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, print_index);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, "key_by_print", &parameters, arena, rows_out, count_out);
}

enum status
key_read(struct store *store, const struct id *id, struct arena *arena, struct key_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "key_read", &parameters, arena, read_row, sizeof(*row_out),
			 row_out);
}

enum status
key_list(struct store *store, bool review, int64_t found_at, const struct id *id, size_t most,
	 struct arena *arena, struct key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_number(&parameters, found_at);
	bind_id(&parameters, id);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, review ? "key_list_review" : "key_list", &parameters, arena,
			 rows_out, count_out);
}

enum status
key_list_of(struct store *store, struct slice address_index, bool review, size_t most,
	    struct arena *arena, struct key_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_flag(&parameters, review);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, "key_list_of", &parameters, arena, rows_out, count_out);
}

enum status
key_set_standing(struct store *store, const struct id *id, enum key_standing standing,
		 const char *reason)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, standing);
	bind_text(&parameters, reason);
	return query_change_one(store, "key_set_standing", &parameters, STATUS_NOT_FOUND);
}

enum status
key_ban(struct store *store, const struct id *id)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_change(store, "key_ban", &parameters, &rows);
	return status == STATUS_OK && rows == 0 ? STATUS_NOT_FOUND : status;
}

enum status
key_withdraw(struct store *store, struct slice print_index)
{
	return query_change_bytes(store, "key_withdraw", print_index);
}

enum status
key_delete(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "key_delete", &parameters, STATUS_NOT_FOUND);
}

enum status
key_sweep(struct store *store, const struct key_sweep *sweep, size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, sweep->standing);
	bind_number(&parameters, sweep->from);
	bind_number(&parameters, sweep->to);
	bind_number(&parameters, sweep->before);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "key_sweep", &parameters, &rows);
}

enum status
key_sweep_review(struct store *store, int source, size_t keep, size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, source);
	bind_number(&parameters, (int64_t)keep);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "key_sweep_review", &parameters, &rows);
}
