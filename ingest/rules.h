/*
 * What each client may do: the rows of smtp.clients, and behind them smtp.networks as one rule
 * more.  The first rule that a client fits is its rule; who fits none is a stranger,
 * who cannot send without a user of its own.
 *
 * Pure data: knows no socket and no TLS library.  What a client has shown, an address first,
 * then perhaps a certificate and a user, is handed in, and the rule asked for again.
 */
#ifndef INGEST_RULES_H
#define INGEST_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "ingest/network.h"
#include "ingest/reading.h"
#include "ingest/session.h"

/* Lower-case hex of a SHA-256. */
#define RULES_FINGERPRINT_LENGTH ((size_t)64)

/* The certificate that a client has proved to own. */
struct client_certificate {
	bool verified; /* its chain ends at an authority that the listener trusts */
	const char *fingerprint;
	const char *const *names; /* DNS names it was issued for, else its common name */
	size_t name_count;
};

struct rule {
	const char *name; /* for the log: "networks", or "clients 2" */
	uint64_t key;	  /* of that name; the same after the configuration was read again */
	const struct network *networks; /* none: any address */
	size_t network_count;
	const char *const *certificates; /* none: with or without one */
	size_t certificate_count;
	const char *const *users; /* none: authenticated or not */
	size_t user_count;

	struct session_rules session;
	size_t connections;		 /* at once, of all its clients; 0: no bound of its own */
	size_t connections_per_client;	 /* at once, of one address */
	uint64_t connections_per_minute; /* of one client; 0: no bound */
	uint64_t messages_per_minute;	 /* of one client; 0: no bound */
};

struct rules {
	struct rule *rules;
	size_t count;
	struct rule stranger;
};

/* Read them from smtp.clients and smtp.networks; values are borrowed from the configuration.  Tells
 * every fault.  Nothing may open the relay by accident: to let everybody
 * send without a certificate or a user is a fault. */
void rules_read(struct reading *reading, struct rules *rules_out);

/* The client's rule, never NULL.  NULL certificate: it has shown none; "" user: nobody. */
const struct rule *rules_match(const struct rules *rules, const struct network_address *address,
			       const struct client_certificate *certificate, const char *user);

/* Some rule asks for certificates, or users. */
bool rules_want_certificates(const struct rules *rules);
bool rules_want_users(const struct rules *rules);

#endif
