/*
 * What came back from a task, looked at before anybody uses it: bytes that a stranger's message
 * may have written.  Pure, and the only way from an answer into the program.
 */
#ifndef MAIL_READING_CHECK_H
#define MAIL_READING_CHECK_H

#include "mail/reading.h"

/* What was said of a letter's header, which has `header_size` bytes: depth, findings, and a
 * manifest whose edits are the findings'.  STATUS_INVALID: makes no sense. */
enum status reading_check_header(struct slice bytes, uint64_t header_size, struct arena *arena,
				 struct letter_reading *letter_out) MUST_CHECK;

/* A manifest with parts, all of which lie within the `size` bytes of the message.  STATUS_INVALID.
 */
enum status reading_check_parts(struct slice bytes, uint64_t size, struct arena *arena,
				struct manifest *manifest_out) MUST_CHECK;

#endif
