/*
 * Numbers and texts in a row of bytes, and back: big endian, texts behind their
 * length in four bytes.
 */
#ifndef MAIL_PACK_H
#define MAIL_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

void pack_number(struct text *out, uint64_t number, unsigned bytes);
void pack_bytes(struct text *out, struct slice bytes);

/* What is still to be read; `good` turns false at the first thing that cannot be, for ever. */
struct unpack {
	struct slice bytes;
	size_t at;
	bool good;
};

uint64_t unpack_number(struct unpack *from, unsigned bytes);
/* So many bytes, which tell no length; empty when there are fewer. */
struct slice unpack_fixed(struct unpack *from, uint64_t size);
struct slice unpack_bytes(struct unpack *from);
const char *unpack_text(struct unpack *from, struct arena *arena);
/* A count of things that take `least` bytes each: more than can follow is no count. */
size_t unpack_count(struct unpack *from, size_t least);
/* Everything was read, and could be. */
bool unpack_is_done(const struct unpack *from);

#endif
