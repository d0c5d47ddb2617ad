/*
 * The SQL that is compiled in: tools/embed-sql.awk makes these tables from
 * sql/.  Inside store/ only; everybody else calls functions, not statements.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stddef.h>

struct sql_text {
	const char *name;
	const char *text;
};

/* sql/migrations/NNNN_name.sql in order; number i+1 stands at i. */
extern const struct sql_text sql_migrations[];
extern const size_t sql_migration_count;

/* sql/roles.sql */
extern const char *const sql_roles;

/* Every "-- name:" of sql/statements/. */
extern const struct sql_text sql_statements[];
extern const size_t sql_statement_count;

#endif
