#include "mail/calendar.h"

#include <string.h>

#include "base/text.h"
#include "mail/calendar_part.h"
#include "mail/utf8.h"

#define LINES_MAX 20000U
#define TEXT_MAX ((size_t)1000)
#define DESCRIPTION_MAX ((size_t)4000)
/* Components within components. */
#define DEPTH_MAX 8

enum component { OTHER, CALENDAR, EVENT, ZONE, STANDARD, DAYLIGHT };

/* Where the reader stands. */
struct place {
	enum component components[DEPTH_MAX];
	size_t depth;
	size_t beyond; /* components deeper than that */
	struct calendar_event *event;
	struct calendar_rules *zone;
	long duration;
	bool has_duration;
};

struct slice
calendar_parameter(const struct calendar_line *line, const char *name)
{
	struct slice all = line->parameters;
	struct slice wanted = slice_from_text(name);

	for (size_t at = 0; at < all.size;) {
		size_t end = at, equals;
		bool quoted = false;
		struct slice one;

		for (; end < all.size && (quoted || all.data[end] != ';'); end++)
			if (all.data[end] == '"')
				quoted = !quoted;
		one = slice_part(all, at, end);
		at = end + 1;
		equals = slice_find_byte(one, '=', 0);
		if (equals == SLICE_NONE ||
		    !slice_equal_nocase(slice_trim(slice_part(one, 0, equals)), wanted))
			continue;
		one = slice_trim(slice_part(one, equals + 1, one.size));
		if (one.size >= 2 && one.data[0] == '"' && one.data[one.size - 1] == '"')
			one = slice_part(one, 1, one.size - 1);
		return one;
	}
	return slice_of("", 0);
}

/* Section 3.1: name, parameters, the value behind the first colon that no quotes hide. */
static struct calendar_line
split_line(struct slice line)
{
	struct calendar_line split;
	size_t name = 0, colon;
	bool quoted = false;

	while (name < line.size && line.data[name] != ':' && line.data[name] != ';')
		name++;
	for (colon = name; colon < line.size && (quoted || line.data[colon] != ':'); colon++)
		if (line.data[colon] == '"')
			quoted = !quoted;
	split.name = slice_trim(slice_part(line, 0, name));
	split.parameters = slice_part(line, name < colon ? name + 1 : colon, colon);
	split.value = slice_trim(slice_part(line, colon + 1, line.size));
	return split;
}

/* Section 3.3.11, with line ends where they may be. */
static const char *
text_value(struct slice value, size_t limit, bool lines, struct arena *arena)
{
	struct text text;
	const char *clean;

	text_init(&text, limit * 4);
	for (size_t at = 0; at < value.size && text.size < limit * 3;) {
		uint32_t code = utf8_next(value, &at);

		if (code == '\\' && at < value.size) {
			code = utf8_next(value, &at);
			if (code == 'n' || code == 'N')
				code = '\n';
		}
		if (!lines)
			code = utf8_on_one_line(code);
		if (code != 0 && !utf8_is_unwanted(code))
			utf8_append(&text, code);
	}
	if (lines) {
		struct slice all = slice_trim(text_slice(&text));

		all.size = utf8_cut(all, limit);
		clean = arena_text_from(arena, all);
	} else {
		clean = utf8_clean_line(text_slice(&text), limit, arena);
	}
	text_clear(&text);
	return clean;
}

static struct calendar_person
person_of(const struct calendar_line *line, struct arena *arena)
{
	static const struct {
		const char *word;
		enum calendar_answer answer;
	} answers[] = {
	    {"ACCEPTED", CALENDAR_ACCEPTED},
	    {"DECLINED", CALENDAR_DECLINED},
	    {"TENTATIVE", CALENDAR_TENTATIVE},
	    {"DELEGATED", CALENDAR_DELEGATED},
	};
	struct calendar_person person = {.answer = CALENDAR_NO_ANSWER};
	struct slice address = line->value;
	struct slice answer = calendar_parameter(line, "PARTSTAT");

	if (slice_starts_nocase(address, SLICE("mailto:")))
		address = slice_part(address, 7, address.size);
	person.address = utf8_clean_line(address, TEXT_MAX, arena);
	person.name = utf8_clean_line(calendar_parameter(line, "CN"), TEXT_MAX, arena);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (slice_equal_nocase(answer, slice_from_text(answers[i].word)))
			person.answer = answers[i].answer;
	return person;
}

static void
add_person(struct calendar_event *event, const struct calendar_line *line, struct arena *arena)
{
	if (event->people_count == CALENDAR_PEOPLE_MAX) {
		event->more_people = true;
		return;
	}
	event->people[event->people_count++] = person_of(line, arena);
}

