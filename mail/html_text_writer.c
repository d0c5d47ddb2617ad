#include "mail/html_text_part.h"

#include "mail/html_look.h"
#include "mail/utf8.h"

static size_t
at_most(size_t number, size_t most)
{
	return number < most ? number : most;
}

struct list *
writer_list(struct writer *writer)
{
	return writer->list_depth == 0
		   ? NULL
		   : &writer->lists[at_most(writer->list_depth, NESTING_MAX) - 1];
}

/* Within a cell of a grid a line end is none: the row would end there. */
void
writer_want_line_ends(struct writer *writer, unsigned count)
{
	if (writer->in_cell) {
		writer->cell_line = writer->cell_line || (count > 0 && writer->cell_some);
		writer->blank = false;
		return;
	}
	if (writer->line_ends < count)
		writer->line_ends = count;
	writer->blank = writer->cell = false;
}

/* ---- spans ---- */

static void
close_span(struct writer *writer)
{
	writer->open.end = writer->out->size;
	if (writer->open.kind != SPAN_NONE && writer->open.end > writer->open.begin &&
	    writer->spans != NULL)
		span_pack(writer->spans, &writer->open);
	writer->open.kind = SPAN_NONE;
}

static void
open_span(struct writer *writer, enum span_kind kind, unsigned level)
{
	writer->open = (struct span){kind, level, writer->out->size, 0};
}

/* What the next character belongs to. */
static enum span_kind
wanted_span(const struct writer *writer)
{
	if (writer->heading > 0)
		return SPAN_HEADING;
	return writer->bold > 0 ? SPAN_BOLD : SPAN_NONE;
}

/* ---- what stands in front of a character ---- */

static void
put_quotes(struct writer *writer, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_append_byte(writer->out, '>');
}

