#include "store/link.h"

#include "store/rows.h"

enum status
link_insert(struct store *store, struct slice hash, const struct id *delivery, int kind,
	    uint32_t generation, struct slice pickup_hash, struct slice pickup_wrap)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_id(&parameters, delivery);
	bind_number(&parameters, kind);
	bind_number(&parameters, generation);
	bind_bytes_or_null(&parameters, pickup_hash);
	bind_bytes_or_null(&parameters, pickup_wrap);
	return query_change_one(store, "link_insert", &parameters, STATUS_CONFLICT);
}

struct link_row
link_from_columns(struct columns *columns)
{
	struct link_row row = {0};

	column_id(columns, &row.delivery_id);
	row.kind = (int)column_number(columns);
	row.generation = (uint32_t)column_number(columns);
	row.ended = (enum link_end)column_number(columns);
	row.pickup_wrap = column_bytes(columns);
	return row;
}

static enum status
find(struct store *store, const char *statement, const struct parameters *parameters,
     struct arena *arena, struct link_row *row_out)
{
	struct link_row row;
	struct columns columns;
	PGresult *result;
	enum status status = query_row(store, statement, parameters, arena, &result, &columns);

	if (status != STATUS_OK)
		return status;
	row = link_from_columns(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
link_find(struct store *store, struct slice hash, int kind, struct arena *arena,
	  struct link_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_number(&parameters, kind);
	return find(store, "link_find", &parameters, arena, row_out);
}

enum status
link_follow(struct store *store, struct slice hash, int kind, bool with_chunk, struct arena *arena,
	    struct link_path *path_out)
{
	struct parameters parameters;
	struct link_path path;
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_number(&parameters, kind);
	bind_flag(&parameters, with_chunk);
	status = query_row(store, "link_follow", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	path.link = link_from_columns(&columns);
	path.delivery = delivery_from_columns(&columns);
	path.message = message_from_columns(&columns);
	path.has_lock = lock_from_columns(&columns, &path.lock);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*path_out = path;
	return STATUS_OK;
}

enum status
link_find_pickup(struct store *store, struct slice pickup_hash, struct arena *arena,
		 struct link_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, pickup_hash);
	return find(store, "link_find_pickup", &parameters, arena, row_out);
}

enum status
link_end_all(struct store *store, const struct id *delivery, int kind, enum link_end ended)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_number(&parameters, kind);
	bind_number(&parameters, ended);
	return query_change(store, "link_end_all", &parameters, &rows);
}
