#include "portal/pdf_letter.h"

#include <string.h>

#include "base/encode.h"
#include "portal/ask.h"
#include "portal/bundle_names.h"
#include "portal/file_values.h"
#include "portal/filename.h"
#include "portal/letter_text.h"

#define LINES_MAX ((size_t)262144) /* of the template, rendered */
#define PICTURES_MAX ((size_t)40)
#define ACCENT 0x1f4e79U
#define TEMPLATE "pdf/message"

/* A letter on its way. */
struct making {
	const struct request *request;
	struct letter_view view;
	const struct part **parts; /* its files */
	const char *const *names;  /* of these; the first is that of the text */
	const bool *fits;
	size_t count;
	bool with_files;
	struct document_head head;
	struct document *document;
	/* What the next block wants besides its line. */
	struct slice label, about, caption, otherwise;
};

const bool *
pdf_letter_fit(const struct request *request, const struct part *const *parts, size_t count)
{
	bool *fits = arena_alloc_many(request->arena, count + 1, sizeof(*fits));
	uint64_t left = PDF_FILES_SIZE_MAX;
	size_t places = PDF_FILES_COUNT_MAX;

	for (size_t i = 0; i < count; i++) {
		fits[i] = places > 0 && parts[i]->decoded_size <= left;
		if (!fits[i])
			continue;
		left -= parts[i]->decoded_size;
		places--;
	}
	return fits;
}

/* ---- values ---- */

static void
put_files(const struct making *making, struct template_values *values)
{
	struct template_list *list = template_put_list(values, "files");
	bool left = false;

	for (size_t i = 0; i < making->count; i++) {
		const struct part *part = making->parts[i];
		struct template_values *item = template_list_add(list);
		bool inside = making->with_files && making->fits[i];

		template_put_number(item, "number", (long long)i);
		template_put_text(item, "type", filename_content_type(part->type));
		page_put_size(item, "size_text", part->decoded_size);
		template_put_flag(item, "in_pdf", inside);
		left = left || !inside;
	}
	template_put_flag(values, "has_files", making->count > 0);
	template_put_flag(values, "files_left", left);
}

