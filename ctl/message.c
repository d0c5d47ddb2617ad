#include "ctl/ctl.h"

#include <string.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "mail/address.h"
#include "messenger/administer.h"
#include "messenger/desk.h"

#define NOT_THERE "there is no delivery with that id"
#define TOO_LATE                                                                                   \
	"its state does not allow that (any more): see what `postern ctl message show` says"

#define BIT(state) (1u << (state))
#define ALL_STATES 0xfffu

/* The same as at the sender's desk. */
static const struct {
	const char *word;
	enum desk_part part;
	unsigned states;
} filters[] = {
    {"all", DESK_EVERYBODY, ALL_STATES},
    {"waiting", DESK_EVERYBODY_SECURED, BIT(DELIVERY_HELD)},
    {"unread", DESK_EVERYBODY_SECURED, BIT(DELIVERY_SECURING) | BIT(DELIVERY_READY)},
    {"read", DESK_EVERYBODY_SECURED, BIT(DELIVERY_OPENED)},
    {"over", DESK_EVERYBODY_SECURED,
     BIT(DELIVERY_FAILED) | BIT(DELIVERY_EXPIRED) | BIT(DELIVERY_RECALLED) |
	 BIT(DELIVERY_DESTROYED)},
    {"plain", DESK_EVERYBODY_PLAIN, ALL_STATES},
};

static const struct output_column list_columns[] = {
    {"delivery", "DELIVERY", OUTPUT_TEXT, 0},
    {"message", "MESSAGE", OUTPUT_TEXT, 0},
    {"created_at", "WHEN (UTC)", OUTPUT_TIME, 0},
    {"state", "STATE", OUTPUT_TEXT, 0},
    {"expires_at", "EXPIRES (UTC)", OUTPUT_TIME, 0},
    {"sender", "SENDER", OUTPUT_TEXT, 28},
    {"recipient", "RECIPIENT", OUTPUT_TEXT, 28},
    {"subject", "SUBJECT", OUTPUT_TEXT, 28},
    {"route", NULL, OUTPUT_TEXT, 0},
    {"opened_at", NULL, OUTPUT_TIME, 0},
    {"replied_at", NULL, OUTPUT_TIME, 0},
    {"asked_at", NULL, OUTPUT_TIME, 0},
    {"suspended_at", NULL, OUTPUT_TIME, 0},
    {"closed_at", NULL, OUTPUT_TIME, 0},
};
#define LIST_COLUMNS (sizeof(list_columns) / sizeof(list_columns[0]))

static void
fill_line(const struct desk_line *line, struct arena *arena, struct output_cell *cells)
{
	const struct desk_row *row = &line->row;
	const struct output_cell filled[] = {
	    output_id(row->delivery_id, arena),	    output_id(row->message_id, arena),
	    output_number(row->created_at),	    output_text(name_of_state(row->state)),
	    output_number(row->expires_at),	    output_text(line->sender),
	    output_text(line->recipient),	    output_text(line->subject),
	    output_text(name_of_route(row->route)), output_number(row->opened_at),
	    output_number(row->replied_at),	    output_number(row->asked_at),
	    output_number(row->suspended_at),	    output_number(row->closed_at),
	};

	_Static_assert(sizeof(filled) / sizeof(filled[0]) == LIST_COLUMNS, "a cell per column");
	memcpy(cells, filled, sizeof(filled));
}

static void
show_list(struct administrator *administrator, const struct desk_answer *answer)
{
	static const struct output_column more = {"more", NULL, OUTPUT_FLAG, 0};
	struct output_cell is_more = output_number(answer->found.more);
	struct arena *arena = administrator->arena;
	char id[ID_TEXT_SIZE];
	struct output_cell *cells =
	    arena_alloc_many(arena, answer->found.count * LIST_COLUMNS + 1, sizeof(*cells));

	for (size_t i = 0; i < answer->found.count; i++) {
		administrator_see_name(administrator, answer->lines[i].recipient);
		fill_line(&answer->lines[i], arena, cells + i * LIST_COLUMNS);
	}
	output_list(administrator->output, "deliveries", list_columns, LIST_COLUMNS, cells,
		    answer->found.count);
	output_record(administrator->output, &more, 1, &is_more);
	id_text(answer->found.looked_to.delivery_id, id);
	if (answer->found.count == 0)
		output_note(administrator->output, "There is none.");
	else if (answer->found.more)
		output_note(administrator->output,
			    arena_printf(arena, "There are more: --before %s", id));
}

struct list_wishes {
	const char *sender;
	size_t filter;
	long long limit;
	bool has_before;
	struct id before;
	bool json;
};

