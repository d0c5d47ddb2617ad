/* A small document of all kinds, drawn before the reader is shut in: libraries load what they load,
 * and what is the same in each process is made once for all of them. */
#include "base/log.h"
#include "base/secret.h"
#include "mail/pack.h"
#include "pdf/document.h"
#include "pdf/fonts.h"
#include "pdf/task.h"

static const struct document_head head = {.title = "warm",
					  .author = "",
					  .language = "en",
					  .made_at = 1,
					  .page_words = "%1 %2",
					  .unseen_words = "%1",
					  .text_name = "warm.txt"};

void
pdf_task_warm(void)
{
	struct arena *arena = arena_new();
	struct document *document = document_new(arena, &head);
	struct slice nothing = {NULL, 0}, code = SLICE("code"), bytes;
	struct source message = source_from_slice(&nothing);
	struct reading_job job = {.message = &message, .arena = arena};
	struct text *request = text_new_in(arena, DOCUMENT_MAX);
	enum status status;

	text_init_in(&job.result, arena, 0);
	/* Latin, Hebrew and Arabic, Chinese, a letter with a mark, and what no font has. */
	document_add(document, DOCUMENT_TITLE, SLICE("a\xcc\x81 \xd7\xa9 \xd8\xb9\xd8\xb1"));
	document_add(document, DOCUMENT_LINES, SLICE("\xe4\xb8\xad \xf0\x9f\x98\x80 b"));
	document_add_codes(document, &code, 1);
	if (fonts_count() > 0 && document_pack(document, &bytes) == STATUS_OK) {
		pack_bytes(request, bytes);
		pack_bytes(request, nothing);
		pack_bytes(request, SLICE("warm"));
		pack_number(request, 0, 4);
		pack_bytes(request, nothing);
		job.request = text_slice(request);
		status = pdf_task_run(&job);
		if (status != STATUS_OK)
			log_warning("pdf-not-drawn", LOG_TEXT("why", status_text(status)));
	}
	arena_free(arena);
}
