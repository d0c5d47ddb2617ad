/*
 * Where a monitor listens: inside base/monitor only.
 */
#ifndef BASE_MONITOR_LISTEN_H
#define BASE_MONITOR_LISTEN_H

#include <sys/socket.h>

#include "base/status.h"

struct monitor_address {
	struct sockaddr_storage bytes;
	socklen_t size;
};

/* "127.0.0.1:9464", "[::1]:9464", "unix:/absolute/path"; STATUS_INVALID for anything else, other
 * addresses than loopback ones included. */
enum status monitor_parse(const char *where, struct monitor_address *address_out) MUST_CHECK;

/* STATUS_UNAVAILABLE leaves the reason in errno.  A Unix socket that nobody listens on any more is
 * replaced; its owner and group may connect. */
enum status monitor_listen(const char *where, int *fd_out) MUST_CHECK;

/* Close (unless -1) and remove a Unix socket's name. */
void monitor_unlisten(const char *where, int fd);

#endif
