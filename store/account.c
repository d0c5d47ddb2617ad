#include "store/account.h"

#include "store/query.h"

static enum status
sweep(struct store *store, const char *statement, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, statement, &parameters, &rows);
}

enum status
account_factor_drop_begun(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "account_factor_drop_begun", owner_index);
}

enum status
account_factor_begin(struct store *store, struct slice owner_index,
		     const struct account_factor_row *row)
{
	struct parameters parameters;
	enum status status = account_factor_drop_begun(store, owner_index);

	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, row->kind);
	bind_bytes(&parameters, row->secret);
	bind_number(&parameters, row->created_at);
	return query_change_one(store, "account_factor_insert", &parameters, STATUS_INTERNAL);
}

static void
read_factor(struct columns *columns, void *element)
{
	struct account_factor_row *row = element;

	column_id(columns, &row->id);
	row->kind = (enum account_factor_kind)column_number(columns);
	row->secret = column_bytes(columns);
	row->last_step = (uint64_t)column_number(columns);
	row->confirmed = column_flag(columns);
	row->created_at = column_number(columns);
	row->used_at = column_number(columns);
}

enum status
account_factor_list(struct store *store, struct slice owner_index, struct arena *arena,
		    struct account_factor_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	status = query_many(store, "account_factor_list", &parameters, arena, read_factor,
			    sizeof(struct account_factor_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
account_factor_use(struct store *store, const struct id *id, uint64_t step, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, (int64_t)step);
	bind_number(&parameters, now);
	return query_change_one(store, "account_factor_use", &parameters, STATUS_CONFLICT);
}

enum status
account_factor_drop(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "account_factor_drop", owner_index);
}

enum status
account_factor_delete(struct store *store, const struct id *id, struct slice owner_index)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, owner_index);
	return query_change_one(store, "account_factor_delete", &parameters, STATUS_NOT_FOUND);
}

enum status
recovery_code_set(struct store *store, struct slice owner_index, const struct slice *hashes,
		  size_t count, int64_t now)
{
	enum status status = query_change_bytes(store, "recovery_code_drop", owner_index);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct parameters parameters;

		bind_none(&parameters);
		bind_bytes(&parameters, owner_index);
		bind_bytes(&parameters, hashes[i]);
		bind_number(&parameters, now);
		status =
		    query_change_one(store, "recovery_code_insert", &parameters, STATUS_INTERNAL);
	}
	return status;
}

enum status
recovery_code_use(struct store *store, struct slice owner_index, struct slice hash)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, hash);
	return query_change_one(store, "recovery_code_use", &parameters, STATUS_NOT_FOUND);
}

static void
read_count(struct columns *columns, void *element)
{
	size_t *count = element;

	*count = (size_t)column_number(columns);
}

enum status
recovery_code_count(struct store *store, struct slice owner_index, size_t *count_out)
{
	struct arena *arena = arena_new();
	struct parameters parameters;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	status = query_one(store, "recovery_code_count", &parameters, arena, read_count,
			   sizeof(*count_out), count_out);
	arena_free(arena);
	return status;
}

enum status
account_event_insert(struct store *store, const struct account_event_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_number(&parameters, row->what);
	bind_bytes(&parameters, row->address);
	bind_number(&parameters, row->created_at);
	bind_bytes(&parameters, row->owner_index);
	bind_bytes_or_null(&parameters, row->detail);
	bind_number_or_null(&parameters, row->until);
	return query_change_one(store, "account_event_insert", &parameters, STATUS_INTERNAL);
}

static void
read_event(struct columns *columns, void *element)
{
	struct account_event_row *row = element;

	column_id(columns, &row->id);
	row->what = (enum account_event)column_number(columns);
	row->address = column_bytes(columns);
	row->detail = column_bytes(columns);
	row->until = column_number(columns);
	row->created_at = column_number(columns);
}

enum status
account_event_read(struct store *store, const struct id *id, struct arena *arena,
		   struct account_event_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "account_event_read", &parameters, arena, read_event,
			 sizeof(*row_out), row_out);
}

enum status
account_event_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
		   struct account_event_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "account_event_list", &parameters, arena, read_event,
			    sizeof(struct account_event_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
account_event_forget(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "account_event_forget", owner_index);
}

enum status
account_sweep(struct store *store, int64_t begun_before, int64_t events_before)
{
	enum status status = sweep(store, "account_factor_sweep", begun_before);

	return status == STATUS_OK ? sweep(store, "account_event_sweep", events_before) : status;
}