static bool
read_wishes(const struct ctl_call *call, struct list_wishes *wishes)
{
	const char *state = "all", *before = NULL;
	const struct argument_option options[] = {
	    {.name = "--sender", .text = &wishes->sender},
	    {.name = "--state", .text = &state},
	    {.name = "--limit", .number = &wishes->limit, .least = 1, .most = 1000},
	    {.name = "--before", .text = &before},
	    {.name = "--json", .flag = &wishes->json},
	};

	*wishes = (struct list_wishes){.limit = 50};
	if (!arguments_read(call, options, sizeof(options) / sizeof(options[0]), NULL, 0))
		return false;
	for (wishes->filter = 0; wishes->filter < sizeof(filters) / sizeof(filters[0]);
	     wishes->filter++)
		if (strcmp(filters[wishes->filter].word, state) == 0)
			break;
	if (wishes->filter == sizeof(filters) / sizeof(filters[0])) {
		ctl_usage(call, "there is no such state");
		return false;
	}
	wishes->has_before = before != NULL;
	if (before != NULL && !arguments_id(call, before, &wishes->before))
		return false;
	return wishes->sender == NULL || arguments_address(call, wishes->sender);
}

int
ctl_message_list(const struct ctl_call *call)
{
	struct desk_question question = {.behind = desk_place_first()};
	struct slice sender = {NULL, 0};
	struct administrator administrator;
	struct list_wishes wishes;
	struct desk_answer answer;
	enum status status = STATUS_OK;

	if (!read_wishes(call, &wishes))
		return 2;
	if (!administrator_open(call, wishes.sender != NULL ? DISPLAY_NEEDED : DISPLAY_WANTED,
				wishes.json, &administrator))
		return 1;
	question.part = filters[wishes.filter].part;
	question.states = filters[wishes.filter].states;
	if (wishes.sender != NULL)
		sender = messenger_address_index(&administrator.messenger, wishes.sender,
						 administrator.arena);
	if (wishes.has_before)
		status = administer_place(&administrator.messenger, &wishes.before,
					  administrator.arena, &question.behind);
	if (status == STATUS_OK)
		status = messenger_desk_list(&administrator.messenger, sender, &question,
					     (size_t)wishes.limit, administrator.arena, &answer);
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   administrator_refuse(status, NOT_THERE, TOO_LATE));
	show_list(&administrator, &answer);
	return administrator_close(&administrator, 0);
}

static int
tell_recalled(struct administrator *administrator, size_t count)
{
	static const struct output_column column = {"recalled", "deliveries taken back",
						    OUTPUT_NUMBER, 0};
	struct output_cell cell = output_number((int64_t)count);

	output_record(administrator->output, &column, 1, &cell);
	return administrator_close(administrator, 0);
}

static int
recall_all(struct administrator *administrator, const struct id *id)
{
	size_t count;
	enum status status =
	    administer_recall_all(&administrator->messenger, id, clock_now(), &count);

	if (status == STATUS_OK && count > 0)
		return tell_recalled(administrator, count);
	if (status == STATUS_OK)
		ctl_refuse("nothing of that message can be taken back");
	else if (count > 0)
		ctl_refuse("%zu deliveries were taken back, then it failed (%s); try again", count,
			   status_text(status));
	else
		administrator_refuse(status, "there is no message with that id", TOO_LATE);
	return administrator_close(administrator, 1);
}

int
ctl_message_recall(const struct ctl_call *call)
{
	bool all = false, json = false;
	const struct argument_option options[] = {
	    {.name = "--all", .flag = &all},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	const char *word;
	struct id id;
	enum status status;

	if (!arguments_read(call, options, 2, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (!administrator_open(call, DISPLAY_UNUSED, json, &administrator))
		return 1;
	if (all)
		return recall_all(&administrator, &id);
	status = administer_recall(&administrator.messenger, &id, clock_now());
	if (status == STATUS_OK)
		return tell_recalled(&administrator, 1);
	return administrator_close(
	    &administrator,
	    administrator_refuse(status, NOT_THERE "; with --all, the id of a message is taken",
				 TOO_LATE));
}

int
ctl_message_extend(const struct ctl_call *call)
{
	static const struct output_column columns[] = {
	    {"delivery", "delivery", OUTPUT_TEXT, 0},
	    {"expires_at", "expires (UTC)", OUTPUT_TIME, 0},
	};
	long long days = -1;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--days", .number = &days, .least = 0, .most = 100000},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	struct output_cell cells[2];
	int64_t expires_at;
	const char *word;
	struct id id;
	enum status status;

	if (!arguments_read(call, options, 2, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (days < 0)
		return ctl_usage(call, "--days is missing");
	if (!administrator_open(call, DISPLAY_UNUSED, json, &administrator))
		return 1;
	status =
	    administer_extend(&administrator.messenger, &id, (int)days, clock_now(), &expires_at);
	if (status == STATUS_INVALID)
		return administrator_close(&administrator,
					   ctl_refuse("--days can be from 1 to %d",
						      administrator.policy->longest_lifetime_days));
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   administrator_refuse(status, NOT_THERE, TOO_LATE));
	cells[0] = output_text(word);
	cells[1] = output_number(expires_at);
	output_record(administrator.output, columns, 2, cells);
	return administrator_close(&administrator, 0);
}
