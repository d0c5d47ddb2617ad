#include "messenger/schedule.h"

int64_t
schedule_delay(int64_t first, int tries, const struct id *mail)
{
	int64_t delay = first < SCHEDULE_LONGEST ? first : SCHEDULE_LONGEST;

	for (int i = 0; i < tries && delay < SCHEDULE_LONGEST; i++)
		delay *= 2;
	if (delay > SCHEDULE_LONGEST)
		delay = SCHEDULE_LONGEST;
	/* The last byte of an id is random; another one for each try, so that neighbours part. */
	return delay + delay * mail->bytes[ID_SIZE - 1 - (unsigned)tries % 4] / 1024;
}
