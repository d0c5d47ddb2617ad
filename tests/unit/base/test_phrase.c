/* Phrases in templates: where they may stand, what becomes of them, which translations are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/template.h"
#include "tests/unit/base/mo.h"

#define TIME 1795327281 /* 22 November 2026, 06:01:21 UTC */

static const char *const plurals[][2] = {{"de", "2"}, {"ar", "6"}, {"en", "2"}};

/* A language with one translation. */
static struct language *
language_with(const char *code, struct slice key, struct slice translation)
{
	struct arena *arena = arena_new();
	const char *count = "2";
	struct language *language;
	const char *why;
	struct text out;

	for (size_t i = 0; i < 3; i++)
		if (strcmp(plurals[i][0], code) == 0)
			count = plurals[i][1];
	text_init_in(&out, arena, 65536);
	if (language_new(
		code,
		mo_write((struct mo_entry[]){{SLICE(""),
					      slice_from_text(arena_printf(
						  arena, "Plural-Forms: nplurals=%s;\n", count))},
					     {key, translation}},
			 2, &out),
		&language, &why) != STATUS_OK)
		fail_msg("%s", why);
	arena_free(arena);
	return language;
}

static enum status
compile(const char *name, const char *source, const struct language *language, char **faults,
	struct template_set **set)
{
	const struct template_file files[] = {
	    {name, slice_from_text(source)},
	    {"pages/part.html", SLICE("<b>{{text}}</b>\n")},
	};
	size_t size;
	FILE *stream = open_memstream(faults, &size);
	enum status status = template_set_compile(files, 2, language, stream, set);

	fclose(stream);
	return status;
}

static struct template_values *
some_values(struct arena *arena)
{
	struct template_values *values = template_values_new(arena);

	template_put_text(values, "text", "<Ann>");
	template_put_text(values, "long",
			  "averyveryverylongwordthatstandsalone@averylongdomain.example");
	template_put_text(values, "url", "/x");
	template_put_run(values, "run", SLICE("<Ann>"));
	template_put_text(values, "digits", "3");
	template_put_flag(values, "yes", true);
	template_put_number(values, "one", 1);
	template_put_number(values, "two", 2);
	template_put_number(values, "many", 12345);
	template_put_time(values, "time", TIME);
	template_put_time(values, "never", 0);
	template_put_size(values, "size", 1536);
	return values;
}

#define PLURAL SLICE("{{one}} day\0{{one}} days")

