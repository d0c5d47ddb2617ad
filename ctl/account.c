#include "ctl/ctl.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "mail/utf8.h"
#include "messenger/account.h"
#include "messenger/account_event.h"
#include "messenger/passkey.h"
#include "messenger/reset.h"
#include "messenger/sessions.h"

#define EVENTS_SHOWN ((size_t)50)

static const struct output_column account_columns[] = {
    {"address", "Address", OUTPUT_TEXT, 0},
    {"factors", "Second factors", OUTPUT_WORDS, 0},
    {"factor_since", "App set up (UTC)", OUTPUT_TIME, 0},
    {"factor_used_at", "App last used (UTC)", OUTPUT_TIME, 0},
    {"recovery_codes", "Recovery codes left", OUTPUT_NUMBER, 0},
    {"sessions", "Sessions", OUTPUT_NUMBER, 0},
};
#define ACCOUNT_COLUMNS (sizeof(account_columns) / sizeof(account_columns[0]))

static const struct output_column passkey_columns[] = {
    {"name", "PASSKEY", OUTPUT_TEXT, 40},
    {"since", "ADDED (UTC)", OUTPUT_TIME, 0},
    {"used_at", "LAST USED (UTC)", OUTPUT_TIME, 0},
};
#define PASSKEY_COLUMNS (sizeof(passkey_columns) / sizeof(passkey_columns[0]))

static const struct output_column reset_columns[] = {
    {"state", "RESET", OUTPUT_TEXT, 0},		 {"begun_at", "BEGUN (UTC)", OUTPUT_TIME, 0},
    {"begun_by", "BY", OUTPUT_TEXT, 24},	 {"begun_from", "FROM", OUTPUT_TEXT, 16},
    {"ready_at", "READY (UTC)", OUTPUT_TIME, 0}, {"lapses_at", "LAPSES (UTC)", OUTPUT_TIME, 0},
    {"ended_at", "ENDED (UTC)", OUTPUT_TIME, 0}, {"ended_by", "BY", OUTPUT_TEXT, 24},
    {"ended_from", "FROM", OUTPUT_TEXT, 16},
};
#define RESET_COLUMNS (sizeof(reset_columns) / sizeof(reset_columns[0]))

static const struct output_column event_columns[] = {
    {"at", "AT (UTC)", OUTPUT_TIME, 0},
    {"what", "WHAT", OUTPUT_TEXT, 0},
    {"detail", "FROM WHERE, BY WHOM", OUTPUT_TEXT, 48},
};
#define EVENT_COLUMNS (sizeof(event_columns) / sizeof(event_columns[0]))

/* --- showing --- */

static const char *
names_of_factors(const struct account_view *view)
{
	if (view->passkeys > 0)
		return view->has_totp ? "totp passkey" : "passkey";
	return view->has_totp ? "totp" : "";
}

static enum status
show_account(struct administrator *administrator, const char *address, struct slice index,
	     int64_t now)
{
	struct arena *arena = administrator->arena;
	struct account_session nobody = {.address = address, .index = index};
	struct session_view *sessions;
	struct account_view view;
	size_t count;
	enum status status =
	    messenger_account_look(&administrator->messenger, address, arena, &view);

	if (status == STATUS_OK)
		status = messenger_sessions_list(&administrator->messenger, &nobody, now, arena,
						 &sessions, &count);
	if (status == STATUS_OK) {
		const struct output_cell cells[] = {
		    output_text(address),
		    output_text(names_of_factors(&view)),
		    output_number(view.totp_since),
		    output_number(view.totp_used_at),
		    output_number((int64_t)view.recovery_left),
		    output_number((int64_t)count),
		};

		_Static_assert(sizeof(cells) / sizeof(cells[0]) == ACCOUNT_COLUMNS,
			       "a cell per column");
		output_record(administrator->output, account_columns, ACCOUNT_COLUMNS, cells);
	}
	return status;
}

