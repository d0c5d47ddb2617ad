#include "store/key_search.h"

#include "store/query.h"

static void
read_search(struct columns *columns, void *element)
{
	struct key_search_row *row = element;

	row->address = column_bytes(columns);
	row->asked_at = column_number(columns);
	row->answered_at = column_number(columns);
	row->until = column_number(columns);
	row->outcome = column_bytes(columns);
}

enum status
key_search_read(struct store *store, struct slice address_index, struct arena *arena,
		struct key_search_row *row_out)
{
	struct parameters parameters;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	status = query_one(store, "key_search_read", &parameters, arena, read_search,
			   sizeof(*row_out), row_out);
	row_out->address_index = address_index;
	return status;
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

static void
read_question(struct columns *columns, void *element)
{
	struct key_search_row *row = element;

	row->address_index = column_bytes(columns);
	row->address = column_bytes(columns);
}

enum status
key_search_claim(struct store *store, int64_t now, int64_t until, size_t most, struct arena *arena,
		 struct key_search_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, until);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "key_search_claim", &parameters, arena, read_question,
			    sizeof(struct key_search_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
key_search_forget(struct store *store, struct slice address_index)
{
	return query_change_bytes(store, "key_search_forget", address_index);
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
