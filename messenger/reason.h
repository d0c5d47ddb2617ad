/*
 * Why a recipient goes the way they go, as flags for pages and mails: their
 * templates have the words.
 */
#ifndef MESSENGER_REASON_H
#define MESSENGER_REASON_H

#include "base/template.h"

/* by_address, by_subject, by_header, by_policy, near_miss, unreadable, in_thread, own_domain,
 * not_marked, by_outsider, without_sender, released, by_reply, no_key: of one of decide_route's
 * stable words, "released-by-sender", or "reply-to-all". */
void reason_put(struct template_values *values, const char *reason);

/* Was it held although it bore no mark: a near miss, or an answer in a secured conversation?  Not
 * where the header cannot be read, for it may bear one.  The same as in delivery_set_released. */
bool reason_is_doubt(const char *reason);

#endif
