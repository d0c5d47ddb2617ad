/*
 * From where somebody signs in: a program, in a few words, and a network.  Places are known
 * again by keyed hashes for a while, and a new one is told by mail.
 */
#ifndef MESSENGER_PLACE_H
#define MESSENGER_PLACE_H

#include "base/template.h"
#include "messenger/messenger.h"

#define PLACE_SECONDS 7776000 /* a place is known for so long after its last use */
#define PLACE_MOST 20	      /* of one person */

/* None holds a line end; "" where nothing is known. */
struct place {
	const char *program; /* "Firefox" */
	const char *system;  /* "Linux" */
	const char *network; /* "192.0.2.0/24" */
};

/* One shown value in the column of a row, and back; three times "" when it does not open. */
struct slice place_seal(const struct messenger *messenger, const char *column, const struct id *row,
			const struct place *place, struct arena *arena);
struct place place_open(const struct messenger *messenger, const char *column, const struct id *row,
			struct slice sealed, struct arena *arena);

/* What pages and mails show: program, system, network. */
void place_put(struct template_values *values, const struct place *place);

/* Somebody is let in from there, inside the open transaction: they are told if it is new, unless
 * they have never signed in before. */
enum status place_note(const struct messenger *messenger, struct store *store, const char *owner,
		       const struct place *place, int64_t now, struct arena *arena) MUST_CHECK;

#endif
