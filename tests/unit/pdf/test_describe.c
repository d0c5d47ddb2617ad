/* pdf/describe, pdf/describe_text: what a template's lines and a letter's text become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/html_text.h"
#include "mail/parse.h"
#include "pdf/describe.h"
#include "pdf/describe_text.h"
#include "pdf/plain.h"

static const struct document_head head = {.title = "",
					  .author = "",
					  .language = "en",
					  .page_words = "",
					  .unseen_words = "",
					  .text_name = ""};

static void
show_runs(const struct document_block *block, struct text *out)
{
	for (size_t i = 0; i < block->run_count; i++) {
		const struct document_run *run = &block->runs[i];
		const char *around = run->bold ? "*" : "";

		text_append_text(out, run->cell ? "|" : around);
		if (run->link.size > 0)
			text_append_byte(out, '<');
		for (size_t at = 0; at < run->text.size; at++)
			text_append_byte(out,
					 run->text.data[at] == '\n' ? '/' : run->text.data[at]);
		if (run->link.size > 0)
			text_append_byte(out, '>');
		text_append_text(out, around);
	}
}

/* A line for each block: its kind and levels, its lead, its runs; "/" for line ends. */
static void
show(struct slice description, struct arena *arena, struct text *out)
{
	struct document_reading reading;
	struct document_head read;
	struct document_block block = {.kind = DOCUMENT_BREAK};

	assert_int_equal(document_open(description, arena, &read, &reading), STATUS_OK);
	for (;;) {
		assert_int_equal(document_next(&reading, &block), STATUS_OK);
		if (block.kind == DOCUMENT_END)
			return;
		text_printf(out, "%s%u",
			    block.kind == DOCUMENT_LINES     ? "lines "
			    : block.kind == DOCUMENT_HEADING ? "heading "
			    : block.kind == DOCUMENT_ITEM    ? "item "
			    : block.kind == DOCUMENT_ROW     ? "row "
							     : "other ",
			    block.level);
		if (block.kind == DOCUMENT_ITEM)
			text_printf(out, ".%u [%.*s]", block.depth, (int)block.lead.size,
				    (const char *)block.lead.data);
		text_append_text(out, ": ");
		show_runs(&block, out);
		text_append_byte(out, '\n');
	}
}

/* From HTML to blocks, and back to the same text. */
static void
check(const char *claim, const char *html, const char *wanted)
{
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, 10000), *spans = text_new_in(arena, 1000);
	struct text *out = text_new_in(arena, 10000), *plain = text_new_in(arena, 10000);
	struct document *document = document_new(arena, &head);
	struct document_reading reading;
	struct document_head read;
	struct page_piece piece = {.picture = NULL};
	struct slice description;

	assert_int_equal(html_to_text(slice_from_text(html), text, spans), STATUS_OK);
	piece.text = text_slice(text);
	assert_true(
	    spans_read(text_slice(spans), piece.text, arena, &piece.spans, &piece.span_count));
	pdf_describe_text(document, &piece);
	assert_int_equal(document_pack(document, &description), STATUS_OK);
	show(description, arena, out);
	if (strcmp(text_string(out), wanted) != 0)
		fail_msg("%s:\n%s", claim, text_string(out));
	assert_int_equal(document_open(description, arena, &read, &reading), STATUS_OK);
	assert_int_equal(plain_write(&reading, plain), STATUS_OK);
	if (strcmp(text_string(plain), text_string(text)) != 0)
		fail_msg("%s, as text:\n%s", claim, text_string(plain));
	arena_free(arena);
}

