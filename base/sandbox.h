/*
 * Giving up everything: a process that reads what strangers wrote keeps its
 * memory, one socket and the clock.  Two steps, so that the costly one is
 * taken once by a process that only forks, and the cheap one by each child.
 *
 * Knows system calls and limits, not what is read behind them.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* The socket that a process in the sandbox may talk over; all others are closed. */
#define SANDBOX_SOCKET 3

struct sandbox;

/* Prepare this process and its children to come: no new privileges, no cores, nothing of the file
 * system or network (Landlock, where the kernel has it), and at most `memory` bytes of addresses
 * more than it has now (0: no bound; nor in builds with a sanitizer, which live from addresses).
 * Whatever has to be read from files must have been.  What the kernel offers is logged, once.
 * STATUS_UNAVAILABLE: no sandbox is to be had here. */
enum status sandbox_prepare(size_t memory, struct sandbox **sandbox_out) MUST_CHECK;

/* Enter, for good: from now on memory, SANDBOX_SOCKET, clock and exit are all there is.  Looking
 * for a file fails with EACCES, since libraries may; every other call ends the process (SIGSYS).
 * No process can be made, no file written; after `cpu_seconds` of work the process ends (SIGXCPU),
 * and of the bytes that sandbox_prepare left it gets `memory` (0: all).  STATUS_UNAVAILABLE: not
 * entered; the caller must end. */
enum status
sandbox_enter(const struct sandbox *sandbox, unsigned cpu_seconds, size_t memory) MUST_CHECK;

#endif
