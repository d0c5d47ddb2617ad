#include "store/writing.h"

#include "store/query.h"

static enum status
change_of(struct store *store, const char *statement, const struct id *delivery)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	return query_change(store, statement, &parameters, &rows);
}

enum status
writing_put_draft(struct store *store, const struct writing_row *row)
{
	struct parameters parameters;
	enum status status = writing_drop_draft(store, &row->delivery_id);

	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, &row->delivery_id);
	bind_number(&parameters, WRITING_DRAFT);
	bind_bytes(&parameters, row->key_wrap);
	bind_bytes(&parameters, row->sealed);
	bind_number(&parameters, row->written_at);
	return query_change_one(store, "writing_insert", &parameters, STATUS_INTERNAL);
}

static void
read_row(struct columns *columns, void *element)
{
	struct writing_row *row = element;

	column_id(columns, &row->id);
	column_id(columns, &row->delivery_id);
	row->key_wrap = column_bytes(columns);
	row->sealed = column_bytes(columns);
	row->written_at = column_number(columns);
}

enum status
writing_draft(struct store *store, const struct id *delivery, struct arena *arena,
	      struct writing_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	return query_one(store, "writing_draft", &parameters, arena, read_row, sizeof(*row_out),
			 row_out);
}

enum status
writing_drop_draft(struct store *store, const struct id *delivery)
{
	return change_of(store, "writing_drop_draft", delivery);
}

enum status
writing_sent(struct store *store, const struct id *delivery, size_t most, struct arena *arena,
	     struct writing_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "writing_sent", &parameters, arena, read_row,
			    sizeof(struct writing_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
writing_end_bundle(struct store *store, const struct id *bundle, uint32_t number,
		   struct slice sealed, int64_t now)
{
	struct parameters parameters;
	enum status status = STATUS_OK;

	if (number == 0) {
		bind_none(&parameters);
		bind_id(&parameters, bundle);
		bind_number(&parameters, now);
		status = query_change_one(store, "intake_upload", &parameters, STATUS_INTERNAL);
	}
	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_id(&parameters, bundle);
	bind_number(&parameters, number);
	bind_bytes(&parameters, sealed);
	return query_change_one(store, "intake_chunk", &parameters, STATUS_INTERNAL);
}

enum status
writing_add_file(struct store *store, const struct id *delivery, const struct draft_file_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, delivery);
	bind_id(&parameters, &row->bundle_id);
	bind_number(&parameters, (int64_t)row->bundle_size);
	bind_number(&parameters, row->chunk_count);
	bind_bytes(&parameters, row->key_wrap);
	bind_number(&parameters, (int64_t)row->size);
	bind_bytes(&parameters, row->sealed);
	return query_change_one(store, "writing_add_file", &parameters, STATUS_INTERNAL);
}

static void
read_file(struct columns *columns, void *element)
{
	struct draft_file_row *row = element;

	column_id(columns, &row->id);
	column_id(columns, &row->bundle_id);
	row->bundle_size = (uint64_t)column_number(columns);
	row->chunk_count = (uint32_t)column_number(columns);
	row->key_wrap = column_bytes(columns);
	row->size = (uint64_t)column_number(columns);
	row->sealed = column_bytes(columns);
}

enum status
writing_files(struct store *store, const struct id *delivery, struct arena *arena,
	      struct draft_file_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	status = query_many(store, "writing_files", &parameters, arena, read_file,
			    sizeof(struct draft_file_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
writing_files_total(struct store *store, const struct id *delivery, size_t *count_out,
		    uint64_t *size_out)
{
	struct parameters parameters;
	struct columns columns;
	PGresult *result;
	size_t count;
	uint64_t size;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	status = query_row(store, "writing_files_total", &parameters, NULL, &result, &columns);
	if (status != STATUS_OK)
		return status;
	count = (size_t)column_number(&columns);
	size = (uint64_t)column_number(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*count_out = count;
	*size_out = size;
	return STATUS_OK;
}

enum status
writing_drop_file(struct store *store, const struct id *delivery, const struct id *file)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_id(&parameters, file);
	return query_change_one(store, "writing_drop_file", &parameters, STATUS_NOT_FOUND);
}

enum status
writing_forget(struct store *store, const struct id *delivery)
{
	return change_of(store, "writing_forget", delivery);
}
