#include <openssl/evp.h>
#include <string.h>

#include "crypto/cms.h"

#define LINE_BYTES ((size_t)57)
#define LINE_SIZE ((size_t)78) /* with its end */
#define LINES ((size_t)512)

struct coding {
	const struct source *bytes;
	uint64_t size;
	unsigned char in[LINES * LINE_BYTES];
	unsigned char out[LINES * LINE_SIZE + 1];
	uint64_t out_at;
	size_t out_size;
};

/* Code the lines from the one that holds `offset` on. */
static enum status
code_lines(struct coding *coding, uint64_t offset)
{
	uint64_t line = offset / LINE_SIZE;
	uint64_t left = coding->bytes->size - line * LINE_BYTES;
	size_t want = left < sizeof(coding->in) ? (size_t)left : sizeof(coding->in);
	enum status status =
	    source_read_exactly(coding->bytes, line * LINE_BYTES, coding->in, want);
	size_t size = 0;

	if (status != STATUS_OK)
		return status;
	for (size_t at = 0; at < want; at += LINE_BYTES) {
		size_t bytes = want - at < LINE_BYTES ? want - at : LINE_BYTES;

		size += (size_t)EVP_EncodeBlock(coding->out + size, coding->in + at, (int)bytes);
		coding->out[size++] = '\r';
		coding->out[size++] = '\n';
	}
	coding->out_at = line * LINE_SIZE;
	coding->out_size = size;
	return STATUS_OK;
}

static enum status
read_coded(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct coding *coding = context;
	size_t inside;

	if (offset >= coding->size || room == 0) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (offset < coding->out_at || offset >= coding->out_at + coding->out_size) {
		enum status status = code_lines(coding, offset);

		if (status != STATUS_OK)
			return status;
	}
	inside = (size_t)(offset - coding->out_at);
	if (room > coding->out_size - inside)
		room = coding->out_size - inside;
	memcpy(bytes, coding->out + inside, room);
	*size_out = room;
	return STATUS_OK;
}

struct source
cms_base64(const struct source *bytes, struct arena *arena)
{
	struct coding *coding = arena_alloc(arena, sizeof(*coding));
	uint64_t rest = bytes->size % LINE_BYTES;

	coding->bytes = bytes;
	coding->size =
	    bytes->size / LINE_BYTES * LINE_SIZE + (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2);
	return (struct source){coding, coding->size, read_coded};
}
