#include "messenger/pdf_message.h"

#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/box.h"
#include "mail/file_name.h"
#include "mail/reading_page.h"
#include "messenger/content.h"
#include "messenger/seal.h"
#include "pdf/ask.h"

#define WORDS_MAX ((size_t)16384)

/* The document in the making. */
struct describing {
	const struct pdf_message *wanted;
	struct arena *arena;
	const char *words; /* lines "name: text" */
	struct manifest manifest;
	struct source message;
	const char *label;
	struct document *document;
	struct pdf_file *files; /* put in */
	size_t file_count;
};

static void
clear_secret(void *argument)
{
	secret_clear(argument);
}

/* What its recipient would open in the portal, by the wrap that is kept until the PDF has left. */
static enum status
open_message(struct describing *describing)
{
	const struct pdf_message *wanted = describing->wanted;
	const struct message_row *row = wanted->message;
	struct arena *arena = describing->arena;
	struct secret *key = arena_alloc(arena, sizeof(*key));
	struct source *stored = arena_alloc(arena, sizeof(*stored));
	struct slice bytes;
	enum status status = seal_open_held_message(wanted->messenger, wanted->delivery, key);

	if (status != STATUS_OK)
		return status;
	arena_defer(arena, clear_secret, key);
	status = box_open(secret_slice(key), "manifest", id_slice(&row->id), row->manifest, arena,
			  &bytes);
	if (status == STATUS_OK)
		status = manifest_read(bytes, arena, &describing->manifest);
	if (status == STATUS_OK)
		status = content_open(wanted->messenger, row, key, arena, stored);
	return status == STATUS_OK
		   ? edit_source(stored, &describing->manifest.edits, arena, &describing->message)
		   : status;
}

static enum status
read_words(struct describing *describing)
{
	const struct pdf_message *wanted = describing->wanted;
	struct text *text = text_new_in(describing->arena, WORDS_MAX);
	enum status status =
	    template_render(languages_templates(wanted->messenger->languages, wanted->language),
			    "pdf/delivery", wanted->values, text);

	describing->words = text_string(text);
	return status;
}

/* "" for a word that the template leaves out. */
static const char *
word(const struct describing *describing, const char *name)
{
	size_t size = strlen(name);
	const char *line = describing->words;

	while (line != NULL && *line != '\0') {
		const char *end = strchr(line, '\n');
		size_t length = end == NULL ? strlen(line) : (size_t)(end - line);

		if (length > size + 2 && strncmp(line, name, size) == 0 &&
		    strncmp(line + size, ": ", 2) == 0)
			return arena_text_from(describing->arena,
					       slice_of(line + size + 2, length - size - 2));
		line = end == NULL ? NULL : end + 1;
	}
	return "";
}

static void
add_fact(struct describing *describing, const char *name, const char *value)
{
	if (*value != '\0')
		document_add_fact(describing->document, slice_from_text(word(describing, name)),
				  slice_from_text(value));
}

static void
add_words(struct describing *describing, enum document_kind kind, const char *name)
{
	const char *words = word(describing, name);

	if (*words != '\0')
		document_add(describing->document, kind, slice_from_text(words));
}

static void
begin(struct describing *describing)
{
	const struct pdf_message *wanted = describing->wanted;
	const char *subject = describing->manifest.subject;
	const struct document_head head = {
	    .title = *subject != '\0' ? subject : word(describing, "title"),
	    .author = wanted->messenger->policy->organisation,
	    .language = language_code(wanted->language),
	    .rtl = language_is_rtl(wanted->language),
	    .accent = 0x14532d,
	    .made_at = wanted->now,
	    .page_words = word(describing, "page"),
	    .unseen_words = word(describing, "unseen"),
	    .text_name = arena_printf(describing->arena, "%s.txt", word(describing, "name")),
	};

	describing->document = document_new(describing->arena, &head);
	document_add(describing->document, DOCUMENT_TITLE, slice_from_text(head.title));
	add_words(describing, DOCUMENT_NOTE, "note");
	add_fact(describing, "from", wanted->from);
	add_fact(describing, "to", wanted->recipient);
	add_fact(describing, "written", word(describing, "sent"));
	add_fact(describing, "until", word(describing, "end"));
	document_add_rule(describing->document);
}

