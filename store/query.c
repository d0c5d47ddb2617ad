#include "store/query.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/connection.h"
#include "store/sql.h"

/* Built-in types of PostgreSQL; their numbers never change (catalog/pg_type.dat). */
enum { TYPE_BOOL = 16, TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25, TYPE_UUID = 2950 };

static void
bind(struct parameters *parameters, Oid type, const void *value, size_t length)
{
	size_t at = parameters->count++;

	if (at >= PARAMETERS_MAX || length > INT32_MAX)
		abort();
	parameters->types[at] = type;
	parameters->values[at] = value;
	parameters->lengths[at] = (int)length;
	parameters->formats[at] = 1;
}

void
bind_none(struct parameters *parameters)
{
	parameters->count = 0;
}

void
bind_id(struct parameters *parameters, const struct id *id)
{
	bind(parameters, TYPE_UUID, id ? id->bytes : NULL, ID_SIZE);
}

void
bind_number(struct parameters *parameters, int64_t number)
{
	uint64_t bits = (uint64_t)number;
	unsigned char *bytes;

	if (parameters->count >= PARAMETERS_MAX)
		abort();
	bytes = parameters->numbers[parameters->count];
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(bits >> (56 - 8 * i));
	bind(parameters, TYPE_INT8, bytes, 8);
}

void
bind_number_or_null(struct parameters *parameters, int64_t number)
{
	if (number == 0)
		bind(parameters, TYPE_INT8, NULL, 0);
	else
		bind_number(parameters, number);
}

void
bind_flag(struct parameters *parameters, bool flag)
{
	bind(parameters, TYPE_BOOL, flag ? "\1" : "\0", 1);
}

void
bind_bytes(struct parameters *parameters, struct slice bytes)
{
	/* libpq takes a NULL pointer for null. */
	bind(parameters, TYPE_BYTEA, bytes.size ? (const void *)bytes.data : "", bytes.size);
}

void
bind_bytes_or_null(struct parameters *parameters, struct slice bytes)
{
	bind(parameters, TYPE_BYTEA, bytes.size ? bytes.data : NULL, bytes.size);
}

void
bind_text(struct parameters *parameters, const char *text)
{
	bind(parameters, TYPE_TEXT, text, text ? strlen(text) : 0);
}

enum status
query_run(struct store *store, const char *statement, const struct parameters *parameters,
	  PGresult **result_out)
{
	size_t number = store_statement(statement);
	enum status status = store_ready(store);
	PGresult *result;

	if (status == STATUS_OK)
		status = store_prepare(store, number, parameters);
	if (status != STATUS_OK)
		return status;
	if (!PQsendQueryPrepared(store->handle, statement, (int)parameters->count,
				 parameters->values, parameters->lengths, parameters->formats, 1))
		store_drop(store);
	result = store_result(store);
	status = store_check(store, result, statement);
	if (status != STATUS_OK) {
		PQclear(result);
		return status;
	}
	*result_out = result;
	return STATUS_OK;
}

