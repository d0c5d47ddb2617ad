/* What the two halves of messenger/dispatch.h share. */
#ifndef MESSENGER_DISPATCH_PART_H
#define MESSENGER_DISPATCH_PART_H

#include "messenger/dispatch.h"

/* The lane of a transport, for the rows that wait for it: keyed, since the transport may be named
 * by the domain of a recipient.  Never 0. */
int64_t
dispatch_lane(const struct messenger *messenger, const char *transport, struct arena *arena);

#endif
