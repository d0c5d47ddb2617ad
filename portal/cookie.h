/*
 * The Cookie field of a request (RFC 6265 section 4.2.1).
 */
#ifndef PORTAL_COOKIE_H
#define PORTAL_COOKIE_H

#include "base/slice.h"

/* The value of the first cookie `name`, borrowed from `header`.  Of several the
 * first holds: browsers put the one with the longest path first, and ours has
 * the longest path there is for its message.  False when there is none. */
bool cookie_find(struct slice header, const char *name, struct slice *value_out);

#endif
