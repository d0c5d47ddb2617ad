#include "pdf/describe.h"

#include "base/encode.h"
#include "mail/file_name.h"
#include "pdf/describe_text.h"

/* A document on its way. */
struct making {
	const struct described *from;
	struct arena *arena;
	const char *const *names; /* of its files; the first is that of the text */
	struct document_head head;
	struct document *document;
	/* What the next block wants besides its line. */
	struct slice label, about, caption, otherwise;
	struct slice *kept;
	size_t kept_count;
};

const bool *
pdf_files_fit(const struct part *const *files, size_t count, struct arena *arena)
{
	bool *fits = arena_alloc_many(arena, count + 1, sizeof(*fits));
	uint64_t left = PDF_FILES_SIZE_MAX;
	size_t places = PDF_FILES_COUNT_MAX;

	for (size_t i = 0; i < count; i++) {
		fits[i] = places > 0 && files[i]->decoded_size <= left;
		if (!fits[i])
			continue;
		left -= files[i]->decoded_size;
		places--;
	}
	return fits;
}

/* ---- lines of the template ---- */

typedef void block_adder(struct making *making, struct slice text);

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

	if (!read_number(text, making->from->file_count, &i))
		return;
	part = making->from->files[i];
	encode_hex(slice_of(part->sha256, sizeof(part->sha256)), digest);
	document_add_file(making->document, slice_from_text(making->names[i + 1]), making->about,
			  slice_from_text(arena_printf(making->arena, "SHA-256: %s", digest)));
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

	if (making->from->manifest != NULL &&
	    read_number(text, making->from->manifest->part_count, &part))
		document_add_picture(making->document, (uint32_t)part, making->caption,
				     making->otherwise);
}

static void
add_lines(struct making *making, struct slice text)
{
	const struct page_reading *page = making->from->page;
	size_t piece;

	if (page != NULL && read_number(text, page->piece_count, &piece))
		pdf_describe_text(making->document, &page->pieces[piece]);
}

static void
keep(struct making *making, struct slice text)
{
	if (making->kept_count < DOCUMENT_CODES_MAX)
		making->kept[making->kept_count++] = text;
}

static void
add_letterhead(struct making *making, struct slice text)
{
	document_add_letterhead(making->document, text, !making->from->logo_says_name, making->kept,
				making->kept_count);
	making->kept_count = 0;
}

static void
add_codes(struct making *making, struct slice text)
{
	(void)text;
	document_add_codes(making->document, making->kept, making->kept_count);
	making->kept_count = 0;
}

/* Those that are a block of their own. */
static const struct {
	const char *word;
	enum document_kind kind;
} blocks[] = {
    {"title", DOCUMENT_TITLE},	       {"cover", DOCUMENT_TITLE}, {"heading", DOCUMENT_HEADING},
    {"paragraph", DOCUMENT_PARAGRAPH}, {"note", DOCUMENT_NOTE},	  {"item", DOCUMENT_ITEM},
};

/* All others. */
static const struct {
	const char *word;
	block_adder *add;
} words[] = {
    {"link", add_link},	      {"rule", add_rule},	{"break", add_break},
    {"label", set_label},     {"fact", add_fact},	{"about", set_about},
    {"file", add_file},	      {"caption", set_caption}, {"otherwise", set_otherwise},
    {"picture", add_picture}, {"lines", add_lines},	{"code", keep},
    {"codes", add_codes},     {"address", keep},	{"letterhead", add_letterhead},
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
	struct arena *arena = making->arena;
	struct slice word, text;

	while (next_line(&rest, &word, &text)) {
		if (slice_equal(word, SLICE("page")))
			making->head.page_words = arena_text_from(arena, text);
		else if (slice_equal(word, SLICE("unseen")))
			making->head.unseen_words = arena_text_from(arena, text);
		else if (slice_equal(word, SLICE("name")))
			making->head.text_name =
			    arena_printf(arena, "%s.txt", arena_text_from(arena, text));
		else if (slice_equal(word, SLICE("title")) && *making->head.title == '\0')
			making->head.title = arena_text_from(arena, text);
	}
}

static void
add_blocks(struct making *making, struct slice rest)
{
	struct slice word, text;

	while (next_line(&rest, &word, &text)) {
		for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
			if (slice_equal(word, slice_from_text(blocks[i].word)))
				document_add(making->document, blocks[i].kind, text);
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (slice_equal(word, slice_from_text(words[i].word)))
				words[i].add(making, text);
	}
}

/* Names that differ, that of the text among them. */
static void
name_files(struct making *making)
{
	const struct described *from = making->from;
	const struct part **all =
	    arena_alloc_many(making->arena, from->file_count + 1, sizeof(const struct part *));
	struct part *text = arena_alloc(making->arena, sizeof(*text));

	*text = (struct part){.name = making->head.text_name, .type = "text/plain"};
	all[0] = text;
	for (size_t i = 0; i < from->file_count; i++)
		all[i + 1] = from->files[i];
	making->names = file_names_of_parts(all, from->file_count + 1, making->arena);
	/* Without a name there is no such text. */
	if (*making->head.text_name != '\0')
		making->head.text_name = making->names[0];
}

static void
choose_files(const struct making *making, struct pdf_wish *wish)
{
	const struct described *from = making->from;
	struct pdf_file *files =
	    arena_alloc_many(making->arena, from->file_count + 1, sizeof(*files));

	for (size_t i = 0; i < from->file_count && from->fits != NULL; i++)
		if (from->fits[i])
			files[wish->file_count++] =
			    (struct pdf_file){.part = from->files[i],
					      .name = making->names[i + 1],
					      .type = file_name_content_type(from->files[i]->type)};
	wish->files = files;
}

void
pdf_describe(const struct described *from, struct arena *arena, struct pdf_wish *wish_out)
{
	struct making making = {.from = from, .arena = arena};
	struct pdf_wish wish = {.logo = from->logo, .manifest = from->manifest};

	making.head = (struct document_head){
	    .title = "",
	    .author = from->author,
	    .language = from->language,
	    .rtl = from->rtl,
	    .accent = from->accent,
	    .made_at = from->made_at,
	    .page_words = "",
	    .unseen_words = "",
	    .text_name = "",
	};
	making.kept = arena_alloc_many(arena, DOCUMENT_CODES_MAX, sizeof(*making.kept));
	read_head(&making, from->lines);
	name_files(&making);
	making.document = document_new(arena, &making.head);
	add_blocks(&making, from->lines);
	wish.document = making.document;
	choose_files(&making, &wish);
	*wish_out = wish;
}
