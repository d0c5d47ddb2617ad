/*
 * Domain names with UTF-8 in them (RFC 5890, processed by UTS 46): whether DNS could ever hold
 * such a name.  Nothing is rewritten.
 */
#ifndef MAIL_IDN_H
#define MAIL_IDN_H

#include <stdbool.h>

#include "base/slice.h"

/* True when each label is, or maps to, a U-label whose ASCII form fits into DNS. */
bool idn_is_valid(struct slice domain);

#endif
