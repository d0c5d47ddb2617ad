#include "store/figures.h"

#include "store/query.h"

enum status
figures_of_queue(struct store *store, int64_t now, struct arena *arena,
		 struct queue_figure **figures_out, size_t *count_out)
{
	struct parameters parameters;
	struct queue_figure *figures;
	PGresult *result;
	bool damaged = false;
	enum status status;
	size_t count;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, FIGURES_ROWS);
	status = query_run(store, "figures_outbox", &parameters, &result);
	if (status != STATUS_OK)
		return status;
	count = (size_t)PQntuples(result);
	figures = arena_alloc_many(arena, count + 1, sizeof(*figures));
	for (size_t i = 0; i < count; i++) {
		struct columns columns = columns_of(result, i, NULL);

		figures[i].kind = (enum outbox_kind)column_number(&columns);
		figures[i].later = column_flag(&columns);
		figures[i].letters = column_number(&columns);
		figures[i].oldest_at = column_number(&columns);
		damaged = damaged || columns.damaged;
	}
	PQclear(result);
	if (damaged)
		return STATUS_INTERNAL;
	*figures_out = figures;
	*count_out = count;
	return STATUS_OK;
}

enum status
figures_of_waiting(struct store *store, int64_t *held_out, int64_t *received_out)
{
	struct parameters parameters;
	struct columns columns;
	PGresult *result;
	int64_t held, received;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, FIGURES_ROWS);
	status = query_row(store, "figures_waiting", &parameters, NULL, &result, &columns);
	if (status != STATUS_OK)
		return status;
	held = column_number(&columns);
	received = column_number(&columns);
	PQclear(result);
	if (columns.damaged)
		return STATUS_INTERNAL;
	*held_out = held;
	*received_out = received;
	return STATUS_OK;
}

enum status
probe_ask(struct probe *probe)
{
	if (probe->store == NULL)
		return store_open(probe->connection, &probe->store);
	return store_ping(probe->store);
}

void
probe_close(struct probe *probe)
{
	if (probe->store != NULL)
		store_close(probe->store);
	probe->store = NULL;
}
