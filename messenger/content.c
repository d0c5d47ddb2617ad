#include "messenger/content.h"
#include "messenger/seal.h"

#include <semaphore.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/stock.h"
#include "crypto/chunk.h"

#define NO_CHUNK UINT32_MAX

/* For messages of several chunks; those of one have what they need in the arena. */
static struct stock chunk_buffers = STOCK_OF(CHUNK_SIZE + CHUNK_OVERHEAD);

/* How many messages may have a chunk fetched before it is asked for; it takes two buffers more. */
#define AHEAD_TOGETHER 16
static atomic_int ahead_count;

/* One chunk. */
struct piece {
	unsigned char *sealed;
	unsigned char *plain;
	size_t held;	 /* plain bytes */
	size_t dirty;	 /* bytes of `plain` that ever held something */
	uint32_t number; /* NO_CHUNK: nothing in it */
};

/* The next chunk, on its way while the one at hand is read: another thread's until `done`. */
struct ahead {
	bool is_counted; /* in ahead_count, and its buffers are there */
	bool is_under_way;
	struct piece piece;
	sem_t done;
};

struct content {
	const struct messenger *messenger;
	const struct message_row *row;
	const struct secret *key;
	size_t room; /* plain bytes of a full chunk of this message */
	struct piece piece;
	struct ahead ahead;
};

static enum status
fetch(const struct content *content, uint32_t number, struct piece *piece, struct slice *sealed_out)
{
	struct store *store;
	size_t size = 0;
	enum status status;

	if (content->row->chunk_count == 1) {
		*sealed_out = content->row->chunk;
		return STATUS_OK;
	}
	store = store_pool_get(content->messenger->stores);
	status = message_chunk(store, &content->row->id, number, piece->sealed,
			       content->room + CHUNK_OVERHEAD, &size);
	store_pool_put(content->messenger->stores, store);
	*sealed_out = slice_of(piece->sealed, size);
	/* A chunk that is not there although its message is. */
	return status == STATUS_NOT_FOUND ? STATUS_DAMAGED : status;
}

static enum status
load(const struct content *content, uint32_t number, struct piece *piece)
{
	char id[ID_TEXT_SIZE];
	bool last = number == content->row->chunk_count - 1;
	size_t expected =
	    last ? (size_t)(content->row->size - (uint64_t)number * CHUNK_SIZE) : CHUNK_SIZE;
	struct slice sealed;
	enum status status;

	piece->number = NO_CHUNK;
	status = fetch(content, number, piece, &sealed);
	if (status == STATUS_OK && sealed.size != expected + CHUNK_OVERHEAD)
		status = STATUS_DAMAGED;
	if (status == STATUS_OK)
		status = chunk_open(content->key, &content->row->id, number, last, sealed,
				    piece->plain, &piece->held);
	if (status == STATUS_DAMAGED)
		log_error("chunk-damaged", LOG_TEXT("message", id_text(content->row->id, id)),
			  LOG_NUMBER("chunk", number));
	if (status != STATUS_OK)
		return status;
	piece->number = number;
	if (piece->dirty < piece->held)
		piece->dirty = piece->held;
	return STATUS_OK;
}

