/*
 * Sockets that listen.
 */
#ifndef INGEST_LISTENER_H
#define INGEST_LISTENER_H

#include <stddef.h>

#include "base/status.h"

#define LISTENERS_MAX 32

/* Listen on "host:port", "[IPv6]:port" or "*:port" (all addresses); a name is listened on at each
 * of its addresses.  Appends non-blocking sockets to fds, which has room for LISTENERS_MAX, and
 * logs each.  STATUS_INVALID or STATUS_UNAVAILABLE, logged; sockets that were appended stay. */
enum status listener_open(const char *where, int *fds, size_t *count) MUST_CHECK;

#endif
