/*
 * Have a document made into a PDF, by a reader: what a program says and what it gets.  The drawing
 * itself is nothing that a program knows (pdf/task.h).
 */
#ifndef PDF_ASK_H
#define PDF_ASK_H

#include "base/secret.h"
#include "mail/manifest.h"
#include "mail/reader.h"
#include "pdf/document.h"
#include "pdf/terms.h"

/* A file of the message that is put in: its decoded bytes. */
struct pdf_file {
	const struct part *part;
	const char *name; /* no two of the same */
	const char *type; /* "application/pdf" */
};

struct pdf_wish {
	const char *label; /* for the log, as in mail/reading.h */
	const struct document *document;
	struct slice logo; /* a PNG for its letterhead; empty: none */
	/* Where pictures and files come from; NULL: there are none. */
	const struct source *message;
	const struct manifest *manifest;
	const struct pdf_file *files; /* at most PDF_FILES_COUNT_MAX, of PDF_FILES_SIZE_MAX bytes */
	size_t file_count;
	const struct secret *password; /* as pdf_password_prepare makes it; NULL: unprotected */
};

/* The bytes of the PDF, in the arena.  STATUS_NOT_FOUND: there is no font to draw with;
 * STATUS_TOO_LARGE: it would be larger than it may be; STATUS_INVALID: it could not be made, which
 * is logged; STATUS_UNAVAILABLE: no reader, for now; else the message's own failures. */
enum status pdf_make(struct reader *reader, const struct pdf_wish *wish, struct arena *arena,
		     struct slice *pdf_out) MUST_CHECK;

/* Whether what came back begins and ends as a PDF does and, where that is wanted, says that it is
 * encrypted.  Pure. */
bool pdf_is_whole(struct slice bytes, bool encrypted);

#endif
