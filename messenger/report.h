/*
 * Which reports about a delivery its sender gets (RFC 3461 section 5.2): by what was
 * asked for with the recipient, else failures and delays.  Nobody is told about mail
 * from the null reverse-path, so that no report is ever about a report.
 */
#ifndef MESSENGER_REPORT_H
#define MESSENGER_REPORT_H

#include "messenger/envelope.h"
#include "store/delivery.h"

bool report_is_wanted(const struct delivery_row *delivery, enum envelope_notify event);

/* Queue the report of what has happened, where it is wanted; `sender` is the address it would go
 * to. What is not reported is logged. */
enum status report_post(struct store *store, const struct delivery_row *delivery,
			enum envelope_notify event, const char *sender, int64_t now) MUST_CHECK;

#endif