/* The sum of what is taken from the number as often as it can be. */
static void
put_roman(uint32_t number, bool small, struct text *out)
{
	static const struct {
		uint32_t worth;
		const char *letters[2];
	} steps[] = {
	    {1000, {"M", "m"}}, {900, {"CM", "cm"}}, {500, {"D", "d"}}, {400, {"CD", "cd"}},
	    {100, {"C", "c"}},	{90, {"XC", "xc"}},  {50, {"L", "l"}},	{40, {"XL", "xl"}},
	    {10, {"X", "x"}},	{9, {"IX", "ix"}},   {5, {"V", "v"}},	{4, {"IV", "iv"}},
	    {1, {"I", "i"}},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (; number >= steps[i].worth; number -= steps[i].worth)
			text_append_text(out, steps[i].letters[small ? 1 : 0]);
}

/* Letters and Roman numbers as far as anybody reads them. */
static void
put_number(const struct list *list, struct text *out)
{
	bool letter = list->counts_by == 'a' || list->counts_by == 'A';
	bool roman = list->counts_by == 'i' || list->counts_by == 'I';

	if (letter && list->number >= 1 && list->number <= 26)
		text_printf(out, " %c. ", (char)(list->counts_by + (int)list->number - 1));
	else if (roman && list->number >= 1 && list->number < 100) {
		text_append_byte(out, ' ');
		put_roman(list->number, list->counts_by == 'i', out);
		text_append_text(out, ". ");
	} else
		text_printf(out, "%2u. ", list->number);
}

static void
put_lead(struct writer *writer)
{
	size_t depth = at_most(writer->list_depth, NESTING_MAX);
	const struct list *list = writer_list(writer);

	open_span(writer, SPAN_LEAD, (unsigned)depth);
	for (size_t i = 1; i < depth; i++)
		text_append_text(writer->out, "  ");
	if (!writer->item)
		text_append_text(writer->out, "   ");
	else if (list->counts_by != 0)
		put_number(list, writer->out);
	else
		text_append_text(writer->out, " * ");
	writer->item = false;
	close_span(writer);
}

static void
begin_line(struct writer *writer, uint32_t code)
{
	size_t quote = at_most(writer->quote, NESTING_MAX);
	size_t between = at_most(quote, writer->line_quote);

	close_span(writer);
	for (unsigned i = 0; writer->some && i < writer->line_ends; i++) {
		text_append_byte(writer->out, '\n');
		/* An empty line within a quote is part of it. */
		if (i + 1 < writer->line_ends)
			put_quotes(writer, between);
	}
	put_quotes(writer, quote);
	if (quote > 0)
		text_append_byte(writer->out, ' ');
	if (writer->list_depth > 0)
		put_lead(writer);
	else if (code == '>')
		/* As RFC 3676 section 4.4 does it: this one quotes nothing. */
		text_append_byte(writer->out, ' ');
	writer->line_quote = quote;
	writer->line_ends = 0;
	writer->last = '\n';
	writer->blank = writer->cell = false;
}

static void
put_bars(struct writer *writer, unsigned count)
{
	for (; writer->bars < count; writer->bars++) {
		close_span(writer);
		if (writer->bars > 0 || writer->row_some)
			text_append_byte(writer->out, ' ');
		open_span(writer, SPAN_BAR, 0);
		text_append_byte(writer->out, '|');
		close_span(writer);
		writer->last = '|';
	}
}

static void
put_separator(struct writer *writer)
{
	bool bars = writer->in_cell && writer->bars < writer->wanted_bars;
	const char *separator = writer->blank ? " " : "";

	if (bars)
		separator = " ";
	else if (writer->cell_line)
		separator = " / ";
	else if (writer->cell)
		separator = " | ";
	if (bars)
		put_bars(writer, writer->wanted_bars);
	text_append_text(writer->out, separator);
	if (separator[0] != '\0')
		writer->last = ' ';
	writer->blank = writer->cell = writer->cell_line = false;
}

/* Whatever is wanted before the next character, then the character. */
void
writer_put(struct writer *writer, uint32_t code)
{
	enum span_kind kind = wanted_span(writer);

	if (!writer->some || writer->line_ends > 0)
		begin_line(writer, code);
	if (writer->open.kind != kind || writer->open.level != writer->heading)
		close_span(writer);
	put_separator(writer);
	if (kind != SPAN_NONE && writer->open.kind == SPAN_NONE)
		open_span(writer, kind, writer->heading);
	if (writer->strike)
		text_append_text(writer->out, "~~");
	if (writer->lift != NULL)
		text_append_text(writer->out, writer->lift);
	writer->strike = false;
	writer->lift = NULL;
	writer->some = true;
	writer->cell_some = writer->row_some = writer->in_cell;
	writer->last = code;
	utf8_append(writer->out, code);
}

void
writer_put_text(struct writer *writer, const char *string)
{
	struct slice text = slice_from_text(string);

	for (size_t position = 0; position < text.size && text_ok(writer->out);) {
		uint32_t code = utf8_next(text, &position), raised = 0;

		if (writer->raised == RAISED_CHARACTERS)
			raised = html_raised_character(code, writer->above);
		if (writer->pre > 0 && code == '\n') {
			writer->line_ends++;
			writer->blank = false;
		} else if (code == ' ' || code == '\t' || code == '\n' || code == '\r' ||
			   code == '\f' || code == 0xa0) {
			if (writer->pre > 0 && code != '\r')
				writer_put(writer, code == '\t' ? '\t' : ' ');
			else if (writer->line_ends == 0 && writer->some)
				writer->blank = true;
		} else if (!utf8_is_unwanted(code) && !html_is_invisible(code)) {
			writer_put(writer, code == 0x2028 || code == 0x2029 ? ' '
					   : raised != 0		    ? raised
									    : code);
		}
	}
}

/* ---- what is struck out ---- */

void
writer_begin_struck(struct writer *writer)
{
	writer->strike = writer->strike || writer->struck == 0;
	writer->struck++;
}

void
writer_end_struck(struct writer *writer)
{
	writer->struck--;
	if (writer->struck > 0)
		return;
	if (!writer->strike)
		text_append_text(writer->out, "~~");
	writer->strike = false;
}

/* ---- grids ---- */

void
writer_begin_row(struct writer *writer)
{
	writer->bars = writer->wanted_bars = 0;
	writer->row_some = false;
}

void
writer_begin_cell(struct writer *writer, unsigned place)
{
	writer->in_cell = true;
	writer->cell_some = writer->cell_line = writer->blank = false;
	writer->wanted_bars = place;
}

void
writer_end_cell(struct writer *writer)
{
	writer->in_cell = writer->cell_line = writer->blank = false;
}

/* A row in which nothing stands says nothing. */
void
writer_end_row(struct writer *writer, unsigned columns)
{
	if (!writer->row_some)
		return;
	close_span(writer);
	put_bars(writer, columns - 1);
	writer->row_some = false;
}

void
writer_end(struct writer *writer)
{
	close_span(writer);
	if (writer->some)
		text_append_byte(writer->out, '\n');
}
