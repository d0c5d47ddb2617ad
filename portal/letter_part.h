/*
 * Pieces of the view of a letter.  Inside of portal/letter only.
 */
#ifndef PORTAL_LETTER_PART_H
#define PORTAL_LETTER_PART_H

#include "portal/letter.h"

/* runs, no_text. */
void letter_put_body(const struct request *request, const struct shown *shown,
		     struct template_values *values);

#endif
