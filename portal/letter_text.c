#include "portal/letter_text.h"

#include "mail/quoted.h"

#define LONG_LINE ((size_t)78) /* characters */

/* What is open on the page. */
struct writing {
	struct template_list *list;
	size_t quotes;
	bool lines;
	bool signature;
};

static void
put_flag(struct writing *writing, const char *name)
{
	template_put_flag(template_list_add(writing->list), name, true);
}

static void
put_run(struct writing *writing, struct slice text, struct slice url)
{
	struct template_values *item;

	if (text.size == 0)
		return;
	item = template_list_add(writing->list);
	template_put_run(item, "run", text);
	template_put_slice(item, "url", url);
}

static void
put_runs(struct writing *writing, struct slice text)
{
	size_t at = 0, begin, end;

	while (quoted_find_link(text, at, &begin, &end)) {
		struct slice link = slice_part(text, begin, end);

		put_run(writing, slice_part(text, at, begin), slice_of("", 0));
		put_run(writing, link, link);
		at = end;
	}
	put_run(writing, slice_part(text, at, text.size), slice_of("", 0));
}

static void
end_lines(struct writing *writing)
{
	if (writing->lines)
		put_flag(writing, "lines_end");
	writing->lines = false;
}

static void
end_signature(struct writing *writing)
{
	end_lines(writing);
	if (writing->signature)
		put_flag(writing, "signature_end");
	writing->signature = false;
}

static void
set_quotes(struct writing *writing, size_t quotes)
{
	if (writing->quotes == quotes)
		return;
	end_signature(writing);
	for (; writing->quotes < quotes; writing->quotes++)
		put_flag(writing, "quote_begin");
	for (; writing->quotes > quotes; writing->quotes--)
		put_flag(writing, "quote_end");
}

/* Text browsers do not indent preformatted lines: for them a quote has its marks, which the style
 * sheet hides. */
static void
put_mark(struct writing *writing)
{
	static const char marks[QUOTED_DEPTH_MAX + 1] = ">>>>>>>>";

	if (writing->quotes > 0)
		template_put_text(template_list_add(writing->list), "mark",
				  marks + QUOTED_DEPTH_MAX - writing->quotes);
}

/* Text browsers cut preformatted lines that are wider than the screen, so that a long line goes out
 * as a paragraph of its own; all others stay together as they were written. */
static void
put_line(struct writing *writing, struct slice line)
{
	if (slice_count_characters(line) > LONG_LINE) {
		end_lines(writing);
		put_flag(writing, "line_begin");
		put_mark(writing);
		put_runs(writing, line);
		put_flag(writing, "line_end");
		return;
	}
	if (!writing->lines)
		put_flag(writing, "lines_begin");
	writing->lines = true;
	put_mark(writing);
	put_runs(writing, line);
	put_run(writing, SLICE("\n"), slice_of("", 0));
}

void
letter_text_put(struct template_list *list, struct slice text)
{
	struct writing writing = {.list = list};

	for (size_t at = 0; at < text.size;) {
		size_t end = slice_find_byte(text, '\n', at);
		struct slice line = slice_part(text, at, end == SLICE_NONE ? text.size : end);
		size_t depth;

		at += line.size + 1;
		line = quoted_line(line, &depth);
		set_quotes(&writing, depth);
		/* RFC 3676 section 4.3. */
		if (depth == 0 && !writing.signature && slice_equal(line, SLICE("-- "))) {
			end_lines(&writing);
			put_flag(&writing, "signature_begin");
			writing.signature = true;
		}
		put_line(&writing, line);
	}
	set_quotes(&writing, 0);
	end_signature(&writing);
}
