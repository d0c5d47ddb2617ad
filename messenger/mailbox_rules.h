/*
 * Who gets a mailbox, and how long what comes into it is kept: what the organisation
 * says for everybody, what it says for certain domains, and the less that a sender may
 * wish for one recipient.  Knows no rows and no mailboxes.
 */
#ifndef MESSENGER_MAILBOX_RULES_H
#define MESSENGER_MAILBOX_RULES_H

#include "base/config.h"
#include "base/slice.h"
#include "store/delivery.h"

/* Whether a recipient is offered a mailbox (messenger/mailbox.h), from least to most. */
enum mailbox_policy {
	MAILBOXES_NEVER = 0, /* and nothing is put into one that is there */
	MAILBOXES_OFFERED,   /* to who has opened a message */
	MAILBOXES_ALWAYS,    /* who opens the first message is led to making one */
};

struct mailbox_rule {
	enum mailbox_policy policy;
	int lifetime_days; /* of what comes into it with nothing settled by its sender; 0: as any */
};

struct mailbox_rules {
	struct mailbox_rule common;
	struct mailbox_rule_row *rows; /* for certain domains, in order */
	size_t row_count;
};

/* Read policy.mailbox, policy.mailbox_lifetime_days and policy.mailboxes; borrows the
 * configuration. False after writing what is wrong to `faults`.  Clear with mailbox_rules_clear in
 * any case. */
bool mailbox_rules_read(const struct config *config, FILE *faults, struct mailbox_rules *rules_out);
void mailbox_rules_clear(struct mailbox_rules *rules);

/* What the organisation says for an address, or for everybody at "@domain". */
struct mailbox_rule mailbox_rule_for(const struct mailbox_rules *rules, struct slice address);

/* The same under a sender's wish, which can only be less. */
enum mailbox_policy
mailbox_in_force(const struct mailbox_rules *rules, struct slice address, enum mailbox_wish wish);

/* Is that wish no more than the organisation allows for the address? */
bool mailbox_wish_allowed(const struct mailbox_rules *rules, struct slice address,
			  enum mailbox_wish wish);

/* The most that any recipient may be given: for a form that does not know whose it is. */
enum mailbox_policy mailbox_most(const struct mailbox_rules *rules);

/* Stable words of forms and lists: "policy", "never", "offered", "always".  Reading: false for
 * anything else, *wish_out stays. */
const char *mailbox_wish_word(enum mailbox_wish wish);
bool mailbox_wish_read(struct slice word, enum mailbox_wish *wish_out);

#endif
