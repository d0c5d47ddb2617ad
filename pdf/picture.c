#include "pdf/picture.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "mail/picture.h"
#include "pdf/picture_jpeg.h"

#define BYTES_PER_PIXEL ((size_t)3)
#define MARKER_SCAN 0xdaU
#define MARKER_EXIF 0xe1U
#define TAG_ORIENTATION 0x0112U

/* ---- PNG ---- */

/* Pixels gathered to fewer: each new one is the mean of those that it covers. */
static void
shrink(const unsigned char *from, uint32_t columns, uint32_t rows, struct pdf_picture *to,
       unsigned char *pixels)
{
	for (uint32_t y = 0; y < to->rows; y++) {
		uint32_t top = (uint32_t)((uint64_t)y * rows / to->rows);
		uint32_t bottom = (uint32_t)((uint64_t)(y + 1) * rows / to->rows);

		for (uint32_t x = 0; x < to->columns; x++) {
			uint32_t left = (uint32_t)((uint64_t)x * columns / to->columns);
			uint32_t right = (uint32_t)((uint64_t)(x + 1) * columns / to->columns);
			uint32_t sums[BYTES_PER_PIXEL] = {0},
				 count = (bottom - top) * (right - left);

			for (uint32_t i = top; i < bottom; i++)
				for (uint32_t j = left; j < right; j++)
					for (size_t k = 0; k < BYTES_PER_PIXEL; k++)
						sums[k] += from[((size_t)i * columns + j) *
								    BYTES_PER_PIXEL +
								k];
			for (size_t k = 0; k < BYTES_PER_PIXEL; k++)
				*pixels++ = (unsigned char)(count == 0 ? 0 : sums[k] / count);
		}
	}
}

static void
set_size(struct pdf_picture *picture, uint32_t columns, uint32_t rows)
{
	uint64_t width = columns, height = rows;

	if (width > PDF_PICTURE_COLUMNS_MAX) {
		height = height * PDF_PICTURE_COLUMNS_MAX / width;
		width = PDF_PICTURE_COLUMNS_MAX;
	}
	if (height > PDF_PICTURE_ROWS_MAX) {
		width = width * PDF_PICTURE_ROWS_MAX / height;
		height = PDF_PICTURE_ROWS_MAX;
	}
	picture->columns = width < 1 ? 1 : (uint32_t)width;
	picture->rows = height < 1 ? 1 : (uint32_t)height;
}

/* Everything is drawn on white, which is what paper is. */
static enum status
decode_png(png_image *image, struct arena *arena, struct pdf_picture *picture)
{
	const png_color white = {255, 255, 255};
	unsigned char *decoded = malloc((size_t)image->width * image->height * BYTES_PER_PIXEL);
	unsigned char *pixels;
	enum status status = STATUS_INVALID;

	if (decoded != NULL && png_image_finish_read(image, &white, decoded, 0, NULL) != 0) {
		pixels = arena_alloc_many(arena, (size_t)picture->columns * picture->rows,
					  BYTES_PER_PIXEL);
		shrink(decoded, image->width, image->height, picture, pixels);
		picture->pixels = pixels;
		status = STATUS_OK;
	}
	free(decoded);
	return status;
}

/* What pixels will take in the file, where they are packed a little better than here. */
static size_t
packed_size(const struct pdf_picture *picture)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = picture->columns,
			   .height = picture->rows,
			   .format = PNG_FORMAT_RGB,
			   /* As libharu, line by line as they are. */
			   .flags = PNG_IMAGE_FLAG_FAST};
	png_alloc_size_t size = 0;

	if (png_image_write_to_memory(&image, NULL, &size, 0, picture->pixels, 0, NULL) == 0)
		return SIZE_MAX;
	return size;
}

static enum status
read_png(struct slice file, struct pdf_picture_budget *left, struct arena *arena,
	 struct pdf_picture *picture)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	enum status status = STATUS_TOO_LARGE;
	uint64_t pixels;
	size_t memory, packed;

	if (png_image_begin_read_from_memory(&image, file.data, file.size) == 0)
		return STATUS_INVALID;
	image.format = PNG_FORMAT_RGB;
	set_size(picture, image.width, image.height);
	pixels = (uint64_t)image.width * image.height;
	memory = (size_t)picture->columns * picture->rows * BYTES_PER_PIXEL;
	if (pixels <= PDF_PICTURE_DECODED_MAX && pixels <= left->pixels && memory <= left->memory) {
		left->pixels -= pixels;
		left->memory -= memory;
		status = decode_png(&image, arena, picture);
	}
	png_image_free(&image);
	if (status != STATUS_OK)
		return status;
	packed = packed_size(picture);
	if (packed > left->bytes)
		return STATUS_TOO_LARGE;
	left->bytes -= packed;
	return STATUS_OK;
}