/* How deep a line is quoted; it begins behind its marks. */
static unsigned
quote_level(struct slice *line)
{
	unsigned level = 0;

	while (level < DOCUMENT_QUOTES_MAX && line->size > 0 && line->data[0] == '>') {
		*line = slice_part(*line, 1, line->size);
		level++;
		if (line->size > 0 && line->data[0] == ' ')
			*line = slice_part(*line, 1, line->size);
	}
	return level;
}

/* Lines of one level are a block. */
static void
add_text(struct describing *describing, struct slice text)
{
	struct text *block = text_new_in(describing->arena, PAGE_TEXT_MAX * 2);
	unsigned present = 0;
	size_t at = 0;

	while (at < text.size) {
		size_t end = slice_find_byte(text, '\n', at);
		struct slice line = slice_part(text, at, end);
		unsigned level = quote_level(&line);

		if (level != present) {
			document_begin(describing->document, DOCUMENT_LINES, present);
			document_run(describing->document, text_slice(block), slice_of(NULL, 0));
			document_end(describing->document);
			block = text_new_in(describing->arena, PAGE_TEXT_MAX * 2);
			present = level;
		} else if (text_slice(block).size > 0) {
			text_append_byte(block, '\n');
		}
		text_append(block, line);
		at = end == SLICE_NONE ? text.size : end + 1;
	}
	document_begin(describing->document, DOCUMENT_LINES, present);
	document_run(describing->document, text_slice(block), slice_of(NULL, 0));
	document_end(describing->document);
}

static void
add_picture(struct describing *describing, const struct part *part)
{
	document_add_picture(describing->document, part->number, slice_from_text(part->name),
			     slice_from_text(word(describing, "picture")));
}

/* What a page would show, in its order.  One whose text cannot be read has its files, among them
 * itself. */
static enum status
add_body(struct describing *describing)
{
	struct page_wish wish = {
	    .label = describing->label,
	    .message = &describing->message,
	    .manifest = &describing->manifest,
	    .wants = PAGE_TEXT | PAGE_PIECES,
	    .text_max = PAGE_TEXT_MAX,
	};
	struct page_reading page;
	enum status status =
	    reading_page(describing->wanted->messenger->reader, &wish, describing->arena, &page);
	bool any = false;

	if (status == STATUS_INVALID || status == STATUS_TOO_LARGE) {
		add_words(describing, DOCUMENT_NOTE, "unreadable");
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < page.piece_count; i++) {
		if (page.pieces[i].picture != NULL)
			add_picture(describing, page.pieces[i].picture);
		else if (slice_trim(page.pieces[i].text).size > 0)
			add_text(describing, page.pieces[i].text);
		else
			continue;
		any = true;
	}
	if (!any)
		add_words(describing, DOCUMENT_NOTE, "textless");
	if (page.text_cut)
		add_words(describing, DOCUMENT_NOTE, "cut");
	if (page.html_refused)
		add_words(describing, DOCUMENT_NOTE, "refused");
	return STATUS_OK;
}

static bool
is_file(const struct part *part)
{
	return part->role == PART_FILE || part->role == PART_INLINE;
}

static const char *
type_of(const struct part *part)
{
	return *part->type == '\0' ? "application/octet-stream" : part->type;
}

