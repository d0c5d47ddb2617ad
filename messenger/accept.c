#include "messenger/accept.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "crypto/box.h"
#include "crypto/chunk.h"
#include "crypto/pair.h"

struct acceptance {
	const struct messenger *messenger;
	enum message_origin origin;
	struct id id;
	struct secret key;
	struct text plain;     /* of the chunk that is being filled */
	unsigned char *sealed; /* room for one chunk, once the message needs more than one */
	uint64_t size;
	uint32_t chunk_count; /* sealed and staged so far */
	enum status status;   /* of the first failure */
};

enum status
messenger_accept_open(const struct messenger *messenger, enum message_origin origin,
		      struct acceptance **acceptance_out)
{
	struct acceptance *acceptance = calloc(1, sizeof(*acceptance));

	if (acceptance == NULL)
		return STATUS_UNAVAILABLE;
	acceptance->messenger = messenger;
	acceptance->origin = origin;
	acceptance->id = id_new();
	secret_random(&acceptance->key, MESSAGE_KEY_SIZE);
	text_init(&acceptance->plain, CHUNK_SIZE + 1);
	*acceptance_out = acceptance;
	return STATUS_OK;
}

struct id
messenger_accept_id(const struct acceptance *acceptance)
{
	return acceptance->id;
}

/* Seal the full chunk at hand and write it; more is known to follow. */
static enum status
stage(struct acceptance *acceptance)
{
	size_t size;
	enum status status;

	if (acceptance->chunk_count == UINT32_MAX)
		return STATUS_TOO_LARGE;
	if (acceptance->sealed == NULL)
		acceptance->sealed = malloc(CHUNK_SIZE + CHUNK_OVERHEAD);
	if (acceptance->sealed == NULL)
		return STATUS_UNAVAILABLE;
	status = chunk_seal(&acceptance->key, &acceptance->id, acceptance->chunk_count, false,
			    text_slice(&acceptance->plain), acceptance->sealed, &size);
	if (status == STATUS_OK)
		status = intake_stage(acceptance->messenger->intake, &acceptance->id,
				      acceptance->chunk_count, slice_of(acceptance->sealed, size),
				      clock_now());
	acceptance->chunk_count++;
	text_reset(&acceptance->plain);
	return status;
}

enum status
messenger_accept_write(struct acceptance *acceptance, struct slice bytes)
{
	while (bytes.size > 0 && acceptance->status == STATUS_OK) {
		size_t room = CHUNK_SIZE - acceptance->plain.size;

		/* A full chunk waits until it is known not to be the last. */
		if (room == 0) {
			acceptance->status = stage(acceptance);
			continue;
		}
		if (room > bytes.size)
			room = bytes.size;
		text_append(&acceptance->plain, slice_part(bytes, 0, room));
		acceptance->size += room;
		bytes = slice_part(bytes, room, bytes.size);
	}
	return acceptance->status;
}

static void
free_acceptance(struct acceptance *acceptance)
{
	secret_clear(&acceptance->key);
	text_clear(&acceptance->plain);
	free(acceptance->sealed);
	free(acceptance);
}

static enum status
commit(struct acceptance *acceptance, const struct envelope *envelope,
       const struct answering *answering, struct arena *arena)
{
	struct intake_message message = {
	    .id = acceptance->id,
	    .origin = acceptance->origin,
	    .received_at = envelope->received_at,
	    .size = acceptance->size,
	    .chunk_count = acceptance->chunk_count + 1,
	};
	struct intake *intake = acceptance->messenger->intake;
	unsigned char *sealed;
	struct slice plain;
	size_t size;
	enum status status;

	sealed = arena_alloc(arena, acceptance->plain.size + CHUNK_OVERHEAD);
	status = chunk_seal(&acceptance->key, &acceptance->id, acceptance->chunk_count, true,
			    text_slice(&acceptance->plain), sealed, &size);
	if (status != STATUS_OK)
		return status;
	if (acceptance->chunk_count == 0)
		message.chunk = slice_of(sealed, size);
	else
		status = intake_stage(intake, &acceptance->id, acceptance->chunk_count,
				      slice_of(sealed, size), envelope->received_at);
	if (status == STATUS_OK)
		status = envelope_write(envelope, arena, &plain);
	if (status == STATUS_OK)
		status = pair_seal(acceptance->messenger->keys->gateway_public, PAIR_MESSAGE_KEY,
				   &acceptance->id, secret_slice(&acceptance->key), arena,
				   &message.gateway_wrap);
	if (status != STATUS_OK)
		return status;
	message.envelope = box_seal(secret_slice(&acceptance->key), "envelope",
				    id_slice(&acceptance->id), plain, arena);
	if (answering != NULL) {
		message.parent_delivery = answering->delivery;
		message.has_parent = true;
		message.once = answering->once;
	}
	return intake_commit(intake, &message);
}

enum status
messenger_accept_commit(struct acceptance *acceptance, const struct envelope *envelope,
			const struct answering *answering)
{
	struct arena *arena = arena_new();
	enum status status = acceptance->status;

	if (status == STATUS_OK)
		status = commit(acceptance, envelope, answering, arena);
	arena_free(arena);
	free_acceptance(acceptance);
	return status;
}

void
messenger_accept_abort(struct acceptance *acceptance)
{
	if (acceptance != NULL)
		free_acceptance(acceptance);
}
