/*
 * /desk/would: what would happen to a message, and why.
 */
#include "portal/page.h"

#include "messenger/reason.h"
#include "messenger/would.h"
#include "portal/query.h"

static void
put_result(struct template_values *values, const struct would_view *view)
{
	const struct decision *decision = &view->decision;
	bool templated = view->by_template || view->prepared;

	template_put_text(values, "recipient", decision->recipient);
	template_put_flag(values, "plain", decision->route == ROUTE_PLAIN);
	template_put_flag(values, "portal",
			  decision->route == ROUTE_PORTAL && !view->held && view->pdf == PDF_NONE);
	template_put_flag(values, "pdf", view->pdf != PDF_NONE);
	template_put_flag(values, "pdf_passphrase", view->pdf == PDF_PASSPHRASE);
	template_put_flag(values, "pdf_generated", view->pdf == PDF_GENERATED);
	template_put_flag(values, "pdf_phone", view->pdf == PDF_PHONE);
	template_put_flag(values, "pdf_sheet", view->pdf == PDF_SHEET);
	template_put_flag(values, "held", view->held);
	template_put_flag(values, "refused", decision->route == ROUTE_REFUSE);
	template_put_flag(values, "smime", decision->route == ROUTE_SMIME);
	template_put_flag(values, "openpgp", decision->route == ROUTE_OPENPGP);
	template_put_flag(values, "tls", decision->route == ROUTE_TLS);
	template_put_flag(values, "looking", view->looking);
	template_put_flag(values, "by_template", view->by_template);
	template_put_flag(values, "prepared", view->prepared);
	template_put_flag(values, "template_domain", templated && *view->template.recipient == '@');
	template_put_text(values, "clue",
			  templated && !view->by_mailbox ? view->template.clue : "");
	template_put_flag(values, "by_mailbox", view->by_mailbox);
	template_put_number(values, "until_days", view->lifetime_days);
	reason_put(values, decision->reason);
}

void
page_would(struct request *request, struct answer *answer)
{
	struct template_values *values = page_desk_values(request);
	struct slice address = slice_trim(form_value(&request->form, "address"));
	const char *subject = request_field_text(request, "subject");
	struct would_view view = {.evidence = evidence_none()};
	enum status status = STATUS_OK;

	template_put_slice(values, "address", address);
	template_put_text(values, "subject", subject);
	template_put_text(values, "recipient", "");
	template_put_text(values, "look_again_url",
			  query_url(request->arena, "/desk/would",
				    (const struct query_pair[]){
					{"address", arena_text_from(request->arena, address)},
					{"subject", subject}},
				    2));
	template_put_text(values, "clue", "");
	template_put_number(values, "until_days", 0);
	if (address.size > 0) {
		status = messenger_would(&request->site->messenger, request->desk.address, address,
					 subject, request->now, request->arena, &view);
		template_put_flag(values, "asked", true);
		template_put_flag(values, "address_wrong", status == STATUS_INVALID);
	}
	if (status != STATUS_OK && status != STATUS_INVALID) {
		page_failure(request, answer, status);
		return;
	}
	if (address.size > 0 && status == STATUS_OK)
		put_result(values, &view);
	evidence_put(values, &view.evidence, request->arena);
	page_show(request, answer, status == STATUS_INVALID ? 400 : 200, "pages/desk_would",
		  values);
}
