/*
 * Catalogues: any bytes.  What is found lies within the catalogue, and a template that is compiled
 * with it is refused or shows its value escaped.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/language.h"
#include "base/log.h"
#include "base/template.h"

static const struct phrase phrases[] = {
    {SLICE(""), SLICE(""), SLICE("")},
    {SLICE(""), SLICE("Hello, {{name}}"), SLICE("")},
    {SLICE("size"), SLICE("KB"), SLICE("")},
    {SLICE(""), SLICE("{{days}} day"), SLICE("{{days}} days")},
};

static const struct template_file files[] = {
    {"pages/f.html", SLICE("<p title=\"{{_@size}}KB{{/_}}\">{{_}}Hello, {{name}}{{/_}} "
			   "{{_#days}}{{days}} day{{|}}{{days}} days{{/_}}</p>")},
    {"mails/f.txt", SLICE("Subject: x\n\n{{_}}Hello, {{name}}{{/_}}\n")},
};

static void
look_up(struct slice bytes)
{
	struct arena *arena = arena_new();
	struct catalogue *catalogue;
	struct slice found;

	if (catalogue_read(bytes, arena, &catalogue) == STATUS_OK)
		for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
			if (catalogue_find(catalogue, &phrases[i], &found))
				for (size_t form = 0; form <= catalogue_forms(found); form++)
					arena_copy(arena, catalogue_form(found, form));
	arena_free(arena);
}

static void
translate(struct slice bytes, FILE *faults)
{
	struct arena *arena;
	struct template_values *values;
	struct language *language;
	struct template_set *set;
	struct text out;
	const char *why;

	if (language_new("de", bytes, &language, &why) != STATUS_OK)
		return;
	if (template_set_compile(files, 2, language, faults, &set) == STATUS_OK) {
		arena = arena_new();
		values = template_values_new(arena);
		template_put_text(values, "name", "<script>");
		template_put_number(values, "days", 3);
		text_init_in(&out, arena, 1 << 20);
		if (template_render(set, "pages/f", values, &out) == STATUS_OK &&
		    slice_find_nocase(text_slice(&out), SLICE("<script"), 0) != SLICE_NONE)
			abort();
		text_reset(&out);
		if (template_render(set, "mails/f", values, &out) == STATUS_INTERNAL)
			abort();
		arena_free(arena);
		template_set_free(set);
	}
	language_free(language);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static FILE *faults;

	if (faults == NULL) {
		faults = fopen("/dev/null", "w");
		log_open("fuzz", LOG_LEVEL_ERROR + 1);
	}
	look_up(slice_of(data, size));
	translate(slice_of(data, size), faults);
	return 0;
}
