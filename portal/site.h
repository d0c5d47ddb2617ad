/*
 * What all requests of the portal share: set up once at start, read by every
 * thread, changed by none.
 */
#ifndef PORTAL_SITE_H
#define PORTAL_SITE_H

#include "messenger/messenger.h"
#include "messenger/words.h"
#include "portal/network.h"

struct assets;
struct brand;

struct site {
	struct messenger messenger;
	const struct words *words;   /* to suggest passphrases from */
	const struct assets *assets; /* the files under /static */
	const struct brand *brand;   /* the organisation's own, there and on every page */
	struct network_range *proxies;
	size_t proxy_count;
	struct secret csrf_key;	  /* of forms that are shown before anything is unlocked */
	uint64_t reply_size;	  /* bytes of a reply with its files */
	const char *demo_maildir; /* "" but in demonstration mode */
};

#endif
