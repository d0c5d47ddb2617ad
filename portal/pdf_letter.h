/*
 * A letter as a document to be drawn: what its page shows, in the order and the words of
 * templates/pdf/message.txt, and which of its files are put in.
 *
 * That template has a line for each thing, "word: text".  The words are the kinds of blocks
 * (title, heading, paragraph, note, item, rule, break), and
 *
 *	page, unseen, name	what struct document_head calls so; %1 and %2 are in the values
 *	label, fact		a label, and then the fact that it belongs to
 *	about, file		what is said of a file, and then its part's number
 *	caption, otherwise, picture	the same for a picture
 *	lines			the number of a piece of the letter's text
 *	link			an address that can be followed
 */
#ifndef PORTAL_PDF_LETTER_H
#define PORTAL_PDF_LETTER_H

#include "pdf/ask.h"
#include "portal/letter.h"

/* Which of a letter's files fit into a PDF, the first of them as long as there is room: a flag for
 * each of file_values_list, in the request's arena. */
const bool *
pdf_letter_fit(const struct request *request, const struct part *const *parts, size_t count);

/* Describe it, in the request's arena, with as many of its files as fit or with none; everything of
 * *wish_out but the password is filled in, and *parts_out has the files that are put in. */
enum status
pdf_letter_make(const struct request *request, const struct part *letter, bool with_files,
		struct pdf_wish *wish_out, const struct part *const **parts_out) MUST_CHECK;

/* A name for the file, by the letter's subject. */
const char *pdf_letter_name(const struct request *request, const char *subject);

#endif
