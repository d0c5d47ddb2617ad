/*
 * Where a page of a list begins, as it stands in addresses: "TIME.ID" of the line
 * behind which that is.
 */
#ifndef PORTAL_PLACE_H
#define PORTAL_PLACE_H

#include "portal/request.h"
#include "store/desk.h"

/* Of the field `behind`; anything else is the beginning. */
struct desk_place place_read(const struct request *request);
const char *place_write(const struct desk_place *place, struct arena *arena);

#endif
