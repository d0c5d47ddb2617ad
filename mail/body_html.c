/* The HTML of a part: as text, and sanitised. */
#include "mail/body.h"
#include "mail/html_sanitise.h"
#include "mail/html_text.h"
#include "mail/html_tree.h"

enum status
body_html_to_text(const struct source *message, const struct part *part, struct text *text,
		  struct text *spans)
{
	struct text html;
	enum status status;

	text_init(&html, HTML_SIZE_MAX);
	status = html_read(message, part, &html);
	if (status == STATUS_OK)
		status = html_to_text(text_slice(&html), text, spans);
	text_clear(&html);
	return status;
}

enum status
body_html_sanitise(const struct source *message, const struct part *part,
		   const char *(*cid_url)(void *context, const char *content_id), void *context,
		   struct text *html)
{
	struct text raw;
	enum status status;

	text_init(&raw, HTML_SIZE_MAX);
	status = html_read(message, part, &raw);
	if (status == STATUS_OK)
		status = html_sanitise(text_slice(&raw), cid_url, context, html);
	text_clear(&raw);
	return status;
}
