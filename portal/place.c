#include "portal/place.h"

#include "base/encode.h"

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

const char *
place_write(const struct desk_place *place, struct arena *arena)
{
	char id[ID_TEXT_SIZE];

	return arena_printf(arena, "%lld.%s", (long long)place->created_at,
			    id_text(place->delivery_id, id));
}
