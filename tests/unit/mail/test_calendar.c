/* Invitations: times and their zones, repetitions, people, what is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/calendar.h"

#define EVENT(lines) "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define ZONE                                                                                       \
	"BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nTZOFFSETTO:+0100\n"                           \
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\n"                  \
	"TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nEND:VTIMEZONE\n"

static const char *
time_text(const struct calendar_time *time, struct arena *arena)
{
	static const char *const zones[] = {"floating", "utc", "zone"};

	if (time->year == 0)
		return "none";
	if (time->whole_day)
		return arena_printf(arena, "%d-%d-%d", time->year, time->month, time->day);
	if (time->offset_known)
		return arena_printf(arena, "%d-%d-%d %d:%02d %+d", time->year, time->month,
				    time->day, time->hour, time->minute, time->offset);
	return arena_printf(arena, "%d-%d-%d %d:%02d %s", time->year, time->month, time->day,
			    time->hour, time->minute, zones[time->zone]);
}

static void
test_times(void **state)
{
	static const struct {
		const char *claim, *text, *begin, *end;
	} rows[] = {
	    {"in UTC", EVENT("DTSTART:20260701T100000Z\r\nDTEND:20260701T110000Z\r\n"),
	     "2026-7-1 10:00 utc", "2026-7-1 11:00 utc"},
	    {"floating, with a duration over midnight",
	     EVENT("DTSTART:20261231T233000\r\nDURATION:PT1H\r\n"), "2026-12-31 23:30 floating",
	     "2027-1-1 0:30 floating"},
	    {"zone by its name, in summer", EVENT("DTSTART;TZID=Europe/Berlin:20260701T100000\r\n"),
	     "2026-7-1 10:00 +120", "2026-7-1 10:00 +120"},
	    {"zone by its name, in winter",
	     EVENT("DTSTART;TZID=\"Europe/Berlin\":20260101T100000\r\n"), "2026-1-1 10:00 +60",
	     "2026-1-1 10:00 +60"},
	    {"zone by Windows' name",
	     EVENT("DTSTART;TZID=W. Europe Standard Time:20260701T100000\r\n"),
	     "2026-7-1 10:00 +120", "2026-7-1 10:00 +120"},
	    {"zone behind a path",
	     EVENT("DTSTART;TZID=/example.org/2/America/New_York:20260701T100000\r\n"),
	     "2026-7-1 10:00 -240", "2026-7-1 10:00 -240"},
	    {"zone that nobody knows", EVENT("DTSTART;TZID=Nowhere:20260701T100000\r\n"),
	     "2026-7-1 10:00 zone", "2026-7-1 10:00 zone"},
	    {"zone that came along, in summer", ZONE EVENT("DTSTART;TZID=Ours:20260701T100000\r\n"),
	     "2026-7-1 10:00 +120", "2026-7-1 10:00 +120"},
	    {"zone that came along, the day before the change",
	     ZONE EVENT("DTSTART;TZID=Ours:20261024T100000\r\n"), "2026-10-24 10:00 +120",
	     "2026-10-24 10:00 +120"},
	    {"zone that came along, on the day of the change",
	     ZONE EVENT("DTSTART;TZID=Ours:20261025T100000\r\n"), "2026-10-25 10:00 +60",
	     "2026-10-25 10:00 +60"},
	    {"whole days end on the last one",
	     EVENT("DTSTART;VALUE=DATE:20260227\r\nDTEND;VALUE=DATE:20260302\r\n"), "2026-2-27",
	     "2026-3-1"},
	    {"one whole day", EVENT("DTSTART;VALUE=DATE:20240229\r\n"), "2024-2-29", "2024-2-29"},
	    {"a day that there is not", EVENT("DTSTART;VALUE=DATE:20260229\r\n"), "none", "none"},
	    {"no time at all", EVENT("DTSTART:tomorrow\r\n"), "none", "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct calendar calendar;

		assert_true(calendar_read(slice_from_text(rows[i].text), arena, &calendar));
		if (strcmp(time_text(&calendar.events[0].begin, arena), rows[i].begin) != 0 ||
		    strcmp(time_text(&calendar.events[0].end, arena), rows[i].end) != 0)
			fail_msg("%s: %s to %s", rows[i].claim,
				 time_text(&calendar.events[0].begin, arena),
				 time_text(&calendar.events[0].end, arena));
		arena_free(arena);
	}
}

static void
test_what_is_said(void **state)
{
	struct arena *arena = arena_new();
	struct calendar calendar;
	const struct calendar_event *event;

	(void)state;
	assert_true(calendar_read(
	    SLICE("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Talk\\, and\n  tea\\nat "
		  "five\nDESCRIPTION:one\\ntwo\nORGANIZER;CN=\"A; B: C\":mailto:a@example.org\n"
		  "ATTENDEE;PARTSTAT=DECLINED;CN=D:MAILTO:d@example.org\nBEGIN:VALARM\n"
		  "SUMMARY:not this\nEND:VALARM\nLOCATION:Here\xe2\x80\xae\nRRULE:FREQ=WEEKLY;"
		  "INTERVAL=2;BYDAY=MO,WE;COUNT=8\nDTSTART:20260701T100000Z\nEND:VEVENT\n"),
	    arena, &calendar));
	assert_int_equal(calendar.method, CALENDAR_REQUEST);
	event = &calendar.events[0];
	assert_string_equal(event->summary, "Talk, and tea at five");
	assert_string_equal(event->description, "one\ntwo");
	assert_string_equal(event->location, "Here");
	assert_string_equal(event->organizer.name, "A; B: C");
	assert_string_equal(event->organizer.address, "a@example.org");
	assert_int_equal(event->people_count, 1);
	assert_int_equal(event->people[0].answer, CALENDAR_DECLINED);
	assert_string_equal(event->people[0].address, "d@example.org");
	assert_int_equal(event->repeat.frequency, CALENDAR_WEEKLY);
	assert_int_equal(event->repeat.interval, 2);
	assert_int_equal(event->repeat.count, 8);
	assert_int_equal(event->repeat.weekdays, 1U << 1 | 1U << 3);
	assert_int_equal(event->begin.weekday, 3);
	assert_true(
	    calendar_read(SLICE(EVENT("RRULE:FREQ=MONTHLY;BYDAY=2TU\r\n")), arena, &calendar));
	assert_int_equal(calendar.events[0].repeat.frequency, CALENDAR_SOMEHOW);
	assert_false(calendar_read(SLICE("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), arena, &calendar));
	assert_false(calendar_read(SLICE(""), arena, &calendar));
	arena_free(arena);
}

static void
test_bounds(void **state)
{
	struct arena *arena = arena_new();
	struct calendar calendar;
	struct text text;

	(void)state;
	text_init(&text, CALENDAR_SIZE_MAX);
	for (size_t i = 0; i < CALENDAR_EVENTS_MAX + 1; i++) {
		text_append_text(&text, "BEGIN:VEVENT\n");
		for (size_t j = 0; j < CALENDAR_PEOPLE_MAX + 1; j++)
			text_append_text(&text, "ATTENDEE:mailto:a@b\n");
		text_append_text(&text, "END:VEVENT\n");
	}
	assert_true(calendar_read(text_slice(&text), arena, &calendar));
	assert_int_equal(calendar.event_count, CALENDAR_EVENTS_MAX);
	assert_true(calendar.more_events);
	assert_int_equal(calendar.events[0].people_count, CALENDAR_PEOPLE_MAX);
	assert_true(calendar.events[0].more_people);
	text_clear(&text);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_what_is_said),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
