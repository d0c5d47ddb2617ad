#include "store/batch.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* A server that takes longer than this for one batch is given up; the sender tries again. */
#define BATCH_MS 20000

static enum status
prepare_plain(struct store *store, const char *statement)
{
	struct parameters none;

	bind_none(&none);
	return store_prepare(store, store_statement(statement), &none);
}

/* Everything that the batch will name; preparing is not possible inside a pipeline. */
static enum status
prepare_all(struct store *store, struct batch_request *const *requests, size_t count)
{
	enum status status = prepare_plain(store, "intake_begin");

	if (status == STATUS_OK)
		status = prepare_plain(store, "intake_commit");
	if (status == STATUS_OK)
		status = prepare_plain(store, "intake_lazy");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < requests[i]->count && status == STATUS_OK; j++)
			status = store_prepare(store, store_statement(requests[i]->statements[j]),
					       &requests[i]->parameters[j]);
	return status;
}

static bool
send_plain(struct store *store, const char *statement)
{
	return PQsendQueryPrepared(store->handle, statement, 0, NULL, NULL, NULL, 1);
}

/* Queue BEGIN, the requests, COMMIT and the one sync. */
static bool
send_all(struct store *store, struct batch_request *const *requests, size_t count, bool lazy)
{
	if (!PQenterPipelineMode(store->handle) || !send_plain(store, "intake_begin"))
		return false;
	if (lazy && !send_plain(store, "intake_lazy"))
		return false;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < requests[i]->count; j++) {
			const struct parameters *parameters = &requests[i]->parameters[j];

			if (!PQsendQueryPrepared(store->handle, requests[i]->statements[j],
						 (int)parameters->count, parameters->values,
						 parameters->lengths, parameters->formats, 1))
				return false;
		}
	}
	return send_plain(store, "intake_commit") && PQpipelineSync(store->handle);
}

/* The result of one statement; the first failure of the batch is kept in *status and logged, what
 * follows was skipped by the server because of it. */
static void
take_result(struct store *store, const char *what, int64_t deadline, enum status *status)
{
	PGresult *result = store_result_by(store, deadline);

	if (*status == STATUS_OK)
		*status = store_check(store, result, what);
	if (*status == STATUS_OK && strcmp(what, "intake_commit") == 0 &&
	    strcmp(PQcmdStatus(result), "COMMIT") != 0)
		*status = STATUS_INTERNAL;
	PQclear(result);
}

static enum status
take_all(struct store *store, struct batch_request *const *requests, size_t count, bool lazy)
{
	int64_t deadline = clock_monotonic_ms() + BATCH_MS;
	enum status status = STATUS_OK;
	PGresult *sync;

	take_result(store, "intake_begin", deadline, &status);
	if (lazy)
		take_result(store, "intake_lazy", deadline, &status);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < requests[i]->count; j++)
			take_result(store, requests[i]->statements[j], deadline, &status);
	take_result(store, "intake_commit", deadline, &status);
	sync = store_result_by(store, deadline);
	if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
		store_drop(store);
	PQclear(sync);
	return status;
}

/* Back to a connection without pipeline and without transaction, or to none at all. */
static void
clean_up(struct store *store)
{
	PGresult *result;

	if (!store->handle)
		return;
	if (!PQexitPipelineMode(store->handle)) {
		store_drop(store);
		return;
	}
	if (PQtransactionStatus(store->handle) == PQTRANS_IDLE)
		return;
	if (!PQsendQuery(store->handle, "rollback"))
		store_drop(store);
	result = store_result(store);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		store_drop(store);
	PQclear(result);
}

static enum status
run_together(struct store *store, struct batch_request *const *requests, size_t count)
{
	enum status status = store_ready(store);
	bool lazy = true;

	for (size_t i = 0; i < count; i++)
		lazy &= !requests[i]->durable;
	if (status == STATUS_OK)
		status = prepare_all(store, requests, count);
	if (status != STATUS_OK)
		return status;
	if (!send_all(store, requests, count, lazy)) {
		store_drop(store);
		return STATUS_UNAVAILABLE;
	}
	status = take_all(store, requests, count, lazy);
	clean_up(store);
	return status;
}

void
batch_run(struct store *store, struct batch_request *const *requests, size_t count)
{
	enum status status = run_together(store, requests, count);

	if (status == STATUS_OK || status == STATUS_UNAVAILABLE || status == STATUS_FULL ||
	    count == 1) {
		for (size_t i = 0; i < count; i++)
			requests[i]->status = status;
		return;
	}
	/* One bad row must not cost the others theirs. */
	for (size_t i = 0; i < count; i++)
		requests[i]->status = run_together(store, &requests[i], 1);
}
