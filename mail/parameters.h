/*
 * Parameters in the form of RFC 2231: in pieces, percent-encoded, in any charset
 * that mail/charset.h knows.  (GMime reads the plain ones; of these it would leave
 * those in charsets that iconv has not.)
 */
#ifndef MAIL_PARAMETERS_H
#define MAIL_PARAMETERS_H

#include "base/arena.h"
#include "base/slice.h"

/* The value of a parameter that a field's value holds as NAME*, NAME*0, NAME*0* and so on, as UTF-8
 * in the arena, not cleaned; NULL when it is not there in any such form. */
const char *parameters_extended(struct slice value, const char *name, struct arena *arena);

/* The plain form, by somebody who does not care what stands in front of the first semicolon; ""
 * when it is not there. */
const char *parameters_plain(struct slice value, const char *name, struct arena *arena);

#endif
