/*
 * MX and TXT records as bytes, and names in them (RFC 1035 section 3.3).  The bytes come from
 * strangers; what does not add up is refused.  Names come without compression, as a resolver hands
 * them on.
 */
#ifndef KEYS_RDATA_H
#define KEYS_RDATA_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

struct rdata_mx {
	unsigned preference;
	const char *host; /* lower case, without a dot at the end; "" for the root: takes no mail */
};

/* STATUS_INVALID where the bytes do not add up, or the name is none of a host (letters, digits,
 * hyphens, underscores). */
enum status
rdata_read_mx(struct slice rdata, struct arena *arena, struct rdata_mx *mx_out) MUST_CHECK;

/* The strings of a TXT record as one, at most `limit` bytes, in the arena. */
enum status rdata_read_text(struct slice rdata, size_t limit, struct arena *arena,
			    struct slice *text_out) MUST_CHECK;

#endif
