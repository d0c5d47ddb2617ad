/* base/csv: whatever is read comes back when it is written and read again; no field holds NUL, and
 * none that was written begins like a formula. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
compare(const struct csv_record *record, const struct csv_record *again)
{
	if (record->count != again->count)
		abort();
	for (size_t i = 0; i < record->count; i++) {
		struct slice written = again->fields[i];

		if (!slice_equal(csv_plain(written), record->fields[i]))
			abort();
		if (written.size > 0 && memchr("=+-@\t\r", written.data[0], 6) != NULL)
			abort();
		if (slice_find_byte(written, '\0', 0) != SLICE_NONE)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct csv_reader reader, second;
	struct csv_record record, again;
	struct text out;
	enum status status;
	size_t line = 0;

	/* Every byte may be doubled, and every field get quotes, an apostrophe and a line end. */
	text_init(&out, 8 * size + 8);
	csv_begin(&reader, slice_of(data, size), arena);
	while ((status = csv_next(&reader, &record)) == STATUS_OK) {
		if (record.count == 0 || record.line <= line || record.line > size + 1)
			abort();
		line = record.line;
		for (size_t i = 0; i < record.count; i++)
			csv_write_field(&out, record.fields[i], i == 0);
		csv_end_record(&out);
	}
	if (!text_ok(&out) ||
	    (status == STATUS_INVALID && (reader.line < line || reader.line == 0)))
		abort();
	csv_begin(&reader, slice_of(data, size), arena);
	csv_begin(&second, text_slice(&out), arena);
	while (csv_next(&reader, &record) == STATUS_OK) {
		if (csv_next(&second, &again) != STATUS_OK)
			abort();
		compare(&record, &again);
	}
	if (csv_next(&second, &again) != STATUS_NOT_FOUND)
		abort();
	text_clear(&out);
	arena_free(arena);
	return 0;
}
