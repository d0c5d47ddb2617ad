/* Times, durations and repetitions of invitations. */
#include <string.h>
#include <time.h>

#include "mail/calendar_part.h"

static bool
digits(struct slice value, size_t from, size_t count, int *number_out)
{
	unsigned long long number;

	if (value.size < from + count ||
	    !slice_to_number(slice_part(value, from, from + count), &number))
		return false;
	*number_out = (int)number;
	return true;
}

/* Through the calendar's own arithmetic, which tells the weekday and refuses the 31st of June. */
static bool
settle(struct calendar_time *time)
{
	struct tm parts = {.tm_year = time->year - 1900,
			   .tm_mon = time->month - 1,
			   .tm_mday = time->day,
			   .tm_hour = time->hour,
			   .tm_min = time->minute};
	time_t seconds = timegm(&parts);

	(void)seconds;
	if (parts.tm_mday != time->day || parts.tm_mon != time->month - 1)
		return false;
	time->weekday = parts.tm_wday;
	return true;
}

bool
calendar_parse_time(struct slice value, struct calendar_time *time_out)
{
	struct calendar_time time = {.zone_name = "", .whole_day = true};

	value = slice_trim(value);
	if (!digits(value, 0, 4, &time.year) || !digits(value, 4, 2, &time.month) ||
	    !digits(value, 6, 2, &time.day) || time.year < 1 || time.month < 1 || time.month > 12)
		return false;
	if (value.size > 8) {
		if (value.data[8] != 'T' || !digits(value, 9, 2, &time.hour) ||
		    !digits(value, 11, 2, &time.minute) || time.hour > 23 || time.minute > 59)
			return false;
		time.whole_day = false;
		if (value.data[value.size - 1] == 'Z')
			time.zone = CALENDAR_UTC;
	}
	if (!settle(&time))
		return false;
	*time_out = time;
	return true;
}

void
calendar_shift(struct calendar_time *time, long minutes)
{
	struct tm parts = {.tm_year = time->year - 1900,
			   .tm_mon = time->month - 1,
			   .tm_mday = time->day,
			   .tm_hour = time->hour,
			   .tm_min = time->minute};
	time_t seconds = timegm(&parts) + (time_t)minutes * 60;

	if (gmtime_r(&seconds, &parts) == NULL || parts.tm_year < -1899 || parts.tm_year > 8099)
		return;
	time->year = parts.tm_year + 1900;
	time->month = parts.tm_mon + 1;
	time->day = parts.tm_mday;
	time->hour = parts.tm_hour;
	time->minute = parts.tm_min;
	time->weekday = parts.tm_wday;
}

bool
calendar_parse_duration(struct slice value, long *minutes_out)
{
	long minutes = 0, number = 0;

	value = slice_trim(value);
	if (value.size > 0 && value.data[0] == '+')
		value = slice_part(value, 1, value.size);
	if (value.size < 2 || value.data[0] != 'P')
		return false;
	for (size_t i = 1; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (byte >= '0' && byte <= '9') {
			number = number * 10 + (byte - '0');
			if (number > 1000000)
				return false;
			continue;
		}
		if (byte == 'W')
			minutes += number * 7 * 1440;
		else if (byte == 'D')
			minutes += number * 1440;
		else if (byte == 'H')
			minutes += number * 60;
		else if (byte == 'M')
			minutes += number;
		else if (byte != 'T' && byte != 'S')
			return false;
		number = 0;
	}
	*minutes_out = minutes;
	return true;
}

bool
calendar_parse_offset(struct slice value, int *minutes_out)
{
	int hours, minutes;

	value = slice_trim(value);
	if (value.size < 5 || (value.data[0] != '+' && value.data[0] != '-') ||
	    !digits(value, 1, 2, &hours) || !digits(value, 3, 2, &minutes) || hours > 23)
		return false;
	minutes += hours * 60;
	*minutes_out = value.data[0] == '-' ? -minutes : minutes;
	return true;
}