static void
set_time(const struct calendar_line *line, struct arena *arena, struct calendar_time *time)
{
	struct slice zone = calendar_parameter(line, "TZID");
	struct calendar_time read;

	if (!calendar_parse_time(line->value, &read))
		return;
	if (zone.size > 0 && read.zone == CALENDAR_FLOATING && !read.whole_day) {
		read.zone = CALENDAR_ZONED;
		read.zone_name = utf8_clean_line(zone, 200, arena);
	}
	*time = read;
}

static bool
is_name(const struct calendar_line *line, const char *name)
{
	return slice_equal_nocase(line->name, slice_from_text(name));
}

static void
take_event_line(struct place *place, const struct calendar_line *line, struct arena *arena)
{
	struct calendar_event *event = place->event;

	if (event == NULL)
		return;
	if (is_name(line, "SUMMARY"))
		event->summary = text_value(line->value, TEXT_MAX, false, arena);
	else if (is_name(line, "LOCATION"))
		event->location = text_value(line->value, TEXT_MAX, false, arena);
	else if (is_name(line, "DESCRIPTION"))
		event->description = text_value(line->value, DESCRIPTION_MAX, true, arena);
	else if (is_name(line, "UID"))
		event->uid = text_value(line->value, TEXT_MAX, false, arena);
	else if (is_name(line, "STATUS"))
		event->cancelled = slice_equal_nocase(line->value, SLICE("CANCELLED"));
	else if (is_name(line, "DTSTART"))
		set_time(line, arena, &event->begin);
	else if (is_name(line, "DTEND") || is_name(line, "DUE"))
		set_time(line, arena, &event->end);
	else if (is_name(line, "DURATION"))
		place->has_duration = calendar_parse_duration(line->value, &place->duration);
	else if (is_name(line, "RRULE"))
		calendar_parse_repeat(line->value, &event->repeat);
	else if (is_name(line, "RDATE") && event->repeat.frequency == CALENDAR_ONCE)
		event->repeat.frequency = CALENDAR_SOMEHOW;
	else if (is_name(line, "ORGANIZER"))
		event->organizer = person_of(line, arena);
	else if (is_name(line, "ATTENDEE"))
		add_person(event, line, arena);
}

/* The rule by which a zone changes; only the form that clocks really follow. */
static void
take_change_rule(struct calendar_change *change, struct slice value)
{
	size_t month = slice_find_nocase(value, SLICE("BYMONTH="), 0);
	size_t day = slice_find_nocase(value, SLICE("BYDAY="), 0);
	unsigned long long number;
	struct slice digits;

	if (month == SLICE_NONE || day == SLICE_NONE)
		return;
	digits = slice_part(value, month + 8, value.size);
	digits = slice_part(digits, 0, slice_find_byte(digits, ';', 0));
	value = slice_part(value, day + 6, value.size);
	value = slice_part(value, 0, slice_find_byte(value, ';', 0));
	if (slice_to_number(digits, &number) && number >= 1 && number <= 12 &&
	    calendar_parse_weekday(value, &change->week, &change->weekday) && change->week != 0)
		change->month = (int)number;
}

static void
take_zone_line(struct place *place, enum component component, const struct calendar_line *line,
	       struct arena *arena)
{
	struct calendar_change *change;

	if (place->zone == NULL)
		return;
	if (component == ZONE) {
		if (is_name(line, "TZID"))
			place->zone->name = utf8_clean_line(line->value, 200, arena);
		else if (is_name(line, "X-LIC-LOCATION"))
			place->zone->location = utf8_clean_line(line->value, 200, arena);
		return;
	}
	change = component == STANDARD ? &place->zone->standard : &place->zone->daylight;
	if (is_name(line, "TZOFFSETTO"))
		change->known = calendar_parse_offset(line->value, &change->offset);
	else if (is_name(line, "RRULE"))
		take_change_rule(change, line->value);
}

static void
begin_event(struct calendar_reading *reading, struct place *place, bool task)
{
	struct calendar *calendar = &reading->calendar;

	place->event = NULL;
	place->has_duration = false;
	if (calendar->event_count == CALENDAR_EVENTS_MAX) {
		calendar->more_events = true;
		return;
	}
	place->event = &calendar->events[calendar->event_count++];
	place->event->uid = place->event->summary = place->event->location = "";
	place->event->description = "";
	place->event->organizer = (struct calendar_person){"", "", CALENDAR_NO_ANSWER};
	place->event->begin.zone_name = place->event->end.zone_name = "";
	place->event->task = task;
	place->event->people =
	    arena_alloc_many(reading->arena, CALENDAR_PEOPLE_MAX, sizeof(struct calendar_person));
}

/* Section 3.6.1: the end is said, or a duration, or it is that of the day it begins on.  The end of
 * whole days is the day behind them. */
