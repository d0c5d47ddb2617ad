#include "messenger/shown_pdf.h"

#include "mail/file_name.h"
#include "messenger/paper.h"

#define PICTURES_MAX ((size_t)40)

struct files {
	const struct part **parts;
	const bool *fits; /* NULL: none goes in */
	size_t count;
};

static void
put_files(const struct files *files, struct template_values *values)
{
	struct template_list *list = template_put_list(values, "files");
	bool left = false;

	for (size_t i = 0; i < files->count; i++) {
		const struct part *part = files->parts[i];
		struct template_values *item = template_list_add(list);
		bool inside = files->fits != NULL && files->fits[i];

		template_put_number(item, "number", (long long)i);
		template_put_text(item, "type", file_name_content_type(part->type));
		template_put_size(item, "size_text", part->decoded_size);
		template_put_flag(item, "in_pdf", inside);
		left = left || !inside;
	}
	template_put_flag(values, "has_files", files->count > 0);
	template_put_flag(values, "files_left", left);
}

static void
put_picture(struct template_values *item, const struct part *part)
{
	template_put_number(item, "number", part->number);
	template_put_text(item, "name", file_name_or_default(part->name, part->type));
}

/* Pictures between the texts stand where they stood. */
static bool
stands_between(const struct page_reading *page, const struct part *part)
{
	for (size_t i = 0; i < page->piece_count; i++)
		if (page->pieces[i].picture == part)
			return true;
	return false;
}

static void
put_pieces(const struct shown *shown, struct template_values *values)
{
	const struct page_reading *page = &shown->page;
	struct template_list *list = template_put_list(values, "pieces");
	bool any = false;

	for (size_t i = 0; i < page->piece_count; i++) {
		struct template_values *item = template_list_add(list);

		template_put_number(item, "piece", (long long)i);
		template_put_flag(item, "piece_text", page->pieces[i].picture == NULL);
		if (page->pieces[i].picture != NULL)
			put_picture(item, page->pieces[i].picture);
		else
			any = true;
	}
	template_put_flag(values, "no_text", !any && !shown->failed);
}

/* All others that were seen to be pictures follow behind the files, in whose order looks are; who
 * calls itself one and was not looked at may be one. */
static void
put_pictures(const struct shown *shown, const struct files *files, struct template_values *values)
{
	const struct page_wish *wish = &shown->wish;
	struct template_list *list = template_put_list(values, "pictures");
	size_t count = 0, look = 0;
	bool more = false;

	for (size_t i = 0; i < files->count; i++) {
		const struct part *part = files->parts[i];
		bool picture = shown_file_kind(part) == FILE_KIND_PICTURE, looked = false;

		if (look < wish->look_count && wish->looks[look].part == part->number) {
			picture = shown->page.sights[look++].seen;
			looked = true;
		}
		if (!picture || stands_between(&shown->page, part))
			continue;
		if (!looked || count == PICTURES_MAX) {
			more = true;
			continue;
		}
		put_picture(template_list_add(list), part);
		count++;
	}
	template_put_flag(values, "has_pictures", count > 0);
	template_put_flag(values, "more_pictures", more);
}

enum status
shown_pdf_describe(const struct shown_pdf *from, struct pdf_wish *wish_out)
{
	const struct shown *shown = from->shown;
	struct template_values *values = from->values;
	struct files files = {.fits = NULL};
	struct described described = {
	    .page = &shown->page, .manifest = shown->manifest, .made_at = from->made_at};
	enum status status;

	files.count = shown_list_files(shown->manifest, shown->letter, shown->arena, &files.parts);
	if (from->with_files)
		files.fits = pdf_files_fit(files.parts, files.count, shown->arena);
	shown_put(shown, values);
	put_pieces(shown, values);
	put_pictures(shown, &files, values);
	put_files(&files, values);
	template_put_flag(values, "attached", shown->letter != NULL);
	template_put_flag(values, "laid_out",
			  shown_html(shown->manifest, shown->letter) != NULL && !shown->failed);
	described.files = files.parts;
	described.file_count = files.count;
	described.fits = files.fits;
	status = paper_describe(from->messenger, shown->language, from->name, values, &described,
				shown->arena, wish_out);
	wish_out->label = shown->label;
	wish_out->message = shown->message;
	return status;
}
