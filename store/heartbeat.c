#include "store/heartbeat.h"

#include "store/query.h"

enum status
heartbeat_read(struct store *store, int64_t *seen_at_out)
{
	struct parameters none;
	PGresult *result;
	bool damaged = false;
	int64_t seen_at = 0;
	enum status status;

	bind_none(&none);
	status = query_run(store, "store_heartbeat_read", &none, &result);
	if (status != STATUS_OK)
		return status;
	if (PQntuples(result) > 0) {
		struct columns columns = columns_of(result, 0, NULL);

		seen_at = column_number(&columns);
		damaged = columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*seen_at_out = seen_at;
	return STATUS_OK;
}

enum status
heartbeat_note(struct store *store, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, now);
	return query_change(store, "store_heartbeat_note", &parameters, &rows);
}
