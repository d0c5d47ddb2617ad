#include "mail/pack.h"

void
pack_number(struct text *out, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0)
		text_append_byte(out, (unsigned char)(number >> (bytes * 8)));
}

void
pack_bytes(struct text *out, struct slice bytes)
{
	pack_number(out, bytes.size, 4);
	text_append(out, bytes);
}

struct slice
unpack_fixed(struct unpack *from, uint64_t size)
{
	struct slice taken;

	if (!from->good || size > from->bytes.size - from->at) {
		from->good = false;
		return slice_of(NULL, 0);
	}
	taken = slice_part(from->bytes, from->at, from->at + (size_t)size);
	from->at += (size_t)size;
	return taken;
}

uint64_t
unpack_number(struct unpack *from, unsigned bytes)
{
	struct slice taken = unpack_fixed(from, bytes);
	uint64_t number = 0;

	for (size_t i = 0; i < taken.size; i++)
		number = number << 8 | taken.data[i];
	return number;
}

struct slice
unpack_bytes(struct unpack *from)
{
	return unpack_fixed(from, unpack_number(from, 4));
}

const char *
unpack_text(struct unpack *from, struct arena *arena)
{
	return arena_text_from(arena, unpack_bytes(from));
}

size_t
unpack_count(struct unpack *from, size_t least)
{
	uint64_t count = unpack_number(from, 4);

	if (count > (from->bytes.size - from->at) / least)
		from->good = false;
	return from->good ? (size_t)count : 0;
}

bool
unpack_is_done(const struct unpack *from)
{
	return from->good && from->at == from->bytes.size;
}
