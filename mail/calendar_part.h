/*
 * Pieces of the reader of invitations.  Inside of mail/calendar only.
 */
#ifndef MAIL_CALENDAR_PART_H
#define MAIL_CALENDAR_PART_H

#include "mail/calendar.h"

#define CALENDAR_LINE_MAX ((size_t)16384)
#define CALENDAR_ZONES_MAX ((size_t)20)

/* One content line (RFC 5545 section 3.1), unfolded. */
struct calendar_line {
	struct slice name;
	struct slice parameters;
	struct slice value;
};

/* A change of clocks that a zone brings along: every year on a weekday of a month. */
struct calendar_change {
	bool known;
	int offset; /* minutes east of UTC, from then on */
	int month;  /* 0: once and for all */
	int week;   /* 1 to 5, or -1 for the last one */
	int weekday;
};

struct calendar_rules {
	const char *name;
	const char *location; /* a name that others may know */
	struct calendar_change standard;
	struct calendar_change daylight;
};

struct calendar_reading {
	struct arena *arena;
	struct calendar calendar;
	struct calendar_rules zones[CALENDAR_ZONES_MAX];
	size_t zone_count;
	unsigned lines;
};

/* A parameter's value, without quotes; empty when it is not there. */
struct slice calendar_parameter(const struct calendar_line *line, const char *name);

/* "20260301T090000Z", "20260301"; false when it is neither.  Zones are found by calendar_place. */
bool calendar_parse_time(struct slice value, struct calendar_time *time_out);
/* Later by so many minutes, earlier when negative. */
void calendar_shift(struct calendar_time *time, long minutes);
/* "P1DT2H30M" in minutes; false when it is no duration. */
bool calendar_parse_duration(struct slice value, long *minutes_out);
void calendar_parse_repeat(struct slice value, struct calendar_repeat *repeat);
/* "+0130" in minutes. */
bool calendar_parse_offset(struct slice value, int *minutes_out);
/* "2SU" as a week of the month and a weekday; week 0 where none is said. */
bool calendar_parse_weekday(struct slice value, int *week_out, int *weekday_out);

/* How far the time's zone is from UTC then. */
void calendar_place(const struct calendar_reading *reading, struct calendar_time *time);

#endif
