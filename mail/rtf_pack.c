#include "mail/rtf_pack.h"

#include <string.h>

#define HEADER_SIZE ((size_t)16)
#define DICTIONARY_SIZE ((size_t)4096)
#define PIECE ((size_t)4096)
#define COMPRESSED 0x75465a4cU
#define UNCOMPRESSED 0x414c454dU

/* Section 2.1.2.1: what every dictionary begins with. */
static const char prefix[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss "
    "\\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
_Static_assert(sizeof(prefix) - 1 == 207, "the dictionary's beginning is 207 bytes");

struct unpacking {
	const struct source *packed;
	const struct sink *sink;
	uint64_t at; /* of in[0] behind what was read */
	unsigned char in[PIECE];
	size_t in_size, in_at;
	unsigned char dictionary[DICTIONARY_SIZE];
	size_t write;
	unsigned char out[PIECE];
	size_t out_size;
	uint64_t left; /* bytes that may still come out */
	enum status status;
};

/* The next packed byte; -1 at the end. */
static int
next_byte(struct unpacking *unpacking)
{
	if (unpacking->in_at == unpacking->in_size) {
		if (unpacking->status != STATUS_OK || unpacking->at >= unpacking->packed->size)
			return -1;
		unpacking->status =
		    unpacking->packed->read_at(unpacking->packed->context, unpacking->at,
					       unpacking->in, PIECE, &unpacking->in_size);
		unpacking->in_at = 0;
		unpacking->at += unpacking->in_size;
		if (unpacking->status != STATUS_OK || unpacking->in_size == 0) {
			unpacking->in_size = 0;
			return -1;
		}
	}
	return unpacking->in[unpacking->in_at++];
}

static void
flush(struct unpacking *unpacking)
{
	if (unpacking->out_size > 0 && unpacking->status == STATUS_OK)
		unpacking->status =
		    sink_write(unpacking->sink, slice_of(unpacking->out, unpacking->out_size));
	unpacking->out_size = 0;
}

static void
put(struct unpacking *unpacking, unsigned char byte)
{
	if (unpacking->left == 0) {
		unpacking->status = STATUS_TOO_LARGE;
		return;
	}
	unpacking->left--;
	unpacking->dictionary[unpacking->write] = byte;
	unpacking->write = (unpacking->write + 1) % DICTIONARY_SIZE;
	unpacking->out[unpacking->out_size++] = byte;
	if (unpacking->out_size == PIECE)
		flush(unpacking);
}

/* A reference into the dictionary: 12 bits of place, 4 of length.  False at the end. */
static bool
copy_run(struct unpacking *unpacking)
{
	int high = next_byte(unpacking);
	int low = next_byte(unpacking);
	size_t place, count;

	if (high < 0 || low < 0)
		return false;
	place = (size_t)high << 4 | (size_t)low >> 4;
	count = ((size_t)low & 15) + 2;
	/* Section 2.2.1.1: a reference to where the next byte goes is the end. */
	if (place == unpacking->write)
		return false;
	while (count-- > 0 && unpacking->status == STATUS_OK) {
		put(unpacking, unpacking->dictionary[place]);
		place = (place + 1) % DICTIONARY_SIZE;
	}
	return true;
}

static void
run(struct unpacking *unpacking)
{
	while (unpacking->status == STATUS_OK) {
		int control = next_byte(unpacking);

		if (control < 0)
			return;
		for (unsigned bit = 0; bit < 8 && unpacking->status == STATUS_OK; bit++) {
			if (((unsigned)control >> bit & 1) != 0) {
				if (!copy_run(unpacking))
					return;
			} else {
				int byte = next_byte(unpacking);

				if (byte < 0)
					return;
				put(unpacking, (unsigned char)byte);
			}
		}
	}
}

static uint32_t
number_at(const unsigned char *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

enum status
rtf_unpack(const struct source *packed, const struct sink *sink)
{
	struct unpacking unpacking = {.packed = packed, .sink = sink, .at = HEADER_SIZE};
	unsigned char header[HEADER_SIZE];
	uint32_t kind;
	enum status status;

	if (packed->size < HEADER_SIZE)
		return STATUS_INVALID;
	status = source_read_exactly(packed, 0, header, sizeof(header));
	if (status != STATUS_OK)
		return status;
	kind = number_at(header + 8);
	/* The size that it says of itself bounds what comes out. */
	unpacking.left = number_at(header + 4);
	if (unpacking.left > RTF_SIZE_MAX)
		return STATUS_TOO_LARGE;
	if (kind == UNCOMPRESSED)
		return source_copy(packed, HEADER_SIZE,
				   unpacking.left < packed->size - HEADER_SIZE
				       ? HEADER_SIZE + unpacking.left
				       : packed->size,
				   sink);
	if (kind != COMPRESSED)
		return STATUS_INVALID;
	memset(unpacking.dictionary, ' ', sizeof(unpacking.dictionary));
	memcpy(unpacking.dictionary, prefix, sizeof(prefix) - 1);
	unpacking.write = sizeof(prefix) - 1;
	run(&unpacking);
	/* More came than was said: what fits is kept. */
	if (unpacking.status == STATUS_TOO_LARGE)
		unpacking.status = STATUS_OK;
	flush(&unpacking);
	explicit_bzero(unpacking.dictionary, sizeof(unpacking.dictionary));
	return unpacking.status;
}
