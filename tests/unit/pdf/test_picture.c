/* pdf/picture: what is drawn, how large, which way up; what is broken or too large is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <png.h>

#include "pdf/picture.h"

static const struct pdf_picture_budget enough = {
    .pixels = PDF_PICTURE_JPEG_MAX, .memory = SIZE_MAX, .bytes = SIZE_MAX};

/* A PNG of so many pixels, left half black, right half transparent. */
static struct slice
make_png(struct arena *arena, uint32_t columns, uint32_t rows)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = columns,
			   .height = rows,
			   .format = PNG_FORMAT_RGBA};
	unsigned char *pixels = arena_alloc_many(arena, (size_t)columns * rows, 4), *bytes;
	png_alloc_size_t size = 0;

	for (size_t i = 0; i < (size_t)columns * rows; i++)
		pixels[i * 4 + 3] = i % columns < columns / 2 ? 255 : 0;
	assert_int_equal(png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, NULL), 1);
	bytes = arena_alloc(arena, size);
	assert_int_equal(png_image_write_to_memory(&image, bytes, &size, 0, pixels, 0, NULL), 1);
	return slice_of(bytes, size);
}

/* A true one of 32 by 16 grey pixels, in pieces. */
#define FRONT "\xff\xd8"
#define FRAME                                                                                      \
	"\xff\xdb\x00\x43\x00\x28\x1c\x1e\x23\x1e\x19\x28\x23\x21\x23\x2d\x2b\x28\x30\x3c"         \
	"\x64\x41\x3c\x37\x37\x3c\x7b\x58\x5d\x49\x64\x91\x80\x99\x96\x8f\x80\x8c\x8a\xa0"         \
	"\xb4\xe6\xc3\xa0\xaa\xda\xad\x8a\x8c\xc8\xff\xcb\xda\xee\xf5\xff\xff\xff\x9b\xc1"         \
	"\xff\xff\xff\xfa\xff\xe6\xfd\xff\xf8\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01"         \
	"\x11\x00\xff\xc4\x00\x16\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"         \
	"\x00\x00\x00\x04\x05\x06\xff\xc4\x00\x15\x10\x01\x01\x00\x00\x00\x00\x00\x00\x00"         \
	"\x00\x00\x00\x00\x00\x00\x00\x00\x03"
#define SCAN                                                                                       \
	"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x97\x23\x64\x6c\x8c\x93\x33\x23\x64\x6c"         \
	"\x8c\x93"
#define END "\xff\xd9"
#define EXIF(turn)                                                                                 \
	"\xff\xe1\0\x22"                                                                           \
	"Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" turn "\0\0\0\0\0\0\0"
static void
jpegs(void **state)
{
	static const struct {
		const char *claim;
		struct slice file;
		enum status status;
		uint32_t width, height;
		unsigned turn;
	} rows[] = {
	    {"plain", SLICE(FRONT FRAME SCAN END), STATUS_OK, 32, 16, 1},
	    {"with something behind", SLICE(FRONT FRAME SCAN END "more"), STATUS_OK, 32, 16, 1},
	    {"turned", SLICE(FRONT EXIF("\x06") FRAME SCAN END), STATUS_OK, 16, 32, 6},
	    {"upside down", SLICE(FRONT EXIF("\x03") FRAME SCAN END), STATUS_OK, 32, 16, 3},
	    {"turned by nonsense", SLICE(FRONT EXIF("\x09") FRAME SCAN END), STATUS_OK, 32, 16, 1},
	    {"cut off", SLICE(FRONT FRAME SCAN), STATUS_INVALID, 0, 0, 0},
	    {"with a hole that every program makes do with",
	     SLICE(FRONT FRAME "\xff\xda\0\x08\x01\x01\0\0?\0\x97" END), STATUS_OK, 32, 16, 1},
	    {"of another size than it says", SLICE(FRONT FRAME FRAME SCAN END), STATUS_INVALID, 0,
	     0, 0},
	    {"without tables", SLICE(FRONT "\xff\xc0\0\x0b\x08\0\x10\0\x20\x01\x01\x11\0" SCAN END),
	     STATUS_INVALID, 0, 0, 0},
	    {"without a frame", SLICE(FRONT SCAN END), STATUS_INVALID, 0, 0, 0},
	    {"a GIF", SLICE("GIF89a\x01\0\x01\0\0\0\0;"), STATUS_INVALID, 0, 0, 0},
	    {"nothing", SLICE(""), STATUS_INVALID, 0, 0, 0},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_picture picture;
		struct pdf_picture_budget left = enough;
		enum status status = pdf_picture_read(rows[i].file, &left, arena, &picture);

		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].claim, status_text(status));
		if (status == STATUS_OK && (pdf_picture_width(&picture) != rows[i].width ||
					    pdf_picture_height(&picture) != rows[i].height ||
					    picture.turn != rows[i].turn))
			fail_msg("%s: %u by %u, %u", rows[i].claim, pdf_picture_width(&picture),
				 pdf_picture_height(&picture), picture.turn);
	}
	arena_free(arena);
}

