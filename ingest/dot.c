#include "ingest/dot.h"

#include <string.h>

void
dot_init(struct dot *dot)
{
	*dot = (struct dot){.place = DOT_AT_LINE_START, .line_most = DOT_LINE_MAX};
}

bool
dot_ended(const struct dot *dot)
{
	return dot->place == DOT_ENDED;
}

static void
spoil(struct dot *dot, enum dot_fault fault)
{
	if (dot->fault == DOT_CLEAN)
		dot->fault = fault;
}

/* One byte at a place where a single byte decides; true when it is content. */
static bool
take_byte(struct dot *dot, unsigned char byte)
{
	bool end_of_line = false;
	bool content = true;

	switch (dot->place) {
	case DOT_AT_LINE_START:
		if (byte == '.') {
			dot->place = DOT_BEHIND_DOT;
			content = false;
			break;
		}
		/* fall through */
	case DOT_BEHIND_DOT:
	case DOT_IN_LINE:
		if (byte == '\r' && dot->place == DOT_BEHIND_DOT) {
			dot->place = DOT_BEHIND_DOT_CR;
			content = false;
		} else if (byte == '\n') {
			spoil(dot, DOT_BARE);
			dot->place = DOT_IN_LINE;
		} else {
			dot->place = byte == '\r' ? DOT_BEHIND_CR : DOT_IN_LINE;
		}
		break;
	case DOT_BEHIND_DOT_CR:
		content = false;
		if (byte == '\n') {
			dot->place = DOT_ENDED;
			return false;
		}
		/* fall through */
	case DOT_BEHIND_CR:
		if (byte == '\n') {
			end_of_line = true;
			break;
		}
		spoil(dot, DOT_BARE);
		dot->place = byte == '\r' ? DOT_BEHIND_CR : DOT_IN_LINE;
		break;
	case DOT_ENDED:
		return false;
	}
	dot->line_size++;
	if (dot->line_size > dot->line_most)
		spoil(dot, DOT_LINE_TOO_LONG);
	if (end_of_line) {
		dot->place = DOT_AT_LINE_START;
		dot->line_size = 0;
	}
	return content && dot->fault == DOT_CLEAN;
}

/* Of a clean text at a line's start or middle: how far whole lines without a leading dot, and the
 * beginning of the next, reach; stops where take_byte must look. */
static size_t
take_lines(struct dot *dot, struct slice input)
{
	const unsigned char *at = input.data;
	const unsigned char *end = input.data + input.size;

	while (at < end && !(dot->place == DOT_AT_LINE_START && *at == '.')) {
		size_t left = (size_t)(end - at);
		size_t room = dot->line_most - dot->line_size;
		size_t look = left < room ? left : room;
		const unsigned char *line_feed = memchr(at, '\n', look);
		/* The byte before the line feed, or the last one of the piece, is not
		 * text: it should be, or may be, the CR of a CRLF. */
		size_t text = line_feed != NULL ? (size_t)(line_feed - at) : look;
		const unsigned char *carriage_return;

		text -= text > 0;
		carriage_return = memchr(at, '\r', text);
		if (carriage_return != NULL)
			text = (size_t)(carriage_return - at);
		if (carriage_return == NULL && line_feed != NULL && line_feed > at &&
		    line_feed[-1] == '\r') {
			dot->place = DOT_AT_LINE_START;
			dot->line_size = 0;
			at = line_feed + 1;
			continue;
		}
		if (text > 0)
			dot->place = DOT_IN_LINE;
		dot->line_size += text;
		at += text;
		break;
	}
	return (size_t)(at - input.data);
}

struct slice
dot_next(struct dot *dot, struct slice *input)
{
	struct slice whole = *input;
	const bool clean = dot->fault == DOT_CLEAN;
	size_t used = 0;

	while (used < whole.size && dot->place != DOT_ENDED) {
		bool content;

		/* Spoiled text is only looked through for its end, byte by byte: that
		 * is linear whatever the bytes are. */
		if (clean && (dot->place == DOT_AT_LINE_START || dot->place == DOT_IN_LINE))
			used += take_lines(dot, slice_part(whole, used, whole.size));
		if (used == whole.size)
			break;
		content = take_byte(dot, whole.data[used++]);
		if (clean && !content) {
			*input = slice_part(whole, used, whole.size);
			return slice_part(whole, 0, used - 1);
		}
	}
	*input = slice_part(whole, used, whole.size);
	return slice_part(whole, 0, clean ? used : 0);
}
