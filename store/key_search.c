#include "store/key_search.h"

#include "store/query.h"

enum status
key_search_read(struct store *store, struct slice address_index, struct arena *arena,
		struct key_search_row *row_out)
{
	struct key_search_row row = {.address_index = address_index};
	struct parameters parameters;
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	status = query_row(store, "key_search_read", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	row.address = column_bytes(&columns);
	row.asked_at = column_number(&columns);
	row.answered_at = column_number(&columns);
	row.until = column_number(&columns);
	row.outcome = column_bytes(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
key_search_ask(struct store *store, struct slice address_index, struct slice address, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_bytes(&parameters, address);
	bind_number(&parameters, now);
	return query_change(store, "key_search_ask", &parameters, &rows);
}

enum status
key_search_answer(struct store *store, const struct key_search_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, row->address_index);
	bind_bytes(&parameters, row->address);
	bind_number(&parameters, row->answered_at);
	bind_number(&parameters, row->until);
	bind_bytes_or_null(&parameters, row->outcome);
	return query_change_one(store, "key_search_answer", &parameters, STATUS_INTERNAL);
}

enum status
key_search_claim(struct store *store, int64_t now, int64_t until, size_t most, struct arena *arena,
		 struct key_search_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct key_search_row *rows;
	PGresult *result;
	size_t count;
	bool damaged = false;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, until);
	bind_number(&parameters, (int64_t)most);
	status = query_run(store, "key_search_claim", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	rows = arena_alloc_many(arena, count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, arena);

		rows[i] = (struct key_search_row){0};
		rows[i].address_index = column_bytes(&columns);
		rows[i].address = column_bytes(&columns);
		damaged = damaged || columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*rows_out = rows;
	*count_out = count;
	return STATUS_OK;
}

enum status
key_search_forget(struct store *store, struct slice address_index)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	return query_change(store, "key_search_forget", &parameters, &rows);
}

enum status
key_search_sweep(struct store *store, int64_t before, size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "key_search_sweep", &parameters, &rows);
}
