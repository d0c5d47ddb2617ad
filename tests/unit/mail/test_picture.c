/* Form and size of pictures from their first bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/picture.h"

#define REST "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define JPEG "\xff\xd8"
#define NOTE "\xff\xe0\0\x04xy"
#define FRAME(kind) "\xff" kind "\0\x11\x08\x01\x02\x03\x04" REST

static const struct {
	const char *claim;
	struct slice bytes;
	int form; /* 0: none */
	uint32_t width;
	uint32_t height;
} rows[] = {
    {"PNG", SLICE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\2\0\0\1\0" REST), PICTURE_PNG, 65538, 256},
    {"PNG without its head", SLICE("\x89PNG\r\n\x1a\n\0\0\0\rIDAT\0\1\0\2\0\0\1\0" REST), 0, 0, 0},
    {"PNG of no width", SLICE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\1\0" REST), 0, 0, 0},
    {"GIF", SLICE("GIF89a\x01\x02\x03\x04" REST), PICTURE_GIF, 0x201, 0x403},
    {"GIF of old", SLICE("GIF87a\x01\x00\x01\x00" REST), PICTURE_GIF, 1, 1},
    {"GIF of tomorrow", SLICE("GIF90a\x01\x00\x01\x00" REST), 0, 0, 0},
    {"GIF too short", SLICE("GIF89a\x01\x00\x01\x00"), 0, 0, 0},
    {"WebP, lossy", SLICE("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x05\xc0\x06\0" REST),
     PICTURE_WEBP, 5, 6},
    {"WebP, lossless", SLICE("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x04\x40\x01\0" REST), PICTURE_WEBP,
     5, 6},
    {"WebP, with more", SLICE("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x04\0\0\x05\0\0" REST),
     PICTURE_WEBP, 5, 6},
    {"a sound", SLICE("RIFF\0\0\0\0WAVEfmt " REST), 0, 0, 0},
    {"JPEG", SLICE(JPEG NOTE FRAME("\xc0")), PICTURE_JPEG, 0x304, 0x102},
    {"JPEG, progressive", SLICE(JPEG FRAME("\xc2")), PICTURE_JPEG, 0x304, 0x102},
    {"JPEG with filling", SLICE(JPEG "\xff\xff\xff\xff" NOTE FRAME("\xc0")), PICTURE_JPEG, 0x304,
     0x102},
    {"tables are no frame", SLICE(JPEG FRAME("\xc4")), 0, 0, 0},
    {"JPEG that begins at once", SLICE(JPEG FRAME("\xda")), 0, 0, 0},
    {"a note without length", SLICE(JPEG "\xff\xe0\0\0" REST), 0, 0, 0},
    {"a note that is cut", SLICE(JPEG "\xff\xe0\xff\xff" REST), 0, 0, 0},
    {"a page", SLICE("<html><script>alert(1)</script>" REST), 0, 0, 0},
    {"SVG", SLICE("<svg xmlns='http://www.w3.org/2000/svg'/>"), 0, 0, 0},
    {"nothing", SLICE(""), 0, 0, 0},
};

static void
test_pictures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source source = source_from_slice(&rows[i].bytes);
		struct picture picture = {.width = 0};
		enum status status = picture_read(&source, &picture);

		if (status != (rows[i].form == 0 ? STATUS_INVALID : STATUS_OK) ||
		    (int)picture.form != rows[i].form || picture.width != rows[i].width ||
		    picture.height != rows[i].height)
			fail_msg("%s: %d, %u x %u", rows[i].claim, (int)status, picture.width,
				 picture.height);
	}
	assert_string_equal(picture_type(PICTURE_PNG), "image/png");
	assert_string_equal(picture_type(PICTURE_WEBP), "image/webp");
}

/* However long the road to the frame is, it ends. */
static void
test_endless_notes(void **state)
{
	size_t size = 4 * 100000 + 2;
	unsigned char *bytes = calloc(size, 1);
	struct slice whole = slice_of(bytes, size);
	struct source source = source_from_slice(&whole);
	struct picture picture;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, JPEG, 2);
	for (size_t at = 2; at < size; at += 4)
		memcpy(bytes + at, "\xff\xe0\0\x02", 4);
	assert_int_equal(picture_read(&source, &picture), STATUS_INVALID);
	free(bytes);
}

static enum status
fail_to_read(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	(void)context, (void)offset, (void)bytes, (void)room, (void)size_out;
	return STATUS_UNAVAILABLE;
}

static void
test_failures_are_handed_on(void **state)
{
	struct source source = {NULL, 1000, fail_to_read};
	struct picture picture;

	(void)state;
	assert_int_equal(picture_read(&source, &picture), STATUS_UNAVAILABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pictures),
	    cmocka_unit_test(test_endless_notes),
	    cmocka_unit_test(test_failures_are_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
