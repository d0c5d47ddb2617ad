/*
 * A letter as a document to be drawn, for who has it open: what its page shows, in the order and
 * the words of templates/pdf/message.txt, and which of its files are put in.
 */
#ifndef PORTAL_PDF_LETTER_H
#define PORTAL_PDF_LETTER_H

#include "pdf/describe.h"
#include "portal/letter.h"

/* Describe it, in the request's arena, with as many of its files as fit or with none; everything of
 * *wish_out but the password is filled in. */
enum status pdf_letter_make(const struct request *request, const struct part *letter,
			    bool with_files, struct pdf_wish *wish_out) MUST_CHECK;

/* A name for the file, by the letter's subject. */
const char *pdf_letter_name(const struct request *request, const char *subject);

#endif
