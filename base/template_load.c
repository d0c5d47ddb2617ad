#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/template_compile.h"

struct load {
	const char *folder;
	const struct language *language;
	FILE *faults;
	bool bad;
	struct arena *arena; /* of the texts; the set copies them */
	struct template_file files[TEMPLATE_FILES_MAX];
	size_t count;
};

static bool
ends_with(const char *text, const char *ending)
{
	size_t size = strlen(text);

	return size > strlen(ending) && strcmp(text + size - strlen(ending), ending) == 0;
}

static void
complain(struct load *load, const char *name, const char *what)
{
	fprintf(load->faults, "%s:0: %s\n", name, what);
	load->bad = true;
}

static void
read_file(struct load *load, const char *name)
{
	char *path = arena_printf(load->arena, "%s/%s", load->folder, name);
	struct text text;
	FILE *file;
	size_t size;

	if (load->count == TEMPLATE_FILES_MAX) {
		complain(load, name, "too many templates");
		return;
	}
	file = fopen(path, "re");
	if (file == NULL) {
		complain(load, path, strerror(errno));
		return;
	}
	text_init(&text, TEMPLATE_FILE_MAX);
	do {
		unsigned char piece[4096];

		size = fread(piece, 1, sizeof(piece), file);
		text_append(&text, slice_of(piece, size));
	} while (size > 0 && text_ok(&text));
	if (ferror(file) != 0)
		complain(load, path, "cannot be read");
	else if (!text_ok(&text))
		complain(load, path, "is too large for a template");
	else
		load->files[load->count++] =
		    (struct template_file){name, arena_copy(load->arena, text_slice(&text))};
	text_clear(&text);
	fclose(file);
}

static int
is_template(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (ends_with(entry->d_name, ".html") || ends_with(entry->d_name, ".txt"));
}

static void
read_folder(struct load *load, const char *name)
{
	struct dirent **entries;
	/* Sorted, so that faults come in the same order everywhere. */
	int count = scandir(arena_printf(load->arena, "%s/%s", load->folder, name), &entries,
			    is_template, alphasort);

	if (count < 0) {
		/* A folder that is not there holds no templates. */
		if (errno != ENOENT)
			complain(load, name, strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		read_file(load, arena_printf(load->arena, "%s/%s", name, entries[i]->d_name));
		free(entries[i]);
	}
	free(entries);
}

enum status
template_set_load(const char *folder, const struct language *language, FILE *faults,
		  struct template_set **set_out)
{
	struct arena *arena = arena_new();
	struct load *load = arena_alloc(arena, sizeof(*load));
	enum status status;

	*load =
	    (struct load){.folder = folder, .language = language, .faults = faults, .arena = arena};
	read_folder(load, "pages");
	read_folder(load, "mails");
	read_folder(load, "pdf");
	if (load->count == 0)
		complain(load, folder, "holds no templates");
	status = template_set_compile(load->files, load->count, language, faults, set_out);
	if (status == STATUS_OK && load->bad) {
		template_set_free(*set_out);
		*set_out = NULL;
		status = STATUS_INVALID;
	}
	arena_free(arena);
	return status;
}

const struct template *
template_set_find(const struct template_set *set, struct slice name)
{
	for (size_t i = 0; i < set->count; i++)
		if (slice_equal(set->templates[i].name, name))
			return &set->templates[i];
	return NULL;
}

/* A partial without a folder is of the folder of the file that names it. */
static const struct template *
find_partial(const struct template_set *set, const struct template *from, struct slice name)
{
	const char *slash = strchr(from->file, '/');

	if (slice_find_byte(name, '/', 0) == SLICE_NONE && slash != NULL)
		name = slice_from_text(arena_printf(set->arena, "%.*s/%.*s",
						    (int)(slash - from->file), from->file,
						    (int)name.size, (const char *)name.data));
	/* cppcheck-suppress CastIntegerToAddressAtReturn ; it is a pointer */
	return template_set_find(set, name);
}

static bool
link_template(struct template_set *set, struct template *template, int depth, FILE *faults)
{
	bool good = true;

	template->visit = 1;
	for (size_t i = 0; i < template->count; i++) {
		struct template_step *step = &template->steps[i];
		const char *complaint = NULL;
		struct template *partial;

		if (step->kind != STEP_PARTIAL)
			continue;
		step->partial = find_partial(set, template, step->text);
		partial =
		    step->partial == NULL ? NULL : &set->templates[step->partial - set->templates];
		if (partial == NULL)
			complaint = "there is no such template";
		else if (partial->html != template->html)
			complaint = "pages and mails do not include each other";
		else if (partial->visit == 1)
			complaint = "this template would include itself";
		else if (depth == TEMPLATE_DEPTH_MAX)
			complaint = "partials are nested too deep";
		else if (!link_template(set, partial, depth + 1, faults))
			good = false;
		if (complaint != NULL) {
			fprintf(faults, "%s:%d: {{>%.*s}}: %s\n", template->file, step->line,
				(int)step->text.size, (const char *)step->text.data, complaint);
			good = false;
		}
	}
	template->visit = 2;
	return good;
}

bool
template_link(struct template_set *set, FILE *faults)
{
	bool good = true;

	for (size_t i = 0; i < set->count; i++)
		if (set->templates[i].visit == 0 &&
		    !link_template(set, &set->templates[i], 0, faults))
			good = false;
	return good;
}

enum status
template_set_compile(const struct template_file *files, size_t count,
		     const struct language *language, FILE *faults, struct template_set **set_out)
{
	struct arena *arena = arena_new();
	struct template_set *set = arena_alloc(arena, sizeof(*set));
	bool good = true;

	set->arena = arena;
	set->templates = arena_alloc_many(arena, count, sizeof(*set->templates));
	for (size_t i = 0; i < count; i++) {
		struct template *template = &set->templates[set->count++];
		const char *dot = strrchr(files[i].name, '.');

		template->file = arena_copy_text(arena, files[i].name);
		template->language = language;
		template->html = dot != NULL &&strcmp(dot, ".html") == 0;
		template->name =
		    slice_of(template->file,
			     dot == NULL ? strlen(template->file) : (size_t)(dot - files[i].name));
		if (!template_compile(template, arena_copy(arena, files[i].text), arena, faults))
			good = false;
	}
	if (!template_link(set, faults))
		good = false;
	if (!good) {
		template_set_free(set);
		return STATUS_INVALID;
	}
	*set_out = set;
	return STATUS_OK;
}

bool
template_set_is_whole(const struct template_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->templates[i].untranslated > 0)
			return false;
	return true;
}

void
template_set_free(struct template_set *set)
{
	if (set != NULL)
		arena_free(set->arena);
}
