#include "ctl/ctl.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/export.h"
#include "ctl/names.h"
#include "messenger/keyring.h"
#include "messenger/own_keys.h"

#define FOLDER_FILES_MAX ((size_t)20000)
/* Longer than any keys.deadline that is of use, and a look at the database now and then. */
#define FIND_MS 20000
#define FIND_PAUSE_US 50000

#define NO_KEY "there is no key with that id"
#define NO_ACCEPTING                                                                               \
	"what it is in review for is wrong with the key itself: accepting would not make it "      \
	"usable (`postern ctl key show ID`)"

/* The administrator, and a finder that judges without a network. */
struct keyholder {
	struct administrator administrator;
	struct finder *finder;
};

static bool
keyholder_open(const struct ctl_call *call, bool judges, bool json, struct keyholder *keyholder)
{
	keyholder->finder = NULL;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &keyholder->administrator))
		return false;
	if (judges && finder_open(call->config, false, stderr, &keyholder->finder) != STATUS_OK) {
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

/* --- import --- */

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
	if (!keyholder_open(call, true, json, &keyholder))
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

/* --- list, show, find --- */

static const struct output_column key_columns[] = {
    {"key", "KEY", OUTPUT_TEXT, 0},
    {"address", "ADDRESS", OUTPUT_TEXT, 40},
    {"kind", "KIND", OUTPUT_TEXT, 0},
    {"standing", "STANDING", OUTPUT_TEXT, 0},
    {"reason", "REASON", OUTPUT_TEXT, 0},
    {"source", "SOURCE", OUTPUT_TEXT, 0},
    {"expires_at", "EXPIRES (UTC)", OUTPUT_TIME, 0},
    {"fingerprint", NULL, OUTPUT_TEXT, 0},
    {"place", NULL, OUTPUT_TEXT, 0},
    {"owner", NULL, OUTPUT_TEXT, 0},
    {"issuer", NULL, OUTPUT_TEXT, 0},
    {"algorithm", NULL, OUTPUT_TEXT, 0},
    {"found_at", NULL, OUTPUT_TIME, 0},
    {"seen_at", NULL, OUTPUT_TIME, 0},
};
#define KEY_COLUMNS (sizeof(key_columns) / sizeof(key_columns[0]))

static void
fill_key(const struct known_key *key, struct arena *arena, struct output_cell *cells)
{
	const struct evidence *evidence = &key->evidence;
	const struct output_cell filled[] = {
	    output_id(key->id, arena),
	    output_text(key->address),
	    output_text(name_of_key_kind(key->kind)),
	    output_text(name_of_standing(key->standing)),
	    output_text(key->reason),
	    output_text(evidence->source),
	    output_number(evidence->expires_at),
	    output_text(evidence->fingerprint),
	    output_text(evidence->place),
	    output_text(evidence->owner),
	    output_text(evidence->issuer),
	    output_text(evidence->algorithm),
	    output_number(key->found_at),
	    output_number(key->seen_at),
	};

	_Static_assert(sizeof(filled) / sizeof(filled[0]) == KEY_COLUMNS, "a cell per column");
	memcpy(cells, filled, sizeof(filled));
}

static void
show_keys(struct administrator *administrator, const struct known_key *keys, size_t count)
{
	struct output_cell *cells =
	    arena_alloc_many(administrator->arena, count * KEY_COLUMNS + 1, sizeof(*cells));

	for (size_t i = 0; i < count; i++)
		fill_key(&keys[i], administrator->arena, cells + i * KEY_COLUMNS);
	output_list(administrator->output, "keys", key_columns, KEY_COLUMNS, cells, count);
	if (count == 0)
		output_note(administrator->output, "There is none.");
}

static int
list(const struct ctl_call *call, bool review)
{
	const char *address = NULL;
	long long limit = 50;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--address", .text = &address},
	    {.name = "--limit", .number = &limit, .least = 1, .most = 10000},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	struct known_key *keys;
	size_t count;
	enum status status;

	if (!arguments_read(call, options, 3, NULL, 0) ||
	    (address != NULL && !arguments_address(call, address)))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	if (address != NULL)
		status = keyring_list_of(&administrator.messenger, address, review, (size_t)limit,
					 administrator.arena, &keys, &count);
	else
		status = keyring_list(&administrator.messenger, review, NULL, (size_t)limit,
				      administrator.arena, &keys, &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	show_keys(&administrator, keys, count);
	return administrator_close(&administrator, 0);
}

int
ctl_key_list(const struct ctl_call *call)
{
	return list(call, false);
}

int
ctl_key_review(const struct ctl_call *call)
{
	return list(call, true);
}

int
ctl_key_show(const struct ctl_call *call)
{
	static const struct output_column columns[] = {
	    {"key", "key", OUTPUT_TEXT, 0},
	    {"address", "address", OUTPUT_TEXT, 0},
	    {"kind", "kind", OUTPUT_TEXT, 0},
	    {"standing", "standing", OUTPUT_TEXT, 0},
	    {"reason", "reason", OUTPUT_TEXT, 0},
	    {"source", "source", OUTPUT_TEXT, 0},
	    {"expires_at", "expires (UTC)", OUTPUT_TIME, 0},
	    {"fingerprint", "fingerprint", OUTPUT_TEXT, 0},
	    {"place", "place", OUTPUT_TEXT, 0},
	    {"owner", "owner", OUTPUT_TEXT, 0},
	    {"issuer", "issuer", OUTPUT_TEXT, 0},
	    {"algorithm", "algorithm", OUTPUT_TEXT, 0},
	    {"found_at", "found (UTC)", OUTPUT_TIME, 0},
	    {"seen_at", "seen (UTC)", OUTPUT_TIME, 0},
	};
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct output_cell cells[KEY_COLUMNS];
	struct administrator administrator;
	struct known_key key;
	const char *word;
	struct id id;
	enum status status;

	_Static_assert(sizeof(columns) / sizeof(columns[0]) == KEY_COLUMNS, "as in the table");
	if (!arguments_read(call, options, 1, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	status = keyring_read(&administrator.messenger, &id, administrator.arena, &key);
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   administrator_refuse(status, NO_KEY, ""));
	fill_key(&key, administrator.arena, cells);
	output_record(administrator.output, columns, KEY_COLUMNS, cells);
	return administrator_close(&administrator, 0);
}

static enum status
wait_for_answer(struct administrator *administrator, const char *address, const char **said_out)
{
	int64_t until = clock_monotonic_ms() + FIND_MS;

	for (;;) {
		bool answered = false;
		enum status status = keyring_answer(&administrator->messenger, address,
						    administrator->arena, &answered, said_out);

		if (status != STATUS_OK || answered)
			return status;
		if (clock_monotonic_ms() > until)
			return STATUS_UNAVAILABLE;
		usleep(FIND_PAUSE_US);
	}
}

/* A line for each source: its name, what it said, why, and how long it took. */
static void
show_said(struct administrator *administrator, const char *said)
{
	static const struct output_column columns[] = {{"source", "SOURCE", OUTPUT_TEXT, 0},
						       {"outcome", "ANSWER", OUTPUT_TEXT, 0},
						       {"reason", "WHY", OUTPUT_TEXT, 0},
						       {"milliseconds", "MS", OUTPUT_TEXT, 0}};
	struct output_cell cells[64];
	struct slice rest = slice_from_text(said);
	size_t count = 0;

	while (rest.size > 0 && count + 4 <= sizeof(cells) / sizeof(cells[0])) {
		struct slice line = slice_take_line(&rest);

		for (size_t i = 0; i < 4; i++) {
			size_t end = slice_find_byte(line, ' ', 0);
			struct slice word =
			    slice_part(line, 0, end == SLICE_NONE ? line.size : end);

			if (slice_equal(word, SLICE("-")))
				word = SLICE("");
			cells[count++] = output_text(arena_text_from(administrator->arena, word));
			line = slice_part(line, end == SLICE_NONE ? line.size : end + 1, line.size);
		}
	}
	output_list(administrator->output, "sources", columns, 4, cells, count / 4);
}

int
ctl_key_find(const struct ctl_call *call)
{
	bool json = false, anew = false;
	const struct argument_option options[] = {{.name = "--anew", .flag = &anew},
						  {.name = "--json", .flag = &json}};
	struct administrator administrator;
	struct known_key *keys;
	const char *address, *said = "";
	size_t count;
	enum status status;

	if (!arguments_read(call, options, 2, &address, 1) || !arguments_address(call, address))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	status = keyring_ask(&administrator.messenger, address, anew, clock_now());
	if (status == STATUS_OK)
		status = wait_for_answer(&administrator, address, &said);
	if (status == STATUS_UNAVAILABLE)
		return administrator_close(
		    &administrator, ctl_refuse("no courier has answered: the courier does the "
					       "looking; is one running?"));
	if (status == STATUS_OK)
		status = keyring_list_of(&administrator.messenger, address, false, KNOWN_KEYS_MAX,
					 administrator.arena, &keys, &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	show_keys(&administrator, keys, count);
	show_said(&administrator, said);
	return administrator_close(&administrator, 0);
}

/* --- export --- */

int
ctl_key_export(const struct ctl_call *call)
{
	struct administrator administrator;
	struct known_key key;
	const char *word;
	struct id id;
	enum status status;

	if (!arguments_read(call, NULL, 0, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, false, &administrator))
		return 1;
	status = keyring_read(&administrator.messenger, &id, administrator.arena, &key);
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   administrator_refuse(status, NO_KEY, ""));
	if (!export_key(key.kind, key.material, NULL, 0))
		return administrator_close(&administrator,
					   ctl_refuse("the key could not be written"));
	return administrator_close(&administrator, 0);
}

/* --- accept, ban, delete --- */

int
ctl_key_accept(const struct ctl_call *call)
{
	return administrator_decide(call, "accepted", keyring_accept, NO_KEY, NO_ACCEPTING);
}

int
ctl_key_ban(const struct ctl_call *call)
{
	return administrator_decide(call, "banned", keyring_ban, NO_KEY, "");
}

int
ctl_key_delete(const struct ctl_call *call)
{
	return administrator_decide(call, "deleted", keyring_delete, NO_KEY, "");
}
