/*
 * What commands about accounts and about mailboxes show alike.
 */
#ifndef CTL_ACCOUNT_H
#define CTL_ACCOUNT_H

#include "ctl/administrator.h"
#include "messenger/account.h"

/* Stable words with blanks between; "" for none. */
const char *account_factor_names(const struct account_view *view);

/* The list of resets, as "resets". */
enum status account_show_resets(struct administrator *administrator, struct slice index,
				int64_t now) MUST_CHECK;

#endif
