#include "ctl/ctl.h"

#include <string.h>

#include "base/clock.h"
#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "mail/transport.h"
#include "messenger/queue.h"

#define NOT_THERE "there is no mail with that id in the queue (any more)"
#define OTHER_STATE "its state does not allow that: see what `postern ctl queue show` says"

static const struct output_column columns[] = {
    {"mail", "MAIL", OUTPUT_TEXT, 0},
    {"kind", "WHAT", OUTPUT_TEXT, 0},
    {"state", "STATE", OUTPUT_TEXT, 0},
    {"created_at", "SINCE (UTC)", OUTPUT_TIME, 0},
    {"next_at", "NEXT TRY (UTC)", OUTPUT_TIME, 0},
    {"tries", "TRIES", OUTPUT_NUMBER, 0},
    {"sender", "SENDER", OUTPUT_TEXT, 28},
    {"recipient", "TO", OUTPUT_TEXT, 28},
    {"recipients", NULL, OUTPUT_NUMBER, 0},
    {"busy", NULL, OUTPUT_FLAG, 0},
    {"message", NULL, OUTPUT_TEXT, 0},
    {"size", NULL, OUTPUT_NUMBER, 0},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct output_column recipient_columns[] = {
    {"recipient", "RECIPIENT", OUTPUT_TEXT, 0},
    {"status", "STATUS", OUTPUT_TEXT, 0},
    {"answer", "LAST ANSWER", OUTPUT_TEXT, 0},
};
#define RECIPIENT_COLUMNS (sizeof(recipient_columns) / sizeof(recipient_columns[0]))

/* What was asked for. */
struct wishes {
	const char *sender;
	const char *domain;
	const char *state;
	long long limit;
	bool all;
	bool bounce;
	bool json;
	const char *word; /* the id, NULL with --all */
	struct id id;
};

/* A walk over the queue. */
struct walk {
	struct administrator *administrator;
	enum outbox_deed deed;
	int64_t now;
	struct output_cell *cells;
	size_t limit;
	size_t count;
	bool more;
};

static void
fill_line(struct administrator *administrator, const struct queue_entry *entry,
	  struct output_cell *cells)
{
	struct arena *arena = administrator->arena;
	bool of_message = outbox_is_of_message(entry->row.kind);
	const char *first = entry->recipient_count > 0 ? entry->recipients[0].address : "";
	const struct output_cell filled[] = {
	    output_id(entry->row.id, arena),
	    output_text(name_of_mail(entry->row.kind)),
	    output_text(name_of_queue_state(entry->state)),
	    output_number(entry->row.created_at),
	    output_number(entry->state == QUEUE_HELD ? 0 : entry->row.next_at),
	    output_number(entry->row.tries),
	    output_text(arena_copy_text(arena, entry->sender)),
	    output_text(arena_copy_text(arena, first)),
	    output_number((int64_t)entry->recipient_count),
	    output_number(entry->busy),
	    of_message ? output_id(entry->row.message_id, arena) : output_text(""),
	    output_number((int64_t)entry->size),
	};

	_Static_assert(sizeof(filled) / sizeof(filled[0]) == COLUMNS, "a cell per column");
	memcpy(cells, filled, sizeof(filled));
	if (of_message && entry->recipient_count > 0)
		administrator_see_name(administrator, first);
}

/* A domain or an address is sought by name. */
static enum display_need
need_of(const struct wishes *wishes, enum display_need otherwise)
{
	return wishes->sender != NULL || wishes->domain != NULL ? DISPLAY_NEEDED : otherwise;
}

static bool
find_state(const char *word, enum queue_state *state_out)
{
	for (enum queue_state state = QUEUE_ANY; state <= QUEUE_HELD; state++) {
		if (strcmp(name_of_queue_state(state), word) != 0)
			continue;
		*state_out = state;
		return true;
	}
	return false;
}

static bool
check_wishes(const struct ctl_call *call, const struct wishes *wishes)
{
	enum queue_state state;

	if (!find_state(wishes->state, &state)) {
		ctl_usage(call, "there is no such state");
		return false;
	}
	if (wishes->domain != NULL && !transport_is_pattern(wishes->domain)) {
		ctl_usage(call, "%s is no domain", wishes->domain);
		return false;
	}
	return wishes->sender == NULL || arguments_address(call, wishes->sender);
}

static struct queue_filter
filter_of(const struct administrator *administrator, const struct wishes *wishes)
{
	struct queue_filter filter = {.domain = wishes->domain};

	(void)find_state(wishes->state, &filter.state);
	if (wishes->sender != NULL)
		filter.sender_index = messenger_address_index(&administrator->messenger,
							      wishes->sender, administrator->arena);
	return filter;
}

static enum status
list_one(void *context, const struct queue_entry *entry)
{
	struct walk *walk = context;

	if (walk->count == walk->limit) {
		walk->more = true;
		return STATUS_GONE; /* enough */
	}
	fill_line(walk->administrator, entry, walk->cells + walk->count++ * COLUMNS);
	return STATUS_OK;
}

int
ctl_queue_list(const struct ctl_call *call)
{
	static const struct output_column more_column = {"more", NULL, OUTPUT_FLAG, 0};
	struct wishes wishes = {.state = "all", .limit = 50};
	const struct argument_option options[] = {
	    {.name = "--sender", .text = &wishes.sender},
	    {.name = "--domain", .text = &wishes.domain},
	    {.name = "--state", .text = &wishes.state},
	    {.name = "--limit", .number = &wishes.limit, .least = 1, .most = 10000},
	    {.name = "--json", .flag = &wishes.json},
	};
	struct administrator administrator;
	struct queue_filter filter;
	struct output_cell is_more;
	struct walk walk;
	enum status status;

	if (!arguments_read(call, options, sizeof(options) / sizeof(options[0]), NULL, 0) ||
	    !check_wishes(call, &wishes))
		return 2;
	if (!administrator_open(call, need_of(&wishes, DISPLAY_WANTED), wishes.json,
				&administrator))
		return 1;
	walk = (struct walk){.administrator = &administrator, .limit = (size_t)wishes.limit};
	walk.cells =
	    arena_alloc_many(administrator.arena, walk.limit * COLUMNS, sizeof(*walk.cells));
	filter = filter_of(&administrator, &wishes);
	status = queue_walk(&administrator.messenger, &filter, clock_now(), list_one, &walk);
	if (status != STATUS_OK && status != STATUS_GONE)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	output_list(administrator.output, "queue", columns, COLUMNS, walk.cells, walk.count);
	is_more = output_number(walk.more);
	output_record(administrator.output, &more_column, 1, &is_more);
	if (walk.count == 0)
		output_note(administrator.output, "Nothing waits.");
	else if (walk.more)
		output_note(administrator.output, "There are more: --limit, or a filter.");
	return administrator_close(&administrator, 0);
}

/* An id, or with `can_all` also --all and what narrows it. */
static bool
read_wishes(const struct ctl_call *call, bool can_all, struct wishes *wishes)
{
	const struct argument_option options[] = {
	    {.name = "--json", .flag = &wishes->json},
	    {.name = "--bounce", .flag = &wishes->bounce},
	    {.name = "--all", .flag = &wishes->all},
	    {.name = "--sender", .text = &wishes->sender},
	    {.name = "--domain", .text = &wishes->domain},
	};
	bool all = false;

	*wishes = (struct wishes){.state = "all"};
	for (int i = 0; can_all && i < call->argument_count; i++)
		all = all || strcmp(call->arguments[i], "--all") == 0;
	if (!arguments_read(call, options, can_all ? 5 : 2, &wishes->word, all ? 0 : 1))
		return false;
	if (wishes->bounce && can_all) {
		ctl_usage(call, "--bounce is no option of this command");
		return false;
	}
	if (!all && (wishes->sender != NULL || wishes->domain != NULL)) {
		ctl_usage(call, "--sender and --domain go with --all");
		return false;
	}
	return all ? check_wishes(call, wishes) : arguments_id(call, wishes->word, &wishes->id);
}

int
ctl_queue_show(const struct ctl_call *call)
{
	struct wishes wishes = {.json = false};
	const struct argument_option options[] = {{.name = "--json", .flag = &wishes.json}};
	struct output_cell cells[COLUMNS], *lines;
	struct administrator administrator;
	struct queue_entry entry;
	enum status status;

	if (!arguments_read(call, options, 1, &wishes.word, 1) ||
	    !arguments_id(call, wishes.word, &wishes.id))
		return 2;
	if (!administrator_open(call, DISPLAY_WANTED, wishes.json, &administrator))
		return 1;
	status = queue_look(&administrator.messenger, &wishes.id, clock_now(), administrator.arena,
			    &entry);
	if (status != STATUS_OK)
		return administrator_close(&administrator,
					   administrator_refuse(status, NOT_THERE, OTHER_STATE));
	fill_line(&administrator, &entry, cells);
	output_record(administrator.output, columns, COLUMNS, cells);
	lines = arena_alloc_many(administrator.arena, entry.recipient_count * RECIPIENT_COLUMNS + 1,
				 sizeof(*lines));
	for (size_t i = 0; i < entry.recipient_count; i++) {
		lines[i * RECIPIENT_COLUMNS] = output_text(entry.recipients[i].address);
		lines[i * RECIPIENT_COLUMNS + 1] = output_text(entry.recipients[i].status);
		lines[i * RECIPIENT_COLUMNS + 2] = output_text(entry.recipients[i].answer);
	}
	output_list(administrator.output, "answers", recipient_columns, RECIPIENT_COLUMNS, lines,
		    entry.recipient_count);
	return administrator_close(&administrator, 0);
}

/* Those in another state, or on their way just now, are left as they are. */
static enum status
change_one(void *context, const struct queue_entry *entry)
{
	struct walk *walk = context;
	enum status status =
	    queue_do(&walk->administrator->messenger, &entry->row.id, walk->deed, walk->now);

	if (status == STATUS_OK)
		walk->count++;
	return status == STATUS_CONFLICT || status == STATUS_NOT_FOUND || status == STATUS_BUSY
		   ? STATUS_OK
		   : status;
}

static int
tell(struct administrator *administrator, const char *key, size_t count)
{
	const struct output_column column = {key, key, OUTPUT_NUMBER, 0};
	struct output_cell cell = output_number((int64_t)count);

	output_record(administrator->output, &column, 1, &cell);
	return administrator_close(administrator, 0);
}

static int
refuse(struct administrator *administrator, enum status status)
{
	if (status == STATUS_BUSY)
		return administrator_close(administrator,
					   ctl_refuse("it is being sent just now; try again"));
	return administrator_close(administrator,
				   administrator_refuse(status, NOT_THERE, OTHER_STATE));
}

/* `state`: which of them --all means. */
static int
change(const struct ctl_call *call, enum outbox_deed deed, enum queue_state state, const char *key)
{
	struct administrator administrator;
	struct queue_filter filter;
	struct wishes wishes;
	struct walk walk;
	enum status status;

	if (!read_wishes(call, true, &wishes))
		return 2;
	if (!administrator_open(call, need_of(&wishes, DISPLAY_UNUSED), wishes.json,
				&administrator))
		return 1;
	walk = (struct walk){.administrator = &administrator, .deed = deed, .now = clock_now()};
	if (wishes.all) {
		filter = filter_of(&administrator, &wishes);
		filter.state = state;
		status = queue_walk(&administrator.messenger, &filter, walk.now, change_one, &walk);
	} else {
		status = queue_do(&administrator.messenger, &wishes.id, deed, walk.now);
		walk.count = 1;
	}
	if (status != STATUS_OK)
		return refuse(&administrator, status);
	return tell(&administrator, key, walk.count);
}

int
ctl_queue_retry(const struct ctl_call *call)
{
	return change(call, OUTBOX_RETRY, QUEUE_WAITING, "retried");
}

int
ctl_queue_hold(const struct ctl_call *call)
{
	return change(call, OUTBOX_HOLD, QUEUE_ANY, "held");
}

int
ctl_queue_release(const struct ctl_call *call)
{
	return change(call, OUTBOX_RELEASE, QUEUE_HELD, "released");
}

int
ctl_queue_delete(const struct ctl_call *call)
{
	/* Bounces and failed deliveries are written under the display key. */
	struct administrator administrator;
	struct wishes wishes;
	enum status status;

	if (!read_wishes(call, false, &wishes))
		return 2;
	if (!administrator_open(call, DISPLAY_NEEDED, wishes.json, &administrator))
		return 1;
	status = queue_delete(&administrator.messenger, &wishes.id, wishes.bounce, clock_now());
	if (status != STATUS_OK)
		return refuse(&administrator, status);
	return tell(&administrator, "deleted", 1);
}
