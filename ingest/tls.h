/*
 * The server's side of TLS: one context for each listener.
 */
#ifndef INGEST_TLS_H
#define INGEST_TLS_H

#include <openssl/ssl.h>

#include "base/status.h"
#include "ingest/server_certificate.h"
#include "ingest/tickets.h"

/* What one listener shows and asks for.  Everything is borrowed and outlives the context. */
struct tls_settings {
	const struct server_certificate *certificate; /* for whom none is named */
	const struct server_certificate *named;	      /* for those who ask for a name (SNI) */
	size_t named_count;
	X509_STORE *authorities; /* of client certificates; NULL: none are asked for */
	struct tickets *tickets;
};

/* TLS 1.2 and 1.3.  A client certificate is asked for where there are authorities; a client without
 * one, or with one that they do not vouch for, gets its session all the same: what it
 * may do there is for the rules.  Those who may show one never resume: each session proves the key,
 * and is held against the authorities of now.  STATUS_INTERNAL, logged.  Free with SSL_CTX_free. */
enum status tls_context_new(const struct tls_settings *settings, SSL_CTX **context_out) MUST_CHECK;

#endif
