/*
 * The HTTPS server: libmicrohttpd with a pool of epoll threads, and around it what
 * it does not do itself: the guard against smuggled requests, deadlines
 * that count, and two bounded pools for work that must not hold up those threads.
 */
#ifndef PORTAL_SERVER_H
#define PORTAL_SERVER_H

#include <sys/socket.h>

#include "portal/site.h"

struct server;

struct server_options {
	int listener; /* that the service manager handed over; -1: none, then: */
	struct sockaddr_storage address;
	socklen_t address_size;
	unsigned connections;		  /* at most, all together */
	unsigned connections_per_address; /* 0: no limit */
	size_t workers;			  /* of each pool */
	size_t waiting;			  /* jobs queued for each pool, beyond that 503 */
};

/* Listen and serve; a certificate must have been loaded.  STATUS_UNAVAILABLE, logged, when the
 * address cannot be had.  The site is borrowed until server_stop. */
enum status server_start(const struct site *site, const struct server_options *options,
			 struct server **server_out) MUST_CHECK;

/* Later requests get this one.  Sites are borrowed until server_stop, earlier ones too. */
void server_use_site(struct server *server, const struct site *site);

/* Take no new connections, let requests finish for a while, stop. */
void server_stop(struct server *server);

#endif
