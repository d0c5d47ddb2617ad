/*
 * The listeners and the threads: one thread per connection, bounded in number in all and per
 * client address; threads are kept for the next connection for a while.
 *
 * SIGTERM and SIGINT stop it: nothing new is accepted, a message in hand is
 * still taken, every other session gets its 421.
 */
#ifndef INGEST_SERVER_H
#define INGEST_SERVER_H

#include "base/status.h"
#include "ingest/converse.h"
#include "ingest/network.h"

struct server_settings {
	const char *const *listen; /* "127.0.0.1:2525", "[::1]:25", "*:25" */
	size_t listen_count;
	struct network_list networks; /* that may send */
	struct session_rules rules;   /* for these */
	size_t connections;	      /* at once */
	size_t connections_per_client;
	struct converse_settings converse; /* its stop_fd is set by the server */
};

struct server;

/* Bind the listeners and block the signals; do this before any thread is started.  STATUS_INVALID
 * or STATUS_UNAVAILABLE, logged, when an address cannot be listened on.  Borrows the settings. */
enum status
server_open(const struct server_settings *settings, struct server **server_out) MUST_CHECK;

/* Serve until stopped and all conversations have ended, or were cut off. */
void server_run(struct server *server);

void server_close(struct server *server);

#endif
