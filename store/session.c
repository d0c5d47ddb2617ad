#include "store/session.h"

#include "store/query.h"

enum status
session_insert(struct store *store, struct slice token_hash, const struct session_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_id(&parameters, &row->delivery_id);
	bind_bytes(&parameters, row->sealed);
	bind_number(&parameters, row->created_at);
	bind_number(&parameters, row->seen_at);
	return query_change_one(store, "session_insert", &parameters, STATUS_INTERNAL);
}

enum status
session_find(struct store *store, struct slice token_hash, int64_t now, int64_t idle_since,
	     int64_t begun_since, struct arena *arena, struct session_row *row_out)
{
	struct parameters parameters;
	struct session_row row = {0};
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, now);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	status = query_row(store, "session_find", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	column_id(&columns, &row.delivery_id);
	row.sealed = column_bytes(&columns);
	row.created_at = column_number(&columns);
	row.seen_at = column_number(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
session_delete(struct store *store, struct slice token_hash)
{
	return query_change_bytes(store, "session_delete", token_hash);
}

enum status
session_delete_of(struct store *store, const struct id *delivery)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	return query_change(store, "session_delete_of", &parameters, &rows);
}

enum status
session_sweep(struct store *store, int64_t idle_since, int64_t begun_since)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	return query_change(store, "session_sweep", &parameters, &rows);
}

enum status
throttle_read(struct store *store, struct slice key, struct throttle_row *row_out)
{
	struct parameters parameters;
	struct throttle_row row = {0};
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, key);
	status = query_run(store, "throttle_read", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	if (PQntuples(result)) {
		struct columns columns = columns_of(result, 0, NULL);

		row.failures = (int)column_number(&columns);
		row.first_at = column_number(&columns);
		row.retry_at = column_number(&columns);
		if (columns.damaged)
			status = STATUS_INTERNAL;
	}
	PQclear(result);
	if (status == STATUS_OK)
		*row_out = row;
	return status;
}

enum status
throttle_take(struct store *store, struct slice key, int64_t now, int64_t window_since,
	      int64_t retry_at, int most)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, key);
	bind_number(&parameters, now);
	bind_number(&parameters, window_since);
	bind_number(&parameters, retry_at);
	bind_number(&parameters, most);
	return query_change_one(store, "throttle_take", &parameters, STATUS_BUSY);
}

static void
read_nothing(struct columns *columns, void *element)
{
	(void)columns;
	(void)element;
}

enum status
throttle_hold_key(struct store *store, struct slice key)
{
	struct parameters parameters;
	char nothing;

	bind_none(&parameters);
	bind_bytes(&parameters, key);
	return query_one(store, "throttle_hold", &parameters, NULL, read_nothing, sizeof(nothing),
			 &nothing);
}

enum status
throttle_give_back(struct store *store, struct slice key, int64_t window_since)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, key);
	bind_number(&parameters, window_since);
	return query_change(store, "throttle_give_back", &parameters, &rows);
}

enum status
throttle_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "throttle_sweep", &parameters, &rows);
}
