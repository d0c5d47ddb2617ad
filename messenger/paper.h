/*
 * A document in the organisation's look, from a template of templates/pdf/: what every
 * PDF has, whatever it speaks of.
 */
#ifndef MESSENGER_PAPER_H
#define MESSENGER_PAPER_H

#include "messenger/messenger.h"
#include "pdf/describe.h"

/* The document that the template `name` ("pdf/sheet") describes with these values, in the arena; of
 * *from, what a letter brings is set, or nothing, and made_at.  Of *wish_out neither label, message
 * nor password is set. */
enum status paper_describe(const struct messenger *messenger, const struct language *language,
			   const char *name, struct template_values *values, struct described *from,
			   struct arena *arena, struct pdf_wish *wish_out) MUST_CHECK;

#endif
