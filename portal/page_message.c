/*
 * /r/SECRET/message: the message as text, its files, and what can be done with it;
 * /r/SECRET/message/N: a letter that is attached to it.
 */
#include "portal/page.h"

#include "portal/file_values.h"
#include "portal/letter.h"
#include "portal/thread_values.h"

static void
show(struct request *request, struct answer *answer, int http_status)
{
	const struct opened *opened = request->opened;
	struct template_values *values = page_values(request, CSRF_SESSION);
	unsigned long long sent[2];
	struct shown shown;
	enum mailbox_standing standing;
	enum status status = letter_read(request, NULL, SHOWN_ON_PAGE, &shown);

	if (status == STATUS_OK)
		status = messenger_mailbox_standing(&request->site->messenger, opened,
						    request->arena, &standing);
	if (status == STATUS_OK && opened->by_mailbox)
		status =
		    page_put_ways_back(request, values,
				       messenger_address_index(&request->site->messenger,
							       opened->recipient, request->arena));
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	letter_put(request, &shown, values);
	template_put_text(values, "base", request_path(request, ""));
	template_put_flag(values, "by_mailbox", opened->by_mailbox);
	template_put_flag(values, "mailbox_offered",
			  standing == MAILBOX_OFFERED || standing == MAILBOX_EXPECTED);
	template_put_flag(values, "mailbox_there", standing == MAILBOX_THERE);
	page_put_time(values, "until", opened->expires_at);
	page_put_time(values, "session_until", opened->session_ends_at);
	template_put_flag(values, "can_reply", *opened->sender_address != '\0');
	template_put_flag(values, "replied", session_sent(request, &sent[0], &sent[1]));
	template_put_flag(values, "sure_missing", http_status == 400);
	file_values_put_all(request, NULL, &shown.wish, &shown.page, values);
	page_put_stay(request, values);
	thread_put(request, values);
	page_show(request, answer, http_status, "pages/message", values);
}

void
page_message(struct request *request, struct answer *answer)
{
	show(request, answer, 200);
}

void
page_attached(struct request *request, struct answer *answer)
{
	const struct manifest *manifest = &request->opened->manifest;
	struct template_values *values = page_values(request, CSRF_SESSION);
	const struct part *letter, *outer;
	struct shown shown;
	enum status status;

	if (request->number >= manifest->part_count || !manifest->parts[request->number].letter) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	letter = &manifest->parts[request->number];
	outer = manifest_letter(manifest, letter);
	status = letter_read(request, letter, SHOWN_ON_PAGE, &shown);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	letter_put(request, &shown, values);
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "back",
			  outer == NULL
			      ? request_path(request, "/message")
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/message"), outer->number));
	template_put_flag(values, "nested", outer != NULL);
	template_put_text(values, "save_url", file_values_url(request, letter));
	template_put_text(
	    values, "pdf_url",
	    arena_printf(request->arena, "%s/%u", request_path(request, "/pdf"), letter->number));
	page_put_time(values, "session_until", request->opened->session_ends_at);
	file_values_put_all(request, letter, &shown.wish, &shown.page, values);
	page_show(request, answer, 200, "pages/attached", values);
}

void
page_message_close(struct request *request, struct answer *answer)
{
	enum status status = messenger_close(&request->site->messenger, request->token);

	if (status != STATUS_OK && status != STATUS_DENIED && status != STATUS_NOT_FOUND) {
		page_failure(request, answer, status);
		return;
	}
	answer_add(answer, "Set-Cookie", session_cookie_end(request));
	answer_redirect(answer, request_path(request, ""), request->arena);
}

void
page_message_destroy(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_is_sure(request)) {
		show(request, answer, 400);
		return;
	}
	status =
	    messenger_destroy(&request->site->messenger, &request->opened->delivery, request->now);
	if (status != STATUS_OK && status != STATUS_CONFLICT && status != STATUS_GONE) {
		page_failure(request, answer, status);
		return;
	}
	answer_add(answer, "Set-Cookie", session_cookie_end(request));
	answer_redirect(answer, request_path(request, ""), request->arena);
}
