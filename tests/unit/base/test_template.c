#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/template.h"

/* Compile one file and give its faults (in memory the caller frees). */
static enum status
compile(const char *name, const char *source, char **faults, struct template_set **set)
{
	const struct template_file files[] = {
	    {name, slice_from_text(source)},
	    {"pages/part.html", SLICE("<p>part</p>")},
	};
	size_t size;
	FILE *stream = open_memstream(faults, &size);
	enum status status = template_set_compile(files, 2, NULL, stream, set);

	fclose(stream);
	return status;
}

static struct template_values *
some_values(struct arena *arena)
{
	struct template_values *values = template_values_new(arena);
	struct template_list *list = template_put_list(values, "files");

	template_put_text(values, "text", "<b>\"it's\" & co</b>");
	template_put_text(values, "lines", "one\r\ntwo\rthree\nfour");
	template_put_text(values, "controls", "a\x01\x1b[0m\x7f\xc2\x85\xe2\x80\xae!");
	template_put_text(values, "name", "a b/../c?d\"\xc3\xa9");
	template_put_text(values, "path", "/r/abc");
	template_put_text(values, "root", "/");
	template_put_text(values, "web", "https://portal.example");
	template_put_text(values, "script", "JavaScript:alert(1)");
	template_put_text(values, "hidden_script", " \tjavascript:alert(1)");
	template_put_text(values, "host", "//evil.example/");
	template_put_text(values, "backslash", "/\\evil.example/");
	template_put_text(values, "hostless", "https:///evil.example/");
	template_put_text(values, "empty", "");
	template_put_number(values, "number", 42);
	template_put_number(values, "zero", 0);
	template_put_flag(values, "yes", true);
	template_put_flag(values, "no", false);
	for (int i = 1; i <= 3; i++) {
		struct template_values *item = template_list_add(list);

		template_put_number(item, "number", i);
		if (i == 2)
			template_put_flag(item, "special", true);
	}
	template_put_list(values, "no_files");
	return values;
}

static const struct {
	const char *claim;
	const char *name;
	const char *source;
	const char *result;
} renderings[] = {
    {"text is escaped", "pages/t.html", "<p>{{text}}</p>",
     "<p>&lt;b&gt;&quot;it&#39;s&quot; &amp; co&lt;/b&gt;</p>"},
    {"attribute is escaped", "pages/t.html", "<p title='{{text}}'>",
     "<p title='&lt;b&gt;&quot;it&#39;s&quot; &amp; co&lt;/b&gt;'>"},
    {"title element is escaped", "pages/t.html", "<title>{{text}}</title>",
     "<title>&lt;b&gt;&quot;it&#39;s&quot; &amp; co&lt;/b&gt;</title>"},
    {"HTML keeps line ends", "pages/t.html", "<p>{{lines}}", "<p>one\ntwo\nthree\nfour"},
    {"controls and overrides are dropped", "pages/t.html", "{{controls}}", "a[0m!"},
    {"a piece of a path is encoded", "pages/t.html", "<a href=\"/file/{{name}}\">",
     "<a href=\"/file/a%20b%2F..%2Fc%3Fd%22%C3%A9\">"},
    {"a path begins a URL", "pages/t.html", "<a href=\"{{path}}\">", "<a href=\"/r/abc\">"},
    {"a value goes on in the same attribute", "pages/t.html",
     "<a href=\"{{path}}/file/{{number}}\">", "<a href=\"/r/abc/file/42\">"},
    {"two slashes do not meet", "pages/t.html", "<a href=\"{{root}}/{{number}}\">",
     "<a href=\"/42\">"},
    {"an empty first piece leaves no host", "pages/t.html", "<a href=\"/{{empty}}/{{name}}\">",
     "<a href=\"/./a%20b%2F..%2Fc%3Fd%22%C3%A9\">"},
    {"https begins a URL", "pages/t.html", "<a href=\"{{web}}/{{number}}\">",
     "<a href=\"https://portal.example/42\">"},
    {"a script URL is refused", "pages/t.html", "<a href=\"{{script}}\">", "<a href=\"#\">"},
    {"so is one behind blanks", "pages/t.html", "<a href=\"{{hidden_script}}\">", "<a href=\"#\">"},
    {"a URL without scheme is refused", "pages/t.html", "<img src=\"{{host}}\">",
     "<img src=\"#\">"},
    {"so is one with a backslash", "pages/t.html", "<img src=\"{{backslash}}\">",
     "<img src=\"#\">"},
    {"so is one without host", "pages/t.html", "<img src=\"{{hostless}}\">", "<img src=\"#\">"},
    {"mailto takes an address", "pages/t.html", "<a href=\"mailto:{{number}}\">",
     "<a href=\"mailto:42\">"},
    {"refresh takes seconds", "pages/t.html",
     "<meta http-equiv=\"refresh\" content=\"{{number}}\">",
     "<meta http-equiv=\"refresh\" content=\"42\">"},
    {"sections test", "pages/t.html",
     "{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{^no}}c{{/no}}{{#empty}}d{{/empty}}{{#zero}}e{{/zero}}"
     "{{#number}}f{{/number}}{{#unknown}}g{{/unknown}}{{^unknown}}h{{/unknown}}"
     "{{#no_files}}i{{/no_files}}{{^no_files}}j{{/no_files}}",
     "acfhj"},
    {"lists repeat with their items in reach", "pages/t.html",
     "{{#files}}{{number}}{{#special}}!{{/special}}{{path}} {{/files}}{{number}}",
     "1/r/abc 2!/r/abc 3/r/abc 42"},
    {"a section stands between attributes", "pages/t.html",
     "<input{{#yes}} checked{{/yes}}{{#no}} disabled{{/no}} name=\"x\">",
     "<input checked name=\"x\">"},
    {"a section stands in an attribute", "pages/t.html",
     "<p class=\"a{{#yes}} b{{/yes}}{{^yes}} c{{/yes}}\">", "<p class=\"a b\">"},
    {"a partial is included", "pages/t.html", "<div>{{>part}}{{>pages/part}}</div>",
     "<div><p>part</p><p>part</p></div>"},
    {"remarks vanish", "pages/t.html", "a{{! <script> }}b", "ab"},
    {"lonely tags take their line along", "mails/t.txt",
     "one\n  {{#yes}}  \ntwo\n{{/yes}}\n{{! x }}\nthree\n{{#no}}\n{{/no}}", "one\ntwo\nthree\n"},
    {"lonely values do not", "mails/t.txt", "one\n{{empty}}\ntwo\n", "one\n\ntwo\n"},
    {"text files do not escape", "mails/t.txt", "{{text}}", "<b>\"it's\" & co</b>"},
    {"text is kept on one line", "mails/t.txt", "{{lines}}", "one two three four"},
    {"unless lines are asked for", "mails/t.txt", "{{|lines}}", "one\ntwo\nthree\nfour"},
    {"text files drop controls", "mails/t.txt", "{{controls}}", "a[0m!"},
    {"braces alone are text", "mails/t.txt", "{ } }} {text}", "{ } }} {text}"},
    {"comment and doctype", "pages/t.html", "<!DOCTYPE html><!-- a - -- b --><br/>",
     "<!DOCTYPE html><!-- a - -- b --><br/>"},
    {"an empty script", "pages/t.html", "<script src=\"/s.js\"></script>{{number}}",
     "<script src=\"/s.js\"></script>42"},
};

