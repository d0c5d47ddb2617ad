/*
 * Codes to phones: handed to a program or a web service of the administrator's.  Neither the
 * number nor the text is ever logged, nor what the program or the service says of them.
 */
#ifndef COURIER_PHONE_H
#define COURIER_PHONE_H

#include "mail/relay_pool.h"
#include "messenger/dispatch.h"
#include "messenger/phone.h"

/* What codes that have to wait for others here are waiting for. */
#define PHONE_TRANSPORT "phone"

struct phone;

/* At most half of the workers wait for it, so that mail goes on meanwhile. */
struct phone *phone_new(const struct config *config);
/* Nobody may be sending. */
void phone_free(struct phone *phone);

/* Whether no code could be taken just now. */
bool phone_is_busy(struct phone *phone);

/* Hand over dispatch->call.  The dispatch's only recipient has an outcome: sent; later, also where
 * nothing is configured; refused for good. */
void phone_send(struct phone *phone, const struct phone_way *way, const struct dispatch *dispatch,
		struct arena *arena, struct relay_wait *wait_out);

/* The two ways.  `reason_out`: a word for the log. */
enum relay_outcome phone_by_command(const struct phone_way *way, const struct phone_call *call,
				    const char **reason_out);
enum relay_outcome phone_by_url(const struct phone_way *way, const struct phone_call *call,
				struct arena *arena, const char **reason_out);

#endif
