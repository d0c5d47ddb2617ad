#include "mail/roles.h"

#include <string.h>

/* The entities with their children in order, as a list: an index by parent. */
struct tree {
	const struct structure *structure;
	struct part *parts;
	uint32_t *first; /* child, or 0 when there is none */
	uint32_t *next;	 /* sibling, or 0 */
};

/* What of a body may still be taken below an entity. */
struct choice {
	bool text;
	bool html;
	bool inlines; /* entities with a Content-ID belong to the HTML body */
	bool first;   /* the entity is where a body is looked for: a name does not make it a file */
};

/* What was found there. */
struct found {
	bool text;
	bool html;
};

static bool
is_type(const struct entity *entity, const char *type)
{
	return strcmp(entity->type, type) == 0;
}

static bool
is_beginning(const struct entity *entity, const char *beginning)
{
	return strncmp(entity->type, beginning, strlen(beginning)) == 0;
}

static bool
is_leaf(const struct entity *entity)
{
	/* A multipart in which no boundary was found is its own text. */
	return !entity->container || entity->children == 0;
}

static enum part_role
leaf_role(const struct entity *entity, struct choice choice)
{
	bool broken = entity->container || entity->unreadable;
	bool named = entity->name[0] != '\0';
	bool plain = is_type(entity, "text/plain") || (broken && entity->depth == 0);

	if (entity->disposition != DISPOSITION_ATTACHMENT && (!named || choice.first)) {
		/* RFC 2046 section 4.1.4: an unknown kind of text reads as plain text; only where
		 * it is all there is. */
		if (entity->depth == 0 && is_beginning(entity, "text/") &&
		    !is_type(entity, "text/html") && !is_type(entity, "text/calendar") &&
		    !is_type(entity, "text/x-vcard") && !is_type(entity, "text/vcard") &&
		    !is_type(entity, "text/rtf") && !is_type(entity, "text/xml") &&
		    !is_type(entity, "text/csv"))
			plain = true;
		if (plain && choice.text)
			return PART_TEXT;
		if (is_type(entity, "text/html") && choice.html)
			return PART_HTML;
	}
	if (entity->content_id[0] != '\0' &&
	    (choice.inlines ||
	     (entity->disposition != DISPOSITION_ATTACHMENT && is_beginning(entity, "image/"))))
		return PART_INLINE;
	return PART_FILE;
}

static struct found assign(struct tree *tree, uint32_t number, struct choice choice);

/* The last alternative that can be shown, of text and of HTML each. */
static struct found
assign_alternative(struct tree *tree, uint32_t number, struct choice choice)
{
	struct found all = {false, false};
	uint32_t children[64];
	uint32_t count = 0;

	/* Backwards; alternatives beyond a sane number are files. */
	for (uint32_t child = tree->first[number]; child != 0; child = tree->next[child]) {
		if (count == sizeof(children) / sizeof(children[0])) {
			assign(tree, child, (struct choice){false, false, false, false});
			continue;
		}
		children[count++] = child;
	}
	while (count-- > 0) {
		struct choice here = choice;
		struct found found;

		here.text = choice.text && !all.text;
		here.html = choice.html && !all.html;
		here.first = true;
		found = assign(tree, children[count], here);
		all.text = all.text || found.text;
		all.html = all.html || found.html;
	}
	return all;
}

/* multipart/related (RFC 2387): one entity is shown, the others belong to it. */
static uint32_t
related_start(const struct tree *tree, uint32_t number)
{
	struct slice start = slice_from_text(tree->structure->entities[number].start);

	if (start.size > 2 && start.data[0] == '<')
		start = slice_part(start, 1, start.size - 1);
	for (uint32_t child = tree->first[number]; start.size > 0 && child != 0;
	     child = tree->next[child])
		if (slice_equal(start,
				slice_from_text(tree->structure->entities[child].content_id)))
			return child;
	return tree->first[number];
}

static struct found
assign_children(struct tree *tree, uint32_t number, struct choice choice)
{
	const struct entity *entity = &tree->structure->entities[number];
	bool related = is_type(entity, "multipart/related");
	bool one =
	    related || is_type(entity, "multipart/signed") || is_type(entity, "multipart/report");
	bool none = is_type(entity, "multipart/encrypted") || is_type(entity, "multipart/digest");
	uint32_t start = related ? related_start(tree, number) : tree->first[number];
	struct found all = {false, false};

	for (uint32_t child = tree->first[number]; child != 0; child = tree->next[child]) {
		struct choice here = choice;
		struct found found;

		if (none || (one && child != start))
			here.text = here.html = false;
		here.inlines = related && child != start;
		here.first = choice.first && child == start;
		found = assign(tree, child, here);
		all.text = all.text || found.text;
		all.html = all.html || found.html;
	}
	return all;
}

/* Depth is bounded by the structure. */
static struct found
assign(struct tree *tree, uint32_t number, struct choice choice)
{
	const struct entity *entity = &tree->structure->entities[number];
	struct part *part = &tree->parts[number];

	if (is_leaf(entity)) {
		part->role = leaf_role(entity, choice);
		if (part->role == PART_TEXT && !is_beginning(entity, "text/"))
			part->type = "text/plain";
		return (struct found){part->role == PART_TEXT, part->role == PART_HTML};
	}
	part->role = PART_CONTAINER;
	if (entity->disposition == DISPOSITION_ATTACHMENT)
		choice.text = choice.html = false;
	if (is_type(entity, "multipart/alternative"))
		return assign_alternative(tree, number, choice);
	return assign_children(tree, number, choice);
}

static void
fill(const struct structure *structure, struct part *parts)
{
	for (size_t i = 0; i < structure->count; i++) {
		const struct entity *entity = &structure->entities[i];

		parts[i] = (struct part){
		    .number = (uint32_t)i,
		    .parent = entity->parent,
		    .role = PART_FILE,
		    .encoding = entity->encoding,
		    .type = entity->type,
		    .charset = entity->charset,
		    .name = entity->name,
		    .content_id = entity->content_id,
		    .offset = entity->body,
		    .size = entity->end - entity->body,
		    .flowed = entity->flowed,
		    .delete_space = entity->delete_space,
		};
	}
}

struct part *
roles_assign(const struct structure *structure, struct arena *arena)
{
	struct tree tree = {.structure = structure};
	uint32_t *last = arena_alloc_many(arena, structure->count, sizeof(*last));

	tree.parts = arena_alloc_many(arena, structure->count, sizeof(*tree.parts));
	tree.first = arena_alloc_many(arena, structure->count, sizeof(*tree.first));
	tree.next = arena_alloc_many(arena, structure->count, sizeof(*tree.next));
	for (uint32_t i = 1; i < structure->count; i++) {
		uint32_t parent = structure->entities[i].parent;

		if (tree.first[parent] == 0)
			tree.first[parent] = i;
		else
			tree.next[last[parent]] = i;
		last[parent] = i;
	}
	fill(structure, tree.parts);
	if (structure->count > 0)
		assign(&tree, 0, (struct choice){true, true, false, true});
	return tree.parts;
}
