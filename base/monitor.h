/*
 * A listener for machines that watch a daemon, apart from its work: GET /metrics,
 * /healthz (the process answers) and /readyz (it can do its work), by HTTP without TLS, on
 * a loopback address or a Unix socket only.  It knows nothing of what it shows: figures come
 * from the daemon's table, and what has to be asked for comes by callbacks.
 *
 * One thread of its own, few connections, short time-outs: a watcher can neither slow the
 * daemon down nor hold much of it.
 */
#ifndef BASE_MONITOR_H
#define BASE_MONITOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/config.h"
#include "base/metrics.h"

struct monitor_settings {
	const char *where;		    /* as in monitor_check; "" for none */
	const struct metric *const *tables; /* each ends with a NULL name, their list with NULL */
	void (*refresh)(
	    void *context); /* before figures are written, at most every few seconds; or NULL */
	bool (*is_ready)(void *context); /* at most once a second */
	void *context;			 /* of both; they are called by one thread only */
};

struct monitor;

/* Does the option say "", "127.0.0.1:9464", "[::1]:9464" or "unix:/run/postern/ingest.sock"?  Any
 * other address than a loopback one is STATUS_INVALID, with a fault. */
enum status monitor_check(const struct config *config, const char *option, FILE *faults) MUST_CHECK;

/* Listen and serve; NULL in *monitor_out, and STATUS_OK, when `where` is "".  Signals must be
 * blocked before.  STATUS_INVALID or STATUS_UNAVAILABLE, logged.  The settings are copied. */
enum status
monitor_start(const struct monitor_settings *settings, struct monitor **monitor_out) MUST_CHECK;

/* NULL is fine. */
void monitor_stop(struct monitor *monitor);

#endif
