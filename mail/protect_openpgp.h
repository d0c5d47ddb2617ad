/*
 * The framing of a letter that is encrypted by OpenPGP (PGP/MIME, RFC 3156 section 4).
 * Knows bytes and MIME; what is encrypted comes from crypto/, signed there already where it is
 * signed (section 6.2): one message, which shows nobody but its reader who signed.
 *
 * Somebody above both joins them.  How long the encrypted message will be only gpg knows when it
 * is done, so it is written into a sink, in constant memory:
 *
 *	protect_header(message, &policy, arena, &letter);
 *	protect_openpgp(&letter, arena, &frame);
 *	sink_write(&sink, frame.before);
 *	openpgp_encrypt(openpgp, key, signer, &letter.inner, &sink);
 *	sink_write(&sink, frame.behind);
 */
#ifndef MAIL_PROTECT_OPENPGP_H
#define MAIL_PROTECT_OPENPGP_H

#include "mail/protect_header.h"

/* What stands around the armoured message, which ends with a line end. */
struct protect_frame {
	struct slice before; /* outer header, the part that says "Version: 1", a part's header */
	struct slice behind;
};

/* The frame for a letter, in the arena. */
enum status protect_openpgp(const struct protected_letter *letter, struct arena *arena,
			    struct protect_frame *frame_out) MUST_CHECK;

#endif
