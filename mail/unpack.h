/*
 * All parts of a message: those of its own structure, and those of what it
 * carries: attached letters (encoded ones too), winmail.dat, uuencode in texts.
 * Each layer is read twice, for its structure and for sizes and digests; memory
 * does not grow with the message, and depth, number and work are bounded.
 */
#ifndef MAIL_UNPACK_H
#define MAIL_UNPACK_H

#include "mail/header.h"
#include "mail/manifest.h"

/* Fill in parts, part_count and truncated. */
enum status unpack_message(const struct source *message, const struct header_block *block,
			   struct arena *arena, struct manifest *manifest) MUST_CHECK;

#endif
