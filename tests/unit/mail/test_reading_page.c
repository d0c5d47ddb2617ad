/* mail/reading_page: a text with its spans, from a task to who asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/parse.h"
#include "mail/reading.h"
#include "mail/reading_page.h"

static struct part text_part = {.role = PART_TEXT, .type = "text/html"};
static const struct manifest one_part = {.parts = &text_part, .part_count = 1};
static const struct page_wish wish = {
    .manifest = &one_part, .wants = PAGE_TEXT, .text_max = 1000, .label = "test"};

/* All but their number is in tests/unit/mail/test_reading_answer.c. */
static void
too_many_spans_are_none(void **state)
{
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, PAGE_SPANS_MAX + 2);
	struct page_wish large = wish;
	struct page_reading page;

	(void)state;
	for (size_t i = 0; i < PAGE_SPANS_MAX + 1; i++)
		text_append_byte(text, 'a');
	large.text_max = PAGE_TEXT_MAX;
	for (size_t more = 0; more < 2; more++) {
		struct text *answer = text_new_in(arena, 1000000);
		struct text *packed = text_new_in(arena, (PAGE_SPANS_MAX + 1) * SPAN_SIZE);

		for (size_t i = 0; i < PAGE_SPANS_MAX + more; i++)
			span_pack(packed, &(struct span){SPAN_BOLD, 0, i, i + 1});
		pack_number(answer, 1, 1);
		pack_bytes(answer, text_slice(text));
		pack_bytes(answer, text_slice(packed));
		pack_number(answer, 0, 3);
		assert_int_equal(reading_page_check(text_slice(answer), &large, arena, &page),
				 more == 0 ? STATUS_OK : STATUS_INVALID);
	}
	arena_free(arena);
}

/* The way through the task, as a page and a PDF get it. */
static void
html_comes_with_its_spans(void **state)
{
	static const char bytes[] = "From: a@x.example\r\nContent-Type: text/html\r\n\r\n"
				    "<h2>Title</h2><p>some <b>words</b></p>";
	struct arena *arena = arena_new();
	struct slice slice = slice_of(bytes, sizeof(bytes) - 1);
	struct source message = source_from_slice(&slice);
	const struct letter_question question = {.label = "test", .stored = &message};
	struct letter_reading letter;
	struct page_reading page;
	struct page_wish whole = wish;

	(void)state;
	assert_int_equal(reading_letter(reader_within(), &question, arena, &letter), STATUS_OK);
	whole.message = &message;
	whole.manifest = &letter.manifest;
	assert_int_equal(reading_page(reader_within(), &whole, arena, &page), STATUS_OK);
	assert_int_equal(page.piece_count, 1);
	assert_true(slice_equal(page.pieces[0].text, SLICE("Title\n\nsome words\n")));
	assert_int_equal(page.pieces[0].span_count, 2);
	assert_int_equal(page.pieces[0].spans[0].kind, SPAN_HEADING);
	assert_int_equal(page.pieces[0].spans[0].level, 2);
	assert_int_equal(page.pieces[0].spans[1].begin, 12);
	arena_free(arena);
}

static int
prepare(void **state)
{
	(void)state;
	mail_prepare();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(too_many_spans_are_none),
	    cmocka_unit_test(html_comes_with_its_spans),
	};

	return cmocka_run_group_tests_name("mail/reading_page", tests, prepare, NULL);
}
