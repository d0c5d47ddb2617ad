/*
 * One delivery as its sender sees it, for templates/pages/delivery.html.
 */
#ifndef PORTAL_DELIVERY_VALUES_H
#define PORTAL_DELIVERY_VALUES_H

#include "messenger/view.h"
#include "portal/request.h"

/* Whether its sender can print a letter that tells how it is opened: it has a clue, and there are
 * fonts. */
bool delivery_has_letter(const struct request *request, const struct sender_view *view);

/* `base` is the path of its pages; `by_link`: whoever looks has the link that was mailed to the
 * sender. */
void delivery_put(const struct request *request, struct template_values *values,
		  const struct sender_view *view, const char *base, bool by_link);

/* The flag of its state alone, and those that stand beside it in a list. */
void delivery_put_state(struct template_values *values, enum delivery_state state);

#endif
