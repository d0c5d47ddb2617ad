#include "store/thread.h"

#include "store/query.h"

enum status
thread_note(struct store *store, struct slice hash, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_number(&parameters, now);
	return query_change_one(store, "thread_note", &parameters, STATUS_INTERNAL);
}

enum status
thread_find(struct store *store, struct slice hashes, size_t count)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;

	if (hashes.size != count * THREAD_HASH_SIZE)
		return STATUS_INTERNAL;
	bind_none(&parameters);
	bind_bytes(&parameters, hashes);
	bind_number(&parameters, (int64_t)count);
	status = query_run(store, "thread_find", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	status = PQntuples(result) > 0 ? STATUS_OK : STATUS_NOT_FOUND;
	PQclear(result);
	return status;
}

enum status
thread_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "thread_sweep", &parameters, &rows);
}
