/* mail/html_text, mail/spans: what HTML says besides its words is in the text, or beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/html_text.h"
#include "mail/parse.h"
#include "mail/spans.h"

#define SPANS_MAX ((size_t)100)

/* The text with its spans in braces: {b bold}, {2 heading}, {+1 lead of a list}; bars between cells
 * as they are. */
static void
show(struct slice text, const struct span *spans, size_t count, struct text *out)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		const struct span *span = &spans[i];

		text_append(out, slice_part(text, at, span->begin));
		if (span->kind == SPAN_BOLD)
			text_append_text(out, "{b ");
		else if (span->kind != SPAN_BAR)
			text_printf(out, "{%s%u ", span->kind == SPAN_LEAD ? "+" : "", span->level);
		text_append(out, slice_part(text, span->begin, span->end));
		text_append_text(out, span->kind == SPAN_BAR ? "" : "}");
		at = span->end;
	}
	text_append(out, slice_part(text, at, text.size));
}

static void
convert(const char *html, size_t room, size_t spans_room, struct arena *arena, struct text *out)
{
	struct text *text = text_new_in(arena, room);
	struct text *packed = text_new_in(arena, spans_room * SPAN_SIZE);
	const struct span *spans;
	size_t count;

	assert_int_equal(html_to_text(slice_from_text(html), text, packed), STATUS_OK);
	assert_true(spans_read(text_slice(packed), text_slice(text), arena, &spans, &count));
	show(text_slice(text), spans, count, out);
}

struct row {
	const char *claim;
	const char *html;
	const char *text;
};

static void
check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct text *out = text_new_in(arena, 10000);

		convert(rows[i].html, 10000, SPANS_MAX, arena, out);
		if (strcmp(text_string(out), rows[i].text) != 0)
			fail_msg("%s:\n%s", rows[i].claim, text_string(out));
		arena_free(arena);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void
tables_keep_their_columns(void **state)
{
	static const struct row rows[] = {
	    {"an empty cell in the middle", "<table><tr><td>A<td><td>B<tr><td>1<td>2<td>3</table>",
	     "A | | B\n1 | 2 | 3\n"},
	    {"an empty cell at the front", "<table><tr><td>A<td>B<tr><td><td>2</table>",
	     "A | B\n| 2\n"},
	    {"an empty cell at the end", "<table><tr><td>A<td>B<tr><td>1<td>&nbsp;</table>",
	     "A | B\n1 |\n"},
	    {"a row that is shorter", "<table><tr><td>A<td>B<td>C<tr><td>1</table>",
	     "A | B | C\n1 | |\n"},
	    {"header cells", "<table><tr><th>Name<th>Price<tr><td>a<td>1</table>",
	     "{b Name} | {b Price}\na | 1\n"},
	    {"a header cell in front", "<table><tr><th>a<td>1<tr><th>b<td>2</table>",
	     "{b a} | 1\n{b b} | 2\n"},
	    {"a cell over two columns",
	     "<table><tr><td colspan=2>Sum<td>5<tr><td>1<td>2<td>3</table>",
	     "Sum | | 5\n1 | 2 | 3\n"},
	    {"a cell over two rows",
	     "<table><tr><td rowspan=2>A<td>1<tr><td>2<tr><td>B<td>3</table>",
	     "A | 1\n| 2\nB | 3\n"},
	    {"columns that only keep others apart",
	     "<table><tr><td><td>A<td>&nbsp;<td>B<tr><td><td><td><td>2</table>", "A | B\n| 2\n"},
	    {"rows that only keep others apart",
	     "<table><tr><td>A<td>B<tr><td><td><tr><td>1<td>2</table>", "A | B\n1 | 2\n"},
	    {"paragraphs in cells",
	     "<table><tr><td><p>A</p><td><p>B</p><tr><td><p>1<td><p>2</table>", "A | B\n1 | 2\n"},
	    {"lines in a cell",
	     "<table><tr><td>A<br>Road 1<br>Town<td><p>B</p><p>C</p><tr><td>D<td>E</table>",
	     "A / Road 1 / Town | B / C\nD | E\n"},
	    {"one row needs no columns",
	     "<table><tr><td>A<br>B<td><p>C</p><p>D</p><tr><td><td></table>", "A\nB\n\nC\n\nD\n"},
	    {"one in a quote",
	     "<blockquote><table><tr><td>A<td>B<tr><td><td>2</table></blockquote>",
	     "> A | B\n> | 2\n"},
	    {"columns of a page are no rows",
	     "<table><tr><td><ul><li>a</ul><td><h2>B</h2>c<tr><td><td>d</table>",
	     "{+1  * }a\n\n{2 B}\n\nc\nd\n"},
	    {"one in another",
	     "<table><tr><td><td><table><tr><td>A<td><td>B<tr><td>1<td>2<td>3</table></table>",
	     "A | | B\n1 | 2 | 3\n"},
	    {"it says that it is none",
	     "<table role=presentation><tr><td>A<td><td>B<tr><td>1<td>2<td>3</table>",
	     "A | B\n1 | 2 | 3\n"},
	    {"text beside text is no row",
	     "<table><tr><td>1<br>2<br>3<br>4<br>5<br>6<br>7<td>B</table>",
	     "1\n2\n3\n4\n5\n6\n7 | B\n"},
	    {"nor is a text with a title",
	     "<table><tr><td>+<td>Title<br>So many words that no line of an address would ever "
	     "have them, not by far.</table>",
	     "+ | Title\nSo many words that no line of an address would ever have them, not by "
	     "far.\n"},
	    {"hidden cells are none",
	     "<table><tr><td>A<td style='display:none'>x<td>B<tr><td>1<td>2</table>",
	     "A | B\n1 | 2\n"},
	};

	(void)state;
	CHECK(rows);
}

