/*
 * The server's side of TLS: one context for all connections.
 */
#ifndef INGEST_TLS_H
#define INGEST_TLS_H

#include <openssl/ssl.h>

#include "base/status.h"

/* TLS 1.2 and 1.3 with this certificate chain and private key (PEM).  STATUS_INVALID, logged, when
 * they cannot be read or do not fit.  Free with SSL_CTX_free. */
enum status
tls_context_new(const char *certificate, const char *private_key, SSL_CTX **context_out) MUST_CHECK;

#endif
