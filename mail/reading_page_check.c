/* What the task "page" answered, looked at before anybody uses it. */
#include "mail/pack.h"
#include "mail/reading_page.h"
#include "mail/utf8.h"

#define EVENTS_MAX ((size_t)64)
#define RECIPIENTS_MAX ((size_t)512)
#define PIECES_MAX ((size_t)512)
#define PERSON_LEAST ((size_t)9)
#define NAME_LEAST ((size_t)13)
#define OFFSET_MAX 1440 /* minutes from UTC */

/* What is still to be read. */
struct checking {
	struct unpack from;
	const struct page_wish *wish;
	struct arena *arena;
};

static void
fail(struct checking *checking)
{
	checking->from.good = false;
}

static uint64_t
number(struct checking *checking, unsigned bytes, uint64_t most)
{
	uint64_t found = unpack_number(&checking->from, bytes);

	if (found > most)
		fail(checking);
	return checking->from.good ? found : 0;
}

static bool
flag(struct checking *checking)
{
	return number(checking, 1, 1) == 1;
}

/* Text in which nothing is that a page or a terminal would obey. */
static struct slice
lines(struct checking *checking)
{
	struct slice bytes = unpack_bytes(&checking->from);

	if (!utf8_is_valid(bytes))
		fail(checking);
	for (size_t at = 0; checking->from.good && at < bytes.size;) {
		uint32_t code = utf8_next(bytes, &at);

		if (code == 0 || utf8_is_unwanted(code))
			fail(checking);
	}
	return checking->from.good ? bytes : slice_of("", 0);
}

static const char *
one_line(struct checking *checking)
{
	struct slice bytes = lines(checking);

	for (size_t at = 0; at < bytes.size;) {
		uint32_t code = utf8_next(bytes, &at);

		if (utf8_on_one_line(code) != code)
			fail(checking);
	}
	return arena_text_from(checking->arena, bytes);
}

static int64_t
seconds(struct checking *checking)
{
	return (int64_t)number(checking, 8, (uint64_t)1 << 40);
}

static const struct part *
part_of(struct checking *checking)
{
	const struct manifest *manifest = checking->wish->manifest;
	uint64_t found = number(checking, 4, manifest->part_count - 1);

	return &manifest->parts[found];
}

static void
take_head(struct checking *checking, struct page_reading *page)
{
	if (manifest_read(unpack_bytes(&checking->from), checking->arena, &page->headers) !=
		STATUS_OK ||
	    page->headers.part_count != 0)
		fail(checking);
}

static void
take_letters(struct checking *checking, struct page_reading *page)
{
	page->letters = arena_alloc_many(checking->arena, PAGE_LETTERS_MAX, sizeof(*page->letters));
	while (flag(checking)) {
		struct page_letter letter = {.part = part_of(checking)};

		letter.from.name = one_line(checking);
		letter.from.address = one_line(checking);
		letter.subject = one_line(checking);
		letter.date = one_line(checking);
		letter.sent_at = seconds(checking);
		if (!letter.part->letter || page->letter_count == PAGE_LETTERS_MAX)
			fail(checking);
		if (checking->from.good)
			page->letters[page->letter_count++] = letter;
	}
}

static void
take_spans(struct checking *checking, struct page_piece *piece, size_t most)
{
	struct slice packed = unpack_bytes(&checking->from);

	if (packed.size > most * SPAN_SIZE ||
	    !spans_read(packed, piece->text, checking->arena, &piece->spans, &piece->span_count))
		fail(checking);
}

static void
take_text(struct checking *checking, struct page_reading *page)
{
	size_t left = checking->wish->text_max, spans_left = PAGE_SPANS_MAX;
	uint64_t kind;

	page->pieces = arena_alloc_many(checking->arena, PIECES_MAX, sizeof(*page->pieces));
	while ((kind = number(checking, 1, 2)) != 0) {
		struct page_piece piece = {.picture = kind == 2 ? part_of(checking) : NULL};

		if (kind == 1) {
			piece.text = lines(checking);
			take_spans(checking, &piece, spans_left);
		} else if (piece.picture->role != PART_FILE && piece.picture->role != PART_INLINE)
			fail(checking);
		if (piece.text.size > left || page->piece_count == PIECES_MAX)
			fail(checking);
		if (!checking->from.good)
			return;
		left -= piece.text.size;
		spans_left -= piece.span_count;
		page->pieces[page->piece_count++] = piece;
	}
	page->text_cut = flag(checking);
	page->html_refused = flag(checking);
}

static struct calendar_time
take_time(struct checking *checking)
{
	struct calendar_time time = {.year = (int)number(checking, 2, 9999)};

	time.month = (int)number(checking, 2, 12);
	time.day = (int)number(checking, 2, 31);
	time.hour = (int)number(checking, 2, 24);
	time.minute = (int)number(checking, 2, 60);
	time.weekday = (int)number(checking, 2, 6);
	time.whole_day = flag(checking);
	time.zone = (enum calendar_zone)number(checking, 1, CALENDAR_ZONED);
	time.zone_name = one_line(checking);
	time.offset_known = flag(checking);
	time.offset = (int)number(checking, 2, (uint64_t)2 * OFFSET_MAX) - OFFSET_MAX;
	return time;
}

static struct calendar_person
take_person(struct checking *checking)
{
	struct calendar_person person = {.name = one_line(checking)};

	person.address = one_line(checking);
	person.answer = (enum calendar_answer)number(checking, 1, CALENDAR_DELEGATED);
	return person;
}

