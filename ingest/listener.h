/*
 * Sockets that listen: bound here, or handed over by the service manager, and
 * brought into line with the configuration again and again.
 */
#ifndef INGEST_LISTENER_H
#define INGEST_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/status.h"
#include "ingest/snapshot.h"

#define LISTENERS_MAX 32

struct listener {
	int fd;
	struct sockaddr_storage address;
	bool inherited;
	bool implicit_tls;			  /* its name said so when it was handed over */
	const struct snapshot_listener *settings; /* of the snapshot followed last */
};

struct listeners {
	struct listener all[LISTENERS_MAX];
	size_t count;
};

/* NULL, or what is wrong with a text such as "host:port", "[IPv6]:port" or "*:port". */
const char *listener_complaint(const char *where);

/* Take what the service manager hands over as `smtp`, and as `smtps` for TLS from the first byte.
 */
void listeners_inherit(struct listeners *listeners);

/* Listen where the snapshot says ("*" for all addresses; a name at each of its addresses): what
 * listens there already goes on, the rest is closed.  Sockets that were handed over stay; they are
 * for the listener of their address, else for one without settings of its own, and `smtp` ones
 * stand for all of smtp.listen.  STATUS_INVALID or STATUS_UNAVAILABLE, logged: nothing has changed.
 */
enum status
listeners_follow(struct listeners *listeners, const struct snapshot *snapshot) MUST_CHECK;

void listeners_close(struct listeners *listeners);

#endif
