/*
 * The body of a request on its way into the request's form: gathered where it
 * is small, streamed where it has files.  Files are handed on only behind a right token,
 * so the token's field stands first in a form with files.
 */
#ifndef PORTAL_SENDING_H
#define PORTAL_SENDING_H

#include "portal/guard.h"
#include "portal/request.h"

struct sending;

/* Ready for the body that the route of the request takes.  STATUS_INVALID: a body of another kind
 * than that, or one where none belongs; STATUS_TOO_LARGE: more is announced than is taken. */
enum status sending_open(struct request *request, const struct guard_facts *facts,
			 struct sending **sending_out) MUST_CHECK;

/* The next bytes.  STATUS_TOO_LARGE: it never ends, drop the connection.  Other faults are told by
 * sending_finish, after all was read: only then can they be answered. */
enum status sending_take(struct sending *sending, struct slice bytes) MUST_CHECK;

/* All is there: the form is filled in. */
enum status sending_finish(struct sending *sending) MUST_CHECK;

#endif
