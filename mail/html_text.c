#include "mail/html_text.h"

#include <string.h>

#include "mail/html_look.h"
#include "mail/html_rules.h"
#include "mail/html_text_part.h"

#define NUMBER_MAX 1000000U /* of a list item */

/* A walk through the tree. */
struct walk {
	struct writer writer;
	size_t link_start;	  /* where the text of the open link begins */
	const GumboNode *raised;  /* the outermost element that is; NULL: none */
	const GumboNode *grid_at; /* the table that is a grid; NULL: none.  It has no other in it */
	struct html_grid grid;
	struct html_rows rows;
};

static void
enter_list(struct writer *writer, const GumboNode *node, bool ordered)
{
	struct slice type = slice_from_text(html_attribute(node, "type"));
	struct list list = {.counts_by = ordered ? '1' : 0,
			    .number = html_number(node, "start", NUMBER_MAX, 1) - 1};

	if (ordered && type.size == 1 && strchr("aAiI", type.data[0]) != NULL)
		list.counts_by = (char)type.data[0];
	writer->list_depth++;
	*writer_list(writer) = list;
}

static void
enter_item(struct writer *writer, const GumboNode *node)
{
	struct list *list = writer_list(writer);

	if (list == NULL)
		return;
	list->number = html_number(node, "value", NUMBER_MAX, list->number + 1);
	writer->item = true;
}

static void
enter_picture(struct writer *writer, const GumboNode *node)
{
	const char *alt = html_attribute(node, "alt");

	if (alt == NULL || slice_trim(slice_from_text(alt)).size == 0)
		return;
	writer_put(writer, '[');
	writer_put_text(writer, alt);
	writer->blank = false;
	writer_put(writer, ']');
}

static void
enter_block(struct writer *writer, const GumboNode *node, const char *name)
{
	unsigned line_ends = html_line_ends(name);

	/* A list in a list needs no empty line. */
	if (writer->list_depth > 0 && line_ends > 1)
		line_ends = 1;
	writer_want_line_ends(writer,
			      writer->line_ends > line_ends ? writer->line_ends : line_ends);
	if (strcmp(name, "blockquote") == 0)
		writer->quote++;
	else if (strcmp(name, "pre") == 0)
		writer->pre++;
	else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
		enter_list(writer, node, name[0] == 'o');
	else if (strcmp(name, "hr") == 0)
		writer_put_text(writer, "----------");
	else if (strcmp(name, "li") == 0)
		enter_item(writer, node);
}

static void
leave_block(struct writer *writer, const char *name)
{
	unsigned line_ends = html_line_ends(name);

	if (strcmp(name, "blockquote") == 0)
		writer->quote--;
	else if (strcmp(name, "pre") == 0)
		writer->pre--;
	else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
		writer->list_depth--;
	else if (strcmp(name, "li") == 0)
		writer->item = false;
	writer_want_line_ends(writer, writer->list_depth > 0 && line_ends > 1 ? 1 : line_ends);
}

/* ---- tables ---- */

static void
enter_table(struct walk *walk, const GumboNode *node)
{
	if (!html_grid_read(node, &walk->grid))
		return;
	walk->grid_at = node;
	walk->rows = (struct html_rows){.column = 0};
}

static void
enter_cell(struct walk *walk, const GumboNode *node)
{
	struct writer *writer = &walk->writer;

	if (walk->grid_at != NULL) {
		writer_begin_cell(writer,
				  html_grid_place(&walk->grid, html_rows_cell(&walk->rows, node)));
		return;
	}
	writer->blank = false;
	writer->cell = writer->some && writer->line_ends == 0;
}

static void
enter_row(struct walk *walk)
{
	if (walk->grid_at == NULL)
		return;
	html_rows_next(&walk->rows);
	writer_begin_row(&walk->writer);
}

/* What an element of a table, in whichever kind of table it is, begins; and ends. */
static void
enter_of_table(struct walk *walk, const GumboNode *node, const char *name)
{
	if (strcmp(name, "table") == 0)
		enter_table(walk, node);
	else if (strcmp(name, "tr") == 0)
		enter_row(walk);
	else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		enter_cell(walk, node);
}

static void
leave_of_table(struct walk *walk, const GumboNode *node, const char *name)
{
	if (walk->grid_at == NULL)
		return;
	if (node == walk->grid_at)
		walk->grid_at = NULL;
	else if (strcmp(name, "tr") == 0)
		writer_end_row(&walk->writer, walk->grid.count);
	else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		writer_end_cell(&walk->writer);
}

/* ---- what is raised, struck out, bold ---- */

static void
enter_raised(struct walk *walk, const GumboNode *node, bool above)
{
	struct writer *writer = &walk->writer;

	/* What is raised within that goes with it. */
	if (walk->raised != NULL)
		return;
	walk->raised = node;
	writer->above = above;
	writer->raised = html_raised_form(node, above, writer->last);
	if (writer->raised == RAISED_SIGN)
		writer->lift = above ? "^" : "_";
	else if (writer->raised == RAISED_BRACKETS)
		writer->lift = above ? "^(" : "_(";
}

