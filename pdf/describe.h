/*
 * From the lines of a template to a document: which kind of block each is, and which files go in.
 * Knows no words; those of the lines come from templates/pdf/.
 *
 * A line is "word: text".  The words are the kinds of blocks (title, heading, paragraph, note,
 * item, rule, break), and
 *
 *	page, unseen, name	what struct document_head calls so, once
 *	title			of the document as well, the first one
 *	label, fact		a label, and then the fact that it belongs to
 *	about, file		what is said of a file, and then which one it is
 *	caption, otherwise, picture	the same for a picture, and the number of its part
 *	lines			the number of a piece of the page's text
 *	link			an address that can be followed
 *	code, codes		a short text, and then all of these in columns
 *	address, letterhead	a line of an address, and then all of these beside the logo and
 *				this name
 *	cover			a title that is not the document's
 */
#ifndef PDF_DESCRIBE_H
#define PDF_DESCRIBE_H

#include "mail/reading_page.h"
#include "pdf/ask.h"

/* What its lines speak of.  Without a message, nothing but lines and what follows the files. */
struct described {
	struct slice lines;
	const struct page_reading *page;
	const struct manifest *manifest;
	const struct part *const *files; /* as they are numbered in the lines */
	const bool *fits;		 /* of these; NULL: none goes in */
	size_t file_count;
	const char *author;
	const char *language;
	bool rtl;
	int64_t made_at;
	uint32_t accent;   /* 0xrrggbb, of headings, links and lines */
	struct slice logo; /* a PNG; empty: none */
	bool logo_says_name;
};

/* Which files have room in a PDF, the first of them as long as there is some: a flag for each. */
const bool *pdf_files_fit(const struct part *const *files, size_t count, struct arena *arena);

/* The document, and the files that are put in, in the arena; of *wish_out nothing else is set. */
void pdf_describe(const struct described *from, struct arena *arena, struct pdf_wish *wish_out);

#endif
