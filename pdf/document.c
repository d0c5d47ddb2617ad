#include "pdf/document.h"

#include "mail/utf8.h"

#define VERSION 2
/* Before each run; 0 behind the last. */
#define RUN 1
#define RUN_BOLD 2
#define RUN_CELL 3

struct document {
	struct text packed;
};

bool
document_may_lead(struct slice link)
{
	static const char *const schemes[] = {"https://", "http://", "mailto:"};

	if (link.size > DOCUMENT_LINK_MAX)
		return false;
	for (size_t i = 0; i < link.size; i++)
		if (link.data[i] <= 0x20 || link.data[i] >= 0x7f)
			return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct slice scheme = slice_from_text(schemes[i]);

		if (link.size > scheme.size && slice_starts_nocase(link, scheme))
			return true;
	}
	return false;
}

struct document *
document_new(struct arena *arena, const struct document_head *head)
{
	struct document *document = arena_alloc(arena, sizeof(*document));
	struct text *packed = &document->packed;

	text_init_in(packed, arena, DOCUMENT_MAX);
	pack_number(packed, VERSION, 1);
	pack_bytes(packed, slice_from_text(head->title));
	pack_bytes(packed, slice_from_text(head->author));
	pack_bytes(packed, slice_from_text(head->language));
	pack_number(packed, head->rtl, 1);
	pack_number(packed, head->accent, 4);
	pack_number(packed, (uint64_t)head->made_at, 8);
	pack_bytes(packed, slice_from_text(head->page_words));
	pack_bytes(packed, slice_from_text(head->unseen_words));
	pack_bytes(packed, slice_from_text(head->text_name));
	return document;
}

static unsigned
at_most(unsigned number, unsigned most)
{
	return number < most ? number : most;
}

void
document_begin(struct document *document, enum document_kind kind, unsigned level)
{
	if (kind == DOCUMENT_ITEM) {
		document_begin_item(document, level, 1, SLICE("* "));
		return;
	}
	pack_number(&document->packed, kind, 1);
	pack_number(&document->packed, at_most(level, DOCUMENT_QUOTES_MAX), 1);
}

void
document_begin_item(struct document *document, unsigned quotes, unsigned depth, struct slice lead)
{
	pack_number(&document->packed, DOCUMENT_ITEM, 1);
	pack_number(&document->packed, at_most(quotes, DOCUMENT_QUOTES_MAX), 1);
	pack_number(&document->packed, at_most(depth, DOCUMENT_DEPTH_MAX), 1);
	pack_bytes(&document->packed, slice_part(lead, 0, DOCUMENT_LEAD_MAX));
}

static void
add_run(struct document *document, unsigned kind, struct slice text, struct slice link)
{
	if (text.size == 0)
		return;
	pack_number(&document->packed, kind, 1);
	pack_bytes(&document->packed, text);
	pack_bytes(&document->packed, document_may_lead(link) ? link : slice_of(NULL, 0));
}

void
document_run(struct document *document, struct slice text, struct slice link)
{
	add_run(document, RUN, text, link);
}

void
document_run_bold(struct document *document, struct slice text, struct slice link)
{
	add_run(document, RUN_BOLD, text, link);
}

void
document_cell(struct document *document)
{
	pack_number(&document->packed, RUN_CELL, 1);
	pack_bytes(&document->packed, slice_of(NULL, 0));
	pack_bytes(&document->packed, slice_of(NULL, 0));
}

void
document_end(struct document *document)
{
	pack_number(&document->packed, 0, 1);
}

void
document_add(struct document *document, enum document_kind kind, struct slice text)
{
	document_begin(document, kind, 0);
	document_run(document, text, slice_of(NULL, 0));
	document_end(document);
}

void
document_add_fact(struct document *document, struct slice label, struct slice value)
{
	pack_number(&document->packed, DOCUMENT_FACT, 1);
	pack_bytes(&document->packed, label);
	document_run(document, value, slice_of(NULL, 0));
	document_end(document);
}

void
document_add_rule(struct document *document)
{
	pack_number(&document->packed, DOCUMENT_RULE, 1);
}

void
document_add_break(struct document *document)
{
	pack_number(&document->packed, DOCUMENT_BREAK, 1);
}

void
document_add_file(struct document *document, struct slice name, struct slice about,
		  struct slice digest)
{
	pack_number(&document->packed, DOCUMENT_FILE, 1);
	pack_bytes(&document->packed, name);
	pack_bytes(&document->packed, about);
	pack_bytes(&document->packed, digest);
}

void
document_add_picture(struct document *document, uint32_t part, struct slice name,
		     struct slice otherwise)
{
	pack_number(&document->packed, DOCUMENT_PICTURE, 1);
	pack_number(&document->packed, part, 4);
	pack_bytes(&document->packed, name);
	pack_bytes(&document->packed, otherwise);
}

static void
add_each(struct document *document, const struct slice *texts, size_t count)
{
	for (size_t i = 0; i < count && i < DOCUMENT_CODES_MAX; i++)
		document_run(document, texts[i], slice_of(NULL, 0));
	document_end(document);
}

void
document_add_letterhead(struct document *document, struct slice name, bool beside,
			const struct slice *address, size_t count)
{
	pack_number(&document->packed, DOCUMENT_LETTERHEAD, 1);
	pack_number(&document->packed, beside, 1);
	pack_bytes(&document->packed, name);
	add_each(document, address, count);
}

