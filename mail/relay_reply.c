#include "mail/relay_reply.h"

#include "base/text.h"
#include "mail/utf8.h"

static bool
is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Size of "d.ddd.ddd" of the reply's class at the beginning of a line, 0 when it has none. */
static size_t
status_size(struct slice line, unsigned class)
{
	size_t at = 1;

	if (line.size < 5 || line.data[0] != '0' + class)
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;

		if (at >= line.size || line.data[at] != '.')
			return 0;
		at++;
		while (at < line.size && is_digit(line.data[at])) {
			at++;
			digits++;
		}
		if (digits < 1 || digits > 3)
			return 0;
	}
	return at == line.size || line.data[at] == ' ' ? at : 0;
}

/* The three digits of a line, 0 when there are none that a reply may have. */
static unsigned
line_code(struct slice line)
{
	if (line.size < 3 || line.data[0] < '2' || line.data[0] > '5' || !is_digit(line.data[1]) ||
	    !is_digit(line.data[2]))
		return 0;
	if (line.size > 3 && line.data[3] != ' ' && line.data[3] != '-')
		return 0;
	return (line.data[0] - '0') * 100U + (line.data[1] - '0') * 10U + (line.data[2] - '0');
}

struct reading {
	unsigned code;
	struct slice status;
	struct text text;
};

static void
take_line(struct reading *reading, struct slice line)
{
	size_t size;

	line = slice_part(line, 4, line.size);
	size = status_size(line, reading->code / 100);
	if (size > 0) {
		if (reading->status.size == 0)
			reading->status = slice_part(line, 0, size);
		line = slice_part(line, size, line.size);
	}
	if (reading->text.size > 0)
		text_append_byte(&reading->text, ' ');
	text_append(&reading->text, slice_trim(line));
}

static void
finish(const struct reading *reading, struct arena *arena, struct relay_reply *reply_out)
{
	reply_out->code = reading->code;
	reply_out->status = reading->status.size > 0
				? arena_text_from(arena, reading->status)
				: arena_printf(arena, "%u.0.0", reading->code / 100);
	if (reading->code >= 300 && reading->code < 400)
		reply_out->status = "2.0.0";
	reply_out->text = utf8_clean_line(text_slice(&reading->text), REPLY_TEXT_MAX, arena);
}

enum reply_progress
relay_reply_read(struct slice bytes, struct arena *arena, struct relay_reply *reply_out,
		 size_t *used_out)
{
	struct reading reading = {.code = 0};
	enum reply_progress progress = REPLY_MORE;
	size_t at = 0;

	text_init(&reading.text, REPLY_SIZE_MAX * 2);
	while (progress == REPLY_MORE) {
		size_t end = slice_find_byte(bytes, '\n', at);
		struct slice line;
		unsigned code;

		if (end == SLICE_NONE) {
			if (bytes.size >= REPLY_SIZE_MAX)
				progress = REPLY_BROKEN;
			break;
		}
		line = slice_part(bytes, at, end);
		if (line.size > 0 && line.data[line.size - 1] == '\r')
			line.size--;
		code = line_code(line);
		/* All lines of a reply have one code. */
		if (code == 0 || (reading.code != 0 && code != reading.code)) {
			progress = REPLY_BROKEN;
			break;
		}
		reading.code = code;
		take_line(&reading, line);
		at = end + 1;
		if (line.size == 3 || line.data[3] == ' ')
			progress = REPLY_DONE;
	}
	if (progress == REPLY_DONE) {
		finish(&reading, arena, reply_out);
		*used_out = at;
	}
	text_clear(&reading.text);
	return progress;
}
