/*
 * Pieces of the view of a letter.  Inside of portal/letter only.
 */
#ifndef PORTAL_LETTER_PART_H
#define PORTAL_LETTER_PART_H

#include "portal/letter.h"

/* runs, no_text. */
void letter_put_body(const struct request *request, const struct letter_view *view,
		     struct template_values *values);

/* The list `invitations`; whether it has any. */
bool letter_put_invitations(const struct request *request, const struct page_reading *page,
			    struct template_values *values);

/* The list `reported`; whether it has any. */
bool letter_put_report(const struct request *request, const struct page_reading *page,
		       struct template_values *values);

#endif
