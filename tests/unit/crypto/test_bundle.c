#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pkcs7.h>

#include "crypto/bundle.h"
#include "tests/unit/crypto/issue.h"

#define COUNT ((size_t)3)

static struct slice
write_bundle(struct issued *const *issued, size_t count, struct arena *arena)
{
	PKCS7 *bundle = PKCS7_new();
	unsigned char *der = NULL;
	struct slice copy;
	int size;

	assert_int_equal(PKCS7_set_type(bundle, NID_pkcs7_signed), 1);
	assert_int_equal(PKCS7_content_new(bundle, NID_pkcs7_data), 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(PKCS7_add_certificate(bundle, issued[i]->x509), 1);
	size = i2d_PKCS7(bundle, &der);
	assert_true(size > 0);
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	PKCS7_free(bundle);
	return copy;
}

static void
bundles_hold_certificates(void **state)
{
	struct arena *arena = arena_new();
	struct order order = {.name = "Fred"};
	struct issued *issued[COUNT];
	struct slice bundle;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		issued[i] = issue(&order, NULL, arena);
	bundle = write_bundle(issued, COUNT, arena);
	/* As many as are wanted, in the order of the bundle. */
	for (size_t most = 1; most <= COUNT + 1; most++) {
		struct slice *found;
		size_t count;

		assert_int_equal(bundle_read(bundle, most, arena, &found, &count), STATUS_OK);
		assert_int_equal(count, most < COUNT ? most : COUNT);
		for (size_t i = 0; i < count; i++)
			assert_true(slice_equal(found[i], issued[i]->der));
	}
	arena_free(arena);
}

static void
what_is_no_bundle(void **state)
{
	struct arena *arena = arena_new();
	struct order order = {.name = "Fred"};
	struct issued *issued = issue(&order, NULL, arena);
	struct slice bundle = write_bundle(&issued, 1, arena);
	const struct {
		const char *claim;
		struct slice bytes;
		enum status status;
	} rows[] = {
	    {"nothing", SLICE(""), STATUS_INVALID},
	    {"no DER", SLICE("0"), STATUS_INVALID},
	    {"a certificate", issued->der, STATUS_INVALID},
	    {"cut off", slice_part(bundle, 0, bundle.size - 1), STATUS_INVALID},
	    {"without any certificate", write_bundle(NULL, 0, arena), STATUS_INVALID},
	    {"too large", slice_of(arena_alloc(arena, BUNDLE_SIZE_MAX + 1), BUNDLE_SIZE_MAX + 1),
	     STATUS_TOO_LARGE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice *found;
		size_t count;

		if (bundle_read(rows[i].bytes, COUNT, arena, &found, &count) != rows[i].status)
			fail_msg("%s", rows[i].claim);
	}
	arena_free(arena);
}

static void
certificates_have_a_public_key(void **state)
{
	struct arena *arena = arena_new();
	struct order order = {.name = "Fred"};
	struct issued *issued = issue(&order, NULL, arena);
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(issued->key, &der);
	struct slice key, longer;

	(void)state;
	assert_true(size > 0);
	assert_int_equal(bundle_public_key(issued->der, arena, &key), STATUS_OK);
	assert_true(slice_equal(key, slice_of(der, (size_t)size)));
	OPENSSL_free(der);
	longer = slice_of(arena_alloc(arena, issued->der.size + 1), issued->der.size + 1);
	memcpy((unsigned char *)longer.data, issued->der.data, issued->der.size);
	assert_int_equal(bundle_public_key(longer, arena, &key), STATUS_INVALID);
	assert_int_equal(bundle_public_key(slice_part(longer, 0, 100), arena, &key),
			 STATUS_INVALID);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bundles_hold_certificates),
	    cmocka_unit_test(what_is_no_bundle),
	    cmocka_unit_test(certificates_have_a_public_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
