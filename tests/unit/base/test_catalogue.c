/* base/catalogue: what is found, and that no file is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/catalogue.h"
#include "tests/unit/base/mo.h"

static const struct mo_entry entries[] = {
    {SLICE(""), SLICE("Language: de\nPlural-Forms: nplurals=2; plural=(n != 1);\n")},
    {SLICE("Until"), SLICE("Bis")},
    {SLICE("column\004Until"), SLICE("Ende")},
    {SLICE("empty"), SLICE("")},
    {SLICE("one day\0{{n}} days"), SLICE("ein Tag\0{{n}} Tage")},
};

static struct slice
written(struct arena *arena)
{
	struct text *out = arena_alloc(arena, sizeof(*out));

	text_init_in(out, arena, 65536);
	return mo_write(entries, MO_COUNT(entries), out);
}

static void
finds_translations(void **state)
{
	static const struct {
		const char *claim;
		struct phrase phrase;
		const char *translation; /* NULL: none */
	} rows[] = {
	    {"a text", {.text = SLICE("Until")}, "Bis"},
	    {"the same in another place", {SLICE("column"), SLICE("Until"), SLICE("")}, "Ende"},
	    {"a place that is not there", {SLICE("row"), SLICE("Until"), SLICE("")}, NULL},
	    {"a plural", {SLICE(""), SLICE("one day"), SLICE("{{n}} days")}, "ein Tag"},
	    {"its singular alone", {.text = SLICE("one day")}, NULL},
	    {"another plural", {SLICE(""), SLICE("one day"), SLICE("{{n}} days!")}, NULL},
	    {"what is not translated", {.text = SLICE("empty")}, NULL},
	    {"a beginning", {.text = SLICE("Unti")}, NULL},
	    {"something longer", {.text = SLICE("Until now")}, NULL},
	    {"something behind all", {.text = SLICE("zebra")}, NULL},
	};
	struct arena *arena = arena_new();
	struct catalogue *catalogue;
	struct slice found;

	(void)state;
	assert_int_equal(catalogue_read(written(arena), arena, &catalogue), STATUS_OK);
	assert_int_equal(catalogue_count(catalogue), MO_COUNT(entries));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool there = catalogue_find(catalogue, &rows[i].phrase, &found);

		if (there != (rows[i].translation != NULL))
			fail_msg("%s", rows[i].claim);
		if (there)
			assert_string_equal(rows[i].translation,
					    arena_text_from(arena, catalogue_form(found, 0)));
	}
	assert_false(catalogue_find(NULL, &rows[0].phrase, &found));
	arena_free(arena);
}

static void
gives_forms_and_fields(void **state)
{
	const struct phrase days = {SLICE(""), SLICE("one day"), SLICE("{{n}} days")};
	struct arena *arena = arena_new();
	struct catalogue *catalogue;
	struct slice found;

	(void)state;
	assert_int_equal(catalogue_read(written(arena), arena, &catalogue), STATUS_OK);
	assert_true(catalogue_find(catalogue, &days, &found));
	assert_int_equal(catalogue_forms(found), 2);
	assert_string_equal(arena_text_from(arena, catalogue_form(found, 1)), "{{n}} Tage");
	assert_string_equal(arena_text_from(arena, catalogue_form(found, 7)), "{{n}} Tage");
	assert_string_equal(arena_text_from(arena, catalogue_field(catalogue, "language")), "de");
	assert_int_equal(catalogue_field(catalogue, "Lang").size, 0);
	arena_free(arena);
}

/* Every byte that is cut off, and every byte of header and tables that is another: refused, or read
 * without leaving the file (which the sanitizer sees). */
static void
believes_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct slice good = written(arena);
	struct catalogue *catalogue;
	size_t refused = 0;

	(void)state;
	for (size_t size = 0; size < good.size; size++) {
		struct slice cut = arena_copy(arena, slice_part(good, 0, size));

		assert_int_not_equal(catalogue_read(cut, arena, &catalogue), STATUS_OK);
	}
	for (size_t at = 0; at < 28 + MO_COUNT(entries) * 16; at++) {
		for (int bit = 0; bit < 8; bit++) {
			unsigned char *bytes = arena_alloc(arena, good.size);
			struct slice found;

			memcpy(bytes, good.data, good.size);
			bytes[at] ^= (unsigned char)(1 << bit);
			if (catalogue_read(slice_of(bytes, good.size), arena, &catalogue) !=
			    STATUS_OK) {
				refused++;
				continue;
			}
			catalogue_find(catalogue, &(struct phrase){.text = SLICE("Until")}, &found);
		}
	}
	assert_true(refused > 700);
	arena_free(arena);
}

static void
refuses_keys_out_of_order(void **state)
{
	static const struct mo_entry mixed[] = {
	    {SLICE("b"), SLICE("1")}, {SLICE("a"), SLICE("2")}, {SLICE("c"), SLICE("3")}};
	static const struct mo_entry twice[] = {{SLICE("a"), SLICE("1")}, {SLICE("a"), SLICE("2")}};
	struct arena *arena = arena_new();
	struct catalogue *catalogue;
	struct text one, other;

	(void)state;
	text_init_in(&one, arena, 1000);
	text_init_in(&other, arena, 1000);
	assert_int_equal(catalogue_read(mo_write(mixed, 3, &one), arena, &catalogue),
			 STATUS_INVALID);
	assert_int_equal(catalogue_read(mo_write(twice, 2, &other), arena, &catalogue),
			 STATUS_INVALID);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_translations),
	    cmocka_unit_test(gives_forms_and_fields),
	    cmocka_unit_test(believes_nothing),
	    cmocka_unit_test(refuses_keys_out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
