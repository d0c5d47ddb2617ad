#include "portal/letter.h"

#include "portal/ask.h"
#include "portal/letter_part.h"

enum status
letter_subject(const struct request *request, const struct part *letter, const char **subject_out)
{
	struct page_wish wish = ask_wish(request, letter);
	struct page_reading page;
	enum status status;
	bool failed;

	if (letter == NULL) {
		*subject_out = request->opened->manifest.subject;
		return STATUS_OK;
	}
	wish.wants = PAGE_HEAD;
	status = ask_page(request, &wish, &page, &failed);
	if (status == STATUS_OK)
		*subject_out = page.headers.subject;
	return status;
}

enum status
letter_read(const struct request *request, const struct part *letter, enum shown_form form,
	    struct shown *shown_out)
{
	size_t text_max = form == SHOWN_ON_PAPER ? PAGE_TEXT_MAX : LETTER_SHOWN_MAX;
	struct shown shown = {.arena = request->arena,
			      .form = form,
			      .language = request->language,
			      .label = ask_label(request),
			      .message = &request->opened->message_source,
			      .manifest = &request->opened->manifest,
			      .letter = letter,
			      .letters_url = request_path(request, "/message")};
	enum status status = shown_read(request->site->messenger.reader, text_max, &shown);

	if (status == STATUS_OK)
		*shown_out = shown;
	return status;
}

void
letter_put(const struct request *request, const struct shown *shown, struct template_values *values)
{
	const struct part *html = shown_html(&request->opened->manifest, shown->letter);

	shown_put(shown, values);
	template_put_text(values, "original_url",
			  html == NULL
			      ? ""
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/original"), html->number));
	letter_put_body(request, shown, values);
}
