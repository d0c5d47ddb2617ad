#include "messenger/search.h"

#include "mail/address.h"

#define BATCH ((size_t)500)
#define LOOKED_AT_MOST ((size_t)20000)
#define TYPED_MAX ((size_t)200)

bool
search_holds(const char *text, struct slice wanted, struct arena *arena)
{
	struct slice folded;

	if (wanted.size == 0)
		return true;
	folded = slice_from_text(address_fold(slice_from_text(text), arena));
	return slice_find(folded, wanted, 0) != SLICE_NONE;
}

/* Take what fits of these rows; false when the page is full and there is one more. */
static bool
take(const struct search_list *list, const void *rows, size_t count, struct slice wanted,
     size_t most, struct search_found *found)
{
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		bool fits = list->fits(list->context, rows, i, wanted, arena);
		bool full = fits && found->count == most;

		if (fits && !full)
			list->keep(list->context, found->count++);
		arena_free(arena);
		if (full) {
			found->more = true;
			return false;
		}
		found->looked_to = list->place(rows, i);
		found->looked_at++;
	}
	return true;
}

enum status
search_go(const struct search_list *list, struct store *store, struct slice typed,
	  const struct desk_place *behind, size_t most, struct arena *arena,
	  struct search_found *found_out)
{
	struct slice part = slice_part(slice_trim(typed), 0, TYPED_MAX);
	struct slice wanted = slice_from_text(address_fold(part, arena));
	struct search_found found = {.looked_to = *behind};
	size_t batch = wanted.size > 0 ? BATCH : most + 1;
	bool going = true;

	while (going) {
		struct arena *rows_arena = arena_new();
		void *rows;
		size_t count;
		enum status status = list->fetch(list->context, store, &found.looked_to, batch,
						 rows_arena, &rows, &count);

		going = status == STATUS_OK && take(list, rows, count, wanted, most, &found) &&
			count == batch;
		arena_free(rows_arena);
		if (status != STATUS_OK)
			return status;
		if (going && found.looked_at >= LOOKED_AT_MOST) {
			found.cut = true;
			found.more = true;
			going = false;
		}
	}
	*found_out = found;
	return STATUS_OK;
}
