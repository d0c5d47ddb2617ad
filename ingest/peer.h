/*
 * The certificate that a client has shown, as the rules see it.
 */
#ifndef INGEST_PEER_H
#define INGEST_PEER_H

#include <openssl/ssl.h>

#include "base/arena.h"
#include "ingest/rules.h"

/* NULL when it has shown none, or one that cannot be read.  Lives in the arena. */
const struct client_certificate *peer_certificate(SSL *ssl, struct arena *arena);

/* Its first name where an authority vouches for that, else its fingerprint: for the log and for
 * Received. */
const char *peer_name(const struct client_certificate *certificate);

#endif
