#include "portal/qr.h"

#include <qrencode.h>

#include "base/text.h"

#define BYTES_MAX ((size_t)1200)
#define OUT_MAX ((size_t)262144)

static bool
is_dark(const QRcode *code, int row, int column)
{
	row -= QR_QUIET;
	column -= QR_QUIET;
	return row >= 0 && column >= 0 && row < code->width && column < code->width &&
	       (code->data[row * code->width + column] & 1) != 0;
}

/* A run of dark modules is one box. */
static const char *
draw_path(const QRcode *code, int size, struct arena *arena)
{
	struct text *path = text_new_in(arena, OUT_MAX);

	for (int row = 0; row < size; row++)
		for (int column = 0, length; column < size; column += length) {
			bool dark = is_dark(code, row, column);

			for (length = 1;
			     column + length < size && is_dark(code, row, column + length) == dark;)
				length++;
			if (dark)
				text_printf(path, "M%d %dh%dv1h-%dz", column, row, length, length);
		}
	return text_string(path);
}

static const char *
draw_blocks(const QRcode *code, int size, struct arena *arena)
{
	/* By what is light: nothing, below, above, both. */
	static const char *const blocks[] = {" ", "\xe2\x96\x84", "\xe2\x96\x80", "\xe2\x96\x88"};
	struct text *lines = text_new_in(arena, OUT_MAX);

	for (int row = 0; row < size; row += 2) {
		for (int column = 0; column < size; column++) {
			int above = is_dark(code, row, column) ? 0 : 2;
			int below = is_dark(code, row + 1, column) ? 0 : 1;

			text_append_text(lines, blocks[above + below]);
		}
		text_append_byte(lines, '\n');
	}
	return text_string(lines);
}

enum status
qr_draw(struct slice bytes, struct arena *arena, struct qr *qr_out)
{
	QRcode *code;

	if (bytes.size == 0 || bytes.size > BYTES_MAX)
		return STATUS_TOO_LARGE;
	code = QRcode_encodeData((int)bytes.size, bytes.data, 0, QR_ECLEVEL_M);
	if (code == NULL)
		return STATUS_UNAVAILABLE;
	qr_out->size = code->width + 2 * QR_QUIET;
	qr_out->path = draw_path(code, qr_out->size, arena);
	qr_out->blocks = draw_blocks(code, qr_out->size, arena);
	QRcode_free(code);
	return STATUS_OK;
}
