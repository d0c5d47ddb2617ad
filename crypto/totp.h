/*
 * One-time codes by the clock (TOTP, RFC 6238), as authenticator apps make them: SHA-1,
 * six digits, a new one every thirty seconds.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/status.h"

#define TOTP_SECRET_SIZE ((size_t)20) /* RFC 4226 section 4 */
#define TOTP_DIGITS ((size_t)6)
#define TOTP_STEP_SECONDS 30
#define TOTP_WINDOW 1 /* codes before and behind the present one: clocks differ */

/* The secret in base32 (RFC 4648, without padding), to be typed into an app: 32 letters and digits,
 * in guarded memory, without a NUL. */
enum status totp_text(const struct secret *secret, struct secret *text_out) MUST_CHECK;

/* What the QR code says: otpauth://totp/ISSUER:ACCOUNT?secret=..., percent-encoded, in guarded
 * memory, without a NUL. */
enum status totp_uri(const struct secret *secret, const char *issuer, const char *account,
		     struct secret *uri_out) MUST_CHECK;

/* Is this the code of a step that is later than `last_step` (0: none was used yet)?  *step_out is
 * to be kept as the next last_step.  STATUS_INVALID: not six digits; STATUS_DENIED: another code;
 * STATUS_CONFLICT: right, and used before. */
enum status totp_check(const struct secret *secret, struct slice code, int64_t now,
		       uint64_t last_step, uint64_t *step_out) MUST_CHECK;

#endif
