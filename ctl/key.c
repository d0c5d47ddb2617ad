#include "ctl/ctl.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/export.h"
#include "ctl/names.h"
#include "messenger/keyring.h"

/* Beyond what the courier's search may take, and a look at the database now and then. */
#define FIND_MARGIN_MS ((int64_t)5000)
#define FIND_PAUSE_US 50000

#define NO_KEY "there is no key with that id"
#define NO_ACCEPTING                                                                               \
	"what it is in review for is wrong with the key itself: accepting would not make it "      \
	"usable (`postern ctl key show ID`)"

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
wait_for_answer(const struct ctl_call *call, struct administrator *administrator,
		const char *address, const char **said_out)
{
	int64_t until =
	    clock_monotonic_ms() + FIND_MARGIN_MS +
	    FINDER_DEADLINES * INT64_C(1000) * config_number(call->config, "keys.deadline");

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
		status = wait_for_answer(call, &administrator, address, &said);
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
