/*
 * The listeners and the threads: one thread per connection, bounded in number in all, per
 * client address and per rule; threads are kept for the next connection for a while.
 *
 * SIGHUP asks for new settings: sessions go on with those they began with, and
 * if there are none to be had, so does the server.  SIGTERM and SIGINT stop it: nothing new is
 * accepted, a message in hand is still taken, every other session gets its 421.
 */
#ifndef INGEST_SERVER_H
#define INGEST_SERVER_H

#include "base/status.h"
#include "ingest/listener.h"
#include "ingest/snapshot.h"

struct server;

struct server_settings {
	size_t connections; /* at once */
	/* The settings of now, or NULL when those in force stay; logged. */
	const struct snapshot *(*reload)(void *context);
	void *context;
};

/* Block the signals and take what the service manager hands over; do this before any
 * thread is started.  STATUS_UNAVAILABLE, logged. */
enum status
server_new(const struct server_settings *settings, struct server **server_out) MUST_CHECK;

/* Readable once the server stops: for snapshot_base. */
int server_stop_fd(const struct server *server);

/* Listen as the snapshot says; takes it, also on failure, which is logged. */
enum status server_open(struct server *server, const struct snapshot *snapshot) MUST_CHECK;

/* Serve until stopped and all conversations have ended, or were cut off. */
void server_run(struct server *server);

/* NULL is fine. */
void server_free(struct server *server);

#endif
