/* How far a zone is from UTC: by its name in ICU's data, else by the rules that came along. */
#include <string.h>
#include <time.h>
#include <unicode/ucal.h>

#include "mail/calendar_part.h"

#define NAME_SIZE 128

/* A name in ICU's alphabet; -1 for what can be none. */
static int32_t
to_units(struct slice name, UChar units[NAME_SIZE])
{
	if (name.size == 0 || name.size >= NAME_SIZE)
		return -1;
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] < 0x20 || name.data[i] > 0x7e)
			return -1;
		units[i] = name.data[i];
	}
	units[name.size] = 0;
	return (int32_t)name.size;
}

/* ICU knows zones by the names of the Olson data base and by those of Windows. */
static bool
find_zone(struct slice name, UChar zone[NAME_SIZE])
{
	UChar units[NAME_SIZE];
	int32_t size = to_units(name, units);
	UErrorCode error = U_ZERO_ERROR;
	UBool system = 0;

	if (size < 0)
		return false;
	size = ucal_getTimeZoneIDForWindowsID(units, size, NULL, zone, NAME_SIZE, &error);
	if (U_SUCCESS(error) && size > 0 && size < NAME_SIZE)
		return true;
	error = U_ZERO_ERROR;
	size = ucal_getCanonicalTimeZoneID(units, -1, zone, NAME_SIZE, &system, &error);
	return U_SUCCESS(error) && system && size > 0 && size < NAME_SIZE;
}

/* Some programs put a path in front: "/example.org/20070129_1/Europe/Berlin". */
static bool
find_zone_in(struct slice name, UChar zone[NAME_SIZE])
{
	size_t slash = name.size;

	if (find_zone(name, zone))
		return true;
	for (unsigned parts = 1; parts <= 3; parts++) {
		while (slash > 0 && name.data[slash - 1] != '/')
			slash--;
		if (slash == 0)
			return false;
		if (parts > 1 && find_zone(slice_part(name, slash, name.size), zone))
			return true;
		slash--;
	}
	return false;
}

static bool
offset_by_name(struct slice name, const struct calendar_time *time, int *offset_out)
{
	UErrorCode error = U_ZERO_ERROR;
	UChar zone[NAME_SIZE];
	UCalendar *calendar;

	if (!find_zone_in(name, zone))
		return false;
	calendar = ucal_open(zone, -1, "en", UCAL_GREGORIAN, &error);
	if (U_FAILURE(error))
		return false;
	ucal_setDateTime(calendar, time->year, time->month - 1, time->day, time->hour, time->minute,
			 0, &error);
	*offset_out = (ucal_get(calendar, UCAL_ZONE_OFFSET, &error) +
		       ucal_get(calendar, UCAL_DST_OFFSET, &error)) /
		      60000;
	ucal_close(calendar);
	return U_SUCCESS(error);
}

/* The day of the month on which a change falls in a year. */
static int
day_of_change(const struct calendar_change *change, int year)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct calendar_time first = {.year = year, .month = change->month, .day = 1};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int length = lengths[change->month - 1] + (leap && change->month == 2 ? 1 : 0);
	int day;

	calendar_shift(&first, 0);
	day = 1 + (change->weekday - first.weekday + 7) % 7;
	for (int week = 1; day + 7 <= length && (change->week < 0 || week < change->week); week++)
		day += 7;
	return day;
}

/* Whether a time of its year lies behind the change. */
static bool
is_behind(const struct calendar_change *change, const struct calendar_time *time)
{
	if (time->month != change->month)
		return time->month > change->month;
	return time->day >= day_of_change(change, time->year);
}

static bool
offset_by_rules(const struct calendar_rules *rules, const struct calendar_time *time,
		int *offset_out)
{
	const struct calendar_change *winter = &rules->standard, *summer = &rules->daylight;
	bool in_summer;

	if (!winter->known && !summer->known)
		return false;
	if (!summer->known || !winter->known) {
		*offset_out = winter->known ? winter->offset : summer->offset;
		return true;
	}
	if (winter->month == 0 || summer->month == 0)
		return false;
	/* In the south summer goes over the end of the year. */
	if (summer->month < winter->month)
		in_summer = is_behind(summer, time) && !is_behind(winter, time);
	else
		in_summer = is_behind(summer, time) || !is_behind(winter, time);
	*offset_out = in_summer ? summer->offset : winter->offset;
	return true;
}

void
calendar_place(const struct calendar_reading *reading, struct calendar_time *time)
{
	struct slice name = slice_from_text(time->zone_name);

	if (time->year == 0 || time->whole_day || time->zone != CALENDAR_ZONED)
		return;
	time->offset_known = offset_by_name(name, time, &time->offset);
	for (size_t i = 0; i < reading->zone_count && !time->offset_known; i++) {
		const struct calendar_rules *rules = &reading->zones[i];

		if (slice_equal(name, slice_from_text(rules->name)))
			time->offset_known =
			    offset_by_name(slice_from_text(rules->location), time, &time->offset) ||
			    offset_by_rules(rules, time, &time->offset);
	}
}
