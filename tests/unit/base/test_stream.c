/* base/stream: sources and sinks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/stream.h"
#include "base/text.h"

/* A source that gives at most seven bytes at a time, and fails at `fails_at`. */
struct drip {
	struct slice bytes;
	uint64_t fails_at;
};

static enum status
read_drip(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const struct drip *drip = context;
	struct slice rest = slice_part(drip->bytes, (size_t)offset, (size_t)offset + 7);

	if (offset >= drip->fails_at)
		return STATUS_UNAVAILABLE;
	if (rest.size > room)
		rest.size = room;
	if (rest.size > 0)
		memcpy(bytes, rest.data, rest.size);
	*size_out = rest.size;
	return STATUS_OK;
}

static enum status
write_text(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return text_ok(context) ? STATUS_OK : STATUS_FULL;
}

static void
a_slice_is_read_anywhere(void **state)
{
	struct slice bytes = SLICE("0123456789");
	struct source source = source_from_slice(&bytes);
	unsigned char out[16];
	size_t size = 99;

	(void)state;
	assert_int_equal(source.size, 10);
	assert_int_equal(source_read_exactly(&source, 3, out, 4), STATUS_OK);
	assert_memory_equal(out, "3456", 4);
	assert_int_equal(source_read_exactly(&source, 7, out, 4), STATUS_INVALID);
	assert_int_equal(source_read_exactly(&source, 10, out, 0), STATUS_OK);
	assert_int_equal(source.read_at(source.context, 10, out, 1, &size), STATUS_OK);
	assert_int_equal(size, 0);
	assert_int_equal(source.read_at(source.context, UINT64_MAX, out, 1, &size), STATUS_OK);
	assert_int_equal(size, 0);
	assert_int_equal(source.read_at(source.context, 8, out, 16, &size), STATUS_OK);
	assert_int_equal(size, 2);
}

static void
short_reads_are_put_together(void **state)
{
	struct drip drip = {SLICE("the quick brown fox jumps over the lazy dog"), UINT64_MAX};
	struct source source = {&drip, drip.bytes.size, read_drip};
	unsigned char out[64];

	(void)state;
	assert_int_equal(source_read_exactly(&source, 4, out, 30), STATUS_OK);
	assert_memory_equal(out, drip.bytes.data + 4, 30);
	drip.fails_at = 14;
	assert_int_equal(source_read_exactly(&source, 4, out, 30), STATUS_UNAVAILABLE);
}

static void
copying_takes_just_the_range(void **state)
{
	size_t size = 200001;
	unsigned char *bytes = calloc(1, size);
	struct slice slice = slice_of(bytes, size);
	struct source source = source_from_slice(&slice);
	struct text copy;
	struct sink sink = {&copy, write_text};

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
	text_init(&copy, size);
	assert_int_equal(source_copy(&source, 1, size - 1, &sink), STATUS_OK);
	assert_true(slice_equal(text_slice(&copy), slice_of(bytes + 1, size - 2)));
	text_reset(&copy);
	assert_int_equal(source_copy(&source, 5, 5, &sink), STATUS_OK);
	assert_int_equal(copy.size, 0);
	assert_int_equal(source_copy(&source, size - 3, size + 1, &sink), STATUS_INVALID);
	text_clear(&copy);
	free(bytes);
}

static void
failures_of_either_end_come_through(void **state)
{
	struct drip drip = {SLICE("the quick brown fox"), 7};
	struct source source = {&drip, drip.bytes.size, read_drip};
	struct text copy;
	struct sink sink = {&copy, write_text};

	(void)state;
	text_init(&copy, 100);
	assert_int_equal(source_copy(&source, 0, source.size, &sink), STATUS_UNAVAILABLE);
	assert_int_equal(copy.size, 7);
	text_clear(&copy);
	drip.fails_at = UINT64_MAX;
	text_init(&copy, 10);
	assert_int_equal(source_copy(&source, 0, source.size, &sink), STATUS_FULL);
	text_clear(&copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slice_is_read_anywhere),
	    cmocka_unit_test(short_reads_are_put_together),
	    cmocka_unit_test(copying_takes_just_the_range),
	    cmocka_unit_test(failures_of_either_end_come_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
