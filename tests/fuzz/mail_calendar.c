/* mail/calendar: whatever it is, what comes out is a date that there is, and within bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/calendar.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_time(const struct calendar_time *time)
{
	if (time->year == 0)
		return;
	if (time->year < 0 || time->year > 9999 || time->month < 1 || time->month > 12 ||
	    time->day < 1 || time->day > 31 || time->hour < 0 || time->hour > 23 ||
	    time->minute < 0 || time->minute > 59 || time->weekday < 0 || time->weekday > 6)
		abort();
	if (time->offset_known && (time->offset < -1440 || time->offset > 1440))
		abort();
}

static void
check_text(const char *text)
{
	if (!utf8_is_valid(slice_from_text(text)) || strlen(text) > 4000)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct calendar calendar;

	if (calendar_read(slice_of(data, size), arena, &calendar)) {
		if (calendar.event_count > CALENDAR_EVENTS_MAX)
			abort();
		for (size_t i = 0; i < calendar.event_count; i++) {
			const struct calendar_event *event = &calendar.events[i];

			check_time(&event->begin);
			check_time(&event->end);
			check_time(&event->repeat.until);
			check_text(event->summary);
			check_text(event->location);
			check_text(event->description);
			check_text(event->organizer.name);
			if (event->people_count > CALENDAR_PEOPLE_MAX)
				abort();
			for (size_t j = 0; j < event->people_count; j++)
				check_text(event->people[j].name);
		}
	}
	arena_free(arena);
	return 0;
}
