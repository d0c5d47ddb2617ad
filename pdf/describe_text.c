#include "pdf/describe_text.h"

/* A text on its way, line by line. */
struct telling {
	struct document *document;
	struct slice text;
	const struct span *spans;
	size_t span_count;	 /* that are still to come */
	enum document_kind open; /* the block that goes on; DOCUMENT_END: none */
	unsigned level;		 /* of that */
};

static size_t
offset_of(const struct telling *telling, struct slice part)
{
	return (size_t)(part.data - telling->text.data);
}

/* The first span that does not end before `offset`; NULL: there is none. */
static const struct span *
span_at(struct telling *telling, size_t offset)
{
	while (telling->span_count > 0 && telling->spans->end <= offset) {
		telling->spans++;
		telling->span_count--;
	}
	return telling->span_count == 0 ? NULL : telling->spans;
}

static void
end_block(struct telling *telling)
{
	if (telling->open != DOCUMENT_END)
		document_end(telling->document);
	telling->open = DOCUMENT_END;
}

/* A line joins those before it where they are of a kind; false: it is the first. */
static bool
go_on(struct telling *telling, enum document_kind kind, unsigned level)
{
	if (telling->open == kind && telling->level == level)
		return true;
	end_block(telling);
	document_begin(telling->document, kind, level);
	telling->open = kind;
	telling->level = level;
	return false;
}

/* Whether what stands at `offset` is bold in itself, and up to where that is so; SLICE_NONE: to the
 * end.  A heading is bold as a whole; within lists and quotes, where its size would say too much,
 * it is no more than that. */
static bool
is_bold_at(struct telling *telling, size_t offset, size_t *end_out)
{
	const struct span *span = span_at(telling, offset);
	bool inside = span != NULL && span->begin <= offset;

	*end_out = SLICE_NONE;
	if (span != NULL)
		*end_out = inside ? span->end : span->begin;
	return inside && (span->kind == SPAN_BOLD || span->kind == SPAN_HEADING) &&
	       telling->open != DOCUMENT_HEADING;
}

static void
add_run(struct telling *telling, bool bold, struct slice text, struct slice link)
{
	if (bold)
		document_run_bold(telling->document, text, link);
	else
		document_run(telling->document, text, link);
}

static void
add_words(struct telling *telling, struct slice words)
{
	while (words.size > 0) {
		size_t end, offset = offset_of(telling, words);
		bool bold = is_bold_at(telling, offset, &end);
		struct slice run = slice_part(words, 0, end == SLICE_NONE ? end : end - offset);

		add_run(telling, bold, run, slice_of(NULL, 0));
		words = slice_part(words, run.size, words.size);
	}
}

/* An address stays in one piece, bold or not as it begins. */
static void
add_link(struct telling *telling, struct slice link)
{
	size_t end;

	add_run(telling, is_bold_at(telling, offset_of(telling, link), &end), link, link);
}

static void
add_words_and_links(struct telling *telling, struct slice line)
{
	size_t at = 0, begin, end;

	while (quoted_find_link(line, at, &begin, &end)) {
		add_words(telling, slice_part(line, at, begin));
		add_link(telling, slice_part(line, begin, end));
		at = end;
	}
	add_words(telling, slice_part(line, at, line.size));
}

static void
add_item(struct telling *telling, struct slice line, const struct span *lead, unsigned quotes)
{
	struct slice words = slice_part(line, lead->end - lead->begin, line.size);

	end_block(telling);
	document_begin_item(telling->document, quotes, lead->level,
			    slice_part(telling->text, lead->begin, lead->end));
	add_words_and_links(telling, words);
	document_end(telling->document);
}

/* Whether cells stand beside each other in a line. */
static bool
is_row(const struct telling *telling, struct slice line)
{
	size_t end = offset_of(telling, line) + line.size;

	for (size_t i = 0; i < telling->span_count && telling->spans[i].begin < end; i++)
		if (telling->spans[i].kind == SPAN_BAR)
			return true;
	return false;
}

/* The words of the cell at the front of a line, and what is behind the bar after it; false: none
 * is. */
static bool
take_cell(const struct telling *telling, struct slice *line, struct slice *words_out)
{
	size_t begin = offset_of(telling, *line);

	for (size_t i = 0; i < telling->span_count; i++) {
		const struct span *span = &telling->spans[i];

		if (span->begin >= begin + line->size)
			break;
		if (span->kind != SPAN_BAR || span->begin < begin)
			continue;
		*words_out = slice_trim(slice_part(*line, 0, span->begin - begin));
		*line = slice_part(*line, span->end - begin, line->size);
		return true;
	}
	*words_out = slice_trim(*line);
	return false;
}

static void
add_row(struct telling *telling, struct slice line, unsigned quotes)
{
	struct slice words;
	bool more;

	end_block(telling);
	document_begin(telling->document, DOCUMENT_ROW, quotes);
	do {
		more = take_cell(telling, &line, &words);
		add_words_and_links(telling, words);
		if (more)
			document_cell(telling->document);
	} while (more);
	document_end(telling->document);
}

static void
add_line(struct telling *telling, struct slice whole)
{
	const struct slice line_end = SLICE("\n"), nowhere = slice_of(NULL, 0);
	size_t quotes;
	struct slice line = quoted_line(whole, &quotes);
	const struct span *span = span_at(telling, offset_of(telling, line));
	bool first = span != NULL && span->begin == offset_of(telling, line);

	if (first && span->kind == SPAN_LEAD) {
		add_item(telling, line, span, (unsigned)quotes);
	} else if (first && span->kind == SPAN_HEADING && quotes == 0) {
		if (go_on(telling, DOCUMENT_HEADING, span->level))
			document_run(telling->document, line_end, nowhere);
		add_words_and_links(telling, line);
	} else if (is_row(telling, line)) {
		add_row(telling, line, (unsigned)quotes);
	} else {
		go_on(telling, DOCUMENT_LINES, (unsigned)quotes);
		add_words_and_links(telling, line);
		document_run(telling->document, line_end, nowhere);
	}
}

void
pdf_describe_text(struct document *document, const struct page_piece *piece)
{
	struct telling telling = {.document = document,
				  .text = piece->text,
				  .spans = piece->spans,
				  .span_count = piece->span_count,
				  .open = DOCUMENT_END};
	struct slice rest = piece->text;

	while (rest.size > 0)
		add_line(&telling, slice_take_line(&rest));
	end_block(&telling);
}
