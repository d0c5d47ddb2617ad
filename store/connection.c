#include "store/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/schema.h"
#include "store/sql.h"

/* What the connection string of the configuration may override.  A database host that vanishes must
 * be found out soon, for mail waits meanwhile; one that is merely slow still acknowledges packets,
 * so these times do not touch it.  No limit on how long a transaction may be idle: the courier
 * holds a row's lock while it talks to a slow relay. */
static const char *const setting_names[] = {
    "connect_timeout",	"fallback_application_name",
    "keepalives_idle",	"keepalives_interval",
    "keepalives_count", "tcp_user_timeout",
    "client_encoding",	"options",
    "dbname",		NULL,
};
static const char *const setting_values[] = {
    "2",    "postern",
    "5",    "2",
    "2",    "5000",
    "UTF8", "-c statement_timeout=30000 -c lock_timeout=10000 -c search_path=public",
    NULL, /* the connection string */
    NULL,
};
#define SETTING_COUNT (sizeof(setting_names) / sizeof(setting_names[0]))

static char *
copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

struct store *
store_new(const char *connection)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		abort();
	store->target = copy_text(connection);
	store->prepared = calloc(sql_statement_count, sizeof(bool));
	if (!store->prepared)
		abort();
	return store;
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	store_drop(store);
	for (size_t i = 0; i < store->channel_count; i++)
		free(store->channels[i]);
	free(store->prepared);
	free(store->target);
	free(store);
}

void
store_drop(struct store *store)
{
	PQfinish(store->handle);
	store->handle = NULL;
	memset(store->prepared, 0, sql_statement_count * sizeof(bool));
}

void
store_lose(struct store *store)
{
	store->lost_at = clock_monotonic_ms();
	store_drop(store);
}

void
store_doubt(struct store *store, int64_t lost_at)
{
	if (store->handle && store->connected_at <= lost_at)
		store_drop(store);
}

bool
store_await(struct store *store, int64_t deadline)
{
	for (;;) {
		struct pollfd wanted = {.fd = PQsocket(store->handle), .events = POLLIN};
		int64_t left = deadline - clock_monotonic_ms();
		int unsent = PQflush(store->handle);
		int ready;

		if (unsent < 0)
			return false;
		if (unsent == 0 && !PQisBusy(store->handle))
			return true;
		if (left <= 0)
			return false;
		if (unsent)
			wanted.events |= POLLOUT;
		ready = poll(&wanted, 1, (int)(left < 1000 ? left : 1000));
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready > 0 && (wanted.revents & ~POLLOUT) && !PQconsumeInput(store->handle))
			return false;
	}
}

PGresult *
store_result(struct store *store)
{
	return store_result_by(store, clock_monotonic_ms() + STORE_STATEMENT_MS + 5000);
}

PGresult *
store_result_by(struct store *store, int64_t deadline)
{
	PGresult *result = NULL;

	if (!store->handle)
		return NULL;
	for (;;) {
		PGresult *next;

		if (!store_await(store, deadline)) {
			store_lose(store);
			/* The server's last word says why it went; half an answer says nothing. */
			if (PQresultStatus(result) == PGRES_FATAL_ERROR)
				return result;
			PQclear(result);
			return NULL;
		}
		next = PQgetResult(store->handle);
		if (!next)
			break;
		PQclear(result);
		result = next;
	}
	if (PQstatus(store->handle) == CONNECTION_BAD)
		store_lose(store);
	return result;
}

enum status
store_check(struct store *store, PGresult *result, const char *what)
{
	ExecStatusType kind = PQresultStatus(result);
	const char *sqlstate;
	const char *constraint;
	enum status status;

	if (result && (kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK))
		return STATUS_OK;
	sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	status = sqlstate ? store_status_from_sqlstate(sqlstate) : STATUS_UNAVAILABLE;
	/* The server's message is not logged: it may quote values. */
	log_warning("database-statement", LOG_TEXT("statement", what),
		    LOG_TEXT("sqlstate", sqlstate ? sqlstate : "lost"),
		    LOG_TEXT("constraint", constraint ? constraint : ""),
		    LOG_TEXT("status", status_text(status)));
	/* After a failover the old primary is still there, but takes no writes. */
	if (sqlstate && strcmp(sqlstate, "25006") == 0)
		store_lose(store);
	return status;
}

size_t
store_statement(const char *name)
{
	for (size_t i = 0; i < sql_statement_count; i++)
		if (strcmp(sql_statements[i].name, name) == 0)
			return i;
	log_error("database-no-such-statement", LOG_TEXT("statement", name));
	abort();
}

