/*
 * What time it surely is.  A clock that jumps far ahead, by mistake or because a
 * machine slept, must not destroy what has a date to be destroyed on: until the
 * jump has held for a while, the time that has passed on a clock which never
 * jumps counts instead.  A clock that goes back is believed: that destroys nothing.
 */
#ifndef BASE_TIMEKEEPER_H
#define BASE_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMEKEEPER_JUMP                                                                            \
	93600 /* seconds: what is not more than 26 hours ahead is believed at once */

struct timekeeper {
	int64_t patience;    /* seconds that a jump must hold */
	int64_t sure;	     /* the last time that was believed, */
	int64_t sure_since;  /* and when that was on the clock that never jumps (seconds) */
	int64_t doubt_since; /* 0: no doubt */
};

/* `seen` is the last time that was sure before, 0 when nothing is known. */
void timekeeper_start(struct timekeeper *timekeeper, int64_t patience, int64_t seen, int64_t now,
		      int64_t monotonic);

/* The time that is sure; not after `now`. */
int64_t timekeeper_sure(struct timekeeper *timekeeper, int64_t now, int64_t monotonic);

/* Is there a jump that has not held for long enough? */
bool timekeeper_doubts(const struct timekeeper *timekeeper);

#endif
