/*
 * What a verified connection to a domain's mail servers has to show: the TLSA records of DANE
 * (RFC 7672), or the host names of an MTA-STS policy (RFC 8461).  DANE goes first.  This is about
 * the connection that carries the message there itself; what a smarthost does behind Postern is not
 * covered.  It connects to no mail server.
 */
#ifndef KEYS_TLS_POLICY_H
#define KEYS_TLS_POLICY_H

#include "keys/look.h"
#include "keys/mta_sts.h"

#define TLS_POLICY_HOSTS_MAX ((size_t)10)

enum tls_policy_kind {
	TLS_POLICY_NONE,    /* the domain promises nothing */
	TLS_POLICY_DANE,    /* to a host with records, whose certificate fits one of them */
	TLS_POLICY_MTA_STS, /* to a host of the list, with a certificate that is trusted for its
			       name */
	TLS_POLICY_UNKNOWN, /* it could not be found out */
};

/* A mail server of the domain, the preferred ones first. */
struct tls_policy_host {
	const char *name;
	unsigned preference;
	/* For DANE, usages 2 and 3; none: no verified connection to this host.  Usage 3 does not
	 * look at names or dates; usage 2 checks the name of the host and the domain's. */
	struct dane_record *records;
	size_t record_count;
};

struct tls_policy {
	enum tls_policy_kind kind;
	const char *reason; /* why it is NONE or UNKNOWN, a word-with-dashes; otherwise "" */
	const char *detail;
	struct tls_policy_host *hosts; /* for MTA-STS only those that the policy lists */
	size_t host_count;
	int64_t seconds; /* how long it holds */
};

struct tls_policy_settings {
	const struct look_net *net;
	bool mta_sts;
	int64_t most_seconds;	/* that a result is remembered */
	int64_t failed_seconds; /* the same where a look-up failed */
	size_t entries;		/* domains remembered at most */
};

struct tls_policies;

/* The settings are copied; what they point to outlives it. */
struct tls_policies *tls_policies_new(const struct tls_policy_settings *settings);
void tls_policies_free(struct tls_policies *policies);

/* The policy for a domain (UTF-8 or not), in the arena, until `deadline` (clock_monotonic_ms).  Any
 * thread. */
struct tls_policy tls_policy_find(struct tls_policies *policies, struct slice domain,
				  int64_t deadline, struct arena *arena);

#endif
