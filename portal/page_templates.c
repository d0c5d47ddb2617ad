/*
 * /desk/templates: the list, searched and in pages; and all of it as CSV.
 */
#include "portal/page.h"

#include <string.h>

#include "base/encode.h"
#include "mail/address.h"
#include "messenger/templates.h"
#include "messenger/templates_csv.h"
#include "portal/filename.h"
#include "portal/query.h"
#include "portal/sheet_values.h"

#define ROWS ((size_t)25)
#define CSV_MAX ((size_t)16777216)

static bool
fits(const struct template_view *view, struct slice wanted, struct arena *arena)
{
	return wanted.size == 0 ||
	       slice_find(slice_from_text(address_fold(slice_from_text(view->recipient), arena)),
			  wanted, 0) != SLICE_NONE ||
	       slice_find(slice_from_text(address_fold(slice_from_text(view->clue), arena)), wanted,
			  0) != SLICE_NONE;
}

static void
put_row(const struct request *request, struct template_list *rows, const struct template_view *view)
{
	struct template_values *row = template_list_add(rows);
	char id[ID_TEXT_SIZE];

	template_put_text(row, "url",
			  arena_printf(request->arena, "/desk/template/%s", id_text(view->id, id)));
	template_put_text(row, "recipient", view->recipient);
	template_put_flag(row, "domain", *view->recipient == '@');
	template_put_text(row, "clue", view->clue);
	template_put_number(row, "lifetime_days", view->lifetime_days);
	page_put_time(row, "used_at", view->used_at);
	template_put_flag(row, "no_passphrase", !view->settled);
	template_put_flag(row, "pdf", view->pdf != PDF_NONE);
	template_put_flag(row, "generated", delivery_pdf_is_generated(view->pdf));
	template_put_flag(row, "asks", view->way == TEMPLATE_ASK);
	sheet_put_state(request->site->messenger.policy, row, view);
}

static void
put_done(const struct request *request, struct template_values *values)
{
	static const char *const words[] = {"saved", "deleted", "imported"};
	struct slice done = form_value(&request->form, "done");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		template_put_flag(values, arena_printf(request->arena, "done_%s", words[i]),
				  slice_equal(done, slice_from_text(words[i])));
}

/* The list is sorted, so a page begins behind a recipient. */
void
page_templates(struct request *request, struct answer *answer)
{
	struct slice find = slice_trim(form_value(&request->form, "find"));
	const char *find_text = arena_text_from(request->arena, find);
	const char *behind = request_field_text(request, "behind");
	struct slice wanted = slice_from_text(address_fold(find, request->arena));
	struct template_values *values = page_desk_values(request);
	struct template_list *rows = template_put_list(values, "rows");
	struct template_view *views;
	const char *last = "";
	size_t count, shown = 0;
	bool more = false;
	enum status status = messenger_templates(&request->site->messenger, request->desk.index,
						 request->arena, &views, &count);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	for (size_t i = 0; i < count && !more; i++) {
		if (strcmp(views[i].recipient, behind) <= 0 ||
		    !fits(&views[i], wanted, request->arena))
			continue;
		more = shown == ROWS;
		if (more)
			break;
		put_row(request, rows, &views[i]);
		last = views[i].recipient;
		shown++;
	}
	template_put_text(values, "find", find_text);
	template_put_number(values, "count", (long long)count);
	template_put_flag(values, "searched", find.size > 0);
	template_put_flag(values, "empty", shown == 0);
	put_done(request, values);
	template_put_text(
	    values, "older_url",
	    more ? query_url(request->arena, "/desk/templates",
			     (const struct query_pair[]){{"find", find_text}, {"behind", last}}, 2)
		 : "");
	template_put_text(values, "newest_url",
			  *behind == '\0'
			      ? ""
			      : query_url(request->arena, "/desk/templates",
					  (const struct query_pair[]){{"find", find_text}}, 1));
	page_show(request, answer, 200, "pages/desk_templates", values);
}

void
page_templates_export(struct request *request, struct answer *answer)
{
	struct text *out = arena_alloc(request->arena, sizeof(*out));
	enum status status;

	text_init_in(out, request->arena, CSV_MAX);
	status = messenger_templates_export(&request->site->messenger, request->desk.index, out);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	answer->status = 200;
	answer->kind = ANSWER_FILE;
	answer->type = "text/csv; charset=utf-8";
	answer->body = text_slice(out);
	answer_add(answer, "Content-Disposition",
		   filename_disposition("templates.csv", request->arena));
}
