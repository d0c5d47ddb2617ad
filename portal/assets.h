/*
 * The portal's own style sheet, pictures and scripts: read once at start, given
 * out from memory, found in a table and never by a path that a visitor wrote.
 */
#ifndef PORTAL_ASSETS_H
#define PORTAL_ASSETS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define ASSET_SIZE_MAX ((size_t)1048576)
#define ASSETS_MAX ((size_t)256)

struct asset {
	const char *name;
	const char *type;
	const char *tag; /* entity tag, with its quotes */
	struct slice bytes;
};

struct assets;

/* Read every file of the folder whose ending has a type here; STATUS_NOT_FOUND without the
 * folder, STATUS_TOO_LARGE over a bound, both after a line to `faults`. */
enum status assets_load(const char *folder, FILE *faults, struct assets **assets_out) MUST_CHECK;
void assets_free(struct assets *assets);

/* Entity tag of these bytes, with its quotes. */
const char *asset_tag(struct slice bytes, struct arena *arena);

/* NULL when there is none of that name. */
const struct asset *assets_among(const struct asset *entries, size_t count, struct slice name);
const struct asset *assets_find(const struct assets *assets, struct slice name);

#endif
