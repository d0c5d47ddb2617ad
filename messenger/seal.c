#include "messenger/seal.h"

#include <string.h>

#include "crypto/box.h"
#include "crypto/pair.h"
#include "store/link.h"

enum status
seal_temporary(const struct secret *message_key, struct delivery_row *row, struct arena *arena,
	       struct secret *temporary_private_out)
{
	struct pair pair;
	enum status status;

	pair_new(&pair);
	status = pair_seal(pair.public, PAIR_MESSAGE_KEY, &row->message_id,
			   secret_slice(message_key), arena, &row->message_key_wrap);
	if (status == STATUS_OK) {
		row->temporary_public = arena_copy(arena, slice_of(pair.public, PAIR_PUBLIC_SIZE));
		secret_move(temporary_private_out, &pair.private);
	}
	pair_clear(&pair);
	return status;
}

enum status
seal_hold(const struct messenger *messenger, struct delivery_row *row,
	  const struct secret *temporary_private, struct arena *arena)
{
	return pair_seal(messenger->keys->gateway_public, PAIR_TEMPORARY_PRIVATE, &row->id,
			 secret_slice(temporary_private), arena, &row->gateway_wrap);
}

enum status
seal_open_held(const struct messenger *messenger, const struct delivery_row *row,
	       struct secret *temporary_private_out)
{
	struct pair gateway;

	if (row->gateway_wrap.size == 0)
		return STATUS_GONE;
	memcpy(gateway.public, messenger->keys->gateway_public, sizeof(gateway.public));
	gateway.private = messenger->keys->gateway_private; /* borrowed, not cleared */
	return pair_open(&gateway, PAIR_TEMPORARY_PRIVATE, &row->id, row->gateway_wrap,
			 temporary_private_out);
}

/* Seal `plain` under the link of that kind and generation. */
static struct slice
box_to_link(const struct messenger *messenger, enum link_kind kind, const struct id *delivery,
	    uint32_t generation, const char *purpose, struct slice plain, struct arena *arena)
{
	struct secret link;
	struct slice sealed;

	link_derive(&messenger->keys->link_key, kind, delivery, generation, &link);
	sealed = box_seal(secret_slice(&link), purpose, id_slice(delivery), plain, arena);
	secret_clear(&link);
	return sealed;
}

enum status
seal_to_lock(const struct messenger *messenger, struct delivery_row *row, struct slice lock_public,
	     const struct secret *temporary_private, struct arena *arena)
{
	struct slice inner;
	enum status status;

	if (lock_public.size != PAIR_PUBLIC_SIZE)
		return STATUS_DAMAGED;
	status = pair_seal(lock_public.data, PAIR_TEMPORARY_PRIVATE, &row->id,
			   secret_slice(temporary_private), arena, &inner);
	if (status != STATUS_OK)
		return status;
	row->outer_wrap = box_to_link(messenger, LINK_RECIPIENT, &row->id, row->link_generation,
				      "wrap", inner, arena);
	row->rescue_wrap = (struct slice){NULL, 0};
	if (messenger->policy->allow_rescue)
		row->rescue_wrap =
			box_to_link(messenger, LINK_SENDER, &row->id, row->sender_generation,
				    "rescue", secret_slice(temporary_private), arena);
	return STATUS_OK;
}

enum status
seal_relink(const struct messenger *messenger, const struct delivery_row *row, uint32_t from,
	    uint32_t to, struct arena *arena, struct slice *outer_wrap_out)
{
	struct secret link;
	struct slice inner;
	enum status status;

	link_derive(&messenger->keys->link_key, LINK_RECIPIENT, &row->id, from, &link);
	status = box_open(secret_slice(&link), "wrap", id_slice(&row->id), row->outer_wrap, arena,
			  &inner);
	secret_clear(&link);
	if (status == STATUS_OK)
		*outer_wrap_out = box_to_link(messenger, LINK_RECIPIENT, &row->id, to, "wrap",
					      inner, arena);
	return status;
}

/* The pick-up code leads to the link secret: found by a stretched hash, opened by a stretched key. */
static enum status
seal_pickup(const struct messenger *messenger, const struct id *delivery, uint32_t generation,
	    const struct secret *link, struct arena *arena, struct slice *hash_out,
	    struct slice *wrap_out)
{
	const char *code = pickup_derive(&messenger->keys->link_key, delivery, generation, arena);
	unsigned char *hash = arena_alloc(arena, LINK_HASH_SIZE);
	struct secret key;
	enum status status = pickup_stretch(&messenger->keys->display_key, slice_from_text(code),
					    hash, &key);

	if (status != STATUS_OK)
		return status;
	*hash_out = slice_of(hash, LINK_HASH_SIZE);
	*wrap_out = box_seal(secret_slice(&key), "pickup", id_slice(delivery), secret_slice(link),
			     arena);
	secret_clear(&key);
	return STATUS_OK;
}

enum status
seal_insert_link(const struct messenger *messenger, struct store *store, const struct id *delivery,
		 enum link_kind kind, uint32_t generation, struct arena *arena)
{
	unsigned char hash[LINK_HASH_SIZE];
	struct slice pickup_hash = {NULL, 0}, pickup_wrap = {NULL, 0};
	struct secret link;
	enum status status = STATUS_OK;

	link_derive(&messenger->keys->link_key, kind, delivery, generation, &link);
	link_hash(secret_slice(&link), hash);
	if (kind == LINK_RECIPIENT)
		status = seal_pickup(messenger, delivery, generation, &link, arena, &pickup_hash,
				     &pickup_wrap);
	if (status == STATUS_OK)
		status = link_insert(store, slice_of(hash, sizeof(hash)), delivery, (int)kind,
				     generation, pickup_hash, pickup_wrap);
	secret_clear(&link);
	return status;
}
