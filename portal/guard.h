/*
 * What the HTTP library lets through and must not be: the ingredients of
 * request smuggling (RFC 9112 sections 3.2, 6.1 and 11.2).  It looks at the
 * fields of a request before anything else does; a request that fails is
 * answered 400 and its connection closed, because nobody can tell where it ends.
 */
#ifndef PORTAL_GUARD_H
#define PORTAL_GUARD_H

#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

#define GUARD_HEADERS_MAX ((size_t)100)

struct guard_header {
	struct slice name;
	struct slice value;
};

struct guard_facts {
	bool has_body; /* more than zero bytes follow */
	bool chunked;
	uint64_t content_length; /* 0 when chunked */
};

/* STATUS_INVALID: two or odd Content-Length, Transfer-Encoding other than "chunked"
 * or beside a Content-Length, other than one well-formed Host, a name that is no token (a blank
 * before the colon makes one), a value with control characters, two of a field that must stand
 * alone. STATUS_TOO_LARGE: more than GUARD_HEADERS_MAX fields. */
enum status guard_check(const struct guard_header *headers, size_t count,
			struct guard_facts *facts_out) MUST_CHECK;

#endif
