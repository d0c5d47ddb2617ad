/*
 * /r/SECRET/view/N/NAME: a file looked at without saving it: a picture, a text, the list of an
 * archive.  Whatever a browser would have to interpret (PDF, HTML, SVG, office documents) is only
 * given out to be saved.
 */
#include "portal/page.h"

#include "messenger/shown_letter.h"
#include "portal/ask.h"
#include "portal/file_values.h"
#include "portal/text_blocks.h"

#define TEXT_SHOWN_MAX ((size_t)131072)
#define NAMES_MAX ((size_t)500)
#define NAME_BYTES_MAX ((size_t)20000)

/* The text as far as there is room. */
static void
put_text(struct request *request, const struct part *part, const struct page_sight *sight,
	 struct template_values *values)
{
	text_blocks_put(values, sight->text);
	template_put_flag(values, "is_text", true);
	template_put_flag(values, "text_cut", sight->text_cut);
	template_put_flag(values, "text_empty", slice_trim(sight->text).size == 0);
	/* Who has read all of it need not take it any more. */
	if (!sight->text_cut && request->method == METHOD_GET)
		page_note_taken(request, part);
}

/* What is to be shown; false for nothing. */
static enum status
put_content(struct request *request, const struct part *part, struct template_values *values,
	    bool *shown_out)
{
	struct file_budget budget = {NAMES_MAX, NAME_BYTES_MAX};
	struct page_wish wish = ask_wish(request, NULL);
	struct page_look look;
	struct page_reading page;
	const struct page_sight *sight = NULL;
	enum status status = STATUS_OK;
	bool failed = false;

	wish.looks = &look;
	wish.look_count = shown_look(part, &look) ? 1 : 0;
	wish.text_max = TEXT_SHOWN_MAX;
	wish.names_max = NAMES_MAX;
	if (wish.look_count > 0)
		status = ask_page(request, &wish, &page, &failed);
	if (status != STATUS_OK)
		return status;
	if (wish.look_count > 0)
		sight = &page.sights[0];
	template_put_list(values, "blocks");
	file_values_put(request, part, sight, &budget, values);
	*shown_out = sight != NULL &&
		     (look.kind == LOOK_ARCHIVE || (look.kind == LOOK_TEXT && sight->seen) ||
		      (look.kind == LOOK_PICTURE && file_values_is_picture(sight)));
	template_put_flag(values, "is_archive", sight != NULL && look.kind == LOOK_ARCHIVE);
	template_put_flag(values, "is_picture", *shown_out && look.kind == LOOK_PICTURE);
	if (*shown_out && look.kind == LOOK_TEXT)
		put_text(request, part, sight, values);
	return STATUS_OK;
}

void
page_view(struct request *request, struct answer *answer)
{
	const struct part *part = page_find_file(request);
	struct template_values *values = page_values(request, CSRF_SESSION);
	bool shown = false;
	enum status status = STATUS_NOT_FOUND;

	if (part != NULL)
		status = put_content(request, part, values, &shown);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_flag(values, "not_shown", !shown);
	page_show(request, answer, 200, "pages/view", values);
}
