#include "base/languages.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define ENDING ".mo"

struct spoken {
	struct language *language;
	struct template_set *templates;
};

struct languages {
	struct spoken spoken[LANGUAGES_MAX];
	size_t count;
};

/* Where catalogues are read from, and where to complain. */
struct loading {
	const char *templates;
	const char *folder;
	FILE *faults;
	struct arena *arena;
	struct languages *languages;
	bool bad;
};

static void
complain(struct loading *loading, const char *name, const char *what)
{
	fprintf(loading->faults, "%s/%s:0: %s\n", loading->folder, name, what);
	loading->bad = true;
}

static void
add(struct loading *loading, const char *code, struct slice catalogue, const char *name)
{
	struct languages *languages = loading->languages;
	struct spoken *spoken = &languages->spoken[languages->count];
	const char *why;

	if (languages->count == LANGUAGES_MAX) {
		complain(loading, name, "is one language too many");
		return;
	}
	if (language_new(code, catalogue, &spoken->language, &why) != STATUS_OK) {
		complain(loading, name, why);
		return;
	}
	languages->count++;
	if (template_set_load(loading->templates, spoken->language, loading->faults,
			      &spoken->templates) != STATUS_OK)
		loading->bad = true;
}

static void
read_catalogue(struct loading *loading, const char *name)
{
	const char *path = arena_printf(loading->arena, "%s/%s", loading->folder, name);
	const char *code =
	    arena_text_from(loading->arena, slice_of(name, strlen(name) - (sizeof(ENDING) - 1)));
	struct slice bytes;
	enum status status = file_read(path, CATALOGUE_FILE_MAX, loading->arena, &bytes);

	if (status == STATUS_TOO_LARGE || (status == STATUS_OK && bytes.size == 0))
		complain(loading, name, "is empty or too large for a catalogue");
	else if (status != STATUS_OK)
		complain(loading, name, "cannot be read");
	else if (strcmp(code, "en") == 0)
		complain(loading, name, "is of the language that the templates are written in");
	else
		add(loading, code, bytes, name);
}

static int
is_catalogue(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return entry->d_name[0] != '.' && size > sizeof(ENDING) - 1 &&
	       strcmp(entry->d_name + size - (sizeof(ENDING) - 1), ENDING) == 0;
}

static void
read_folder(struct loading *loading, bool may_be_missing)
{
	struct dirent **entries;
	/* Sorted, so that languages stand in one order everywhere. */
	int count = scandir(loading->folder, &entries, is_catalogue, alphasort);

	if (count < 0) {
		if (errno != ENOENT || !may_be_missing)
			complain(loading, "", strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		read_catalogue(loading, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

enum status
languages_load(const char *templates, const char *catalogues, FILE *faults,
	       struct languages **languages_out)
{
	struct languages *languages = calloc(1, sizeof(*languages));
	struct loading loading = {
	    .templates = templates, .folder = catalogues, .faults = faults, .languages = languages};

	if (languages == NULL)
		return STATUS_UNAVAILABLE;
	loading.arena = arena_new();
	if (*catalogues == '\0')
		loading.folder = arena_printf(loading.arena, "%s/../languages", templates);
	add(&loading, "en", slice_of(NULL, 0), "en");
	/* A fault of a template is told once. */
	if (!loading.bad)
		read_folder(&loading, *catalogues == '\0');
	arena_free(loading.arena);
	if (loading.bad) {
		languages_free(languages);
		return STATUS_INVALID;
	}
	*languages_out = languages;
	return STATUS_OK;
}

void
languages_free(struct languages *languages)
{
	if (languages == NULL)
		return;
	for (size_t i = 0; i < languages->count; i++) {
		template_set_free(languages->spoken[i].templates);
		language_free(languages->spoken[i].language);
	}
	free(languages);
}

size_t
languages_count(const struct languages *languages)
{
	return languages->count;
}

const struct language *
languages_at(const struct languages *languages, size_t index)
{
	return languages->spoken[index].language;
}

const struct template_set *
languages_templates(const struct languages *languages, const struct language *language)
{
	for (size_t i = 0; i < languages->count; i++)
		if (languages->spoken[i].language == language)
			return languages->spoken[i].templates;
	return languages->spoken[0].templates;
}

bool
languages_is_whole(const struct languages *languages, const struct language *language)
{
	return language == languages->spoken[0].language ||
	       template_set_is_whole(languages_templates(languages, language));
}

const struct language *
languages_find(const struct languages *languages, struct slice code)
{
	for (size_t i = 0; i < languages->count; i++) {
		const struct language *language = languages->spoken[i].language;

		if (slice_equal_nocase(slice_from_text(language_code(language)), code))
			return language;
	}
	return NULL;
}

const struct language *
languages_find_or_english(const struct languages *languages, const char *code)
{
	const struct language *language = languages_find(languages, slice_from_text(code));

	return language == NULL ? languages->spoken[0].language : language;
}

/* "de-CH" is looked for as it is, then as "de". */
static const struct language *
look_up(const struct languages *languages, struct slice range)
{
	while (range.size > 0) {
		const struct language *language = languages_find(languages, range);

		if (language != NULL)
			return language;
		while (range.size > 0 && range.data[range.size - 1] != '-')
			range.size--;
		if (range.size > 0)
			range.size--;
		/* A singleton goes with what it introduces. */
		if (range.size >= 2 && range.data[range.size - 2] == '-')
			range.size -= 2;
	}
	return NULL;
}

/* ";q=0.8" in thousandths; 1000 without one, -1 when it is none. */
static int
read_weight(struct slice parameters)
{
	struct slice q = slice_trim(parameters);
	int weight = 0, place = 100;

	if (q.size == 0)
		return 1000;
	if (q.size < 3 || slice_lower(q.data[0]) != 'q' || q.data[1] != '=' ||
	    (q.data[2] != '0' && q.data[2] != '1') || (q.size > 3 && q.data[3] != '.') ||
	    q.size > 7)
		return -1;
	weight = (q.data[2] - '0') * 1000;
	for (size_t i = 4; i < q.size; i++, place /= 10) {
		if (q.data[i] < '0' || q.data[i] > '9')
			return -1;
		weight += (q.data[i] - '0') * place;
	}
	return weight <= 1000 ? weight : -1;
}

const struct language *
languages_choose(const struct languages *languages, struct slice accepted,
		 const struct language *otherwise)
{
	const struct language *best = otherwise;
	int best_weight = 0;
	size_t from = 0;

	for (int i = 0; i < LANGUAGES_RANGES_MAX && from < accepted.size; i++) {
		size_t end = slice_find_byte(accepted, ',', from);
		struct slice item, range;
		size_t semicolon;
		const struct language *language;
		int weight;

		if (end == SLICE_NONE)
			end = accepted.size;
		item = slice_part(accepted, from, end);
		from = end + 1;
		semicolon = slice_find_byte(item, ';', 0);
		if (semicolon == SLICE_NONE)
			semicolon = item.size;
		range = slice_trim(slice_part(item, 0, semicolon));
		weight = read_weight(slice_part(item, semicolon + 1, item.size));
		/* Of equals the earlier is meant more. */
		if (weight <= best_weight)
			continue;
		language = slice_equal(range, SLICE("*")) ? otherwise : look_up(languages, range);
		if (language == NULL)
			continue;
		best = language;
		best_weight = weight;
	}
	return best;
}
