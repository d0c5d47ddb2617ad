/* The text of a letter on a page: quotes, links, signatures, in an order that nests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "portal/letter_text.h"

static const char page[] =
    "{{#runs}}{{#quote_begin}}[{{/quote_begin}}{{#quote_end}}]{{/quote_end}}"
    "{{#signature_begin}}<s>{{/signature_begin}}{{#signature_end}}</s>{{/signature_end}}"
    "{{#lines_begin}}<l>{{/lines_begin}}{{#lines_end}}</l>{{/lines_end}}"
    "{{#line_begin}}<p>{{/line_begin}}{{#line_end}}</p>{{/line_end}}"
    "{{#mark}}{{mark}}|{{/mark}}"
    "{{#run}}{{#url}}({{|run}}){{/url}}{{^url}}{{|run}}{{/url}}{{/run}}{{/runs}}";

static void
test_layout(void **state)
{
	static const struct {
		const char *claim, *text, *wanted;
	} rows[] = {
	    {"nothing", "", ""},
	    {"lines stay together", "a\nb\n", "<l>a\nb\n</l>"},
	    {"a last line without end", "a", "<l>a\n</l>"},
	    {"a quote", "> a\nb\n", "[<l>>|a\n</l>]<l>b\n</l>"},
	    {"a quote within one", ">> a\n> b\n", "[[<l>>>|a\n</l>]<l>>|b\n</l>]"},
	    {"blanks between marks", "> > a\n", "[[<l>>>|a\n</l>]]"},
	    {"a blank kept behind the mark", ">   a\n", "[<l>>|  a\n</l>]"},
	    {"a signature", "a\n-- \nb\n", "<l>a\n</l><s><l>-- \nb\n</l></s>"},
	    {"a quote ends a signature", "-- \na\n> b\n", "<s><l>-- \na\n</l></s>[<l>>|b\n</l>]"},
	    {"two hyphens are no signature", "--\na\n", "<l>--\na\n</l>"},
	    {"a signature that is quoted", "> -- \n", "[<l>>|-- \n</l>]"},
	    {"more marks than there are levels", ">>>>>>>>>> a\n",
	     "[[[[[[[[<l>>>>>>>>>|>> a\n</l>]]]]]]]]"},
	};
	struct template_set *set;
	struct template_file file = {"mails/page.txt", slice_of(page, sizeof(page) - 1)};

	(void)state;
	assert_int_equal(template_set_compile(&file, 1, NULL, stderr, &set), STATUS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct template_values *values = template_values_new(arena);
		struct text out;

		letter_text_put(template_put_list(values, "runs"), slice_from_text(rows[i].text));
		text_init_in(&out, arena, 10000);
		assert_int_equal(template_render(set, "mails/page", values, &out), STATUS_OK);
		if (strcmp(text_string(&out), rows[i].wanted) != 0)
			fail_msg("%s: %s", rows[i].claim, text_string(&out));
		arena_free(arena);
	}
	template_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
