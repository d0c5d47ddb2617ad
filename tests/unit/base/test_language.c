/* base/language and base/languages: plurals, dates, numbers, and whom a page is in which language
 * for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/languages.h"
#include "tests/unit/base/mo.h"

#define TIME 1795327281 /* 22 November 2026, 06:01:21 UTC */

static struct language *
language_of(const char *code)
{
	struct language *language;
	const char *why;

	if (language_new(code, slice_of(NULL, 0), &language, &why) != STATUS_OK)
		fail_msg("%s %s", code, why);
	return language;
}

static void
names_and_directions(void **state)
{
	static const struct {
		const char *code, *name;
		bool rtl;
	} rows[] = {{"en", "English", false},  {"de", "Deutsch", false},
		    {"fr", "Français", false}, {"es", "Español", false},
		    {"ar", "العربية", true},   {"pt-BR", "Português (Brasil)", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct language *language = language_of(rows[i].code);

		assert_string_equal(language_code(language), rows[i].code);
		assert_string_equal(language_name(language), rows[i].name);
		assert_int_equal(language_is_rtl(language), rows[i].rtl);
		language_free(language);
	}
	assert_string_equal(language_code(NULL), "en");
}

static void
unknown_languages_are_refused(void **state)
{
	static const char *const codes[] = {
	    "", "xx", "german", "de_DE!", "../de", "de-", "abcdefghijklmnopqrstuvwxyz"};
	struct language *language;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (language_new(codes[i], slice_of(NULL, 0), &language, &why) != STATUS_INVALID)
			fail_msg("\"%s\" is taken for a language", codes[i]);
}

/* The form that gettext's own rule gives. */
static void
plurals_follow_the_language(void **state)
{
	static const struct {
		const char *code;
		size_t forms;
		long long number;
		size_t form;
	} rows[] = {
	    {"en", 2, 1, 0},	   {"en", 2, 0, 1},  {"en", 2, 2, 1},	    {"de", 2, 1, 0},
	    {"de", 2, 0, 1},	   {"fr", 2, 0, 0},  {"fr", 2, 1, 0},	    {"fr", 2, 2, 1},
	    {"fr", 2, 1000000, 1}, {"es", 2, 1, 0},  {"es", 2, 1000000, 1}, {"nl", 2, 3, 1},
	    {"ar", 6, 0, 0},	   {"ar", 6, 1, 1},  {"ar", 6, 2, 2},	    {"ar", 6, 3, 3},
	    {"ar", 6, 10, 3},	   {"ar", 6, 11, 4}, {"ar", 6, 99, 4},	    {"ar", 6, 100, 5},
	    {"ar", 6, 103, 3},	   {"ru", 3, 21, 0}, {"ru", 3, 22, 1},	    {"ru", 3, 25, 2},
	    {"ja", 1, 1, 0},	   {"ja", 1, 5, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct language *language = language_of(rows[i].code);

		assert_int_equal(language_plural_count(language), rows[i].forms);
		if (language_plural(language, rows[i].number) != rows[i].form)
			fail_msg("%s of %lld", rows[i].code, rows[i].number);
		language_free(language);
	}
	assert_int_equal(language_plural(NULL, 1), 0);
	assert_int_equal(language_plural(NULL, 0), 1);
}

static void
dates_numbers_and_sizes(void **state)
{
	static const struct {
		const char *code, *time, *small, *large, *size;
	} rows[] = {
	    {"en", "22 November 2026, 06:01 UTC", "9999", "12,345", "12.3 MB"},
	    {"de", "22. November 2026, 06:01 UTC", "9999", "12.345", "12,3 MB"},
	    {"fr", "22 novembre 2026, 06:01 UTC", "9999", "12\u202f345", "12,3 MB"},
	    {"es", "22 de noviembre de 2026, 6:01 UTC", "9999", "12.345", "12,3 MB"},
	    {"nl", "22 november 2026 06:01 UTC", "9999", "12.345", "12,3 MB"},
	    {"ar", "22 نوفمبر 2026، 06:01 UTC", "9999", "12,345", "12.3 MB"},
	};
	struct arena *arena = arena_new();
	struct text text;

	(void)state;
	text_init_in(&text, arena, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct language *language = language_of(rows[i].code);

		language_put_time(language, TIME, &text);
		assert_string_equal(text_string(&text), rows[i].time);
		text_reset(&text);
		language_put_number(language, 9999, &text);
		assert_string_equal(text_string(&text), rows[i].small);
		text_reset(&text);
		language_put_number(language, 12345, &text);
		assert_string_equal(text_string(&text), rows[i].large);
		text_reset(&text);
		language_put_size(language, 12900000, &text);
		assert_string_equal(text_string(&text), rows[i].size);
		text_reset(&text);
		language_free(language);
	}
	language_put_size(NULL, 12900000, &text);
	text_append_byte(&text, '|');
	language_put_size(NULL, 1023, &text);
	text_append_byte(&text, '|');
	language_put_size(NULL, 104857600, &text);
	text_append_byte(&text, '|');
	language_put_time(NULL, TIME, &text);
	assert_string_equal(text_string(&text),
			    "12.3 MB|1023 B|100 MB|22 November 2026, 06:01 UTC");
	arena_free(arena);
}

static void
calendars_and_clocks(void **state)
{
	static const struct {
		const char *code, *day, *hour, *both, *weekdays;
	} rows[] = {
	    {"en", "Sunday, 22 November 2026", "06:01", "Sunday, 22 November 2026, 06:01",
	     "Monday, Wednesday and Sunday"},
	    {"de", "Sonntag, 22. November 2026", "06:01", "Sonntag, 22. November 2026, 06:01",
	     "Montag, Mittwoch und Sonntag"},
	    {"fr", "dimanche 22 novembre 2026", "06:01", "dimanche 22 novembre 2026, 06:01",
	     "lundi, mercredi et dimanche"},
	    {"es", "domingo, 22 de noviembre de 2026", "6:01",
	     "domingo, 22 de noviembre de 2026, 6:01", "lunes, miércoles y domingo"},
	    {"nl", "zondag 22 november 2026", "06:01", "zondag 22 november 2026 06:01",
	     "maandag, woensdag en zondag"},
	    {"ar", "الأحد، 22 نوفمبر 2026", "06:01", "الأحد، 22 نوفمبر 2026، 06:01",
	     "الاثنين والأربعاء والأحد"},
	    {NULL, "Sunday, 22 November 2026", "06:01", "Sunday, 22 November 2026, 06:01",
	     "Monday, Wednesday and Sunday"},
	};
	struct arena *arena = arena_new();
	struct text text;

	(void)state;
	text_init_in(&text, arena, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct language *language = rows[i].code == NULL ? NULL : language_of(rows[i].code);

		language_put_local(language, TIME, LANGUAGE_DAY, &text);
		assert_string_equal(text_string(&text), rows[i].day);
		text_reset(&text);
		language_put_local(language, TIME, LANGUAGE_HOUR, &text);
		assert_string_equal(text_string(&text), rows[i].hour);
		text_reset(&text);
		language_put_local(language, TIME, LANGUAGE_DAY_AND_HOUR, &text);
		assert_string_equal(text_string(&text), rows[i].both);
		text_reset(&text);
		language_put_weekdays(language, 1U << 0 | 1U << 1 | 1U << 3, &text);
		assert_string_equal(text_string(&text), rows[i].weekdays);
		text_reset(&text);
		/* One alone, and all of the longest list. */
		language_put_weekdays(language, 1U << 6, &text);
		assert_null(strchr(text_string(&text), ','));
		text_reset(&text);
		language_put_weekdays(language, 0x7f, &text);
		assert_true(text.size > 40);
		text_reset(&text);
		language_free(language);
	}
	arena_free(arena);
}

/* ---- a folder of languages ---- */

static char folder[] = "/tmp/postern-languages-XXXXXX";

static void
write_file(const char *name, struct slice bytes)
{
	struct arena *arena = arena_new();
	FILE *file = fopen(arena_printf(arena, "%s/%s", folder, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
	fclose(file);
	arena_free(arena);
}

static void
write_catalogue(const char *name, const char *plurals, struct slice hello)
{
	struct arena *arena = arena_new();
	struct mo_entry entries[] = {
	    {SLICE(""),
	     slice_from_text(arena_printf(arena, "Plural-Forms: nplurals=%s;\n", plurals))},
	    {SLICE("Hello, {{name}}"), hello},
	};
	struct text out;

	text_init_in(&out, arena, 65536);
	write_file(name, mo_write(entries, 2, &out));
	arena_free(arena);
}

static int
make_folder(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mkdir(arena_printf(arena, "%s/templates", folder), 0700), 0);
	assert_int_equal(mkdir(arena_printf(arena, "%s/templates/pages", folder), 0700), 0);
	assert_int_equal(mkdir(arena_printf(arena, "%s/languages", folder), 0700), 0);
	write_file("templates/pages/t.html", SLICE("<p>{{_}}Hello, {{name}}{{/_}}</p>"));
	write_catalogue("languages/de.mo", "2", SLICE("Hallo, {{name}}"));
	write_catalogue("languages/fr.mo", "2", SLICE("Bonjour, {{name}}"));
	write_catalogue("languages/pt-BR.mo", "2", SLICE("Olá, {{name}}"));
	arena_free(arena);
	return 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = {
	    "languages/de.mo", "languages/fr.mo", "languages/pt-BR.mo", "templates/pages/t.html",
	    "templates/pages", "templates",	  "languages"};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(remove(arena_printf(arena, "%s/%s", folder, names[i])), 0);
	assert_int_equal(rmdir(folder), 0);
	arena_free(arena);
	return 0;
}

/* Load what is in the folder; gives the faults. */
static enum status
load(struct languages **languages, char **faults)
{
	struct arena *arena = arena_new();
	size_t size;
	FILE *stream = open_memstream(faults, &size);
	enum status status =
	    languages_load(arena_printf(arena, "%s/templates", folder), "", stream, languages);

	fclose(stream);
	arena_free(arena);
	return status;
}

static void
each_language_has_its_templates(void **state)
{
	struct languages *languages;
	struct arena *arena = arena_new();
	struct template_values *values = template_values_new(arena);
	struct text out;
	char *faults;

	(void)state;
	text_init_in(&out, arena, 1000);
	template_put_text(values, "name", "<Ann>");
	assert_int_equal(load(&languages, &faults), STATUS_OK);
	assert_int_equal(languages_count(languages), 4);
	assert_string_equal(language_code(languages_at(languages, 0)), "en");
	for (size_t i = 0; i < 2; i++) {
		const struct language *language = languages_at(languages, i);

		assert_int_equal(template_render(languages_templates(languages, language),
						 "pages/t", values, &out),
				 STATUS_OK);
	}
	assert_string_equal(text_string(&out),
			    "<p>Hello, &lt;Ann&gt;</p><p>Hallo, &lt;Ann&gt;</p>");
	assert_null(languages_find(languages, SLICE("it")));
	assert_string_equal(language_code(languages_find(languages, SLICE("DE"))), "de");
	assert_string_equal(language_code(languages_find_or_english(languages, "it")), "en");
	languages_free(languages);
	free(faults);
	arena_free(arena);
}

static void
the_best_that_is_accepted_is_chosen(void **state)
{
	static const struct {
		const char *accepted, *chosen;
	} rows[] = {
	    {"", "fr"}, /* otherwise */
	    {"de", "de"},
	    {"DE", "de"},
	    {"de-CH", "de"},
	    {"de-CH, en;q=0.9", "de"},
	    {"en;q=0.8, de;q=0.9", "de"},
	    {"en, de", "en"},
	    {"it, de;q=0.1", "de"},
	    {"it", "fr"},
	    {"de;q=0, en;q=0.1", "en"},
	    {"de;q=0", "fr"},
	    {"*", "fr"},
	    {"de;q=0.5, *;q=0.7", "fr"},
	    {"pt-BR", "pt-BR"},
	    {"pt-br;q=1.000", "pt-BR"},
	    {"pt", "fr"},
	    {"de-x-mine, en;q=0.5", "de"},
	    {"  de  ;  q=0.3 ,en ; q=0.2", "de"},
	    {"de;q=2, en;q=0.5", "en"},
	    {"de;q=x, en;q=0.5", "en"},
	    {"de;q=0.1234, en;q=0.1", "en"},
	    {"de;level=1, en", "en"},
	    {",,,de", "de"},
	    {"-", "fr"},
	    {"de--, en", "de"},
	    {"\xff\xfe, de", "de"},
	};
	struct languages *languages;
	char *faults;

	(void)state;
	assert_int_equal(load(&languages, &faults), STATUS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct language *chosen =
		    languages_choose(languages, slice_from_text(rows[i].accepted),
				     languages_find(languages, SLICE("fr")));

		if (strcmp(language_code(chosen), rows[i].chosen) != 0)
			fail_msg("\"%s\" gives %s", rows[i].accepted, language_code(chosen));
	}
	languages_free(languages);
	free(faults);
}

static void
a_long_list_is_not_read_to_its_end(void **state)
{
	struct languages *languages;
	struct arena *arena = arena_new();
	struct text list;
	char *faults;

	(void)state;
	text_init_in(&list, arena, 65536);
	for (int i = 0; i < LANGUAGES_RANGES_MAX; i++)
		text_append_text(&list, "it, ");
	text_append_text(&list, "de");
	assert_int_equal(load(&languages, &faults), STATUS_OK);
	assert_null(languages_choose(languages, text_slice(&list), NULL));
	languages_free(languages);
	free(faults);
	arena_free(arena);
}

static void
refused_catalogues_are_told(void **state)
{
	static const struct {
		const char *plurals;
		struct slice hello;
		const char *fault;
	} rows[] = {
	    {"2", SLICE("Hallo"), "pages/t.html:1: translated to de: it leaves out a value or tag"},
	    {"2", SLICE("Hallo, {{name}} {{name}}"), "it adds a value or tag"},
	    {"2", SLICE("Hallo, <b>{{name}}</b>"), "it adds a value or tag"},
	    {"3", SLICE("Hallo, {{name}}"), "de.mo:0: counts other plural forms"},
	    {"2", SLICE("Hallo, {{name}} < 3"), "translated to de: "},
	};
	struct languages *languages = NULL;
	char *faults;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_catalogue("languages/de.mo", rows[i].plurals, rows[i].hello);
		assert_int_equal(load(&languages, &faults), STATUS_INVALID);
		if (strstr(faults, rows[i].fault) == NULL)
			fail_msg("%s: %s", rows[i].fault, faults);
		free(faults);
	}
	write_file("languages/de.mo", SLICE("no catalogue"));
	assert_int_equal(load(&languages, &faults), STATUS_INVALID);
	assert_non_null(strstr(faults, "de.mo:0: is no catalogue"));
	free(faults);
	write_catalogue("languages/de.mo", "2", SLICE("Hallo, {{name}}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_and_directions),
	    cmocka_unit_test(unknown_languages_are_refused),
	    cmocka_unit_test(plurals_follow_the_language),
	    cmocka_unit_test(dates_numbers_and_sizes),
	    cmocka_unit_test(calendars_and_clocks),
	    cmocka_unit_test(each_language_has_its_templates),
	    cmocka_unit_test(the_best_that_is_accepted_is_chosen),
	    cmocka_unit_test(a_long_list_is_not_read_to_its_end),
	    cmocka_unit_test(refused_catalogues_are_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
