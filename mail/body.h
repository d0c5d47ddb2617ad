/*
 * The content of one part: decoded bytes, readable text, harmless HTML.
 */
#ifndef MAIL_BODY_H
#define MAIL_BODY_H

#include "base/text.h"
#include "mail/manifest.h"

/* The bytes in which a part has its range: the message's, or the decoded ones of what it lies in.
 */
enum status body_holder(const struct source *message, const struct part *part, struct arena *arena,
			struct source *holder_out) MUST_CHECK;

/* As body_open, from the bytes in which the part has its range. */
enum status body_open_in(const struct source *holder, const struct part *part, struct arena *arena,
			 struct source *decoded_out) MUST_CHECK;

/* The decoded bytes of a part as a source: seekable, constant memory (a backward seek in base64
 * maps to its line grid where the lines are regular, else reads again from the start).
 * Lives in the arena; borrows `message`. */
enum status body_open(const struct source *message, const struct part *part, struct arena *arena,
		      struct source *decoded_out) MUST_CHECK;

/* The text of a PART_TEXT as clean UTF-8 with LF line ends: charset converted (wrong labels and
 * broken bytes give U+FFFD, never a failure), controls and bidi overrides dropped, flowed
 * paragraphs joined (RFC 3676), files in uuencode left out.  Stops at the builder's bound; the
 * caller sees that by text_ok. */
enum status
body_text(const struct source *message, const struct part *part, struct text *text) MUST_CHECK;

/* The HTML of a PART_HTML as readable plain text: paragraphs, lists, links as "text <url>",
 * tables row by row, quotes with "> "; with spans as html_to_text (mail/html_text.h).
 * STATUS_TOO_LARGE when the HTML is beyond what is safe to parse (2 MB, 20,000 tags, 1,000 open
 * elements, 200 attributes in a tag). */
enum status body_html_to_text(const struct source *message, const struct part *part,
			      struct text *text, struct text *spans) MUST_CHECK;

/* The same HTML as its writer laid it out, sanitised: a whitelist of elements, attributes and
 * CSS properties, serialised anew; no script, no form, no remote load.  `cid_url` gives the
 * address of an inline picture by Content-ID, or NULL.  Result is a whole document. */
enum status body_html_sanitise(const struct source *message, const struct part *part,
			       const char *(*cid_url)(void *context, const char *content_id),
			       void *context, struct text *html) MUST_CHECK;

#endif
