/*
 * What a report of a mail server or a mail program says, read from its fields:
 * delivery status (RFC 3464), disposition (RFC 8098).  Bounded; what is not
 * understood is left out.
 */
#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H

#include "base/arena.h"
#include "base/stream.h"

/* Of more recipients the first ones. */
#define REPORT_RECIPIENTS_MAX ((size_t)50)
/* What is read of a report. */
#define REPORT_BYTES_MAX ((size_t)262144)

enum report_action {
	REPORT_OTHER,
	REPORT_FAILED,
	REPORT_DELAYED,
	REPORT_DELIVERED,
	REPORT_RELAYED,
	REPORT_EXPANDED,
	REPORT_DISPLAYED, /* by its reader's program */
	REPORT_DELETED,
};

/* Texts are clean, on one line, "" when not said. */
struct report_recipient {
	const char *address;
	enum report_action action;
	const char *status; /* "5.1.1" */
	const char *answer; /* of the other server, in its words */
	const char *host;   /* whose words these are */
	const char *until;  /* how long it is tried, as written */
	int64_t until_at;   /* the same, where somebody looked: mail/reading_page.h */
};

struct mail_report {
	struct report_recipient *recipients;
	size_t count;
	bool more; /* than these */
};

/* Read the decoded content of a message/delivery-status or message/disposition-notification. */
enum status report_read(const struct source *content, struct arena *arena,
			struct mail_report *report_out) MUST_CHECK;

/* Whether a media type is one of these, in any of its forms (RFC 6533). */
bool report_is_type(const char *type);

#endif