/* Its name, what it is and how large; and whether it is inside. */
static void
add_file(struct describing *describing, const struct part *part, const char *name, bool inside)
{
	struct text *about = text_new_in(describing->arena, 1024);
	char digest[HEX_LENGTH(sizeof(part->sha256)) + 1];

	encode_hex(slice_of(part->sha256, sizeof(part->sha256)), digest);
	text_append_text(about, type_of(part));
	text_append_text(about, ", ");
	language_put_size(describing->wanted->language, part->decoded_size, about);
	if (!inside) {
		text_append_text(about, "; ");
		text_append_text(about, word(describing, "outside"));
	}
	document_add_file(describing->document, slice_from_text(name), text_slice(about),
			  slice_from_text(arena_copy_text(describing->arena, digest)));
}

/* In their order, as far as there is room; what is too large does not keep out what is not. */
static void
add_files(struct describing *describing)
{
	const struct manifest *manifest = &describing->manifest;
	struct arena *arena = describing->arena;
	const struct part **parts =
	    arena_alloc_many(arena, manifest->part_count + 1, sizeof(const struct part *));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	const char **names = arena_alloc_many(arena, manifest->part_count + 1, sizeof(*names));
	const char *const *distinct;
	uint64_t room = PDF_FILES_SIZE_MAX;
	size_t count = 0;

	for (size_t i = 0; i < manifest->part_count; i++)
		if (is_file(&manifest->parts[i]))
			parts[count++] = &manifest->parts[i];
	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		names[i] = file_name_clean(slice_from_text(parts[i]->name), arena);
		if (*names[i] == '\0')
			names[i] = parts[i]->letter ? "message.eml" : "file";
	}
	distinct = file_names_distinct(names, count, arena);
	describing->files = arena_alloc_many(arena, count, sizeof(*describing->files));
	add_words(describing, DOCUMENT_HEADING, "files");
	for (size_t i = 0; i < count; i++) {
		bool inside = parts[i]->decoded_size <= room && parts[i]->encoding != PART_RTF &&
			      describing->file_count < PDF_FILES_COUNT_MAX;

		if (inside) {
			room -= parts[i]->decoded_size;
			describing->files[describing->file_count++] =
			    (struct pdf_file){parts[i], distinct[i], type_of(parts[i])};
		}
		add_file(describing, parts[i], distinct[i], inside);
	}
}

/* How to answer, on a page of its own. */
static void
add_portal(struct describing *describing)
{
	struct slice link = slice_from_text(describing->wanted->link);

	document_add_break(describing->document);
	add_words(describing, DOCUMENT_HEADING, "portal");
	add_words(describing, DOCUMENT_PARAGRAPH, "answer");
	document_begin(describing->document, DOCUMENT_PARAGRAPH, 0);
	document_run(describing->document, link, link);
	document_end(describing->document);
	add_words(describing, DOCUMENT_PARAGRAPH, "opens");
	add_words(describing, DOCUMENT_NOTE, "copy");
}

static enum status
describe(struct describing *describing)
{
	enum status status = open_message(describing);

	if (status == STATUS_OK)
		status = read_words(describing);
	if (status != STATUS_OK)
		return status;
	begin(describing);
	status = add_body(describing);
	if (status != STATUS_OK)
		return status;
	add_files(describing);
	add_portal(describing);
	return STATUS_OK;
}

enum status
pdf_message_make(const struct pdf_message *wanted, const struct secret *password,
		 struct arena *arena, struct slice *pdf_out)
{
	char id[ID_TEXT_SIZE];
	struct arena *own = arena_new();
	struct describing describing = {
	    .wanted = wanted,
	    .arena = own,
	    .label = arena_copy_text(own, id_text(wanted->message->id, id)),
	};
	enum status status = describe(&describing);

	if (status == STATUS_OK) {
		const struct pdf_wish wish = {
		    .label = describing.label,
		    .document = describing.document,
		    .message = &describing.message,
		    .manifest = &describing.manifest,
		    .files = describing.files,
		    .file_count = describing.file_count,
		    .password = password,
		};

		status = pdf_make(wanted->messenger->reader, &wish, arena, pdf_out);
	}
	arena_free(own);
	return status;
}
