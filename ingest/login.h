/*
 * AUTH as a command of SMTP (RFC 4954): who may try, base64 lines there and back, what ends an
 * attempt, and when there have been too many.
 */
#ifndef INGEST_LOGIN_H
#define INGEST_LOGIN_H

#include "ingest/session.h"

#define LOGIN_FAILURES_MAX 3

/* Is AUTH on offer now? */
bool login_offered(const struct session *session);

/* What stands behind AUTH: a mechanism, maybe its first message. */
void login_begin(struct session *session, struct slice argument);

/* A line while an attempt is going on (session->auth is set). */
void login_line(struct session *session, struct slice line);

/* End the attempt with this reply; it does not count as a failure. */
void login_break(struct session *session, enum reply reply);

#endif
