/* messenger/writing: what is sealed to a delivery opens for its recipient alone, and what is read
 * back is what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "crypto/pair.h"
#include "messenger/writing.h"

static const char *const recipients[] = {"Alice <alice@corp.example>", "gina@example.net"};
static const struct writing_file files[] = {{"a \"b\".txt", 0}, {"漢字.bin", UINT64_C(1) << 40}};

static struct writing
some_writing(void)
{
	return (struct writing){
	    .body = slice_of("one\0two\r\n", 9),
	    .quote = SLICE("> quoted"),
	    .to_all = true,
	    .fresh = true,
	    .subject = "Grüße",
	    .forward = true,
	    .recipients = recipients,
	    .recipient_count = 2,
	    .files = files,
	    .file_count = 2,
	};
}

static void
check_same(const struct writing *found, const struct writing *wanted)
{
	assert_true(slice_equal(found->body, wanted->body));
	assert_true(slice_equal(found->quote, wanted->quote));
	assert_int_equal(found->to_all, wanted->to_all);
	assert_int_equal(found->fresh, wanted->fresh);
	assert_int_equal(found->forward, wanted->forward);
	assert_string_equal(found->subject, wanted->fresh ? wanted->subject : "");
	assert_int_equal(found->recipient_count, wanted->recipient_count);
	for (size_t i = 0; i < wanted->recipient_count; i++)
		assert_string_equal(found->recipients[i], wanted->recipients[i]);
	assert_int_equal(found->file_count, wanted->file_count);
	for (size_t i = 0; i < wanted->file_count; i++) {
		assert_string_equal(found->files[i].name, wanted->files[i].name);
		assert_true(found->files[i].size == wanted->files[i].size);
	}
}

static void
reads_back_what_was_written(void **state)
{
	struct arena *arena = arena_new();
	struct writing wanted = some_writing(), nothing = {.to_all = false}, found;
	struct slice bytes;

	(void)state;
	assert_int_equal(writing_write(&wanted, arena, &bytes), STATUS_OK);
	assert_int_equal(writing_read(bytes, arena, &found), STATUS_OK);
	check_same(&found, &wanted);
	assert_int_equal(writing_write(&nothing, arena, &bytes), STATUS_OK);
	assert_int_equal(writing_read(bytes, arena, &found), STATUS_OK);
	check_same(&found, &nothing);
	arena_free(arena);
}

/* Any piece of it, and it with anything behind, is nothing that was written. */
static void
believes_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct writing wanted = some_writing(), found;
	struct slice bytes;
	unsigned char *longer;

	(void)state;
	assert_int_equal(writing_write(&wanted, arena, &bytes), STATUS_OK);
	for (size_t size = 0; size < bytes.size; size++)
		assert_int_equal(writing_read(slice_part(bytes, 0, size), arena, &found),
				 STATUS_DAMAGED);
	longer = arena_alloc(arena, bytes.size + 1);
	memcpy(longer, bytes.data, bytes.size);
	assert_int_equal(writing_read(slice_of(longer, bytes.size + 1), arena, &found),
			 STATUS_DAMAGED);
	longer[0]++;
	assert_int_equal(writing_read(slice_of(longer, bytes.size), arena, &found), STATUS_DAMAGED);
	longer[0]--;
	longer[1] |= 8;
	assert_int_equal(writing_read(slice_of(longer, bytes.size), arena, &found), STATUS_DAMAGED);
	wanted.body = slice_of(bytes.data, WRITING_TEXT_MAX);
	assert_int_equal(writing_write(&wanted, arena, &bytes), STATUS_TOO_LARGE);
	arena_free(arena);
}

static void
opens_for_its_recipient_alone(void **state)
{
	struct arena *arena = arena_new();
	struct writing wanted = some_writing(), found;
	struct writing_row row = {.written_at = 77}, other = {.written_at = 78};
	struct pair pair, stranger;

	(void)state;
	pair_new(&pair);
	pair_new(&stranger);
	assert_int_equal(
	    writing_seal(slice_of(pair.public, PAIR_PUBLIC_SIZE), &wanted, arena, &row), STATUS_OK);
	assert_int_equal(
	    writing_seal(slice_of(pair.public, PAIR_PUBLIC_SIZE), &wanted, arena, &other),
	    STATUS_OK);
	assert_int_equal(writing_open(&pair.private, &row, arena, &found), STATUS_OK);
	check_same(&found, &wanted);
	assert_int_equal(found.written_at, 77);
	assert_int_equal(writing_open(&stranger.private, &row, arena, &found), STATUS_DAMAGED);
	/* A row's parts belong together. */
	other.id = row.id;
	assert_int_equal(writing_open(&pair.private, &other, arena, &found), STATUS_DAMAGED);
	other.key_wrap = row.key_wrap;
	assert_int_equal(writing_open(&pair.private, &other, arena, &found), STATUS_DAMAGED);
	assert_int_equal(writing_seal(slice_of(NULL, 0), &wanted, arena, &row), STATUS_DAMAGED);
	pair_clear(&pair);
	pair_clear(&stranger);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_back_what_was_written),
	    cmocka_unit_test(believes_nothing),
	    cmocka_unit_test(opens_for_its_recipient_alone),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