static void
put_picture(struct template_values *item, const struct part *part)
{
	template_put_number(item, "number", part->number);
	template_put_text(item, "name", filename_or_default(part->name, part->type));
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
put_pieces(const struct making *making, struct template_values *values)
{
	const struct page_reading *page = &making->view.page;
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
	template_put_flag(values, "no_text", !any && !making->view.failed);
}

/* All others that were seen to be pictures follow behind the files. */
static void
put_pictures(const struct making *making, struct template_values *values)
{
	const struct letter_view *view = &making->view;
	struct template_list *list = template_put_list(values, "pictures");
	size_t shown = 0;

	for (size_t i = 0; i < view->wish.look_count && shown < PICTURES_MAX; i++) {
		const struct part *part =
		    &making->request->opened->manifest.parts[view->wish.looks[i].part];

		if (view->wish.looks[i].kind != LOOK_PICTURE || !view->page.sights[i].seen ||
		    stands_between(&view->page, part))
			continue;
		put_picture(template_list_add(list), part);
		shown++;
	}
	template_put_flag(values, "has_pictures", shown > 0);
}

static struct template_values *
make_values(const struct making *making)
{
	const struct request *request = making->request;
	struct template_values *values = page_values(request, CSRF_NONE);

	letter_put_around(request, &making->view, values);
	put_pieces(making, values);
	put_pictures(making, values);
	put_files(making, values);
	page_put_time(values, "until", request->opened->expires_at);
	page_put_time(values, "copied_at", request->now);
	template_put_flag(values, "attached", making->view.letter != NULL);
	template_put_text(values, "portal_url", request->site->messenger.policy->portal_url);
	/* For the drawing, which knows them. */
	template_put_text(values, "page", "%1");
	template_put_text(values, "pages", "%2");
	template_put_text(values, "unseen", "%1");
	return values;
}

/* ---- text ---- */

static void
add_line(struct document *document, struct slice line)
{
	size_t at = 0, begin, end;

	while (letter_text_find_link(line, at, &begin, &end)) {
		struct slice link = slice_part(line, begin, end);

		document_run(document, slice_part(line, at, begin), slice_of(NULL, 0));
		document_run(document, link, link);
		at = end;
	}
	document_run(document, slice_part(line, at, line.size), slice_of(NULL, 0));
	document_run(document, SLICE("\n"), slice_of(NULL, 0));
}

/* Line by line, a block for each depth of quotation. */
static void
add_text(struct document *document, struct slice text)
{
	size_t open = SLICE_NONE;

	while (text.size > 0) {
		size_t depth;
		struct slice line = letter_text_unquote(slice_take_line(&text), &depth);

		if (depth != open) {
			if (open != SLICE_NONE)
				document_end(document);
			document_begin(document, DOCUMENT_LINES, (unsigned)depth);
			open = depth;
		}
		add_line(document, line);
	}
	if (open != SLICE_NONE)
		document_end(document);
}

/* ---- lines of the template ---- */

typedef void block_adder(struct making *making, struct slice text);

static void
add_title(struct making *making, struct slice text)
{
	document_add(making->document, DOCUMENT_TITLE, text);
}

static void
add_heading(struct making *making, struct slice text)
{
	document_add(making->document, DOCUMENT_HEADING, text);
}

static void
add_paragraph(struct making *making, struct slice text)
{
	document_add(making->document, DOCUMENT_PARAGRAPH, text);
}

static void
add_note(struct making *making, struct slice text)
{
	document_add(making->document, DOCUMENT_NOTE, text);
}

static void
add_item(struct making *making, struct slice text)
{
	document_add(making->document, DOCUMENT_ITEM, text);
}

static void
add_link(struct making *making, struct slice text)
{
	document_begin(making->document, DOCUMENT_NOTE, 0);
	document_run(making->document, text, text);
	document_end(making->document);
}

static void
add_rule(struct making *making, struct slice text)
{
	(void)text;
	document_add_rule(making->document);
}

static void
add_break(struct making *making, struct slice text)
{
	(void)text;
	document_add_break(making->document);
}

static void
set_label(struct making *making, struct slice text)
{
	making->label = text;
}

static void
add_fact(struct making *making, struct slice text)
{
	document_add_fact(making->document, making->label, text);
}

static void
set_about(struct making *making, struct slice text)
{
	making->about = text;
}

/* A number that is below `count`. */
static bool
read_number(struct slice text, size_t count, size_t *number_out)
{
	unsigned long long number;

	if (!slice_to_number(text, &number) || number >= count)
		return false;
	*number_out = (size_t)number;
	return true;
}

static void
add_file(struct making *making, struct slice text)
{
	char digest[HEX_LENGTH(32) + 1];
	const struct part *part;
	size_t i;

	if (!read_number(text, making->count, &i))
		return;
	part = making->parts[i];
	encode_hex(slice_of(part->sha256, sizeof(part->sha256)), digest);
	document_add_file(
	    making->document, slice_from_text(making->names[i + 1]), making->about,
	    slice_from_text(arena_printf(making->request->arena, "SHA-256: %s", digest)));
}

static void
set_caption(struct making *making, struct slice text)
{
	making->caption = text;
}

static void
set_otherwise(struct making *making, struct slice text)
{
	making->otherwise = text;
}

static void
add_picture(struct making *making, struct slice text)
{
	size_t part;

	if (read_number(text, making->request->opened->manifest.part_count, &part))
		document_add_picture(making->document, (uint32_t)part, making->caption,
				     making->otherwise);
}

static void
add_lines(struct making *making, struct slice text)
{
	const struct page_reading *page = &making->view.page;
	size_t piece;

	if (read_number(text, page->piece_count, &piece))
		add_text(making->document, page->pieces[piece].text);
}

static const struct {
	const char *word;
	block_adder *add;
} words[] = {
    {"title", add_title},     {"heading", add_heading},	    {"paragraph", add_paragraph},
    {"note", add_note},	      {"item", add_item},	    {"link", add_link},
    {"rule", add_rule},	      {"break", add_break},	    {"label", set_label},
    {"fact", add_fact},	      {"about", set_about},	    {"file", add_file},
    {"caption", set_caption}, {"otherwise", set_otherwise}, {"picture", add_picture},
    {"lines", add_lines},
};

/* "word: text"; false behind the last. */
static bool
next_line(struct slice *rest, struct slice *word_out, struct slice *text_out)
{
	while (rest->size > 0) {
		struct slice line = slice_take_line(rest);
		size_t colon = slice_find_byte(line, ':', 0);

		if (colon == SLICE_NONE)
			continue;
		*word_out = slice_part(line, 0, colon);
		*text_out = slice_trim(slice_part(line, colon + 1, line.size));
		return true;
	}
	return false;
}

static void
read_head(struct making *making, struct slice rest)
{
	struct arena *arena = making->request->arena;
	struct slice word, text;

	while (next_line(&rest, &word, &text)) {
		if (slice_equal(word, SLICE("page")))
			making->head.page_words = arena_text_from(arena, text);
		else if (slice_equal(word, SLICE("unseen")))
			making->head.unseen_words = arena_text_from(arena, text);
		else if (slice_equal(word, SLICE("name")))
			making->head.text_name =
			    arena_printf(arena, "%s.txt", arena_text_from(arena, text));
		else if (slice_equal(word, SLICE("title")))
			making->head.title = arena_text_from(arena, text);
	}
}

static void
add_blocks(struct making *making, struct slice rest)
{
	struct slice word, text;

	while (next_line(&rest, &word, &text))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (slice_equal(word, slice_from_text(words[i].word)))
				words[i].add(making, text);
}

/* Names that differ, that of the text among them. */
static void
name_files(struct making *making)
{
	struct arena *arena = making->request->arena;
	const struct part **all =
	    arena_alloc_many(arena, making->count + 1, sizeof(const struct part *));
	struct part *text = arena_alloc(arena, sizeof(*text));

	*text = (struct part){.name = making->head.text_name, .type = "text/plain"};
	all[0] = text;
	for (size_t i = 0; i < making->count; i++)
		all[i + 1] = making->parts[i];
	making->names = bundle_names(all, making->count + 1, arena);
	making->head.text_name = making->names[0];
}

static void
choose_files(const struct making *making, struct pdf_wish *wish,
	     const struct part *const **parts_out)
{
	struct arena *arena = making->request->arena;
	struct pdf_file *files = arena_alloc_many(arena, making->count + 1, sizeof(*files));
	const struct part **parts =
	    arena_alloc_many(arena, making->count + 1, sizeof(const struct part *));

	for (size_t i = 0; i < making->count && making->with_files; i++) {
		if (!making->fits[i])
			continue;
		parts[wish->file_count] = making->parts[i];
		files[wish->file_count++] =
		    (struct pdf_file){.part = making->parts[i],
				      .name = making->names[i + 1],
				      .type = filename_content_type(making->parts[i]->type)};
	}
	wish->files = files;
	*parts_out = parts;
}

enum status
pdf_letter_make(const struct request *request, const struct part *letter, bool with_files,
		struct pdf_wish *wish_out, const struct part *const **parts_out)
{
	const struct template_set *templates =
	    languages_templates(request->site->messenger.languages, request->language);
	struct text *lines = text_new_in(request->arena, LINES_MAX);
	struct making making = {.request = request, .with_files = with_files};
	enum status status = letter_read(request, letter, PAGE_TEXT_MAX, &making.view);

	if (status != STATUS_OK)
		return status;
	making.count = file_values_list(request, letter, &making.parts);
	making.fits = pdf_letter_fit(request, making.parts, making.count);
	status = template_render(templates, TEMPLATE, make_values(&making), lines);
	if (status != STATUS_OK)
		return status;
	making.head = (struct document_head){
	    .title = "",
	    .author = request->site->messenger.policy->organisation,
	    .language = language_code(request->language),
	    .rtl = language_is_rtl(request->language),
	    .accent = ACCENT,
	    .made_at = request->now,
	    .page_words = "",
	    .unseen_words = "",
	    .text_name = "",
	};
	read_head(&making, text_slice(lines));
	name_files(&making);
	making.document = document_new(request->arena, &making.head);
	add_blocks(&making, text_slice(lines));
	*wish_out = (struct pdf_wish){.label = ask_label(request),
				      .document = making.document,
				      .message = &request->opened->message_source,
				      .manifest = &request->opened->manifest};
	choose_files(&making, wish_out, parts_out);
	return STATUS_OK;
}

const char *
pdf_letter_name(const struct request *request, const char *subject)
{
	struct slice text = slice_from_text(subject);
	char *copy = arena_text_from(request->arena, text);

	/* A subject is no path. */
	for (char *c = copy; *c != '\0'; c++)
		if (strchr("/\\:", *c) != NULL)
			*c = '-';
	text = slice_from_text(copy);
	/* The clean name ends as it should, whatever the subject's length. */
	return text.size == 0
		   ? "message.pdf"
		   : filename_clean(slice_from_text(arena_printf(request->arena, "%s.pdf", copy)),
				    request->arena);
}
