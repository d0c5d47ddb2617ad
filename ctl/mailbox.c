#include "ctl/ctl.h"

#include <string.h>

#include "base/clock.h"
#include "ctl/account.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "ctl/person.h"
#include "messenger/give_up.h"
#include "messenger/mailbox_overview.h"

static const struct output_column list_columns[] = {
    {"mailbox", "MAILBOX", OUTPUT_TEXT, 0},
    {"address", "ADDRESS", OUTPUT_TEXT, 40},
    {"since", "SINCE (UTC)", OUTPUT_TIME, 0},
    {"messages", "MESSAGES", OUTPUT_NUMBER, 0},
    {"bytes", "BYTES", OUTPUT_NUMBER, 0},
    {"signed_in_at", "LAST SIGNED IN (UTC)", OUTPUT_TIME, 0},
};
#define LIST_COLUMNS (sizeof(list_columns) / sizeof(list_columns[0]))

static const struct output_column show_columns[] = {
    {"mailbox", "Mailbox", OUTPUT_TEXT, 0},
    {"address", "Address", OUTPUT_TEXT, 0},
    {"since", "Since (UTC)", OUTPUT_TIME, 0},
    {"passphrase_since", "Passphrase since (UTC)", OUTPUT_TIME, 0},
    {"messages", "Messages", OUTPUT_NUMBER, 0},
    {"bytes", "Bytes", OUTPUT_NUMBER, 0},
    {"signed_in_at", "Last signed in (UTC)", OUTPUT_TIME, 0},
    {"sessions", "Sessions", OUTPUT_NUMBER, 0},
    {"factors", "Second factors", OUTPUT_WORDS, 0},
    {"recovery_codes", "Recovery codes left", OUTPUT_NUMBER, 0},
};
#define SHOW_COLUMNS (sizeof(show_columns) / sizeof(show_columns[0]))

static const struct output_column give_up_columns[] = {
    {"state", "GIVING UP", OUTPUT_TEXT, 0},	 {"begun_at", "BEGUN (UTC)", OUTPUT_TIME, 0},
    {"begun_by", "BY", OUTPUT_TEXT, 24},	 {"begun_from", "FROM", OUTPUT_TEXT, 16},
    {"ready_at", "READY (UTC)", OUTPUT_TIME, 0}, {"ended_at", "ENDED (UTC)", OUTPUT_TIME, 0},
    {"ended_by", "BY", OUTPUT_TEXT, 24},	 {"ended_from", "FROM", OUTPUT_TEXT, 16},
};
#define GIVE_UP_COLUMNS (sizeof(give_up_columns) / sizeof(give_up_columns[0]))

/* --- the list --- */

static void
show_list(struct administrator *administrator, const struct mailbox_overview *list, size_t count,
	  bool more)
{
	static const struct output_column more_column = {"more", NULL, OUTPUT_FLAG, 0};
	struct output_cell is_more = output_number(more);
	struct arena *arena = administrator->arena;
	struct output_cell *cells =
	    arena_alloc_many(arena, count * LIST_COLUMNS + 1, sizeof(*cells));
	char id[ID_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct mailbox_overview_row *row = &list[i].row;
		const struct output_cell filled[] = {
		    output_id(row->id, arena),	     output_text(list[i].address),
		    output_number(row->created_at),  output_number(row->usage.messages),
		    output_number(row->usage.bytes), output_number(row->entered_at),
		};

		_Static_assert(sizeof(filled) / sizeof(filled[0]) == LIST_COLUMNS,
			       "a cell per column");
		administrator_see_name(administrator, list[i].address);
		memcpy(cells + i * LIST_COLUMNS, filled, sizeof(filled));
	}
	output_list(administrator->output, "mailboxes", list_columns, LIST_COLUMNS, cells, count);
	output_record(administrator->output, &more_column, 1, &is_more);
	if (count == 0)
		output_note(administrator->output, "There is none.");
	else if (more)
		output_note(administrator->output,
			    arena_printf(arena, "There are more: --after %s",
					 id_text(list[count - 1].row.id, id)));
}

