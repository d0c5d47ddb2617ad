/*
 * Certificates and keys of an address in a directory that the operator named (libldap).  The
 * directory is trusted to answer, not to be quick or small: time, entries and bytes are bounded,
 * referrals are not followed.
 */
#ifndef KEYS_LDAP_H
#define KEYS_LDAP_H

#include "keys/candidate.h"

struct ldap_directory {
	/* "ldaps://host", "ldap://host" (with STARTTLS unless told otherwise), "ldapi://%2Fpath";
	 * the first that answers counts. */
	const char *const *servers;
	size_t server_count;
	bool clear;	     /* ldap:// without TLS */
	const char *ca_file; /* "" for the system's */
	const char *bind_dn; /* "" for anonymous */
	const char *password_file;
	const char *base;
	const char *filter;	   /* see keys/ldap_filter.h */
	const char *key_attribute; /* with OpenPGP keys; "" for none */
	/* Domains that it is asked for: "example.net", ".example.net" those below, "*" every one.
	 */
	const char *const *domains;
	size_t domain_count;
};

/* Whether a server's URL can be used. */
bool ldap_is_server(const char *url);

/* Look for an address (one that passes address_check) until `deadline` (clock_monotonic_ms).  Only
 * the look-up of a server's own name can last longer: libldap leaves it to getaddrinfo, which has
 * the time-outs of /etc/resolv.conf and cannot be called back. */
struct finding ldap_look(const struct ldap_directory *directory, struct slice address,
			 int64_t deadline, struct arena *arena);

#endif