static enum status
read_one(struct slice file, struct arena *arena, struct pdf_picture *picture)
{
	struct pdf_picture_budget left = enough;

	return pdf_picture_read(file, &left, arena, picture);
}

static void
pngs(void **state)
{
	struct arena *arena = arena_new();
	struct slice file = make_png(arena, 3000, 500);
	struct pdf_picture picture;

	(void)state;
	assert_int_equal(read_one(file, arena, &picture), STATUS_OK);
	assert_int_equal(picture.columns, PDF_PICTURE_COLUMNS_MAX);
	assert_int_equal(picture.rows, 500 * PDF_PICTURE_COLUMNS_MAX / 3000);
	/* Black stays black, and what is transparent lies on white. */
	assert_int_equal(picture.pixels[0], 0);
	assert_int_equal(picture.pixels[((size_t)picture.columns - 1) * 3], 255);
	for (size_t size = 0; size + 12 < file.size; size += file.size / 20)
		assert_int_equal(read_one(slice_part(file, 0, size), arena, &picture),
				 STATUS_INVALID);
	file = make_png(arena, 4100, 4100);
	assert_int_equal(read_one(file, arena, &picture), STATUS_TOO_LARGE);
	file = make_png(arena, 1, 1);
	assert_int_equal(read_one(file, arena, &picture), STATUS_OK);
	assert_int_equal(picture.columns, 1);
	arena_free(arena);
}

/* Its cost is taken, what is no picture takes its part, and who is too large for what is left takes
 * nothing of it. */
static void
they_take_what_they_cost(void **state)
{
	struct arena *arena = arena_new();
	struct slice png = make_png(arena, 3000, 500), jpeg = SLICE(FRONT FRAME SCAN END);
	const size_t memory = (size_t)PDF_PICTURE_COLUMNS_MAX * 233 * 3;
	struct pdf_picture picture;
	struct {
		const char *claim;
		struct slice file;
		struct pdf_picture_budget before;
		enum status status;
		uint64_t pixels; /* that it took */
		size_t memory;
		size_t least, most; /* bytes */
	} rows[] = {
	    {"a PNG", png, enough, STATUS_OK, 1500000, memory, 1000, 40000},
	    {"a JPEG", jpeg, enough, STATUS_OK, 512, 0, jpeg.size, jpeg.size},
	    {"a JPEG that is cut off", slice_part(jpeg, 0, jpeg.size - 2), enough, STATUS_INVALID,
	     512, 0, 0, 0},
	    {"a PNG that is cut off", slice_part(png, 0, png.size / 2), enough, STATUS_INVALID,
	     1500000, memory, 0, 0},
	    {"a PNG without the time", png, {1499999, memory, 40000}, STATUS_TOO_LARGE, 0, 0, 0, 0},
	    {"a PNG without the memory",
	     png,
	     {1500000, memory - 1, 40000},
	     STATUS_TOO_LARGE,
	     0,
	     0,
	     0,
	     0},
	    {"a PNG without the room",
	     png,
	     {1500000, memory, 999},
	     STATUS_TOO_LARGE,
	     1500000,
	     memory,
	     0,
	     0},
	    {"a PNG with just enough",
	     png,
	     {1500000, memory, 40000},
	     STATUS_OK,
	     1500000,
	     memory,
	     1000,
	     40000},
	    {"a JPEG without the time", jpeg, {511, 0, jpeg.size}, STATUS_TOO_LARGE, 0, 0, 0, 0},
	    {"a JPEG without the room",
	     jpeg,
	     {512, 0, jpeg.size - 1},
	     STATUS_TOO_LARGE,
	     0,
	     0,
	     0,
	     0},
	    {"a JPEG with just enough",
	     jpeg,
	     {512, 0, jpeg.size},
	     STATUS_OK,
	     512,
	     0,
	     jpeg.size,
	     jpeg.size},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_picture_budget left = rows[i].before;
		enum status status = pdf_picture_read(rows[i].file, &left, arena, &picture);
		size_t bytes = rows[i].before.bytes - left.bytes;

		if (status != rows[i].status ||
		    rows[i].before.pixels - left.pixels != rows[i].pixels ||
		    rows[i].before.memory - left.memory != rows[i].memory ||
		    bytes < rows[i].least || bytes > rows[i].most)
			fail_msg("%s: %s, %zu pixels, %zu in memory, %zu bytes", rows[i].claim,
				 status_text(status), (size_t)(rows[i].before.pixels - left.pixels),
				 rows[i].before.memory - left.memory, bytes);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(jpegs), cmocka_unit_test(pngs),
					   cmocka_unit_test(they_take_what_they_cost)};

	return cmocka_run_group_tests_name("pdf/picture", tests, NULL, NULL);
}