static void
leave_raised(struct walk *walk)
{
	struct writer *writer = &walk->writer;

	if (writer->raised == RAISED_BRACKETS && writer->lift == NULL)
		text_append_byte(writer->out, ')');
	writer->raised = RAISED_AS_IT_IS;
	writer->lift = NULL;
	walk->raised = NULL;
}

static void
enter_look(struct walk *walk, const GumboNode *node, const char *name)
{
	struct writer *writer = &walk->writer;

	if (strcmp(name, "sup") == 0 || strcmp(name, "sub") == 0)
		enter_raised(walk, node, name[2] == 'p');
	if (html_is_struck(node, name))
		writer_begin_struck(writer);
	writer->bold += html_is_bold(node, name) ? 1 : 0;
	/* One in another is not closed by a browser's rules, and means nothing. */
	if (html_heading_level(name) > 0)
		writer->heading = html_heading_level(name);
}

static void
leave_look(struct walk *walk, const GumboNode *node, const char *name)
{
	struct writer *writer = &walk->writer;

	if (html_heading_level(name) > 0)
		writer->heading = 0;
	writer->bold -= html_is_bold(node, name) ? 1 : 0;
	if (html_is_struck(node, name))
		writer_end_struck(writer);
	if (node == walk->raised)
		leave_raised(walk);
}

/* ---- the walk ---- */

/* The name of an element whose content is read; "" for all others. */
static const char *
name_of(const GumboNode *node, char room[HTML_NAME_SIZE])
{
	const char *name = html_element_name(node, room);

	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT ||
	    html_rule_of(name) == ELEMENT_DROP || html_is_hidden(node))
		return "";
	return name;
}

static bool
enter(void *context, const GumboNode *node)
{
	struct walk *walk = context;
	struct writer *writer = &walk->writer;
	char room[HTML_NAME_SIZE];
	const char *name;

	if (node->type == GUMBO_NODE_DOCUMENT)
		return true;
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
	    node->type == GUMBO_NODE_CDATA) {
		writer_put_text(writer, node->v.text.text);
		return false;
	}
	name = name_of(node, room);
	if (name[0] == '\0')
		return false;
	if (strcmp(name, "br") == 0)
		writer_want_line_ends(writer,
				      writer->line_ends + (writer->some && writer->line_ends < 3));
	else if (strcmp(name, "img") == 0)
		enter_picture(writer, node);
	else if (strcmp(name, "a") == 0)
		walk->link_start = writer->out->size;
	else if (html_line_ends(name) > 0)
		enter_block(writer, node, name);
	enter_of_table(walk, node, name);
	enter_look(walk, node, name);
	return true;
}

/* "text <url>", where the text is not the address itself. */
static void
leave_link(struct walk *walk, const GumboNode *node)
{
	struct writer *writer = &walk->writer;
	const char *href = html_attribute(node, "href");
	struct slice shown, address;
	struct text url;

	text_init(&url, 8192);
	if (href == NULL || !html_link(href, &url)) {
		text_clear(&url);
		return;
	}
	address = text_slice(&url);
	if (slice_starts_nocase(address, SLICE("mailto:")))
		address = slice_part(address, 7, slice_find_byte(address, '?', 0));
	else if (slice_starts_nocase(address, SLICE("tel:")))
		address = slice_part(address, 4, address.size);
	shown =
	    slice_trim(slice_part(text_slice(writer->out), walk->link_start, writer->out->size));
	if (shown.size > 0 && slice_find(shown, address, 0) == SLICE_NONE) {
		writer->blank = writer->blank || writer->line_ends == 0;
		writer_put(writer, '<');
		text_append(writer->out, address);
		text_append_byte(writer->out, '>');
	}
	text_clear(&url);
}

static void
leave(void *context, const GumboNode *node)
{
	struct walk *walk = context;
	char room[HTML_NAME_SIZE];
	const char *name = name_of(node, room);

	if (name[0] == '\0')
		return;
	leave_look(walk, node, name);
	leave_of_table(walk, node, name);
	if (strcmp(name, "a") == 0)
		leave_link(walk, node);
	else if (html_line_ends(name) > 0)
		leave_block(&walk->writer, name);
}

enum status
html_to_text(struct slice html, struct text *out, struct text *spans)
{
	struct walk walk = {.writer = {.out = out, .spans = spans}};
	const struct html_walker walker = {&walk, enter, leave};
	struct html_tree *tree;
	enum status status = html_tree_build(html, &tree);

	if (status != STATUS_OK)
		return status;
	html_tree_walk(html_tree_document(tree), &walker);
	html_tree_free(tree);
	writer_end(&walk.writer);
	return STATUS_OK;
}
