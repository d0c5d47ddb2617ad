/*
 * One arena per request, transaction or job: everything the job needs lives in
 * it and goes with it, library handles included (arena_defer).  The memory is
 * wiped before it is given back, because plain text of messages lives here.
 *
 * Allocation never fails: a process that cannot get a few bytes logs that and
 * aborts.  That is safe by design: nothing is acknowledged before its commit,
 * and the supervisor starts a fresh process.  Sizes that come from outside are
 * bounded by their reader before they reach an arena.
 *
 * An arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena;

/* A new, empty arena; free with arena_free. */
struct arena *arena_new(void);

/* Run the deferred clean-ups, last first, then wipe and release everything.  NULL is fine. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same for `count` things of `size` bytes, refusing overflow. */
void *arena_alloc_many(struct arena *arena, size_t count, size_t size);

/* Copies; the text forms end in NUL. */
struct slice arena_copy(struct arena *arena, struct slice bytes);
char *arena_copy_text(struct arena *arena, const char *text);
char *arena_text_from(struct arena *arena, struct slice bytes);
char *
arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Call clean_up(argument) when the arena is freed. */
void arena_defer(struct arena *arena, void (*clean_up)(void *argument), void *argument);

/* Bytes handed out so far, for bounds and figures. */
size_t arena_used(const struct arena *arena);

#endif
