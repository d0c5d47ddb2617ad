/*
 * /desk/delivery/ID/letter: how its recipient opens a message, as a PDF to be printed and sent by
 * letter.  It has the clue, and what is known to every reader of the mail; never link, code or
 * passphrase.
 */
#include "portal/page.h"

#include "messenger/paper.h"
#include "messenger/view.h"
#include "portal/delivery_values.h"
#include "portal/pdf_answer.h"

#define FILE_NAME "letter.pdf"

/* That of the recipient's mails, which may be another than the sender's. */
static const struct language *
letter_language(const struct messenger *messenger, const struct sender_view *view)
{
	const struct language *language =
	    languages_find(messenger->languages, slice_from_text(view->language));

	return language == NULL ? messenger_own_language(messenger) : language;
}

static enum status
draw(const struct request *request, const struct sender_view *view, struct slice *pdf_out)
{
	const struct messenger *messenger = &request->site->messenger;
	const struct policy *policy = messenger->policy;
	struct template_values *values = page_desk_values(request);
	const struct language *language = letter_language(messenger, view);
	struct described described = {.made_at = request->now};
	struct pdf_wish wish;
	enum status status;

	template_put_text(values, "portal_url", policy->portal_url);
	template_put_text(values, "recipient", view->recipient);
	template_put_text(values, "clue", view->clue);
	page_put_factor(values, view->factor);
	template_put_flag(values, "pdf_left", delivery_pdf_has_left(view->pdf_outcome));
	page_put_time(values, "sent_at", view->sent_at);
	page_put_time(values, "until", view->expires_at);
	status = paper_describe(messenger, language, "pdf/clue", values, &described, request->arena,
				&wish);
	if (status != STATUS_OK)
		return status;
	wish.label = "letter";
	return pdf_make(messenger->reader, &wish, request->arena, pdf_out);
}

void
page_clue_letter(struct request *request, struct answer *answer)
{
	struct claimant claimant = request_claimant(request);
	struct sender_view view;
	struct slice pdf;
	enum status status =
	    messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view);

	if (status == STATUS_OK && !delivery_has_letter(request, &view))
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK) {
		status = draw(request, &view, &pdf);
		/* Nothing of it came from outside but what was checked before. */
		if (status == STATUS_INVALID || status == STATUS_TOO_LARGE)
			status = STATUS_INTERNAL;
	}
	if (status == STATUS_OK)
		pdf_answer(request, answer, FILE_NAME, pdf);
	else
		page_failure(request, answer, status);
}
