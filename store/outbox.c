#include "store/outbox.h"

#include "base/text.h"
#include "store/rows.h"

bool
outbox_is_of_message(enum outbox_kind kind)
{
	return kind != OUTBOX_SIGN_IN && kind != OUTBOX_ACCOUNT && kind != OUTBOX_GIVE_UP &&
	       kind != OUTBOX_FACTORS_LOST;
}

enum status
outbox_insert(struct store *store, const struct outbox_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_number(&parameters, row->kind);
	bind_id(&parameters, outbox_is_of_message(row->kind) ? &row->message_id : NULL);
	bind_id(&parameters, row->has_delivery ? &row->delivery_id : NULL);
	bind_id(&parameters, row->has_code ? &row->code_id : NULL);
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
	row.has_code = column_id(from, &row.code_id);
	row.generation = (uint32_t)column_number(from);
	row.created_at = column_number(from);
	row.next_at = column_number(from);
	row.tries = (int)column_number(from);
	return row;
}

static void
read_row(struct columns *columns, void *element)
{
	struct outbox_row *row = element;

	*row = read_columns(columns);
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
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, until);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	bind_text(&parameters, write_lanes(busy, busy_count, arena));
	status = query_many(store, "outbox_claim", &parameters, arena, read_row,
			    sizeof(struct outbox_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
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

static void
read_line(struct columns *columns, void *element)
{
	struct outbox_line *line = element;

	line->row = read_columns(columns);
	line->held = column_number(columns) == STATE_HELD;
	line->waits = column_number(columns) != 0;
	line->sender = column_bytes(columns);
	line->sender_index = column_bytes(columns);
	line->size = (uint64_t)column_number(columns);
}

enum status
outbox_list(struct store *store, int64_t created_at, const struct id *id, size_t most,
	    struct arena *arena, struct outbox_line **lines_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, created_at);
	bind_id(&parameters, id);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "outbox_list", &parameters, arena, read_line,
			    sizeof(struct outbox_line), &rows);
	if (status != STATUS_OK)
		return status;
	*lines_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
outbox_read(struct store *store, const struct id *id, struct arena *arena,
	    struct outbox_line *line_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "outbox_read", &parameters, arena, read_line, sizeof(*line_out),
			 line_out);
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