static void
renders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(renderings) / sizeof(renderings[0]); i++) {
		struct arena *arena = arena_new();
		struct template_set *set;
		struct text out;
		char *faults;
		char name[64];

		text_init_in(&out, arena, 65536);
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(renderings[i].name, "."),
			 renderings[i].name);
		if (compile(renderings[i].name, renderings[i].source, &faults, &set) != STATUS_OK)
			fail_msg("%s: %s", renderings[i].claim, faults);
		assert_int_equal(template_render(set, name, some_values(arena), &out), STATUS_OK);
		if (strcmp(text_string(&out), renderings[i].result) != 0)
			fail_msg("%s: %s", renderings[i].claim, text_string(&out));
		template_set_free(set);
		free(faults);
		arena_free(arena);
	}
}

static const struct {
	const char *claim;
	const char *name;
	const char *source;
	const char *fault; /* the beginning of its first fault */
} refusals[] = {
    {"value in script", "pages/t.html", "\n<script>{{x}}</script>", "pages/t.html:2: "},
    {"text in script", "pages/t.html", "<script>x</script>", "pages/t.html:1: "},
    {"section in script", "pages/t.html", "<script>{{#x}}{{/x}}</script>", "pages/t.html:1: "},
    {"value in style", "pages/t.html", "<style>{{x}}</style>", "pages/t.html:1: "},
    {"value in style attribute", "pages/t.html", "<p style=\"{{x}}\">", "pages/t.html:1: "},
    {"value in event handler", "pages/t.html", "<p OnClick='{{x}}'>", "pages/t.html:1: "},
    {"value in srcdoc", "pages/t.html", "<iframe srcdoc=\"{{x}}\">", "pages/t.html:1: "},
    {"value in srcset", "pages/t.html", "<img srcset=\"{{x}}\">", "pages/t.html:1: "},
    {"unquoted value", "pages/t.html", "<p class={{x}}>", "pages/t.html:1: "},
    {"unquoted text", "pages/t.html", "<p class=x>", "pages/t.html:1: "},
    {"tag name", "pages/t.html", "<{{x}}>", "pages/t.html:1: "},
    {"rest of a tag name", "pages/t.html", "<p{{x}}>", "pages/t.html:1: "},
    {"attribute name", "pages/t.html", "<p {{x}}>", "pages/t.html:1: "},
    {"comment", "pages/t.html", "<!-- {{x}} -->", "pages/t.html:1: "},
    {"comment that browsers end early", "pages/t.html", "<!--> {{x}} -->", "pages/t.html:1: "},
    {"and its sister", "pages/t.html", "<!-- a --!> {{x}} -->", "pages/t.html:1: "},
    {"CDATA", "pages/t.html", "<![CDATA[ {{x}} ]]>", "pages/t.html:1: "},
    {"doctype", "pages/t.html", "<!doctype {{x}}>", "pages/t.html:1: "},
    {"script source", "pages/t.html", "<script src=\"{{x}}\"></script>", "pages/t.html:1: "},
    {"base", "pages/t.html", "<base href=\"{{x}}\">", "pages/t.html:1: "},
    {"style sheet", "pages/t.html", "<link href=\"{{x}}\">", "pages/t.html:1: "},
    {"other attribute of meta", "pages/t.html", "<meta name=\"{{x}}\">", "pages/t.html:1: "},
    {"behind a scheme", "pages/t.html", "<a href=\"javascript:{{x}}\">", "pages/t.html:1: "},
    {"behind a hidden scheme", "pages/t.html", "<a href=\"javascript&#58;{{x}}\">",
     "pages/t.html:1: "},
    {"host", "pages/t.html", "<a href=\"https://{{x}}/\">", "pages/t.html:1: "},
    {"host without scheme", "pages/t.html", "<a href=\"//{{x}}/\">", "pages/t.html:1: "},
    {"two values run together in a URL", "pages/t.html", "<a href=\"{{x}}{{y}}\">",
     "pages/t.html:1: "},
    {"section behind a URL's first value", "pages/t.html", "<a href=\"{{x}}{{#y}}/{{y}}{{/y}}\">",
     "pages/t.html:1: "},
    {"section that opens a tag", "pages/t.html", "{{#x}}<p {{/x}}>", "pages/t.html:1: "},
    {"section that closes a quote", "pages/t.html", "<p class=\"{{#x}}\">{{/x}}\">",
     "pages/t.html:1: "},
    {"section that opens a script", "pages/t.html", "{{#x}}<script>{{/x}}{{y}}",
     "pages/t.html:1: "},
    {"section that begins a URL", "pages/t.html", "<a href=\"{{#x}}//h/{{/x}}{{y}}\">",
     "pages/t.html:1: "},
    {"section that glues names", "pages/t.html", "<p{{#x}}on{{/x}}click=\"{{y}}\">",
     "pages/t.html:1: "},
    {"section that may glue names", "pages/t.html", "<p {{#x}}on{{/x}}click=\"{{y}}\">",
     "pages/t.html:1: "},
    {"partial in a tag", "pages/t.html", "<p {{>part}}>", "pages/t.html:1: "},
    {"partial in a title", "pages/t.html", "<title>{{>part}}</title>", "pages/t.html:1: "},
    {"missing partial", "pages/t.html", "\n\n{{>nothing}}", "pages/t.html:3: "},
    {"partial of itself", "pages/t.html", "{{>t}}", "pages/t.html:1: "},
    {"page in a mail", "mails/t.txt", "{{>pages/part}}", "mails/t.txt:1: "},
    {"lines in HTML", "pages/t.html", "{{|x}}", "pages/t.html:1: "},
    {"section without end", "pages/t.html", "\n{{#x}}a\n", "pages/t.html:2: "},
    {"end without section", "pages/t.html", "a{{/x}}", "pages/t.html:1: "},
    {"ends of another section", "pages/t.html", "{{#x}}{{#y}}{{/x}}{{/y}}", "pages/t.html:1: "},
    {"file that ends in a tag", "pages/t.html", "<p", "pages/t.html:1: "},
    {"stray angle bracket", "pages/t.html", "a < b", "pages/t.html:1: "},
    {"no name", "pages/t.html", "{{}}", "pages/t.html:1: "},
    {"raw form of other engines", "pages/t.html", "{{{x}}}", "pages/t.html:1: "},
    {"and their other raw form", "pages/t.html", "{{&x}}", "pages/t.html:1: "},
    {"tag without end", "pages/t.html", "{{x", "pages/t.html:1: "},
    {"blank within a name", "pages/t.html", "{{a b}}", "pages/t.html:1: "},
    {"NUL", "mails/t.txt", "a\x01", "mails/t.txt:1: "},
    {"refused element", "pages/t.html", "<plaintext>", "pages/t.html:1: "},
    {"deep nesting", "mails/t.txt",
     "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
     "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}",
     "mails/t.txt:1: "},
};

