#include "store/signed_in.h"

#include "store/query.h"

static void
read_row(struct columns *columns, void *element)
{
	struct signed_in_row *row = element;

	column_id(columns, &row->id);
	row->in_mailbox = column_flag(columns);
	row->place = column_bytes(columns);
	row->created_at = column_number(columns);
	row->seen_at = column_number(columns);
}

enum status
signed_in_list(struct store *store, struct slice address_index, int64_t idle_since,
	       int64_t begun_since, size_t most, struct arena *arena,
	       struct signed_in_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "signed_in_list", &parameters, arena, read_row,
			    sizeof(struct signed_in_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
signed_in_end(struct store *store, const struct id *id, struct slice address_index)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, address_index);
	return query_change(store, "signed_in_end", &parameters, &rows);
}

enum status
signed_in_end_mailbox(struct store *store, struct slice address_index, const struct id *but)
{
	struct parameters parameters;
	size_t rows;
	enum status status = query_change_bytes(store, "signed_in_wait", address_index);

	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_id(&parameters, but);
	status = query_change(store, "signed_in_end_others", &parameters, &rows);
	return status == STATUS_OK
		   ? query_change_bytes(store, "signed_in_end_readers", address_index)
		   : status;
}
