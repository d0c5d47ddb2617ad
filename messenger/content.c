#include "messenger/content.h"

#include <sodium.h>
#include <string.h>

#include "base/log.h"
#include "base/stock.h"
#include "crypto/chunk.h"

#define NO_CHUNK UINT32_MAX

/* For messages of several chunks; those of one have what they need in the arena. */
static struct stock chunk_buffers = STOCK_OF(CHUNK_SIZE + CHUNK_OVERHEAD);

struct content {
	const struct messenger *messenger;
	const struct message_row *row;
	const struct secret *key;
	unsigned char *sealed;
	unsigned char *plain;
	size_t room;	 /* plain bytes of a full chunk of this message */
	size_t held;	 /* plain bytes of the chunk at hand */
	size_t dirty;	 /* bytes of `plain` that ever held something */
	uint32_t number; /* of the chunk at hand */
};

static enum status
fetch(struct content *content, uint32_t number, struct slice *sealed_out)
{
	struct store *store;
	size_t size = 0;
	enum status status;

	if (content->row->chunk_count == 1) {
		*sealed_out = content->row->chunk;
		return STATUS_OK;
	}
	store = store_pool_get(content->messenger->stores);
	status = message_chunk(store, &content->row->id, number, content->sealed,
			       content->room + CHUNK_OVERHEAD, &size);
	store_pool_put(content->messenger->stores, store);
	*sealed_out = slice_of(content->sealed, size);
	/* A chunk that is not there although its message is. */
	return status == STATUS_NOT_FOUND ? STATUS_DAMAGED : status;
}

static enum status
load(struct content *content, uint32_t number)
{
	char id[ID_TEXT_SIZE];
	bool last = number == content->row->chunk_count - 1;
	size_t expected =
	    last ? (size_t)(content->row->size - (uint64_t)number * CHUNK_SIZE) : CHUNK_SIZE;
	struct slice sealed;
	enum status status;

	content->number = NO_CHUNK;
	status = fetch(content, number, &sealed);
	if (status == STATUS_OK && sealed.size != expected + CHUNK_OVERHEAD)
		status = STATUS_DAMAGED;
	if (status == STATUS_OK)
		status = chunk_open(content->key, &content->row->id, number, last, sealed,
				    content->plain, &content->held);
	if (status == STATUS_DAMAGED)
		log_error("chunk-damaged", LOG_TEXT("message", id_text(content->row->id, id)),
			  LOG_NUMBER("chunk", number));
	if (status != STATUS_OK)
		return status;
	content->number = number;
	if (content->dirty < content->held)
		content->dirty = content->held;
	return STATUS_OK;
}

static enum status
read_at(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct content *content = context;
	uint32_t number = (uint32_t)(offset / CHUNK_SIZE);
	size_t within = (size_t)(offset % CHUNK_SIZE);

	if (offset >= content->row->size) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (content->number != number) {
		enum status status = load(content, number);

		if (status != STATUS_OK)
			return status;
	}
	if (room > content->held - within)
		room = content->held - within;
	memcpy(bytes, content->plain + within, room);
	*size_out = room;
	return STATUS_OK;
}

static void
release_buffers(void *argument)
{
	const struct content *content = argument;

	if (content->plain != NULL)
		sodium_memzero(content->plain, content->dirty);
	stock_give(&chunk_buffers, content->plain);
	stock_give(&chunk_buffers, content->sealed);
}

static enum status
take_buffers(struct content *content, struct arena *arena)
{
	if (content->row->chunk_count == 1) {
		content->plain = arena_alloc(arena, content->room + 1);
		return STATUS_OK;
	}
	arena_defer(arena, release_buffers, content);
	content->plain = stock_take(&chunk_buffers);
	content->sealed = stock_take(&chunk_buffers);
	return content->plain != NULL && content->sealed != NULL ? STATUS_OK : STATUS_UNAVAILABLE;
}

enum status
content_open(const struct messenger *messenger, const struct message_row *row,
	     const struct secret *message_key, struct arena *arena, struct source *source_out)
{
	uint64_t chunks = row->size == 0 ? 1 : (row->size + CHUNK_SIZE - 1) / CHUNK_SIZE;
	struct content *content;

	if (row->chunk_count != chunks)
		return STATUS_DAMAGED;
	content = arena_alloc(arena, sizeof(*content));
	content->messenger = messenger;
	content->row = row;
	content->key = message_key;
	content->number = NO_CHUNK;
	content->room = row->size < CHUNK_SIZE ? (size_t)row->size : CHUNK_SIZE;
	*source_out = (struct source){content, row->size, read_at};
	return take_buffers(content, arena);
}

enum status
content_key_by_gateway(const struct messenger *messenger, const struct message_row *row,
		       struct secret *message_key_out)
{
	struct pair gateway;

	if (row->gateway_wrap.size == 0)
		return STATUS_GONE;
	memcpy(gateway.public, messenger->keys->gateway_public, sizeof(gateway.public));
	gateway.private = messenger->keys->gateway_private; /* borrowed, not cleared */
	return pair_open(&gateway, PAIR_MESSAGE_KEY, &row->id, row->gateway_wrap, message_key_out);
}
