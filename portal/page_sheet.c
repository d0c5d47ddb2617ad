/*
 * /desk/template/ID/sheet: the sheet of numbers for a recipient.  It is shown once, when it
 * is made, as a page or as a PDF; then only what is left of it is told.
 */
#include "portal/page.h"

#include "base/log.h"
#include "messenger/paper.h"
#include "messenger/sheet.h"
#include "portal/pdf_answer.h"

#define FILE_NAME "sheet.pdf"

static const char *
own_path(const struct request *request, const char *behind)
{
	char id[ID_TEXT_SIZE];

	return arena_printf(request->arena, "/desk/template/%s%s", id_text(request->id, id),
			    behind);
}

/* Of the sheet that the form was shown with: a form that is sent once more, as browsers do when a
 * page is loaded again, makes no sheet that nobody wanted. */
static void
put_present(const struct request *request, struct template_values *values,
	    const struct sheet_view *view)
{
	char *id = arena_alloc(request->arena, ID_TEXT_SIZE);

	template_put_text(values, "present", view->exists ? id_text(view->id, id) : "");
	template_put_flag(values, "has_sheet", view->exists);
	page_put_time(values, "sheet_at", view->made_at);
	template_put_number(values, "sheet_left", view->left);
	template_put_flag(values, "sheet_low", view->left > 0 && view->left <= SHEET_LOW);
	template_put_flag(values, "sheet_none_left", view->exists && view->left == 0);
}

static void
show(const struct request *request, struct answer *answer, int http_status)
{
	struct template_values *values = page_desk_values(request);
	struct sheet_view view;
	const char *recipient;
	bool for_pdf;
	enum status status =
	    messenger_sheet(&request->site->messenger, request->desk.index, &request->id,
			    request->arena, &recipient, &for_pdf, &view);

	/* There is none for a whole domain. */
	if (status == STATUS_INVALID)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "action", own_path(request, "/sheet"));
	template_put_text(values, "back", own_path(request, ""));
	template_put_text(values, "recipient", recipient);
	template_put_flag(values, "for_pdf", for_pdf);
	template_put_number(values, "numbers", SHEET_NUMBERS);
	put_present(request, values, &view);
	template_put_flag(values, "made_meanwhile", http_status == 409);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	template_put_flag(values, "can_pdf", reader_has_fonts(request->site->messenger.reader));
	page_show(request, answer, http_status, "pages/sheet", values);
}

void
page_sheet(struct request *request, struct answer *answer)
{
	show(request, answer, 200);
}

/* The codes, which are nowhere else in clear.  A password is typed as it stands. */
static struct template_values *
print_values(const struct request *request, const struct sheet_print *print)
{
	struct template_values *values = page_desk_values(request);
	struct template_list *rows = template_put_list(values, "rows");

	for (int i = 0; i < SHEET_NUMBERS; i++) {
		struct template_values *row = template_list_add(rows);

		template_put_number(row, "number", i + 1);
		template_put_text(row, "code",
				  print->for_pdf
				      ? print->codes[i]
				      : arena_printf(request->arena, "%.4s-%.4s", print->codes[i],
						     print->codes[i] + 4));
	}
	template_put_text(values, "back", own_path(request, ""));
	template_put_text(values, "recipient", print->recipient);
	template_put_flag(values, "for_pdf", print->for_pdf);
	page_put_time(values, "sheet_at", print->made_at);
	return values;
}

static void
show_codes(const struct request *request, struct answer *answer, const struct sheet_print *print,
	   bool no_pdf)
{
	struct template_values *values = print_values(request, print);

	template_put_flag(values, "no_pdf", no_pdf);
	page_show(request, answer, 200, "pages/sheet_print", values);
}

/* The same to be saved and printed.  Meant for paper, it opens without a password. */
static enum status
draw_codes(const struct request *request, const struct sheet_print *print, struct slice *pdf_out)
{
	const struct messenger *messenger = &request->site->messenger;
	struct template_values *values = print_values(request, print);
	struct described described = {.made_at = request->now};
	struct pdf_wish wish;
	enum status status;

	status = paper_describe(messenger, request->language, "pdf/sheet", values, &described,
				request->arena, &wish);
	if (status != STATUS_OK)
		return status;
	wish.label = "sheet";
	return pdf_make(messenger->reader, &wish, request->arena, pdf_out);
}

/* The sheet before is void by now: what cannot be drawn is shown, so that nothing is lost. */
static void
give_codes(const struct request *request, struct answer *answer, const struct sheet_print *print)
{
	struct slice pdf;
	enum status status = draw_codes(request, print, &pdf);

	if (status == STATUS_OK) {
		pdf_answer(request, answer, FILE_NAME, pdf);
		return;
	}
	log_warning("sheet-not-drawn", LOG_TEXT("status", status_text(status)));
	show_codes(request, answer, print, true);
}

void
page_sheet_make(struct request *request, struct answer *answer)
{
	struct slice typed = form_value(&request->form, "present");
	struct sheet_print print;
	struct id present;
	bool has_present = typed.size > 0;
	enum status status = STATUS_CONFLICT;

	if (!has_present || id_parse(typed, &present) == STATUS_OK)
		status = messenger_sheet_make(&request->site->messenger, request->desk.index,
					      &request->id, has_present ? &present : NULL,
					      request->now, request->arena, &print);
	if (status == STATUS_OK && slice_equal(form_value(&request->form, "do"), SLICE("pdf")))
		give_codes(request, answer, &print);
	else if (status == STATUS_OK)
		show_codes(request, answer, &print, false);
	else if (status == STATUS_CONFLICT)
		show(request, answer, 409);
	else
		page_failure(request, answer, status == STATUS_INVALID ? STATUS_NOT_FOUND : status);
}
