/*
 * Numbers of phones, and how codes get there: by a program or a web service of the
 * administrator's.  Which of them, and whether there is one at all, the configuration says.
 */
#ifndef MESSENGER_PHONE_H
#define MESSENGER_PHONE_H

#include "base/arena.h"
#include "base/config.h"
#include "base/slice.h"

#define PHONE_DIGITS_LEAST 8
#define PHONE_DIGITS_MOST 15 /* ITU-T E.164 */

/* As people write it: a leading +, then digits, between which blanks, hyphens, dots, slashes and
 * parentheses may stand.  Gives "+4915112345678" in the arena, NULL for anything else: also for
 * "(0)" and "(0151)", whose 0 is not dialled behind the country's number, or is. */
const char *phone_read(struct slice typed, struct arena *arena);

/* "+49 ... 678": its country and the last three digits.  "" for "". */
const char *phone_mask(const char *number, struct arena *arena);

/* Whether a text (UTF-8) is one short message: 160 places in the alphabet of GSM (3GPP TS 23.038,
 * section 6.2.1; some signs take two), else 70 of UCS-2 (section 6.2.3). */
bool phone_is_one_message(const char *text);

/* The program, or the service; borrows the configuration. */
struct phone_way {
	bool is_set;
	const char *const *command; /* path and arguments; none: the URL */
	size_t command_count;
	const char *url;
	const char *token_file;
	const char *ca_file;
	unsigned timeout_seconds;
};

/* False after writing what is wrong to `faults`. */
bool phone_way_read(const struct config *config, FILE *faults, struct phone_way *way_out);

#endif
