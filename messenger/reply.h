/*
 * A recipient's reply: written as an ordinary mail message while the form
 * arrives, encrypted as any message, handed to the courier at the end; or, when
 * it comes to nothing, kept as a draft: its files lie there already.
 */
#ifndef MESSENGER_REPLY_H
#define MESSENGER_REPLY_H

#include "mail/compose.h"
#include "messenger/draft.h"
#include "messenger/holders.h"

struct reply;

/* What stands in the form before its files. */
struct reply_form {
	struct slice once; /* names the form: of two replies from one form only one is kept; empty:
			      no name */
	struct writing text;	      /* body, quote, to_all, forward */
	const struct holder *holders; /* of the message, when it goes to all; of what is forwarded:
					 to whom, and to nobody else */
	size_t holder_count;
	bool has_files; /* known beforehand, or guessed true */
	bool eight_bit; /* messenger_reply_add_message will bring such bytes */
};

#define REPLIES_A_DAY 100

/* One more reply to a delivery.  STATUS_BUSY, and when there may be another, after REPLIES_A_DAY
 * within a day: each makes mails. */
enum status messenger_reply_count(const struct messenger *messenger, const struct id *delivery,
				  int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* "Re: ..." */
const char *messenger_reply_subject(const struct opened *opened, struct arena *arena);

/* The sender's name as the message shows it; "" when it does not. */
const char *messenger_reply_sender_name(const struct opened *opened);

/* Begin a reply to the sender of an opened message, and to those who hold it where that is wished:
 * header and text are written.  From: recipient's address as name over the organisation's system
 * address; To: the sender; Cc: the holders; Reply-To: mark prefix + recipient; Subject: "Re: " +
 * subject, and threading headers, unless the text is fresh. */
enum status messenger_reply_open(const struct messenger *messenger, const struct opened *opened,
				 const struct reply_form *form, int64_t now,
				 struct reply **reply_out) MUST_CHECK;

/* Begin with files that can only be kept: of a form whose session is over. */
enum status messenger_reply_open_files(const struct messenger *messenger, const struct id *delivery,
				       int64_t now, struct reply **reply_out) MUST_CHECK;

/* STATUS_TOO_LARGE: more than DRAFT_FILES_MAX files. */
enum status
messenger_reply_file_begin(struct reply *reply, const char *name, const char *type) MUST_CHECK;
enum status messenger_reply_file_write(struct reply *reply, struct slice bytes) MUST_CHECK;
enum status messenger_reply_file_end(struct reply *reply) MUST_CHECK;

/* Append the files of the draft, which was opened with the message. */
enum status messenger_reply_add_draft(struct reply *reply, const struct opened *opened,
				      const struct draft *draft) MUST_CHECK;

/* Append the message itself, as what reply_message_carriage has found it to be. */
enum status messenger_reply_add_message(struct reply *reply, const struct opened *opened,
					enum reply_carriage carriage) MUST_CHECK;

/* Commit: STATUS_OK means it is kept and will be sent, its writer can read it, and its draft is
 * gone; STATUS_CONFLICT that its form was sent before.  Frees the reply whatever happens. */
enum status messenger_reply_commit(struct reply *reply) MUST_CHECK;

/* Give up, but keep in the draft what is whole: `text`, and the files that were ended, up to `most`
 * bytes in all.  *kept_out counts these.  Frees the reply whatever happens. */
enum status messenger_reply_keep(struct reply *reply, const struct writing *text, uint64_t most,
				 size_t *kept_out) MUST_CHECK;
void messenger_reply_abort(struct reply *reply);

#endif
