/* The content of parts: bytes at any offset, clean text, harmless HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/body.h"
#include "mail/parse.h"

/* A message of one part. */
struct letter {
	struct arena *arena;
	struct slice bytes;
	struct source source;
	struct manifest manifest;
};

static void
open_letter(struct letter *letter, struct slice bytes)
{
	static const struct edits none;

	letter->arena = arena_new();
	letter->bytes = bytes;
	letter->source = source_from_slice(&letter->bytes);
	assert_int_equal(mail_parse(&letter->source, &none, letter->arena, &letter->manifest),
			 STATUS_OK);
}

static void
test_text(void **state)
{
	static const struct {
		const char *claim;
		struct slice message;
		const char *text;
	} rows[] = {
#define LETTER(headers, body) SLICE(headers "\r\n\r\n" body)
	    {"line ends", LETTER("A: b", "a\r\nb\nc\rd"), "a\nb\nc\nd\n"},
	    {"Latin-1 is windows-1252",
	     LETTER("Content-Type: text/plain; charset=iso-8859-1", "\x80\xfc"),
	     "\xe2\x82\xac\xc3\xbc\n"},
	    {"wrong label",
	     LETTER("Content-Type: text/plain; charset=utf-8", "a\xff"
							       "b"),
	     "a\xef\xbf\xbd"
	     "b\n"},
	    {"unknown label", LETTER("Content-Type: text/plain; charset=x-own", "\xc3\xbc"),
	     "\xc3\xbc\n"},
	    {"label with options for the converter",
	     LETTER("Content-Type: text/plain; charset=\"ibm-37,swaplfnl\"", "abc"), "abc\n"},
	    {"UTF-16",
	     LETTER("Content-Type: text/plain; charset=utf-16\r\n"
		    "Content-Transfer-Encoding: base64",
		    "/v8AYdg93gA="),
	     "a\xf0\x9f\x98\x80\n"},
	    {"UTF-7 cannot hide a control",
	     LETTER("Content-Type: text/plain; charset=utf-7", "a+AAA-b+ICo-c"), "abc\n"},
	    {"controls and bidi overrides go",
	     LETTER("A: b", "a\x01\x1b[31mb\x7f\xe2\x80\xae"
			    "c\xef\xbb\xbf"),
	     "a[31mbc\n"},
	    {"NUL is dropped, not the end", LETTER("A: b", "a\0b"), "ab\n"},
	    {"flowed is joined",
	     LETTER("Content-Type: text/plain; format=flowed", "a \r\nb\r\n\r\nc\r\n"),
	     "a b\n\nc\n"},
	    {"flowed with delsp",
	     LETTER("Content-Type: text/plain; format=flowed; delsp=yes", "a \r\nb\r\n"), "ab\n"},
	    {"flowed quotes join at the same depth only",
	     LETTER("Content-Type: text/plain; format=flowed", ">> a \r\n>> b\r\n> c \r\nd\r\n"),
	     ">> a b\n> c \nd\n"},
	    {"flowed is unstuffed",
	     LETTER("Content-Type: text/plain; format=flowed", " From x\r\n >y\r\n"),
	     "From x\n>y\n"},
	    {"flowed signature stays alone",
	     LETTER("Content-Type: text/plain; format=flowed", "a \r\n-- \r\nme\r\n"),
	     "a \n-- \nme\n"},
	    {"not flowed is not joined", LETTER("A: b", "a \r\nb\r\n"), "a \nb\n"},
	    {"quoted-printable split at a character",
	     LETTER("Content-Type: text/plain; charset=utf-8\r\n"
		    "Content-Transfer-Encoding: quoted-printable",
		    "=C3=\r\n=BC"),
	     "\xc3\xbc\n"},
	    {"empty", LETTER("A: b", ""), ""},
#undef LETTER
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter letter;
		struct text text;

		open_letter(&letter, rows[i].message);
		text_init(&text, 1000);
		assert_int_equal(body_text(&letter.source, &letter.manifest.parts[0], &text),
				 STATUS_OK);
		if (strcmp(text_string(&text), rows[i].text) != 0)
			fail_msg("%s: %s", rows[i].claim, text_string(&text));
		text_clear(&text);
		arena_free(letter.arena);
	}
}

static void
test_text_stops_at_the_bound(void **state)
{
	struct letter letter;
	struct text text;

	(void)state;
	open_letter(&letter, SLICE("A: b\r\n\r\none\r\ntwo\r\nthree\r\n"));
	text_init(&text, 9);
	assert_int_equal(body_text(&letter.source, &letter.manifest.parts[0], &text), STATUS_OK);
	assert_false(text_ok(&text));
	text_clear(&text);
	arena_free(letter.arena);
}

