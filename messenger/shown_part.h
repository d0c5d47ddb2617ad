/*
 * Pieces of what is shown of a letter.  Inside of messenger/shown only.
 */
#ifndef MESSENGER_SHOWN_PART_H
#define MESSENGER_SHOWN_PART_H

#include "messenger/shown_letter.h"

/* The list `invitations`; whether it has any. */
bool shown_put_invitations(const struct shown *shown, struct template_values *values);

/* The list `reported`; whether it has any. */
bool shown_put_report(const struct shown *shown, struct template_values *values);

#endif
