#include "store/figures.h"

#include "store/query.h"

static void
read_figure(struct columns *columns, void *element)
{
	struct queue_figure *figure = element;

	figure->kind = (enum outbox_kind)column_number(columns);
	figure->later = column_flag(columns);
	figure->letters = column_number(columns);
	figure->oldest_at = column_number(columns);
}

enum status
figures_of_queue(struct store *store, int64_t now, struct arena *arena,
		 struct queue_figure **figures_out, size_t *count_out)
{
	struct parameters parameters;
	struct query_rows rows;
	enum status status;

	bind_none(&parameters);
	bind_number(&parameters, now);
	bind_number(&parameters, FIGURES_ROWS);
	status = query_many(store, "figures_outbox", &parameters, arena, read_figure,
			    sizeof(struct queue_figure), &rows);
	if (status != STATUS_OK)
		return status;
	*figures_out = rows.list;
	*count_out = rows.count;
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
