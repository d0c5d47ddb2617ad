#include "store/mailbox.h"

#include "store/query.h"

static void
bind_lock(struct parameters *parameters, const struct mailbox_row *row)
{
	bind_id(parameters, &row->lock_id);
	bind_bytes(parameters, row->salt);
	bind_number(parameters, row->ops);
	bind_number(parameters, row->memory_kib);
	bind_number(parameters, row->rule);
}

static void
read_mailbox(struct columns *columns, void *element)
{
	struct mailbox_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->public = column_bytes(columns);
	row->private_wrap = column_bytes(columns);
	column_id(columns, &row->lock_id);
	row->salt = column_bytes(columns);
	row->ops = (uint32_t)column_number(columns);
	row->memory_kib = (uint32_t)column_number(columns);
	row->rule = (int)column_number(columns);
	row->created_at = column_number(columns);
	row->changed_at = column_number(columns);
}

enum status
mailbox_insert(struct store *store, const struct mailbox_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->address_index);
	bind_bytes(&parameters, row->public);
	bind_bytes(&parameters, row->private_wrap);
	bind_lock(&parameters, row);
	bind_number(&parameters, row->created_at);
	bind_text(&parameters, row->language == NULL ? "" : row->language);
	return query_change_one(store, "mailbox_insert", &parameters, STATUS_CONFLICT);
}

enum status
mailbox_read(struct store *store, const struct id *id, struct arena *arena,
	     struct mailbox_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "mailbox_read", &parameters, arena, read_mailbox, sizeof(*row_out),
			 row_out);
}

enum status
mailbox_find(struct store *store, struct slice address_index, struct arena *arena,
	     struct mailbox_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	return query_one(store, "mailbox_find", &parameters, arena, read_mailbox, sizeof(*row_out),
			 row_out);
}

enum status
mailbox_of_delivery(struct store *store, const struct id *delivery, struct arena *arena,
		    struct mailbox_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	return query_one(store, "mailbox_of_delivery", &parameters, arena, read_mailbox,
			 sizeof(*row_out), row_out);
}

enum status
mailbox_set_lock(struct store *store, const struct id *old, const struct mailbox_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_id(&parameters, old);
	bind_bytes(&parameters, row->private_wrap);
	bind_lock(&parameters, row);
	bind_number(&parameters, row->changed_at);
	bind_text(&parameters, row->language == NULL ? "" : row->language);
	return query_change_one(store, "mailbox_set_lock", &parameters, STATUS_CONFLICT);
}

static void
read_language(struct columns *columns, void *element)
{
	const char **language = element;

	*language = column_text(columns);
}

enum status
mailbox_language(struct store *store, struct slice address_index, struct arena *arena,
		 const char **language_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	return query_one(store, "mailbox_language", &parameters, arena, read_language,
			 sizeof(*language_out), language_out);
}

enum status
mailbox_enter(struct store *store, const struct id *id, const struct id *lock)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_id(&parameters, lock);
	return query_change_one(store, "mailbox_enter", &parameters, STATUS_NOT_FOUND);
}

enum status
mailbox_lock(struct store *store, const struct id *id)
{
	struct parameters parameters;
	struct id *ids;
	size_t count;
	struct arena *arena = arena_new();
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, id);
	status = query_ids(store, "mailbox_lock", &parameters, arena, &ids, &count);
	arena_free(arena);
	return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status
mailbox_set_entered(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "mailbox_set_entered", &parameters, STATUS_NOT_FOUND);
}

enum status
mailbox_delete(struct store *store, const struct id *id)
{
	return query_change_id(store, "mailbox_delete", id);
}

static void
read_usage(struct columns *columns, void *element)
{
	struct mailbox_usage *usage = element;

	usage->messages = column_number(columns);
	usage->bytes = column_number(columns);
}

enum status
mailbox_usage(struct store *store, const struct id *id, struct mailbox_usage *usage_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "mailbox_usage", &parameters, NULL, read_usage, sizeof(*usage_out),
			 usage_out);
}

