/*
 * The organisation's own on every page: its logo, and a style sheet in its colour
 * that comes after Postern's.  Made anew when the configuration is read.
 */
#ifndef PORTAL_BRAND_H
#define PORTAL_BRAND_H

#include <stdio.h>

#include "messenger/appearance.h"
#include "portal/assets.h"

struct brand;

/* Of a configuration whose appearance was read (messenger/policy.h).  STATUS_INVALID after a line
 * to `faults`: the logo cannot be read, or is neither PNG nor SVG. */
enum status
brand_load(const struct config *config, FILE *faults, struct brand **brand_out) MUST_CHECK;
void brand_free(struct brand *brand);

/* Under /static, as assets_find. */
const struct asset *brand_find(const struct brand *brand, struct slice name);

/* What every page has at its head and foot. */
void brand_put(const struct brand *brand, struct template_values *values);

#endif
