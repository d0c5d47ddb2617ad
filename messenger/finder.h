/*
 * Finding the key of a recipient: what is known already, else all sources that the
 * configuration names, at once and within one deadline.  Whatever is found is believed
 * or put into review (keys/belief.h), and remembered for as long as it counts.
 *
 * A finder belongs to the courier: it reaches the network.
 */
#ifndef MESSENGER_FINDER_H
#define MESSENGER_FINDER_H

#include "base/config.h"
#include "keys/tls_policy.h"
#include "messenger/known_key.h"

extern const struct config_option finder_options[];

struct finder;

#define FINDER_DEADLINES 3 /* of finder_find */

/* Borrows the configuration.  Without `network` it only judges what it is given.  STATUS_INVALID
 * after writing what is wrong to `faults`. */
enum status finder_open(const struct config *config, bool network, FILE *faults,
			struct finder **finder_out) MUST_CHECK;
/* When nobody looks any more. */
void finder_close(struct finder *finder);

/* Say only what is wrong. */
enum status finder_check(const struct config *config, FILE *faults) MUST_CHECK;

/* Of gpg; NULL where OpenPGP is switched off. */
struct openpgp *finder_openpgp(const struct finder *finder);
/* The folder for what gpg needs while it works, and whether two addresses are one person's. */
const char *finder_runtime_folder(const struct finder *finder);
bool finder_keeps_secrets(const struct finder *finder); /* that folder is on memory */
bool finder_same_address(const struct finder *finder, struct slice one, struct slice other);

/* What servers of mail have to show, and the network to look that up; NULL without the network. */
struct tls_policies *finder_tls(const struct finder *finder);
const struct look_net *finder_net(const struct finder *finder);

/* What becomes of keys that mail brings (messenger/harvest.h). */
enum harvest {
	HARVEST_OFF,
	HARVEST_REVIEW, /* certificates are used where an authority vouches for them */
	HARVEST_USE,	/* OpenPGP keys as well, although nobody does */
};
enum harvest finder_harvest(const struct finder *finder);
enum local_rule finder_local_rule(const struct finder *finder);

/* Judge a key that somebody brings, and note it: in review where it is not believed.  Of a
 * certificate one in DER, with others that may be its issuers; of OpenPGP any form.  `accept`: the
 * administrator says that it is this address's, whoever vouches for it or not.  The answer may be a
 * refusal; STATUS_INVALID: nothing is noted, as it cannot be read at all, or mail brought it and it
 * is somebody else's. */
struct brought_key {
	const char *address;
	enum key_kind kind;
	struct slice bytes;
	const struct slice *others;
	size_t other_count;
	enum origin origin;
	const char *place;
	bool vouched;
	bool accept;
	bool only_believed; /* not into review: note it when it is used, or not at all */
	const struct capabilities *told; /* as in struct known_key_found */
	int64_t said_at;
};
enum status finder_take(const struct messenger *messenger, struct store *store,
			const struct brought_key *brought, int64_t now, struct arena *arena,
			struct belief_answer *answer_out, struct id *id_out) MUST_CHECK;

/* What was found for one address: the best key of each kind that can be used. */
struct found_keys {
	const struct known_key *certificate; /* NULL: none */
	const struct known_key *openpgp;
	/* What its domain's mail servers can be verified by, where the ladder has ROUTE_TLS:
	 * "dane", "mta-sts", "pinned"; NULL: they cannot. */
	const char *tls;
	/* What each source said, a line each: "wkd failed timeout 4000"; "" when all was known. */
	const char *said;
};

/* Look for several addresses at once; outside of a transaction, it may take keys.deadline
 * FINDER_DEADLINES times: for keys, for what mail servers promise, for what was revoked.  Sources
 * that fail are no failure: then there is no key. */
enum status finder_find(const struct messenger *messenger, struct store *store,
			const char *const *addresses, size_t count, int64_t now,
			struct arena *arena, struct found_keys *found_out) MUST_CHECK;

/* The same from what is known alone: no source is asked. */
enum status finder_known(const struct messenger *messenger, struct store *store,
			 const char *const *addresses, size_t count, int64_t now,
			 struct arena *arena, struct found_keys *found_out) MUST_CHECK;

/* The same from what is known alone, by whoever reads the rows; *fresh_out: nothing would be asked
 * by finder_find just now.  Nothing is checked but what rows tell: the courier looks again. */
enum status finder_recall(const struct messenger *messenger, struct store *store,
			  const char *address, int64_t now, struct arena *arena,
			  struct found_keys *found_out, bool *fresh_out) MUST_CHECK;

#endif
