/*
 * A new configuration for a portal that serves.  What may change at once is put into a new site,
 * which requests get from then on; those in hand keep the one they began with.  Old ones are kept
 * until the end: a reload is rare, and they are small.
 */
#ifndef PORTAL_RELOAD_H
#define PORTAL_RELOAD_H

#include "base/config.h"
#include "portal/server.h"

struct generation;

struct reload {
	const struct config *running; /* that the program was started with */
	const struct site *site;      /* in use */
	struct generation *latest;    /* NULL before the first reload */
};

/* Read the configuration and the certificate again.  All of it is taken; or nothing, the reasons
 * are in the log, and the portal serves as before. */
void portal_reload(struct reload *reload, struct server *server);

/* When no request is left. */
void portal_reload_release(struct reload *reload);

#endif