static enum status
take_buffers(struct piece *piece)
{
	piece->number = NO_CHUNK;
	piece->plain = stock_take(&chunk_buffers);
	piece->sealed = stock_take(&chunk_buffers);
	return piece->plain != NULL && piece->sealed != NULL ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void
give_buffers(struct piece *piece)
{
	if (piece->plain != NULL)
		sodium_memzero(piece->plain, piece->dirty);
	stock_give(&chunk_buffers, piece->plain);
	stock_give(&chunk_buffers, piece->sealed);
}

/* On a thread of the pool.  What goes wrong shows when the chunk is asked for. */
static void
load_ahead(void *argument)
{
	struct content *content = argument;
	struct piece *piece = &content->ahead.piece;
	uint32_t number = piece->number;

	if (load(content, number, piece) != STATUS_OK)
		piece->number = NO_CHUNK;
	sem_post(&content->ahead.done);
}

static void
wait_for_ahead(struct ahead *ahead)
{
	if (!ahead->is_under_way)
		return;
	while (sem_wait(&ahead->done) != 0)
		continue; /* interrupted by a signal */
	ahead->is_under_way = false;
}

static bool
may_go_ahead(struct ahead *ahead)
{
	if (ahead->is_counted)
		return true;
	if (atomic_fetch_add(&ahead_count, 1) >= AHEAD_TOGETHER) {
		atomic_fetch_sub(&ahead_count, 1);
		return false;
	}
	ahead->is_counted = true;
	return take_buffers(&ahead->piece) == STATUS_OK;
}

/* Have that chunk fetched and opened while the one at hand is read; if not, then later. */
static void
go_ahead(struct content *content, uint32_t number)
{
	struct ahead *ahead = &content->ahead;

	if (content->messenger->ahead == NULL || number >= content->row->chunk_count ||
	    !may_go_ahead(ahead) || ahead->piece.plain == NULL || ahead->piece.sealed == NULL)
		return;
	ahead->piece.number = number;
	ahead->is_under_way = true;
	if (pool_submit(content->messenger->ahead, load_ahead, content) != STATUS_OK) {
		ahead->is_under_way = false;
		ahead->piece.number = NO_CHUNK;
	}
}

/* Bring that chunk to hand.  Whoever reads one behind the other will want the next. */
static enum status
turn_to(struct content *content, uint32_t number)
{
	bool in_order = content->piece.number != NO_CHUNK && number == content->piece.number + 1;
	enum status status = STATUS_OK;

	wait_for_ahead(&content->ahead);
	if (content->ahead.piece.number == number) {
		struct piece before = content->piece;

		content->piece = content->ahead.piece;
		content->ahead.piece = before;
		content->ahead.piece.number = NO_CHUNK;
	} else {
		status = load(content, number, &content->piece);
	}
	if (status == STATUS_OK && in_order)
		go_ahead(content, number + 1);
	return status;
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
	if (content->piece.number != number) {
		enum status status = turn_to(content, number);

		if (status != STATUS_OK)
			return status;
	}
	if (room > content->piece.held - within)
		room = content->piece.held - within;
	memcpy(bytes, content->piece.plain + within, room);
	*size_out = room;
	return STATUS_OK;
}

static void
release_buffers(void *argument)
{
	struct content *content = argument;
	struct ahead *ahead = &content->ahead;

	wait_for_ahead(ahead);
	sem_destroy(&ahead->done);
	give_buffers(&content->piece);
	if (!ahead->is_counted)
		return;
	give_buffers(&ahead->piece);
	atomic_fetch_sub(&ahead_count, 1);
}

static enum status
prepare_buffers(struct content *content, struct arena *arena)
{
	if (content->row->chunk_count == 1) {
		content->piece.plain = arena_alloc(arena, content->room + 1);
		return STATUS_OK;
	}
	sem_init(&content->ahead.done, 0, 0);
	arena_defer(arena, release_buffers, content);
	return take_buffers(&content->piece);
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
	content->piece.number = NO_CHUNK;
	content->ahead.piece.number = NO_CHUNK;
	content->room = row->size < CHUNK_SIZE ? (size_t)row->size : CHUNK_SIZE;
	*source_out = (struct source){content, row->size, read_at};
	return prepare_buffers(content, arena);
}

enum status
content_key_by_gateway(const struct messenger *messenger, const struct message_row *row,
		       struct secret *message_key_out)
{
	struct pair gateway = seal_gateway_pair(messenger);

	if (row->gateway_wrap.size == 0)
		return STATUS_GONE;
	return pair_open(&gateway, PAIR_MESSAGE_KEY, &row->id, row->gateway_wrap, message_key_out);
}
