/*
 * From a request to its handler: the columns of the route table are honoured here, once
 * for all pages.
 */
#ifndef PORTAL_DISPATCH_H
#define PORTAL_DISPATCH_H

#include "portal/answer.h"
#include "portal/guard.h"
#include "portal/sending.h"

/* After the header fields, before the body: route, origin, kind and size of the body.  Either
 * the answer is made (answer->status is set: nothing of the body is wanted) or *sending_out takes
 * it. */
void dispatch_begin(struct request *request, struct slice target, enum status guarded,
		    const struct guard_facts *facts, struct answer *answer,
		    struct sending **sending_out);

/* After the body: the form's token, the session, the handler. */
void dispatch_run(struct request *request, struct sending *sending, struct answer *answer);

/* Instead of that, when the pool it should run on is full. */
void dispatch_crowded(struct request *request, struct sending *sending, struct answer *answer);

#endif
