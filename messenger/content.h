/*
 * A stored message as a seekable source of plain bytes: chunks are fetched and
 * opened as they are asked for, one at a time in memory; for who reads them in order, and where the
 * messenger has a pool for that, the next one while the one at hand is read.
 */
#ifndef MESSENGER_CONTENT_H
#define MESSENGER_CONTENT_H

#include "base/stream.h"
#include "messenger/messenger.h"
#include "store/message.h"

/* Borrows the row and the key, which must outlive the source; buffers live in the arena.
 * STATUS_DAMAGED when size and number of chunks do not fit each other. */
enum status content_open(const struct messenger *messenger, const struct message_row *row,
			 const struct secret *message_key, struct arena *arena,
			 struct source *source_out) MUST_CHECK;

/* Open K with the gateway's private key: the courier's way. */
enum status content_key_by_gateway(const struct messenger *messenger, const struct message_row *row,
				   struct secret *message_key_out) MUST_CHECK;

#endif
