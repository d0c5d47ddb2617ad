#include "ctl/ctl.h"

#include <string.h>

#include "ctl/administrator.h"
#include "ctl/arguments.h"
#include "ctl/names.h"
#include "messenger/administer.h"
#include "messenger/pdf_way.h"

static const struct output_column columns[] = {
    {"template", "TEMPLATE", OUTPUT_TEXT, 0},	 {"owner", "OWNER", OUTPUT_TEXT, 32},
    {"recipient", "RECIPIENT", OUTPUT_TEXT, 32}, {"has_lock", "LOCK", OUTPUT_FLAG, 0},
    {"lifetime_days", "DAYS", OUTPUT_NUMBER, 0}, {"wishes", "SENDER IS TOLD", OUTPUT_WORDS, 0},
    {"used_at", "USED (UTC)", OUTPUT_TIME, 0},	 {"asks", NULL, OUTPUT_FLAG, 0},
    {"remind_days", NULL, OUTPUT_NUMBER, 0},	 {"created_at", NULL, OUTPUT_TIME, 0},
    {"mailbox", NULL, OUTPUT_TEXT, 0},		 {"pdf", "PDF", OUTPUT_TEXT, 0},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void
fill_line(const struct owned_template *template, struct arena *arena, struct output_cell *cells)
{
	const struct template_view *view = &template->view;
	const struct output_cell filled[] = {
	    output_id(view->id, arena),
	    output_text(template->owner),
	    output_text(view->recipient),
	    output_number(view->has_lock),
	    output_number(view->lifetime_days),
	    output_text(names_of_wishes(view->wishes, arena)),
	    output_number(view->used_at),
	    output_number(view->way == TEMPLATE_ASK),
	    output_number(view->remind_days),
	    output_number(view->created_at),
	    output_text(mailbox_wish_word(view->mailbox)),
	    output_text(view->pdf == PDF_NONE ? "" : pdf_way_word(view->pdf)),
	};

	_Static_assert(sizeof(filled) / sizeof(filled[0]) == COLUMNS, "a cell per column");
	memcpy(cells, filled, sizeof(filled));
}

static void
show_list(struct administrator *administrator, const struct owned_template *templates, size_t count,
	  bool more)
{
	static const struct output_column more_column = {"more", NULL, OUTPUT_FLAG, 0};
	struct output_cell is_more = output_number(more);
	struct output_cell *cells =
	    arena_alloc_many(administrator->arena, count * COLUMNS + 1, sizeof(*cells));

	for (size_t i = 0; i < count; i++) {
		administrator_see_name(administrator, templates[i].owner);
		fill_line(&templates[i], administrator->arena, cells + i * COLUMNS);
	}
	output_list(administrator->output, "templates", columns, COLUMNS, cells, count);
	output_record(administrator->output, &more_column, 1, &is_more);
	if (count == 0)
		output_note(administrator->output, "There is none.");
	else if (more)
		output_note(administrator->output, "There are more: --limit, or --owner.");
}

int
ctl_template_list(const struct ctl_call *call)
{
	const char *owner = NULL;
	long long limit = 50;
	bool json = false;
	const struct argument_option options[] = {
	    {.name = "--owner", .text = &owner},
	    {.name = "--limit", .number = &limit, .least = 1, .most = 10000},
	    {.name = "--json", .flag = &json},
	};
	struct administrator administrator;
	struct owned_template *templates;
	struct slice index = {NULL, 0};
	size_t count;
	enum status status;

	if (!arguments_read(call, options, 3, NULL, 0) ||
	    (owner != NULL && !arguments_address(call, owner)))
		return 2;
	if (!administrator_open(call, owner != NULL ? DISPLAY_NEEDED : DISPLAY_WANTED, json,
				&administrator))
		return 1;
	if (owner != NULL)
		index =
		    messenger_address_index(&administrator.messenger, owner, administrator.arena);
	status = administer_templates(&administrator.messenger, index, (size_t)limit + 1,
				      administrator.arena, &templates, &count);
	if (status != STATUS_OK)
		return administrator_close(&administrator, administrator_refuse(status, "", ""));
	show_list(&administrator, templates, count > (size_t)limit ? (size_t)limit : count,
		  count > (size_t)limit);
	return administrator_close(&administrator, 0);
}

int
ctl_template_delete(const struct ctl_call *call)
{
	return administrator_decide(call, "deleted", messenger_template_delete_any,
				    "there is no template with that id", "");
}
