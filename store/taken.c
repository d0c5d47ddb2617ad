#include "store/delivery.h"
#include "store/query.h"

enum status
delivery_take(struct store *store, const struct id *id, const struct taken_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, row->part);
	bind_bytes_or_null(&parameters, row->name);
	bind_number(&parameters, row->taken_at);
	return query_change_one(store, "delivery_take", &parameters, STATUS_CONFLICT);
}

enum status
delivery_taken(struct store *store, const struct id *id, struct arena *arena,
	       struct taken_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct taken_row *rows;
	PGresult *result;
	size_t count;
	bool damaged = false;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_run(store, "delivery_taken", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	rows = arena_alloc_many(arena, count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, arena);

		rows[i].part = (uint32_t)column_number(&columns);
		rows[i].name = column_bytes(&columns);
		rows[i].taken_at = column_number(&columns);
		damaged |= columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*rows_out = rows;
	*count_out = count;
	return STATUS_OK;
}

enum status
delivery_forget_taken(struct store *store, const struct id *id)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change(store, "delivery_forget_taken", &parameters, &rows);
}
