/* crypto/box: small things under a symmetric key.  Known answers from reader.py. */
#include "crypto/box.h"
#include "tests/unit/crypto/given.h"

struct fixture {
	struct arena *arena;
	struct slice key, context, sealed;
};

static int
set_up(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_new();
	fixture.key = given(fixture.arena, VECTOR_K);
	fixture.context = given(fixture.arena, VECTOR_MESSAGE);
	fixture.sealed = given(fixture.arena, VECTOR_BOX);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

static void
recorded_values_open(void **state)
{
	struct fixture *f = *state;
	struct slice plain;
	struct secret secret;

	assert_int_equal(box_open(f->key, "manifest", f->context, f->sealed, f->arena, &plain),
			 STATUS_OK);
	assert_slice_equal(plain, SLICE("a small thing"));
	assert_int_equal(box_open_secret(f->key, "manifest", f->context, f->sealed, &secret),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&secret), SLICE("a small thing"));
	secret_clear(&secret);
	assert_int_equal(box_open(f->key, "manifest", slice_of(NULL, 0),
				  given(f->arena, VECTOR_BOX_EMPTY), f->arena, &plain),
			 STATUS_OK);
	assert_int_equal(plain.size, 0);
}

static void
what_is_sealed_opens_and_no_two_are_alike(void **state)
{
	struct fixture *f = *state;
	struct slice one, two, plain;
	unsigned char large[100000];

	memset(large, 0x5a, sizeof(large));
	one =
	    box_seal(f->key, "display", SLICE("subject"), slice_of(large, sizeof(large)), f->arena);
	two =
	    box_seal(f->key, "display", SLICE("subject"), slice_of(large, sizeof(large)), f->arena);
	assert_int_equal(one.size, sizeof(large) + BOX_OVERHEAD);
	assert_memory_not_equal(one.data + 2, two.data + 2, 24);
	assert_memory_not_equal(one.data + 26, two.data + 26, 64);
	assert_int_equal(box_open(f->key, "display", SLICE("subject"), two, f->arena, &plain),
			 STATUS_OK);
	assert_slice_equal(plain, slice_of(large, sizeof(large)));
}

static void
every_changed_bit_is_damage(void **state)
{
	struct fixture *f = *state;
	unsigned char bad[128];

	for (size_t bit = 0; bit < f->sealed.size * 8; bit++) {
		struct slice plain = SLICE("untouched");
		struct secret secret = {NULL, 4711};

		memcpy(bad, f->sealed.data, f->sealed.size);
		bad[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(box_open(f->key, "manifest", f->context,
					  slice_of(bad, f->sealed.size), f->arena, &plain),
				 STATUS_DAMAGED);
		assert_slice_equal(plain, SLICE("untouched"));
		assert_int_equal(box_open_secret(f->key, "manifest", f->context,
						 slice_of(bad, f->sealed.size), &secret),
				 STATUS_DAMAGED);
		assert_int_equal(secret.size, 4711);
	}
	for (size_t size = 0; size < f->sealed.size; size++) {
		struct slice plain;

		assert_int_equal(box_open(f->key, "manifest", f->context,
					  slice_part(f->sealed, 0, size), f->arena, &plain),
				 STATUS_DAMAGED);
	}
}

static void
key_purpose_and_context_are_part_of_it(void **state)
{
	struct fixture *f = *state;
	unsigned char long_context[BOX_CONTEXT_MAX + 1] = {0};
	const struct {
		const char *claim;
		struct slice key;
		const char *purpose;
		struct slice context;
	} rows[] = {
	    {"another key", given(f->arena, VECTOR_T), "manifest", f->context},
	    {"a part of the key", slice_part(f->key, 0, 31), "manifest", f->context},
	    {"another purpose", f->key, "envelope", f->context},
	    {"a longer purpose", f->key, "manifest ", f->context},
	    {"no purpose", f->key, "", f->context},
	    {"another row", f->key, "manifest", given(f->arena, VECTOR_DELIVERY)},
	    {"a shorter context", f->key, "manifest", slice_part(f->context, 0, 15)},
	    {"no context", f->key, "manifest", slice_of(NULL, 0)},
	    {"no key", slice_of(NULL, 0), "manifest", f->context},
	    {"a key that is too short to be one", slice_part(f->key, 0, 15), "manifest",
	     f->context},
	    {"a key that is too long", slice_of(long_context, 65), "manifest", f->context},
	    {"a context that is too long", f->key, "manifest",
	     slice_of(long_context, sizeof(long_context))},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice plain;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(box_open(rows[i].key, rows[i].purpose, rows[i].context, f->sealed,
					  f->arena, &plain),
				 STATUS_DAMAGED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recorded_values_open),
	    cmocka_unit_test(what_is_sealed_opens_and_no_two_are_alike),
	    cmocka_unit_test(every_changed_bit_is_damage),
	    cmocka_unit_test(key_purpose_and_context_are_part_of_it),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
