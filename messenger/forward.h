/*
 * A recipient hands a message on, with its files and words of their own, to people of
 * the organisation who take part in it already: its sender, and those of the
 * organisation whom it names.  Never to an address that somebody typed.
 */
#ifndef MESSENGER_FORWARD_H
#define MESSENGER_FORWARD_H

#include "messenger/holders.h"

#define FORWARD_PEOPLE_MAX ((size_t)25) /* offered; the sender is one of them */

/* To whom an opened message may go: the sender first (with a name and an address alone). */
enum status messenger_forward_people(const struct messenger *messenger, const struct opened *opened,
				     int64_t now, struct arena *arena, struct holder **people_out,
				     size_t *count_out) MUST_CHECK;

struct forward_form {
	struct slice once;	/* names the form, as that of a reply */
	struct slice body;	/* may be empty */
	const struct slice *to; /* addresses of people */
	size_t to_count;
	uint64_t most; /* bytes that the message may have */
};

/* It goes as a reply goes, and counts as one.  STATUS_INVALID: nobody, or somebody else, is named.
 * STATUS_TOO_LARGE: the message, or the words.  STATUS_BUSY: too many replies today.
 * STATUS_CONFLICT: the form was sent before. */
enum status messenger_forward(const struct messenger *messenger, const struct opened *opened,
			      const struct forward_form *form, int64_t now) MUST_CHECK;

#endif
