#include "store/outbox.h"

#include "base/text.h"
#include "store/query.h"

enum status
outbox_insert(struct store *store, const struct outbox_row *row)
{
	struct parameters parameters;
	bool of_message = row->kind != OUTBOX_SIGN_IN;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_number(&parameters, row->kind);
	bind_id(&parameters, of_message ? &row->message_id : NULL);
	bind_id(&parameters, row->has_delivery ? &row->delivery_id : NULL);
	bind_id(&parameters, of_message ? NULL : &row->sign_in_id);
	bind_number(&parameters, row->generation);
	bind_number(&parameters, row->created_at);
	bind_number(&parameters, row->next_at);
	bind_number(&parameters, row->tries);
	return query_change_one(store, "outbox_insert", &parameters, STATUS_CONFLICT);
}

static enum status
read_row(const PGresult *result, size_t at, struct arena *arena, struct outbox_row *row_out)
{
	struct columns columns = columns_of(result, at, arena);
	struct outbox_row row = {0};

	column_id(&columns, &row.id);
	row.kind = (enum outbox_kind)column_number(&columns);
	column_id(&columns, &row.message_id);
	row.has_delivery = column_id(&columns, &row.delivery_id);
	column_id(&columns, &row.sign_in_id);
	row.generation = (uint32_t)column_number(&columns);
	row.created_at = column_number(&columns);
	row.next_at = column_number(&columns);
	row.tries = (int)column_number(&columns);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

/* An array as PostgreSQL reads it. */
static const char *
write_lanes(const int64_t *lanes, size_t count, struct arena *arena)
{
	struct text *text = arena_alloc(arena, sizeof(*text));

	text_init_in(text, arena, count * 24 + 8);
	text_append_byte(text, '{');
	for (size_t i = 0; i < count; i++)
		text_printf(text, "%s%lld", i == 0 ? "" : ",", (long long)lanes[i]);
	text_append_byte(text, '}');
	return text_string(text);
}

enum status
outbox_claim(struct store *store, int64_t now, int64_t until, size_t most, const int64_t *busy,
	     size_t busy_count, struct arena *arena, struct outbox_row **rows_out,
	     size_t *count_out)
{
	struct parameters parameters;
	struct outbox_row *rows;
	PGresult *result;
	enum status status;
	size_t count;

	bind_none(&parameters);
	bind_number(&parameters, until);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	bind_text(&parameters, write_lanes(busy, busy_count, arena));
	status = query_run(store, "outbox_claim", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	rows = arena_alloc_many(arena, count ? count : 1, sizeof(*rows));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = read_row(result, i, arena, &rows[i]);
	PQclear(result);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows;
	*count_out = count;
	return STATUS_OK;
}

/* STATUS_OK when the statement finds a row, STATUS_NOT_FOUND when not. */
static enum status
find_row(struct store *store, const char *statement, const struct id *id)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_run(store, statement, &parameters, &result);
	if (status != STATUS_OK)
		return status;
	status = PQntuples(result) ? STATUS_OK : STATUS_NOT_FOUND;
	PQclear(result);
	return status;
}

enum status
outbox_lock(struct store *store, const struct id *id)
{
	for (int turn = 0; turn < QUERY_TURNS; turn++) {
		enum status status = find_row(store, "outbox_lock", id);

		if (status != STATUS_NOT_FOUND)
			return status;
		status = find_row(store, "outbox_queued", id);
		if (status != STATUS_OK)
			return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
		query_pause();
	}
	return STATUS_BUSY;
}

enum status
outbox_set_sent(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "outbox_set_sent", &parameters, STATUS_CONFLICT);
}

enum status
outbox_set_failed(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "outbox_set_failed", &parameters, STATUS_CONFLICT);
}

enum status
outbox_set_later(struct store *store, const struct id *id, int64_t next_at)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, next_at);
	return query_change_one(store, "outbox_set_later", &parameters, STATUS_CONFLICT);
}

enum status
outbox_set_waiting(struct store *store, const struct id *id, int64_t next_at, int64_t lane)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, next_at);
	bind_number(&parameters, lane);
	return query_change_one(store, "outbox_set_waiting", &parameters, STATUS_CONFLICT);
}

enum status
outbox_check_done(struct store *store, const struct id *message)
{
	enum status status = find_row(store, "outbox_queued_of_message", message);

	if (status == STATUS_OK)
		return STATUS_BUSY;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
outbox_next_due(struct store *store, int64_t *due_out)
{
	struct parameters none;
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&none);
	status = query_run(store, "outbox_next_due", &none, &result);
	if (status != STATUS_OK)
		return status;
	columns = columns_of(result, 0, NULL);
	*due_out = PQgetisnull(result, 0, 0) ? INT64_MAX : column_number(&columns);
	PQclear(result);
	return STATUS_OK;
}