/* Columns that are not counted any more: such a table is read as it was before. */
static void
many_columns_are_no_grid(void **state)
{
	struct arena *arena = arena_new();
	struct text *html = text_new_in(arena, 10000), *out = text_new_in(arena, 10000);

	(void)state;
	text_append_text(html, "<table>");
	for (int i = 0; i < 140; i++)
		text_printf(html, "%s<td>%s", i % 70 == 0 ? "<tr>" : "", i % 2 == 0 ? "x" : "");
	convert(text_string(html), 10000, SPANS_MAX, arena, out);
	assert_int_equal(out->size, 2 * (35 * 4 - 2));
	arena_free(arena);
}

static void
meaning_is_kept(void **state)
{
	static const struct row rows[] = {
	    {"struck out", "now <del>100</del> 80, <s> no</s>, <strike>old</strike>",
	     "now ~~100~~ 80, ~~no~~, ~~old~~\n"},
	    {"struck out by its style", "<span style='text-decoration: line-through'>a</span> b",
	     "~~a~~ b\n"},
	    {"one in another", "<del>a <s>b</s> c</del>", "~~a b c~~\n"},
	    {"nothing struck out", "a<del> </del>b<s></s>", "a b\n"},
	    {"paragraphs struck out", "<del><p>a</p><p>b</p></del>c", "~~a\n\nb~~\n\nc\n"},
	    {"powers", "10<sup>2</sup>, 10<sup>-12</sup> m<sup> 3 </sup>",
	     "10\xc2\xb2, 10\xe2\x81\xbb\xc2\xb9\xc2\xb2 m \xc2\xb3\n"},
	    {"formulas", "H<sub>2</sub>O, x<sub>i</sub>, a<sub>max</sub>",
	     "H\xe2\x82\x82O, x_i, a_(max)\n"},
	    {"letters above", "x<sup>n</sup> 2<sup>x</sup> e<sup>a/b</sup>",
	     "x\xe2\x81\xbf 2^x e^(a/b)\n"},
	    {"an ordinal, a sign", "1<sup>st</sup> Acme<sup>&reg;</sup> a<sup>th</sup>",
	     "1st Acme\xc2\xae a^(th)\n"},
	    {"a note that is a link", "word<sup><a href='#f'>1</a></sup>", "word\xc2\xb9\n"},
	    {"small print",
	     "<sup>One may read that this offer is good for as long as it lasts.</sup>",
	     "One may read that this offer is good for as long as it lasts.\n"},
	    {"raised within raised", "2<sup>a<sup>b</sup></sup>", "2^(ab)\n"},
	    {"nothing raised", "a<sup> </sup>b<sub></sub>", "a b\n"},
	    {"no quote", "&gt; 5 is more<br>&gt;&gt; much", " > 5 is more\n >> much\n"},
	    {"no quote in a quote", "<blockquote>&gt; 5</blockquote>", ">  > 5\n"},
	    {"no quote in preformatted text", "<pre>a\n&gt; b</pre>", "a\n > b\n"},
	};

	(void)state;
	CHECK(rows);
}

