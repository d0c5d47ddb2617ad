/*
 * A message on its way to somebody who has a key: signed where somebody signs, encrypted
 * while it leaves, anew at each try, and stored nowhere in that form.
 */
#ifndef MESSENGER_PROTECT_H
#define MESSENGER_PROTECT_H

#include "messenger/dispatch.h"
#include "messenger/known_key.h"

/* How a message to this key is protected, in words: "AES-256-GCM, RSA-OAEP". */
const char *protect_method(const struct known_key *key);

/* Put the letter for `delivery` into the dispatch, from the message as it was to leave (`original`,
 * borrowed).  STATUS_GONE: its key is no longer there, or may not be used any more. */
enum status protect_letter(const struct messenger *messenger, struct store *store,
			   const struct delivery_row *delivery, const struct source *original,
			   int64_t now, struct arena *arena, struct dispatch *dispatch) MUST_CHECK;

#endif
