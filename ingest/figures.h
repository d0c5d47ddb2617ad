/*
 * Ingest's figures.  Thread-safe; each call is a few additions.
 */
#ifndef INGEST_FIGURES_H
#define INGEST_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"

/* Serve them where `ingest.metrics` says, if anywhere; readiness is asked on a connection of its
 * own.  Borrows the configuration.  At most once in a process. */
enum status ingest_figures_start(const struct config *config) MUST_CHECK;
void ingest_figures_stop(void);

/* A connection that a thread serves, from its begin to its end. */
void ingest_count_opened(void);
void ingest_count_closed(void);

/* One that was not served, because of "number", "rate" or "resources". */
void ingest_count_turned_away(const char *cause);

/* An attempt to authenticate has ended. */
void ingest_count_login(bool passed);

/* A reply with this code was given; those below 400 are not counted. */
void ingest_count_reply(int code);

/* TLS is up; `version` as OpenSSL calls it. */
void ingest_count_tls(const char *version);

/* A message's end was handed to the store at `began_ms` (monotonic), and this came of it. */
void ingest_count_message(enum status status, uint64_t bytes, size_t recipients, int64_t began_ms);

#endif
