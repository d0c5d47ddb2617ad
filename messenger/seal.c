#include "messenger/seal.h"

#include <string.h>

#include "crypto/box.h"
#include "crypto/lock.h"
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

struct pair
seal_gateway_pair(const struct messenger *messenger)
{
	struct pair gateway;

	memcpy(gateway.public, messenger->keys->gateway_public, sizeof(gateway.public));
	gateway.private = messenger->keys->gateway_private;
	return gateway;
}

enum status
seal_open_held(const struct messenger *messenger, const struct delivery_row *row,
	       struct secret *temporary_private_out)
{
	struct pair gateway = seal_gateway_pair(messenger);

	if (row->gateway_wrap.size == 0)
		return STATUS_GONE;
	return pair_open(&gateway, PAIR_TEMPORARY_PRIVATE, &row->id, row->gateway_wrap,
			 temporary_private_out);
}

enum status
seal_open_held_message(const struct messenger *messenger, const struct delivery_row *row,
		       struct secret *message_key_out)
{
	struct secret temporary;
	struct pair pair;
	enum status status = seal_open_held(messenger, row, &temporary);

	if (status != STATUS_OK)
		return status;
	status = pair_from_private(secret_slice(&temporary), &pair);
	secret_clear(&temporary);
	if (status != STATUS_OK)
		return status;
	status = pair_open(&pair, PAIR_MESSAGE_KEY, &row->message_id, row->message_key_wrap,
			   message_key_out);
	pair_clear(&pair);
	return status;
}

/* Seal the inner layer under the recipient's link of that generation. */
static struct slice
box_to_recipient(const struct messenger *messenger, const struct id *delivery, uint32_t generation,
		 struct slice inner, struct arena *arena)
{
	struct secret link;
	struct slice sealed;

	link_derive(&messenger->keys->link_key, LINK_RECIPIENT, delivery, generation, &link);
	sealed = box_seal(secret_slice(&link), "wrap", id_slice(delivery), inner, arena);
	secret_clear(&link);
	return sealed;
}

/* The lock's public key, which only the courier can read. */
static enum status
open_lock_public(const struct messenger *messenger, const struct lock_row *lock,
		 unsigned char public_out[PAIR_PUBLIC_SIZE])
{
	struct pair gateway = seal_gateway_pair(messenger);
	struct secret public;
	enum status status =
	    pair_open(&gateway, PAIR_LOCK_PUBLIC, &lock->id, lock->public_wrap, &public);

	if (status != STATUS_OK)
		return status;
	if (public.size == PAIR_PUBLIC_SIZE)
		memcpy(public_out, public.data, PAIR_PUBLIC_SIZE);
	else
		status = STATUS_DAMAGED;
	secret_clear(&public);
	return status;
}

enum status
seal_to_lock(const struct messenger *messenger, struct delivery_row *row,
	     const struct lock_row *lock, const struct secret *temporary_private,
	     struct arena *arena)
{
	unsigned char lock_public[PAIR_PUBLIC_SIZE];
	struct slice inner;
	enum status status = open_lock_public(messenger, lock, lock_public);

	if (status == STATUS_OK)
		status = lock_seal(lock_public, PAIR_TEMPORARY_PRIVATE, &row->id,
				   secret_slice(temporary_private), arena, &inner);
	if (status != STATUS_OK)
		return status;
	row->outer_wrap = box_to_recipient(messenger, &row->id, row->link_generation, inner, arena);
	return seal_rescue(messenger, row, temporary_private, arena);
}

enum status
seal_rescue(const struct messenger *messenger, struct delivery_row *row,
	    const struct secret *temporary_private, struct arena *arena)
{
	struct secret link;
	enum status status;

	row->rescue_wrap = (struct slice){NULL, 0};
	if (!messenger->policy->allow_rescue || row->sender_wrap.size == 0)
		return STATUS_OK;
	status = seal_open_sender_link(messenger, row, &link);
	if (status != STATUS_OK)
		return status;
	row->rescue_wrap = box_seal(secret_slice(&link), "rescue", id_slice(&row->id),
				    secret_slice(temporary_private), arena);
	secret_clear(&link);
	return STATUS_OK;
}

void
seal_recipient_link(const struct messenger *messenger, const struct delivery_row *row,
		    struct secret *link_out)
{
	link_derive(&messenger->keys->link_key, LINK_RECIPIENT, &row->id, row->link_generation,
		    link_out);
}

void
seal_sender_link(const struct messenger *messenger, struct delivery_row *row, struct arena *arena,
		 struct slice *hash_out)
{
	unsigned char *hash = arena_alloc(arena, LINK_HASH_SIZE);
	struct secret link;

	secret_random(&link, LINK_SECRET_SIZE);
	link_hash(secret_slice(&link), hash);
	row->sender_wrap = box_seal(secret_slice(&messenger->keys->link_key), "sender link",
				    id_slice(&row->id), secret_slice(&link), arena);
	secret_clear(&link);
	*hash_out = slice_of(hash, LINK_HASH_SIZE);
}

enum status
seal_open_sender_link(const struct messenger *messenger, const struct delivery_row *row,
		      struct secret *link_out)
{
	if (row->sender_wrap.size == 0)
		return STATUS_GONE;
	return box_open_secret(secret_slice(&messenger->keys->link_key), "sender link",
			       id_slice(&row->id), row->sender_wrap, link_out);
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
		*outer_wrap_out = box_to_recipient(messenger, &row->id, to, inner, arena);
	return status;
}

/* The pick-up code leads to the link secret: found by a stretched hash, opened by a stretched key.
 */
static enum status
seal_pickup(const struct messenger *messenger, const struct id *delivery, uint32_t generation,
	    const struct secret *link, struct arena *arena, struct slice *hash_out,
	    struct slice *wrap_out)
{
	const char *code = pickup_derive(&messenger->keys->link_key, delivery, generation, arena);
	unsigned char *hash = arena_alloc(arena, LINK_HASH_SIZE);
	struct secret key;
	enum status status =
	    pickup_stretch(&messenger->keys->display_key, slice_from_text(code), hash, &key);

	if (status != STATUS_OK)
		return status;
	*hash_out = slice_of(hash, LINK_HASH_SIZE);
	*wrap_out =
	    box_seal(secret_slice(&key), "pickup", id_slice(delivery), secret_slice(link), arena);
	secret_clear(&key);
	return STATUS_OK;
}

enum status
seal_insert_link(const struct messenger *messenger, struct store *store, const struct id *delivery,
		 uint32_t generation, struct arena *arena)
{
	unsigned char hash[LINK_HASH_SIZE];
	struct slice pickup_hash, pickup_wrap;
	struct secret link;
	enum status status;

	link_derive(&messenger->keys->link_key, LINK_RECIPIENT, delivery, generation, &link);
	link_hash(secret_slice(&link), hash);
	status =
	    seal_pickup(messenger, delivery, generation, &link, arena, &pickup_hash, &pickup_wrap);
	if (status == STATUS_OK)
		status = link_insert(store, slice_of(hash, sizeof(hash)), delivery, LINK_RECIPIENT,
				     generation, pickup_hash, pickup_wrap);
	secret_clear(&link);
	return status;
}