static void
html_keeps_its_structure(void **state)
{
	static const char *const rows[][3] = {
	    {"words", "<p>a</p><p>b</p>", "lines 0: a//b/\n"},
	    {"headings", "<h1>A <b>b</b></h1>c<h2>D<br>E</h2>",
	     "heading 1: A b\nlines 0: /c//\nheading 2: D/E\n"},
	    {"headings that follow", "<h2>A</h2><h3>B</h3>",
	     "heading 2: A\nlines 0: /\nheading 3: B\n"},
	    {"items", "<ol><li>a<li><b>b</b> c<ul><li>d<br>e</ul></ol>",
	     "item 0.1 [ 1. ]: a\nitem 0.1 [ 2. ]: *b* c\nitem 0.2 [   * ]: d\n"
	     "item 0.2 [     ]: e\n"},
	    {"bold", "a <b>b<br>c</b> d", "lines 0: a *b*/*c* d/\n"},
	    {"header cells", "<table><tr><th>A<th>B<tr><td><td>1</table>",
	     "row 0: *A*|*B*\nrow 0: |1\n"},
	    {"cells with links and without anything",
	     "a<table><tr><td>A<td><td>https://example.org/<tr><td>1 <b>2</b><td>3<td></table>b",
	     "lines 0: a/\nrow 0: A||<https://example.org/>\nrow 0: 1 *2*|3|\nlines 0: b/\n"},
	    {"a table in a quote",
	     "<blockquote><table><tr><td>A<td>B<tr><td>1<td></table></blockquote>",
	     "row 1: A|B\nrow 1: 1|\n"},
	    {"bars that are typed", "a | b | c", "lines 0: a | b | c/\n"},
	    {"a link in bold", "<b>see https://example.org/ there</b> or",
	     "lines 0: *see **<https://example.org/>** there* or/\n"},
	    {"in part", "https://example.org/<b>a, b</b>",
	     "lines 0: <https://example.org/a>*, b*/\n"},
	    {"quotes", "a<blockquote><h2>B</h2><ul><li>c</ul></blockquote>d",
	     "lines 0: a//\nlines 1: *B*//\nitem 1.1 [ * ]: c\nlines 0: /d/\n"},
	    {"a heading in a list", "<ul><li><h2>A</h2></ul>", "item 0.1 [ * ]: *A*\n"},
	    {"no quote", "&gt; a", "lines 0:  > a/\n"},
	    {"nothing", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(rows[i][0], rows[i][1], rows[i][2]);
}

/* Spans that a reader could make up: nothing of the text is lost, or said twice. */
static void
spans_lose_no_text(void **state)
{
	static const char text[] =
	    "> one https://a.example/ two\n\n * three\nfour\n>>>>>>>>>> five";
	struct arena *arena = arena_new();
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct text *packed = text_new_in(arena, 100), *plain = text_new_in(arena, 1000);
		struct document *document = document_new(arena, &head);
		struct page_piece piece = {.text = slice_of(text, sizeof(text) - 1)};
		struct document_reading reading;
		struct document_head read;
		struct slice description;
		size_t at = 0;

		for (int i = 0; i < 6; i++) {
			struct span span = {(enum span_kind)(1 + rand_r(&seed) % 3), 0, 0, 0};

			span.level = span.kind == SPAN_BOLD ? 0 : 1 + (unsigned)rand_r(&seed) % 6;
			span.begin = at + (size_t)rand_r(&seed) % 8;
			span.end = at = span.begin + 1 + (size_t)rand_r(&seed) % 8;
			span_pack(packed, &span);
		}
		if (!spans_read(text_slice(packed), piece.text, arena, &piece.spans,
				&piece.span_count))
			continue;
		pdf_describe_text(document, &piece);
		assert_int_equal(document_pack(document, &description), STATUS_OK);
		assert_int_equal(document_open(description, arena, &read, &reading), STATUS_OK);
		assert_int_equal(plain_write(&reading, plain), STATUS_OK);
		assert_string_equal(text_string(plain),
				    "> one https://a.example/ two\n\n * three\nfour\n>>>>>>>> >> "
				    "five\n");
	}
	arena_free(arena);
}

static void
lines_of_a_template_become_blocks(void **state)
{
	static const char lines[] =
	    "name: text\ntitle: T\nitem: a\nheading: H\nlines: 0\nlines: 1\n";
	struct arena *arena = arena_new();
	struct text *out = text_new_in(arena, 1000);
	struct page_piece piece = {.text = SLICE("> a\nb\n")};
	const struct page_reading page = {.pieces = &piece, .piece_count = 1};
	const struct described described = {.lines = slice_of(lines, sizeof(lines) - 1),
					    .page = &page,
					    .author = "",
					    .language = "en"};
	struct pdf_wish wish;
	struct slice description;

	(void)state;
	pdf_describe(&described, arena, &wish);
	assert_int_equal(document_pack(wish.document, &description), STATUS_OK);
	show(description, arena, out);
	assert_string_equal(
	    text_string(out),
	    "other 0: T\nitem 0.1 [* ]: a\nheading 0: H\nlines 1: a/\nlines 0: b/\n");
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
	    cmocka_unit_test(html_keeps_its_structure),
	    cmocka_unit_test(spans_lose_no_text),
	    cmocka_unit_test(lines_of_a_template_become_blocks),
	};

	return cmocka_run_group_tests_name("pdf/describe", tests, prepare, NULL);
}
