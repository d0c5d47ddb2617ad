#include "ctl/ctl.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/export.h"
#include "ctl/names.h"
#include "ctl/password.h"
#include "messenger/own_keys.h"

/* --- import --- */

static const struct output_column import_columns[] = {
    {"address", "ADDRESS", OUTPUT_TEXT, 40}, {"kind", "KIND", OUTPUT_TEXT, 0},
    {"outcome", "OUTCOME", OUTPUT_TEXT, 0},  {"reason", "REASON", OUTPUT_TEXT, 0},
    {"key", "KEY", OUTPUT_TEXT, 0},	     {"fingerprint", NULL, OUTPUT_TEXT, 0},
};
#define IMPORT_COLUMNS (sizeof(import_columns) / sizeof(import_columns[0]))

static int
show_imports(struct administrator *administrator, const struct own_keys_import *imports,
	     size_t count)
{
	struct arena *arena = administrator->arena;
	struct output_cell *cells =
	    arena_alloc_many(arena, count * IMPORT_COLUMNS + 1, sizeof(*cells));
	size_t taken = 0;

	for (size_t i = 0; i < count; i++) {
		struct output_cell *row = cells + i * IMPORT_COLUMNS;
		bool kept = *imports[i].reason == '\0';

		row[0] = output_text(imports[i].address);
		row[1] = output_text(name_of_key_kind(imports[i].kind));
		row[2] = output_text(kept ? "kept" : "not-kept");
		row[3] = output_text(imports[i].reason);
		row[4] = kept ? output_id(imports[i].id, arena) : output_text("");
		row[5] = output_text(imports[i].fingerprint);
		taken += kept;
	}
	output_list(administrator->output, "keys", import_columns, IMPORT_COLUMNS, cells, count);
	if (taken == 0)
		output_note(administrator->output, "Nothing was taken.");
	return 0;
}

static int
refuse_file(enum status status, const char *path)
{
	switch (status) {
	case STATUS_DENIED:
		return ctl_refuse("%s: that is not its password", path);
	case STATUS_NOT_FOUND:
		return ctl_refuse("%s: no certificate in it fits its private key", path);
	case STATUS_INVALID:
		return ctl_refuse("%s: there is no private key in it that can be read", path);
	case STATUS_CONFLICT:
		return ctl_refuse("OpenPGP keys are read in memory only, and keys.runtime_folder "
				  "is on a disk");
	case STATUS_TOO_LARGE:
		return ctl_refuse("%s: it is too large", path);
	default:
		return administrator_refuse(status, "", "");
	}
}

/* Without a password first: many files have none, and then nobody is asked. */
static int
import(struct administrator *administrator, const struct own_keys_order *wanted,
       const char *password_file)
{
	const struct messenger *messenger = &administrator->messenger;
	struct secret password = {NULL, 0};
	struct own_keys_order order = *wanted;
	struct own_keys_import *imports;
	int64_t now = clock_now();
	size_t count;
	enum status status;

	order.passphrase = &password;
	if (password_file != NULL && !password_from_file(password_file, &password))
		return 1;
	status = own_keys_import(messenger, &order, now, administrator->arena, &imports, &count);
	if (status == STATUS_DENIED && password_file == NULL) {
		if (!password_ask_known("Password of the file", &password))
			return 1;
		status =
		    own_keys_import(messenger, &order, now, administrator->arena, &imports, &count);
	}
	secret_clear(&password);
	return status == STATUS_OK ? show_imports(administrator, imports, count)
				   : refuse_file(status, order.place);
}

int
ctl_own_key_import(const struct ctl_call *call)
{
	const char *address = NULL, *password_file = NULL, *path;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--address", .text = &address},
	    {.name = "--password-file", .text = &password_file},
	    {.name = "--json", .flag = &json},
	};
	struct own_keys_order order;
	struct administrator administrator;
	struct finder *finder = NULL;
	enum status status;
	int result;

	if (!arguments_read(call, options, 3, &path, 1) ||
	    (address != NULL && !arguments_address(call, address)))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	if (finder_open(call->config, false, stderr, &finder) != STATUS_OK)
		return administrator_close(&administrator,
					   ctl_refuse("keys cannot be judged: is gpg there?"));
	administrator.messenger.finder = finder;
	order = (struct own_keys_order){.place = path, .address = address};
	status = file_read(path, OWN_KEYS_FILE_MAX, administrator.arena, &order.file);
	if (status != STATUS_OK)
		result = ctl_refuse("%s: %s", path, status_text(status));
	else
		result = import(&administrator, &order, password_file);
	finder_close(finder);
	return administrator_close(&administrator, result);
}

/* --- list, show --- */

