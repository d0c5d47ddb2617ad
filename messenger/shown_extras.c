/* What of a letter is for machines first: invitations and reports, told to people. */
#include "messenger/shown_part.h"

#include <string.h>
#include <time.h>

#define TIME_TEXT_MAX ((size_t)1000)

/* In the words of the page's language; "" when it is not said. */
static const char *
local_text(const struct shown *shown, const struct calendar_time *time, enum language_local what)
{
	struct text *text = arena_alloc(shown->arena, sizeof(*text));
	struct tm parts = {.tm_year = time->year - 1900,
			   .tm_mon = time->month - 1,
			   .tm_mday = time->day,
			   .tm_hour = time->hour,
			   .tm_min = time->minute};

	if (time->year == 0)
		return "";
	text_init_in(text, shown->arena, TIME_TEXT_MAX);
	language_put_local(shown->language, timegm(&parts), what, text);
	return text_string(text);
}

static const char *
begin_text(const struct shown *shown, const struct calendar_time *begin)
{
	return local_text(shown, begin, begin->whole_day ? LANGUAGE_DAY : LANGUAGE_DAY_AND_HOUR);
}

/* Only what is not said by the beginning. */
static const char *
end_text(const struct shown *shown, const struct calendar_time *begin,
	 const struct calendar_time *end)
{
	if (begin->year != end->year || begin->month != end->month || begin->day != end->day)
		return begin_text(shown, end);
	if (end->whole_day || (begin->hour == end->hour && begin->minute == end->minute))
		return "";
	return local_text(shown, end, LANGUAGE_HOUR);
}

/* "UTC+01:00" */
static const char *
offset_text(const struct calendar_time *time, struct arena *arena)
{
	int offset = time->offset < 0 ? -time->offset : time->offset;

	if (!time->offset_known)
		return "";
	return arena_printf(arena, "UTC%c%02d:%02d", time->offset < 0 ? '-' : '+', offset / 60,
			    offset % 60);
}

/* "Europe/Berlin, UTC+01:00" */
static const char *
zone_text(const struct calendar_time *time, struct arena *arena)
{
	const char *offset = offset_text(time, arena);

	if (time->zone != CALENDAR_ZONED)
		return "";
	return arena_printf(arena, "%s%s%s", time->zone_name, *offset == '\0' ? "" : ", ", offset);
}

static void
put_times(const struct shown *shown, struct template_values *item,
	  const struct calendar_event *event)
{
	const struct calendar_time *begin = &event->begin, *end = &event->end;

	template_put_text(item, "begin", begin_text(shown, begin));
	template_put_text(item, "end", end_text(shown, begin, end));
	template_put_flag(item, "floating",
			  begin->year != 0 && !begin->whole_day &&
			      begin->zone == CALENDAR_FLOATING);
	template_put_flag(item, "utc", begin->zone == CALENDAR_UTC);
	template_put_text(item, "zone", zone_text(begin, shown->arena));
	/* Meetings that end in another zone: flights. */
	template_put_text(item, "end_zone",
			  end->zone == CALENDAR_ZONED && begin->zone == CALENDAR_ZONED &&
				  strcmp(end->zone_name, begin->zone_name) != 0
			      ? end->zone_name
			      : "");
}

static void
put_repeat(const struct shown *shown, struct template_values *item,
	   const struct calendar_repeat *repeat)
{
	static const char *const flags[] = {"once",    "daily",	 "weekly",
					    "monthly", "yearly", "somehow"};
	struct text *days = arena_alloc(shown->arena, sizeof(*days));

	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		template_put_flag(item, flags[i], i == (unsigned)repeat->frequency);
	text_init_in(days, shown->arena, TIME_TEXT_MAX);
	if (repeat->weekdays != 0)
		language_put_weekdays(shown->language, repeat->weekdays, days);
	template_put_flag(item, "repeats", repeat->frequency != CALENDAR_ONCE);
	template_put_number(item, "interval", repeat->interval > 1 ? repeat->interval : 1);
	template_put_number(item, "times", repeat->count);
	template_put_text(item, "weekdays", text_string(days));
	template_put_text(item, "repeat_until", local_text(shown, &repeat->until, LANGUAGE_DAY));
}

static void
put_person(struct template_values *item, const struct calendar_person *person)
{
	static const char *const flags[] = {"unanswered", "accepted", "declined", "tentative",
					    "delegated"};

	template_put_text(item, "name", person->name);
	template_put_text(item, "address", person->address);
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		template_put_flag(item, flags[i], i == (unsigned)person->answer);
}

static void
put_event(const struct shown *shown, struct template_list *list, const struct calendar_event *event,
	  enum calendar_method method)
{
	static const char *const flags[] = {"publish", "request", "reply", "cancel", "counter"};
	struct template_values *item = template_list_add(list);
	struct template_list *people = template_put_list(item, "people");
	bool cancelled = event->cancelled || method == CALENDAR_CANCEL;

	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		template_put_flag(item, flags[i], !cancelled && i == (unsigned)method);
	template_put_flag(item, "cancelled", cancelled);
	template_put_flag(item, "task", event->task);
	template_put_text(item, "summary", event->summary);
	template_put_text(item, "location", event->location);
	template_put_run(item, "description", slice_from_text(event->description));
	put_times(shown, item, event);
	put_repeat(shown, item, &event->repeat);
	template_put_text(item, "organizer_name", event->organizer.name);
	template_put_text(item, "organizer_address", event->organizer.address);
	template_put_flag(item, "has_people", event->people_count > 0);
	template_put_flag(item, "more_people", event->more_people);
	for (size_t i = 0; i < event->people_count; i++)
		put_person(template_list_add(people), &event->people[i]);
}

bool
shown_put_invitations(const struct shown *shown, struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	struct template_list *list = template_put_list(values, "invitations");

	for (size_t i = 0; i < page->event_count; i++)
		put_event(shown, list, &page->events[i].event, page->events[i].method);
	return page->event_count > 0;
}

static void
put_recipient(const struct shown *shown, struct template_list *list,
	      const struct report_recipient *recipient)
{
	static const char *const flags[] = {"other",   "failed",   "delayed",	"delivered",
					    "relayed", "expanded", "displayed", "deleted"};
	struct template_values *item = template_list_add(list);

	template_put_text(item, "address", recipient->address);
	template_put_text(item, "answer", recipient->answer);
	template_put_text(item, "host", recipient->host);
	template_put_text(item, "status", recipient->status);
	template_put_text(
	    item, "tried_until",
	    shown_date(shown->language, recipient->until, recipient->until_at, shown->arena));
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		template_put_flag(item, flags[i], i == (unsigned)recipient->action);
}

bool
shown_put_report(const struct shown *shown, struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	struct template_list *list = template_put_list(values, "reported");

	for (size_t i = 0; i < page->recipient_count; i++)
		put_recipient(shown, list, &page->recipients[i]);
	template_put_flag(values, "more_reported", page->more_recipients);
	return page->recipient_count > 0;
}