static void
end_event(struct place *place)
{
	struct calendar_event *event = place->event;

	if (event == NULL)
		return;
	if (event->end.year == 0 && event->begin.year != 0) {
		event->end = event->begin;
		if (place->has_duration)
			calendar_shift(&event->end, place->duration);
		else if (event->begin.whole_day)
			calendar_shift(&event->end, 1440);
	}
	if (event->end.year != 0 && event->end.whole_day && !event->task) {
		calendar_shift(&event->end, -1440);
		/* Written by those who mean the same day. */
		if (event->end.year < event->begin.year ||
		    (event->end.year == event->begin.year &&
		     (event->end.month < event->begin.month ||
		      (event->end.month == event->begin.month &&
		       event->end.day < event->begin.day))))
			event->end = event->begin;
	}
	place->event = NULL;
}

static void
begin_component(struct calendar_reading *reading, struct place *place, struct slice name)
{
	enum component component = OTHER;

	if (place->depth == DEPTH_MAX) {
		place->beyond++;
		return;
	}
	if (slice_equal_nocase(name, SLICE("VCALENDAR"))) {
		component = CALENDAR;
	} else if (slice_equal_nocase(name, SLICE("VEVENT")) ||
		   slice_equal_nocase(name, SLICE("VTODO"))) {
		component = EVENT;
		begin_event(reading, place, slice_equal_nocase(name, SLICE("VTODO")));
	} else if (slice_equal_nocase(name, SLICE("VTIMEZONE"))) {
		component = ZONE;
		place->zone = NULL;
		if (reading->zone_count < CALENDAR_ZONES_MAX) {
			place->zone = &reading->zones[reading->zone_count++];
			place->zone->name = place->zone->location = "";
		}
	} else if (slice_equal_nocase(name, SLICE("STANDARD"))) {
		component = STANDARD;
	} else if (slice_equal_nocase(name, SLICE("DAYLIGHT"))) {
		component = DAYLIGHT;
	}
	place->components[place->depth++] = component;
}

static void
end_component(struct place *place)
{
	if (place->beyond > 0) {
		place->beyond--;
		return;
	}
	if (place->depth == 0)
		return;
	if (place->components[--place->depth] == EVENT)
		end_event(place);
}

static void
take_method(struct calendar *calendar, struct slice value)
{
	static const char *const names[] = {"PUBLISH", "REQUEST", "REPLY", "CANCEL", "COUNTER"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(value, slice_from_text(names[i])))
			calendar->method = (enum calendar_method)i;
}

static void
take_line(struct calendar_reading *reading, struct place *place, struct slice bytes)
{
	struct calendar_line line = split_line(bytes);
	enum component component = place->depth == 0 ? OTHER : place->components[place->depth - 1];

	if (is_name(&line, "BEGIN"))
		begin_component(reading, place, line.value);
	else if (is_name(&line, "END"))
		end_component(place);
	else if (place->beyond > 0)
		return;
	else if (component == EVENT)
		take_event_line(place, &line, reading->arena);
	else if (component == ZONE || component == STANDARD || component == DAYLIGHT)
		take_zone_line(place, component, &line, reading->arena);
	else if (component == CALENDAR && is_name(&line, "METHOD"))
		take_method(&reading->calendar, line.value);
}

/* Lines that begin with a blank go on with the one before (section 3.1). */
static void
take_lines(struct calendar_reading *reading, struct slice text)
{
	struct place place = {.depth = 0};
	struct text line;

	text_init(&line, CALENDAR_LINE_MAX);
	for (size_t at = 0; at < text.size && reading->lines < LINES_MAX; reading->lines++) {
		size_t end = slice_find_byte(text, '\n', at);
		struct slice piece = slice_part(text, at, end == SLICE_NONE ? text.size : end);
		size_t next = at + piece.size + 1;

		while (piece.size > 0 && piece.data[piece.size - 1] == '\r')
			piece.size--;
		/* Of an overlong line the beginning. */
		if (piece.size > CALENDAR_LINE_MAX - line.size)
			piece.size = CALENDAR_LINE_MAX - line.size;
		text_append(&line, piece);
		at = next;
		if (next < text.size && (text.data[next] == ' ' || text.data[next] == '\t')) {
			at++;
			continue;
		}
		take_line(reading, &place, text_slice(&line));
		text_reset(&line);
	}
	end_event(&place);
	text_clear(&line);
}

bool
calendar_read(struct slice text, struct arena *arena, struct calendar *calendar_out)
{
	struct calendar_reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->arena = arena;
	reading->calendar.events =
	    arena_alloc_many(arena, CALENDAR_EVENTS_MAX, sizeof(*reading->calendar.events));
	take_lines(reading, slice_part(text, 0, CALENDAR_SIZE_MAX));
	for (size_t i = 0; i < reading->calendar.event_count; i++) {
		calendar_place(reading, &reading->calendar.events[i].begin);
		calendar_place(reading, &reading->calendar.events[i].end);
	}
	*calendar_out = reading->calendar;
	return reading->calendar.event_count > 0;
}
