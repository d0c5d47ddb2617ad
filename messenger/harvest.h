/*
 * Keys that mail brings which passes: certificates of S/MIME signatures around the
 * whole message, the Autocrypt field, files of keys.  They are the author's when the
 * one address in From is the one that they name, and anybody can write a From: so a
 * certificate is used only when an authority vouches for it, and an OpenPGP key goes
 * into review, unless the administrator says otherwise (keys.harvest).
 *
 * Routing only notes which messages bring something; it is looked at afterwards, and no
 * message waits for that, or is lost by it.
 */
#ifndef MESSENGER_HARVEST_H
#define MESSENGER_HARVEST_H

#include "messenger/routing.h"

/* In routing's transaction, when all else is known about the message. */
enum status harvest_later(const struct routing *routing) MUST_CHECK;

/* Give up what nobody came to look at. */
enum status harvest_give_up(struct store *store, int64_t now) MUST_CHECK;

#endif
