/*
 * The desk of a sender: signing in with a code that is mailed to an address of
 * the organisation, the session behind it, and the list of what was sent.
 */
#ifndef MESSENGER_DESK_H
#define MESSENGER_DESK_H

#include "crypto/hash.h"
#include "messenger/messenger.h"
#include "messenger/throttle.h"
#include "messenger/place.h"
#include "messenger/search.h"
#include "store/desk.h"

#define DESK_CODE_SECONDS 600
#define DESK_CODE_TRIES 5
#define DESK_CODE_LENGTH ((size_t)8)
#define DESK_TOKEN_SIZE ((size_t)32)
#define DESK_SESSION_PLACE "desk_session.place"

/* Ask for a code.  The same for every well-formed address: whether it is one of ours is only looked
 * at when the mail is made.  *token_out (32 bytes) is for the cookie of the browser that asked.
 * STATUS_INVALID: no address.  STATUS_BUSY: too many codes for this address or network within an
 * hour. */
enum status
messenger_desk_ask(const struct messenger *messenger, struct slice address, struct slice network,
		   int64_t now, struct secret *token_out, int64_t *retry_at_out) MUST_CHECK;

/* The address a code was asked for by the browser with this token.  STATUS_NOT_FOUND: nothing is
 * asked for, or its time or tries are over. */
enum status messenger_desk_asked(const struct messenger *messenger, struct slice token, int64_t now,
				 struct arena *arena, const char **address_out) MUST_CHECK;

/* Type the code.  STATUS_OK: *session_out is the token of the new session; unless
 * *needs_factor_out, then the same browser shows a second factor as well.  STATUS_DENIED: wrong,
 * *left_out tries are left.  STATUS_NOT_FOUND: time or tries are over. */
enum status
messenger_desk_enter(const struct messenger *messenger, struct slice token, struct slice code,
		     const struct place *place, int64_t now, struct secret *session_out,
		     int *left_out, bool *needs_factor_out) MUST_CHECK;

/* Whose second factor the browser with this token owes.  STATUS_NOT_FOUND, as above. */
enum status messenger_desk_owes(const struct messenger *messenger, struct slice token, int64_t now,
				struct arena *arena, const char **address_out) MUST_CHECK;
/* Show it.  Status as of messenger_desk_enter; STATUS_GONE: what a passkey was to sign is used up,
 * or too old, *left_out as for STATUS_DENIED. */
struct account_proof;
enum status
messenger_desk_factor(const struct messenger *messenger, struct slice token,
		      struct account_proof *proof, const struct place *place, int64_t now,
		      struct secret *session_out, int *left_out) MUST_CHECK;

/* How the tokens of browsers are stored. */
void desk_hash_token(struct slice token, unsigned char hash[HASH_SIZE]);

/* Who is signed in. */
struct desk {
	const char *address;
	struct slice index;
	struct id session;
	bool limited;	 /* has to set up a second factor before anything else is shown */
	int64_t ends_at; /* unless something is asked for before, and at the latest then */
};
/* STATUS_DENIED: nobody (any more). */
enum status messenger_desk_open(const struct messenger *messenger, struct slice token, int64_t now,
				struct arena *arena, struct desk *desk_out) MUST_CHECK;
enum status messenger_desk_leave(const struct messenger *messenger, struct slice token) MUST_CHECK;

/* A code of the sender's desk, for the mail that carries it: the courier's.  STATUS_CONFLICT: it is
 * not to be mailed: not an address of ours, too old, or mailed before. */
enum status messenger_desk_code(const struct messenger *messenger, struct store *store,
				const struct id *sign_in, int64_t now, struct arena *arena,
				const char **address_out, const char **code_out) MUST_CHECK;

/* The list. */
struct desk_question {
	enum desk_part part;
	unsigned states;   /* bits 1 << enum delivery_state */
	struct slice find; /* in recipient or subject, any case; empty: everything */
	struct desk_place behind;
};
struct desk_line {
	struct desk_row row;
	const char *recipient;
	const char *subject; /* "" also when it is gone */
	const char *sender;  /* likewise; of everybody's parts only */
};
struct desk_answer {
	struct desk_line *lines;
	struct search_found found;
};
/* An empty `owner_index` stands for anybody in everybody's parts, which are the administrator's. */
enum status messenger_desk_list(const struct messenger *messenger, struct slice owner_index,
				const struct desk_question *question, size_t most,
				struct arena *arena, struct desk_answer *answer_out) MUST_CHECK;

#endif
