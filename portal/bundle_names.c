#include "portal/bundle_names.h"

#include "mail/file_name.h"
#include "portal/filename.h"

const char *const *
bundle_names(const struct part *const *parts, size_t count, struct arena *arena)
{
	const char **names = arena_alloc_many(arena, count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = filename_or_default(
		    file_name_clean(slice_from_text(parts[i]->name), arena), parts[i]->type);
	return file_names_distinct(names, count, arena);
}
