/* Templates are our own files, but their author may err: whatever compiles must render, and a value
 * of nothing but quotes, brackets and schemes must not change the shape of the page. */
#include <stdlib.h>

#include "base/log.h"
#include "base/template.h"

static void
put_values(struct template_values *values, const char *text)
{
	static const char *const names[] = {"a", "b", "c", "x", "y"};
	struct template_list *list = template_put_list(values, "l");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		template_put_text(values, names[i], text);
	template_put_number(template_list_add(list), "n", 1);
	template_put_number(template_list_add(list), "n", 2);
	template_put_number(values, "n", 7);
}

static size_t
count(struct slice text, unsigned char byte)
{
	size_t found = 0;

	for (size_t i = 0; i < text.size; i++)
		found += text.data[i] == byte;
	return found;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct template_file files[] = {
	    {"pages/f.html", slice_of(data, size)},
	    {"pages/part.html", SLICE("<p>{{a}}</p>")},
	    {"mails/f.txt", slice_of(data, size)},
	};
	static FILE *faults;
	struct template_set *set;

	if (faults == NULL) {
		faults = fopen("/dev/null", "w");
		log_open("fuzz", LOG_LEVEL_ERROR + 1);
	}
	/* As a page alone, then as page and mail. */
	for (size_t files_used = 2; files_used <= 3; files_used++) {
		struct arena *arena;
		struct template_values *plain;
		struct template_values *evil;
		struct text one;
		struct text two;

		if (template_set_compile(files, files_used, NULL, faults, &set) != STATUS_OK)
			continue;
		arena = arena_new();
		plain = template_values_new(arena);
		evil = template_values_new(arena);
		put_values(plain, "w");
		put_values(evil, "\"'><script>javascript://\\&\n");
		text_init_in(&one, arena, 1 << 20);
		text_init_in(&two, arena, 1 << 20);
		if (template_render(set, "pages/f", plain, &one) == STATUS_OK &&
		    template_render(set, "pages/f", evil, &two) == STATUS_OK)
			for (const char *c = "\"'<>"; *c != '\0'; c++)
				if (count(text_slice(&one), (unsigned char)*c) !=
				    count(text_slice(&two), (unsigned char)*c))
					abort();
		text_reset(&one);
		if (files_used == 3 &&
		    template_render(set, "mails/f", evil, &one) == STATUS_INVALID)
			abort();
		arena_free(arena);
		template_set_free(set);
	}
	return 0;
}