static void
refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct template_set *set = NULL;
		char *faults;

		if (compile(refusals[i].name, refusals[i].source, &faults, &set) != STATUS_INVALID)
			fail_msg("%s is accepted", refusals[i].claim);
		if (strncmp(faults, refusals[i].fault, strlen(refusals[i].fault)) != 0)
			fail_msg("%s: %s", refusals[i].claim, faults);
		free(faults);
	}
}

static void
tells_every_fault(void **state)
{
	struct template_set *set;
	char *faults;

	(void)state;
	assert_int_equal(compile("pages/t.html", "<p style='{{x}}'>\n{{>none}}\n<p class='{{|y}}'>",
				 &faults, &set),
			 STATUS_INVALID);
	assert_non_null(strstr(faults, "pages/t.html:1: "));
	assert_non_null(strstr(faults, "pages/t.html:2: "));
	assert_non_null(strstr(faults, "pages/t.html:3: "));
	free(faults);
}

static void
fails_on_what_is_missing(void **state)
{
	static const char *const sources[] = {"{{unknown}}", "{{yes}}", "{{files}}",
					      "<meta content='{{text}}'>",
					      "<meta content='{{empty}}'>"};

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct arena *arena = arena_new();
		struct template_set *set;
		struct text out;
		char *faults;

		text_init_in(&out, arena, 1000);
		assert_int_equal(compile("pages/t.html", sources[i], &faults, &set), STATUS_OK);
		assert_int_equal(template_render(set, "pages/t", some_values(arena), &out),
				 STATUS_INTERNAL);
		assert_int_equal(template_render(set, "pages/none", some_values(arena), &out),
				 STATUS_NOT_FOUND);
		template_set_free(set);
		free(faults);
		arena_free(arena);
	}
}

