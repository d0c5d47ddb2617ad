/*
 * Mailboxes of recipients: made by who has opened a message, entered with the
 * passphrase that its owner chose, and destroyed by them.
 *
 * "Mailbox" here is what lies in the portal; the one of an address is
 * struct mailbox (mail/address.h).
 */
#ifndef MESSENGER_MAILBOX_H
#define MESSENGER_MAILBOX_H

#include "messenger/open.h"
#include "messenger/passphrase.h"
#include "messenger/place.h"
#include "messenger/search.h"
#include "messenger/writing.h"
#include "store/mailbox.h"

#define MAILBOX_TOKEN_SIZE ((size_t)32)
#define MAILBOX_FACTOR_TRIES 5
#define MAILBOX_FACTOR_SECONDS 600

/* A mailbox that somebody is signed in to, for one request. */
struct inbox {
	struct id id;
	struct id session;
	const char *address;
	struct slice index; /* of that */
	struct pair pair;   /* wiped with the arena */
	bool limited;	    /* has to set up a second factor before anything else is shown */
	int64_t idle_at;    /* when the session ends without another request */
	int64_t ends_at;    /* at the latest */
};

/* Who makes one, comes in or gives it another passphrase. */
struct mailbox_visitor {
	struct place place;   /* from where */
	const char *language; /* of the pages that they see: its code */
};

/* What a mailbox is to who has opened a message. */
enum mailbox_standing {
	MAILBOX_NONE = 0, /* none is offered, and nothing is put into one that may be there */
	MAILBOX_OFFERED,
	MAILBOX_EXPECTED, /* its reader is led to making one */
	MAILBOX_THERE,	  /* there is one, and the message does not lie in it */
	MAILBOX_HOLDS,	  /* it lies there */
};
enum status
messenger_mailbox_standing(const struct messenger *messenger, const struct opened *opened,
			   struct arena *arena, enum mailbox_standing *standing_out) MUST_CHECK;

/* Make one for the recipient of an opened message, which is put into it, and sign in: *token_out is
 * for the cookie; with *owes_out, where the address has second factors already, that of a session
 * that owes one.  `link` is the text of the message's link.  STATUS_INVALID: *faults_out (bits of
 * form_fault) says why.  STATUS_CONFLICT: there is one.  STATUS_NOT_FOUND: none is offered.  One
 * Argon2id: on the bounded pool. */
enum status messenger_mailbox_make(const struct messenger *messenger, const struct opened *opened,
				   struct slice link, const struct passphrase_form *form,
				   const struct mailbox_visitor *visitor, int64_t now,
				   struct secret *token_out, bool *owes_out, unsigned *faults_out,
				   struct strength *strength_out) MUST_CHECK;

/* Put an opened message into the mailbox of its recipient, who is signed in.  STATUS_NOT_FOUND: it
 * is somebody else's, or policy or sender want it in none.  STATUS_DENIED: they have to set up a
 * second factor first.  STATUS_CONFLICT: it lies there. */
enum status messenger_mailbox_keep(const struct messenger *messenger, const struct inbox *inbox,
				   const struct opened *opened, struct slice link, int64_t now,
				   struct arena *arena) MUST_CHECK;

/* Sign in with address and passphrase.  Costs an Argon2id also for an address without a mailbox, so
 * that times tell nothing: on the bounded pool.  STATUS_DENIED: wrong, or no such mailbox.
 * STATUS_BUSY: too many tries for this address or from this network, *retry_at_out tells until
 * when.  STATUS_INVALID: no address, or no passphrase.  With *owes_out the token is that of a
 * session that owes a second factor. */
enum status
messenger_mailbox_enter(const struct messenger *messenger, struct slice address,
			struct slice passphrase, const struct place *place, int64_t now,
			struct secret *token_out, bool *owes_out, int64_t *retry_at_out) MUST_CHECK;

/* The second factor of such a session, whose address is told by _owes.  STATUS_OK: a new token.
 * STATUS_DENIED, and how many tries are left; STATUS_GONE: what a passkey was to sign is used up,
 * or too old, likewise.  STATUS_NOT_FOUND: nothing is owed (any more).  STATUS_BUSY: too many wrong
 * ones from this network, or of this account. */
struct account_proof;
enum status
messenger_mailbox_owes(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, const char **address_out) MUST_CHECK;
enum status
messenger_mailbox_factor(const struct messenger *messenger, struct slice token,
			 struct account_proof *proof, const struct place *place, int64_t now,
			 struct secret *token_out, int *left_out) MUST_CHECK;

