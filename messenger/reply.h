/*
 * A recipient's reply: written as an ordinary mail message while the form
 * arrives, encrypted as any message, handed to the courier at the end.
 */
#ifndef MESSENGER_REPLY_H
#define MESSENGER_REPLY_H

#include "messenger/open.h"

struct reply;

/* Begin a reply to the sender of an opened message.  `once` names the form it was typed in (empty:
 * no name): of two replies from one form only one is kept.  `has_files` is known beforehand or
 * guessed true.  From: recipient's address as name over the organisation's system address; To: the
 * sender; Reply-To: mark prefix + recipient; Subject: "Re: " + subject; threading headers. */
enum status messenger_reply_open(const struct messenger *messenger, const struct opened *opened,
				 struct slice once, bool has_files, int64_t now,
				 struct reply **reply_out) MUST_CHECK;
enum status messenger_reply_body(struct reply *reply, struct slice body) MUST_CHECK;
enum status
messenger_reply_file_begin(struct reply *reply, const char *name, const char *type) MUST_CHECK;
enum status messenger_reply_file_write(struct reply *reply, struct slice bytes) MUST_CHECK;
enum status messenger_reply_file_end(struct reply *reply) MUST_CHECK;

/* Commit: STATUS_OK means it is kept and will be sent; STATUS_CONFLICT that its form was sent
 * before.  Frees the reply whatever happens. */
enum status messenger_reply_commit(struct reply *reply) MUST_CHECK;
void messenger_reply_abort(struct reply *reply);

#endif
