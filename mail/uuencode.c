#include "mail/uuencode.h"

#include <string.h>

enum { IN_TEXT, BEHIND_BEGIN, IN_FILE };

static struct slice
without_end(const unsigned char *line, size_t size)
{
	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	return slice_of(line, size);
}

/* "begin", an octal mode, a name: the name, empty when the line is no such. */
static struct slice
begin_name(struct slice line)
{
	size_t at = 6;

	if (line.size < 6 || memcmp(line.data, "begin ", 6) != 0)
		return slice_of(line.data, 0);
	while (at < line.size && line.data[at] >= '0' && line.data[at] <= '7')
		at++;
	if (at < 9 || at > 11 || at == line.size || line.data[at] != ' ')
		return slice_of(line.data, 0);
	return slice_trim(slice_part(line, at, line.size));
}

/* A count and as many digits as it wants.  Blanks at the end get lost on the way, and some writers
 * add a digit or two. */
static bool
is_data(struct slice line)
{
	size_t count, digits;

	if (line.size == 0)
		return false;
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] < 0x20 || line.data[i] > 0x60)
			return false;
	count = (line.data[0] - 32U) & 63;
	digits = (count + 2) / 3 * 4;
	return line.size - 1 <= digits + 2 && line.size - 1 + 4 >= digits;
}

static bool
is_last_data(struct slice line)
{
	return line.size == 0 || slice_equal(line, SLICE("`")) || slice_equal(line, SLICE(" "));
}

static enum status
put_text(const struct uu_scan *scan, const unsigned char *bytes, size_t size)
{
	return size == 0 ? STATUS_OK : sink_write(&scan->text, slice_of(bytes, size));
}

static void
end_file(struct uu_scan *scan, uint64_t to)
{
	if (scan->found != NULL)
		scan->found(scan->context, begin_name(without_end(scan->begin, scan->begin_size)),
			    scan->file_from, to);
	scan->files++;
	scan->state = IN_TEXT;
}

/* A line outside of a file: text, or perhaps the beginning of one. */
static enum status
take_text_line(struct uu_scan *scan)
{
	struct slice line = without_end(scan->line, scan->line_size);

	if (scan->files < UU_FILES_MAX && begin_name(line).size > 0) {
		memcpy(scan->begin, scan->line, scan->line_size);
		scan->begin_size = scan->line_size;
		scan->file_from = scan->line_from;
		scan->state = BEHIND_BEGIN;
		return STATUS_OK;
	}
	return put_text(scan, scan->line, scan->line_size);
}

/* Not a file after all. */
static enum status
give_back(struct uu_scan *scan)
{
	scan->state = IN_TEXT;
	return put_text(scan, scan->begin, scan->begin_size);
}

/* The line is complete: [line_from, next). */
static enum status
end_line(struct uu_scan *scan, uint64_t next)
{
	struct slice line = without_end(scan->line, scan->line_size);
	enum status status = STATUS_OK;

	switch (scan->state) {
	case BEHIND_BEGIN:
		if (is_data(line)) {
			scan->state = IN_FILE;
			break;
		}
		status = give_back(scan);
		if (status == STATUS_OK)
			status = take_text_line(scan);
		break;
	case IN_FILE:
		if (slice_equal(slice_trim(line), SLICE("end"))) {
			end_file(scan, next);
		} else if (!is_data(line) && !is_last_data(line)) {
			/* Its end got lost; what follows is read. */
			end_file(scan, scan->line_from);
			status = take_text_line(scan);
		}
		break;
	default:
		status = take_text_line(scan);
	}
	scan->line_size = 0;
	scan->line_from = next;
	return status;
}

/* The line under way is longer than any that matters. */
static enum status
pass_overlong(struct uu_scan *scan)
{
	enum status status = STATUS_OK;

	if (scan->state == BEHIND_BEGIN)
		status = give_back(scan);
	else if (scan->state == IN_FILE)
		end_file(scan, scan->line_from);
	if (status == STATUS_OK)
		status = put_text(scan, scan->line, scan->line_size);
	scan->overlong = true;
	scan->line_size = 0;
	return status;
}

enum status
uu_scan_write(struct uu_scan *scan, struct slice bytes)
{
	size_t at = 0;
	enum status status = STATUS_OK;

	while (at < bytes.size && status == STATUS_OK) {
		size_t end = slice_find_byte(bytes, '\n', at);
		size_t next = end == SLICE_NONE ? bytes.size : end + 1;
		struct slice piece = slice_part(bytes, at, next);

		at = next;
		if (!scan->overlong && piece.size > UU_SCAN_LINE - scan->line_size)
			status = pass_overlong(scan);
		if (status != STATUS_OK)
			break;
		scan->position += piece.size;
		if (scan->overlong) {
			status = put_text(scan, piece.data, piece.size);
		} else {
			memcpy(scan->line + scan->line_size, piece.data, piece.size);
			scan->line_size += piece.size;
		}
		if (end == SLICE_NONE || status != STATUS_OK)
			break;
		if (!scan->overlong)
			status = end_line(scan, scan->position);
		scan->overlong = false;
		scan->line_from = scan->position;
	}
	return status;
}

enum status
uu_scan_end(struct uu_scan *scan)
{
	enum status status = STATUS_OK;

	if (scan->line_size > 0)
		status = end_line(scan, scan->position);
	if (status == STATUS_OK && scan->state == BEHIND_BEGIN)
		status = give_back(scan);
	else if (scan->state == IN_FILE)
		end_file(scan, scan->position);
	return status;
}
