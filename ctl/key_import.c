/*
 * postern ctl key import: what becomes of each key in a file, or in the files of a
 * folder.
 */
#include "ctl/ctl.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "messenger/keyring.h"
#include "messenger/own_keys.h"

#define FOLDER_FILES_MAX ((size_t)20000)

/* The administrator, and a finder that judges without a network. */
struct keyholder {
	struct administrator administrator;
	struct finder *finder;
};

static bool
keyholder_open(const struct ctl_call *call, bool json, struct keyholder *keyholder)
{
	keyholder->finder = NULL;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &keyholder->administrator))
		return false;
	if (finder_open(call->config, false, stderr, &keyholder->finder) != STATUS_OK) {
		administrator_close(&keyholder->administrator,
				    ctl_refuse("keys cannot be judged: is gpg there?"));
		return false;
	}
	keyholder->administrator.messenger.finder = keyholder->finder;
	return true;
}

static int
keyholder_close(struct keyholder *keyholder, int result)
{
	finder_close(keyholder->finder);
	return administrator_close(&keyholder->administrator, result);
}

static const struct output_column import_columns[] = {
    {"file", "FILE", OUTPUT_TEXT, 32},	   {"address", "ADDRESS", OUTPUT_TEXT, 40},
    {"kind", "KIND", OUTPUT_TEXT, 0},	   {"outcome", "OUTCOME", OUTPUT_TEXT, 0},
    {"reason", "REASON", OUTPUT_TEXT, 0},  {"key", "KEY", OUTPUT_TEXT, 0},
    {"fingerprint", NULL, OUTPUT_TEXT, 0},
};
#define IMPORT_COLUMNS (sizeof(import_columns) / sizeof(import_columns[0]))

struct import_run {
	struct keyholder *keyholder;
	const char *address;
	bool accept;
	struct output_cell *cells;
	size_t rows;
	size_t room;
	size_t files;
};

static void
add_row(struct import_run *run, const struct output_cell *cells)
{
	if (run->rows == run->room) {
		size_t room = run->room == 0 ? 64 : run->room * 2;
		struct output_cell *more = arena_alloc_many(run->keyholder->administrator.arena,
							    room * IMPORT_COLUMNS, sizeof(*more));

		if (run->rows > 0)
			memcpy(more, run->cells, run->rows * IMPORT_COLUMNS * sizeof(*more));
		run->cells = more;
		run->room = room;
	}
	memcpy(run->cells + run->rows++ * IMPORT_COLUMNS, cells, IMPORT_COLUMNS * sizeof(*cells));
}

static void
add_failure(struct import_run *run, const char *name, const char *reason)
{
	const struct output_cell cells[IMPORT_COLUMNS] = {
	    output_text(name),	 output_text(""), output_text(""), output_text("not-kept"),
	    output_text(reason), output_text(""), output_text(""),
	};

	add_row(run, cells);
}

static void
add_import(struct import_run *run, const char *name, const struct keyring_import *import)
{
	struct arena *arena = run->keyholder->administrator.arena;
	const char *outcome = "not-kept";
	struct output_cell cells[IMPORT_COLUMNS];

	if (import->kept && import->standing != KEY_REVIEW && import->standing != KEY_BANNED)
		outcome = "kept";
	else if (import->kept)
		outcome = name_of_standing(import->standing);
	cells[0] = output_text(name);
	cells[1] = output_text(import->address);
	cells[2] = output_text(name_of_key_kind(import->kind));
	cells[3] = output_text(outcome);
	cells[4] = output_text(import->reason);
	cells[5] = import->kept ? output_id(import->id, arena) : output_text("");
	cells[6] = output_text(import->fingerprint);
	add_row(run, cells);
}

static enum status
import_file(struct import_run *run, const char *path, const char *name)
{
	struct arena *arena = run->keyholder->administrator.arena;
	struct keyring_order order = {
	    .place = name, .address = run->address, .accept = run->accept};
	struct keyring_import *imports;
	size_t count = 0;
	enum status status = file_read(path, KEYRING_FILE_MAX, arena, &order.file);

	run->files++;
	if (status == STATUS_OK && own_keys_is_private(order.file)) {
		add_failure(run, name, "private-key");
		(void)ctl_refuse("%s: a private key is taken by `postern ctl own-key import`",
				 name);
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		status = keyring_import(&run->keyholder->administrator.messenger, &order,
					clock_now(), arena, &imports, &count);
	for (size_t i = 0; i < count; i++)
		add_import(run, name, &imports[i]);
	switch (status) {
	case STATUS_OK:
		if (count == 0)
			add_failure(run, name, "no-address");
		return STATUS_OK;
	case STATUS_INVALID:
		add_failure(run, name, "no-key");
		return STATUS_OK;
	case STATUS_TOO_LARGE:
		add_failure(run, name, "too-large");
		return STATUS_OK;
	case STATUS_NOT_FOUND:
	case STATUS_DENIED:
		add_failure(run, name, "not-readable");
		return STATUS_OK;
	default:
		return status;
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every file of a folder, in the order of their names. */
static enum status
import_folder(struct import_run *run, const char *path)
{
	struct arena *arena = run->keyholder->administrator.arena;
	const char **names =
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	    arena_alloc_many(arena, FOLDER_FILES_MAX, sizeof(*names));
	DIR *folder = opendir(path);
	size_t count = 0;
	enum status status = STATUS_OK;

	if (folder == NULL)
		return STATUS_NOT_FOUND;
	for (struct dirent *entry = readdir(folder); entry != NULL && count < FOLDER_FILES_MAX;
	     entry = readdir(folder))
		if (entry->d_name[0] != '.')
			names[count++] = arena_copy_text(arena, entry->d_name);
	closedir(folder);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the same array. */
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		const char *file = arena_printf(arena, "%s/%s", path, names[i]);
		struct stat about;

		if (stat(file, &about) == 0 && S_ISREG(about.st_mode))
			status = import_file(run, file, names[i]);
	}
	return status;
}

int
ctl_key_import(const struct ctl_call *call)
{
	const char *address = NULL, *path;
	bool json = false, accept = false;
	const struct argument_option options[] = {
	    {.name = "--address", .text = &address},
	    {.name = "--accept", .flag = &accept},
	    {.name = "--json", .flag = &json},
	};
	struct keyholder keyholder;
	struct import_run run = {.keyholder = &keyholder};
	struct stat about;
	enum status status;

	if (!arguments_read(call, options, 3, &path, 1) ||
	    (address != NULL && !arguments_address(call, address)))
		return 2;
	if (stat(path, &about) != 0)
		return ctl_refuse("%s: there is no such file or folder", path);
	if (!keyholder_open(call, json, &keyholder))
		return 1;
	run.address = address;
	run.accept = accept;
	status = S_ISDIR(about.st_mode) ? import_folder(&run, path) : import_file(&run, path, path);
	output_list(keyholder.administrator.output, "keys", import_columns, IMPORT_COLUMNS,
		    run.cells, run.rows);
	if (status != STATUS_OK)
		return keyholder_close(&keyholder, administrator_refuse(status, "", ""));
	return keyholder_close(&keyholder, 0);
}
