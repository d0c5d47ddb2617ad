#include "ctl/ctl.h"

#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "messenger/factor.h"
#include "messenger/administer.h"
#include "messenger/pdf_way.h"

static const struct output_column message_columns[] = {
    {"message", "message", OUTPUT_TEXT, 0}, {"sender", "sender", OUTPUT_TEXT, 0},
    {"subject", "subject", OUTPUT_TEXT, 0}, {"received_at", "received (UTC)", OUTPUT_TIME, 0},
    {"size", "bytes", OUTPUT_NUMBER, 0},    {"origin", "came by", OUTPUT_TEXT, 0},
    {"state", "state", OUTPUT_TEXT, 0},
};
#define MESSAGE_COLUMNS (sizeof(message_columns) / sizeof(message_columns[0]))

static const struct output_column delivery_columns[] = {
    {"delivery", "delivery", OUTPUT_TEXT, 0},
    {"recipient", "recipient", OUTPUT_TEXT, 0},
    {"route", "route", OUTPUT_TEXT, 0},
    {"reason", "reason", OUTPUT_TEXT, 0},
    {"by_template", "by template", OUTPUT_FLAG, 0},
    {"state", "state", OUTPUT_TEXT, 0},
    {"closed_by", "closed by", OUTPUT_TEXT, 0},
    {"clue", "clue", OUTPUT_TEXT, 0},
    {"has_lock", "lock", OUTPUT_FLAG, 0},
    {"can_rescue", "rescue possible", OUTPUT_FLAG, 0},
    {"wishes", "sender is told", OUTPUT_WORDS, 0},
    {"remind_days", "remind after days", OUTPUT_NUMBER, 0},
    {"second_factor", "second factor", OUTPUT_TEXT, 0},
    {"factor_at", "last shown (UTC)", OUTPUT_TIME, 0},
    {"pdf", "PDF opened by", OUTPUT_TEXT, 0},
    {"pdf_outcome", "PDF is", OUTPUT_TEXT, 0},
    {"pdf_at", "since (UTC)", OUTPUT_TIME, 0},
    {"secured_at", "secured (UTC)", OUTPUT_TIME, 0},
    {"opened_at", "opened (UTC)", OUTPUT_TIME, 0},
    {"replied_at", "replied (UTC)", OUTPUT_TIME, 0},
    {"expires_at", "expires (UTC)", OUTPUT_TIME, 0},
    {"closed_at", "closed (UTC)", OUTPUT_TIME, 0},
    {"remind_at", "next reminder (UTC)", OUTPUT_TIME, 0},
    {"asked_at", "answer not known (UTC)", OUTPUT_TIME, 0},
    {"resent_at", "link mailed again (UTC)", OUTPUT_TIME, 0},
    {"relink_at", "new link asked (UTC)", OUTPUT_TIME, 0},
    {"suspended_at", "suspended (UTC)", OUTPUT_TIME, 0},
    {"key_source", "key or server by", OUTPUT_TEXT, 0},
    {"key_place", "found at, server", OUTPUT_TEXT, 0},
    {"key_fingerprint", "fingerprint", OUTPUT_TEXT, 0},
    {"protection", "protected by", OUTPUT_TEXT, 0},
    {"signed_as", "signed as", OUTPUT_TEXT, 0},
    {"relay_status", "relay status", OUTPUT_TEXT, 0},
    {"relay_answer", "relay answer", OUTPUT_TEXT, 0},
};
#define DELIVERY_COLUMNS (sizeof(delivery_columns) / sizeof(delivery_columns[0]))

static const struct output_column file_columns[] = {
    {"taken_at", "FILE TAKEN (UTC)", OUTPUT_TIME, 0},
    {"name", "NAME", OUTPUT_TEXT, 60},
};
#define FILE_COLUMNS (sizeof(file_columns) / sizeof(file_columns[0]))

static const struct output_column reply_columns[] = {
    {"sent_at", "ANSWERED (UTC)", OUTPUT_TIME, 0}, {"route", "ROUTE", OUTPUT_TEXT, 0},
    {"reason", "REASON", OUTPUT_TEXT, 0},	   {"protection", "PROTECTION", OUTPUT_TEXT, 0},
    {"key_fingerprint", "KEY", OUTPUT_TEXT, 0},	   {"message", "MESSAGE", OUTPUT_TEXT, 0},
};
#define REPLY_COLUMNS (sizeof(reply_columns) / sizeof(reply_columns[0]))

