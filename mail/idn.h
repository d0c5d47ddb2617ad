/*
 * Domain names with UTF-8 in them (RFC 5890, processed by UTS 46): whether DNS could ever hold
 * such a name, and what DNS calls it.
 */
#ifndef MAIL_IDN_H
#define MAIL_IDN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define IDN_ASCII_MAX ((size_t)253)

/* True when each label is, or maps to, a U-label whose ASCII form fits into DNS. */
bool idn_is_valid(struct slice domain);

/* The form that DNS and certificates hold: A-labels, lower case, without a dot at the end, in the
 * arena.  STATUS_INVALID: no name of a host on the Internet (address literals, names of one label,
 * names that end like an IPv4 address, labels with other than letters, digits and hyphens). */
enum status
idn_to_ascii(struct slice domain, struct arena *arena, const char **ascii_out) MUST_CHECK;

#endif
