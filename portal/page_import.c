/*
 * /desk/templates/import: many templates at once, pasted or as a file.
 */
#include "portal/page.h"

#include "messenger/templates_csv.h"

static const struct {
	unsigned fault;
	const char *flag;
} form_flags[] = {
    {FAULT_RECIPIENT_MISSING | FAULT_RECIPIENT_WRONG, "recipient_wrong"},
    {FAULT_RECIPIENT_OWN, "recipient_own"},
    {FAULT_NOT_TEXT, "not_csv"},
    {FAULT_CLUE_MISSING, "clue_missing"},
    {FAULT_CLUE_TOO_LONG, "clue_too_long"},
    {FAULT_CLUE_TELLS, "clue_tells"},
    {FAULT_PASSPHRASE_TOO_LONG, "passphrase_too_long"},
    {FAULT_PASSPHRASE_MISSING, "passphrase_missing"},
    {FAULT_PASSPHRASE_WEAK, "passphrase_weak"},
    {FAULT_PASSPHRASE_GUESSABLE, "passphrase_guessable"},
    {FAULT_LIFETIME, "days_wrong"},
    {FAULT_REMIND, "remind_wrong"},
    {FAULT_PHONE_MISSING, "phone_missing"},
    {FAULT_PHONE_WRONG, "phone_wrong"},
    {FAULT_PHONE_OFF, "phone_not_offered"},
    {FAULT_FACTOR_DOMAIN, "factor_domain"},
    {FAULT_MAILBOX, "mailbox_not_allowed"},
    {FAULT_PDF_TOO_LONG, "pdf_too_long"},
    {FAULT_PDF_TEXT, "pdf_text"},
    {FAULT_PDF_FACTOR, "pdf_factor"},
    {FAULT_PDF_SHEETS, "pdf_sheets"},
    {FAULT_PDF_PASSPHRASE, "pdf_passphrase"},
};

static const char *const problem_flags[] = {
    [IMPORT_NOT_CSV] = "not_csv",     [IMPORT_COLUMNS] = "columns",
    [IMPORT_EMPTY] = "empty",	      [IMPORT_TWICE] = "twice",
    [IMPORT_FLAG] = "flag_wrong",     [IMPORT_TOO_MANY] = "too_many",
    [IMPORT_FULL] = "full",	      [IMPORT_LANGUAGE] = "language_wrong",
    [IMPORT_FACTOR] = "factor_wrong", [IMPORT_MAILBOX] = "mailbox_wrong",
    [IMPORT_PDF] = "pdf_wrong",
};

/* One line of the list tells one thing: the first that is wrong. */
static void
put_fault(struct template_list *list, const struct import_fault *fault)
{
	struct template_values *item = template_list_add(list);

	template_put_number(item, "line", (long long)fault->line);
	template_put_text(item, "recipient", fault->recipient);
	if (fault->problem != IMPORT_FORM) {
		template_put_flag(item, problem_flags[fault->problem], true);
		return;
	}
	for (size_t i = 0; i < sizeof(form_flags) / sizeof(form_flags[0]); i++) {
		if ((fault->faults & form_flags[i].fault) != 0) {
			template_put_flag(item, form_flags[i].flag, true);
			return;
		}
	}
}

static void
show(const struct request *request, struct answer *answer, int http_status,
     const struct import_report *report)
{
	struct template_values *values = page_desk_values(request);
	struct template_list *list = template_put_list(values, "faults");
	bool done = http_status == 200 && report != NULL;

	for (size_t i = 0; report != NULL && i < report->fault_count; i++)
		put_fault(list, &report->faults[i]);
	/* What may hold passphrases is not given back. */
	if (report != NULL && !report->has_passphrases && !done)
		template_put_slice(values, "rows", form_value(&request->form, "rows"));
	else
		template_put_text(values, "rows", "");
	template_put_number(values, "most", request->site->messenger.policy->most_locks);
	template_put_number(values, "most_templates",
			    request->site->messenger.policy->most_templates);
	template_put_number(values, "added", report == NULL ? 0 : (long long)report->added);
	template_put_number(values, "changed", report == NULL ? 0 : (long long)report->changed);
	template_put_flag(values, "done", done);
	template_put_flag(values, "any_error",
			  (report != NULL && report->fault_count > 0) || request->stale ||
			      request->crowded);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	page_show(request, answer, http_status, "pages/desk_import", values);
}

void
page_import(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL);
}

void
page_import_take(struct request *request, struct answer *answer)
{
	struct slice file = form_value(&request->form, "file");
	struct import_report report;
	enum status status =
	    messenger_templates_import(&request->site->messenger, request->desk.address,
				       file.size > 0 ? file : form_value(&request->form, "rows"),
				       request->now, request->arena, &report);

	if (status == STATUS_OK)
		show(request, answer, 200, &report);
	else if (status == STATUS_INVALID)
		show(request, answer, 400, &report);
	else
		page_failure(request, answer, status);
}
