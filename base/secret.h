/*
 * The only home of secrets: guarded pages, locked in memory where the system
 * allows, never printed, wiped when let go.  A struct secret owns its bytes; nobody
 * but this module changes its size, which tells how the bytes go back.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/arena.h"
#include "base/slice.h"

struct secret {
	unsigned char *data;
	size_t size;
};

/* Prepare the process for holding secrets: libsodium ready, no core dumps, not
 * dumpable.  Once at program start, before any other call; aborts if it cannot. */
void secret_prepare_process(void);

/* `size` zeroed guarded bytes. */
void secret_init(struct secret *secret, size_t size);

/* The same, released when the arena is freed; the struct itself has to stay for as long: on the stack
 * it would be gone by then. */
void secret_init_in(struct secret *secret, struct arena *arena, size_t size);

/* Guarded copy of `bytes`. */
void secret_copy(struct secret *secret, struct slice bytes);

/* Fill with random bytes from libsodium. */
void secret_random(struct secret *secret, size_t size);

/* Wipe and release; safe on an empty one and to call twice. */
void secret_clear(struct secret *secret);

/* Hand the bytes to another owner; `from` is empty afterwards. */
void secret_move(struct secret *to, struct secret *from);

/* Borrow. */
struct slice secret_slice(const struct secret *secret);

#endif
