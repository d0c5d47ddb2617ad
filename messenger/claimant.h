/*
 * Who acts for a message's sender: whoever holds the link that was mailed to
 * them, whoever is signed in under the address that sent it, or the
 * administrator.
 */
#ifndef MESSENGER_CLAIMANT_H
#define MESSENGER_CLAIMANT_H

#include "messenger/door.h"

struct claimant {
	struct slice link;	  /* text of a sender's link; or, when this is empty: */
	struct slice owner_index; /* of the address that is signed in, */
	struct id delivery;	  /* and the delivery that it points at */
	bool administrator;	  /* that delivery, whosoever it is; no link, no index */
};

/* The delivery, and the link where there is one: clear the door.  STATUS_NOT_FOUND: no such link,
 * or nothing that is theirs.  STATUS_GONE: the link was replaced. */
enum status claimant_open(struct store *store, const struct claimant *claimant, struct arena *arena,
			  struct door *door_out) MUST_CHECK;

#endif
