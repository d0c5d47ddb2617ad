/*
 * The framing of a letter that is encrypted by S/MIME (RFC 8551), and of one that is
 * signed before.  Knows bytes and MIME; what is encrypted and signed comes from crypto/.
 *
 * Somebody above both joins them, each step a source over the one before, nothing of
 * the message in memory:
 *
 *	protect_header(message, &policy, arena, &letter);
 *	cms_sign(&letter.inner, &signer, now, arena, &signature);            (if it is signed)
 *	protect_smime_sign(&letter.inner, signature, arena, &signed);
 *	cms_encrypt(&signed or &letter.inner, certificate, &choices, arena, &body);
 *	protect_smime(&letter, choices.cipher == CMS_AES_GCM, &body, arena, &sent);
 *
 * The signature is a part of its own behind what it signs (multipart/signed), not
 * around it: that is what Thunderbird, Outlook and Apple Mail write inside of what
 * they encrypt; it is read by programs that cannot verify; and a large message
 * is not coded to base64 twice.
 */
#ifndef MAIL_PROTECT_SMIME_H
#define MAIL_PROTECT_SMIME_H

#include "mail/protect_header.h"

/* The MIME entity that holds `inner` and its detached signature (DER of a CMS SignedData by
 * SHA-256); borrows both. */
enum status protect_smime_sign(const struct source *inner, struct slice signature,
			       struct arena *arena, struct source *signed_out) MUST_CHECK;

/* The whole letter: outer header and `body`, which is the encrypted CMS in base64, by lines.
 * `authenticated` tells AuthEnvelopedData (RFC 5083) from EnvelopedData.  Borrows both. */
enum status
protect_smime(const struct protected_letter *letter, bool authenticated, const struct source *body,
	      struct arena *arena, struct source *source_out) MUST_CHECK;

#endif
