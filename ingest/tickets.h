/*
 * The keys of TLS session tickets: one set for all listeners that outlives a reload, so that
 * clients resume over it, and that is renewed, so that nobody who steals it reads the past.
 *
 * Any thread at any time.
 */
#ifndef INGEST_TICKETS_H
#define INGEST_TICKETS_H

#include <openssl/ssl.h>

#include "base/status.h"

struct tickets;

struct tickets *tickets_new(void);

/* Wipes the keys.  NULL is fine. */
void tickets_free(struct tickets *tickets);

/* Let the context use them; `tickets` outlives it. */
enum status tickets_use(struct tickets *tickets, SSL_CTX *context) MUST_CHECK;

#endif
