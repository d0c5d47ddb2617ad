/*
 * The settings in force: what one reading of the configuration came to.  Immutable and counted: a
 * session keeps the snapshot it began with, while new ones get the next; the last one
 * who lets go frees it.
 */
#ifndef INGEST_SNAPSHOT_H
#define INGEST_SNAPSHOT_H

#include "base/config.h"
#include "ingest/converse.h"
#include "ingest/rules.h"
#include "ingest/tickets.h"

/* What all snapshots of a daemon share; outlives them. */
struct snapshot_base {
	const struct messenger *messenger;
	struct rates *rates;
	struct tickets *tickets;
	int stop_fd;
};

struct snapshot_listener {
	const char *where; /* "127.0.0.1:2525", "[::1]:25", "*:25" */
	bool simple;	   /* of smtp.listen */
	struct converse_settings converse;
};

struct snapshot {
	struct rules rules;
	struct snapshot_listener *listeners;
	size_t listener_count;
	/* For sockets that were handed over and are none of these. */
	struct snapshot_listener plain;
	struct snapshot_listener implicit; /* without certificate: its converse.tls is NULL */
};

/* Read what `config` says, with all the files it names.  STATUS_INVALID after telling every fault.
 * The snapshot takes the configuration only if `owned`, and only on success; else it borrows it. */
enum status
snapshot_new(struct config *owned, const struct config *config, const struct snapshot_base *base,
	     FILE *faults, const struct snapshot **snapshot_out) MUST_CHECK;

/* One more holder; gives the snapshot back. */
const struct snapshot *snapshot_hold(const struct snapshot *snapshot);

/* NULL is fine. */
void snapshot_release(const struct snapshot *snapshot);

/* A config_check: whether snapshot_new would take it.  `snapshot_check` is for whoever: what it
 * lacks the right to read is a warning; the daemon itself must be able to read all. */
enum status snapshot_check(const struct config *config, FILE *faults) MUST_CHECK;
enum status snapshot_check_as_daemon(const struct config *config, FILE *faults) MUST_CHECK;

#endif
