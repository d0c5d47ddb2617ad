#include "base/timekeeper.h"

void
timekeeper_start(struct timekeeper *timekeeper, int64_t patience, int64_t seen, int64_t now,
		 int64_t monotonic)
{
	*timekeeper = (struct timekeeper){
	    .patience = patience,
	    .sure = seen == 0 ? now : seen,
	    .sure_since = monotonic,
	};
}

int64_t
timekeeper_sure(struct timekeeper *timekeeper, int64_t now, int64_t monotonic)
{
	int64_t passed = timekeeper->sure + (monotonic - timekeeper->sure_since);
	bool far = now - passed > TIMEKEEPER_JUMP;

	if (far && timekeeper->doubt_since == 0)
		timekeeper->doubt_since = monotonic == 0 ? 1 : monotonic;
	if (far && monotonic - timekeeper->doubt_since < timekeeper->patience)
		return passed;
	timekeeper->sure = now;
	timekeeper->sure_since = monotonic;
	timekeeper->doubt_since = 0;
	return now;
}

bool
timekeeper_doubts(const struct timekeeper *timekeeper)
{
	return timekeeper->doubt_since != 0;
}
