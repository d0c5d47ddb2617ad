/*
 * Message text behind DATA, the slow way: the whole text at hand, line by line,
 * as RFC 5321 section 4.5.2 puts it.  For the unit test and the fuzzer of
 * ingest/dot.c.
 */
#ifndef TESTS_SLOW_DOT_H
#define TESTS_SLOW_DOT_H

#include <string.h>

#include "base/text.h"
#include "ingest/dot.h"

struct slow_dot {
	bool ended;
	enum dot_fault fault; /* the first one */
	size_t used;	      /* bytes up to and with the end */
	struct text content;  /* up to the first fault, with the rest of its line */
};

/* Where CRLF stands at or after `from`, or the end. */
static size_t
slow_dot_find_crlf(struct slice input, size_t from)
{
	for (size_t i = from; i + 1 < input.size; i++) {
		if (input.data[i] == '\r' && input.data[i + 1] == '\n')
			return i;
	}
	return input.size;
}

/* The fault that shows first in a line: its text, [from, to), holds no CRLF. */
static enum dot_fault
slow_dot_line_fault(struct slice input, size_t from, size_t to, size_t line_end)
{
	for (size_t i = from; i < line_end; i++) {
		bool bare_feed = i < to && input.data[i] == '\n';
		bool behind_bare_return = i > from && i - 1 < to && input.data[i - 1] == '\r';

		if (bare_feed || behind_bare_return)
			return DOT_BARE;
		if (i - from >= DOT_LINE_MAX)
			return DOT_LINE_TOO_LONG;
	}
	return DOT_CLEAN;
}

static void
slow_dot_scan(struct slice input, struct slow_dot *slow)
{
	size_t from = 0;

	*slow = (struct slow_dot){.fault = DOT_CLEAN};
	text_init(&slow->content, (size_t)4194304);
	while (from < input.size) {
		size_t to = slow_dot_find_crlf(input, from);
		size_t line_end = to == input.size ? to : to + 2;
		struct slice line = slice_part(input, from, line_end);

		if (slice_equal(line, SLICE(".\r\n"))) {
			slow->ended = true;
			slow->used = line_end;
			return;
		}
		if (slow->fault == DOT_CLEAN) {
			bool stuffed = line.size > 0 && line.data[0] == '.';
			/* A dot and a CR at the very end may yet become the end mark. */
			bool open = to == input.size && slice_equal(line, SLICE(".\r"));

			slow->fault = slow_dot_line_fault(input, from, to, line_end);
			text_append(&slow->content,
				    slice_part(line, stuffed ? 1 : 0, open ? 1 : line.size));
		}
		from = line_end;
	}
	slow->used = input.size;
}

#endif
