/* The text of a letter: each piece of it in its order, pictures between them named. */
#include "mail/file_name.h"
#include "portal/ask.h"
#include "portal/file_values.h"
#include "portal/letter_part.h"
#include "portal/letter_text.h"

static void
put_picture(const struct request *request, const struct part *part, struct template_list *runs)
{
	struct template_values *item = template_list_add(runs);

	template_put_text(item, "picture", file_name_or_default(part->name, part->type));
	template_put_text(item, "url", file_values_url(request, part));
}

void
letter_put_body(const struct request *request, const struct shown *shown,
		struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	struct template_list *runs = template_put_list(values, "runs");
	bool any = false;

	for (size_t i = 0; i < page->piece_count; i++) {
		const struct page_piece *piece = &page->pieces[i];

		if (piece->picture != NULL) {
			put_picture(request, piece->picture, runs);
			continue;
		}
		letter_text_put(runs, piece->text);
		any = true;
	}
	template_put_flag(values, "no_text", !any);
}

enum status
letter_plain_text(const struct request *request, size_t most, struct text *text)
{
	struct page_wish wish = ask_wish(request, NULL);
	struct page_reading page;
	enum status status;
	bool failed;

	wish.wants = PAGE_TEXT;
	wish.text_max = most;
	status = ask_page(request, &wish, &page, &failed);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < page.piece_count; i++)
		text_append(text, page.pieces[i].text);
	return STATUS_OK;
}
