/*
 * How each source is asked for one address: which names and URLs, which answers count for what.
 * Straight-line code that waits; keys/discover runs it beside others.
 */
#ifndef KEYS_LOOK_H
#define KEYS_LOOK_H

#include "keys/dns.h"
#include "keys/fetch.h"
#include "keys/ldap.h"

/* What is asked, in the order of the configuration. */
struct look_asker {
	enum candidate_source source;
	const char *server;			/* of VKS and HKPS: host name */
	const struct ldap_directory *directory; /* of LDAP */
};

struct look_net {
	struct dns *dns;
	const struct fetch_settings *fetch;
};

/* What a look-up for the address depends on, in the arena: "" for nothing in common with others.
 * NULL: this source is not for that address. */
const char *look_group(const struct look_asker *asker, struct slice address, struct arena *arena);

/* Ask, until `deadline` (clock_monotonic_ms).  The address passes address_check. */
struct finding look(const struct look_net *net, const struct look_asker *asker,
		    struct slice address, int64_t deadline, struct arena *arena);

/* The parts of it. */
struct finding look_dns(struct dns *dns, enum candidate_source source, struct slice address,
			int64_t deadline, struct arena *arena);
struct finding look_wkd(const struct fetch_settings *settings, struct slice address,
			int64_t deadline, struct arena *arena);
struct finding
look_key_server(const struct fetch_settings *settings, const struct look_asker *asker,
		struct slice address, int64_t deadline, struct arena *arena);

#endif
