/*
 * Whether a message leaves as an encrypted PDF, and where its password comes from, as a
 * sender says it on whichever page or list.  What stands in the way of that is found by
 * messenger/factor_wish.h: phones and sheets serve both.
 */
#ifndef MESSENGER_PDF_WAY_H
#define MESSENGER_PDF_WAY_H

#include "messenger/policy.h"
#include "store/template.h"

/* In forms and lists: "no" (or ""), "passphrase", "generated", "phone", "sheet". */
const char *pdf_way_word(enum pdf_way way);
/* False: it is none of these. */
bool pdf_way_read(struct slice word, enum pdf_way *way_out);

/* Whether messages can leave that way now: there is a way to phones and a number, a sheet with a
 * password that was not used; and no factor is demanded that a PDF cannot ask for. */
bool
pdf_way_is_ready(const struct policy *policy, enum pdf_way way, bool has_phone, int sheet_left);

#endif
