#include "messenger/paper.h"

#include "messenger/letterhead.h"

#define LINES_MAX ((size_t)1048576) /* of the template, rendered */

enum status
paper_describe(const struct messenger *messenger, const struct language *language, const char *name,
	       struct template_values *values, struct described *from, struct arena *arena,
	       struct pdf_wish *wish_out)
{
	struct text *lines = text_new_in(arena, LINES_MAX);
	enum status status;

	appearance_put(&messenger->policy->appearance, values);
	/* For the drawing, which knows them. */
	template_put_text(values, "page", "%1");
	template_put_text(values, "pages", "%2");
	template_put_text(values, "unseen", "%1");
	status = template_render(languages_templates(messenger->languages, language), name, values,
				 lines);
	if (status != STATUS_OK)
		return status;
	from->lines = text_slice(lines);
	from->author = messenger->policy->organisation;
	from->accent = messenger->letterhead->accent;
	from->logo = messenger->letterhead->logo;
	from->logo_says_name = messenger->letterhead->logo_says_name;
	from->language = language_code(language);
	from->rtl = language_is_rtl(language);
	pdf_describe(from, arena, wish_out);
	return STATUS_OK;
}
