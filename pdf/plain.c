#include "pdf/plain.h"

static void
put_line(struct text *out, struct slice line)
{
	text_append(out, line);
	text_append_byte(out, '\n');
}

/* Between cells, any of which may be empty. */
static void
put_bar(struct text *out, bool first, bool empty)
{
	text_append_text(out, first ? "|" : " |");
	if (!empty)
		text_append_byte(out, ' ');
}

static void
put_runs(struct text *out, const struct document_block *block)
{
	for (size_t i = 0; i < block->run_count; i++) {
		const struct document_run *run = &block->runs[i];

		if (run->cell)
			put_bar(out, i == 0, i + 1 == block->run_count || run[1].cell);
		text_append(out, run->text);
		/* Where the words do not say where they lead. */
		if (run->link.size > 0 && slice_find(run->text, run->link, 0) == SLICE_NONE) {
			text_append(out, SLICE(" <"));
			text_append(out, run->link);
			text_append_byte(out, '>');
		}
	}
}

/* With the marks that quotes have in mails, in front of each line, and the lead of an item. */
static void
put_quoted(struct text *out, const struct document_block *block)
{
	size_t limit = out->limit - out->size;
	struct text text;
	struct slice rest;

	text_init(&text, limit);
	text_append(&text, block->lead);
	put_runs(&text, block);
	rest = text_slice(&text);
	while (rest.size > 0) {
		struct slice line = slice_take_line(&rest);

		for (unsigned i = 0; i < block->level; i++)
			text_append_byte(out, '>');
		if (block->level > 0 && line.size > 0)
			text_append_byte(out, ' ');
		put_line(out, line);
	}
	text_clear(&text);
}

static void
put_each(struct text *out, const struct document_block *block)
{
	for (size_t i = 0; i < block->run_count; i++)
		put_line(out, block->runs[i].text);
}

static void
put_block(struct text *out, const struct document_block *block)
{
	switch (block->kind) {
	case DOCUMENT_LINES:
	case DOCUMENT_ITEM:
	case DOCUMENT_ROW:
		put_quoted(out, block);
		return;
	case DOCUMENT_FACT:
		text_append(out, block->label);
		text_append(out, SLICE(": "));
		put_runs(out, block);
		text_append_byte(out, '\n');
		return;
	case DOCUMENT_FILE:
		put_line(out, block->label);
		put_line(out, block->otherwise);
		put_line(out, block->digest);
		break;
	case DOCUMENT_PICTURE:
		put_line(out, block->label);
		break;
	case DOCUMENT_LETTERHEAD:
		put_line(out, block->label);
		put_each(out, block);
		break;
	case DOCUMENT_CODES:
		put_each(out, block);
		break;
	case DOCUMENT_RULE:
	case DOCUMENT_BREAK:
		text_append_byte(out, '\n');
		return;
	case DOCUMENT_HEADING:
		/* Those of a letter stand among its lines, some of which are empty. */
		if (block->level > 0) {
			put_runs(out, block);
			text_append_byte(out, '\n');
			return;
		}
		text_append_byte(out, '\n');
		/* fall through */
	default:
		put_runs(out, block);
		text_append_byte(out, '\n');
		break;
	}
	text_append_byte(out, '\n');
}

enum status
plain_write(struct document_reading *reading, struct text *out)
{
	struct document_block block = {.kind = DOCUMENT_BREAK};
	enum status status = STATUS_OK;

	while (status == STATUS_OK && text_ok(out)) {
		status = document_next(reading, &block);
		if (status != STATUS_OK || block.kind == DOCUMENT_END)
			break;
		put_block(out, &block);
	}
	return status == STATUS_OK && !text_ok(out) ? STATUS_TOO_LARGE : status;
}