/* ---- JPEG ---- */

static unsigned
two_at(struct slice bytes, size_t at, bool little)
{
	if (at > bytes.size || bytes.size - at < 2)
		return 0;
	return little ? bytes.data[at] | (unsigned)bytes.data[at + 1] << 8
		      : (unsigned)bytes.data[at] << 8 | bytes.data[at + 1];
}

static unsigned long
four_at(struct slice bytes, size_t at, bool little)
{
	unsigned long first = two_at(bytes, at, little), second = two_at(bytes, at + 2, little);

	return little ? first | second << 16 : first << 16 | second;
}

/* How a camera was held: an entry of the first directory in a block of Exif. */
static unsigned
read_turn(struct slice exif)
{
	struct slice tiff = slice_part(exif, 6, exif.size);
	bool little = tiff.size > 0 && tiff.data[0] == 'I';
	size_t at = four_at(tiff, 4, little);
	size_t count = two_at(tiff, at, little);

	for (size_t i = 0; i < count && i < 200; i++) {
		size_t entry = at + 2 + i * 12;

		if (two_at(tiff, entry, little) == TAG_ORIENTATION) {
			unsigned turn = two_at(tiff, entry + 8, little);

			return turn >= 1 && turn <= 8 ? turn : 1;
		}
	}
	return 1;
}

/* From marker to marker, up to where the pixels begin. */
static unsigned
find_turn(struct slice file)
{
	size_t at = 2;

	while (at + 4 <= file.size && file.data[at] == 0xffU && file.data[at + 1] != MARKER_SCAN) {
		size_t size = two_at(file, at + 2, false);
		struct slice block = slice_part(file, at + 4, at + 2 + size);

		if (file.data[at + 1] == MARKER_EXIF && block.size > 14 &&
		    memcmp(block.data, "Exif\0\0", 6) == 0)
			return read_turn(block);
		if (size < 2)
			break;
		at += 2 + size;
	}
	return 1;
}

static enum status
read_jpeg(struct slice file, const struct picture *seen, struct pdf_picture_budget *left,
	  struct pdf_picture *picture)
{
	uint64_t pixels = (uint64_t)seen->width * seen->height;

	if (pixels > PDF_PICTURE_JPEG_MAX || pixels > left->pixels || file.size > left->bytes)
		return STATUS_TOO_LARGE;
	left->pixels -= pixels;
	if (!picture_jpeg_decodes(file, seen->width, seen->height))
		return STATUS_INVALID;
	left->bytes -= file.size;
	*picture = (struct pdf_picture){
	    .columns = seen->width, .rows = seen->height, .turn = find_turn(file), .jpeg = file};
	return STATUS_OK;
}

enum status
pdf_picture_read(struct slice file, struct pdf_picture_budget *left, struct arena *arena,
		 struct pdf_picture *picture_out)
{
	struct source source = source_from_slice(&file);
	struct pdf_picture picture = {.turn = 1};
	struct picture seen;
	enum status status;

	if (file.size > PDF_PICTURE_FILE_MAX)
		return STATUS_TOO_LARGE;
	status = picture_read(&source, &seen);
	if (status != STATUS_OK)
		return status;
	if (seen.form == PICTURE_PNG)
		status = read_png(file, left, arena, &picture);
	else if (seen.form == PICTURE_JPEG)
		status = read_jpeg(file, &seen, left, &picture);
	else
		return STATUS_INVALID;
	if (status == STATUS_OK)
		*picture_out = picture;
	return status;
}

uint32_t
pdf_picture_width(const struct pdf_picture *picture)
{
	return picture->turn > 4 ? picture->rows : picture->columns;
}

uint32_t
pdf_picture_height(const struct pdf_picture *picture)
{
	return picture->turn > 4 ? picture->columns : picture->rows;
}
