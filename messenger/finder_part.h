/*
 * What the pieces of the finder share.  Inside of messenger/finder only.
 */
#ifndef MESSENGER_FINDER_PART_H
#define MESSENGER_FINDER_PART_H

#include <pthread.h>

#include "keys/options.h"
#include "messenger/finder.h"

#define FINDER_SECONDS_LEAST ((int64_t)30)
#define FINDER_SAID_MAX ((size_t)4096)

/* The authorities as they were at one time; shared by who looks at the same time. */
struct finder_roots {
	struct arena *arena;
	struct trust_store *store;
	struct slice *steps;
	size_t step_count;
	int64_t version; /* of authority_version */
	unsigned users;
	bool dropped; /* freed by its last user */
};

struct finder {
	struct arena *arena;
	struct keys_settings settings;
	struct discover *discover; /* NULL: no source is to be asked */
	bool asks;
	struct tls_policies *tls; /* NULL without the network */
	struct openpgp *openpgp;
	const char *folder;
	char *own_folder; /* NULL: somebody else's */
	struct belief_rules rules;
	bool trusts_servers;
	enum harvest harvest;
	int64_t milliseconds;
	int64_t none_seconds;
	int64_t failed_seconds;
	pthread_mutex_t lock; /* for `roots` */
	struct finder_roots *roots;
};

/* Begin to look: the authorities as they are now, and how to believe by them.  Each begin needs its
 * end, also after a failure. */
enum status finder_begin(const struct messenger *messenger, struct store *store, int64_t now,
			 struct arena *arena, struct finder_roots **roots_out,
			 struct belief *belief_out) MUST_CHECK;
void finder_end(struct finder *finder, struct finder_roots *roots);
void finder_forget_roots(struct finder *finder);

/* Look whether the mail servers of an address can be verified, where that is wanted; a line for
 * what the sources said is added to `said`.  How long that holds, or `seconds` where it is less. */
int64_t finder_look_tls(const struct messenger *messenger, const char *address, int64_t deadline,
			struct arena *arena, int64_t seconds, struct text *said);
/* Whether the ladder of an address comes to ROUTE_TLS before a key that was found, and nobody but
 * its domain can say what that is worth. */
bool finder_wants_tls(const struct messenger *messenger, const char *address,
		      const struct found_keys *found);
/* What such a line said: as found_keys.tls. */
const char *
finder_read_tls(const struct messenger *messenger, const char *address, const char *said);

/* The best that is known of an address and can be used; with `belief` NULL, by what the rows tell.
 */
enum status
finder_choose(const struct messenger *messenger, struct store *store, const char *address,
	      const struct belief *belief, int64_t now, struct arena *arena,
	      struct found_keys *found_out, bool *fresh_out) MUST_CHECK;

#endif
