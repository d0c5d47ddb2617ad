#include "store/outbox.h"

#include "base/text.h"
#include "store/rows.h"

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

/* The columns that every reading of a row begins with. */
static struct outbox_row
read_columns(struct columns *from)
{
	struct outbox_row row = {0};

	column_id(from, &row.id);
	row.kind = (enum outbox_kind)column_number(from);
	column_id(from, &row.message_id);
	row.has_delivery = column_id(from, &row.delivery_id);
	column_id(from, &row.sign_in_id);
	row.generation = (uint32_t)column_number(from);
	row.created_at = column_number(from);
	row.next_at = column_number(from);
	row.tries = (int)column_number(from);
	return row;
}

static enum status
read_row(const PGresult *result, size_t at, struct arena *arena, struct outbox_row *row_out)
{
	struct columns columns = columns_of(result, at, arena);
	struct outbox_row row = read_columns(&columns);

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

/* Lock the row; with `message_out` its message is read as well. */
static enum status
lock(struct store *store, const struct id *id, struct arena *arena, struct message_row *message_out)
{
	for (int turn = 0; turn < QUERY_TURNS; turn++) {
		enum status status =
		    message_out == NULL
			? find_row(store, "outbox_lock", id)
			: message_read_by(store, "outbox_lock_message", id, arena, message_out);

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
outbox_lock(struct store *store, const struct id *id)
{
	return lock(store, id, NULL, NULL);
}

enum status
outbox_lock_message(struct store *store, const struct id *id, struct arena *arena,
		    struct message_row *message_out)
{
	return lock(store, id, arena, message_out);
}

enum status
outbox_set_whole(struct store *store, const struct id *id, const struct id *message,
		 const struct id *delivery, const struct delivery_answer *answer)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_id(&parameters, message);
	bind_id(&parameters, delivery);
	bind_text(&parameters, answer->status);
	bind_bytes_or_null(&parameters, answer->reply);
	bind_bytes_or_null(&parameters, answer->host);
	bind_number(&parameters, answer->at);
	return query_change_one(store, "outbox_set_whole", &parameters, STATUS_BUSY);
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

#define STATE_HELD 4

static enum status
read_line(const PGresult *result, size_t at, struct arena *arena, struct outbox_line *line_out)
{
	struct columns columns = columns_of(result, at, arena);
	struct outbox_line line = {.row = read_columns(&columns)};

	line.held = column_number(&columns) == STATE_HELD;
	line.waits = column_number(&columns) != 0;
	line.sender = column_bytes(&columns);
	line.sender_index = column_bytes(&columns);
	line.size = (uint64_t)column_number(&columns);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*line_out = line;
	return STATUS_OK;
}

enum status
outbox_list(struct store *store, int64_t created_at, const struct id *id, size_t most,
	    struct arena *arena, struct outbox_line **lines_out, size_t *count_out)
{
	struct parameters parameters;
	struct outbox_line *lines;
	PGresult *result;
	enum status status;
	size_t count;

	bind_none(&parameters);
	bind_number(&parameters, created_at);
	bind_id(&parameters, id);
	bind_number(&parameters, (int64_t)most);
	status = query_run(store, "outbox_list", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	lines = arena_alloc_many(arena, count + 1, sizeof(*lines));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = read_line(result, i, arena, &lines[i]);
	PQclear(result);
	if (status != STATUS_OK)
		return status;
	*lines_out = lines;
	*count_out = count;
	return STATUS_OK;
}

enum status
outbox_read(struct store *store, const struct id *id, struct arena *arena,
	    struct outbox_line *line_out)
{
	struct parameters parameters;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_run(store, "outbox_read", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	status = PQntuples(result) > 0 ? read_line(result, 0, arena, line_out) : STATUS_NOT_FOUND;
	PQclear(result);
	return status;
}

enum status
outbox_do(struct store *store, const struct id *id, enum outbox_deed deed, int64_t now)
{
	static const char *const statements[] = {
	    [OUTBOX_RETRY] = "outbox_retry",
	    [OUTBOX_HOLD] = "outbox_hold",
	    [OUTBOX_RELEASE] = "outbox_release",
	    [OUTBOX_DELETE] = "outbox_delete",
	};
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	if (deed == OUTBOX_RETRY || deed == OUTBOX_RELEASE)
		bind_number(&parameters, now);
	return query_change_one(store, statements[deed], &parameters, STATUS_CONFLICT);
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