static void
structure_stands_beside(void **state)
{
	static const struct row rows[] = {
	    {"headings", "<h1>A</h1><p>a</p><h6>B <b>c</b></h6>", "{1 A}\n\na\n\n{6 B c}\n"},
	    {"a heading of two lines", "<h2>A<br>B</h2>", "{2 A}\n{2 B}\n"},
	    {"bold", "a <b>b</b> <strong>c <i>d</i></strong>", "a {b b c d}\n"},
	    {"bold over lines", "<b>a<br>b</b>c", "{b a}\n{b b}c\n"},
	    {"bold by its style",
	     "<span style='font-weight: 700'>a</span> "
	     "<span style='FONT-WEIGHT:bold'>b</span> "
	     "<b style='font-weight:normal'>c</b>",
	     "{b a b} c\n"},
	    {"lists", "<ul><li>a<li>b<ol><li>c<li>d</ol><li>e</ul>",
	     "{+1  * }a\n{+1  * }b\n{+2    1. }c\n{+2    2. }d\n{+1  * }e\n"},
	    {"an item of several lines", "<ul><li><p>a</p><p>b</p><li>c</ul>",
	     "{+1  * }a\n{+1    }b\n{+1  * }c\n"},
	    {"an item in bold", "<ul><li><b>a</b> b</ul>", "{+1  * }{b a} b\n"},
	    {"numbers that are given", "<ol start=7><li>a<li value=20>b<li>c</ol>",
	     "{+1  7. }a\n{+1 20. }b\n{+1 21. }c\n"},
	    {"letters", "<ol type=a start=25><li>a<li>b<li>c</ol><ol type=A><li>d</ol>",
	     "{+1  y. }a\n{+1  z. }b\n{+1 27. }c\n\n{+1  A. }d\n"},
	    {"roman numbers", "<ol type=i start=3><li>a<li>b</ol><ol type=I start=99><li>c<li>d",
	     "{+1  iii. }a\n{+1  iv. }b\n\n{+1  XCIX. }c\n{+1 100. }d\n"},
	    {"a number that is none", "<ol type=i start=0><li>a<li>b</ol>",
	     "{+1  0. }a\n{+1  i. }b\n"},
	    {"a list in a quote", "<blockquote><ul><li>a</ul></blockquote>", "> {+1  * }a\n"},
	};

	(void)state;
	CHECK(rows);
}

/* Deeper than is told, and back again. */
static void
lists_in_lists_end(void **state)
{
	struct arena *arena = arena_new();
	struct text *html = text_new_in(arena, 10000), *out = text_new_in(arena, 10000);

	(void)state;
	for (int i = 0; i < 50; i++)
		text_append_text(html, "<ul><li>");
	text_append_text(html, "x");
	for (int i = 0; i < 50; i++)
		text_append_text(html, "</ul>");
	text_append_text(html, "y<ul><li>z</ul>");
	convert(text_string(html), 10000, SPANS_MAX, arena, out);
	assert_non_null(strstr(text_string(out), "{+32 "));
	assert_non_null(strstr(text_string(out), "}x\n\ny\n\n{+1  * }z\n"));
	arena_free(arena);
}