static const struct output_column key_columns[] = {
    {"key", "KEY", OUTPUT_TEXT, 0},	   {"address", "ADDRESS", OUTPUT_TEXT, 40},
    {"kind", "KIND", OUTPUT_TEXT, 0},	   {"expires_at", "EXPIRES (UTC)", OUTPUT_TIME, 0},
    {"fingerprint", NULL, OUTPUT_TEXT, 0}, {"place", NULL, OUTPUT_TEXT, 0},
    {"owner", NULL, OUTPUT_TEXT, 0},	   {"issuer", NULL, OUTPUT_TEXT, 0},
    {"algorithm", NULL, OUTPUT_TEXT, 0},   {"added_at", NULL, OUTPUT_TIME, 0},
};
#define KEY_COLUMNS (sizeof(key_columns) / sizeof(key_columns[0]))

static void
fill_key(const struct own_key *key, struct arena *arena, struct output_cell *cells)
{
	const struct output_cell filled[] = {
	    output_id(key->id, arena),
	    output_text(key->address),
	    output_text(name_of_key_kind(key->kind)),
	    output_number(key->evidence.expires_at),
	    output_text(key->evidence.fingerprint),
	    output_text(key->evidence.place),
	    output_text(key->evidence.owner),
	    output_text(key->evidence.issuer),
	    output_text(key->evidence.algorithm),
	    output_number(key->added_at),
	};

	_Static_assert(sizeof(filled) / sizeof(filled[0]) == KEY_COLUMNS, "a cell per column");
	memcpy(cells, filled, sizeof(filled));
}

int
ctl_own_key_list(const struct ctl_call *call)
{
	long long limit = 1000;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--limit", .number = &limit, .least = 1, .most = 10000},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	struct output_cell *cells;
	struct own_key *keys;
	size_t count;
	enum status status;

	if (!arguments_read(call, options, 2, NULL, 0))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	status = own_keys_list(&administrator.messenger, NULL, (size_t)limit, administrator.arena,
			       &keys, &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	cells = arena_alloc_many(administrator.arena, count * KEY_COLUMNS + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++)
		fill_key(&keys[i], administrator.arena, cells + i * KEY_COLUMNS);
	output_list(administrator.output, "keys", key_columns, KEY_COLUMNS, cells, count);
	if (count == 0)
		output_note(administrator.output, "There is none.");
	return administrator_close(&administrator, 0);
}

/* Unless STATUS_OK it has been told, and nothing is open. */
static enum status
read_key(const struct ctl_call *call, bool json, const struct id *id,
	 struct administrator *administrator, struct own_key *key)
{
	enum status status;

	if (!administrator_open(call, DISPLAY_NEEDED, json, administrator))
		return STATUS_UNAVAILABLE;
	status = own_keys_read(&administrator->messenger, id, administrator->arena, key);
	if (status != STATUS_OK)
		(void)administrator_close(
		    administrator,
		    administrator_refuse(status, "there is no own key with that id", ""));
	return status;
}

int
ctl_own_key_show(const struct ctl_call *call)
{
	static const struct output_column columns[] = {
	    {"key", "key", OUTPUT_TEXT, 0},
	    {"address", "address", OUTPUT_TEXT, 0},
	    {"kind", "kind", OUTPUT_TEXT, 0},
	    {"expires_at", "expires (UTC)", OUTPUT_TIME, 0},
	    {"fingerprint", "fingerprint", OUTPUT_TEXT, 0},
	    {"place", "place", OUTPUT_TEXT, 0},
	    {"owner", "owner", OUTPUT_TEXT, 0},
	    {"issuer", "issuer", OUTPUT_TEXT, 0},
	    {"algorithm", "algorithm", OUTPUT_TEXT, 0},
	    {"added_at", "added (UTC)", OUTPUT_TIME, 0},
	};
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct output_cell cells[KEY_COLUMNS];
	struct administrator administrator;
	struct own_key key;
	const char *word;
	struct id id;

	_Static_assert(sizeof(columns) / sizeof(columns[0]) == KEY_COLUMNS, "as in the table");
	if (!arguments_read(call, options, 1, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (read_key(call, json, &id, &administrator, &key) != STATUS_OK)
		return 1;
	fill_key(&key, administrator.arena, cells);
	output_record(administrator.output, columns, KEY_COLUMNS, cells);
	return administrator_close(&administrator, 0);
}

/* --- export, delete --- */

int
ctl_own_key_export(const struct ctl_call *call)
{
	struct administrator administrator;
	struct own_key key;
	const char *word;
	struct id id;

	if (!arguments_read(call, NULL, 0, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (read_key(call, false, &id, &administrator, &key) != STATUS_OK)
		return 1;
	if (!export_key(key.kind, key.material, key.chain, key.chain_count))
		return administrator_close(&administrator,
					   ctl_refuse("the key could not be written"));
	return administrator_close(&administrator, 0);
}

int
ctl_own_key_delete(const struct ctl_call *call)
{
	return administrator_decide(call, "deleted", own_keys_delete,
				    "there is no own key with that id", "");
}
