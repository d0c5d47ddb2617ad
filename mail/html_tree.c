#include "mail/html_tree.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mail/body.h"
#include "mail/charset.h"
#include "mail/decode.h"
#include "mail/html_limits.h"

#define MEMORY_MAX ((size_t)268435456)
#define SECONDS_MAX 2
#define CLOCK_EVERY 256

/* Every block that gumbo holds, so that the tree goes without walking it and parsing can be left
 * in the middle. */
struct link {
	struct link *next, *previous;
};

struct block {
	struct link link; /* first, so that a link is its block */
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct html_tree {
	struct link ring;
	size_t memory;
	unsigned calls;
	struct timespec deadline;
	jmp_buf too_much;
	GumboOutput *output;
};

static void
clock_cpu(struct timespec *now)
{
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, now) != 0)
		abort();
}

static void *
allocate(void *context, size_t size)
{
	struct html_tree *tree = context;
	struct block *block;

	if (tree->calls++ % CLOCK_EVERY == 0) {
		struct timespec now;

		clock_cpu(&now);
		if (now.tv_sec > tree->deadline.tv_sec ||
		    (now.tv_sec == tree->deadline.tv_sec && now.tv_nsec > tree->deadline.tv_nsec))
			longjmp(tree->too_much, 1);
	}
	if (size > MEMORY_MAX || tree->memory + size + sizeof(*block) > MEMORY_MAX)
		longjmp(tree->too_much, 1);
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		longjmp(tree->too_much, 1);
	block->size = size;
	block->link = (struct link){tree->ring.next, &tree->ring};
	block->link.next->previous = &block->link;
	tree->ring.next = &block->link;
	tree->memory += size + sizeof(*block);
	return block->bytes;
}

static void
discard(struct block *block)
{
	sodium_memzero(block->bytes, block->size);
	free(block);
}

static void
release(void *context, void *bytes)
{
	struct html_tree *tree = context;
	struct block *block;

	if (bytes == NULL)
		return;
	block = (struct block *)(void *)((unsigned char *)bytes - offsetof(struct block, bytes));
	block->link.next->previous = block->link.previous;
	block->link.previous->next = block->link.next;
	tree->memory -= block->size + sizeof(*block);
	discard(block);
}

enum status
html_tree_build(struct slice html, struct html_tree **tree_out)
{
	struct html_tree *tree;
	GumboOptions options = kGumboDefaultOptions;

	if (!html_within_limits(html))
		return STATUS_TOO_LARGE;
	tree = calloc(1, sizeof(*tree));
	if (tree == NULL)
		abort();
	tree->ring.next = tree->ring.previous = &tree->ring;
	clock_cpu(&tree->deadline);
	tree->deadline.tv_sec += SECONDS_MAX;
	options.allocator = allocate;
	options.deallocator = release;
	options.userdata = tree;
	options.max_errors = 0;
	/* Nothing between here and gumbo holds anything but what the ring knows of. */
	if (setjmp(tree->too_much) != 0) {
		html_tree_free(tree);
		return STATUS_TOO_LARGE;
	}
	tree->output = gumbo_parse_with_options(
	    &options, html.size == 0 ? "" : (const char *)html.data, html.size);
	*tree_out = tree;
	return STATUS_OK;
}

void
html_tree_free(struct html_tree *tree)
{
	if (tree == NULL)
		return;
	for (struct link *link = tree->ring.next, *next; link != &tree->ring; link = next) {
		next = link->next;
		discard((struct block *)(void *)link);
	}
	free(tree);
}

const GumboNode *
html_tree_document(const struct html_tree *tree)
{
	return tree->output->document;
}

static const GumboVector *
children_of(const GumboNode *node)
{
	if (node->type == GUMBO_NODE_DOCUMENT)
		return &node->v.document.children;
	if (node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE)
		return &node->v.element.children;
	return NULL;
}

void
html_tree_walk(const GumboNode *root, const struct html_walker *walker)
{
	const GumboNode *node = root;

	for (;;) {
		const GumboVector *children = children_of(node);

		if (walker->enter(walker->context, node) && children != NULL &&
		    children->length > 0) {
			node = children->data[0];
			continue;
		}
		/* Up to the nearest that has a next sibling. */
		for (;;) {
			const GumboVector *siblings;

			walker->leave(walker->context, node);
			if (node == root)
				return;
			siblings = children_of(node->parent);
			if (node->index_within_parent + 1 < siblings->length) {
				node = siblings->data[node->index_within_parent + 1];
				break;
			}
			node = node->parent;
		}
	}
}

const char *
html_element_name(const GumboNode *node, char room[HTML_NAME_SIZE])
{
	GumboStringPiece piece;
	size_t size;

	if ((node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE) ||
	    node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return "";
	if (node->v.element.tag != GUMBO_TAG_UNKNOWN)
		return gumbo_normalized_tagname(node->v.element.tag);
	piece = node->v.element.original_tag;
	gumbo_tag_from_original_text(&piece);
	size = piece.length < HTML_NAME_SIZE - 1 ? piece.length : HTML_NAME_SIZE - 1;
	for (size_t i = 0; i < size; i++)
		room[i] = (char)slice_lower((unsigned char)piece.data[i]);
	room[size] = '\0';
	return room;
}

const char *
html_attribute(const GumboNode *node, const char *name)
{
	const GumboAttribute *attribute = gumbo_get_attribute(&node->v.element.attributes, name);

	return attribute == NULL ? NULL : attribute->value;
}

static enum status
append_bytes(void *context, struct slice bytes)
{
	struct text *text = context;

	text_append(text, bytes);
	return text_ok(text) ? STATUS_OK : STATUS_TOO_LARGE;
}

/* The charset that HTML names itself in its first bytes (<meta charset=... or content="...;
 * charset=...). */
static void
find_charset(struct slice html, char charset[64])
{
	struct slice head = slice_part(html, 0, 2048);
	size_t at = slice_find_nocase(head, SLICE("charset"), 0);
	size_t size = 0;

	charset[0] = '\0';
	if (at == SLICE_NONE)
		return;
	for (at += 7;
	     at < head.size && strchr(" =\"'", head.data[at]) != NULL && head.data[at] != '\0';)
		at++;
	while (at < head.size && size < 63 && head.data[at] > ' ' &&
	       strchr("\"'>;/", head.data[at]) == NULL)
		charset[size++] = (char)head.data[at++];
	charset[size] = '\0';
	/* What can be read as ASCII so far is not of these. */
	if (slice_starts_nocase(slice_from_text(charset), SLICE("utf-16")) ||
	    slice_starts_nocase(slice_from_text(charset), SLICE("utf-32")))
		charset[0] = '\0';
}

enum status
html_read(const struct source *message, const struct part *part, struct text *html)
{
	struct arena *arena;
	struct text bytes;
	struct sink sink = {&bytes, append_bytes};
	struct source holder;
	enum status status;
	char charset[64];

	if (part->decoded_size > HTML_SIZE_MAX)
		return STATUS_TOO_LARGE;
	arena = arena_new();
	text_init(&bytes, HTML_SIZE_MAX);
	status = body_holder(message, part, arena, &holder);
	if (status == STATUS_OK)
		status = decode_part(&holder, part, &sink);
	if (status == STATUS_OK) {
		find_charset(text_slice(&bytes), charset);
		charset_convert(
		    charset_open(part->charset[0] != '\0' ? part->charset : charset, arena),
		    text_slice(&bytes), true, html);
		if (!text_ok(html))
			status = STATUS_TOO_LARGE;
	}
	text_clear(&bytes);
	arena_free(arena);
	return status;
}
