#include "messenger/words.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/text.h"

#define FILE_MAX ((size_t)65536)
#define SHORTEST 3
#define LONGEST 8
#define LISTS (sizeof(forms) / sizeof(forms[0]))

static const struct list_form {
	const char *language;
	const char *file;
	size_t longest;
} forms[] = {
    {"en", "words/en.txt", 7}, {"de", "words/de.txt", LONGEST}, /* German puts words together */
};

struct words {
	struct arena *arena;
	struct slice lists[LISTS][WORDS_COUNT];
};

static bool
complain(FILE *faults, const char *file, size_t line, const char *what)
{
	fprintf(faults, "%s:%zu: %s\n", file, line, what);
	return false;
}

static bool
read_list(const char *folder, const char *file, FILE *faults, struct text *text)
{
	struct arena *arena = arena_new();
	FILE *stream = fopen(arena_printf(arena, "%s/%s", folder, file), "re");
	unsigned char piece[4096];
	size_t size;
	bool good = true;

	arena_free(arena);
	if (stream == NULL)
		return complain(faults, file, 0, strerror(errno));
	while ((size = fread(piece, 1, sizeof(piece), stream)) > 0 && text_ok(text))
		text_append(text, slice_of(piece, size));
	if (ferror(stream) != 0)
		good = complain(faults, file, 0, "cannot be read");
	else if (!text_ok(text))
		good = complain(faults, file, 0, "is too large for a list of words");
	fclose(stream);
	return good;
}

/* NULL when it is one. */
static const char *
why_no_word(struct slice line, size_t longest)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] < 'a' || line.data[i] > 'z')
			return "a word is of letters from a to z";
	if (line.size < SHORTEST)
		return "the word is too short";
	if (line.size > longest)
		return "the word is too long";
	return NULL;
}

static bool
is_behind(struct slice word, struct slice before)
{
	size_t shorter = word.size < before.size ? word.size : before.size;
	int order = memcmp(word.data, before.data, shorter);

	return order > 0 || (order == 0 && word.size > before.size);
}

static bool
take_words(struct slice text, const struct list_form *form, FILE *faults, struct slice *list)
{
	size_t count = 0;

	for (size_t from = 0; from < text.size;) {
		size_t end = slice_find_byte(text, '\n', from);
		struct slice line = slice_part(text, from, end);
		const char *fault = why_no_word(line, form->longest);

		if (fault != NULL)
			return complain(faults, form->file, count + 1, fault);
		if (count == WORDS_COUNT)
			return complain(faults, form->file, count + 1, "there are too many words");
		if (count > 0 && !is_behind(line, list[count - 1]))
			return complain(faults, form->file, count + 1,
					"the word is out of order, or there twice");
		list[count++] = line;
		from = end == SLICE_NONE ? text.size : end + 1;
	}
	if (count < WORDS_COUNT)
		return complain(faults, form->file, count, "there are too few words");
	return true;
}

static bool
load_list(struct words *words, size_t list, const char *folder, FILE *faults)
{
	struct text text;
	bool good;

	text_init(&text, FILE_MAX);
	good = read_list(folder, forms[list].file, faults, &text) &&
	       take_words(arena_copy(words->arena, text_slice(&text)), &forms[list], faults,
			  words->lists[list]);
	text_clear(&text);
	return good;
}

enum status
words_load(const char *folder, FILE *faults, struct words **words_out)
{
	struct arena *arena = arena_new();
	struct words *words = arena_alloc(arena, sizeof(*words));
	bool good = true;

	words->arena = arena;
	for (size_t list = 0; list < LISTS; list++)
		if (!load_list(words, list, folder, faults))
			good = false;
	if (!good) {
		words_free(words);
		return STATUS_INVALID;
	}
	*words_out = words;
	return STATUS_OK;
}

void
words_free(struct words *words)
{
	if (words != NULL)
		arena_free(words->arena);
}

const char *
words_suggest(const struct words *words, const char *language, size_t count, struct arena *arena)
{
	struct text *text = arena_alloc(arena, sizeof(*text));
	const struct slice *list = words->lists[0];

	for (size_t i = 0; i < LISTS; i++)
		if (strcmp(language, forms[i].language) == 0)
			list = words->lists[i];
	text_init_in(text, arena, count * (LONGEST + 1));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_append_byte(text, ' ');
		text_append(text, list[randombytes_uniform(WORDS_COUNT)]);
	}
	return text_string(text);
}
