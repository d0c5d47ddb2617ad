/*
 * A PDF that was made as the answer to a request.
 */
#ifndef PORTAL_PDF_ANSWER_H
#define PORTAL_PDF_ANSWER_H

#include "portal/page.h"

/* To be saved under that name.  Borrows the bytes, which lie in the request's arena. */
void pdf_answer(const struct request *request, struct answer *answer, const char *name,
		struct slice pdf);

#endif
