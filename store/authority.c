#include "store/authority.h"

#include "store/query.h"

enum status
authority_put(struct store *store, const struct authority_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->print);
	bind_bytes(&parameters, row->certificate);
	bind_flag(&parameters, row->root);
	bind_number(&parameters, row->added_at);
	return query_change_one(store, "authority_put", &parameters, STATUS_CONFLICT);
}

enum status
authority_list(struct store *store, size_t most, struct arena *arena,
	       struct authority_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct authority_row *rows;
	PGresult *result;
	size_t count;
	bool damaged = false;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, (int64_t)most);
	status = query_run(store, "authority_list", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	rows = arena_alloc_many(arena, count + 1, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, arena);

		column_id(&columns, &rows[i].id);
		rows[i].print = column_bytes(&columns);
		rows[i].certificate = column_bytes(&columns);
		rows[i].root = column_flag(&columns);
		rows[i].added_at = column_number(&columns);
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
authority_version(struct store *store, int64_t *count_out, int64_t *last_out)
{
	struct parameters parameters;
	struct columns columns;
	PGresult *result;
	struct arena *arena = arena_new();
	enum status status;

	bind_none(&parameters);
	status = query_row(store, "authority_version", &parameters, arena, &result, &columns);
	if (status == STATUS_OK) {
		*count_out = column_number(&columns);
		*last_out = column_number(&columns);
		PQclear(result);
		if (columns.damaged)
			status = STATUS_INTERNAL;
	}
	arena_free(arena);
	return status;
}

enum status
authority_delete(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "authority_delete", &parameters, STATUS_NOT_FOUND);
}

enum status
revocation_want(struct store *store, struct slice hash, const char *place, struct slice issuer,
		int64_t next, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_text(&parameters, place);
	bind_bytes_or_null(&parameters, issuer);
	bind_number(&parameters, next);
	bind_number(&parameters, now);
	return query_change(store, "revocation_want", &parameters, &rows);
}

enum status
revocation_read(struct store *store, struct slice hash, struct arena *arena,
		struct revocation_row *row_out)
{
	struct revocation_row row = {0};
	struct parameters parameters;
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	status = query_row(store, "revocation_read", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	row.place = column_text(&columns);
	row.list = column_bytes(&columns);
	row.fetched_at = column_number(&columns);
	row.until = column_number(&columns);
	row.tried_at = column_number(&columns);
	row.fault = column_text(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
revocation_claim(struct store *store, int64_t now, int64_t next, int64_t used, size_t most,
		 struct arena *arena, struct revocation_task **tasks_out, size_t *count_out)
{
	struct parameters parameters;
	struct revocation_task *tasks;
	PGresult *result;
	size_t count;
	bool damaged = false;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, next);
	bind_number(&parameters, used);
	bind_number(&parameters, (int64_t)most);
	status = query_run(store, "revocation_claim", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	tasks = arena_alloc_many(arena, count + 1, sizeof(*tasks));
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, arena);

		tasks[i].hash = column_bytes(&columns);
		tasks[i].place = column_text(&columns);
		tasks[i].issuer = column_bytes(&columns);
		damaged = damaged || columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*tasks_out = tasks;
	*count_out = count;
	return STATUS_OK;
}

enum status
revocation_store(struct store *store, struct slice hash, struct slice list, int64_t now,
		 int64_t until, int64_t next)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_bytes(&parameters, list);
	bind_number(&parameters, now);
	bind_number(&parameters, until);
	bind_number(&parameters, next);
	return query_change_one(store, "revocation_store", &parameters, STATUS_NOT_FOUND);
}

enum status
revocation_fail(struct store *store, struct slice hash, const char *fault, int64_t next)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_text(&parameters, fault);
	bind_number(&parameters, next);
	return query_change_one(store, "revocation_fail", &parameters, STATUS_NOT_FOUND);
}

enum status
revocation_sweep(struct store *store, int64_t before, size_t most)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	bind_number(&parameters, (int64_t)most);
	return query_change(store, "revocation_sweep", &parameters, &rows);
}
