/* What tests of keys begin with. */
#ifndef TESTS_UNIT_STORE_GIVEN_KEYS_H
#define TESTS_UNIT_STORE_GIVEN_KEYS_H

#include "tests/unit/store/given.h"

#define FRED SLICE("fred's index")
#define CAROL SLICE("carol's index")
#define PRINT_A SLICE("print a")
#define PRINT_B SLICE("print b")

static inline int
given_no_keys(void **state)
{
	cluster_number(&given.cluster,
		       "truncate key, key_search, own_key, authority, revocation, harvest");
	return given_nothing(state);
}

/* The owner's connection: what the administrator decides. */
static inline struct store *
open_owner(void)
{
	char target[256];
	struct store *store;

	cluster_target(&given.cluster, "postern", target);
	assert_ok(store_open(target, &store));
	return store;
}

#define TEST(name) cmocka_unit_test_setup(name, given_no_keys)

#endif
