/*
 * Drawn pages made into the file that is handed out: files put inside, what
 * programs show of it, and all of it encrypted.  The only one that knows qpdf.
 *
 * AES-256 as of ISO 32000-2 (R6), metadata included.  Who has the password may do anything; what
 * else a PDF can forbid is no protection.  PDF has no integrity of its own: docs/cryptography.md.
 */
#ifndef PDF_ENCLOSE_H
#define PDF_ENCLOSE_H

#include "base/secret.h"
#include "pdf/document.h"

struct enclosed_file {
	const char *name;
	const char *type;
	struct slice bytes;
	int64_t time; /* 0: not known */
};

struct enclosing;

/* Begin with drawn pages, which stay where they are.  Everything lives in the arena.
 * STATUS_INVALID: that is no PDF. */
enum status enclosing_begin(struct slice drawn, const struct document_head *head,
			    struct arena *arena, struct enclosing **enclosing_out) MUST_CHECK;

/* Put a file in, whose bytes are copied.  STATUS_INVALID. */
enum status enclosing_add(struct enclosing *enclosing, const struct enclosed_file *file) MUST_CHECK;

/* The whole file, which lives as long as the arena.  An empty password: it is not encrypted.
 * STATUS_INVALID. */
enum status enclosing_finish(struct enclosing *enclosing, const struct secret *password,
			     struct slice *pdf_out) MUST_CHECK;

#endif
