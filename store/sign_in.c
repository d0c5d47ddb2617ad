#include "store/desk.h"
#include "store/query.h"

enum status
sign_in_insert(struct store *store, struct slice token_hash, const struct sign_in_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, token_hash);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->address_index);
	bind_bytes(&parameters, row->code_hash);
	bind_bytes(&parameters, row->code_wrap);
	bind_number(&parameters, row->created_at);
	return query_change_one(store, "desk_sign_in_insert", &parameters, STATUS_INTERNAL);
}

static void
read_tried(struct columns *columns, void *element)
{
	struct sign_in_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->code_hash = column_bytes(columns);
	row->tries = (int)column_number(columns);
}

static void
read_factor_tried(struct columns *columns, void *element)
{
	struct sign_in_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->tries = (int)column_number(columns);
}

static void
read_found(struct columns *columns, void *element)
{
	struct sign_in_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->tries = (int)column_number(columns);
}

static void
read_coded(struct columns *columns, void *element)
{
	struct sign_in_row *row = element;

	column_id(columns, &row->id);
	row->address = column_bytes(columns);
	row->address_index = column_bytes(columns);
	row->code_wrap = column_bytes(columns);
	row->created_at = column_number(columns);
}

enum status
sign_in_try(struct store *store, struct slice token_hash, int64_t since, int most,
	    struct arena *arena, struct sign_in_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, since);
	bind_number(&parameters, most);
	return query_one(store, "desk_sign_in_try", &parameters, arena, read_tried,
			 sizeof(*row_out), row_out);
}

enum status
sign_in_try_factor(struct store *store, struct slice token_hash, int64_t since, int most,
		   struct arena *arena, struct sign_in_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, since);
	bind_number(&parameters, most);
	return query_one(store, "desk_sign_in_try_factor", &parameters, arena, read_factor_tried,
			 sizeof(*row_out), row_out);
}

static enum status
find(struct store *store, const char *statement, struct slice token_hash, int64_t since,
     struct arena *arena, struct sign_in_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, since);
	return query_one(store, statement, &parameters, arena, read_found, sizeof(*row_out),
			 row_out);
}

enum status
sign_in_find(struct store *store, struct slice token_hash, int64_t since, struct arena *arena,
	     struct sign_in_row *row_out)
{
	return find(store, "desk_sign_in_find", token_hash, since, arena, row_out);
}

enum status
sign_in_find_factor(struct store *store, struct slice token_hash, int64_t since,
		    struct arena *arena, struct sign_in_row *row_out)
{
	return find(store, "desk_sign_in_find_factor", token_hash, since, arena, row_out);
}

enum status
sign_in_read(struct store *store, const struct id *id, struct arena *arena,
	     struct sign_in_row *row_out)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_one(store, "desk_sign_in_read", &parameters, arena, read_coded,
			 sizeof(*row_out), row_out);
}

enum status
sign_in_set_coded(struct store *store, const struct id *id, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, now);
	return query_change_one(store, "desk_sign_in_coded", &parameters, STATUS_NOT_FOUND);
}

enum status
sign_in_mailed(struct store *store, const struct id *id)
{
	return query_change_id(store, "desk_sign_in_mailed", id);
}

enum status
sign_in_delete(struct store *store, const struct id *id)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	return query_change_one(store, "desk_sign_in_delete", &parameters, STATUS_NOT_FOUND);
}

enum status
sign_in_end(struct store *store, struct slice address_index)
{
	return query_change_bytes(store, "desk_sign_in_end", address_index);
}
