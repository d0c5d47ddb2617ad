/*
 * As much of CBOR (RFC 8949) as authenticators write (CTAP2 canonical form): items of a known
 * length, nested a little.  libcbor tells one item from the next; what a header announces is
 * believed only as far as there are bytes for it, so nothing is allocated.
 */
#ifndef CRYPTO_WEBAUTHN_CBOR_H
#define CRYPTO_WEBAUTHN_CBOR_H

#include "base/slice.h"
#include "base/status.h"

#define WEBAUTHN_CBOR_DEPTH 4 /* CTAP2, section 8 */

/* Each takes the next item off `rest`, which is unchanged on failure.  STATUS_INVALID: it is of
 * another kind, of no known length, or cut. */
enum status webauthn_cbor_text(struct slice *rest, struct slice *text_out) MUST_CHECK;
enum status webauthn_cbor_bytes(struct slice *rest, struct slice *bytes_out) MUST_CHECK;
/* The pairs of a map follow. */
enum status webauthn_cbor_map(struct slice *rest, size_t *pairs_out) MUST_CHECK;
/* Any item with all that is in it, as it is encoded. */
enum status webauthn_cbor_item(struct slice *rest, struct slice *item_out) MUST_CHECK;

#endif