static struct page_event
take_event(struct checking *checking)
{
	struct page_event taken = {.method =
				       (enum calendar_method)number(checking, 1, CALENDAR_COUNTER)};
	struct calendar_event *event = &taken.event;

	event->uid = "";
	event->summary = one_line(checking);
	event->location = one_line(checking);
	event->description = arena_text_from(checking->arena, lines(checking));
	event->task = flag(checking);
	event->cancelled = flag(checking);
	event->begin = take_time(checking);
	event->end = take_time(checking);
	event->repeat.frequency = (enum calendar_frequency)number(checking, 1, CALENDAR_SOMEHOW);
	event->repeat.interval = (unsigned)number(checking, 4, UINT32_MAX);
	event->repeat.count = (unsigned)number(checking, 4, UINT32_MAX);
	event->repeat.weekdays = (unsigned)number(checking, 1, 127);
	event->repeat.until = take_time(checking);
	event->organizer = take_person(checking);
	event->people_count = unpack_count(&checking->from, PERSON_LEAST);
	if (event->people_count > CALENDAR_PEOPLE_MAX) {
		fail(checking);
		event->people_count = 0;
	}
	event->people =
	    arena_alloc_many(checking->arena, event->people_count, sizeof(*event->people));
	for (size_t i = 0; i < event->people_count; i++)
		event->people[i] = take_person(checking);
	event->more_people = flag(checking);
	return taken;
}

static void
take_extras(struct checking *checking, struct page_reading *page)
{
	page->events = arena_alloc_many(checking->arena, EVENTS_MAX, sizeof(*page->events));
	while (flag(checking)) {
		struct page_event event = take_event(checking);

		if (page->event_count == EVENTS_MAX)
			fail(checking);
		if (checking->from.good)
			page->events[page->event_count++] = event;
	}
	page->recipients =
	    arena_alloc_many(checking->arena, RECIPIENTS_MAX, sizeof(*page->recipients));
	while (flag(checking)) {
		struct report_recipient recipient = {.address = one_line(checking)};

		recipient.action = (enum report_action)number(checking, 1, REPORT_DELETED);
		recipient.status = one_line(checking);
		recipient.answer = one_line(checking);
		recipient.host = one_line(checking);
		recipient.until = one_line(checking);
		recipient.until_at = seconds(checking);
		if (page->recipient_count == RECIPIENTS_MAX)
			fail(checking);
		if (checking->from.good)
			page->recipients[page->recipient_count++] = recipient;
	}
	page->more_recipients = flag(checking);
}

static void
take_archive(struct checking *checking, struct archive_listing *listing)
{
	listing->item_count = unpack_count(&checking->from, NAME_LEAST);
	if (listing->item_count > checking->wish->names_max) {
		fail(checking);
		listing->item_count = 0;
	}
	listing->items =
	    arena_alloc_many(checking->arena, listing->item_count, sizeof(*listing->items));
	for (size_t i = 0; i < listing->item_count; i++) {
		listing->items[i].name = one_line(checking);
		listing->items[i].size = number(checking, 8, INT64_MAX);
		listing->items[i].is_risky = flag(checking);
	}
	listing->files = number(checking, 8, INT64_MAX);
	listing->size = number(checking, 8, UINT64_MAX);
	listing->has_more = flag(checking);
	listing->is_encrypted = flag(checking);
	listing->holds_risky = flag(checking);
	listing->holds_archives = flag(checking);
	if (listing->files < listing->item_count)
		fail(checking);
}

static void
take_sight(struct checking *checking, enum page_look_kind kind, struct page_sight *sight)
{
	*sight = (struct page_sight){.seen = flag(checking)};
	if (!sight->seen)
		return;
	if (kind == LOOK_PICTURE) {
		sight->picture.form = (enum picture_form)number(checking, 1, PICTURE_WEBP);
		sight->picture.width = (uint32_t)number(checking, 4, UINT32_MAX);
		sight->picture.height = (uint32_t)number(checking, 4, UINT32_MAX);
		if (sight->picture.form < PICTURE_PNG || sight->picture.width == 0 ||
		    sight->picture.height == 0)
			fail(checking);
	} else if (kind == LOOK_ARCHIVE) {
		take_archive(checking, &sight->listing);
	} else {
		sight->text = lines(checking);
		sight->text_cut = flag(checking);
		if (sight->text.size > checking->wish->text_max)
			fail(checking);
	}
}

struct page_reading
reading_page_empty(const struct page_wish *wish, struct arena *arena)
{
	return (struct page_reading){
	    .headers = {.subject = "", .from = {"", ""}, .date = ""},
	    .sights = arena_alloc_many(arena, wish->look_count, sizeof(struct page_sight)),
	};
}

enum status
reading_page_check(struct slice bytes, const struct page_wish *wish, struct arena *arena,
		   struct page_reading *page_out)
{
	struct checking checking = {{bytes, 0, true}, wish, arena};
	struct page_reading page = reading_page_empty(wish, arena);

	if (wish->manifest->part_count == 0)
		return STATUS_INVALID;
	if ((wish->wants & PAGE_HEAD) != 0 && wish->letter != NULL)
		take_head(&checking, &page);
	if ((wish->wants & PAGE_LETTERS) != 0)
		take_letters(&checking, &page);
	if ((wish->wants & PAGE_TEXT) != 0)
		take_text(&checking, &page);
	if ((wish->wants & PAGE_EXTRAS) != 0)
		take_extras(&checking, &page);
	for (size_t i = 0; i < wish->look_count && checking.from.good; i++)
		take_sight(&checking, wish->looks[i].kind, &page.sights[i]);
	if (!unpack_is_done(&checking.from))
		return STATUS_INVALID;
	*page_out = page;
	return STATUS_OK;
}
