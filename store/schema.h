/*
 * Bringing a database to this program's schema: numbered forward migrations,
 * each in its own transaction, then roles and grants (made anew each time).
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/status.h"

/* Number of the newest migration compiled in. */
int schema_version(void);

/* Migrate as the owner role; safe to run twice and at once (advisory lock).
 * Creates the roles postern_ingest, postern_courier, postern_portal (LOGIN, no
 * password) when missing.  STATUS_CONFLICT: the database is newer than the program. */
enum status schema_migrate(const char *connection, int *applied_out) MUST_CHECK;

#endif
