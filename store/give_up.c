#include "store/give_up.h"

#include "store/query.h"

enum status
give_up_ask(struct store *store, struct slice link_hash, const struct give_up_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->owner_index);
	bind_bytes(&parameters, row->address);
	bind_text(&parameters, row->language);
	bind_bytes(&parameters, link_hash);
	bind_bytes(&parameters, row->link_wrap);
	bind_number(&parameters, row->asked_at);
	bind_number(&parameters, row->lapses_at);
	return query_change_one(store, "give_up_ask", &parameters, STATUS_CONFLICT);
}

enum status
give_up_lapse(struct store *store, struct slice owner_index, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, now);
	return query_change(store, "give_up_lapse", &parameters, &rows);
}

static void
read_row(struct columns *columns, void *element)
{
	struct give_up_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->owner_index = column_bytes(columns);
	row->has_mailbox = column_id(columns, &row->mailbox_id);
	row->language = column_text(columns);
	row->state = (enum give_up_state)column_number(columns);
	row->link_wrap = column_bytes(columns);
	row->begun_by = column_bytes(columns);
	row->ended_by = column_bytes(columns);
	row->asked_at = column_number(columns);
	row->begun_at = column_number(columns);
	row->ready_at = column_number(columns);
	row->lapses_at = column_number(columns);
	row->ended_at = column_number(columns);
}

static enum status
read_one(struct store *store, const char *statement, const struct parameters *parameters,
	 struct arena *arena, struct give_up_row *row_out)
{
	return query_one(store, statement, parameters, arena, read_row, sizeof(*row_out), row_out);
}

enum status
give_up_find_link(struct store *store, struct slice link_hash, struct arena *arena,
		  struct give_up_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, link_hash);
	return read_one(store, "give_up_find_link", &parameters, arena, row_out);
}

enum status
give_up_read(struct store *store, const struct id *id, struct arena *arena,
	     struct give_up_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return read_one(store, "give_up_read", &parameters, arena, row_out);
}

enum status
give_up_lock(struct store *store, const struct id *id, struct arena *arena,
	     struct give_up_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return read_one(store, "give_up_lock", &parameters, arena, row_out);
}

enum status
give_up_of_mailbox(struct store *store, const struct id *mailbox, int64_t now, struct arena *arena,
		   struct give_up_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_number(&parameters, now);
	return read_one(store, "give_up_of_mailbox", &parameters, arena, row_out);
}

enum status
give_up_of_owner(struct store *store, struct slice owner_index, int64_t now, struct arena *arena,
		 struct give_up_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, now);
	return read_one(store, "give_up_of_owner", &parameters, arena, row_out);
}

enum status
give_up_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	     struct give_up_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "give_up_list", &parameters, arena, read_row,
			    sizeof(struct give_up_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

static void
read_nothing(struct columns *columns, void *element)
{
	(void)columns;
	(void)element;
}

/* Whether the statement finds a row. */
static enum status
is_there(struct store *store, const char *statement, const struct parameters *parameters,
	 bool *there_out)
{
	char nothing;
	enum status status =
	    query_one(store, statement, parameters, NULL, read_nothing, sizeof(nothing), &nothing);

	*there_out = status == STATUS_OK;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
give_up_begin(struct store *store, const struct give_up_row *row)
{
	struct parameters parameters;
	bool begun = false;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, &row->mailbox_id);
	status = is_there(store, "give_up_is_begun", &parameters, &begun);
	if (status != STATUS_OK || begun)
		return begun ? STATUS_CONFLICT : status;
	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, &row->mailbox_id);
	bind_text(&parameters, row->language);
	bind_number(&parameters, row->begun_at);
	bind_number(&parameters, row->ready_at);
	return query_change_one(store, "give_up_begin", &parameters, STATUS_GONE);
}

enum status
give_up_insert(struct store *store, const struct give_up_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->owner_index);
	bind_bytes(&parameters, row->address);
	bind_id(&parameters, &row->mailbox_id);
	bind_text(&parameters, row->language);
	bind_bytes(&parameters, row->begun_by);
	bind_number(&parameters, row->begun_at);
	bind_number(&parameters, row->ready_at);
	bind_number(&parameters, row->lapses_at);
	return query_change_one(store, "give_up_insert", &parameters, STATUS_CONFLICT);
}

enum status
give_up_confirm(struct store *store, const struct id *id, struct slice ended_by)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, ended_by);
	return query_change_one(store, "give_up_confirm", &parameters, STATUS_CONFLICT);
}

static enum status
end(struct store *store, const char *statement, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, statement, &parameters, STATUS_CONFLICT);
}

enum status
give_up_stop(struct store *store, const struct id *id, int64_t now)
{
	return end(store, "give_up_stop", id, now);
}

enum status
give_up_done(struct store *store, const struct id *id, int64_t now)
{
	return end(store, "give_up_done", id, now);
}

enum status
give_up_mailed(struct store *store, const struct id *id)
{
	return query_change_id(store, "give_up_mailed", id);
}

enum status
give_up_due(struct store *store, int64_t now, size_t most, struct arena *arena, struct id **ids_out,
	    size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, "give_up_due", &parameters, arena, ids_out, count_out);
}

enum status
give_up_dooms(struct store *store, const struct id *delivery, int64_t now, bool *doomed_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_number(&parameters, now);
	return is_there(store, "give_up_dooms", &parameters, doomed_out);
}

enum status
give_up_forget(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "give_up_forget", owner_index);
}

enum status
give_up_sweep(struct store *store, int64_t now, int64_t ended_before)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	status = query_change(store, "give_up_sweep_lapsed", &parameters, &rows);
	bind_none(&parameters);
	if (status == STATUS_OK)
		status = query_change(store, "give_up_sweep_done", &parameters, &rows);
	if (status != STATUS_OK)
		return status;
	bind_number(&parameters, ended_before);
	return query_change(store, "give_up_sweep", &parameters, &rows);
}
