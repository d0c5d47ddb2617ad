/* mail/quote: what stands below an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "mail/quote.h"

static const struct {
	const char *claim;
	const char *body;
	const char *quote;
} quotes[] = {
    {"no text, no attribution", "", ""},
    {"blank lines are no text", "\n  \n\n", ""},
    {"a line", "Hello", "A wrote:\n> Hello\n"},
    {"blank lines inside are one, at the ends none", "\n\na\n\n\n\nb\n\n",
     "A wrote:\n> a\n>\n> b\n"},
    {"another level", "> old\n>> older\n> > odd", "A wrote:\n>> old\n>>> older\n>> > odd\n"},
    {"the signature stays out", "text\n-- \nName\nPhone", "A wrote:\n> text\n"},
    {"a signature alone is no text", "-- \nName", ""},
    {"two hyphens are no signature", "a\n--\nb", "A wrote:\n> a\n> --\n> b\n"},
    {"blanks at the end go", "a  \r\nb", "A wrote:\n> a\n> b\n"},
    {"long lines are broken at blanks",
     "123456789 123456789 123456789 123456789 123456789 123456789 123456789 1234567890 end",
     "A wrote:\n> 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n"
     "> 1234567890 end\n"},
    {"and within their level",
     "> 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1234567890 end",
     "A wrote:\n>> 123456789 123456789 123456789 123456789 123456789 123456789 123456789\n"
     ">> 1234567890 end\n"},
    {"a word without end is cut between characters",
     "äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää",
     "A wrote:\n> ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää\n"
     "> äääää\n"},
};

static void
quotes_what_was_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		struct text out;

		text_init(&out, 4096);
		quote_put("A wrote:", slice_from_text(quotes[i].body), &out);
		if (strcmp(text_string(&out), quotes[i].quote) != 0)
			fail_msg("%s: %s", quotes[i].claim, text_string(&out));
		text_clear(&out);
	}
}

/* However long it is, what is quoted is whole lines within the bound. */
static void
ends_at_the_bound(void **state)
{
	static char body[3 * QUOTE_MAX];
	struct text out;

	(void)state;
	for (size_t i = 0; i < sizeof(body) - 1; i++)
		body[i] = i % 50 == 49 ? '\n' : (char)('a' + i % 26);
	text_init(&out, sizeof(body));
	quote_put("A wrote:", slice_from_text(body), &out);
	assert_in_range(out.size, QUOTE_MAX - 100, QUOTE_MAX + 30);
	assert_string_equal(text_string(&out) + out.size - 8, "> [...]\n");
	for (char *line = strtok((char *)text_string(&out), "\n"); line != NULL;
	     line = strtok(NULL, "\n"))
		if (strncmp(line, "> ", 2) == 0 && strcmp(line, "> [...]") != 0)
			assert_int_equal(strlen(line), 51);
	text_clear(&out);
}

static void
tells_words_from_a_quotation(void **state)
{
	(void)state;
	assert_false(quote_has_words(SLICE("")));
	assert_false(quote_has_words(SLICE("A wrote:\r\n> a\r\n>\r\n> b\r\n")));
	assert_false(quote_has_words(SLICE("\n\nA wrote:\n\n> a")));
	assert_true(quote_has_words(SLICE("A wrote:\n> a\nyes\n> b")));
	assert_true(quote_has_words(SLICE("A wrote:\n> a\n  yes")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quotes_what_was_said),
	    cmocka_unit_test(ends_at_the_bound),
	    cmocka_unit_test(tells_words_from_a_quotation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
