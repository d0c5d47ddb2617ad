/*
 * Names for files that are to lie beside each other in one folder.
 */
#ifndef PORTAL_BUNDLE_NAMES_H
#define PORTAL_BUNDLE_NAMES_H

#include "mail/manifest.h"

/* One safe name for each part, in their order: without a path, never empty, and different from all
 * others in any case of ASCII letters, as Windows and macOS want it: "a.txt", "A (2).txt". */
const char *const *bundle_names(const struct part *const *parts, size_t count, struct arena *arena);

#endif