/* Deterministic bytes and their encodings, by an own plain encoder. */
static char *
base64_letter(size_t size, size_t digits, const char *line_end, unsigned char *plain,
	      size_t *size_out)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *letter = malloc(size * 3 + 200);
	size_t at = (size_t)sprintf(letter, "Content-Type: image/png\r\n"
					    "Content-Transfer-Encoding: base64\r\n\r\n");
	size_t column = 0;
	uint32_t seed = 1;

	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		plain[i] = (unsigned char)(seed >> 24);
	}
	for (size_t i = 0; i < size; i += 3) {
		uint32_t group = (uint32_t)plain[i] << 16 |
				 (i + 1 < size ? (uint32_t)plain[i + 1] << 8 : 0) |
				 (i + 2 < size ? plain[i + 2] : 0);

		letter[at++] = alphabet[group >> 18];
		letter[at++] = alphabet[group >> 12 & 63];
		letter[at++] = i + 1 < size ? alphabet[group >> 6 & 63] : '=';
		letter[at++] = i + 2 < size ? alphabet[group & 63] : '=';
		column += 4;
		if (column == digits) {
			at += (size_t)sprintf(letter + at, "%s", line_end);
			column = 0;
		}
	}
	*size_out = at;
	return letter;
}

static void
check_seeks(const char *claim, struct slice message, const unsigned char *plain, size_t size)
{
	static const size_t places[] = {0,  299999, 1,	    150000, 149999, 57,
					56, 299000, 298999, 100,    250000};
	struct source decoded;
	struct letter letter;
	unsigned char got[70000];

	open_letter(&letter, message);
	assert_int_equal(
	    body_open(&letter.source, &letter.manifest.parts[0], letter.arena, &decoded),
	    STATUS_OK);
	if (decoded.size != size)
		fail_msg("%s: size %llu", claim, (unsigned long long)decoded.size);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t want = places[i] < size ? size - places[i] : 0;

		want = want < sizeof(got) ? want : sizeof(got);
		assert_int_equal(source_read_exactly(&decoded, places[i], got, want), STATUS_OK);
		if (memcmp(got, plain + places[i], want) != 0)
			fail_msg("%s: at %zu", claim, places[i]);
	}
	arena_free(letter.arena);
}

