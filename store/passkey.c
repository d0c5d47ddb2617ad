#include "store/passkey.h"

#include "store/query.h"

enum status
passkey_insert(struct store *store, struct slice owner_index, const struct passkey_row *row)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, &row->id);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, row->name);
	bind_bytes(&parameters, row->credential);
	bind_bytes(&parameters, row->public_key);
	bind_number(&parameters, row->algorithm);
	bind_number(&parameters, row->counter);
	bind_number(&parameters, row->created_at);
	return query_change_one(store, "passkey_insert", &parameters, STATUS_INTERNAL);
}

static void
read_passkey(struct columns *columns, void *element)
{
	struct passkey_row *row = element;

	column_id(columns, &row->id);
	row->name = column_bytes(columns);
	row->credential = column_bytes(columns);
	row->public_key = column_bytes(columns);
	row->algorithm = (int)column_number(columns);
	row->counter = (uint32_t)column_number(columns);
	row->created_at = column_number(columns);
	row->used_at = column_number(columns);
}

enum status
passkey_list(struct store *store, struct slice owner_index, struct arena *arena,
	     struct passkey_row **rows_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	status = query_many(store, "passkey_list", &parameters, arena, read_passkey,
			    sizeof(struct passkey_row), &rows);
	if (status != STATUS_OK)
		return status;
	*rows_out = rows.list;
	*count_out = rows.count;
	return STATUS_OK;
}

enum status
passkey_use(struct store *store, const struct id *id, uint32_t counter, int64_t now)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_number(&parameters, counter);
	bind_number(&parameters, now);
	return query_change_one(store, "passkey_use", &parameters, STATUS_CONFLICT);
}

enum status
passkey_delete(struct store *store, const struct id *id, struct slice owner_index)
{
	struct parameters parameters;

	bind_none(&parameters);
	bind_id(&parameters, id);
	bind_bytes(&parameters, owner_index);
	return query_change_one(store, "passkey_delete", &parameters, STATUS_NOT_FOUND);
}

enum status
passkey_drop(struct store *store, struct slice owner_index)
{
	return query_change_bytes(store, "passkey_drop", owner_index);
}

struct challenge {
	struct slice bytes;
	int64_t created_at;
};

static void
read_offered(struct columns *columns, void *element)
{
	struct challenge *challenge = element;

	challenge->bytes = column_bytes(columns);
}

static void
read_taken(struct columns *columns, void *element)
{
	struct challenge *challenge = element;

	challenge->bytes = column_bytes(columns);
	challenge->created_at = column_number(columns);
}

enum status
passkey_challenge_offer(struct store *store, struct slice holder, struct slice fresh, int64_t now,
			int64_t since, struct arena *arena, struct slice *challenge_out)
{
	struct parameters parameters;
	struct challenge challenge;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, holder);
	bind_bytes(&parameters, fresh);
	bind_number(&parameters, now);
	bind_number(&parameters, since);
	status = query_one(store, "passkey_challenge_offer", &parameters, arena, read_offered,
			   sizeof(challenge), &challenge);
	if (status == STATUS_OK)
		*challenge_out = challenge.bytes;
	return status;
}

enum status
passkey_challenge_take(struct store *store, struct slice holder, int64_t since, struct arena *arena,
		       struct slice *challenge_out)
{
	struct parameters parameters;
	struct challenge challenge;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, holder);
	status = query_one(store, "passkey_challenge_take", &parameters, arena, read_taken,
			   sizeof(challenge), &challenge);
	if (status != STATUS_OK)
		return status;
	if (challenge.created_at <= since)
		return STATUS_NOT_FOUND;
	*challenge_out = challenge.bytes;
	return STATUS_OK;
}

enum status
passkey_challenge_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "passkey_challenge_sweep", &parameters, &rows);
}
