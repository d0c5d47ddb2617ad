/*
 * Which certificates were taken back: lists (CRLs) that the courier fetches ahead of
 * need and keeps as rows, and answers of OCSP responders for certificates whose issuer
 * publishes no list.  What is fetched is signed itself, so it may come by plain HTTP;
 * crypto/trust.h checks it.
 */
#ifndef MESSENGER_REVOCATION_H
#define MESSENGER_REVOCATION_H

#include "keys/belief.h"
#include "keys/look.h"
#include "messenger/messenger.h"

struct revocation_source {
	struct store *store;
	const struct look_net *net; /* NULL: only what is there already */
	int64_t now;
	int64_t left_ms; /* for fetching; behind that, what is not there is missing */
};

/* struct belief's callback; the context is a struct revocation_source.  What is not there yet is
 * fetched. */
void revocation_find(void *context, const struct slice *chain, size_t count, struct arena *arena,
		     struct belief_revocation *revocation_out);

/* A place is fetched for as long as somebody has asked for it within this time. */
#define REVOCATION_USED_SECONDS ((int64_t)604800)

#endif
