/*
 * Stable words for what is numbered in the database: the same in tables, in JSON and
 * in what is typed.
 */
#ifndef CTL_NAMES_H
#define CTL_NAMES_H

#include "messenger/queue.h"
#include "messenger/view.h"
#include "store/account.h"
#include "store/give_up.h"
#include "store/key.h"
#include "store/reset.h"

const char *name_of_state(enum delivery_state state);
const char *name_of_route(enum delivery_route route);
const char *name_of_pdf_outcome(enum pdf_outcome outcome);
const char *name_of_origin(enum message_origin origin);
const char *name_of_message_state(enum message_state state);
/* "" while it is open, or when it ended by arriving or failing. */
const char *name_of_closer(enum delivery_state state, enum closed_by by);
const char *name_of_key_kind(enum key_kind kind);
const char *name_of_standing(enum key_standing standing);
const char *name_of_event(enum account_event event);
const char *name_of_reset(enum reset_state state);
const char *name_of_give_up(enum give_up_state state);
const char *name_of_mail(enum outbox_kind kind);
const char *name_of_queue_state(enum queue_state state);
/* With blanks between; "" for none. */
const char *names_of_wishes(unsigned wishes, struct arena *arena);

#endif