/* Words go on where there is no room for spans, and spans end where there is none for words. */
static void
both_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct text *html = text_new_in(arena, 10000), *out = text_new_in(arena, 10000);

	(void)state;
	for (int i = 0; i < 200; i++)
		text_append_text(html, "<b>a</b>b");
	convert(text_string(html), 1000, 3, arena, out);
	assert_int_equal(out->size, 401 + 3 * 4);
	for (size_t room = 0; room < 20; room++)
		convert("<ul><li><b>\xc3\xa4</b><li><b>b</b></ul><h1>c</h1>", room, SPANS_MAX,
			arena, out);
	arena_free(arena);
}

static void
nonsense_is_refused(void **state)
{
	static const struct {
		const char *claim;
		struct span spans[2];
		bool good;
	} rows[] = {
	    {"two that follow", {{SPAN_BOLD, 0, 0, 1}, {SPAN_HEADING, 6, 1, 3}}, true},
	    {"no kind", {{SPAN_NONE, 0, 0, 1}, {SPAN_BOLD, 0, 1, 3}}, false},
	    {"an unknown kind", {{SPAN_BAR + 1, 1, 0, 1}, {SPAN_BOLD, 0, 1, 3}}, false},
	    {"a heading without a level", {{SPAN_BOLD, 0, 0, 1}, {SPAN_HEADING, 0, 1, 3}}, false},
	    {"a heading of level 7", {{SPAN_BOLD, 0, 0, 1}, {SPAN_HEADING, 7, 1, 3}}, false},
	    {"a list too deep", {{SPAN_BOLD, 0, 0, 1}, {SPAN_LEAD, 33, 1, 3}}, false},
	    {"a bar that is none", {{SPAN_BAR, 0, 0, 1}, {SPAN_BOLD, 0, 1, 3}}, false},
	    {"bold has no level", {{SPAN_BOLD, 1, 0, 1}, {SPAN_BOLD, 0, 1, 3}}, false},
	    {"empty", {{SPAN_BOLD, 0, 0, 0}, {SPAN_BOLD, 0, 1, 3}}, false},
	    {"one over the other", {{SPAN_BOLD, 0, 0, 3}, {SPAN_BOLD, 0, 1, 4}}, false},
	    {"within a character", {{SPAN_BOLD, 0, 0, 1}, {SPAN_BOLD, 0, 1, 2}}, false},
	    {"over the end of a line", {{SPAN_BOLD, 0, 0, 1}, {SPAN_BOLD, 0, 3, 6}}, false},
	    {"beyond the text", {{SPAN_BOLD, 0, 0, 1}, {SPAN_BOLD, 0, 5, 8}}, false},
	    {"far beyond it", {{SPAN_BOLD, 0, 0, 1}, {SPAN_BOLD, 0, 3, 4000000000U}}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct text *packed = text_new_in(arena, 100);
		const struct span *spans;
		size_t count;

		span_pack(packed, &rows[i].spans[0]);
		span_pack(packed, &rows[i].spans[1]);
		if (spans_read(text_slice(packed),
			       SLICE("a\xc3\xa4"
				     "b\ncd"),
			       arena, &spans, &count) != rows[i].good)
			fail_msg("%s", rows[i].claim);
		assert_false(spans_read(slice_part(text_slice(packed), 0, 19), SLICE("abc"), arena,
					&spans, &count));
		arena_free(arena);
	}
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
	    cmocka_unit_test(tables_keep_their_columns), cmocka_unit_test(many_columns_are_no_grid),
	    cmocka_unit_test(meaning_is_kept),		 cmocka_unit_test(structure_stands_beside),
	    cmocka_unit_test(lists_in_lists_end),	 cmocka_unit_test(both_are_bounded),
	    cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("mail/html_text", tests, prepare, NULL);
}
