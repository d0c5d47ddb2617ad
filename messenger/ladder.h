/*
 * Which ways are tried for a recipient whose message is to be secured, and in which
 * order: the first that can be gone is gone.  Below the last rung is refusal, never a
 * message in clear.
 *
 * ROUTE_PDF is a rung only: it stands right before ROUTE_PORTAL, and is that way with a PDF in
 * the notice.
 */
#ifndef MESSENGER_LADDER_H
#define MESSENGER_LADDER_H

#include "base/config.h"
#include "base/slice.h"
#include "store/delivery.h"

#define LADDER_RUNGS_MAX ((size_t)5)

struct ladder {
	enum delivery_route rungs[LADDER_RUNGS_MAX];
	size_t count;
};

struct ladders {
	struct ladder common;
	struct ladder_row *rows; /* for certain domains, in order */
	size_t row_count;
};

/* Read policy.ladder and policy.ladders; borrows the configuration.  False after writing what is
 * wrong to `faults`.  Clear with ladders_clear in any case. */
bool ladders_read(const struct config *config, FILE *faults, struct ladders *ladders_out);
void ladders_clear(struct ladders *ladders);

const struct ladder *ladder_for(const struct ladders *ladders, struct slice address);
bool ladder_has(const struct ladder *ladder, enum delivery_route rung);
/* Whether any of them has it. */
bool ladders_have(const struct ladders *ladders, enum delivery_route rung);

/* What is left of it below a rung that turned out not to hold; all of it, where it has no such
 * rung. */
struct ladder ladder_below(const struct ladder *ladder, enum delivery_route rung);

#endif
