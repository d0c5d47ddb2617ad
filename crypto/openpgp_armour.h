/*
 * ASCII armour of OpenPGP keys (RFC 9580 section 6.2) taken off: base64 between two lines, with a
 * checksum that may be there.  Knows nothing of what is in it.
 */
#ifndef CRYPTO_OPENPGP_ARMOUR_H
#define CRYPTO_OPENPGP_ARMOUR_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

/* The bytes of all blocks of keys in `text`, one behind the other, in the arena; other blocks and
 * what stands around are passed over.  STATUS_NOT_FOUND: there is no such block.  STATUS_INVALID:
 * one does not end, holds what is no base64, or has another checksum. */
enum status
openpgp_dearmour(struct slice text, struct arena *arena, struct slice *bytes_out) MUST_CHECK;

#endif
