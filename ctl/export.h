/*
 * A public key on standard output, in the form that other programs import.
 */
#ifndef CTL_EXPORT_H
#define CTL_EXPORT_H

#include <stdbool.h>

#include "base/slice.h"
#include "store/key.h"

/* A certificate (DER) in PEM, and its chain behind it; an OpenPGP key as it is.  False when it
 * could not be written. */
bool export_key(enum key_kind kind, struct slice material, const struct slice *chain, size_t count);

#endif
