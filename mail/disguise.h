/*
 * Senders who look like somebody else: a name that is another address, a domain
 * that is written with look-alike letters (Unicode TS 39).  Tells only what is
 * plainly so; most false senders are not seen here.
 */
#ifndef MAIL_DISGUISE_H
#define MAIL_DISGUISE_H

#include <stdbool.h>

#include "mail/address.h"

/* Whether the name holds an address, and it is not the mailbox's own. */
bool disguise_in_name(const struct mailbox *mailbox);

/* Whether the domain mixes letters of several scripts, or reads as plain Latin ones and is not. */
bool disguise_in_domain(const char *address);

/* The domain as DNS knows it ("xn--..."), in the arena; "" when there is none. */
const char *disguise_true_domain(const char *address, struct arena *arena);

#endif
