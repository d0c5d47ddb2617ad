/*
 * From a message's bytes to its manifest, in two passes over the source (structure,
 * then sizes and digests): memory does not grow with the message.
 */
#ifndef MAIL_PARSE_H
#define MAIL_PARSE_H

#include "mail/manifest.h"

/* Once per process, before anything else of mail/. */
void mail_prepare(void);

/* The shown headers of a letter, an attached one for example; no parts, and the date as it is
 * written only.  STATUS_TOO_LARGE: header
 * block over its bounds. */
enum status mail_parse_header(const struct source *letter, struct arena *arena,
			      struct manifest *manifest_out) MUST_CHECK;

/* Parse `message` (edits already applied by the caller; *edits is stored as given).  Bodies are
 * chosen as a reader would: first text/plain and text/html outside attachments, the
 * last alternative that can be shown; everything else is a file.  Whatever cannot be
 * understood is a file, never lost.  STATUS_TOO_LARGE: header block over its bounds. */
enum status mail_parse(const struct source *message, const struct edits *edits, struct arena *arena,
		       struct manifest *manifest_out) MUST_CHECK;

#endif
