#include "portal/bundle_names.h"

#include <search.h>
#include <string.h>
#include <strings.h>

#include "mail/file_name.h"
#include "portal/filename.h"

/* A name that is given away, and with which number its next namesake begins. */
struct name {
	const char *text;
	unsigned next;
};

static int
compare(const void *a, const void *b)
{
	const struct name *first = a;
	const struct name *second = b;

	return strcasecmp(first->text, second->text);
}

static void
keep(void *name)
{
	(void)name; /* it lies in the arena */
}

/* "a (2).tar": the number stands before the ending. */
static const char *
numbered(const char *text, unsigned number, struct arena *arena)
{
	const char *dot = strrchr(text, '.');

	if (dot == NULL || dot == text)
		return arena_printf(arena, "%s (%u)", text, number);
	return arena_printf(arena, "%.*s (%u)%s", (int)(dot - text), text, number, dot);
}

static const char *
give(void **given, const char *text, struct arena *arena)
{
	struct name *name = arena_alloc(arena, sizeof(*name));
	struct name **found;

	*name = (struct name){text, 2};
	found = tsearch(name, given, compare);
	if (found == NULL || *found == name)
		return text; /* without memory two may be the same; nothing worse */
	/* Each number is tried once for all namesakes, so many of them cost no more than few. */
	for (;;) {
		struct name *other = arena_alloc(arena, sizeof(*other));
		struct name **taken;

		*other = (struct name){numbered(text, (*found)->next++, arena), 2};
		taken = tsearch(other, given, compare);
		if (taken == NULL || *taken == other)
			return other->text;
	}
}

const char *const *
bundle_names(const struct part *const *parts, size_t count, struct arena *arena)
{
	const char **names = arena_alloc_many(arena, count + 1, sizeof(*names));
	void *given = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *name = file_name_clean(slice_from_text(parts[i]->name), arena);

		names[i] = give(&given, filename_or_default(name, parts[i]->type), arena);
	}
	tdestroy(given, keep);
	return names;
}
