/*
 * The ingest daemon: takes mail from the organisation's mail servers, encrypts
 * it while it comes in, and says 250 when it is durable.  It holds the gateway's
 * public key only and can read back nothing of what it stored.
 */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "base/config.h"

/* What the daemon reads of the configuration. */
extern const struct config_option ingest_options[];

/* Say what is wrong with a configuration beyond its table. */
enum status ingest_check(const struct config *config, FILE *faults) MUST_CHECK;

/* Serve until SIGTERM or SIGINT.  Exit code of the process: 0 after a stop, 1 when it could not
 * begin (which is logged).  The caller has loaded `config` with ingest_options among its
 * tables and has called secret_prepare_process and log_open; no thread runs yet. */
int ingest_main(const struct config *config);

#endif
