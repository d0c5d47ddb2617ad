#include "portal/quoting.h"

#include "base/log.h"
#include "mail/quote.h"
#include "messenger/shown_letter.h"
#include "portal/letter.h"

/* More than a quotation holds, for what is left out of it: signatures, levels, long lines. */
#define BODY_READ_MAX (4 * QUOTE_MAX)

/* Names and dates of a header are bounded by less. */
#define LINE_MAX_BYTES ((size_t)65536)

/* One line, in the language of who answers.  Without it, the quoted lines say enough. */
static const char *
attribution(const struct request *request)
{
	const struct manifest *manifest = &request->opened->manifest;
	struct template_values *values = template_values_new(request->arena);
	struct text *line = arena_alloc(request->arena, sizeof(*line));
	enum status status;

	template_put_text(values, "name",
			  *manifest->from.name != '\0' ? manifest->from.name
						       : manifest->from.address);
	template_put_text(
	    values, "date",
	    shown_date(request->language, manifest->date, manifest->sent_at, request->arena));
	text_init_in(line, request->arena, LINE_MAX_BYTES);
	status = template_render(
	    languages_templates(request->site->messenger.languages, request->language),
	    "pages/attribution", values, line);
	if (status != STATUS_OK) {
		log_warning("not-attributed", LOG_TEXT("status", status_text(status)));
		return "";
	}
	return arena_text_from(request->arena, slice_trim(text_slice(line)));
}

const char *
quoting_text(const struct request *request)
{
	struct text *body = arena_alloc(request->arena, sizeof(*body));
	struct text *quote = arena_alloc(request->arena, sizeof(*quote));
	enum status status;

	text_init_in(body, request->arena, BODY_READ_MAX);
	text_init_in(quote, request->arena, 2 * QUOTE_MAX);
	status = letter_plain_text(request, BODY_READ_MAX, body);
	if (status != STATUS_OK) {
		log_warning("not-quoted", LOG_TEXT("status", status_text(status)));
		return "";
	}
	quote_put(attribution(request), text_slice(body), quote);
	return text_ok(quote) ? text_string(quote) : "";
}
