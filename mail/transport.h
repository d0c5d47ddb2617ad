/*
 * Which servers a letter goes to, by the domain of its recipient: the first row of
 * a table that fits, each with hosts in order of preference.  Knows names and
 * numbers; connects to nothing.
 */
#ifndef MAIL_TRANSPORT_H
#define MAIL_TRANSPORT_H

#include "mail/relay.h"

struct transport_host {
	struct relay_settings settings;
	unsigned priority; /* lower ones first; equal ones take turns */
};

struct transport {
	const char *name; /* for the log */
	/* "example.net" that domain, ".example.net" those below it, "*" every one. */
	const char *const *domains;
	size_t domain_count;
	const struct transport_host *hosts;
	size_t host_count;
	unsigned connections; /* at the same time */
};

/* Rows are asked in order; the last one fits every domain. */
struct transport_table {
	const struct transport *rows;
	size_t count;
};

/* Whether that can stand in `domains`. */
bool transport_is_pattern(const char *text);
/* The same of a whole list that must not be empty. */
bool transport_are_patterns(const char *const *domains, size_t count);
/* Whether a pattern, or one of several, fits a domain, in any case of its letters. */
bool transport_fits(const char *pattern, struct slice domain);
bool transport_fits_any(const char *const *domains, size_t count, struct slice domain);

/* Row for an address; the last one when none fits. */
size_t transport_find(const struct transport_table *table, const char *address);

/* "host", "host:25", "[192.0.2.9]", "[2001:db8::1]:25": the host without brackets, in the arena.
 * *port_out stays as it is where none is said.  False: that is neither. */
bool transport_parse_host(const char *text, struct arena *arena, const char **host_out,
			  unsigned *port_out);

/* The order in which hosts are asked: by priority, equal ones turned by `turn`. */
void transport_order(const struct transport *transport, unsigned turn, size_t *order);

#endif
