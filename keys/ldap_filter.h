/*
 * Search filters of a directory (RFC 4515) from the operator's pattern and a recipient's address.
 * The pattern is the operator's; the address is a stranger's, and every byte of it that could mean
 * something in a filter is escaped.
 */
#ifndef KEYS_LDAP_FILTER_H
#define KEYS_LDAP_FILTER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define LDAP_FILTER_MAX ((size_t)8192)

/* Whether a pattern holds {address}, or both {local} and {domain}, and no other braces. */
bool ldap_filter_is_pattern(const char *pattern);

/* "(mail={address})" with {address}, {local} and {domain} filled in, in the arena.  `domain` is the
 * one of the address as DNS has it.  STATUS_TOO_LARGE: over LDAP_FILTER_MAX. */
enum status ldap_filter_make(const char *pattern, struct slice local, struct slice domain,
			     struct arena *arena, const char **filter_out) MUST_CHECK;

#endif
