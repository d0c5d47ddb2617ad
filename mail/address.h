/*
 * Mail addresses as text: local part @ domain, RFC 5321 section 4.1.2 with the
 * UTF-8 of RFC 6531.  An address that passes address_check holds no control
 * character, space outside quotes, angle bracket or comma, so it can stand in
 * an SMTP command, a header or a log line.
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define ADDRESS_MAX ((size_t)320) /* 64 + 1 + 255 */

/* STATUS_OK when `address` is a Mailbox of RFC 5321; *utf8_out (may be NULL) tells
 * whether it needs SMTPUTF8. */
enum status address_check(struct slice address, bool *utf8_out) MUST_CHECK;

/* The parts of a checked address. */
struct slice address_local(struct slice address);
struct slice address_domain(struct slice address);

/* A local part without its quotes, and with the quotes that it needs (it holds no controls). */
struct slice address_unquote(struct slice local, struct arena *arena);
struct slice address_quote(struct slice plain, struct arena *arena);

/* The form that addresses are compared and indexed by: lower case (Unicode simple
 * case folding), quotes that are not needed dropped.  In the arena, NUL-terminated. */
const char *address_normalise(struct slice address, struct arena *arena);

/* Any text with full case folding (Unicode: ß is ss), for finding pieces of addresses and subjects;
 * of very long ones the beginning. */
const char *address_fold(struct slice text, struct arena *arena);

/* One mailbox of a header: what is shown and where it lies.  Display names are
 * decoded (RFC 2047), valid UTF-8, without controls or bidi overrides. */
struct mailbox {
	const char *name;    /* "" when there is none */
	const char *address; /* as written, decoded to UTF-8 where it can be */
};

/* Parse a header value (folded or not) as an address list, groups flattened, at
 * most `limit` mailboxes; broken parts are skipped.  Never fails: *count_out may be 0. */
struct mailbox *
address_list_parse(struct slice value, size_t limit, struct arena *arena, size_t *count_out);

#endif