static void
read_overview(struct columns *columns, void *element)
{
	struct mailbox_overview_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->created_at = column_number(columns);
	row->changed_at = column_number(columns);
	row->entered_at = column_number(columns);
	read_usage(columns, &row->usage);
	row->sessions = column_number(columns);
}

enum status
mailbox_show(struct store *store, struct slice address_index, struct arena *arena,
	     struct mailbox_overview_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	return query_one(store, "mailbox_show", &parameters, arena, read_overview, sizeof(*row_out),
			 row_out);
}

enum status
mailbox_list_all(struct store *store, const struct id *behind, size_t most, struct arena *arena,
		 struct mailbox_overview_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, behind);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "mailbox_list_all", &parameters, arena, read_overview,
			    sizeof(struct mailbox_overview_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

/* --- what lies in it --- */

enum status
mailbox_message_insert(struct store *store, const struct mailbox_message_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->delivery_id);
	bind_id(&parameters, &row->mailbox_id);
	bind_bytes(&parameters, row->key_wrap);
	bind_bytes(&parameters, row->link_wrap);
	bind_number(&parameters, row->came_at);
	return query_change_one(store, "mailbox_message_insert", &parameters, STATUS_CONFLICT);
}

static void
read_wraps(struct columns *columns, void *element)
{
	struct mailbox_message_row *row = element;

	row->key_wrap = column_bytes(columns);
	row->link_wrap = column_bytes(columns);
}

enum status
mailbox_message_read(struct store *store, const struct id *delivery, const struct id *mailbox,
		     struct arena *arena, struct mailbox_message_row *row_out)
{
	struct parameters parameters;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_id(&parameters, mailbox);
	status = query_one(store, "mailbox_message_read", &parameters, arena, read_wraps,
			   sizeof(*row_out), row_out);
	if (status == STATUS_OK) {
		row_out->delivery_id = *delivery;
		row_out->mailbox_id = *mailbox;
	}
	return status;
}

enum status
mailbox_message_delete(struct store *store, const struct id *delivery)
{
	return query_change_id(store, "mailbox_message_delete", delivery);
}

enum status
mailbox_message_relink(struct store *store, const struct id *delivery, struct slice link_wrap)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, delivery);
	bind_bytes(&parameters, link_wrap);
	return query_change_one(store, "mailbox_message_relink", &parameters, STATUS_NOT_FOUND);
}

static void
read_line(struct columns *columns, void *element)
{
	struct mailbox_line_row *row = element;

	column_id(columns, &row->delivery_id);
	column_id(columns, &row->message_id);
	row->came_at = column_number(columns);
	row->opened_at = column_number(columns);
	row->replied_at = column_number(columns);
	row->expires_at = column_number(columns);
	row->size = column_number(columns);
	row->sender = column_bytes(columns);
	row->subject = column_bytes(columns);
	row->link_wrap = column_bytes(columns);
}

