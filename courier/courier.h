/*
 * The courier: no open port.  It routes what came in, seals what senders have
 * finished, sends what is in the outbox, and destroys what is over.  Any number
 * may run against one database.
 */
#ifndef COURIER_COURIER_H
#define COURIER_COURIER_H

#include "base/config.h"

extern const struct config_option courier_options[];

/* Check what only the courier can tell to be wrong with a configuration (its
 * relay).  Faults go to `faults`. */
enum status courier_check(const struct config *config, FILE *faults) MUST_CHECK;

/* Run until SIGTERM or SIGINT; SIGHUP reads the configuration again.  Returns the exit status of
 * the process. */
int courier_main(const struct config *config);

#endif
