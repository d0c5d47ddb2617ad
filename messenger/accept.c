#include "messenger/accept.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stock.h"
#include "crypto/box.h"
#include "crypto/chunk.h"
#include "crypto/pair.h"

/* Room for less than a chunk: most messages are small, and many may be in hand at once. */
static const size_t small_rooms[] = {4096, 32768};
#define SMALL_ROOMS (sizeof(small_rooms) / sizeof(small_rooms[0]))

static struct stock chunk_buffers = STOCK_OF(CHUNK_SIZE + CHUNK_OVERHEAD);

/* Chunks of one message that may be on their way into the store while the next is received: the
 * store takes those that wait in one transaction, and nobody waits for each of them. */
#define AHEAD_MAX ((size_t)4)

/* Each message may have one on its way; all messages together so many more, whatever their number:
 * that is what bounds the memory. */
#define AHEAD_TOGETHER 12
static atomic_int ahead;

/* The bytes of one chunk: plain ones while it is being filled, then sealed where they stand. */
struct filling {
	unsigned char *bytes;
	size_t room; /* plain bytes that it takes; CHUNK_SIZE: from the stock */
	size_t held; /* plain bytes in it */
};

/* A sealed chunk on its way; its bytes are borrowed by the store until it is there. */
struct leaving {
	struct staging *staging;
	unsigned char *bytes;
};

struct acceptance {
	const struct messenger *messenger;
	enum message_origin origin;
	struct id id;
	struct secret key;
	struct filling filling;
	struct leaving leaving[AHEAD_MAX]; /* the oldest first */
	size_t leaving_count;
	uint64_t size;
	uint32_t chunk_count; /* sealed so far */
	enum status status;   /* of the first failure */
};

static void
release_filling(struct filling *filling)
{
	if (filling->held > 0)
		sodium_memzero(filling->bytes + CHUNK_HEADER, filling->held);
	if (filling->room == CHUNK_SIZE)
		stock_give(&chunk_buffers, filling->bytes);
	else
		free(filling->bytes);
	*filling = (struct filling){NULL, 0, 0};
}

/* Room for so many plain bytes in all, at most a chunk's; what is held moves along. */
static enum status
make_room(struct filling *filling, size_t wanted)
{
	struct filling larger = {.room = CHUNK_SIZE, .held = filling->held};

	if (filling->bytes != NULL && wanted <= filling->room)
		return STATUS_OK;
	for (size_t i = SMALL_ROOMS; i > 0 && wanted <= small_rooms[i - 1]; i--)
		larger.room = small_rooms[i - 1];
	larger.bytes = larger.room == CHUNK_SIZE ? stock_take(&chunk_buffers)
						 : malloc(larger.room + CHUNK_OVERHEAD);
	if (larger.bytes == NULL)
		return STATUS_UNAVAILABLE;
	if (filling->bytes != NULL)
		memcpy(larger.bytes + CHUNK_HEADER, filling->bytes + CHUNK_HEADER, filling->held);
	release_filling(filling);
	*filling = larger;
	return STATUS_OK;
}

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
	*acceptance_out = acceptance;
	return STATUS_OK;
}

struct id
messenger_accept_id(const struct acceptance *acceptance)
{
	return acceptance->id;
}

uint64_t
messenger_accept_size(const struct acceptance *acceptance)
{
	return acceptance->size;
}

/* Seal what is in hand, where it stands: no plain byte is left of it. */
static enum status
seal(struct acceptance *acceptance, bool last, struct slice *sealed_out)
{
	struct filling *filling = &acceptance->filling;
	size_t size;
	enum status status;

	if (acceptance->chunk_count == INT32_MAX)
		return STATUS_TOO_LARGE;
	status = make_room(filling, filling->held);
	if (status == STATUS_OK)
		status = chunk_seal(&acceptance->key, &acceptance->id, acceptance->chunk_count,
				    last, slice_of(filling->bytes + CHUNK_HEADER, filling->held),
				    filling->bytes, &size);
	if (status != STATUS_OK)
		return status;
	filling->held = 0;
	acceptance->chunk_count++;
	*sealed_out = slice_of(filling->bytes, size);
	return STATUS_OK;
}