static const struct {
	const char *claim;
	const char *name;
	const char *source;
	const char *code;
	struct slice key;
	struct slice translation;
	const char *result;
} renderings[] = {
    {"a phrase is translated", "pages/t.html", "<p>{{_}}Hello{{/_}}</p>", "de", SLICE("Hello"),
     SLICE("Hallo"), "<p>Hallo</p>"},
    {"without a translation it stays", "pages/t.html", "<p>{{_}}Good bye{{/_}}</p>", "de",
     SLICE("Hello"), SLICE("Hallo"), "<p>Good bye</p>"},
    {"blanks and line ends do not count", "pages/t.html", "<p>{{_}}\n Hello\n\tyou {{/_}}</p>",
     "de", SLICE("Hello you"), SLICE("Hallo"), "<p>Hallo</p>"},
    {"nor without a translation", "pages/t.html", "<p>{{_}}\n Hello\n\tme {{/_}}</p>", "de",
     SLICE("x"), SLICE("y"), "<p>Hello me</p>"},
    {"values are escaped in translations", "pages/t.html", "{{_}}Hello {{text}}{{/_}}", "de",
     SLICE("Hello {{text}}"), SLICE("{{text}}, hallo"), "&lt;Ann&gt;, hallo"},
    {"by their context", "pages/t.html", "{{_}}See <a href=\"/f/{{text}}\">it</a>{{/_}}", "de",
     SLICE("See <a href=\"/f/{{text}}\">it</a>"), SLICE("<a href=\"/f/{{text}}\">Das</a> sehen"),
     "<a href=\"/f/%3CAnn%3E\">Das</a> sehen"},
    {"sections may move", "pages/t.html", "{{_}}a {{#yes}}b{{/yes}} c{{/_}}", "de",
     SLICE("a {{#yes}}b{{/yes}} c"), SLICE("{{#yes}}B{{/yes}} A C"), "B A C"},
    {"a partial gives up its line end", "pages/t.html", "{{_}}By {{>part}}.{{/_}}", "de",
     SLICE("By {{>part}}."), SLICE("Von {{>part}}."), "Von <b>&lt;Ann&gt;</b>."},
    {"an attribute is translated", "pages/t.html", "<ul aria-label=\"{{_}}Files{{/_}}\">", "de",
     SLICE("Files"), SLICE("Dateien"), "<ul aria-label=\"Dateien\">"},
    {"a title is translated", "pages/t.html", "<title>{{_}}Files{{/_}} - {{text}}</title>", "de",
     SLICE("Files"), SLICE("Dateien"), "<title>Dateien - &lt;Ann&gt;</title>"},
    {"a place has words of its own", "pages/t.html", "{{_}}To{{/_}} {{_@list}}To{{/_}}", "de",
     SLICE("list\004To"), SLICE("Bis"), "To Bis"},
    {"one", "pages/t.html", "{{_#one}}{{one}} day{{|}}{{one}} days{{/_}}", "de", PLURAL,
     SLICE("ein Tag\0{{one}} Tage"), "ein Tag"},
    {"many", "pages/t.html", "{{_#two}}{{two}} day{{|}}{{two}} days{{/_}}", "de",
     SLICE("{{two}} day\0{{two}} days"), SLICE("{{two}} Tag\0{{two}} Tage"), "2 Tage"},
    {"a dual", "pages/t.html", "{{_#two}}{{two}} d{{|}}{{two}} ds{{/_}}", "ar",
     SLICE("{{two}} d\0{{two}} ds"), SLICE("0\0one\0dual\0{{two}} f\0{{two}} m\0{{two}} o"),
     "dual"},
    {"a count in digits", "pages/t.html", "{{_#digits}}day{{|}}days{{/_}}", "de",
     SLICE("day\0days"), SLICE("Tag\0Tage"), "Tage"},
    {"untranslated plurals are English", "pages/t.html",
     "{{_#one}}a day{{|}}days{{/_}} {{_#two}}a day{{|}}days{{/_}}", "ar", SLICE("x"), SLICE("y"),
     "a day days"},
    {"times, sizes and numbers are of the language", "pages/t.html",
     "{{time}}|{{size}}|{{many}}|{{never}}|{{#never}}no{{/never}}", "de", SLICE("x"), SLICE("y"),
     "22. November 2026, 06:01 UTC|1,5 KB|12.345||"},
    {"but digits in attributes", "pages/t.html", "<p data-x=\"{{many}}\">", "de", SLICE("x"),
     SLICE("y"), "<p data-x=\"12345\">"},
    {"from right to left values stand apart", "pages/t.html",
     "<title>{{text}}</title><p class=\"{{text}}\">{{text}}</p>", "ar", SLICE("x"), SLICE("y"),
     "<title>&lt;Ann&gt;</title><p class=\"&lt;Ann&gt;\"><bdi>&lt;Ann&gt;</bdi></p>"},
    {"but not runs of a text, which are escaped all the same", "pages/t.html",
     "<p dir=\"auto\" class=\"{{run}}\">{{run}}{{#run}}{{text}}{{/run}}</p>", "ar", SLICE("x"),
     SLICE("y"), "<p dir=\"auto\" class=\"&lt;Ann&gt;\">&lt;Ann&gt;<bdi>&lt;Ann&gt;</bdi></p>"},
    {"paragraphs of mails are filled", "mails/t.txt",
     "{{_}}One two three four five six seven eight nine ten eleven twelve\nthirteen fourteen "
     "fifteen.{{/_}}\nend\n",
     "de", SLICE("x"), SLICE("y"),
     "One two three four five six seven eight nine ten eleven twelve thirteen\nfourteen "
     "fifteen.\nend\n"},
    {"with what stands in them", "mails/t.txt",
     "{{_}}The address is {{long}} and no other.{{/_}}\n", "de", SLICE("x"), SLICE("y"),
     "The address is\naveryveryverylongwordthatstandsalone@averylongdomain.example and "
     "no\nother.\n"},
    {"characters are counted, not bytes", "mails/t.txt", "{{_}}x{{/_}}\n", "de", SLICE("x"),
     SLICE("ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö öö öö"),
     "ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö ööööööööö öö\nöö\n"},
    {"words in a line are not filled", "mails/t.txt",
     "    {{_}}To:{{/_}} {{long}} and much that stands behind it on the same line\n", "de",
     SLICE("To:"), SLICE("An:"),
     "    An: averyveryverylongwordthatstandsalone@averylongdomain.example and much that stands "
     "behind it on the same line\n"},
};