bool
calendar_parse_weekday(struct slice value, int *week_out, int *weekday_out)
{
	static const char *const names[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
	bool minus = value.size > 0 && value.data[0] == '-';
	size_t at = minus || (value.size > 0 && value.data[0] == '+') ? 1 : 0;
	int week = 0;

	for (; at < value.size && value.data[at] >= '0' && value.data[at] <= '9'; at++)
		week = week > 9 ? week : week * 10 + (value.data[at] - '0');
	for (int day = 0; day < 7; day++) {
		if (!slice_equal_nocase(slice_part(value, at, value.size),
					slice_from_text(names[day])))
			continue;
		*week_out = minus ? -week : week;
		*weekday_out = day;
		return true;
	}
	return false;
}

/* The weekdays of a list; true when it has more to say than these. */
static bool
parse_weekdays(struct slice value, unsigned *weekdays_out)
{
	bool more = false;
	size_t at = 0;

	while (at <= value.size) {
		size_t end = slice_find_byte(value, ',', at);
		int week, weekday;

		if (end == SLICE_NONE)
			end = value.size;
		if (calendar_parse_weekday(slice_part(value, at, end), &week, &weekday)) {
			*weekdays_out |= 1U << weekday;
			more = more || week != 0;
		}
		at = end + 1;
	}
	return more;
}

static void
parse_rule(struct slice name, struct slice value, struct calendar_repeat *repeat)
{
	static const char *const names[] = {"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
	unsigned long long number;

	if (slice_equal_nocase(name, SLICE("FREQ"))) {
		repeat->frequency = CALENDAR_SOMEHOW;
		for (unsigned i = 1; i < sizeof(names) / sizeof(names[0]); i++)
			if (slice_equal_nocase(value, slice_from_text(names[i])))
				repeat->frequency = (enum calendar_frequency)i;
	} else if (slice_equal_nocase(name, SLICE("INTERVAL"))) {
		if (slice_to_number(value, &number) && number > 0 && number < 10000)
			repeat->interval = (unsigned)number;
	} else if (slice_equal_nocase(name, SLICE("COUNT"))) {
		if (slice_to_number(value, &number) && number < 1000000)
			repeat->count = (unsigned)number;
	} else if (slice_equal_nocase(name, SLICE("UNTIL"))) {
		if (!calendar_parse_time(value, &repeat->until))
			repeat->until.year = 0;
	}
}

void
calendar_parse_repeat(struct slice value, struct calendar_repeat *repeat)
{
	bool more = false;
	size_t at = 0;

	repeat->interval = 1;
	while (at < value.size) {
		size_t end = slice_find_byte(value, ';', at);
		struct slice rule = slice_part(value, at, end == SLICE_NONE ? value.size : end);
		size_t equals = slice_find_byte(rule, '=', 0);

		at += rule.size + 1;
		if (equals == SLICE_NONE)
			continue;
		if (slice_starts_nocase(rule, SLICE("BYDAY=")))
			more = parse_weekdays(slice_part(rule, 6, rule.size), &repeat->weekdays) ||
			       more;
		else if (slice_starts_nocase(rule, SLICE("BYSETPOS=")) ||
			 slice_starts_nocase(rule, SLICE("BYYEARDAY=")) ||
			 slice_starts_nocase(rule, SLICE("BYWEEKNO=")) ||
			 slice_starts_nocase(rule, SLICE("BYHOUR=")))
			more = true;
		else
			parse_rule(slice_part(rule, 0, equals),
				   slice_trim(slice_part(rule, equals + 1, rule.size)), repeat);
	}
	/* "The second Tuesday" and its like; the days of weeks alone are said. */
	if (repeat->frequency != CALENDAR_ONCE &&
	    (more || (repeat->weekdays != 0 && repeat->frequency != CALENDAR_WEEKLY)))
		repeat->frequency = CALENDAR_SOMEHOW;
}
