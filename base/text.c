#include "base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_init(struct text *text, size_t limit)
{
	*text = (struct text){.limit = limit};
}

void
text_clear(struct text *text)
{
	if (text->data != NULL) {
		sodium_memzero(text->data, text->capacity);
		free(text->data);
	}
	text_init(text, text->limit);
}

static void
clear_deferred(void *argument)
{
	text_clear(argument);
}

void
text_init_in(struct text *text, struct arena *arena, size_t limit)
{
	text_init(text, limit);
	arena_defer(arena, clear_deferred, text);
}

struct text *
text_new_in(struct arena *arena, size_t limit)
{
	struct text *text = arena_alloc(arena, sizeof(*text));

	text_init_in(text, arena, limit);
	return text;
}

static bool
grow(struct text *text, size_t more)
{
	size_t capacity = text->capacity;
	unsigned char *data;

	if (more > text->limit || text->size > text->limit - more) {
		text->overflowed = true;
		return false;
	}
	if (text->size + more < capacity)
		return true;
	if (capacity == 0)
		capacity = 256;
	while (capacity <= text->size + more)
		capacity *= 2;
	if (capacity > text->limit)
		capacity = text->limit + 1;
	data = malloc(capacity);
	if (data == NULL)
		abort();
	if (text->data != NULL) {
		memcpy(data, text->data, text->size);
		sodium_memzero(text->data, text->capacity);
		free(text->data);
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void
text_append(struct text *text, struct slice bytes)
{
	if (bytes.size == 0 || !grow(text, bytes.size))
		return;
	memcpy(text->data + text->size, bytes.data, bytes.size);
	text->size += bytes.size;
}

void
text_append_text(struct text *text, const char *string)
{
	text_append(text, slice_from_text(string));
}

void
text_append_byte(struct text *text, unsigned char byte)
{
	text_append(text, slice_of(&byte, 1));
}

void
text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0)
		abort();
	/* The NUL needs no place of its own: capacity is always more than size. */
	if (!grow(text, (size_t)size))
		return;
	va_start(arguments, format);
	vsnprintf((char *)text->data + text->size, (size_t)size + 1, format, arguments);
	va_end(arguments);
	text->size += (size_t)size;
}

void
text_reset(struct text *text)
{
	if (text->data != NULL)
		sodium_memzero(text->data, text->size);
	text->size = 0;
	text->overflowed = false;
}

unsigned char *
text_reserve(struct text *text, size_t size)
{
	return grow(text, size) ? text->data + text->size : NULL;
}

void
text_commit(struct text *text, size_t size)
{
	text->size += size;
}

struct slice
text_slice(const struct text *text)
{
	return slice_of(text->data, text->size);
}

const char *
text_string(struct text *text)
{
	if (text->data == NULL)
		return "";
	text->data[text->size] = '\0';
	return (const char *)text->data;
}

bool
text_ok(const struct text *text)
{
	return !text->overflowed;
}
