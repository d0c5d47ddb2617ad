/*
 * Invitations: what an iCalendar object (RFC 5545, 5546) says that a person wants
 * to know: what, when, where, who.  Bounded; what is not understood is left out.
 * Times stay as they were written, with the distance of their zone from UTC
 * where it is known: from ICU's data by the zone's name, else from the rules that
 * the object brings along.
 *
 * A reader of our own: libical sets its handling of errors and finds its zones for the
 * whole process, opens the system's zone files, and knows far more than a page shows.
 */
#ifndef MAIL_CALENDAR_H
#define MAIL_CALENDAR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

#define CALENDAR_SIZE_MAX ((size_t)524288)
#define CALENDAR_EVENTS_MAX ((size_t)10)
#define CALENDAR_PEOPLE_MAX ((size_t)50)

enum calendar_method {
	CALENDAR_PUBLISH, /* or none said */
	CALENDAR_REQUEST,
	CALENDAR_REPLY,
	CALENDAR_CANCEL,
	CALENDAR_COUNTER,
};

enum calendar_zone { CALENDAR_FLOATING, CALENDAR_UTC, CALENDAR_ZONED };

struct calendar_time {
	int year; /* 0: not said */
	int month, day, hour, minute;
	int weekday; /* 0 is Sunday */
	bool whole_day;
	enum calendar_zone zone;
	const char *zone_name; /* as written */
	bool offset_known;
	int offset; /* minutes east of UTC */
};

enum calendar_answer {
	CALENDAR_NO_ANSWER,
	CALENDAR_ACCEPTED,
	CALENDAR_DECLINED,
	CALENDAR_TENTATIVE,
	CALENDAR_DELEGATED,
};

struct calendar_person {
	const char *name; /* "" when not said */
	const char *address;
	enum calendar_answer answer;
};

enum calendar_frequency {
	CALENDAR_ONCE,
	CALENDAR_DAILY,
	CALENDAR_WEEKLY,
	CALENDAR_MONTHLY,
	CALENDAR_YEARLY,
	CALENDAR_SOMEHOW, /* in a way that takes too many words */
};

struct calendar_repeat {
	enum calendar_frequency frequency;
	unsigned interval;
	unsigned count;	   /* 0: no end by number */
	unsigned weekdays; /* bit 0 is Sunday; of weekly ones */
	struct calendar_time until;
};

/* Texts are clean; "" when not said. */
struct calendar_event {
	const char *uid;
	const char *summary;
	const char *location;
	const char *description; /* with line ends */
	bool task;		 /* to be done, rather than to be at */
	bool cancelled;
	struct calendar_time begin;
	struct calendar_time end; /* of whole days the last one */
	struct calendar_repeat repeat;
	struct calendar_person organizer;
	struct calendar_person *people;
	size_t people_count;
	bool more_people;
};

struct calendar {
	enum calendar_method method;
	struct calendar_event *events;
	size_t event_count;
	bool more_events;
};

/* Read UTF-8 text.  False when there is no event in it. */
bool calendar_read(struct slice text, struct arena *arena, struct calendar *calendar_out);

#endif
