/*
 * Pages of a list that can be searched: where one begins, as it stands in addresses
 * ("TIME.ID" of the line behind which that is), and where the list goes on.
 */
#ifndef PORTAL_PLACE_H
#define PORTAL_PLACE_H

#include "messenger/search.h"
#include "portal/request.h"

/* Of the field `behind`; anything else is the beginning. */
struct desk_place place_read(const struct request *request);

/* What was typed and what was found, and where the list at `path`, as it is filtered, goes on and
 * begins: find, searched, empty, cut, looked_at, older_url, newest_url. */
void place_put_found(const struct request *request, struct template_values *values,
		     const char *path, const char *filter, const struct search_found *found);

#endif
