/*
 * The portal: what people see in their browsers.
 */
#ifndef PORTAL_PORTAL_H
#define PORTAL_PORTAL_H

#include "base/config.h"

extern const struct config_option portal_options[];

/* What the portal can tell to be wrong beyond the table. */
enum status portal_check(const struct config *config, FILE *faults) MUST_CHECK;

/* Serve until SIGTERM or SIGINT; SIGHUP reads configuration and certificate again.  The exit status
 * of the program. The caller has prepared the process (secret_prepare_process) and opened the log.
 */
int portal_main(const struct config *config);

#endif
