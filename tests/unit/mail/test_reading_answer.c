/* mail/reading_answer and mail/reading_check: what a task says is bounded, in order, and believed
 * in nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/pack.h"
#include "mail/reading_answer.h"
#include "mail/reading_check.h"
#include "mail/reading_page.h"

#define SIZE ((uint64_t)100000)

struct said {
	enum frame_kind kind;
	unsigned flag;
	const char *bytes;
	size_t size;
};

#define NOTHING "", 0
#define READ_AT(offset, size) "\0\0\0\0\0" offset size, 12

static const struct {
	const char *claim;
	bool first; /* the task says something before it reads */
	struct said said[4];
	enum answer_step step; /* of the last one */
} rows[] = {
    {"a result is a result", false, {{FRAME_RESULT, FRAME_LAST, "ab", 2}}, ANSWER_DONE},
    {"in pieces, too",
     false,
     {{FRAME_RESULT, 0, "a", 1}, {FRAME_RESULT, FRAME_LAST, "b", 1}},
     ANSWER_DONE},
    {"it may be empty", false, {{FRAME_RESULT, FRAME_LAST, NOTHING}}, ANSWER_DONE},
    {"what is too long is no answer",
     false,
     {{FRAME_RESULT, 0, "0123456789", 10}, {FRAME_RESULT, 0, "0123456789", 10}},
     ANSWER_BROKEN},
    {"a piece has no status", false, {{FRAME_RESULT, STATUS_INVALID, "a", 1}}, ANSWER_BROKEN},
    {"reading within the message",
     false,
     {{FRAME_READ, 0, READ_AT("\0\0\x10", "\0\0\x10\0")}},
     ANSWER_READ},
    {"not beyond it", false, {{FRAME_READ, 0, READ_AT("\x7f\0\0", "\0\0\x10\0")}}, ANSWER_BROKEN},
    {"not nothing", false, {{FRAME_READ, 0, READ_AT("\0\0\0", "\0\0\0\0")}}, ANSWER_BROKEN},
    {"not too much", false, {{FRAME_READ, 0, READ_AT("\0\0\0", "\0\1\0\1")}}, ANSWER_BROKEN},
    {"not in other words", false, {{FRAME_READ, 0, "\0\0\0", 3}}, ANSWER_BROKEN},
    {"what is first comes before reading",
     true,
     {{FRAME_READ, 0, READ_AT("\0\0\0", "\0\0\x10\0")}},
     ANSWER_BROKEN},
    {"then it may read",
     true,
     {{FRAME_FIRST, FRAME_LAST, "a", 1}, {FRAME_READ, 0, READ_AT("\0\0\0", "\0\0\x10\0")}},
     ANSWER_READ},
    {"first comes once",
     true,
     {{FRAME_FIRST, FRAME_LAST, "a", 1}, {FRAME_FIRST, FRAME_LAST, "a", 1}},
     ANSWER_BROKEN},
    {"and not where nothing comes first",
     false,
     {{FRAME_FIRST, FRAME_LAST, "a", 1}},
     ANSWER_BROKEN},
    {"it is bounded, too",
     true,
     {{FRAME_FIRST, 0, "01234", 5}, {FRAME_FIRST, 0, "01234", 5}},
     ANSWER_BROKEN},
    {"who left it out is not done", true, {{FRAME_RESULT, FRAME_LAST, "a", 1}}, ANSWER_BROKEN},
    {"but may give up",
     true,
     {{FRAME_RESULT, FRAME_LAST | STATUS_TOO_LARGE, NOTHING}},
     ANSWER_DONE},
    {"a size may come before",
     false,
     {{FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}, {FRAME_RESULT, FRAME_LAST, "ab", 2}},
     ANSWER_DONE},
    {"which is kept to",
     false,
     {{FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}, {FRAME_RESULT, FRAME_LAST, "a", 1}},
     ANSWER_BROKEN},
    {"and not exceeded",
     false,
     {{FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}, {FRAME_RESULT, FRAME_LAST, "abc", 3}},
     ANSWER_BROKEN},
    {"it is bounded", false, {{FRAME_SIZE, 0, "\0\0\0\0\0\0\0\x11", 8}}, ANSWER_BROKEN},
    {"and comes once",
     false,
     {{FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}, {FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}},
     ANSWER_BROKEN},
    {"and not behind what it tells of",
     false,
     {{FRAME_RESULT, 0, "a", 1}, {FRAME_SIZE, 0, "\0\0\0\0\0\0\0\2", 8}},
     ANSWER_BROKEN},
    {"an end has a reason", false, {{FRAME_ENDED, 0, "\2\x09", 2}}, ANSWER_ENDED},
    {"not any", false, {{FRAME_ENDED, 0, "\x09\x09", 2}}, ANSWER_BROKEN},
    {"not two", false, {{FRAME_ENDED, 0, "\2\2\2", 3}}, ANSWER_BROKEN},
    {"what we say is not said to us", false, {{FRAME_DATA, 0, "a", 1}}, ANSWER_BROKEN},
    {"nor what a reader says", false, {{FRAME_READY, 0, NOTHING}}, ANSWER_BROKEN},
};

