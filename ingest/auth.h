/*
 * One attempt to authenticate by SASL (RFC 4422): PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 (RFC
 * 7677). Messages come and go decoded; how SMTP carries them is login.c's business.
 *
 * Somebody who does not exist is treated as if they did, to the end and with the same
 * work, so that nobody finds out who does.
 */
#ifndef INGEST_AUTH_H
#define INGEST_AUTH_H

#include "base/slice.h"
#include "base/text.h"
#include "ingest/users.h"

#define AUTH_MECHANISMS "PLAIN LOGIN SCRAM-SHA-256"
#define AUTH_CHALLENGE_MAX ((size_t)512)

enum auth_step {
	AUTH_CHALLENGE, /* send what was appended, give what comes back */
	AUTH_PASSED,	/* auth_user tells who it is */
	AUTH_FAILED,
};

struct auth;

/* NULL when the mechanism is not known.  `fill_random` gives our nonce; users are borrowed. */
struct auth *auth_new(const struct users *users, struct slice mechanism,
		      void (*fill_random)(unsigned char *bytes, size_t size));

/* Wipe and release.  NULL is fine. */
void auth_free(struct auth *auth);

/* Does the client speak first?  Else auth_greet appends the first challenge. */
bool auth_client_first(const struct auth *auth);
void auth_greet(struct auth *auth, struct text *challenge_out);

/* The client's next message. */
enum auth_step auth_take(struct auth *auth, struct slice message, struct text *challenge_out);

/* Whom the attempt named, when there is such a user; NULL otherwise. */
const struct user *auth_user(const struct auth *auth);

#endif
