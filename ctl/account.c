#include "ctl/account.h"

#include <string.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "ctl/person.h"
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

const char *
account_factor_names(const struct account_view *view)
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
		    output_text(account_factor_names(&view)),
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

enum status
account_show_resets(struct administrator *administrator, struct slice index, int64_t now)
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
		status = account_show_resets(&administrator, index, now);
	if (status == STATUS_OK)
		status = show_events(&administrator, index);
	return administrator_close(&administrator,
				   status == STATUS_OK ? 0 : administrator_refuse(status, "", ""));
}

/* --- resetting --- */

int
ctl_account_reset(const struct ctl_call *call)
{
	static const struct person_faults begin_faults = {
	    .not_found = "there is no second factor to be taken away",
	    .conflict = "a reset is begun already: see `postern ctl account show`",
	};
	static const struct person_faults confirm_faults = {
	    .not_found = "no reset is begun for this address: it was stopped, completed, has "
			 "lapsed, or never was",
	    .gone = "somebody has agreed to it already, and it is done by itself: see `postern ctl "
		    "account show`",
	};
	static const struct person_step begun = {
	    "begun", "Begun", "To be completed from (UTC)",
	    "The person is told by mail, and can stop it. A second administrator completes it with "
	    "--confirm."};
	static const struct person_step completed = {
	    "completed", "Completed", NULL,
	    "All second factors and sessions are gone; the person is told by mail."};
	static const struct person_step agreed = {
	    "agreed", "Agreed", "Done by itself at (UTC)",
	    "A sender had asked for it. The person is told by mail, and can stop it."};
	struct arena *arena = arena_new();
	struct administrator administrator;
	struct person_call person;
	const struct person_step *step;
	bool waits = false;
	int64_t ready_at;
	int result = 2;
	enum status status;

	if (!person_read(call, arena, &person))
		goto done;
	result = 1;
	if (!administrator_open(call, DISPLAY_NEEDED, person.json, &administrator))
		goto done;
	status = person.confirm
		     ? messenger_reset_complete(&administrator.messenger, person.address,
						&person.by, clock_now(), &waits, &ready_at)
		     : messenger_reset_begin(&administrator.messenger, person.address, &person.by,
					     clock_now(), &ready_at);
	step = waits ? &agreed : person.confirm ? &completed : &begun;
	if (status == STATUS_OK)
		person_show(administrator.output, &person, step, ready_at);
	result = administrator_close(
	    &administrator, status == STATUS_OK
				? 0
				: person_refuse(status, ready_at,
						person.confirm ? &confirm_faults : &begin_faults));
done:
	arena_free(arena);
	return result;
}
