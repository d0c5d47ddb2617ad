/*
 * What would happen to a message: the decision that routing takes, without a
 * message.
 */
#ifndef MESSENGER_WOULD_H
#define MESSENGER_WOULD_H

#include "messenger/decide.h"
#include "messenger/evidence.h"
#include "messenger/templates.h"

struct would_view {
	const char *sender;
	struct decision decision; /* its recipient without the mark */
	bool held;		  /* the sender is asked first */
	bool by_template;	  /* leaves at once as `template` says */
	bool by_mailbox;	  /* into the recipient's: no lock is used */
	enum pdf_way pdf;	  /* leaves at once as PDF; else PDF_NONE */
	int lifetime_days;	  /* where it leaves at once by the portal */
	bool prepared;		  /* held, with what `template` knows filled in */
	struct template_view template;
	bool looking;		  /* the courier is still looking for keys: ask again */
	struct evidence evidence; /* of the key that would be used; all "" otherwise */
};

/* The courier is asked to look for keys where it would. `subject` is decoded text, may be "".
 * STATUS_INVALID: one of the two is no address. */
enum status messenger_would(const struct messenger *messenger, const char *sender,
			    struct slice recipient, const char *subject, int64_t now,
			    struct arena *arena, struct would_view *view_out) MUST_CHECK;

#endif