static void
renders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(renderings) / sizeof(renderings[0]); i++) {
		struct arena *arena = arena_new();
		struct language *language =
		    language_with(renderings[i].code, renderings[i].key, renderings[i].translation);
		struct template_set *set;
		struct text out;
		char *faults;

		text_init_in(&out, arena, 65536);
		if (compile(renderings[i].name, renderings[i].source, language, &faults, &set) !=
		    STATUS_OK)
			fail_msg("%s: %s", renderings[i].claim, faults);
		assert_int_equal(template_render(set,
						 *renderings[i].name == 'p' ? "pages/t" : "mails/t",
						 some_values(arena), &out),
				 STATUS_OK);
		if (strcmp(text_string(&out), renderings[i].result) != 0)
			fail_msg("%s: %s", renderings[i].claim, text_string(&out));
		template_set_free(set);
		language_free(language);
		free(faults);
		arena_free(arena);
	}
}

static const struct {
	const char *claim;
	const char *source;
	struct slice translation; /* of "x" */
} refusals[] = {
    {"a phrase without end", "{{_}}x", SLICE("y")},
    {"an end without a phrase", "x{{/_}}", SLICE("y")},
    {"a phrase in a phrase", "{{_}}a {{_}}x{{/_}}{{/_}}", SLICE("y")},
    {"a remark in a phrase", "{{_}}x {{! y }}{{/_}}", SLICE("y")},
    {"an empty phrase", "{{_}} {{/_}}", SLICE("y")},
    {"an unknown kind of phrase", "{{_n}}x{{/_}}", SLICE("y")},
    {"a place without a name", "{{_@}}x{{/_}}", SLICE("y")},
    {"a count that is no name", "{{_#A b}}x{{|}}y{{/_}}", SLICE("y")},
    {"a plural without a count", "{{_}}x{{|}}y{{/_}}", SLICE("y")},
    {"a count without a plural", "{{_#one}}x{{/_}}", SLICE("y")},
    {"a phrase in a URL", "<a href=\"{{_}}x{{/_}}\">", SLICE("y")},
    {"a phrase in an event handler", "<p onclick=\"{{_}}x{{/_}}\">", SLICE("y")},
    {"a phrase in a tag", "<p {{_}}x{{/_}}>", SLICE("y")},
    {"a phrase in a script", "<script>{{_}}x{{/_}}</script>", SLICE("y")},
    {"a phrase that opens a section", "{{_}}{{#yes}}x{{/_}}{{/yes}}", SLICE("y")},
    {"a phrase that ends a section", "{{#yes}}{{_}}x{{/yes}}{{/_}}", SLICE("y")},
    {"a translation with a tag of its own", "{{_}}x{{/_}}", SLICE("<b>y</b>")},
    {"with a script", "{{_}}x{{/_}}", SLICE("<script src=\"/y\"></script>")},
    {"with a value of its own", "{{_}}x{{/_}}", SLICE("{{text}}")},
    {"with a section of its own", "{{_}}x{{/_}}", SLICE("{{#yes}}y{{/yes}}")},
    {"with a partial of its own", "{{_}}x{{/_}}", SLICE("{{>part}}")},
    {"with a remark", "{{_}}x{{/_}}", SLICE("y{{! z }}")},
    {"with a phrase", "{{_}}x{{/_}}", SLICE("{{_}}y{{/_}}")},
    {"with a stray bracket", "{{_}}x{{/_}}", SLICE("y < z")},
    {"with a control character", "{{_}}x{{/_}}", SLICE("y\x01")},
    {"that ends its attribute", "<p title=\"{{_}}x{{/_}}\">", SLICE("y\" onclick=\"z")},
    {"that doubles its attribute", "<p title=\"{{_}}x{{/_}}\">", SLICE("y\" title=\"z")},
    {"with a tag in an attribute", "<p title=\"{{_}}x{{/_}}\">", SLICE("y<b>")},
    {"that ends its title", "<title>{{_}}x{{/_}}</title>", SLICE("y</title>")},
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct language *language =
		    language_with("de", SLICE("x"), refusals[i].translation);
		struct template_set *set = NULL;
		char *faults;

		if (compile("pages/t.html", refusals[i].source, language, &faults, &set) !=
		    STATUS_INVALID)
			fail_msg("%s is accepted", refusals[i].claim);
		if (strncmp(faults, "pages/t.html:1: ", 16) != 0)
			fail_msg("%s: %s", refusals[i].claim, faults);
		free(faults);
		language_free(language);
	}
}

