#include "store/template.h"

#include "store/query.h"

bool
template_is_settled(const struct template_row *row)
{
	return row->has_lock || delivery_pdf_is_generated(row->pdf);
}

enum status
template_save(struct store *store, const struct template_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, row->owner);
	bind_bytes(&parameters, row->owner_index);
	bind_bytes(&parameters, row->recipient);
	bind_bytes(&parameters, row->recipient_index);
	bind_id(&parameters, row->has_lock ? &row->lock_id : NULL);
	bind_bytes_or_null(&parameters, row->clue);
	bind_flag(&parameters, row->forgiving);
	bind_number(&parameters, row->lifetime_days);
	bind_number(&parameters, row->wishes);
	bind_number(&parameters, row->remind_days);
	bind_number(&parameters, row->way);
	bind_flag(&parameters, row->link_mail);
	bind_text(&parameters, row->language);
	bind_number(&parameters, row->factor);
	bind_number(&parameters, row->created_at);
	bind_bytes_or_null(&parameters, row->phone);
	bind_number(&parameters, row->mailbox);
	bind_number(&parameters, row->pdf);
	bind_bytes_or_null(&parameters, row->pdf_password);
	return query_change_one(store, "template_save", &parameters, STATUS_INTERNAL);
}

static void
read_row(struct columns *columns, void *element)
{
	struct template_row *row = element;

	column_id(columns, &row->id);
	row->owner = column_bytes(columns);
	row->owner_index = column_bytes(columns);
	row->recipient = column_bytes(columns);
	row->recipient_index = column_bytes(columns);
	row->has_lock = column_id(columns, &row->lock_id);
	row->clue = column_bytes(columns);
	row->forgiving = column_flag(columns);
	row->lifetime_days = (int)column_number(columns);
	row->wishes = (unsigned)column_number(columns);
	row->remind_days = (int)column_number(columns);
	row->way = (enum template_way)column_number(columns);
	row->link_mail = column_flag(columns);
	row->language = column_text(columns);
	row->factor = (enum factor)column_number(columns);
	row->created_at = column_number(columns);
	row->used_at = column_number(columns);
	row->phone = column_bytes(columns);
	row->mailbox = (enum mailbox_wish)column_number(columns);
	row->pdf = (enum pdf_way)column_number(columns);
	row->pdf_password = column_bytes(columns);
	row->sheet_at = column_number(columns);
	row->sheet_left = (int)column_number(columns);
}

static enum status
read_one(struct store *store, const char *statement, const struct parameters *parameters,
	 struct arena *arena, struct template_row *row_out)
{
	return query_one(store, statement, parameters, arena, read_row, sizeof(*row_out), row_out);
}

static enum status
read_many(struct store *store, const char *statement, const struct parameters *parameters,
	  struct arena *arena, struct template_row **rows_out, size_t *count_out)
{
	struct query_rows rows;
	enum status status = query_many(store, statement, parameters, arena, read_row,
					sizeof(struct template_row), &rows);

	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
template_find(struct store *store, struct slice owner_index, struct slice recipient_index,
	      struct slice domain_index, struct arena *arena, struct template_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, recipient_index);
	bind_bytes(&parameters, domain_index);
	return read_one(store, "template_find", &parameters, arena, row_out);
}

enum status
template_read(struct store *store, const struct id *id, struct slice owner_index,
	      struct arena *arena, struct template_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, owner_index);
	return read_one(store, "template_read", &parameters, arena, row_out);
}

enum status
template_read_any(struct store *store, const struct id *id, struct arena *arena,
		  struct template_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return read_one(store, "template_read_any", &parameters, arena, row_out);
}

enum status
template_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	      struct template_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, "template_list", &parameters, arena, rows_out, count_out);
}

enum status
template_list_all(struct store *store, const struct id *after, size_t most, struct arena *arena,
		  struct template_row **rows_out, size_t *count_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, after);
	bind_number(&parameters, (int64_t)most);
	return read_many(store, "template_list_all", &parameters, arena, rows_out, count_out);
}

enum status
template_set_used(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change(store, "template_set_used", &parameters, &rows);
}

enum status
template_delete(struct store *store, const struct id *id, const struct slice *owner_index)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	if (owner_index == NULL)
		return query_change_one(store, "template_delete_any", &parameters,
					STATUS_NOT_FOUND);
	bind_bytes(&parameters, *owner_index);
	return query_change_one(store, "template_delete", &parameters, STATUS_NOT_FOUND);
}
