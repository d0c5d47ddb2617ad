#include "pdf/picture_jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

/* Those that come in passes are held as a whole while they are decoded. */
#define PROGRESSIVE_PIXELS_MAX ((uint64_t)16777216)
#define PASSES_MAX 64
#define SMALLER 8 /* each line and column is decoded to that part of it */

/* What the library calls; it wants its own part first. */
struct failing {
	struct jpeg_error_mgr library;
	jmp_buf back;
};

struct trying {
	struct failing failing;
	struct jpeg_progress_mgr progress;
	struct jpeg_decompress_struct picture;
	unsigned char *line;
	bool decoded; /* on the heap: a jump leaves it as it is */
};

static void
fail(j_common_ptr picture)
{
	longjmp(((struct failing *)(void *)picture->err)->back, 1);
}

/* Nothing is written anywhere: the filter would end the process.  A picture that was cut off is not
 * whole, though the library would make do with it. */
static void
hear(j_common_ptr picture, int level)
{
	if (level < 0 && picture->err->msg_code == JWRN_JPEG_EOF)
		fail(picture);
}

/* A few bytes can ask for passes without an end. */
static void
count_passes(j_common_ptr picture)
{
	if (((j_decompress_ptr)(void *)picture)->input_scan_number > PASSES_MAX)
		fail(picture);
}

static bool
decode(struct trying *trying, struct slice file, uint32_t width, uint32_t height)
{
	struct jpeg_decompress_struct *picture = &trying->picture;

	jpeg_mem_src(picture, file.data, (unsigned long)file.size);
	if (jpeg_read_header(picture, TRUE) != JPEG_HEADER_OK || picture->image_width != width ||
	    picture->image_height != height ||
	    (jpeg_has_multiple_scans(picture) && (uint64_t)width * height > PROGRESSIVE_PIXELS_MAX))
		return false;
	picture->progress = &trying->progress;
	picture->scale_num = 1;
	picture->scale_denom = SMALLER;
	/* As it is stored: colours are not what is tried here. */
	picture->out_color_space = picture->jpeg_color_space;
	if (!jpeg_start_decompress(picture))
		return false;
	trying->line = malloc((size_t)picture->output_width * (size_t)picture->output_components);
	while (trying->line != NULL && picture->output_scanline < picture->output_height)
		if (jpeg_read_scanlines(picture, &trying->line, 1) != 1)
			return false;
	return trying->line != NULL && jpeg_finish_decompress(picture);
}

bool
picture_jpeg_decodes(struct slice file, uint32_t width, uint32_t height)
{
	struct trying *trying = calloc(1, sizeof(*trying));
	bool decoded;

	if (trying == NULL)
		return false;
	trying->picture.err = jpeg_std_error(&trying->failing.library);
	trying->failing.library.error_exit = fail;
	trying->failing.library.emit_message = hear;
	trying->progress.progress_monitor = count_passes;
	/* What the library leaves in the middle comes back here. */
	if (setjmp(trying->failing.back) == 0) {
		jpeg_create_decompress(&trying->picture);
		trying->decoded = decode(trying, file, width, height);
	}
	decoded = trying->decoded;
	jpeg_destroy_decompress(&trying->picture);
	free(trying->line);
	free(trying);
	return decoded;
}