static const struct {
	const char *claim;
	const char *source;
	struct slice key;
	struct slice translation;
} unlike[] = {
    {"drops a value", "{{_}}Hello {{text}}{{/_}}", SLICE("Hello {{text}}"), SLICE("Hallo")},
    {"takes another value", "{{_}}Hello {{text}}{{/_}}", SLICE("Hello {{text}}"),
     SLICE("Hallo {{url}}")},
    {"shows a value twice", "{{_}}Hello {{text}}{{/_}}", SLICE("Hello {{text}}"),
     SLICE("{{text}} {{text}}")},
    {"drops a tag", "{{_}}<b>a</b>{{/_}}", SLICE("<b>a</b>"), SLICE("a")},
    {"changes an attribute", "{{_}}<a href=\"/x\">a</a>{{/_}}", SLICE("<a href=\"/x\">a</a>"),
     SLICE("<a href=\"/y\">a</a>")},
    {"nests wrongly", "{{_}}<b>a</b> <q>b</q>{{/_}}", SLICE("<b>a</b> <q>b</q>"),
     SLICE("<b>a<q>b</b></q>")},
    {"closes first", "{{_}}<b>a</b>{{/_}}", SLICE("<b>a</b>"), SLICE("</b>a<b>")},
    {"crosses sections", "{{_}}{{#yes}}a{{/yes}}{{^yes}}b{{/yes}}{{/_}}",
     SLICE("{{#yes}}a{{/yes}}{{^yes}}b{{/yes}}"), SLICE("{{#yes}}a{{^yes}}{{/yes}}b")},
    {"lacks a form", "{{_#one}}{{one}} day{{|}}{{one}} days{{/_}}", PLURAL, SLICE("{{one}} Tag")},
    {"has too many forms", "{{_#one}}{{one}} day{{|}}{{one}} days{{/_}}", PLURAL,
     SLICE("{{one}} a\0{{one}} b\0{{one}} c")},
    {"has a value in a form", "{{_#one}}{{one}} day{{|}}{{one}} days{{/_}}", PLURAL,
     SLICE("{{one}} Tag\0{{one}} Tage {{text}}")},
};

static void
refuses_what_is_unlike_its_phrase(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(unlike) / sizeof(unlike[0]); i++) {
		struct language *language =
		    language_with("de", unlike[i].key, unlike[i].translation);
		struct template_set *set = NULL;
		char *faults;

		if (compile("pages/t.html", unlike[i].source, language, &faults, &set) !=
		    STATUS_INVALID)
			fail_msg("one that %s is accepted", unlike[i].claim);
		if (strstr(faults, "translated to de: ") == NULL)
			fail_msg("one that %s: %s", unlike[i].claim, faults);
		free(faults);
		language_free(language);
	}
}

static void
a_count_must_be_a_number(void **state)
{
	static const char *const names[] = {"text", "yes", "unknown", "time"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct arena *arena = arena_new();
		struct template_set *set;
		struct text out;
		char *faults;

		text_init_in(&out, arena, 1000);
		assert_int_equal(
		    compile("pages/t.html",
			    arena_printf(arena, "{{_#%s}}day{{|}}days{{/_}}", names[i]), NULL,
			    &faults, &set),
		    STATUS_OK);
		assert_int_equal(template_render(set, "pages/t", some_values(arena), &out),
				 STATUS_INTERNAL);
		template_set_free(set);
		free(faults);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renders),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(refuses_what_is_unlike_its_phrase),
	    cmocka_unit_test(a_count_must_be_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
