/*
 * Who may authenticate: a file with one user a line,
 *
 *	name:SCRAM-SHA-256$iterations:salt$stored key:server key[:domain,domain]
 *
 * empty lines and those that begin with '#' apart.  The domains are those that may stand in
 * MAIL; without them any may.  Read whole or not at all; once read it does not change, so
 * sessions of many threads share it.  Knows nothing of how users prove who they are.
 */
#ifndef INGEST_USERS_H
#define INGEST_USERS_H

#include <stddef.h>

#include "base/slice.h"
#include "base/status.h"
#include "crypto/scram.h"

#define USERS_FILE_MAX ((size_t)4194304)
#define USERS_MAX ((size_t)10000)
#define USERS_DOMAINS_MAX ((size_t)1000) /* of one user */

struct user {
	const char *name; /* as SASLprep makes it */
	struct scram_verifier verifier;
	const char *const *domains;
	size_t domain_count; /* 0: any */
};

struct users;

/* Read the file.  STATUS_INVALID: a line is broken, or a name stands twice; STATUS_DENIED: others
 * than its owner and group may read it, or we may not; STATUS_TOO_LARGE, STATUS_NOT_FOUND,
 * STATUS_UNAVAILABLE.  Logged, by line number and never by what stands there. */
enum status users_load(const char *path, struct users **users_out) MUST_CHECK;

/* The same from text; *line_out is set on failure. */
enum status users_parse(struct slice text, struct users **users_out, size_t *line_out) MUST_CHECK;

/* NULL is fine.  No session may use them any more. */
void users_free(struct users *users);

size_t users_count(const struct users *users);

/* By prepared name; NULL when there is none. */
const struct user *users_find(const struct users *users, struct slice name);

/* What is shown of somebody who does not exist: salt and cost as everybody's, the same for
 * one name as long as the process lives, and a key that no password fits. */
void
users_invent(const struct users *users, struct slice name, struct scram_verifier *verifier_out);

#endif
