/*
 * Whether the address in a certificate or key is the one that it is wanted for.  The compare is
 * our own: libraries differ in case, in domains beyond ASCII and in what ends a text.
 */
#ifndef KEYS_SAME_ADDRESS_H
#define KEYS_SAME_ADDRESS_H

#include <stdbool.h>

#include "base/slice.h"

enum local_rule {
	LOCAL_ANY_CASE = 0, /* ASCII letters without case: what nearly every mail server does */
	LOCAL_EXACT,	    /* RFC 5321 section 2.4 */
};

/* True when both are addresses (mail/address.h) of the same local part, quotes that are not needed
 * apart, in the same domain as DNS has it.  Letters beyond ASCII count as they are: what looks
 * alike is not alike.  NUL, controls and blanks make no address, so they match nothing. */
bool same_address(struct slice wanted, struct slice found, enum local_rule rule);

#endif