enum status
store_prepare(struct store *store, size_t statement, const struct parameters *parameters)
{
	const struct sql_text *sql = &sql_statements[statement];
	enum status status;
	PGresult *result;

	if (store->prepared[statement])
		return STATUS_OK;
	if (!PQsendPrepare(store->handle, sql->name, sql->text, (int)parameters->count,
			   parameters->types))
		store_drop(store);
	result = store_result(store);
	status = store_check(store, result, sql->name);
	PQclear(result);
	if (status == STATUS_OK)
		store->prepared[statement] = true;
	return status;
}

/* STATUS_CONFLICT when the schema is another one than the program's, or not there at all. */
static enum status
check_schema(struct store *store)
{
	struct parameters none;
	PGresult *result;
	enum status status;
	int64_t version = 0;

	bind_none(&none);
	if (!PQsendQueryParams(store->handle,
			       sql_statements[store_statement("schema_version")].text, 0, NULL,
			       NULL, NULL, NULL, 1))
		store_drop(store);
	result = store_result(store);
	if (result && PQresultStatus(result) == PGRES_TUPLES_OK) {
		struct columns columns = columns_of(result, 0, NULL);

		version = column_number(&columns);
		status = version == schema_version() ? STATUS_OK : STATUS_CONFLICT;
	} else {
		status = store_check(store, result, "schema_version");
		/* No such table, or not for this role: nobody migrated yet. */
		if (status == STATUS_INTERNAL)
			status = STATUS_CONFLICT;
	}
	PQclear(result);
	if (status == STATUS_CONFLICT)
		log_error("database-schema", LOG_NUMBER("found", version),
			  LOG_NUMBER("expected", schema_version()));
	return status;
}

enum status
store_listen_now(struct store *store, const char *channel)
{
	char command[80];
	enum status status;
	PGresult *result;

	snprintf(command, sizeof(command), "listen %s", channel);
	if (!PQsendQuery(store->handle, command))
		store_drop(store);
	result = store_result(store);
	status = store_check(store, result, "LISTEN");
	PQclear(result);
	return status;
}

/* The server's notices may quote values, and libpq would print them. */
static void
ignore_notice(void *context, const PGresult *notice)
{
	(void)context;
	(void)notice;
}

enum status
store_connect(struct store *store)
{
	const char *values[SETTING_COUNT];
	enum status status;

	memcpy(values, setting_values, sizeof(values));
	values[SETTING_COUNT - 2] = store->target;
	store_drop(store);
	store->handle = PQconnectdbParams(setting_names, values, 1);
	if (PQstatus(store->handle) != CONNECTION_OK) {
		const char *message = PQerrorMessage(store->handle);
		size_t line = strcspn(message, "\n");

		log_warning("database-away", LOG_BYTES("why", slice_of(message, line)));
		store_drop(store);
		return STATUS_UNAVAILABLE;
	}
	PQsetNoticeReceiver(store->handle, ignore_notice, NULL);
	if (PQsetnonblocking(store->handle, 1) != 0) {
		store_drop(store);
		return STATUS_UNAVAILABLE;
	}
	status = check_schema(store);
	for (size_t i = 0; i < store->channel_count && status == STATUS_OK; i++)
		status = store_listen_now(store, store->channels[i]);
	if (status != STATUS_OK)
		store_drop(store);
	store->missed = true;
	store->connected_at = clock_monotonic_ms();
	return status;
}

/* False when the server has closed the connection meanwhile. */
static bool
still_connected(struct store *store)
{
	struct pollfd idle = {.fd = PQsocket(store->handle), .events = POLLIN};

	/* Until all is read: the server's last words come before the end. */
	while (poll(&idle, 1, 0) > 0)
		if (!PQconsumeInput(store->handle))
			return false;
	return PQstatus(store->handle) == CONNECTION_OK;
}

enum status
store_ready(struct store *store)
{
	enum status status;

	/* A transaction lives and dies with its connection. */
	if (store->in_transaction)
		return store->handle ? STATUS_OK : STATUS_UNAVAILABLE;
	if (store->handle && still_connected(store))
		return STATUS_OK;
	if (store->handle)
		store_lose(store);
	status = store_connect(store);
	/* To a caller in the middle of its work a conflict would speak of its rows. */
	return status == STATUS_CONFLICT ? STATUS_UNAVAILABLE : status;
}
