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

static void
read_authority(struct columns *columns, void *element)
{
	struct authority_row *row = element;

	column_id(columns, &row->id);
	row->print = column_bytes(columns);
	row->certificate = column_bytes(columns);
	row->root = column_flag(columns);
	row->added_at = column_number(columns);
}

enum status
authority_list(struct store *store, size_t most, struct arena *arena,
	       struct authority_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "authority_list", &parameters, arena, read_authority,
			    sizeof(struct authority_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

static void
read_number(struct columns *columns, void *element)
{
	int64_t *number = element;

	*number = column_number(columns);
}

enum status
authority_version(struct store *store, int64_t *version_out)
{
	struct parameters parameters;
	struct arena *arena = arena_new();
	enum status status;

	bind_none(&parameters);
	status = query_one(store, "authority_version", &parameters, arena, read_number,
			   sizeof(*version_out), version_out);
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

static void
read_revocation(struct columns *columns, void *element)
{
	struct revocation_row *row = element;

	row->place = column_text(columns);
	row->list = column_bytes(columns);
	row->fetched_at = column_number(columns);
	row->until = column_number(columns);
	row->tried_at = column_number(columns);
	row->fault = column_text(columns);
}

enum status
revocation_read(struct store *store, struct slice hash, struct arena *arena,
		struct revocation_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	return query_one(store, "revocation_read", &parameters, arena, read_revocation,
			 sizeof(*row_out), row_out);
}

static void
read_task(struct columns *columns, void *element)
{
	struct revocation_task *task = element;

	task->hash = column_bytes(columns);
	task->place = column_text(columns);
	task->issuer = column_bytes(columns);
}

enum status
revocation_claim(struct store *store, int64_t now, int64_t next, int64_t used, size_t most,
		 struct arena *arena, struct revocation_task **tasks_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, next);
	bind_number(&parameters, used);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "revocation_claim", &parameters, arena, read_task,
			    sizeof(struct revocation_task), &rows);
	if (status != STATUS_OK)
		return status;
	*tasks_out = rows.list;
	*count_out = rows.count;
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
revocation_fail(struct store *store, struct slice hash, const char *fault, int64_t now,
		int64_t next)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, hash);
	bind_text(&parameters, fault);
	bind_number(&parameters, now);
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
