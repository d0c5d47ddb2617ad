/* base/arena and base/secret: memory that goes with its job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/secret.h"

static void
dirty(size_t size)
{
	volatile unsigned char *bytes = malloc(size);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = 0xff;
	free((void *)(uintptr_t)bytes);
}

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 16, 100, 2048, 2049, 8192, 8193, 100000, 3};
	struct arena *arena;
	unsigned char *places[sizeof(sizes) / sizeof(sizes[0])];
	size_t count = sizeof(sizes) / sizeof(sizes[0]);

	(void)state;
	/* Leave dirt on the heap for the arena to find. */
	for (size_t size = 8192; size <= 8192 + 128; size += 16)
		dirty(size);
	arena = arena_new();
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < count; i++) {
			places[i] = arena_alloc(arena, sizes[i]);
			assert_int_equal((uintptr_t)places[i] % _Alignof(max_align_t), 0);
			assert_true(sodium_is_zero(places[i], sizes[i]));
			memset(places[i], (int)(i + 1), sizes[i]);
		}
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(places[i][j], i + 1);
	}
	assert_true(arena_used(arena) >= (size_t)20 * 120000);
	arena_free(arena);
	arena_free(NULL);
}

static char order[8];

static void
note(void *argument)
{
	strncat(order, argument, sizeof(order) - strlen(order) - 1);
}

static void
clean_ups_run_last_first(void **state)
{
	struct arena *arena = arena_new();
	char *kept = arena_copy_text(arena, "c");

	(void)state;
	arena_defer(arena, note, arena_copy_text(arena, "a"));
	arena_defer(arena, note, arena_copy_text(arena, "b"));
	arena_defer(arena, note, kept);
	arena_free(arena);
	assert_string_equal(order, "cba");
}

static void
copies_end_in_nul_and_keep_nul(void **state)
{
	struct arena *arena = arena_new();
	struct slice copy = arena_copy(arena, SLICE("a\0b"));
	char *text = arena_text_from(arena, slice_of("xyz", 2));

	(void)state;
	assert_true(slice_equal(copy, SLICE("a\0b")));
	assert_int_equal(copy.data[3], 0);
	assert_string_equal(text, "xy");
	assert_string_equal(arena_printf(arena, "%s-%05d", "n", 42), "n-00042");
	assert_string_equal(arena_text_from(arena, slice_of(NULL, 0)), "");
	arena_free(arena);
}

static void
secrets_are_copied_moved_and_let_go(void **state)
{
	struct arena *arena = arena_new();
	struct secret a, b, *c = arena_alloc(arena, sizeof(*c));

	(void)state;
	secret_copy(&a, SLICE("secret"));
	secret_move(&b, &a);
	assert_null(a.data);
	assert_int_equal(a.size, 0);
	assert_true(slice_equal(secret_slice(&b), SLICE("secret")));
	secret_clear(&b);
	secret_clear(&b);
	assert_null(b.data);
	secret_init_in(c, arena, 32);
	assert_true(sodium_is_zero(c->data, 32));
	secret_random(&a, 32);
	assert_false(sodium_is_zero(a.data, 32));
	secret_clear(&a);
	secret_init(&a, 0);
	secret_clear(&a);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
	    cmocka_unit_test(clean_ups_run_last_first),
	    cmocka_unit_test(copies_end_in_nul_and_keep_nul),
	    cmocka_unit_test(secrets_are_copied_moved_and_let_go),
	};

	/* Not secret_prepare_process: the leak checker must be able to look in. */
	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
