#include "messenger/place.h"

#include <string.h>

#include "crypto/hash.h"
#include "messenger/account_event.h"
#include "store/place.h"

/* One part to a line. */
static const char *
in_lines(const struct place *place, struct arena *arena)
{
	return arena_printf(arena, "%s\n%s\n%s", place->program, place->system, place->network);
}

struct slice
place_seal(const struct messenger *messenger, const char *column, const struct id *row,
	   const struct place *place, struct arena *arena)
{
	return messenger_display_seal(messenger, column, row, in_lines(place, arena), arena);
}

struct place
place_open(const struct messenger *messenger, const char *column, const struct id *row,
	   struct slice sealed, struct arena *arena)
{
	struct slice rest =
	    slice_from_text(messenger_display_open(messenger, column, row, sealed, arena));
	struct place place;

	place.program = arena_text_from(arena, slice_take_line(&rest));
	place.system = arena_text_from(arena, slice_take_line(&rest));
	place.network = arena_text_from(arena, slice_take_line(&rest));
	return place;
}

void
place_put(struct template_values *values, const struct place *place)
{
	template_put_text(values, "program", place->program);
	template_put_text(values, "system", place->system);
	template_put_text(values, "network", place->network);
}

/* Keyed by the pepper, and each owner's apart: whoever has the database can neither try networks,
 * of which there are few, nor see who shares one. */
static void
hash_place(const struct messenger *messenger, struct slice owner_index, const struct place *place,
	   unsigned char hash[HASH_SIZE], struct arena *arena)
{
	struct slice text = slice_from_text(in_lines(place, arena));
	unsigned char *both = arena_alloc(arena, owner_index.size + text.size);

	memcpy(both, owner_index.data, owner_index.size);
	memcpy(both + owner_index.size, text.data, text.size);
	hash_purpose(secret_slice(&messenger->keys->pepper), "sign-in place",
		     slice_of(both, owner_index.size + text.size), hash);
}

enum status
place_note(const struct messenger *messenger, struct store *store, const char *owner,
	   const struct place *place, int64_t now, struct arena *arena)
{
	struct slice index = messenger_address_index(messenger, owner, arena);
	struct account_telling telling = {.what = ACCOUNT_NEW_PLACE,
					  .detail = in_lines(place, arena)};
	unsigned char hash[HASH_SIZE];
	bool first, known = false;
	enum status status = account_first(store, index, now, &first);

	hash_place(messenger, index, place, hash, arena);
	if (status == STATUS_OK)
		status = place_use(store, index, slice_of(hash, sizeof(hash)), now,
				   now - PLACE_SECONDS, PLACE_MOST, &known);
	if (status != STATUS_OK || known || first)
		return status;
	return account_tell(messenger, store, owner, &telling, now, arena);
}
