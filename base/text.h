/*
 * A bounded builder for bytes and text.  Appending past the bound appends
 * nothing and marks the builder overflowed; the maker checks text_ok once, at
 * the end.  Memory grows on the heap and is wiped by text_clear.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

struct text {
	unsigned char *data;
	size_t size;	 /* bytes in use */
	size_t capacity; /* bytes allocated, always more than size once allocated */
	size_t limit;	 /* bytes it may ever hold */
	bool overflowed;
};

/* An empty builder that will hold at most `limit` bytes; nothing is allocated yet. */
void text_init(struct text *text, size_t limit);

/* Wipe and release; the builder is as after text_init. */
void text_clear(struct text *text);

/* text_init, with text_clear deferred to the arena's end. */
void text_init_in(struct text *text, struct arena *arena, size_t limit);

/* The same with the builder itself in the arena, for what outlives the function that builds. */
struct text *text_new_in(struct arena *arena, size_t limit);

void text_append(struct text *text, struct slice bytes);
void text_append_text(struct text *text, const char *string);
void text_append_byte(struct text *text, unsigned char byte);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Forget the content, keep the memory (wiped) and the bound. */
void text_reset(struct text *text);

/* Room for `size` more bytes at the end, for a writer that fills them and then
 * calls text_commit with what it wrote; NULL when over the bound. */
unsigned char *text_reserve(struct text *text, size_t size);
void text_commit(struct text *text, size_t size);

/* What is built so far; valid until the next append. */
struct slice text_slice(const struct text *text);

/* The same, NUL-terminated; "" while empty. */
const char *text_string(struct text *text);

/* True while nothing was lost to the bound. */
bool text_ok(const struct text *text);

#endif