static void
stops_at_the_bound(void **state)
{
	struct arena *arena = arena_new();
	struct template_set *set;
	struct text out;
	char *faults;

	(void)state;
	text_init_in(&out, arena, 5);
	assert_int_equal(compile("pages/t.html", "12345{{number}}", &faults, &set), STATUS_OK);
	assert_int_equal(template_render(set, "pages/t", some_values(arena), &out),
			 STATUS_TOO_LARGE);
	template_set_free(set);
	free(faults);
	arena_free(arena);
}

static void
splits_a_mail(void **state)
{
	struct arena *arena = arena_new();
	struct template_set *set;
	struct text body;
	const char *subject;
	char *faults;

	(void)state;
	text_init_in(&body, arena, 1000);
	assert_int_equal(
	    compile("mails/t.txt", "Subject: Hello {{lines}}\n\nBody\n{{|lines}}\n", &faults, &set),
	    STATUS_OK);
	assert_int_equal(
	    template_render_mail(set, "mails/t", some_values(arena), arena, &subject, &body),
	    STATUS_OK);
	assert_string_equal(subject, "Hello one two three four");
	assert_string_equal(text_string(&body), "Body\none\ntwo\nthree\nfour\n");
	template_set_free(set);
	free(faults);

	assert_int_equal(compile("mails/t.txt", "Hello\n\nBody\n", &faults, &set), STATUS_OK);
	assert_int_equal(
	    template_render_mail(set, "mails/t", some_values(arena), arena, &subject, &body),
	    STATUS_INTERNAL);
	template_set_free(set);
	free(faults);
	arena_free(arena);
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
loads_a_folder(void **state)
{
	char folder[] = "/tmp/template-XXXXXX";
	char path[256];
	struct arena *arena = arena_new();
	struct template_set *set;
	struct text out;
	char *faults;
	size_t size;
	FILE *stream;

	(void)state;
	assert_non_null(mkdtemp(folder));
	stream = open_memstream(&faults, &size);
	assert_int_equal(template_set_load(folder, NULL, stream, &set), STATUS_INVALID);
	snprintf(path, sizeof(path), "%s/pages", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file(folder, "pages/a.html", "<p>{{>b}}</p>\n");
	write_file(folder, "pages/b.html", "b{{number}}");
	write_file(folder, "pages/c.orig", "{{");
	assert_int_equal(template_set_load(folder, NULL, stream, &set), STATUS_OK);
	text_init_in(&out, arena, 1000);
	assert_int_equal(template_render(set, "pages/a", some_values(arena), &out), STATUS_OK);
	assert_string_equal(text_string(&out), "<p>b42</p>\n");
	template_set_free(set);
	snprintf(path, sizeof(path), "rm -r %s", folder);
	assert_int_equal(system(path), 0);
	fclose(stream);
	free(faults);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(renders),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(tells_every_fault),
	    cmocka_unit_test(fails_on_what_is_missing),
	    cmocka_unit_test(stops_at_the_bound),
	    cmocka_unit_test(splits_a_mail),
	    cmocka_unit_test(loads_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
