#include "ingest/places.h"

#include <stdlib.h>
#include <string.h>

bool
places_init(struct places *places, size_t room)
{
	*places = (struct places){.all = calloc(room, sizeof(*places->all)), .room = room};
	return places->all != NULL;
}

void
places_clear(struct places *places)
{
	free(places->all);
	*places = (struct places){.all = NULL};
}

bool
places_has_room(const struct places *places, const struct rule *rule)
{
	size_t count = 0;

	if (rule->connections == 0)
		return true;
	for (size_t i = 0; i < places->room; i++)
		count += places->all[i].state != PLACE_FREE && places->all[i].rule_key == rule->key;
	return count < rule->connections;
}

struct place *
places_find(struct places *places, const struct network_address *address, const struct rule *rule)
{
	struct place *found = NULL;
	size_t same = 0;

	for (size_t i = 0; i < places->room; i++) {
		struct place *place = &places->all[i];

		if (place->state == PLACE_FREE) {
			if (found == NULL)
				found = place;
		} else if (memcmp(&place->address, address, sizeof(*address)) == 0) {
			same++;
		}
	}
	return same < rule->connections_per_client && places_has_room(places, rule) ? found : NULL;
}

struct place *
places_take_waiting(struct places *places)
{
	for (size_t i = 0; i < places->room; i++) {
		struct place *place = &places->all[i];

		if (place->state == PLACE_WAITING) {
			place->state = PLACE_TAKEN;
			places->waiting--;
			return place;
		}
	}
	return NULL;
}
