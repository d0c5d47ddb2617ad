#include "store/sheet.h"

#include "store/query.h"

enum status
sheet_insert(struct store *store, const struct id *id, struct slice owner_index,
	     struct slice recipient_index, bool for_pdf, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, recipient_index);
	bind_number(&parameters, now);
	bind_flag(&parameters, for_pdf);
	return query_change_one(store, "sheet_insert", &parameters, STATUS_CONFLICT);
}

enum status
sheet_number_insert(struct store *store, const struct sheet_number_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->sheet_id);
	bind_number(&parameters, row->number);
	bind_bytes_or_null(&parameters, row->public);
	bind_bytes_or_null(&parameters, row->password_wrap);
	return query_change_one(store, "sheet_number_insert", &parameters, STATUS_INTERNAL);
}

enum status
sheet_delete(struct store *store, const struct id *id, struct slice owner_index)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, owner_index);
	return query_change_one(store, "sheet_delete", &parameters, STATUS_CONFLICT);
}

static void
read_sheet(struct columns *columns, void *element)
{
	struct sheet_row *row = element;

	column_id(columns, &row->id);
	row->created_at = column_number(columns);
	row->left = (int)column_number(columns);
}

enum status
sheet_find(struct store *store, struct slice owner_index, struct slice recipient_index,
	   bool for_pdf, struct arena *arena, struct sheet_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, recipient_index);
	bind_flag(&parameters, for_pdf);
	return query_one(store, "sheet_find", &parameters, arena, read_sheet, sizeof(*row_out),
			 row_out);
}

static void
read_number(struct columns *columns, void *element)
{
	struct sheet_number_row *row = element;

	column_id(columns, &row->sheet_id);
	row->number = (int)column_number(columns);
	row->public = column_bytes(columns);
}

static void
read_taken(struct columns *columns, void *element)
{
	struct sheet_taken *taken = element;

	column_id(columns, &taken->number.sheet_id);
	taken->number.number = (int)column_number(columns);
	taken->number.password_wrap = column_bytes(columns);
	taken->made_at = column_number(columns);
	taken->left = (int)column_number(columns);
}

enum status
sheet_take(struct store *store, struct slice owner_index, struct slice recipient_index, int64_t now,
	   struct arena *arena, struct sheet_taken *taken_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, recipient_index);
	bind_number(&parameters, now);
	return query_one(store, "sheet_take", &parameters, arena, read_taken, sizeof(*taken_out),
			 taken_out);
}

enum status
sheet_next(struct store *store, struct slice owner_index, struct slice recipient_index,
	   struct arena *arena, struct sheet_number_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, recipient_index);
	return query_one(store, "sheet_next", &parameters, arena, read_number, sizeof(*row_out),
			 row_out);
}

enum status
sheet_number_use(struct store *store, const struct id *sheet, int number, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, sheet);
	bind_number(&parameters, number);
	bind_number(&parameters, now);
	return query_change_one(store, "sheet_number_use", &parameters, STATUS_CONFLICT);
}

enum status
sheet_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "sheet_sweep", &parameters, &rows);
}
