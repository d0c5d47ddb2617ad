/*
 * Files of certificates and keys (PEM) as the configuration names them: read, checked
 * against each other, and what is wrong told at the option that names the file.
 */
#ifndef INGEST_SERVER_CERTIFICATE_H
#define INGEST_SERVER_CERTIFICATE_H

#include <openssl/ssl.h>

#include "ingest/reading.h"

struct server_certificate {
	X509 *leaf; /* NULL: there is none, or it could not be read */
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
	const char *const *names; /* by which it is asked for */
	size_t name_count;
};

/* Read the files that two options name; both empty give no certificate.  Faults are told.  What is
 * read is freed with the arena. */
void server_certificate_read(struct reading *reading, const char *chain_option,
			     const char *key_option, struct server_certificate *certificate_out);

/* Authorities, and lists of what they have revoked; NULL where the option is empty, or after
 * telling a fault.  Freed with the arena. */
X509_STORE *server_certificate_read_authorities(struct reading *reading, const char *option);

/* The certificate for this name: the first that has it, then the first with a pattern for it;
 * NULL when there is none. */
const struct server_certificate *
server_certificate_find(const struct server_certificate *certificates, size_t count,
			const char *name);

#endif
