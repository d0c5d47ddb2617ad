#include "keys/rdata.h"

#include <stdbool.h>

#include "base/text.h"

#define NAME_MAX_SIZE ((size_t)253)
#define LABEL_MAX 63

static bool
is_host_byte(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
	       byte == '_';
}

/* The name that fills `bytes`. */
static enum status
read_name(struct slice bytes, struct arena *arena, const char **name_out)
{
	struct text *name = arena_alloc(arena, sizeof(*name));
	size_t at = 0;

	text_init_in(name, arena, NAME_MAX_SIZE);
	while (at < bytes.size && bytes.data[at] != 0) {
		size_t size = bytes.data[at++];

		if (size > LABEL_MAX || size >= bytes.size - at)
			return STATUS_INVALID;
		if (name->size > 0)
			text_append_byte(name, '.');
		for (size_t end = at + size; at < end; at++) {
			unsigned char byte = slice_lower(bytes.data[at]);

			if (!is_host_byte(byte))
				return STATUS_INVALID;
			text_append_byte(name, byte);
		}
	}
	if (at + 1 != bytes.size || !text_ok(name))
		return STATUS_INVALID;
	*name_out = text_string(name);
	return STATUS_OK;
}

enum status
rdata_read_mx(struct slice rdata, struct arena *arena, struct rdata_mx *mx_out)
{
	struct rdata_mx mx;
	enum status status;

	if (rdata.size < 3)
		return STATUS_INVALID;
	mx.preference = (unsigned)rdata.data[0] << 8 | rdata.data[1];
	status = read_name(slice_part(rdata, 2, rdata.size), arena, &mx.host);
	if (status == STATUS_OK)
		*mx_out = mx;
	return status;
}

enum status
rdata_read_text(struct slice rdata, size_t limit, struct arena *arena, struct slice *text_out)
{
	struct text *text = arena_alloc(arena, sizeof(*text));
	size_t at = 0;

	text_init_in(text, arena, limit);
	while (at < rdata.size) {
		size_t size = rdata.data[at++];

		if (size > rdata.size - at)
			return STATUS_INVALID;
		text_append(text, slice_part(rdata, at, at + size));
		at += size;
	}
	if (rdata.size == 0)
		return STATUS_INVALID;
	if (!text_ok(text))
		return STATUS_TOO_LARGE;
	*text_out = text_slice(text);
	return STATUS_OK;
}
