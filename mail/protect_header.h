/*
 * A message made ready for being encrypted as a whole (S/MIME, PGP/MIME): which
 * header fields stay outside, for mail servers and for lists of mails, and what
 * goes inside, where the reader's program takes the fields from (RFC 9788).
 *
 * Outside stands only what is known to be needed there: unlike the baseline of
 * section 3.2.1 this is a list of what may, since organisations put subjects and more
 * into fields of their own (Thread-Topic is one).  Inside stands every field that
 * a writer meant for the reader, as it came, the original Content-Type with
 * hp="cipher" and protected-headers="v1" (the same for older
 * programs), and an HP-Outer for each field outside.  Traces and the signatures
 * of mail servers stay outside or go (nobody could verify them any more); Bcc and
 * what claims to be ours (HP-Outer) goes.
 *
 * Knows no cipher and no framing: mail/protect_smime.h and its sibling for
 * OpenPGP put the framing around what is encrypted elsewhere.
 */
#ifndef MAIL_PROTECT_HEADER_H
#define MAIL_PROTECT_HEADER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/stream.h"

/* What Thunderbird writes; RFC 9788 section 3.2.1 has "[...]". */
#define PROTECT_SUBJECT "..."

struct protect_policy {
	/* What stands outside in the place of the Subject; NULL: the Subject itself. */
	const char *subject;
};

struct protected_letter {
	/* The fields that stay outside, each ended by CRLF; neither MIME-Version nor Content-*, no
	 * blank line.  In the arena. */
	struct slice outer;
	/* The MIME entity to be encrypted: Content-* and protected fields, blank line, the body as
	 * it came.  Borrows the message, lives in the arena, may be read at any position and as
	 * often as wished. */
	struct source inner;
};

/* STATUS_TOO_LARGE when the header block is (mail/header.h); else what the message's source gives.
 */
enum status protect_header(const struct source *message, const struct protect_policy *policy,
			   struct arena *arena, struct protected_letter *letter_out) MUST_CHECK;

#endif
