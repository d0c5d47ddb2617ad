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

/* What is the same of all deliveries here. */
#define DELIVERY                                                                                   \
	"base", ACTION, "recipient", RECIPIENT, "portal", "1", "clue", CLUE, "secured_at",         \
	    "20 November 2026, 09:21 UTC", "opened_at", "", "replied_at", "", "expires_at", UNTIL, \
	    "closed_at", "", "asked_at", "", "resent_at", "", "relay_status", "", "relay_answer",  \
	    "", "finish_url", "", "receipt_asked", "1", "factor_at", ""

/* That it leaves as PDF. */
#define PDF_AT "20 November 2026, 09:22 UTC"
#define PDF_SHEET_AT "2 November 2026, 08:00 UTC"

/* What one leaves under. */
#define KEY_CERTIFICATE                                                                            \
	"key_smimea", "1", "key_owner", "Frederike Fontaine", "key_fingerprint",                   \
	    "4F1A 09C3 77DE 8B20 5E6C A1F9 03BD 42E8 9A75 C0D1 FF36 1274 88EB 5A0C 6D93 B41E",     \
	    "key_place",                                                                           \
	    "7a1f08c2b5d94e6073ab5c1d2e4f60718293a4b5c6d7e8f90a1b2c3d._smimecert."                 \
	    "example.com",                                                                         \
	    "key_expires_at", "30 June 2028, 12:00 UTC"

#define KEY_OPENPGP                                                                                \
	"key_wkd", "1", "key_owner", "Fred Fontaine <" RECIPIENT ">", "key_fingerprint",           \
	    "A0B4 62C9 11D7 3F58 E2C4 9D06 7B8A F135 20EE 4C91", "key_place",                      \
	    "https://openpgpkey.example.com/.well-known/openpgpkey/example.com/hu/"                \
	    "iy9q119eutrkn8s1mk4r39qejnbu3n5q",                                                    \
	    "key_expires_at", ""

/* What can be done with an open one. */
#define DOINGS "can_recall", "1", "can_extend", "1", "can_resend", "1", "can_relink", "1"

/* What every page of the desk has. */
#define DESK "desk_address", SENDER, "desk_until", "09:29 UTC"

/* The same of a mailbox. */
#define BOX "box_address", RECIPIENT, "box_until", "22 November 2026, 10:55 UTC"

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
extern const struct page recipient_pages[]; /* preview_recipient.c */
extern const struct page sender_pages[];    /* preview_sender.c */
extern const struct page desk_pages[];	    /* preview_desk.c */
extern const struct page account_pages[];   /* preview_account.c */
extern const struct page mailbox_pages[];   /* preview_mailbox.c */

/* Files that a recipient took. */
extern const struct list taken;

#endif
