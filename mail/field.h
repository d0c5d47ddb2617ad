/*
 * Header fields as bytes.  Whatever string is handed in leaves as one harmless
 * field: controls, line ends and direction overrides are dropped, broken UTF-8
 * becomes U+FFFD, lines are folded at 76 where they can be.
 *
 * Parameters and encoded words (mail/words.h) are not written by GMime, which
 * makes words longer than RFC 2047 allows, cuts characters in parameters, lets text
 * through that merely looks encoded, and writes line ends in names as they come.
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include "base/text.h"
#include "mail/address.h"

#define FIELD_LINE_MAX ((size_t)998) /* RFC 5322 section 2.1.1 */

/* "Name: value" of words that this program chose itself (ASCII, short). */
void field_put(struct text *out, const char *name, const char *value);

/* An unstructured field: ASCII as it is, else RFC 2047. */
void field_put_text(struct text *out, const char *name, const char *text);

/* From, To, Reply-To.  STATUS_INVALID, and nothing is appended, when the address could
 * break out of its place. */
enum status
field_put_mailbox(struct text *out, const char *name, const struct mailbox *mailbox) MUST_CHECK;

/* Several of them, each on its line; nothing for none. */
enum status field_put_mailboxes(struct text *out, const char *name, const struct mailbox *mailboxes,
				size_t count) MUST_CHECK;

/* Message-ID, In-Reply-To, References: the identifiers in `value`, each on its line.  What is no
 * identifier is left out; of more than FIELD_IDS_MAX the first and the last ones stay.  Nothing is
 * appended when none is left.  True when there was one. */
#define FIELD_IDS_MAX ((size_t)50)
bool field_put_ids(struct text *out, const char *name, const char *value);

/* ";" and a parameter behind a field that is not ended yet (RFC 2045; RFC 2231 where needed). */
void field_put_parameter(struct text *out, const char *name, const char *value);

/* The same for readers that do not know RFC 2231: what is not plain ASCII becomes "_", and of a
 * long value the end stays.  Encoded words, as some programs write them here, are forbidden (RFC
 * 2047 section 5). */
void field_put_plain_parameter(struct text *out, const char *name, const char *value);

#endif
