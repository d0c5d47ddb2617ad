#include "base/arena.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define BLOCK_SIZE ((size_t)8192)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size; /* usable bytes */
	size_t used;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*clean_up)(void *argument);
	void *argument;
};

struct arena {
	struct block *blocks;
	struct deferred *deferred;
	size_t used;
};

static _Noreturn void
out_of_memory(size_t size)
{
	log_error("out-of-memory", LOG_NUMBER("size", (long long)size));
	abort();
}

struct arena *
arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		out_of_memory(sizeof(*arena));
	return arena;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	for (struct deferred *d = arena->deferred; d != NULL; d = d->next)
		d->clean_up(d->argument);
	for (struct block *block = arena->blocks; block != NULL;) {
		struct block *next = block->next;

		sodium_memzero(block->bytes, block->used);
		free(block);
		block = next;
	}
	free(arena);
}

static struct block *
add_block(struct arena *arena, size_t size)
{
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct block *block;

	if (room > SIZE_MAX - sizeof(*block))
		out_of_memory(size);
	block = malloc(sizeof(*block) + room);
	if (block == NULL)
		out_of_memory(size);
	block->size = room;
	block->used = 0;
	/* A large block goes behind the current one, whose rest stays in use. */
	if (size > BLOCK_SIZE / 4 && arena->blocks != NULL) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	void *bytes;

	if (size > SIZE_MAX - ALIGNMENT)
		out_of_memory(size);
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (block == NULL || block->size - block->used < size)
		block = add_block(arena, size);
	bytes = block->bytes + block->used;
	memset(bytes, 0, size);
	block->used += size;
	arena->used += size;
	return bytes;
}

void *
arena_alloc_many(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		out_of_memory(SIZE_MAX);
	return arena_alloc(arena, count * size);
}

char *
arena_text_from(struct arena *arena, struct slice bytes)
{
	char *copy = arena_alloc(arena, bytes.size + 1);

	if (bytes.size > 0)
		memcpy(copy, bytes.data, bytes.size);
	return copy;
}

struct slice
arena_copy(struct arena *arena, struct slice bytes)
{
	return slice_of(arena_text_from(arena, bytes), bytes.size);
}

char *
arena_copy_text(struct arena *arena, const char *text)
{
	return arena_text_from(arena, slice_from_text(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0)
		abort();
	text = arena_alloc(arena, (size_t)size + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)size + 1, format, arguments);
	va_end(arguments);
	return text;
}

void
arena_defer(struct arena *arena, void (*clean_up)(void *argument), void *argument)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	deferred->clean_up = clean_up;
	deferred->argument = argument;
	deferred->next = arena->deferred;
	arena->deferred = deferred;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}