void
document_add_codes(struct document *document, const struct slice *codes, size_t count)
{
	pack_number(&document->packed, DOCUMENT_CODES, 1);
	add_each(document, codes, count);
}

enum status
document_pack(const struct document *document, struct slice *bytes_out)
{
	if (!text_ok(&document->packed))
		return STATUS_TOO_LARGE;
	*bytes_out = text_slice(&document->packed);
	return STATUS_OK;
}

/* Text, or nothing good is left. */
static struct slice
read_text(struct unpack *from)
{
	struct slice text = unpack_bytes(from);

	if (!utf8_is_valid(text))
		from->good = false;
	return from->good ? text : slice_of(NULL, 0);
}

static const char *
copy_text(struct unpack *from, struct arena *arena)
{
	return arena_text_from(arena, read_text(from));
}

enum status
document_open(struct slice bytes, struct arena *arena, struct document_head *head_out,
	      struct document_reading *reading_out)
{
	struct document_reading reading = {{bytes, 0, bytes.size <= DOCUMENT_MAX}, arena};
	struct unpack *from = &reading.from;
	struct document_head head;

	if (unpack_number(from, 1) != VERSION)
		return STATUS_INVALID;
	head.title = copy_text(from, arena);
	head.author = copy_text(from, arena);
	head.language = copy_text(from, arena);
	head.rtl = unpack_number(from, 1) != 0;
	head.accent = (uint32_t)unpack_number(from, 4) & 0xffffffU;
	head.made_at = (int64_t)unpack_number(from, 8);
	head.page_words = copy_text(from, arena);
	head.unseen_words = copy_text(from, arena);
	head.text_name = copy_text(from, arena);
	if (!from->good)
		return STATUS_INVALID;
	*head_out = head;
	*reading_out = reading;
	return STATUS_OK;
}

/* How many runs follow, without taking them. */
static size_t
count_runs(struct unpack from)
{
	size_t count = 0;
	uint64_t kind;

	while ((kind = unpack_number(&from, 1)) >= RUN && kind <= RUN_CELL) {
		unpack_bytes(&from);
		unpack_bytes(&from);
		count++;
	}
	return from.good ? count : 0;
}

static void
read_runs(struct document_reading *reading, struct document_block *block)
{
	struct unpack *from = &reading->from;
	size_t count = count_runs(*from);

	block->runs = arena_alloc_many(reading->arena, count + 1, sizeof(*block->runs));
	for (block->run_count = 0; block->run_count < count; block->run_count++) {
		struct document_run *run = &block->runs[block->run_count];
		uint64_t kind = unpack_number(from, 1);

		run->bold = kind == RUN_BOLD;
		run->cell = kind == RUN_CELL;
		run->text = read_text(from);
		run->link = unpack_bytes(from);
		if ((run->link.size > 0 && !document_may_lead(run->link)) ||
		    (run->cell && (block->kind != DOCUMENT_ROW || run->text.size > 0)))
			from->good = false;
	}
	if (unpack_number(from, 1) != 0)
		from->good = false;
}

static unsigned
most_level(enum document_kind kind)
{
	return kind == DOCUMENT_HEADING ? DOCUMENT_HEADINGS_MAX : DOCUMENT_QUOTES_MAX;
}

enum status
document_next(struct document_reading *reading, struct document_block *block_out)
{
	struct unpack *from = &reading->from;
	struct document_block block = {.kind = DOCUMENT_END};

	if (unpack_is_done(from)) {
		*block_out = block;
		return STATUS_OK;
	}
	block.kind = (enum document_kind)unpack_number(from, 1);
	switch (block.kind) {
	case DOCUMENT_TITLE:
	case DOCUMENT_HEADING:
	case DOCUMENT_PARAGRAPH:
	case DOCUMENT_NOTE:
	case DOCUMENT_LINES:
	case DOCUMENT_ROW:
		block.level = (unsigned)unpack_number(from, 1);
		read_runs(reading, &block);
		break;
	case DOCUMENT_ITEM:
		block.level = (unsigned)unpack_number(from, 1);
		block.depth = (unsigned)unpack_number(from, 1);
		block.lead = read_text(from);
		read_runs(reading, &block);
		break;
	case DOCUMENT_FACT:
		block.label = read_text(from);
		read_runs(reading, &block);
		break;
	case DOCUMENT_LETTERHEAD:
		block.level = (unsigned)unpack_number(from, 1);
		block.label = read_text(from);
		read_runs(reading, &block);
		break;
	case DOCUMENT_CODES:
		read_runs(reading, &block);
		break;
	case DOCUMENT_FILE:
		block.label = read_text(from);
		block.otherwise = read_text(from);
		block.digest = read_text(from);
		break;
	case DOCUMENT_PICTURE:
		block.part = (uint32_t)unpack_number(from, 4);
		block.label = read_text(from);
		block.otherwise = read_text(from);
		break;
	case DOCUMENT_RULE:
	case DOCUMENT_BREAK:
		break;
	case DOCUMENT_END:
	case DOCUMENT_KINDS:
	default:
		return STATUS_INVALID;
	}
	if (!from->good || block.level > most_level(block.kind) ||
	    block.depth > DOCUMENT_DEPTH_MAX || block.lead.size > DOCUMENT_LEAD_MAX ||
	    ((block.kind == DOCUMENT_CODES || block.kind == DOCUMENT_LETTERHEAD) &&
	     block.run_count > DOCUMENT_CODES_MAX))
		return STATUS_INVALID;
	*block_out = block;
	return STATUS_OK;
}
