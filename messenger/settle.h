/*
 * What a message for the portal waits for, or what it leaves with: asked by routing
 * (route_deliver.c), and by who wants to know before (would.c).  Inside messenger/ only.
 */
#ifndef MESSENGER_SETTLE_H
#define MESSENGER_SETTLE_H

#include "messenger/decide.h"
#include "messenger/templates.h"
#include "store/mailbox.h"

enum settled_by {
	SETTLED_BY_NOBODY = 0, /* held: its sender is asked */
	SETTLED_BY_TEMPLATE,   /* as it says: under its lock, or as PDF */
	SETTLED_BY_MAILBOX, /* put into the recipient's mailbox; a lock of a template is not used */
	SETTLED_BY_LADDER,  /* as PDF with a generated password, since a ladder has that rung */
};

struct settled {
	enum settled_by by;
	bool has_template;
	struct template_row template;
	bool template_waits;	    /* what it asks for besides cannot be had now */
	struct mailbox_row mailbox; /* of SETTLED_BY_MAILBOX */
	bool mailbox_full;
	bool mailbox_ending; /* it is about to be given up: what came into it would be lost */
	struct mailbox_usage usage; /* of one that is full */
	int lifetime_days;	    /* unless held */
};

/* `automatic`: no person wrote it, so that none could tell a password. */
enum status
settle_portal(const struct messenger *messenger, struct store *store, struct slice sender_index,
	      const struct decision *decision, bool automatic, int64_t now, struct arena *arena,
	      struct settled *settled_out) MUST_CHECK;

#endif
