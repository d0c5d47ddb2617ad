#include "portal/file_values.h"

#include "mail/file_name.h"
#include "messenger/shown_letter.h"
#include "portal/filename.h"
#include "portal/page.h"

/* On the page of a message: names of one archive, and their bytes of all. */
#define NAMES_MAX ((size_t)10)
#define NAME_BYTES_MAX ((size_t)3000)

/* An entry of an archive on a page, beside its name. */
#define ENTRY_BYTES ((size_t)60)

/* 4 bytes for each of these is what a browser needs to draw it. */
#define PIXELS_MAX ((uint64_t)120000000)

/* How pages call a kind: a class of the style sheet, and behind "kind_" a flag of the template. */
static const struct {
	const char *word;
	const char *flag;
} kinds[] = {
    [FILE_KIND_OTHER] = {"other", "kind_other"},
    [FILE_KIND_PDF] = {"pdf", "kind_pdf"},
    [FILE_KIND_WORD] = {"word", "kind_word"},
    [FILE_KIND_SHEET] = {"sheet", "kind_sheet"},
    [FILE_KIND_SLIDES] = {"slides", "kind_slides"},
    [FILE_KIND_TEXT] = {"text", "kind_text"},
    [FILE_KIND_PICTURE] = {"picture", "kind_picture"},
    [FILE_KIND_SOUND] = {"sound", "kind_sound"},
    [FILE_KIND_FILM] = {"film", "kind_film"},
    [FILE_KIND_ZIP] = {"zip", "kind_zip"},
    [FILE_KIND_ARCHIVE] = {"zip", "kind_archive"},
    [FILE_KIND_MAIL] = {"mail", "kind_mail"},
    [FILE_KIND_CALENDAR] = {"calendar", "kind_calendar"},
    [FILE_KIND_CONTACT] = {"contact", "kind_contact"},
    [FILE_KIND_KEY] = {"key", "kind_key"},
    [FILE_KIND_WEB] = {"risky", "kind_web"},
    [FILE_KIND_MACRO] = {"risky", "kind_macro"},
    [FILE_KIND_IMAGE] = {"risky", "kind_image"},
    [FILE_KIND_PROGRAM] = {"risky", "kind_program"},
};

size_t
file_values_list(const struct request *request, const struct part *letter,
		 const struct part ***parts_out)
{
	return shown_list_files(&request->opened->manifest, letter, request->arena, parts_out);
}

bool
file_values_is_picture(const struct page_sight *sight)
{
	return sight != NULL && sight->seen &&
	       (uint64_t)sight->picture.width * sight->picture.height <= PIXELS_MAX;
}

static const char *
url_of(const struct request *request, const struct part *part, const char *what)
{
	const char *name = file_name_or_default(part->name, part->type);

	return arena_printf(request->arena, "%s/%s/%u/%s", request_path(request, ""), what,
			    part->number, filename_path_segment(name, request->arena));
}

const char *
file_values_url(const struct request *request, const struct part *part)
{
	return url_of(request, part, "file");
}

/* The names in an archive, as long as there is room on the page. */
static bool
put_inside(const struct archive_listing *listing, struct file_budget *budget,
	   struct template_values *values)
{
	struct template_list *list = template_put_list(values, "inside");
	size_t shown = 0;

	for (; shown < listing->item_count && budget->names > 0; shown++) {
		const struct archive_item *item = &listing->items[shown];
		size_t bytes = slice_from_text(item->name).size + ENTRY_BYTES;
		struct template_values *value;

		if (bytes > budget->bytes)
			break;
		budget->bytes -= bytes;
		budget->names--;
		value = template_list_add(list);
		template_put_text(value, "inside_name", item->name);
		page_put_size(value, "inside_size", item->size);
		template_put_flag(value, "inside_item_risky", item->is_risky);
	}
	template_put_number(values, "inside_left", (long long)(listing->files - shown));
	return shown < listing->files;
}

/* Whether there is more to see on a page of its own. */
static bool
put_archive(const struct page_sight *sight, struct file_budget *budget,
	    struct template_values *values)
{
	const struct archive_listing *listing = &sight->listing;

	if (!sight->seen) {
		template_put_flag(values, "inside_unknown", true);
		return false;
	}
	template_put_number(values, "inside_count", (long long)listing->files);
	template_put_flag(values, "inside_more", listing->has_more);
	template_put_flag(values, "inside_nothing", listing->files == 0 && !listing->has_more);
	template_put_flag(values, "inside_risky", listing->holds_risky);
	template_put_flag(values, "inside_encrypted", listing->is_encrypted);
	template_put_flag(values, "inside_archives", listing->holds_archives);
	return put_inside(listing, budget, values);
}

/* Whether the file can be looked at on a page. */
static bool
put_sight(enum file_kind kind, const struct page_sight *sight, struct file_budget *budget,
	  struct template_values *values)
{
	if (kind == FILE_KIND_TEXT)
		return true;
	if (sight == NULL || (kind != FILE_KIND_PICTURE && kind != FILE_KIND_ZIP))
		return false;
	if (kind == FILE_KIND_ZIP)
		return put_archive(sight, budget, values);
	if (!file_values_is_picture(sight))
		return false;
	template_put_number(values, "width", sight->picture.width);
	template_put_number(values, "height", sight->picture.height);
	return true;
}

void
file_values_put(const struct request *request, const struct part *part,
		const struct page_sight *sight, struct file_budget *budget,
		struct template_values *values)
{
	const char *name = file_name_or_default(part->name, part->type);
	enum file_kind kind = shown_file_kind(part);
	bool can_view;

	template_put_number(values, "number", part->number);
	template_put_text(values, "name", name);
	template_put_text(values, "kind", kinds[kind].word);
	template_put_flag(values, kinds[kind].flag, true);
	template_put_flag(values, "risky", file_kind_is_risky(kind));
	page_put_size(values, "size_text", part->decoded_size);
	template_put_text(values, "url", file_values_url(request, part));
	template_put_text(values, "width", "");
	template_put_list(values, "inside");
	can_view = put_sight(kind, sight, budget, values);
	template_put_text(values, "view_url", can_view ? url_of(request, part, "view") : "");
	template_put_text(values, "picture_url", url_of(request, part, "picture"));
}

/* What was seen of a part. */
static const struct page_sight *
find_sight(const struct page_wish *wish, const struct page_reading *page, const struct part *part)
{
	for (size_t i = 0; i < wish->look_count; i++)
		if (wish->looks[i].part == part->number)
			return &page->sights[i];
	return NULL;
}

void
file_values_put_all(const struct request *request, const struct part *letter,
		    const struct page_wish *wish, const struct page_reading *page,
		    struct template_values *values)
{
	struct file_budget budget = {NAMES_MAX, NAME_BYTES_MAX};
	struct template_list *list = template_put_list(values, "files");
	const struct part **parts;
	size_t count = file_values_list(request, letter, &parts);
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++) {
		struct file_budget own = budget;

		file_values_put(request, parts[i], find_sight(wish, page, parts[i]), &own,
				template_list_add(list));
		budget.bytes = own.bytes;
		size += parts[i]->decoded_size;
	}
	template_put_flag(values, "has_files", count > 0);
	template_put_text(values, "all_url",
			  count > 1 && letter == NULL ? request_path(request, "/files.zip") : "");
	page_put_size(values, "all_size", size);
}
