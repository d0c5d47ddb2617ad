/*
 * All connections of a program to the servers that take its letters: shared by its
 * threads, kept over letters, bounded for each transport, so that one slow or dead
 * destination never holds up the others.
 *
 * A host that could not be reached, or that broke off, is left alone for a while
 * (longer each time, up to settings->rest_seconds); then one letter tries it.
 */
#ifndef MAIL_RELAY_POOL_H
#define MAIL_RELAY_POOL_H

#include "mail/transport.h"

struct relay_pool;

struct relay_pool_settings {
	struct transport_table table; /* borrowed */
	unsigned idle_seconds;	      /* an unused connection is kept for so long */
	unsigned letters;	      /* and closed after so many letters */
	unsigned rest_seconds;
};

/* STATUS_INVALID when a host's settings make no sense. */
enum status relay_pool_open(const struct relay_pool_settings *settings,
			    struct relay_pool **pool_out) MUST_CHECK;
/* Nobody may be sending. */
void relay_pool_close(struct relay_pool *pool);

/* Why somebody was not asked. */
struct relay_wait {
	const char *transport; /* its name; NULL: nobody waits */
	unsigned seconds;      /* until it makes sense to try again */
};

/* As relay_send, each recipient by the transport of its domain.  With several transports the
 * outcome of one says nothing of the others, and STATUS_OK means that somebody has one.  Recipients
 * whose destination is busy or left alone are RELAY_WAITING, and *wait_out says for what. */
enum status relay_pool_send(struct relay_pool *pool, const struct relay_letter *letter,
			    struct arena *arena, struct relay_wait *wait_out) MUST_CHECK;

/* The transports that could take no letter now, at most `room` names. */
size_t relay_pool_busy(struct relay_pool *pool, const char **names_out, size_t room);

/* Whether there is but one transport. */
bool relay_pool_is_single(const struct relay_pool *pool);

/* Close what has been idle for too long. */
void relay_pool_tidy(struct relay_pool *pool);

#endif
