#include "portal/pdf_letter.h"

#include <string.h>

#include "messenger/shown_pdf.h"
#include "portal/filename.h"

enum status
pdf_letter_make(const struct request *request, const struct part *letter, bool with_files,
		struct pdf_wish *wish_out)
{
	const struct messenger *messenger = &request->site->messenger;
	struct template_values *values = page_values(request, CSRF_NONE);
	struct shown shown;
	const struct shown_pdf from = {.messenger = messenger,
				       .shown = &shown,
				       .name = "pdf/message",
				       .values = values,
				       .with_files = with_files,
				       .made_at = request->now};
	enum status status = letter_read(request, letter, SHOWN_ON_PAPER, &shown);

	if (status != STATUS_OK)
		return status;
	page_put_time(values, "until", request->opened->expires_at);
	page_put_time(values, "copied_at", request->now);
	template_put_text(values, "portal_url", messenger->policy->portal_url);
	return shown_pdf_describe(&from, wish_out);
}

const char *
pdf_letter_name(const struct request *request, const char *subject)
{
	struct slice text = slice_from_text(subject);
	char *copy = arena_text_from(request->arena, text);

	/* A subject is no path. */
	for (char *c = copy; *c != '\0'; c++)
		if (strchr("/\\:", *c) != NULL)
			*c = '-';
	text = slice_from_text(copy);
	/* The clean name ends as it should, whatever the subject's length. */
	return text.size == 0
		   ? "message.pdf"
		   : filename_clean(slice_from_text(arena_printf(request->arena, "%s.pdf", copy)),
				    request->arena);
}
