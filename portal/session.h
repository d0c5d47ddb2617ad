/*
 * Cookies and tokens of a visit.
 *
 * The cookie holds the session's token and is scoped to its message's path, so
 * that no two messages share one.  Forms of an unlocked message carry a token
 * derived from it; forms before that carry one keyed by the portal over
 * their link and the hour, which this and the next SESSION_FORM_HOURS accept.
 */
#ifndef PORTAL_SESSION_H
#define PORTAL_SESSION_H

#include "base/secret.h"
#include "portal/request.h"

#define SESSION_COOKIE "__Secure-postern"
#define SESSION_SENT_COOKIE "__Secure-postern-sent"
#define SESSION_WRITING_COOKIE "__Secure-postern-writing"
#define SESSION_FACTOR_COOKIE "__Secure-postern-factor" /* of who owes a code for a message */
#define SESSION_DESK_COOKIE "__Secure-postern-desk"
#define SESSION_CODE_COOKIE "__Secure-postern-code" /* of who asked for a code to sign in */
/* Of who is signed in to a mailbox: it opens every message there, whatever their paths. */
#define SESSION_BOX_COOKIE "__Host-postern-box"
#define SESSION_OWES_COOKIE "__Secure-postern-box-factor" /* of who owes a factor for one */
#define SESSION_TOKEN_SIZE ((size_t)32)
#define SESSION_FORM_HOURS 12

enum csrf_kind { CSRF_NONE = 0, CSRF_LINK, CSRF_SESSION };

/* The key of the tokens before unlocking. */
void session_derive_csrf_key(const struct secret *pepper, struct secret *key_out);

/* The token for a form of this page, in the arena; "" for CSRF_SESSION without a session. */
const char *session_csrf(const struct request *request, enum csrf_kind kind);

/* Does the form's `csrf` hold? */
bool session_csrf_holds(const struct request *request, enum csrf_kind kind);

/*
 * The mark of a form that was shown to the session of this cookie: keyed by the portal over link
 * and session, it outlives the session and is good for one thing, to keep what was typed into the
 * form as a draft that only its recipient can open.  It holds together with the cookie of that
 * session, or with an open one.
 */
const char *session_keep(const struct request *request);
bool session_keep_holds(const struct request *request);

/* A note to the page behind the passphrase: a draft waits. */
const char *session_writing_cookie(const struct request *request, bool writing);
bool session_is_writing(const struct request *request);

/* Set-Cookie values, in the arena. */
const char *session_cookie(const struct request *request, const struct secret *token);
const char *session_cookie_end(const struct request *request);

/* Of who owes a code; an empty token ends it. */
const char *session_factor_cookie(const struct request *request, struct slice token);

/* What was just sent, told to the page behind the redirect: number of files and bytes. */
const char *session_sent_cookie(const struct request *request, size_t files, uint64_t size);
bool session_sent(const struct request *request, unsigned long long *files_out,
		  unsigned long long *size_out);

/* Cookies of the desk, by name; an empty token ends one. */
const char *
session_desk_cookie(const struct request *request, const char *name, struct slice token);

/* Of a mailbox, and of who owes a factor for one; an empty token ends it. */
const char *session_box_cookie(const struct request *request, struct slice token);
const char *session_owes_cookie(const struct request *request, struct slice token);

/* The token of the cookie `name` into guarded memory of the arena; empty without one. */
struct slice session_token(struct slice cookie, const char *name, struct arena *arena);

#endif
