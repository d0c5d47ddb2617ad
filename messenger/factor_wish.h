/*
 * What a sender wants a recipient to show besides the passphrase, and what is to open a
 * PDF: checked against what there is, on whichever page or list it was said.
 */
#ifndef MESSENGER_FACTOR_WISH_H
#define MESSENGER_FACTOR_WISH_H

#include "messenger/policy.h"
#include "store/template.h"

struct factor_wish {
	enum factor factor;
	struct slice phone; /* as typed; empty: the one that there is */
	enum pdf_way pdf;   /* PDF_PHONE and PDF_SHEET ask for a phone and a sheet, too */
};

/* What there is. */
struct factor_means {
	enum factor factor; /* of the template that is changed */
	enum pdf_way pdf;   /* likewise */
	struct slice phone; /* sealed, of the template that is in force; empty without one */
	bool domain;	    /* it is for everybody at a domain */
	bool needs_sheet;   /* at once: a template may wait for one */
	int sheet_left;
	int passwords_left; /* on the sheet for PDF */
};

/* Whether something is to be sent to the recipient's phone. */
bool factor_wish_asks_phone(enum factor factor, enum pdf_way pdf);

/* Bits of form_fault.  *phone_out: the number that was typed, clean; "" for none, or the one that
 * there is. */
unsigned
factor_wish_check(const struct policy *policy, const struct factor_wish *wish,
		  const struct factor_means *means, struct arena *arena, const char **phone_out);

#endif