/* Wait for the oldest chunks on their way until no more than `most` are left. */
static enum status
settle(struct acceptance *acceptance, size_t most)
{
	enum status status = STATUS_OK;

	while (acceptance->leaving_count > most) {
		struct leaving *oldest = &acceptance->leaving[0];
		enum status ended = intake_stage_end(oldest->staging);

		stock_give(&chunk_buffers, oldest->bytes);
		acceptance->leaving_count--;
		memmove(oldest, oldest + 1, acceptance->leaving_count * sizeof(*oldest));
		/* All but one were counted. */
		if (acceptance->leaving_count > 0)
			atomic_fetch_sub(&ahead, 1);
		if (status == STATUS_OK)
			status = ended;
	}
	return status;
}

/* Whether one more may be on its way beside others; then it is counted. */
static bool
may_go_ahead(const struct acceptance *acceptance)
{
	if (acceptance->leaving_count == AHEAD_MAX)
		return false;
	if (atomic_fetch_add(&ahead, 1) < AHEAD_TOGETHER)
		return true;
	atomic_fetch_sub(&ahead, 1);
	return false;
}

/* Seal the full chunk at hand and send it off; more is known to follow.  The first chunk of a
 * message lets all be swept if the rest never comes, so it is in the store before all others. */
static enum status
stage(struct acceptance *acceptance)
{
	uint32_t number = acceptance->chunk_count;
	struct leaving *next;
	struct slice sealed;
	enum status status = seal(acceptance, false, &sealed);

	if (status == STATUS_OK && number == 1)
		status = settle(acceptance, 0);
	while (status == STATUS_OK && acceptance->leaving_count > 0 && !may_go_ahead(acceptance))
		status = settle(acceptance, acceptance->leaving_count - 1);
	if (status != STATUS_OK)
		return status;
	next = &acceptance->leaving[acceptance->leaving_count];
	status = intake_stage_begin(acceptance->messenger->intake, &acceptance->id, number, sealed,
				    clock_now(), &next->staging);
	if (status != STATUS_OK) {
		if (acceptance->leaving_count > 0)
			atomic_fetch_sub(&ahead, 1);
		return status;
	}
	next->bytes = acceptance->filling.bytes;
	acceptance->leaving_count++;
	acceptance->filling = (struct filling){NULL, 0, 0};
	return STATUS_OK;
}

enum status
messenger_accept_write(struct acceptance *acceptance, struct slice bytes)
{
	struct filling *filling = &acceptance->filling;

	while (bytes.size > 0 && acceptance->status == STATUS_OK) {
		size_t part = CHUNK_SIZE - filling->held;

		/* A full chunk waits until it is known not to be the last. */
		if (part == 0) {
			acceptance->status = stage(acceptance);
			continue;
		}
		if (part > bytes.size)
			part = bytes.size;
		acceptance->status = make_room(filling, filling->held + part);
		if (acceptance->status != STATUS_OK)
			break;
		memcpy(filling->bytes + CHUNK_HEADER + filling->held, bytes.data, part);
		filling->held += part;
		acceptance->size += part;
		bytes = slice_part(bytes, part, bytes.size);
	}
	return acceptance->status;
}

static void
free_acceptance(struct acceptance *acceptance)
{
	/* The store has it until then, and what became of it is no question any more. */
	if (settle(acceptance, 0) != STATUS_OK)
		acceptance->status = STATUS_UNAVAILABLE;
	secret_clear(&acceptance->key);
	release_filling(&acceptance->filling);
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
	};
	struct slice plain;
	enum status status = seal(acceptance, true, &message.chunk);

	message.chunk_count = acceptance->chunk_count;
	if (status == STATUS_OK)
		status = settle(acceptance, 0);
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
		message.sent = answering->sent;
		message.last_file = answering->last_file;
	}
	return intake_commit(acceptance->messenger->intake, &message);
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

enum status
messenger_accept_bundle(struct acceptance *acceptance, struct arena *arena,
			struct bundle *bundle_out)
{
	struct slice sealed;
	enum status status = acceptance->status;

	if (status == STATUS_OK)
		status = seal(acceptance, true, &sealed);
	if (status == STATUS_OK)
		status = settle(acceptance, 0);
	if (status == STATUS_OK) {
		bundle_out->id = acceptance->id;
		bundle_out->size = acceptance->size;
		bundle_out->chunk_count = acceptance->chunk_count;
		bundle_out->last_chunk = arena_copy(arena, sealed);
		secret_move(&bundle_out->key, &acceptance->key);
	}
	free_acceptance(acceptance);
	return status;
}

void
messenger_accept_abort(struct acceptance *acceptance)
{
	if (acceptance != NULL)
		free_acceptance(acceptance);
}
