#include "base/id.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/encode.h"

struct id
id_new(void)
{
	struct timespec now;
	unsigned long long ms;
	struct id id;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000;
	randombytes_buf(id.bytes, sizeof(id.bytes));
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
	id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x70);
	id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
	return id;
}

const char *
id_text(struct id id, char out[ID_TEXT_SIZE])
{
	encode_base32(slice_of(id.bytes, ID_SIZE), out);
	return out;
}

enum status
id_parse(struct slice text, struct id *id_out)
{
	char again[ID_TEXT_SIZE];
	struct id id = {{0}};

	if (text.size != ID_TEXT_SIZE - 1 || !decode_base32(text, id.bytes, ID_SIZE))
		return STATUS_INVALID;
	/* One spelling only, so that a log or an index never knows an id by two names. */
	if (!slice_equal(text, slice_from_text(id_text(id, again))))
		return STATUS_INVALID;
	*id_out = id;
	return STATUS_OK;
}

bool
id_equal(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, ID_SIZE) == 0;
}

struct slice
id_slice(const struct id *id)
{
	return slice_of(id->bytes, ID_SIZE);
}