enum status
query_change(struct store *store, const char *statement, const struct parameters *parameters,
	     size_t *rows_out)
{
	PGresult *result;
	enum status status = query_run(store, statement, parameters, &result);

	if (status != STATUS_OK)
		return status;
	*rows_out = strtoul(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return STATUS_OK;
}

enum status
query_change_one(struct store *store, const char *statement, const struct parameters *parameters,
		 enum status otherwise)
{
	size_t rows;
	enum status status = query_change(store, statement, parameters, &rows);

	return status != STATUS_OK ? status : rows == 1 ? STATUS_OK : otherwise;
}

static void
read_id(struct columns *columns, void *element)
{
	column_id(columns, element);
}

enum status
query_ids(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, struct id **ids_out, size_t *count_out)
{
	struct query_rows rows;
	enum status status =
	    query_many(store, statement, parameters, arena, read_id, sizeof(struct id), &rows);

	if (status != STATUS_OK)
		return status;
	*ids_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

struct columns
columns_of(const PGresult *result, size_t row, struct arena *arena)
{
	return (struct columns){.result = result, .row = (int)row, .arena = arena};
}

/* The next column; false when it is null. */
static bool
column_next(struct columns *columns, struct slice *bytes_out)
{
	int at = columns->next++;

	if (at >= PQnfields(columns->result)) {
		columns->damaged = true;
		return false;
	}
	if (PQgetisnull(columns->result, columns->row, at))
		return false;
	*bytes_out = slice_of(PQgetvalue(columns->result, columns->row, at),
			      (size_t)PQgetlength(columns->result, columns->row, at));
	return true;
}

enum status
query_row(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, PGresult **result_out, struct columns *columns_out)
{
	PGresult *result;
	enum status status = query_run(store, statement, parameters, &result);

	if (status != STATUS_OK)
		return status;
	if (PQntuples(result) == 0) {
		PQclear(result);
		return STATUS_NOT_FOUND;
	}
	*result_out = result;
	*columns_out = columns_of(result, 0, arena);
	return STATUS_OK;
}

enum status
query_change_id(struct store *store, const char *statement, const struct id *id)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change(store, statement, &parameters, &rows);
}

enum status
query_change_bytes(struct store *store, const char *statement, struct slice bytes)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, bytes);
	return query_change(store, statement, &parameters, &rows);
}

enum status
query_one(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, query_read *read, size_t size, void *element_out)
{
	struct columns columns;
	PGresult *result;
	enum status status = query_row(store, statement, parameters, arena, &result, &columns);

	if (status != STATUS_OK)
		return status;
	memset(element_out, 0, size);
	read(&columns, element_out);
	PQclear(result);
	return columns.damaged ? STATUS_INTERNAL : STATUS_OK;
}

enum status
query_many(struct store *store, const char *statement, const struct parameters *parameters,
	   struct arena *arena, query_read *read, size_t size, struct query_rows *rows_out)
{
	bool damaged = false;
	unsigned char *list;
	PGresult *result;
	size_t count;
	enum status status = query_run(store, statement, parameters, &result);

	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	list = arena_alloc_many(arena, count + 1, size);
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, arena);

		read(&columns, list + i * size);
		damaged = damaged || columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*rows_out = (struct query_rows){list, count};
	return STATUS_OK;
}

int64_t
column_number(struct columns *columns)
{
	struct slice bytes;
	uint64_t bits;

	if (!column_next(columns, &bytes))
		return 0;
	if (bytes.size != 2 && bytes.size != 4 && bytes.size != 8) {
		columns->damaged = true;
		return 0;
	}
	bits = bytes.data[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < bytes.size; i++)
		bits = bits << 8 | bytes.data[i];
	return (int64_t)bits;
}

bool
column_flag(struct columns *columns)
{
	struct slice bytes;

	if (!column_next(columns, &bytes))
		return false;
	columns->damaged |= bytes.size != 1;
	return bytes.size == 1 && bytes.data[0] != 0;
}

bool
column_id(struct columns *columns, struct id *id_out)
{
	struct slice bytes;

	memset(id_out, 0, sizeof(*id_out));
	if (!column_next(columns, &bytes))
		return false;
	if (bytes.size != ID_SIZE) {
		columns->damaged = true;
		return false;
	}
	memcpy(id_out->bytes, bytes.data, ID_SIZE);
	return true;
}

struct slice
column_bytes(struct columns *columns)
{
	struct slice bytes;

	if (!column_next(columns, &bytes) || bytes.size == 0)
		return (struct slice){0};
	return arena_copy(columns->arena, bytes);
}

const char *
column_text(struct columns *columns)
{
	struct slice bytes;

	if (!column_next(columns, &bytes))
		return NULL;
	return arena_text_from(columns->arena, bytes);
}

void
query_pause(void)
{
	const struct timespec moment = {.tv_nsec = 5000000};

	nanosleep(&moment, NULL);
}
