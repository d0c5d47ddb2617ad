/*
 * Ends a connection of libldap when its time is up.  With GnuTLS libldap waits without an end for a
 * handshake that does not come, turning in circles, whatever its options for time say; nothing but
 * the end of the connection stops it.
 */
#ifndef KEYS_LDAP_WATCH_H
#define KEYS_LDAP_WATCH_H

#include <ldap.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct ldap_watch {
	struct ldap_conncb callback; /* first */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	int64_t deadline;
	int fd; /* a second name of the socket, so that it cannot become another's; or -1 */
	bool over, fired;
};

/* Watch what this handle connects to from now on, until `deadline` (clock_monotonic_ms).  The watch
 * stays where it is until the handle is let go, and then comes ldap_watch_end. */
enum status
ldap_watch_begin(struct ldap_watch *watch, LDAP *connection, int64_t deadline) MUST_CHECK;

/* True when the time was up. */
bool ldap_watch_end(struct ldap_watch *watch);

#endif
