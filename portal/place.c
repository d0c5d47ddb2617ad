#include "portal/place.h"

#include "base/encode.h"
#include "portal/query.h"

struct desk_place
place_read(const struct request *request)
{
	struct slice text = form_value(&request->form, "behind");
	size_t dot = slice_find_byte(text, '.', 0);
	unsigned long long time;
	struct desk_place place;

	if (dot == SLICE_NONE || !slice_to_number(slice_part(text, 0, dot), &time) ||
	    time > INT64_MAX ||
	    id_parse(slice_part(text, dot + 1, text.size), &place.delivery_id) != STATUS_OK)
		return desk_place_first();
	place.created_at = (int64_t)time;
	return place;
}

static const char *
write_place(const struct desk_place *place, struct arena *arena)
{
	char id[ID_TEXT_SIZE];

	return arena_printf(arena, "%lld.%s", (long long)place->created_at,
			    id_text(place->delivery_id, id));
}

void
place_put_found(const struct request *request, struct template_values *values, const char *path,
		const char *filter, const struct search_found *found)
{
	struct slice find = slice_trim(form_value(&request->form, "find"));
	const struct query_pair pairs[] = {
	    {"show", filter},
	    {"find", arena_text_from(request->arena, find)},
	    {"behind", write_place(&found->looked_to, request->arena)},
	};
	bool first = place_read(request).created_at == desk_place_first().created_at;

	template_put_slice(values, "find", find);
	template_put_flag(values, "searched", find.size > 0);
	template_put_flag(values, "empty", found->count == 0);
	template_put_flag(values, "cut", found->cut);
	template_put_number(values, "looked_at", (long long)found->looked_at);
	template_put_text(values, "older_url",
			  found->more ? query_url(request->arena, path, pairs, 3) : "");
	template_put_text(values, "newest_url",
			  first ? "" : query_url(request->arena, path, pairs, 2));
}
