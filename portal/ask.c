#include "portal/ask.h"

#include "messenger/shown_letter.h"

const char *
ask_label(const struct request *request)
{
	char id[ID_TEXT_SIZE];

	return arena_copy_text(request->arena, id_text(request->opened->message, id));
}

struct page_wish
ask_wish(const struct request *request, const struct part *letter)
{
	return (struct page_wish){.label = ask_label(request),
				  .message = &request->opened->message_source,
				  .manifest = &request->opened->manifest,
				  .letter = letter};
}

enum status
ask_page(const struct request *request, const struct page_wish *wish, struct page_reading *page_out,
	 bool *failed_out)
{
	return shown_ask(request->site->messenger.reader, wish, request->arena, page_out,
			 failed_out);
}

enum status
ask_open(const struct request *request, const struct part *part, struct source *source_out)
{
	const struct opened *opened = request->opened;

	return reading_open(request->site->messenger.reader, ask_label(request),
			    &opened->message_source, &opened->manifest, part, request->arena,
			    source_out);
}
