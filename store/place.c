#include "store/place.h"

#include "store/query.h"

enum status
account_first(struct store *store, struct slice owner_index, int64_t now, bool *first_out)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, now);
	status = query_change(store, "account_first", &parameters, &rows);
	if (status == STATUS_OK)
		*first_out = rows == 1;
	return status;
}

static enum status
remember(struct store *store, struct slice owner_index, struct slice hash, int64_t now, int most)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, hash);
	bind_number(&parameters, now);
	status = query_change_one(store, "account_place_insert", &parameters, STATUS_INTERNAL);
	if (status != STATUS_OK)
		return status;
	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_number(&parameters, most);
	return query_change(store, "account_place_trim", &parameters, &rows);
}

enum status
place_use(struct store *store, struct slice owner_index, struct slice hash, int64_t now,
	  int64_t since, int most, bool *known_out)
{
	struct parameters parameters;
	size_t rows;
	enum status status;

	bind_none(&parameters);
	bind_bytes(&parameters, owner_index);
	bind_bytes(&parameters, hash);
	bind_number(&parameters, now);
	bind_number(&parameters, since);
	status = query_change(store, "account_place_use", &parameters, &rows);
	if (status == STATUS_OK && rows == 0)
		status = remember(store, owner_index, hash, now, most);
	if (status == STATUS_OK)
		*known_out = rows > 0;
	return status;
}

enum status
place_sweep(struct store *store, int64_t before)
{
	struct parameters parameters;
	size_t rows;

	bind_none(&parameters);
	bind_number(&parameters, before);
	return query_change(store, "account_place_sweep", &parameters, &rows);
}

enum status
place_forget(struct store *store, struct slice owner_index)
{
	enum status status = query_change_bytes(store, "account_place_drop", owner_index);

	return status == STATUS_OK ? query_change_bytes(store, "account_drop", owner_index)
				   : status;
}
