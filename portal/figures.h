/*
 * The portal's figures: requests, passphrases, and the pool that stretches them.
 */
#ifndef PORTAL_FIGURES_H
#define PORTAL_FIGURES_H

#include <stdint.h>

#include "base/config.h"
#include "portal/route.h"

/* Serve them where `portal.metrics` says, if anywhere; readiness is asked on a connection of its
 * own.  Borrows the configuration.  At most once in a process. */
enum status portal_figures_start(const struct config *config) MUST_CHECK;
void portal_figures_stop(void);

/* A request that was answered; 0: it broke off before. */
void portal_count_request(int http_status, int64_t milliseconds);

/* What came of a passphrase. */
void portal_count_unlock(enum status status);

enum figure_session { FIGURE_MESSAGE, FIGURE_DESK };
void portal_count_session(enum figure_session session);

/* Work on a pool: it waits (or is refused), begins, and ends after so long. */
void portal_pool_waits(enum route_place place);
void portal_pool_refuses(enum route_place place);
void portal_pool_begins(enum route_place place);
void portal_pool_ends(enum route_place place, int64_t milliseconds);

#endif