static enum status
show_passkeys(struct administrator *administrator, struct slice index)
{
	struct passkey_view *views;
	struct output_cell *cells;
	size_t count;
	enum status status = messenger_passkey_list(&administrator->messenger, index,
						    administrator->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	cells = arena_alloc_many(administrator->arena, count * PASSKEY_COLUMNS + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		struct output_cell *row = cells + i * PASSKEY_COLUMNS;

		row[0] = output_text(views[i].name);
		row[1] = output_number(views[i].created_at);
		row[2] = output_number(views[i].used_at);
	}
	output_list(administrator->output, "passkeys", passkey_columns, PASSKEY_COLUMNS, cells,
		    count);
	return STATUS_OK;
}

static enum status
show_resets(struct administrator *administrator, struct slice index, int64_t now)
{
	struct output_cell *cells;
	struct reset_view *views;
	size_t count;
	enum status status = messenger_reset_list(&administrator->messenger, index, now,
						  administrator->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	cells = arena_alloc_many(administrator->arena, count * RESET_COLUMNS + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		const struct output_cell filled[] = {
		    output_text(name_of_reset(views[i].state)),
		    output_number(views[i].begun_at),
		    output_text(views[i].begun_by.name),
		    output_text(views[i].begun_by.account),
		    output_number(views[i].ready_at),
		    output_number(views[i].lapses_at),
		    output_number(views[i].ended_at),
		    output_text(views[i].ended_by.name),
		    output_text(views[i].ended_by.account),
		};

		_Static_assert(sizeof(filled) / sizeof(filled[0]) == RESET_COLUMNS,
			       "a cell per column");
		administrator_see_name(administrator, views[i].begun_by.name);
		memcpy(cells + i * RESET_COLUMNS, filled, sizeof(filled));
	}
	output_list(administrator->output, "resets", reset_columns, RESET_COLUMNS, cells, count);
	return STATUS_OK;
}

static enum status
show_events(struct administrator *administrator, struct slice index)
{
	struct account_event_view *views;
	struct output_cell *cells;
	size_t count;
	enum status status = messenger_account_events(
	    &administrator->messenger, index, EVENTS_SHOWN, administrator->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	cells = arena_alloc_many(administrator->arena, count * EVENT_COLUMNS + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		struct output_cell *row = cells + i * EVENT_COLUMNS;

		row[0] = output_number(views[i].at);
		row[1] = output_text(name_of_event(views[i].what));
		row[2] = output_text(views[i].detail);
	}
	output_list(administrator->output, "events", event_columns, EVENT_COLUMNS, cells, count);
	return STATUS_OK;
}

int
ctl_account_show(const struct ctl_call *call)
{
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct administrator administrator;
	int64_t now = clock_now();
	struct slice index;
	const char *word;
	enum status status;

	if (!arguments_read(call, options, 1, &word, 1) || !arguments_address(call, word))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	index = messenger_address_index(&administrator.messenger, word, administrator.arena);
	status = show_account(&administrator, word, index, now);
	if (status == STATUS_OK)
		status = show_passkeys(&administrator, index);
	if (status == STATUS_OK)
		status = show_resets(&administrator, index, now);
	if (status == STATUS_OK)
		status = show_events(&administrator, index);
	return administrator_close(&administrator,
				   status == STATUS_OK ? 0 : administrator_refuse(status, "", ""));
}

/* --- resetting --- */

/* One line, as people are called. */
static bool
is_name(const char *name)
{
	struct slice text = slice_from_text(name);

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return slice_trim(text).size > 0 && text.size <= RESET_NAME_MAX && utf8_is_valid(text);
}

/* Whose account of this machine runs the command: behind sudo that of who called it.  Whoever is
 * root can write anything there (docs/operating.md). */
static const char *
account_of_caller(struct arena *arena)
{
	const char *caller = getenv("SUDO_USER");
	const struct passwd *entry;

	if (caller != NULL && is_name(caller))
		return arena_copy_text(arena, caller);
	entry = getpwuid(getuid());
	if (entry != NULL && is_name(entry->pw_name))
		return arena_copy_text(arena, entry->pw_name);
	return arena_printf(arena, "uid %lld", (long long)getuid());
}

static int
refuse(enum status status, bool confirm, int64_t ready_at)
{
	char time[CLOCK_TEXT_SIZE];

	if (status == STATUS_DENIED)
		return ctl_refuse("a second person has to complete it: neither the name nor the "
				  "account of this machine may be that of who began");
	if (status == STATUS_BUSY) {
		clock_format_people(ready_at, time);
		return ctl_refuse("it cannot be completed before %s", time);
	}
	return administrator_refuse(
	    status,
	    confirm ? "no reset is begun for this address: it was stopped, completed, has lapsed, "
		      "or never was"
		    : "there is no second factor to be taken away",
	    "a reset is begun already: see `postern ctl account show`");
}

static void
show_step(struct administrator *administrator, const char *address, const struct reset_person *by,
	  bool confirm, int64_t ready_at)
{
	const struct output_column columns[] = {
	    {confirm ? "completed" : "begun", confirm ? "Completed" : "Begun", OUTPUT_TEXT, 0},
	    {"by", "By", OUTPUT_TEXT, 0},
	    {"from", "From", OUTPUT_TEXT, 0},
	    {"ready_at", "To be completed from (UTC)", OUTPUT_TIME, 0},
	};
	const struct output_cell cells[] = {
	    output_text(address),
	    output_text(by->name),
	    output_text(by->account),
	    output_number(ready_at),
	};

	output_record(administrator->output, columns, confirm ? 3 : 4, cells);
	output_note(administrator->output,
		    confirm
			? "All second factors and sessions are gone; the person is told by mail."
			: "The person is told by mail, and can stop it. A second administrator "
			  "completes it with --confirm.");
}

int
ctl_account_reset(const struct ctl_call *call)
{
	bool json = false, confirm = false;
	struct reset_person by = {.name = NULL};
	const struct argument_option options[] = {
	    {.name = "--by", .text = &by.name},
	    {.name = "--confirm", .flag = &confirm},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	int64_t ready_at;
	const char *word;
	enum status status;

	if (!arguments_read(call, options, 3, &word, 1) || !arguments_address(call, word))
		return 2;
	if (by.name == NULL || !is_name(by.name))
		return ctl_usage(call, "--by expects the name of who does it");
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	by.account = account_of_caller(administrator.arena);
	status = confirm ? messenger_reset_complete(&administrator.messenger, word, &by,
						    clock_now(), &ready_at)
			 : messenger_reset_begin(&administrator.messenger, word, &by, clock_now(),
						 &ready_at);
	if (status != STATUS_OK)
		return administrator_close(&administrator, refuse(status, confirm, ready_at));
	show_step(&administrator, word, &by, confirm, ready_at);
	return administrator_close(&administrator, 0);
}
