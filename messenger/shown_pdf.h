/*
 * What is shown of a letter as a document to be drawn, for a copy that is saved and for
 * one that is mailed: the middle of both is templates/pdf/letter.txt.
 */
#ifndef MESSENGER_SHOWN_PDF_H
#define MESSENGER_SHOWN_PDF_H

#include "messenger/messenger.h"
#include "messenger/shown_letter.h"
#include "pdf/describe.h"

struct shown_pdf {
	const struct messenger *messenger;
	const struct shown *shown;
	const char *name; /* of the template, "pdf/message" */
	/* What it wants besides the letter; those of the letter are added. */
	struct template_values *values;
	bool with_files; /* as many as fit */
	int64_t made_at;
};

/* All of *wish_out but the password, in the letter's arena. */
enum status shown_pdf_describe(const struct shown_pdf *from, struct pdf_wish *wish_out) MUST_CHECK;

#endif
