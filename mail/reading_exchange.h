/*
 * One task and its answer: the reader gets the request, then the pieces of the
 * message that it asks for, until it answers, dies or is late.
 */
#ifndef MAIL_READING_EXCHANGE_H
#define MAIL_READING_EXCHANGE_H

#include "base/stream.h"
#include "mail/reader.h"
#include "mail/reading_answer.h"
#include "mail/reading_task.h"

enum exchange_end {
	EXCHANGE_DONE,	 /* the task answered, with `status` */
	EXCHANGE_DIED,	 /* a fault, a limit, the sandbox: its message is the cause */
	EXCHANGE_LATE,	 /* over its time */
	EXCHANGE_BROKEN, /* what it said makes no sense */
};

struct exchange {
	enum exchange_end end;
	enum status status; /* STATUS_OK, STATUS_INVALID or STATUS_TOO_LARGE */
	struct slice result;
};

/* Only what a task says before it reads: it is given no message, and ended then.  *first_out is
 * empty where it did not come to that, which is counted and logged as below. */
enum status
exchange_first(struct reader *reader, enum reading_kind kind, const char *label,
	       struct slice request, struct arena *arena, struct slice *first_out) MUST_CHECK;

/* STATUS_OK: there is an end, which is counted, and logged unless all is well.
 * STATUS_UNAVAILABLE: no reader; else what the source gave. */
enum status exchange(struct reader *reader, enum reading_kind kind, const char *label,
		     struct slice request, const struct source *message, struct arena *arena,
		     struct exchange *exchange_out) MUST_CHECK;

#endif
