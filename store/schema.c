#include "store/schema.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/sql.h"
#include "store/store.h"

/* Any number; two programs that migrate one database wait for each other on it. */
#define LOCK_SCHEMA "select pg_advisory_lock(7061239)"

int
schema_version(void)
{
	return (int)sql_migration_count;
}

/* Run one or several statements; the server's message is logged, there is no data in them. */
static enum status
run(PGconn *connection, const char *sql, const char *what)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType kind = PQresultStatus(result);
	enum status status = STATUS_OK;

	if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK) {
		const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

		status = sqlstate ? store_status_from_sqlstate(sqlstate) : STATUS_UNAVAILABLE;
		log_error("schema", LOG_TEXT("step", what),
			  LOG_TEXT("sqlstate", sqlstate ? sqlstate : "lost"),
			  LOG_TEXT("why", message ? message : ""));
	}
	PQclear(result);
	return status;
}

/* All of `sql` and, for a migration, its number, or nothing. */
static enum status
run_in_transaction(PGconn *connection, const char *sql, const char *what, size_t version)
{
	enum status status = run(connection, "begin", what);

	if (status == STATUS_OK)
		status = run(connection, sql, what);
	if (status == STATUS_OK && version) {
		char number[24];
		const char *values[1] = {number};
		PGresult *result;

		snprintf(number, sizeof(number), "%zu", version);
		result =
		    PQexecParams(connection, "insert into schema_version (version) values ($1)", 1,
				 NULL, values, NULL, NULL, 0);
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			status = STATUS_INTERNAL;
		PQclear(result);
	}
	if (status == STATUS_OK)
		return run(connection, "commit", what);
	/* The first failure is the one to tell. */
	PQclear(PQexec(connection, "rollback"));
	return status;
}

static enum status
read_version(PGconn *connection, size_t *version_out)
{
	PGresult *result =
	    PQexec(connection, "select coalesce(max(version), 0) from schema_version");
	enum status status = STATUS_UNAVAILABLE;

	if (PQresultStatus(result) == PGRES_TUPLES_OK) {
		*version_out = strtoul(PQgetvalue(result, 0, 0), NULL, 10);
		status = STATUS_OK;
	}
	PQclear(result);
	return status;
}

static enum status
migrate(PGconn *connection, int *applied_out)
{
	enum status status = run(connection, LOCK_SCHEMA, "lock");
	size_t version = 0;
	int applied = 0;

	if (status == STATUS_OK)
		status = run(connection,
			     "create table if not exists schema_version ("
			     "version integer primary key, "
			     "applied_at timestamptz not null default now())",
			     "schema_version");
	if (status == STATUS_OK)
		status = read_version(connection, &version);
	if (status == STATUS_OK && version > sql_migration_count) {
		log_error("schema-newer", LOG_NUMBER("found", version),
			  LOG_NUMBER("expected", sql_migration_count));
		status = STATUS_CONFLICT;
	}
	while (status == STATUS_OK && version < sql_migration_count) {
		const struct sql_text *next = &sql_migrations[version++];

		status = run_in_transaction(connection, next->text, next->name, version);
		if (status == STATUS_OK) {
			log_info("schema-migrated", LOG_TEXT("migration", next->name));
			applied++;
		}
	}
	if (status == STATUS_OK)
		status = run_in_transaction(connection, sql_roles, "roles", 0);
	if (status == STATUS_OK)
		*applied_out = applied;
	return status;
}

enum status
schema_migrate(const char *connection, int *applied_out)
{
	/* A migration of a large store may take long, and may wait long for the lock. */
	static const char *const names[] = {"connect_timeout", "application_name", "options",
					    "dbname", NULL};
	const char *const values[] = {"5", "postern-schema",
				      "-c client_min_messages=warning -c search_path=public",
				      connection, NULL};
	PGconn *handle = PQconnectdbParams(names, values, 1);
	enum status status = STATUS_UNAVAILABLE;

	if (PQstatus(handle) == CONNECTION_OK) {
		status = migrate(handle, applied_out);
	} else {
		const char *message = PQerrorMessage(handle);

		log_error("schema", LOG_TEXT("step", "connect"),
			  LOG_BYTES("why", slice_of(message, strcspn(message, "\n"))));
	}
	PQfinish(handle);
	return status;
}