int
ctl_mailbox_list(const struct ctl_call *call)
{
	const char *after = NULL;
	long long limit = 50;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--limit", .number = &limit, .least = 1, .most = 1000},
	    {.name = "--after", .text = &after},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	struct mailbox_overview *list;
	struct id behind = {{0}};
	size_t count;
	enum status status;

	if (!arguments_read(call, options, sizeof(options) / sizeof(options[0]), NULL, 0) ||
	    (after != NULL && !arguments_id(call, after, &behind)))
		return 2;
	if (!administrator_open(call, DISPLAY_WANTED, json, &administrator))
		return 1;
	/* One more than is shown tells whether there are more. */
	status = messenger_mailbox_list_all(&administrator.messenger, &behind, (size_t)limit + 1,
					    administrator.arena, &list, &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	show_list(&administrator, list, count > (size_t)limit ? (size_t)limit : count,
		  count > (size_t)limit);
	return administrator_close(&administrator, 0);
}

/* --- one --- */

static enum status
show_mailbox(struct administrator *administrator, const char *address, struct slice index)
{
	struct arena *arena = administrator->arena;
	struct mailbox_overview overview;
	struct account_view account;
	const struct mailbox_overview_row *row = &overview.row;
	enum status status =
	    messenger_mailbox_show(&administrator->messenger, index, arena, &overview);

	if (status == STATUS_OK)
		status =
		    messenger_account_look(&administrator->messenger, address, arena, &account);
	if (status == STATUS_OK) {
		const struct output_cell cells[] = {
		    output_id(row->id, arena),
		    output_text(address),
		    output_number(row->created_at),
		    output_number(row->changed_at),
		    output_number(row->usage.messages),
		    output_number(row->usage.bytes),
		    output_number(row->entered_at),
		    output_number(row->sessions),
		    output_text(account_factor_names(&account)),
		    output_number((int64_t)account.recovery_left),
		};

		_Static_assert(sizeof(cells) / sizeof(cells[0]) == SHOW_COLUMNS,
			       "a cell per column");
		output_record(administrator->output, show_columns, SHOW_COLUMNS, cells);
	}
	return status;
}

static enum status
show_give_ups(struct administrator *administrator, struct slice index, int64_t now,
	      size_t *count_out)
{
	struct give_up_view *views;
	struct output_cell *cells;
	size_t count;
	enum status status = messenger_give_up_list(&administrator->messenger, index, now,
						    administrator->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	cells = arena_alloc_many(administrator->arena, count * GIVE_UP_COLUMNS + 1, sizeof(*cells));
	for (size_t i = 0; i < count; i++) {
		const struct output_cell filled[] = {
		    output_text(name_of_give_up(views[i].state)),
		    output_number(views[i].begun_at),
		    output_text(views[i].begun_by.name),
		    output_text(views[i].begun_by.account),
		    output_number(views[i].ready_at),
		    output_number(views[i].ended_at),
		    output_text(views[i].ended_by.name),
		    output_text(views[i].ended_by.account),
		};

		_Static_assert(sizeof(filled) / sizeof(filled[0]) == GIVE_UP_COLUMNS,
			       "a cell per column");
		memcpy(cells + i * GIVE_UP_COLUMNS, filled, sizeof(filled));
	}
	output_list(administrator->output, "give_ups", give_up_columns, GIVE_UP_COLUMNS, cells,
		    count);
	*count_out = count;
	return STATUS_OK;
}

/* What became of a mailbox that is gone is shown, too. */
int
ctl_mailbox_show(const struct ctl_call *call)
{
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct administrator administrator;
	int64_t now = clock_now();
	struct slice index;
	const char *word;
	size_t past = 0;
	bool is_there;
	enum status status;

	if (!arguments_read(call, options, 1, &word, 1) || !arguments_address(call, word))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, json, &administrator))
		return 1;
	index = messenger_address_index(&administrator.messenger, word, administrator.arena);
	status = show_mailbox(&administrator, word, index);
	is_there = status == STATUS_OK;
	if (is_there || status == STATUS_NOT_FOUND)
		status = show_give_ups(&administrator, index, now, &past);
	if (status == STATUS_OK && is_there)
		status = account_show_resets(&administrator, index, now);
	if (status == STATUS_OK && !is_there && past == 0)
		status = STATUS_NOT_FOUND;
	return administrator_close(
	    &administrator,
	    status == STATUS_OK
		? 0
		: administrator_refuse(status, "there is no mailbox of this address", ""));
}

/* --- its end --- */

int
ctl_mailbox_give_up(const struct ctl_call *call)
{
	static const struct person_faults begin_faults = {
	    .not_found = "there is no mailbox of this address",
	    .conflict = "it is begun already: see `postern ctl mailbox show`",
	};
	static const struct person_faults confirm_faults = {
	    .not_found = "no administrator has begun to give up a mailbox of this address: it was "
			 "stopped, completed, has lapsed, or never was",
	};
	static const struct person_step begun = {
	    "begun", "Begun", "To be completed from (UTC)",
	    "The person is told by mail, and can stop it. Nothing new is put into the mailbox. A "
	    "second administrator completes it with --confirm."};
	static const struct person_step completed = {
	    "completed", "Completed", NULL,
	    "The courier gives the mailbox up now; the person is told by mail."};
	struct arena *arena = arena_new();
	struct administrator administrator;
	struct person_call person;
	int64_t ready_at;
	int result = 2;
	enum status status;

	if (!person_read(call, arena, &person))
		goto done;
	result = 1;
	if (!administrator_open(call, DISPLAY_NEEDED, person.json, &administrator))
		goto done;
	status = person.confirm
		     ? messenger_give_up_complete(&administrator.messenger, person.address,
						  &person.by, clock_now(), &ready_at)
		     : messenger_give_up_by(&administrator.messenger, person.address, &person.by,
					    clock_now(), &ready_at);
	if (status == STATUS_OK)
		person_show(administrator.output, &person, person.confirm ? &completed : &begun,
			    ready_at);
	result = administrator_close(
	    &administrator, status == STATUS_OK
				? 0
				: person_refuse(status, ready_at,
						person.confirm ? &confirm_faults : &begin_faults));
done:
	arena_free(arena);
	return result;
}
