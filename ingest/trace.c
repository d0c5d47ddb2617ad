#include "ingest/trace.h"

static const unsigned char received[] = "received:";

#define RECEIVED_SIZE (sizeof(received) - 1)

void
trace_init(struct trace *trace)
{
	*trace = (struct trace){.blank = true};
}

/* `part` lies within one line; only its last byte can be a LF. */
static void
add_line_part(struct trace *trace, struct slice part)
{
	for (size_t i = 0; trace->blank && i < part.size; i++)
		trace->blank =
		    part.data[i] == '\n' || (part.data[i] == '\r' && trace->column + i == 0);
	for (size_t i = 0; i < part.size && trace->matched == trace->column + i; i++) {
		if (trace->matched >= RECEIVED_SIZE ||
		    slice_lower(part.data[i]) != received[trace->matched])
			break;
		if (++trace->matched == RECEIVED_SIZE)
			trace->hops++;
	}
	trace->column += part.size;
	trace->header_size += part.size;
}

void
trace_add(struct trace *trace, struct slice piece)
{
	size_t from = 0;

	while (from < piece.size && !trace->ended) {
		size_t line_feed = slice_find_byte(piece, '\n', from);
		size_t to = line_feed == SLICE_NONE ? piece.size : line_feed + 1;

		add_line_part(trace, slice_part(piece, from, to));
		if (line_feed != SLICE_NONE) {
			trace->ended = trace->blank;
			trace->blank = true;
			trace->column = 0;
			trace->matched = 0;
		}
		from = to;
	}
}
