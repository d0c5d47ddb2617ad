/* mail/quoted: marks of quotation come off as they were put on, and only whole, honest addresses
 * lead anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/quoted.h"

static void
test_marks(void **state)
{
	static const struct {
		const char *line, *rest;
		size_t depth;
	} rows[] = {
	    {"plain", "plain", 0},
	    {"> one", "one", 1},
	    {">one", "one", 1},
	    {"> > two", "two", 2},
	    {">> two", "two", 2},
	    {">  kept", " kept", 1},
	    {" > none", " > none", 0},
	    {">", "", 1},
	    {"", "", 0},
	    {">>>>>>>>> nine", "> nine", QUOTED_DEPTH_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t depth;
		struct slice rest = quoted_line(slice_from_text(rows[i].line), &depth);

		if (depth != rows[i].depth || !slice_equal(rest, slice_from_text(rows[i].rest)))
			fail_msg("%s: %zu, %.*s", rows[i].line, depth, (int)rest.size, rest.data);
	}
}

static void
test_links(void **state)
{
	static const struct {
		const char *text, *link; /* NULL: none */
	} rows[] = {
	    {"see https://example.org/a?b=c#d.", "https://example.org/a?b=c#d"},
	    {"(http://example.org/a_(b))", "http://example.org/a_(b)"},
	    {"<mailto:a@example.org>", "mailto:a@example.org"},
	    {"HTTPS://EXAMPLE.ORG", "HTTPS://EXAMPLE.ORG"},
	    {"http://example.org/\xc3\xa4", "http://example.org/\xc3\xa4"},
	    {"https://", NULL},
	    {"xhttps://example.org", NULL},
	    {"javascript:alert(1)", NULL},
	    {"data:text/html,x", NULL},
	    {"ftp://example.org", NULL},
	    {"http://bank.example@evil.example/", NULL},
	    {"http://b\xd0\xb0nk.example/", NULL},
	    {"\"https://example.org/\"", "https://example.org/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice text = slice_from_text(rows[i].text), link = slice_of("", 0);
		size_t begin, end;

		if (quoted_find_link(text, 0, &begin, &end))
			link = slice_part(text, begin, end);
		if (!slice_equal(link, slice_from_text(rows[i].link)))
			fail_msg("%s: %.*s", rows[i].text, (int)link.size, link.data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests_name("mail/quoted", tests, NULL, NULL);
}
