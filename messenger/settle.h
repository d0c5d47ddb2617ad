/*
 * What a message for the portal waits for, or what it leaves with: asked by routing
 * (route_deliver.c), and by who wants to know before (would.c).  Inside messenger/ only.
 */
#ifndef MESSENGER_SETTLE_H
#define MESSENGER_SETTLE_H

#include "store/mailbox.h"
#include "messenger/templates.h"

enum settled_by {
	SETTLED_BY_NOBODY = 0, /* held: its sender is asked */
	SETTLED_BY_TEMPLATE,   /* sealed to the template's lock */
	SETTLED_BY_MAILBOX, /* put into the recipient's mailbox; a lock of a template is not used */
};

struct settled {
	enum settled_by by;
	bool has_template;
	struct template_row template;
	bool template_waits;	    /* what it asks for besides cannot be asked for now */
	struct mailbox_row mailbox; /* of SETTLED_BY_MAILBOX */
	bool mailbox_full;
	bool mailbox_ending; /* it is about to be given up: what came into it would be lost */
	struct mailbox_usage usage; /* of one that is full */
	int lifetime_days;	    /* unless held */
};

/* With `must_ask` its sender is asked whatever there is. */
enum status settle_portal(const struct messenger *messenger, struct store *store,
			  struct slice sender_index, const char *recipient, bool must_ask,
			  int64_t now, struct arena *arena, struct settled *settled_out) MUST_CHECK;

#endif
