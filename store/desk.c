#include "store/desk.h"

#include <string.h>

#include "store/query.h"

struct desk_place
desk_place_first(void)
{
	struct desk_place place = {.created_at = INT64_MAX};

	memset(place.delivery_id.bytes, 0xff, sizeof(place.delivery_id.bytes));
	return place;
}

static void
read_row(struct columns *columns, void *element)
{
	struct desk_row *row = element;

	column_id(columns, &row->delivery_id);
	column_id(columns, &row->message_id);
	row->state = (enum delivery_state)column_number(columns);
	row->route = (enum delivery_route)column_number(columns);
	row->recipient = column_bytes(columns);
	row->created_at = column_number(columns);
	row->opened_at = column_number(columns);
	row->replied_at = column_number(columns);
	row->closed_at = column_number(columns);
	row->expires_at = column_number(columns);
	row->asked_at = column_number(columns);
	row->suspended_at = column_number(columns);
	row->subject = column_bytes(columns);
}

/* Of everybody's rows, which tell whose they are. */
static void
read_row_with_sender(struct columns *columns, void *element)
{
	struct desk_row *row = element;

	read_row(columns, row);
	row->sender = column_bytes(columns);
}

enum status
desk_list(struct store *store, enum desk_part part, struct slice sender_index,
	  const struct desk_place *behind, unsigned states, size_t most, struct arena *arena,
	  struct desk_row **rows_out, size_t *count_out)
{
	/* Routes as bits where the statement asks for them: it is everybody's then. */
	static const struct {
		const char *statement;
		unsigned routes;
	} parts[] = {
	    [DESK_SECURED] = {"desk_list", 0},
	    [DESK_PLAIN] = {"desk_list_plain", 0},
	    [DESK_EVERYBODY] = {"desk_list_all", ~0U},
	    [DESK_EVERYBODY_SECURED] = {"desk_list_all", ~(1U << ROUTE_PLAIN)},
	    [DESK_EVERYBODY_PLAIN] = {"desk_list_all", 1U << ROUTE_PLAIN},
	};
	bool everybody = parts[part].routes != 0;
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	if (everybody)
		bind_bytes_or_null(&parameters, sender_index);
	else
		bind_bytes(&parameters, sender_index);
	bind_number(&parameters, behind->created_at);
	bind_id(&parameters, &behind->delivery_id);
	bind_number(&parameters, states);
	bind_number(&parameters, (int64_t)most);
	if (everybody)
		bind_number(&parameters, parts[part].routes & 0xffff);
	status =
	    query_many(store, parts[part].statement, &parameters, arena,
		       everybody ? read_row_with_sender : read_row, sizeof(struct desk_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
desk_session_insert(struct store *store, struct slice token_hash,
		    const struct desk_session_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, token_hash);
	bind_bytes(&parameters, row->address);
	bind_bytes(&parameters, row->address_index);
	bind_number(&parameters, row->created_at);
	bind_bytes_or_null(&parameters, row->place);
	return query_change_one(store, "desk_session_insert", &parameters, STATUS_INTERNAL);
}

enum status
desk_session_find(struct store *store, struct slice token_hash, int64_t now, int64_t idle_since,
		  int64_t begun_since, struct arena *arena, struct desk_session_row *row_out)
{
	struct parameters parameters;
	struct desk_session_row row = {0};
	struct columns columns;
	PGresult *result;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, token_hash);
	bind_number(&parameters, now);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	status = query_row(store, "desk_session_find", &parameters, arena, &result, &columns);
	if (status != STATUS_OK)
		return status;
	column_id(&columns, &row.id);
	row.address = column_bytes(&columns);
	row.address_index = column_bytes(&columns);
	row.created_at = column_number(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*row_out = row;
	return STATUS_OK;
}

enum status
desk_session_delete(struct store *store, struct slice token_hash)
{
	return query_change_bytes(store, "desk_session_delete", token_hash);
}

enum status
desk_session_renew(struct store *store, const struct id *id, struct slice token_hash)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, token_hash);
	return query_change_one(store, "desk_session_renew", &parameters, STATUS_NOT_FOUND);
}

enum status
desk_session_end_others(struct store *store, struct slice address_index, const struct id *but)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_bytes(&parameters, address_index);
	bind_id(&parameters, but);
	return query_change(store, "desk_session_end_others", &parameters, &rows);
}

enum status
desk_sweep(struct store *store, int64_t codes_before, int64_t idle_since, int64_t begun_since)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, codes_before);
	status = query_change(store, "desk_sign_in_sweep", &parameters, &rows);
	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_number(&parameters, idle_since);
	bind_number(&parameters, begun_since);
	return query_change(store, "desk_session_sweep", &parameters, &rows);
}