enum status
mailbox_list(struct store *store, const struct id *mailbox, const struct desk_place *behind,
	     unsigned which, size_t most, struct arena *arena, struct mailbox_line_row **rows_out,
	     size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_number(&parameters, behind->created_at);
	bind_id(&parameters, &behind->delivery_id);
	bind_number(&parameters, which);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "mailbox_list", &parameters, arena, read_line,
			    sizeof(struct mailbox_line_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

static void
read_person(struct columns *columns, void *element)
{
	struct mailbox_line_row *row = element;

	column_id(columns, &row->delivery_id);
	column_id(columns, &row->message_id);
	row->came_at = column_number(columns);
	row->sender = column_bytes(columns);
	row->link_wrap = column_bytes(columns);
}

enum status
mailbox_people(struct store *store, const struct id *mailbox, struct arena *arena,
	       struct mailbox_line_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	status = query_many(store, "mailbox_people", &parameters, arena, read_person,
			    sizeof(struct mailbox_line_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

static void
read_sent(struct columns *columns, void *element)
{
	struct mailbox_sent_row *row = element;

	column_id(columns, &row->writing.id);
	column_id(columns, &row->writing.delivery_id);
	row->writing.key_wrap = column_bytes(columns);
	row->writing.sealed = column_bytes(columns);
	row->writing.written_at = column_number(columns);
	row->delivery_key_wrap = column_bytes(columns);
	row->delivery_link_wrap = column_bytes(columns);
	row->expires_at = column_number(columns);
}

enum status
mailbox_sent(struct store *store, const struct id *mailbox, const struct id *from, size_t most,
	     struct arena *arena, struct mailbox_sent_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_id(&parameters, from);
	bind_number(&parameters, (int64_t)most);
	status = query_many(store, "mailbox_sent", &parameters, arena, read_sent,
			    sizeof(struct mailbox_sent_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
mailbox_sent_ids(struct store *store, const struct id *mailbox, size_t most, struct arena *arena,
		 struct id **ids_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, "mailbox_sent_ids", &parameters, arena, ids_out, count_out);
}

enum status
mailbox_deliveries(struct store *store, const struct id *mailbox, size_t most, struct arena *arena,
		   struct id **ids_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, "mailbox_deliveries", &parameters, arena, ids_out, count_out);
}

enum status
mailbox_piece(struct store *store, const struct id *mailbox, size_t from, size_t most,
	      struct arena *arena, struct id **ids_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, mailbox);
	bind_number(&parameters, (int64_t)from);
	bind_number(&parameters, (int64_t)most);
	return query_ids(store, "mailbox_piece", &parameters, arena, ids_out, count_out);
}

/* --- who is signed in --- */

enum status
mailbox_session_insert(struct store *store, struct slice token_hash,
		       const struct mailbox_session_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, token_hash);
	bind_id(&parameters, &row->mailbox_id);
	bind_bytes(&parameters, row->sealed);
	bind_flag(&parameters, row->owes);
	bind_number(&parameters, row->created_at);
	bind_bytes_or_null(&parameters, row->place);
	return query_change_one(store, "mailbox_session_insert", &parameters, STATUS_INTERNAL);
}

static void
read_session(struct columns *columns, void *element)
{
	struct mailbox_session_row *row = element;

	column_id(columns, &row->id);
	column_id(columns, &row->mailbox_id);
	row->sealed = column_bytes(columns);
	row->owes = column_flag(columns);
	row->tries = (int)column_number(columns);
	row->created_at = column_number(columns);
	row->seen_at = column_number(columns);
}

enum status
mailbox_session_find(struct store *store, struct slice token_hash, int64_t now, int64_t idle_since,
		     int64_t begun_since, struct arena *arena, struct mailbox_session_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, now);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	return query_one(store, "mailbox_session_find", &parameters, arena, read_session,
			 sizeof(*row_out), row_out);
}

enum status
mailbox_session_try(struct store *store, const struct id *id, int most)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, most);
	return query_change_one(store, "mailbox_session_try", &parameters, STATUS_BUSY);
}

enum status
mailbox_session_admit(struct store *store, struct slice token_hash,
		      const struct mailbox_session_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, token_hash);
	bind_bytes(&parameters, row->sealed);
	bind_number(&parameters, row->created_at);
	bind_bytes_or_null(&parameters, row->place);
	return query_change_one(store, "mailbox_session_admit", &parameters, STATUS_NOT_FOUND);
}

enum status
mailbox_session_renew(struct store *store, const struct id *id, struct slice token_hash,
		      struct slice sealed)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, token_hash);
	bind_bytes(&parameters, sealed);
	return query_change_one(store, "mailbox_session_renew", &parameters, STATUS_NOT_FOUND);
}

enum status
mailbox_session_delete(struct store *store, const struct id *id)
{
	return query_change_id(store, "mailbox_session_delete", id);
}

enum status
mailbox_session_delete_of(struct store *store, const struct id *mailbox)
{
	return query_change_id(store, "mailbox_session_delete_of", mailbox);
}

enum status
mailbox_session_sweep(struct store *store, int64_t idle_since, int64_t begun_since)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	return query_change(store, "mailbox_session_sweep", &parameters, &rows);
}