/* By the cookie; its pair is wiped with the arena, so it lives as long.  STATUS_DENIED: no session
 * (any more). */
enum status
messenger_mailbox_open(const struct messenger *messenger, struct slice token, int64_t now,
		       struct arena *arena, struct inbox *inbox_out) MUST_CHECK;

/* End this session; all of them: messenger_sessions_end_all. */
enum status
messenger_mailbox_leave(const struct messenger *messenger, const struct inbox *inbox) MUST_CHECK;

/* Another passphrase: the private half gets a new lock, and every session ends but the new one of
 * *token_out.  STATUS_DENIED: `current` is wrong.  STATUS_BUSY: too many tries.  STATUS_INVALID:
 * faults of the new one.  Two Argon2ids. */
enum status
messenger_mailbox_change(const struct messenger *messenger, const struct inbox *inbox,
			 struct slice current, const struct passphrase_form *form,
			 const struct mailbox_visitor *visitor, int64_t now,
			 struct secret *token_out, unsigned *faults_out,
			 struct strength *strength_out, int64_t *retry_at_out) MUST_CHECK;

/* Destroy it with everything that lies in it, and with what is known of its owner, unless they are
 * of the organisation.  STATUS_DENIED: the passphrase is wrong.  STATUS_BUSY
 * as above.  One Argon2id. */
enum status
messenger_mailbox_close(const struct messenger *messenger, const struct inbox *inbox,
			struct slice passphrase, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* --- the list --- */

struct mailbox_line {
	struct mailbox_line_row row;
	const char *sender_name;
	const char *sender_address;
	const char *subject; /* "" without one */
	const char *link;    /* text of the private link; "" when it does not open */
};
struct mailbox_question {
	unsigned which;	   /* MAILBOX_READ, MAILBOX_UNREAD */
	struct slice find; /* in sender and subject */
	struct desk_place behind;
};
struct mailbox_answer {
	struct mailbox_line *lines;
	struct search_found found;
};
/* At most `most` lines. */
enum status
messenger_mailbox_list(const struct messenger *messenger, const struct inbox *inbox,
		       const struct mailbox_question *question, size_t most, struct arena *arena,
		       struct mailbox_answer *answer_out) MUST_CHECK;

/* Whom its owner may write to: those who wrote one of the newest 1,000 messages, by address; each
 * with the link of their newest one. */
struct mailbox_person {
	const char *name; /* "" when unknown */
	const char *address;
	const char *link;
	int64_t wrote_at;
};
enum status messenger_mailbox_people(const struct messenger *messenger, const struct inbox *inbox,
				     struct arena *arena, struct mailbox_person **people_out,
				     size_t *count_out) MUST_CHECK;

/* What its owner sent, newest first, from the one named on (NULL: from the first). */
struct mailbox_sent {
	struct id id;
	struct writing writing;
	const char *link;   /* of the message that it answers, or that told whom to write to */
	int64_t expires_at; /* it goes with that one */
};
enum status messenger_mailbox_sent(const struct messenger *messenger, const struct inbox *inbox,
				   const struct id *from, size_t most, struct arena *arena,
				   struct mailbox_sent **list_out, size_t *count_out) MUST_CHECK;

enum status messenger_mailbox_sent_ids(const struct messenger *messenger, const struct inbox *inbox,
				       size_t most, struct arena *arena, struct id **ids_out,
				       size_t *count_out) MUST_CHECK;

/* How much there is. */
enum status messenger_mailbox_usage(const struct messenger *messenger, const struct inbox *inbox,
				    struct mailbox_usage *usage_out) MUST_CHECK;
/* Deliveries in the order in which they came, from one on. */
enum status messenger_mailbox_piece(const struct messenger *messenger, const struct inbox *inbox,
				    size_t from, size_t most, struct arena *arena,
				    struct id **ids_out, size_t *count_out) MUST_CHECK;

/* Of one request that comes with a mailbox's cookie instead of a message's: T of a delivery that
 * lies in it.  STATUS_DENIED; STATUS_CONFLICT: its owner has to set up a second factor first. */
enum status mailbox_take(struct store *store, const struct inbox *inbox, const struct id *delivery,
			 struct arena *arena, struct secret *temporary_private_out) MUST_CHECK;
/* As messenger_mailbox_open, over a connection. */
enum status
mailbox_find_session(const struct messenger *messenger, struct store *store, struct slice token,
		     int64_t now, struct arena *arena, struct inbox *inbox_out) MUST_CHECK;

#endif
