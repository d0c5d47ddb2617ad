/*
 * The service manager, systemd or whatever speaks its protocols: it is told when
 * the daemon is ready, reads its configuration again, stops, and is still
 * alive; it may hand over sockets that it listens on already.  Without one
 * nothing happens and there are no sockets, so daemons always call.
 */
#ifndef BASE_SERVICE_H
#define BASE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

/* Everything listens; also the end of what service_reloading began. */
void service_ready(void);

/* The configuration is being read again; service_ready ends it, whether it was taken or not. */
void service_reloading(void);

/* No new work is taken.  It may last: say so before draining. */
void service_stopping(void);

/* Milliseconds between two calls of service_alive that the manager is content with: half of what
 * it allows.  0 when it does not ask. */
int64_t service_watchdog_ms(void);

/* The loop that the daemon lives by has come round. */
void service_alive(void);

/* The same, from a loop that comes round more often: nothing is sent before it is due.  `said_ms`
 * is the caller's note of when that was (monotonic milliseconds), 0 at first. */
void service_alive_when_due(int64_t *said_ms);

/* Listening stream sockets that the manager handed over under `name` (FileDescriptorName= of
 * its socket unit): at most `room` descriptors, non-blocking and not inherited by children.
 * Each call gives the same ones; who takes a socket owns it. */
size_t service_sockets(const char *name, int *fds, size_t room);

#endif
