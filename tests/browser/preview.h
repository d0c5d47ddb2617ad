/*
 * States of the portal's pages, to be rendered with made-up values: a file for each
 * area, and what they share.
 */
#ifndef TESTS_BROWSER_PREVIEW_H
#define TESTS_BROWSER_PREVIEW_H

#include <stddef.h>

#define BASE "/r/0123456789abcdefghjkmnpqrstvwxyz"
#define ACTION "/s/0123456789abcdefghjkmnpqrstvwxyz"
#define SENDER_NAME "Marta Keller"
#define SENDER "marta.keller@example.org"
#define RECIPIENT "fred@example.net"
#define PHONE "+49 ... 123"
#define UNTIL "20 December 2026, 09:14 UTC"

#define OFFER "Your mortgage offer"
#define CLUE "What did we eat after the June meeting, and where?"
#define SENT_AT "20 November 2026, 09:14 UTC"
#define OPENED_AT "21 November 2026, 17:02 UTC"
#define CLOSED_AT "22 November 2026, 08:00 UTC"

/* Values by turns that a form with a passphrase has. */
#define SUGGESTED                                                                                  \
	"suggested", "kettle maple harbour violet", "suggested_german",                            \
	    "birne fenster wolke kamin", "tries_number", "0"

/* Name and value by turns; a flag that is up has the value "1". */
struct values {
	const char *pairs[80];
};

/* One item of a list. */
struct item {
	const char *pairs[60];
};

struct list {
	const char *name;
	const struct values *values; /* of every item, below its own */
	const struct list *nested;   /* within every item */
	size_t count;		     /* items shown, over and over; 0: each once */
	struct item items[32];
};

struct page {
	const char *state;
	const char *template;
	const struct values *values;
	const struct list *list;
	struct values more; /* stand above `values` */
};

/* Each ends with a NULL state. */
extern const struct page mailbox_pages[]; /* preview_mailbox.c */

#endif