static void
frames_are_taken_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct reading_answer *answer = arena_alloc(arena, sizeof(*answer));
		enum answer_step step = ANSWER_MORE;

		print_message("  %s\n", rows[i].claim);
		reading_answer_init(answer, SIZE, rows[i].first ? 8 : 0, 16, arena);
		for (size_t j = 0; j < 4 && rows[i].said[j].kind != 0; j++) {
			const struct said *said = &rows[i].said[j];
			struct frame frame = {said->kind, (unsigned char)said->flag,
					      slice_of(said->bytes, said->size)};

			assert_true(j == 0 || step == ANSWER_MORE);
			step = reading_answer_take(answer, &frame);
		}
		assert_int_equal(step, rows[i].step);
		arena_free(arena);
	}
}

static void
a_packet_is_a_frame_or_nothing(void **state)
{
	static const struct {
		const char *claim;
		const char *bytes;
		size_t size;
		enum status status;
	} packets[] = {
	    {"a frame", "\1\7\x80\0\0\0\0\2ab", 10, STATUS_OK},
	    {"of another version", "\2\7\x80\0\0\0\0\2ab", 10, STATUS_INVALID},
	    {"of no kind", "\1\0\x80\0\0\0\0\2ab", 10, STATUS_INVALID},
	    {"of an unknown kind", "\1\x0b\x80\0\0\0\0\2ab", 10, STATUS_INVALID},
	    {"shorter than it says", "\1\7\x80\0\0\0\0\3ab", 10, STATUS_INVALID},
	    {"longer", "\1\7\x80\0\0\0\0\1ab", 10, STATUS_INVALID},
	    {"too short for any", "\1\7\x80\0", 4, STATUS_INVALID},
	    {"with something in the gap", "\1\7\x80\1\0\0\0\2ab", 10, STATUS_INVALID},
	};
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		print_message("  %s\n", packets[i].claim);
		assert_int_equal(frame_parse(slice_of(packets[i].bytes, packets[i].size), &frame),
				 packets[i].status);
	}
}

/* A message of a letter, a text and a picture, and a wish for all that a page can have. */
static struct part page_parts[] = {
    {.number = 0, .role = PART_CONTAINER},
    {.number = 1, .role = PART_TEXT},
    {.number = 2, .role = PART_FILE, .letter = true},
};
static const struct manifest page_manifest = {.parts = page_parts, .part_count = 3};
static const struct page_look page_looks[] = {{2, LOOK_PICTURE}, {2, LOOK_ARCHIVE}};

#define NO_SPANS "\0\0\0\0"
#define BOLD(begin, end) "\1\0\0\0\0" begin "\0\0\0" end
#define ZIP_NAME "\0\0\0\1a\0\0\0\0\0\0\0\1\0"
#define ZIP_END "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0"

