#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/template_compile.h"

struct load {
	const char *folder;
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
template_set_load(const char *folder, FILE *faults, struct template_set **set_out)
{
	struct arena *arena = arena_new();
	struct load *load = arena_alloc(arena, sizeof(*load));
	enum status status;

	*load = (struct load){.folder = folder, .faults = faults, .arena = arena};
	read_folder(load, "pages");
	read_folder(load, "mails");
	if (load->count == 0)
		complain(load, folder, "holds no templates");
	status = template_set_compile(load->files, load->count, faults, set_out);
	if (status == STATUS_OK && load->bad) {
		template_set_free(*set_out);
		*set_out = NULL;
		status = STATUS_INVALID;
	}
	arena_free(arena);
	return status;
}

enum status
template_set_compile(const struct template_file *files, size_t count, FILE *faults,
		     struct template_set **set_out)
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

void
template_set_free(struct template_set *set)
{
	if (set != NULL)
		arena_free(set->arena);
}
