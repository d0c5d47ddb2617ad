#include "mail/picture.h"

#include <string.h>

#define HEAD_SIZE ((size_t)30) /* the longest head of a form that says its size there */

/* Before the frame of a JPEG stand its colours, thumbnails, notes: pieces of up to 64 KB. */
#define SEGMENTS_MAX 512

static uint32_t
big(const unsigned char *bytes, size_t size)
{
	uint32_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static uint32_t
little(const unsigned char *bytes, size_t size)
{
	uint32_t number = 0;

	while (size-- > 0)
		number = number << 8 | bytes[size];
	return number;
}

/* Frames (ITU-T T.81 table B.1): C0 to CF, but for tables and what is reserved. */
static bool
is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

static bool
stands_alone(unsigned marker)
{
	return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

static enum status
read_jpeg(const struct source *source, struct picture *picture)
{
	uint64_t at = 2;

	for (int i = 0; i < SEGMENTS_MAX; i++) {
		unsigned char bytes[9];
		size_t size = sizeof(bytes);
		enum status status;

		if (source->size - at < size)
			return STATUS_INVALID;
		status = source_read_exactly(source, at, bytes, size);
		if (status != STATUS_OK)
			return status;
		if (bytes[0] != 0xff)
			return STATUS_INVALID;
		/* Any number of FF may stand before a marker. */
		if (bytes[1] == 0xff) {
			at++;
			continue;
		}
		if (is_frame(bytes[1])) {
			picture->height = big(bytes + 5, 2);
			picture->width = big(bytes + 7, 2);
			return STATUS_OK;
		}
		/* The picture itself, or its end, and no frame yet. */
		if (bytes[1] == 0xda || bytes[1] == 0xd9 || bytes[1] == 0)
			return STATUS_INVALID;
		if (!stands_alone(bytes[1]) && big(bytes + 2, 2) < 2)
			return STATUS_INVALID;
		at += stands_alone(bytes[1]) ? 2 : 2 + big(bytes + 2, 2);
		if (at > source->size)
			return STATUS_INVALID;
	}
	return STATUS_INVALID;
}

static enum status
read_png(const unsigned char *head, struct picture *picture)
{
	if (memcmp(head + 12, "IHDR", 4) != 0)
		return STATUS_INVALID;
	picture->width = big(head + 16, 4);
	picture->height = big(head + 20, 4);
	return STATUS_OK;
}

/* Three forms of data: lossy (RFC 6386), lossless, and a header before either (RFC 9649). */
static enum status
read_webp(const unsigned char *head, struct picture *picture)
{
	if (memcmp(head + 12, "VP8 ", 4) == 0 && memcmp(head + 23, "\x9d\x01\x2a", 3) == 0) {
		picture->width = little(head + 26, 2) & 0x3fff;
		picture->height = little(head + 28, 2) & 0x3fff;
	} else if (memcmp(head + 12, "VP8L", 4) == 0 && head[20] == 0x2f) {
		picture->width = (little(head + 21, 4) & 0x3fff) + 1;
		picture->height = (little(head + 21, 4) >> 14 & 0x3fff) + 1;
	} else if (memcmp(head + 12, "VP8X", 4) == 0) {
		picture->width = little(head + 24, 3) + 1;
		picture->height = little(head + 27, 3) + 1;
	} else {
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
read_form(const struct source *source, const unsigned char *head, struct picture *picture)
{
	if (memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0) {
		picture->form = PICTURE_PNG;
		return read_png(head, picture);
	}
	if (memcmp(head, "GIF87a", 6) == 0 || memcmp(head, "GIF89a", 6) == 0) {
		picture->form = PICTURE_GIF;
		picture->width = little(head + 6, 2);
		picture->height = little(head + 8, 2);
		return STATUS_OK;
	}
	if (memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0) {
		picture->form = PICTURE_WEBP;
		return read_webp(head, picture);
	}
	if (memcmp(head, "\xff\xd8\xff", 3) == 0) {
		picture->form = PICTURE_JPEG;
		return read_jpeg(source, picture);
	}
	return STATUS_INVALID;
}

enum status
picture_read(const struct source *source, struct picture *picture_out)
{
	struct picture picture = {.width = 0};
	unsigned char head[HEAD_SIZE];
	enum status status;

	/* Nobody sends a smaller one. */
	if (source->size < sizeof(head))
		return STATUS_INVALID;
	status = source_read_exactly(source, 0, head, sizeof(head));
	if (status == STATUS_OK)
		status = read_form(source, head, &picture);
	if (status == STATUS_OK && (picture.width == 0 || picture.height == 0))
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		*picture_out = picture;
	return status;
}

const char *
picture_type(enum picture_form form)
{
	switch (form) {
	case PICTURE_PNG:
		return "image/png";
	case PICTURE_JPEG:
		return "image/jpeg";
	case PICTURE_GIF:
		return "image/gif";
	case PICTURE_WEBP:
		break;
	}
	return "image/webp";
}