static void
test_seeks_in_base64(void **state)
{
	static const struct {
		const char *claim;
		size_t size, digits;
		const char *line_end;
	} rows[] = {
	    {"76 digits, CRLF", 300000, 76, "\r\n"}, {"76 digits, LF", 300001, 76, "\n"},
	    {"60 digits", 300002, 60, "\r\n"},	     {"one line", 300000, 0, ""},
	    {"odd lines", 300000, 1000, "\r\n"},     {"last line full", 57 * 6000, 76, "\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char *plain = malloc(rows[i].size);
		size_t size;
		char *letter =
		    base64_letter(rows[i].size, rows[i].digits, rows[i].line_end, plain, &size);

		check_seeks(rows[i].claim, slice_of(letter, size), plain, rows[i].size);
		free(letter);
		free(plain);
	}
}

/* Lines that break the grid: the offsets must be right all the same. */
static void
test_seeks_in_irregular_base64(void **state)
{
	unsigned char *plain = malloc(300000);
	size_t size;
	char *letter = base64_letter(300000, 76, "\r\n", plain, &size);
	char *start = strstr(letter, "\r\n\r\n") + 4;

	(void)state;
	/* A line end moved by four digits, in the middle. */
	memmove(start + 78 * 2000 + 72 + 2, start + 78 * 2000 + 72, 4);
	memcpy(start + 78 * 2000 + 72, "\r\n", 2);
	check_seeks("moved line end", slice_of(letter, size), plain, 300000);
	free(letter);
	letter = base64_letter(300000, 76, "\r\n", plain, &size);
	start = strstr(letter, "\r\n\r\n") + 4;
	/* An empty line near the end. */
	memmove(start + 78 * 5000 + 2, start + 78 * 5000,
		size - (size_t)(start - letter) - 78 * 5000);
	memcpy(start + 78 * 5000, "\r\n", 2);
	check_seeks("empty line", slice_of(letter, size + 2), plain, 300000);
	free(letter);
	free(plain);
}

/* Four digits in line 100 are rubbish: all offsets behind them are three less. */
static size_t
spoil_line_100(char *start, unsigned char *plain, size_t size)
{
	memcpy(start + 78 * 100, "!!!!", 4);
	memmove(plain + 57 * 100, plain + 57 * 100 + 3, size - 57 * 100 - 3);
	return size - 3;
}

static void
test_seeks_behind_rubbish(void **state)
{
	unsigned char *plain = malloc(300000);
	size_t size;
	char *letter = base64_letter(300000, 76, "\r\n", plain, &size);
	size_t left = spoil_line_100(strstr(letter, "\r\n\r\n") + 4, plain, 300000);

	(void)state;
	check_seeks("rubbish", slice_of(letter, size), plain, left);
	free(letter);
	free(plain);
}

/* Rubbish made up for in size by lines run together further on: reading on over those puts it
 * right. */
static void
test_reading_on_over_a_broken_grid(void **state)
{
	unsigned char *plain = malloc(300000), got[3000];
	struct source decoded;
	struct letter letter;
	size_t size, place = 57 * 3500;
	char *text = base64_letter(300000, 76, "\r\n", plain, &size);
	char *start = strstr(text, "\r\n\r\n") + 4;
	char *run = start + 78 * 3000;

	(void)state;
	spoil_line_100(start, plain, 300000);
	memmove(run + 76, run + 78, 76);
	memmove(run + 152, run + 156, 76);
	memcpy(run + 228, "AAAA", 4);
	memmove(plain + 57 * 3003, plain + 57 * 3003 - 3, 300000 - 57 * 3003);
	memset(plain + 57 * 3003 - 3, 0, 3);
	open_letter(&letter, slice_of(text, size));
	assert_int_equal(
	    body_open(&letter.source, &letter.manifest.parts[0], letter.arena, &decoded),
	    STATUS_OK);
	assert_int_equal(decoded.size, 300000);
	assert_int_equal(source_read_exactly(&decoded, 0, got, 10), STATUS_OK);
	assert_int_equal(source_read_exactly(&decoded, 57 * 3550, got, 10), STATUS_OK);
	assert_int_equal(source_read_exactly(&decoded, 57 * 2900, got, 10), STATUS_OK);
	assert_int_equal(source_read_exactly(&decoded, place, got, sizeof(got)), STATUS_OK);
	assert_memory_equal(got, plain + place, sizeof(got));
	assert_int_equal(source_read_exactly(&decoded, 57 * 2900, got, sizeof(got)), STATUS_OK);
	assert_memory_equal(got, plain + 57 * 2900, sizeof(got));
	free(text);
	free(plain);
	arena_free(letter.arena);
}

/* Without padding the last group counts all the same, here as in the size that was found. */
static void
test_base64_without_padding(void **state)
{
	unsigned char *plain = malloc(1000);
	size_t size;
	char *letter = base64_letter(1000, 76, "\r\n", plain, &size);

	(void)state;
	assert_int_equal(letter[size - 1], '=');
	check_seeks("no padding", slice_of(letter, size - 2), plain, 1000);
	free(letter);
	free(plain);
}

static void
test_damaged_ranges_are_refused(void **state)
{
	struct slice bytes = SLICE("0123456789");
	struct source source = source_from_slice(&bytes), decoded;
	struct part part = {.encoding = PART_IDENTITY, .offset = 5, .size = 6, .decoded_size = 6};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(body_open(&source, &part, arena, &decoded), STATUS_DAMAGED);
	part.offset = UINT64_MAX;
	assert_int_equal(body_open(&source, &part, arena, &decoded), STATUS_DAMAGED);
	part.offset = 0;
	part.decoded_size = 7;
	assert_int_equal(body_open(&source, &part, arena, &decoded), STATUS_DAMAGED);
	/* More promised than there is. */
	part.encoding = PART_BASE64;
	part.decoded_size = 1000;
	assert_int_equal(body_open(&source, &part, arena, &decoded), STATUS_OK);
	assert_int_equal(source_read_exactly(&decoded, 0, (unsigned char[8]){0}, 8),
			 STATUS_DAMAGED);
	arena_free(arena);
}

static const char *
picture_url(void *context, const char *id)
{
	(void)context;
	return strcmp(id, "known@x") == 0 ? "/picture/1" : NULL;
}

static void
html_letter(struct letter *letter, const char *html, char room[4000])
{
	snprintf(room, 4000, "Content-Type: text/html; charset=utf-8\r\n\r\n%s", html);
	open_letter(letter, slice_from_text(room));
}

static void
test_sanitise(void **state)
{
	static const char *const rows[][3] = {
	    {"plain", "<p>a &amp; b</p>", "<p>a &amp; b</p>"},
	    {"script goes", "a<script>alert(1)</script>b", "ab"},
	    {"handlers go", "<b onclick=alert(1)>x</b>", "<b>x</b>"},
	    {"unknown elements are unwrapped", "<o:p>x</o:p><form><i>y</i></form>", "x<i>y</i>"},
	    {"SVG goes with content", "<svg><a>x</a></svg>y", "y"},
	    {"link", "<a href='https://x.example/?a=1&amp;b'>x</a>",
	     "<a href=\"https://x.example/?a=1&amp;b\" target=\"_blank\" "
	     "rel=\"noopener noreferrer nofollow\">x</a>"},
	    {"script link", "<a href='javascript:alert(1)'>x</a>", "<a>x</a>"},
	    {"script link with a tab", "<a href='java&#9;script:alert(1)'>x</a>", "<a>x</a>"},
	    {"link over lines", "<a href=' ht&#10;tps://x.example/a b '>x</a>",
	     "<a href=\"https://x.example/a%20b\" target=\"_blank\" "
	     "rel=\"noopener noreferrer nofollow\">x</a>"},
	    {"relative link", "<a href='/s/x'>x</a>", "<a>x</a>"},
	    {"data link", "<a href='data:text/html,x'>x</a>", "<a>x</a>"},
	    {"known picture", "<img src='cid:known@x' alt=\"a&quot;b\">",
	     "<img alt=\"a&#34;b\" src=\"/picture/1\">"},
	    {"unknown picture", "<img src='cid:other@x'>", "<img>"},
	    {"remote picture", "<img src='https://x.example/a.png' alt=x srcset=b>",
	     "<img alt=\"x\">"},
	    {"background", "<table background='https://x.example/a'><tr><td>x",
	     "<table><tbody><tr><td>x</td></tr></tbody></table>"},
	    {"style", "<p style='color:red;background:url(x);position:fixed;MARGIN:1px'>x</p>",
	     "<p style=\"color: red; margin: 1px\">x</p>"},
	    {"style with escapes", "<p style='c\\6flor:red;color:\\72 ed'>x</p>", "<p>x</p>"},
	    {"negative margin", "<p style='margin-left:-99px'>x</p>", "<p>x</p>"},
	    {"font name in quotes", "<p style='font-family:\"A B\", serif'>x</p>",
	     "<p style=\"font-family: &#34;A B&#34;, serif\">x</p>"},
	    {"expression", "<p style='width:expression(alert(1))'>x</p>", "<p>x</p>"},
	    {"colour function", "<p style='color:rgb(1,2,3)'>x</p>",
	     "<p style=\"color: rgb(1,2,3)\">x</p>"},
	    {"id and class go", "<p id=a class=b>x</p>", "<p>x</p>"},
	    {"comment goes", "a<!-- <b>x</b> -->b", "ab"},
	    {"meta and base go", "<base href=//x><meta http-equiv=refresh content=0>x", "x"},
	    {"pre keeps its first line", "<pre>\n\nx</pre>", "<pre>\n\nx</pre>"},
	    {"bidi override goes",
	     "a\xe2\x80\xae"
	     "b",
	     "ab"},
	    {"backtick", "<p title='`x'>y</p>", "<p title=\"&#96;x\">y</p>"},
	    {"paragraph in a paragraph by unwrapping", "<p><form><p>x", "<p></p><p>x</p>"},
	    {"math mutation",
	     "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
	     ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char start[] =
		    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>";
		static const char end[] = "</body></html>";
		struct letter letter;
		struct text html;
		const char *found;
		size_t size = strlen(rows[i][2]);
		char room[4000];

		html_letter(&letter, rows[i][1], room);
		text_init(&html, 10000);
		assert_int_equal(body_html_sanitise(&letter.source, &letter.manifest.parts[0],
						    picture_url, NULL, &html),
				 STATUS_OK);
		found = text_string(&html);
		if (html.size != strlen(start) + size + strlen(end) ||
		    strncmp(found, start, strlen(start)) != 0 ||
		    strncmp(found + strlen(start), rows[i][2], size) != 0)
			fail_msg("%s: %s", rows[i][0], found);
		text_clear(&html);
		arena_free(letter.arena);
	}
}

static void
test_html_to_text(void **state)
{
	static const char *const rows[][3] = {
	    {"paragraphs", "<p>a\n b</p><p>c</p>", "a b\n\nc\n"},
	    {"line break", "a<br>b<br><br>c", "a\nb\n\nc\n"},
	    {"blocks", "<div>a</div><div>b</div>", "a\nb\n"},
	    {"list", "<ul><li>a<li>b</ul>c", " * a\n * b\n\nc\n"},
	    {"ordered list", "<ol start=3><li>a<li>b</ol>", " 3. a\n 4. b\n"},
	    {"list in a list", "<ul><li>a<ul><li>b</ul><li>c</ul>", " * a\n   * b\n * c\n"},
	    {"link", "<a href='https://x.example/'>here</a>.", "here <https://x.example/>.\n"},
	    {"link that says its address", "<a href='https://x.example/'>https://x.example/</a>",
	     "https://x.example/\n"},
	    {"mail link", "<a href='mailto:a@x.example?subject=s'>write</a>",
	     "write <a@x.example>\n"},
	    {"script link", "<a href='javascript:alert(1)'>x</a>", "x\n"},
	    {"table", "<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d\n"},
	    {"quote", "<p>a</p><blockquote><p>b</p><p>c</p></blockquote>d",
	     "a\n\n> b\n>\n> c\n\nd\n"},
	    {"picture", "<img alt='a logo'> x <img>", "[a logo] x\n"},
	    {"pre", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc\n"},
	    {"script and style go", "<style>x</style><script>y</script>a<title>z</title>", "a\n"},
	    {"hidden goes", "<div style='display: none'>x</div><p hidden>y</p>a", "a\n"},
	    {"entities", "&lt;b&gt; &amp; &uuml;&nbsp;x", "<b> & \xc3\xbc x\n"},
	    {"escape sequence goes", "a&#27;[31mb", "a[31mb\n"},
	    {"empty", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct letter letter;
		struct text text;
		char room[4000];

		html_letter(&letter, rows[i][1], room);
		text_init(&text, 10000);
		assert_int_equal(
		    body_html_to_text(&letter.source, &letter.manifest.parts[0], &text, NULL),
		    STATUS_OK);
		if (strcmp(text_string(&text), rows[i][2]) != 0)
			fail_msg("%s: %s", rows[i][0], text_string(&text));
		text_clear(&text);
		arena_free(letter.arena);
	}
}

static void
test_hostile_html_is_refused(void **state)
{
	static const struct {
		const char *claim;
		const char *piece;
		size_t count;
		enum status status;
	} rows[] = {
	    {"20,000 tags", "<br>", 19999, STATUS_OK},
	    {"too many tags", "<br>", 20001, STATUS_TOO_LARGE},
	    {"open elements", "<div>", 1001, STATUS_TOO_LARGE},
	    {"paragraphs left open", "<p>x", 5000, STATUS_OK},
	    {"attributes", "<p a=1 b=2><p ", 1, STATUS_OK},
	    {"too large", "0123456789", 209716, STATUS_TOO_LARGE},
	    {"long names", "<a<a<a<a<a<a<a<a", 100000, STATUS_TOO_LARGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const char header[] = "Content-Type: text/html\r\n\r\n";
		size_t piece = strlen(rows[i].piece), at = strlen(header);
		char *message = malloc(at + piece * rows[i].count + 1);
		struct letter letter;
		struct text text;
		enum status status;

		memcpy(message, header, at);
		for (size_t j = 0; j < rows[i].count; j++, at += piece)
			memcpy(message + at, rows[i].piece, piece);
		open_letter(&letter, slice_of(message, at));
		text_init(&text, 10000000);
		status = body_html_to_text(&letter.source, &letter.manifest.parts[0], &text, NULL);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].claim, status_text(status));
		text_clear(&text);
		arena_free(letter.arena);
		free(message);
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
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_text_stops_at_the_bound),
	    cmocka_unit_test(test_seeks_in_base64),
	    cmocka_unit_test(test_seeks_in_irregular_base64),
	    cmocka_unit_test(test_seeks_behind_rubbish),
	    cmocka_unit_test(test_reading_on_over_a_broken_grid),
	    cmocka_unit_test(test_base64_without_padding),
	    cmocka_unit_test(test_damaged_ranges_are_refused),
	    cmocka_unit_test(test_sanitise),
	    cmocka_unit_test(test_html_to_text),
	    cmocka_unit_test(test_hostile_html_is_refused),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
