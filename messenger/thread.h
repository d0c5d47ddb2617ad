/*
 * Which messages belong to a secured conversation: an unmarked answer to one of
 * them is not let out in clear unasked.
 */
#ifndef MESSENGER_THREAD_H
#define MESSENGER_THREAD_H

#include "mail/manifest.h"
#include "messenger/messenger.h"

/* The message with this Message-ID (may be "") was secured, or answers one that was. */
enum status thread_remember(const struct messenger *messenger, struct store *store,
			    const char *message_id, int64_t now, struct arena *arena) MUST_CHECK;

/* Does In-Reply-To or References name such a message? */
enum status
thread_check(const struct messenger *messenger, struct store *store,
	     const struct manifest *manifest, struct arena *arena, bool *found_out) MUST_CHECK;

#endif
