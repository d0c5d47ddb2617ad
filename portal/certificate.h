/*
 * The portal's certificate and private key, read from files and read again
 * when told, without dropping a connection.
 */
#ifndef PORTAL_CERTIFICATE_H
#define PORTAL_CERTIFICATE_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "base/status.h"

/* TLS 1.2 and 1.3, forward secrecy and authenticated ciphers only. */
#define CERTIFICATE_PRIORITIES                                                                     \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-SHA1:-AES-128-CBC:"             \
	"-AES-256-CBC:-AES-128-CCM:-AES-256-CCM:%SERVER_PRECEDENCE"

/* Read chain and key (PEM) and use them for new connections.  On failure, logged, those
 * in use stay in use. */
enum status certificate_load(const char *chain_path, const char *key_path) MUST_CHECK;

/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
int
certificate_give(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **chain, unsigned *chain_length, gnutls_privkey_t *key);

/* When no connection is left. */
void certificate_release(void);

#endif
