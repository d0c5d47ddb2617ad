#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ingest/trace.h"

struct row {
	const char *claims;
	const char *message;
	size_t hops;
	size_t header_size;
	bool ended;
};

static const struct row rows[] = {
    {"nothing", "", 0, 0, false},
    {"one field", "Received: x\r\n\r\nbody\r\n", 1, 15, true},
    {"in any case, at line starts only", "RECEIVED:a\r\nX: Received: b\r\nreceived:c\r\n\r\n", 2,
     42, true},
    {"not in the body", "A: b\r\n\r\nReceived: x\r\n", 0, 8, true},
    {"not folded lines", "A: b\r\n Received: x\r\n\r\n", 0, 22, true},
    {"not other names", "Received-SPF: x\r\nReceive: x\r\nxReceived: x\r\nReceived : x\r\n\r\n", 0,
     59, true},
    {"no header at all", "\r\nReceived: x\r\n", 0, 2, true},
    {"lines of a binary message may end in LF", "Received: a\nReceived: b\n\nReceived: c\n", 2, 25,
     true},
    {"a line of one byte ends nothing", "a\nReceived: b\r\n\r\n", 1, 17, true},
    {"nor do two CR", "\r\r\nReceived: b\r\n\r\n", 1, 18, true},
    {"no end of the header", "Received: x\r\nReceived: y", 2, 24, false},
};

static void
counts_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice message = slice_from_text(rows[i].message);

		for (size_t most = 1; most <= message.size + 1; most++) {
			struct trace trace;

			trace_init(&trace);
			for (size_t at = 0; at < message.size; at += most)
				trace_add(&trace, slice_part(message, at, at + most));
			if (trace.hops != rows[i].hops ||
			    trace.header_size != rows[i].header_size ||
			    trace.ended != rows[i].ended)
				fail_msg("%s: %zu hops, %zu bytes", rows[i].claims, trace.hops,
					 trace.header_size);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
