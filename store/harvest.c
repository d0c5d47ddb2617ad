#include "store/harvest.h"

#include "store/query.h"

enum status
harvest_note(struct store *store, const struct id *message, struct slice key_wrap, int64_t now,
	     size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, message);
	bind_bytes(&parameters, key_wrap);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "harvest_note", &parameters, &rows);
}

static void
read_row(struct columns *columns, void *element)
{
	struct harvest_row *row = element;

	column_id(columns, &row->message);
	row->key_wrap = column_bytes(columns);
	row->claims = (int)column_number(columns);
}

enum status
harvest_claim(struct store *store, int64_t now, int64_t until, int64_t since, struct arena *arena,
	      struct harvest_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, until);
	bind_number(&parameters, since);
	return query_one(store, "harvest_claim", &parameters, arena, read_row, sizeof(*row_out),
			 row_out);
}

enum status
harvest_done(struct store *store, const struct id *message)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, message);
	return query_change(store, "harvest_done", &parameters, &rows);
}

enum status
harvest_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "harvest_sweep", &parameters, &rows);
}
