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

static void
read_taken(struct columns *columns, void *element)
{
	struct taken_row *row = element;

	row->part = (uint32_t)column_number(columns);
	row->name = column_bytes(columns);
	row->taken_at = column_number(columns);
}

enum status
delivery_taken(struct store *store, const struct id *id, struct arena *arena,
	       struct taken_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_many(store, "delivery_taken", &parameters, arena, read_taken,
			    sizeof(struct taken_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
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
