/*
 * A 16-byte identifier of a message, delivery, lock, template or outbox row: a
 * UUID of version 7 (RFC 9562 section 5.7), time-ordered so that indexes stay
 * compact, random enough never to collide.  An id is a name, not a secret.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

#define ID_SIZE 16
#define ID_TEXT_SIZE 27 /* 26 characters of base32 and a NUL */

struct id {
	unsigned char bytes[ID_SIZE];
};

struct id id_new(void);

/* Lower-case Crockford base32, as logs, SMTP replies and ctl show it. */
const char *id_text(struct id id, char out[ID_TEXT_SIZE]);

/* The reverse; STATUS_INVALID for anything that id_text would not write. */
enum status id_parse(struct slice text, struct id *id_out) MUST_CHECK;

bool id_equal(struct id a, struct id b);
struct slice id_slice(const struct id *id);

#endif
