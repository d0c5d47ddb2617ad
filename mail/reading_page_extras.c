/* What of a letter is for machines first: invitations and reports, found and told. */
#include <string.h>

#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_page_part.h"
#include "mail/sent_date.h"

#define CALENDARS_MAX 5
#define REPORTS_MAX 5

static bool
is_calendar(const struct part *part)
{
	size_t size = strlen(part->name);

	if (part->role == PART_CONTAINER || part->decoded_size > CALENDAR_SIZE_MAX)
		return false;
	return strcmp(part->type, "text/calendar") == 0 ||
	       strcmp(part->type, "application/ics") == 0 ||
	       (strcmp(part->type, "application/octet-stream") == 0 && size > 4 &&
		slice_equal_nocase(slice_from_text(part->name + size - 4), SLICE(".ics")));
}

/* The same event comes as an alternative and as a file. */
static bool
is_repeated(const char *const *seen, size_t count, const char *uid)
{
	for (size_t i = 0; i < count; i++)
		if (*uid != '\0' && strcmp(seen[i], uid) == 0)
			return true;
	return false;
}

static void
put_text(struct text *out, const char *text)
{
	pack_bytes(out, slice_from_text(text));
}

static void
put_time(struct text *out, const struct calendar_time *time)
{
	const int numbers[] = {time->year, time->month,	 time->day,
			       time->hour, time->minute, time->weekday};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		pack_number(out, (uint64_t)numbers[i], 2);
	pack_number(out, time->whole_day, 1);
	pack_number(out, time->zone, 1);
	put_text(out, time->zone_name == NULL ? "" : time->zone_name);
	pack_number(out, time->offset_known, 1);
	/* A day east, so that it is no negative number. */
	pack_number(out, (uint64_t)(time->offset_known ? time->offset + 1440 : 1440), 2);
}

static void
put_person(struct text *out, const struct calendar_person *person)
{
	put_text(out, person->name == NULL ? "" : person->name);
	put_text(out, person->address == NULL ? "" : person->address);
	pack_number(out, person->answer, 1);
}

static void
put_event(struct text *out, const struct calendar_event *event, enum calendar_method method)
{
	pack_number(out, 1, 1);
	pack_number(out, method, 1);
	put_text(out, event->summary);
	put_text(out, event->location);
	put_text(out, event->description);
	pack_number(out, event->task, 1);
	pack_number(out, event->cancelled, 1);
	put_time(out, &event->begin);
	put_time(out, &event->end);
	pack_number(out, event->repeat.frequency, 1);
	pack_number(out, event->repeat.interval, 4);
	pack_number(out, event->repeat.count, 4);
	pack_number(out, event->repeat.weekdays, 1);
	put_time(out, &event->repeat.until);
	put_person(out, &event->organizer);
	pack_number(out, event->people_count, 4);
	for (size_t i = 0; i < event->people_count; i++)
		put_person(out, &event->people[i]);
	pack_number(out, event->more_people, 1);
}

void
page_write_events(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	const struct manifest *manifest = wish->manifest;
	const char *seen[CALENDARS_MAX * CALENDAR_EVENTS_MAX];
	size_t count = 0, calendars = 0;

	for (size_t i = 0; i < manifest->part_count && calendars < CALENDARS_MAX; i++) {
		const struct part *part = &manifest->parts[i];
		struct calendar calendar;
		struct text *text;

		if (!is_calendar(part) || !page_has(manifest, wish->letter, part))
			continue;
		calendars++;
		text = arena_alloc(job->arena, sizeof(*text));
		text_init_in(text, job->arena, CALENDAR_SIZE_MAX * 3);
		if (body_text(job->message, part, text) != STATUS_OK ||
		    !calendar_read(text_slice(text), job->arena, &calendar))
			continue;
		for (size_t j = 0; j < calendar.event_count; j++) {
			if (is_repeated(seen, count, calendar.events[j].uid))
				continue;
			seen[count++] = calendar.events[j].uid;
			put_event(out, &calendar.events[j], calendar.method);
		}
	}
	pack_number(out, 0, 1);
}

static void
put_recipient(struct text *out, const struct report_recipient *recipient)
{
	pack_number(out, 1, 1);
	put_text(out, recipient->address);
	pack_number(out, recipient->action, 1);
	put_text(out, recipient->status);
	put_text(out, recipient->answer);
	put_text(out, recipient->host);
	put_text(out, recipient->until);
	pack_number(out, (uint64_t)sent_date(recipient->until), 8);
}

void
page_write_reports(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	const struct manifest *manifest = wish->manifest;
	size_t reports = 0;
	bool more = false;

	for (size_t i = 0; i < manifest->part_count && reports < REPORTS_MAX; i++) {
		const struct part *part = &manifest->parts[i];
		struct mail_report report;
		struct source source;

		if (part->role != PART_FILE || !report_is_type(part->type) ||
		    !page_has(manifest, wish->letter, part))
			continue;
		reports++;
		if (body_open(job->message, part, job->arena, &source) != STATUS_OK ||
		    report_read(&source, job->arena, &report) != STATUS_OK)
			continue;
		for (size_t j = 0; j < report.count; j++)
			put_recipient(out, &report.recipients[j]);
		more = more || report.more;
	}
	pack_number(out, 0, 1);
	pack_number(out, more, 1);
}
