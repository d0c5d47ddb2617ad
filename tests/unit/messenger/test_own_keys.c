/* messenger/own_keys: the private half of a row opens for the gateway it was sealed to, in that
 * row, and stands nowhere in clear; and what is a private key at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "messenger/own_keys.h"

/* Longer than what a pair seals at once. */
static struct slice
some_private(struct arena *arena)
{
	struct text *out = text_new_in(arena, 16384);

	for (int i = 0; i < 1000; i++)
		text_printf(out, "part %d;", i);
	return text_slice(out);
}

static void
opens_for_its_gateway_and_row(void **state)
{
	struct arena *arena = arena_new();
	struct slice private = some_private(arena);
	struct own_key_row row = {.id = id_new()}, other, other_row = {.id = id_new()};
	struct secret opened;
	struct pair gateway, stranger;

	(void)state;
	pair_new(&gateway);
	pair_new(&stranger);
	assert_int_equal(own_keys_seal_private(gateway.public, private, arena, &row), STATUS_OK);
	assert_int_equal(own_keys_open_private(&gateway.private, &row, &opened), STATUS_OK);
	assert_true(slice_equal(secret_slice(&opened), private));
	secret_clear(&opened);
	assert_int_equal(own_keys_open_private(&stranger.private, &row, &opened), STATUS_DAMAGED);
	/* Under another id, and with the key of another row. */
	other = row;
	other.id = id_new();
	assert_int_equal(own_keys_open_private(&gateway.private, &other, &opened), STATUS_DAMAGED);
	assert_int_equal(own_keys_seal_private(gateway.public, private, arena, &other_row),
			 STATUS_OK);
	other = row;
	other.key_wrap = other_row.key_wrap;
	assert_int_equal(own_keys_open_private(&gateway.private, &other, &opened), STATUS_DAMAGED);
	other = row;
	other.private = other_row.private;
	assert_int_equal(own_keys_open_private(&gateway.private, &other, &opened), STATUS_DAMAGED);
	pair_clear(&gateway);
	pair_clear(&stranger);
	arena_free(arena);
}

static void
nothing_of_it_is_in_clear(void **state)
{
	struct arena *arena = arena_new();
	struct slice private = some_private(arena);
	struct own_key_row row = {.id = id_new()}, again = {.id = row.id};
	struct pair gateway;

	(void)state;
	pair_new(&gateway);
	assert_int_equal(own_keys_seal_private(gateway.public, private, arena, &row), STATUS_OK);
	for (size_t at = 0; at + 8 <= private.size; at += 4)
		assert_true(slice_find(row.private, slice_part(private, at, at + 8), 0) ==
			    SLICE_NONE);
	/* The same again is not seen to be the same. */
	assert_int_equal(own_keys_seal_private(gateway.public, private, arena, &again), STATUS_OK);
	assert_false(slice_equal(row.private, again.private));
	assert_false(slice_equal(row.key_wrap, again.key_wrap));
	pair_clear(&gateway);
	arena_free(arena);
}

static void
tells_private_keys_from_others(void **state)
{
	(void)state;
	assert_true(own_keys_is_private(SLICE("-----BEGIN PRIVATE KEY-----\nAAAA\n")));
	assert_true(own_keys_is_private(SLICE("x\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n")));
	assert_true(own_keys_is_private(SLICE("-----BEGIN PGP PRIVATE KEY BLOCK-----\n")));
	assert_false(own_keys_is_private(SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n")));
	assert_false(own_keys_is_private(SLICE("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")));
	assert_false(own_keys_is_private(SLICE("nothing")));
	assert_false(own_keys_is_private(SLICE("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(opens_for_its_gateway_and_row),
	    cmocka_unit_test(nothing_of_it_is_in_clear),
	    cmocka_unit_test(tells_private_keys_from_others),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