static void
show_replies(struct administrator *administrator, const struct sender_view *view)
{
	struct output_cell *cells = arena_alloc_many(
	    administrator->arena, view->reply_count * REPLY_COLUMNS + 1, sizeof(*cells));

	for (size_t i = 0; i < view->reply_count; i++) {
		const struct reply_view *reply = &view->replies[i];
		struct output_cell *row = cells + i * REPLY_COLUMNS;

		row[0] = output_number(reply->sent_at);
		row[1] = output_text(name_of_route(reply->route));
		row[2] = output_text(reply->reason);
		row[3] = output_text(reply->evidence.method);
		row[4] = output_text(reply->evidence.fingerprint);
		row[5] = output_id(reply->message, administrator->arena);
	}
	output_list(administrator->output, "replies", reply_columns, REPLY_COLUMNS, cells,
		    view->reply_count);
}

static void
show_files(struct administrator *administrator, const struct sender_view *view)
{
	struct output_cell *cells = arena_alloc_many(
	    administrator->arena, view->taken_count * FILE_COLUMNS + 1, sizeof(*cells));

	for (size_t i = 0; i < view->taken_count; i++) {
		cells[i * FILE_COLUMNS] = output_number(view->taken[i].taken_at);
		cells[i * FILE_COLUMNS + 1] = output_text(view->taken[i].name);
	}
	output_list(administrator->output, "files", file_columns, FILE_COLUMNS, cells,
		    view->taken_count);
}

static void
show_delivery(struct administrator *administrator, const struct sender_view *view)
{
	bool open = view->state == DELIVERY_READY || view->state == DELIVERY_OPENED;
	const struct output_cell cells[] = {
	    output_id(view->delivery, administrator->arena),
	    output_text(view->recipient),
	    output_text(name_of_route(view->route)),
	    output_text(view->reason),
	    output_number(view->by_template),
	    output_text(name_of_state(view->state)),
	    output_text(name_of_closer(view->state, view->closed_by)),
	    output_text(view->clue),
	    output_number(view->has_lock),
	    output_number(open && view->can_rescue),
	    output_text(names_of_wishes(view->wishes, administrator->arena)),
	    output_number(view->remind_days),
	    output_text(view->factor == FACTOR_NONE ? "" : factor_word(view->factor)),
	    output_number(view->factor_at),
	    output_text(view->pdf == PDF_NONE ? "" : pdf_way_word(view->pdf)),
	    output_text(view->pdf == PDF_NONE ? "" : name_of_pdf_outcome(view->pdf_outcome)),
	    output_number(view->pdf_at),
	    output_number(view->secured_at),
	    output_number(view->opened_at),
	    output_number(view->replied_at),
	    output_number(view->expires_at),
	    output_number(view->closed_at),
	    output_number(view->remind_at),
	    output_number(view->asked_at),
	    output_number(view->resent_at),
	    output_number(view->relink_at),
	    output_number(view->suspended_at),
	    output_text(view->evidence.source),
	    output_text(view->evidence.place),
	    output_text(view->evidence.fingerprint),
	    output_text(view->evidence.method),
	    output_text(view->evidence.signer),
	    output_text(view->relay_status),
	    output_text(view->relay_answer),
	};

	_Static_assert(sizeof(cells) / sizeof(cells[0]) == DELIVERY_COLUMNS, "a cell per column");
	administrator_see_name(administrator, view->recipient);
	output_group_begin(administrator->output, "deliveries");
	output_record(administrator->output, delivery_columns, DELIVERY_COLUMNS, cells);
	show_files(administrator, view);
	show_replies(administrator, view);
	output_group_end(administrator->output);
}

static void
show_message(struct administrator *administrator, const struct message_view *view)
{
	const struct output_cell cells[] = {
	    output_id(view->id, administrator->arena),
	    output_text(view->sender),
	    output_text(view->subject),
	    output_number(view->sent_at),
	    output_number((int64_t)view->size),
	    output_text(name_of_origin(view->origin)),
	    output_text(name_of_message_state(view->state)),
	};

	_Static_assert(sizeof(cells) / sizeof(cells[0]) == MESSAGE_COLUMNS, "a cell per column");
	output_record(administrator->output, message_columns, MESSAGE_COLUMNS, cells);
	output_list(administrator->output, "deliveries", NULL, 0, NULL, 0);
	for (size_t i = 0; i < view->count; i++)
		show_delivery(administrator, &view->deliveries[i]);
}

int
ctl_message_show(const struct ctl_call *call)
{
	bool json = false;
	const struct argument_option options[] = {{.name = "--json", .flag = &json}};
	struct administrator administrator;
	struct message_view view;
	const char *word;
	struct id id;
	enum status status;

	if (!arguments_read(call, options, 1, &word, 1) || !arguments_id(call, word, &id))
		return 2;
	if (!administrator_open(call, DISPLAY_WANTED, json, &administrator))
		return 1;
	status = administer_look(&administrator.messenger, &id, administrator.arena, &view);
	if (status != STATUS_OK)
		return administrator_close(
		    &administrator,
		    administrator_refuse(
			status, "there is neither a message nor a delivery with that id", ""));
	show_message(&administrator, &view);
	return administrator_close(&administrator, 0);
}