static void
pages_make_sense_or_are_nothing(void **state)
{
	static const struct {
		const char *claim;
		unsigned wants;
		size_t looks;
		const char *bytes;
		size_t size;
		enum status status;
	} pages[] = {
#define PAGE(claim, wants, looks, bytes, status)                                                   \
	{claim, wants, looks, bytes, sizeof(bytes) - 1, status}
	    PAGE("a text", PAGE_TEXT, 0, "\1\0\0\0\3abc" NO_SPANS "\0\0\0", STATUS_OK),
	    PAGE("none", PAGE_TEXT, 0, "\0\0\0", STATUS_OK),
	    PAGE("nothing at all", PAGE_TEXT, 0, "", STATUS_INVALID),
	    PAGE("longer than was asked for", PAGE_TEXT, 0,
		 "\1\0\0\0\11abcdefghi" NO_SPANS "\0\0\0", STATUS_INVALID),
	    PAGE("two of them that are", PAGE_TEXT, 0,
		 "\1\0\0\0\5abcde" NO_SPANS "\1\0\0\0\4abcd" NO_SPANS "\0\0\0", STATUS_INVALID),
	    PAGE("that is no UTF-8", PAGE_TEXT, 0, "\1\0\0\0\2a\xff" NO_SPANS "\0\0\0",
		 STATUS_INVALID),
	    PAGE("that commands a terminal", PAGE_TEXT, 0, "\1\0\0\0\4\x1b[2J" NO_SPANS "\0\0\0",
		 STATUS_INVALID),
	    PAGE("that turns around", PAGE_TEXT, 0, "\1\0\0\0\3\xe2\x80\xae" NO_SPANS "\0\0\0",
		 STATUS_INVALID),
	    PAGE("that is longer than the answer", PAGE_TEXT, 0, "\1\xff\xff\xff\xff",
		 STATUS_INVALID),
	    PAGE("two spans of a text", PAGE_TEXT, 0,
		 "\1\0\0\0\3abc\0\0\0\24" BOLD("\0", "\1") BOLD("\1", "\3") "\0\0\0", STATUS_OK),
	    PAGE("one that is cut", PAGE_TEXT, 0, "\1\0\0\0\3abc\0\0\0\11\1\0\0\0\0\0\0\0\0\0\0\0",
		 STATUS_INVALID),
	    PAGE("one beyond it", PAGE_TEXT, 0, "\1\0\0\0\3abc\0\0\0\12" BOLD("\0", "\4") "\0\0\0",
		 STATUS_INVALID),
	    PAGE("one over the other", PAGE_TEXT, 0,
		 "\1\0\0\0\3abc\0\0\0\24" BOLD("\0", "\2") BOLD("\1", "\3") "\0\0\0",
		 STATUS_INVALID),
	    PAGE("of a text without a count", PAGE_TEXT, 0, "\1\0\0\0\3abc\0\0\0", STATUS_INVALID),
	    PAGE("a flag that is none", PAGE_TEXT, 0, "\0\2\0", STATUS_INVALID),
	    PAGE("more than an answer", PAGE_TEXT, 0, "\0\0\0\0", STATUS_INVALID),
	    PAGE("a picture that is a file", PAGE_TEXT, 0, "\2\0\0\0\2\0\0\0", STATUS_OK),
	    PAGE("one that is a text", PAGE_TEXT, 0, "\2\0\0\0\1\0\0\0", STATUS_INVALID),
	    PAGE("one that is not there", PAGE_TEXT, 0, "\2\0\0\0\3\0\0\0", STATUS_INVALID),
	    PAGE("a letter", PAGE_LETTERS, 0,
		 "\1\0\0\0\2\0\0\0\1n\0\0\0\1a\0\0\0\1s\0\0\0\1d\0\0\0\0\0\0\0\0\0", STATUS_OK),
	    PAGE("one that is none", PAGE_LETTERS, 0,
		 "\1\0\0\0\1\0\0\0\1n\0\0\0\1a\0\0\0\1s\0\0\0\1d\0\0\0\0\0\0\0\0\0",
		 STATUS_INVALID),
	    PAGE("a subject of two lines", PAGE_LETTERS, 0,
		 "\1\0\0\0\2\0\0\0\1n\0\0\0\1a\0\0\0\1\n\0\0\0\1d\0\0\0\0\0\0\0\0\0",
		 STATUS_INVALID),
	    PAGE("a date beyond all calendars", PAGE_LETTERS, 0,
		 "\1\0\0\0\2\0\0\0\1n\0\0\0\1a\0\0\0\1s\0\0\0\1d\x7f\0\0\0\0\0\0\0\0",
		 STATUS_INVALID),
	    PAGE("no event and no report", PAGE_EXTRAS, 0, "\0\0\0", STATUS_OK),
	    PAGE("an event without end", PAGE_EXTRAS, 0, "\1\0", STATUS_INVALID),
	    PAGE("a way of meeting that is none", PAGE_EXTRAS, 0, "\1\11", STATUS_INVALID),
	    PAGE("a picture of a form", 0, 1, "\1\1\0\0\0\1\0\0\0\1", STATUS_OK),
	    PAGE("of no form", 0, 1, "\1\0\0\0\0\1\0\0\0\1", STATUS_INVALID),
	    PAGE("of a form to come", 0, 1, "\1\5\0\0\0\1\0\0\0\1", STATUS_INVALID),
	    PAGE("without width", 0, 1, "\1\1\0\0\0\0\0\0\0\1", STATUS_INVALID),
	    PAGE("an archive of a name", 0, 2, "\0\1\0\0\0\1" ZIP_NAME ZIP_END, STATUS_OK),
	    PAGE("of more than were asked for", 0, 2, "\0\1\0\0\0\2" ZIP_NAME ZIP_NAME ZIP_END,
		 STATUS_INVALID),
	    PAGE("of more than can be", 0, 2, "\0\1\xff\xff\xff\xff" ZIP_NAME ZIP_END,
		 STATUS_INVALID),
	    PAGE("of which one look is missing", 0, 2, "\0", STATUS_INVALID),
#undef PAGE
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct arena *arena = arena_new();
		const struct page_wish wish = {.manifest = &page_manifest,
					       .wants = pages[i].wants,
					       .text_max = 8,
					       .looks = page_looks,
					       .look_count = pages[i].looks,
					       .names_max = 1};
		struct page_reading page;

		print_message("  %s\n", pages[i].claim);
		assert_int_equal(reading_page_check(slice_of(pages[i].bytes, pages[i].size), &wish,
						    arena, &page),
				 pages[i].status);
		arena_free(arena);
	}
}

