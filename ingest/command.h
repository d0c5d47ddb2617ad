/*
 * The verbs of SMTP: one table that says what each is, what must have come
 * before it, and who runs it.
 */
#ifndef INGEST_COMMAND_H
#define INGEST_COMMAND_H

#include "ingest/session.h"

/* Run one command line, without its CRLF; free of CR, LF and NUL. */
void command_run(struct session *session, struct slice line);

#endif