/* What a task would say of a header, with these edits. */
static struct slice
header_said(unsigned subject, const struct edits *edits, struct arena *arena)
{
	struct manifest manifest = {.subject = "s",
				    .from = {"", ""},
				    .date = "",
				    .message_id = "",
				    .in_reply_to = "",
				    .references = "",
				    .receipt_to = "",
				    .auto_submitted = "",
				    .edits = *edits};
	struct text *said = arena_alloc(arena, sizeof(*said));
	struct slice bytes;

	text_init_in(said, arena, 10000);
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	pack_number(said, 0, 1);
	pack_number(said, subject, 1);
	pack_number(said, 0, 2);
	text_append(said, bytes);
	return text_slice(said);
}

static void
cuts_stay_in_the_header(void **state)
{
	struct arena *arena = arena_new();
	struct edit inside = {10, 8, SLICE("")}, outside = {96, 8, SLICE("")};
	struct edits good = {&inside, 1}, bad = {&outside, 1};
	struct letter_reading letter;

	(void)state;
	assert_int_equal(
	    reading_check_header(header_said(MARK_FOUND, &good, arena), 100, arena, &letter),
	    STATUS_OK);
	assert_int_equal(letter.findings.subject, MARK_FOUND);
	assert_int_equal(letter.findings.edits.count, 1);
	assert_int_equal(letter.depth, LETTER_HEADER);
	assert_int_equal(
	    reading_check_header(header_said(MARK_FOUND, &bad, arena), 100, arena, &letter),
	    STATUS_INVALID);
	assert_int_equal(
	    reading_check_header(header_said(MARK_NEAR + 1, &good, arena), 100, arena, &letter),
	    STATUS_INVALID);
	arena_free(arena);
}

static void
parts_stay_in_the_message(void **state)
{
	struct arena *arena = arena_new();
	struct part part = {.role = PART_TEXT,
			    .encoding = PART_IDENTITY,
			    .type = "text/plain",
			    .charset = "",
			    .name = "",
			    .content_id = "",
			    .offset = 50,
			    .size = 51,
			    .decoded_size = 51};
	struct manifest manifest = {.subject = "",
				    .from = {"", ""},
				    .date = "",
				    .message_id = "",
				    .in_reply_to = "",
				    .references = "",
				    .receipt_to = "",
				    .auto_submitted = "",
				    .parts = &part,
				    .part_count = 1};
	struct manifest read;
	struct slice bytes;

	(void)state;
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	assert_int_equal(reading_check_parts(bytes, 101, arena, &read), STATUS_OK);
	assert_int_equal(reading_check_parts(bytes, 100, arena, &read), STATUS_INVALID);
	manifest.part_count = 0;
	assert_int_equal(manifest_write(&manifest, arena, &bytes), STATUS_OK);
	assert_int_equal(reading_check_parts(bytes, 101, arena, &read), STATUS_INVALID);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_are_taken_in_order),
	    cmocka_unit_test(a_packet_is_a_frame_or_nothing),
	    cmocka_unit_test(pages_make_sense_or_are_nothing),
	    cmocka_unit_test(cuts_stay_in_the_header),
	    cmocka_unit_test(parts_stay_in_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
