/* base/encode: known answers and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include <cmocka.h>

#include "base/encode.h"

/* hex and base64url: RFC 4648 section 10 without padding; base32: the same
 * bytes' RFC 4648 digits exchanged by value for Crockford's. */
static const struct {
	const char *bytes, *base32, *hex, *base64url;
} rows[] = {
    {"", "", "", ""},
    {"f", "cr", "66", "Zg"},
    {"fo", "csqg", "666f", "Zm8"},
    {"foo", "csqpy", "666f6f", "Zm9v"},
    {"foob", "csqpyrg", "666f6f62", "Zm9vYg"},
    {"fooba", "csqpyrk1", "666f6f6261", "Zm9vYmE"},
    {"foobar", "csqpyrk1e8", "666f6f626172", "Zm9vYmFy"},
};

static void
known_answers_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = slice_from_text(rows[i].bytes);
		unsigned char back[16];
		char out[32];

		encode_base32(bytes, out);
		assert_string_equal(out, rows[i].base32);
		assert_int_equal(strlen(out), BASE32_LENGTH(bytes.size));
		assert_true(decode_base32(slice_from_text(out), back, bytes.size));
		assert_memory_equal(back, bytes.data, bytes.size);
		encode_hex(bytes, out);
		assert_string_equal(out, rows[i].hex);
		assert_true(decode_hex(slice_from_text(out), back, bytes.size));
		assert_memory_equal(back, bytes.data, bytes.size);
		encode_base64url(bytes, out);
		assert_string_equal(out, rows[i].base64url);
		assert_int_equal(strlen(out), BASE64URL_LENGTH(bytes.size));
		assert_true(decode_base64url(slice_from_text(out), back, bytes.size));
		assert_memory_equal(back, bytes.data, bytes.size);
	}
}

static void
every_length_comes_back(void **state)
{
	unsigned char bytes[70], back[70];
	char out[160];

	(void)state;
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		struct slice slice = slice_of(bytes, size);

		randombytes_buf(bytes, sizeof(bytes));
		encode_base32(slice, out);
		assert_true(decode_base32(slice_from_text(out), back, size));
		assert_memory_equal(back, bytes, size);
		encode_base64url(slice, out);
		assert_true(decode_base64url(slice_from_text(out), back, size));
		assert_memory_equal(back, bytes, size);
		encode_hex(slice, out);
		assert_true(decode_hex(slice_from_text(out), back, size));
		assert_memory_equal(back, bytes, size);
	}
}

static void
base32_forgives_what_crockford_forgives(void **state)
{
	static const struct {
		const char *claim, *text;
		bool good;
	} cases[] = {
	    {"as written", "csqpyrk1", true},
	    {"upper case", "CSQPYRK1", true},
	    {"i for 1", "csqpyrki", true},
	    {"L for 1", "csqpyrkL", true},
	    {"u is no digit", "csqpyrku", false},
	    {"a hyphen is no digit", "csqp-rk1", false},
	    {"too short", "csqpyrk", false},
	    {"too long", "csqpyrk10", false},
	    {"a byte above ASCII", "csqpyrk\xb1", false},
	};
	unsigned char back[5];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].claim);
		assert_int_equal(decode_base32(slice_from_text(cases[i].text), back, 5),
				 cases[i].good);
		if (cases[i].good)
			assert_memory_equal(back, "fooba", 5);
	}
	assert_true(decode_base32(SLICE("oO"), back, 1));
	assert_int_equal(back[0], 0);
	/* "cr" is "f"; "cs" sets a bit that no byte holds. */
	assert_true(decode_base32(SLICE("cr"), back, 1));
	assert_false(decode_base32(SLICE("cs"), back, 1));
	assert_false(decode_base32(SLICE("c\0"), back, 1));
}

/* RFC 4648 section 10, and what its section 3 forbids. */
static void
base64_has_its_padding(void **state)
{
	static const struct {
		const char *bytes, *text;
	} padded[] = {{"", ""},
		      {"f", "Zg=="},
		      {"fo", "Zm8="},
		      {"foo", "Zm9v"},
		      {"foob", "Zm9vYg=="},
		      {"fooba", "Zm9vYmE="},
		      {"foobar", "Zm9vYmFy"},
		      {"\xfb\xff", "+/8="}};
	static const char *const wrong[] = {
	    "Zg",     "Zg=",   "Zh==",	   "Zg===", "Z",	   "=",
	    "Zm9v\n", "Zm 9v", "Zg==Zg==", "-_-_",  "Zm9vYmFyYmF6"};
	unsigned char back[8];
	char out[16];
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(padded) / sizeof(padded[0]); i++) {
		struct slice bytes = slice_from_text(padded[i].bytes);

		assert_int_equal(strlen(padded[i].text), BASE64_LENGTH(bytes.size));
		encode_base64(bytes, out);
		assert_string_equal(out, padded[i].text);
		assert_true(decode_base64(slice_from_text(out), back, sizeof(back), &size));
		assert_true(slice_equal(bytes, slice_of(back, size)));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (decode_base64(slice_from_text(wrong[i]), back, sizeof(back), &size))
			fail_msg("%s", wrong[i]);
}

static void
hex_and_base64url_are_strict(void **state)
{
	unsigned char back[3];

	(void)state;
	assert_true(decode_hex(SLICE("00fF"), back, 2));
	assert_memory_equal(back, "\0\xff", 2);
	assert_false(decode_hex(SLICE("00f"), back, 2));
	assert_false(decode_hex(SLICE("00fg"), back, 2));
	assert_false(decode_hex(SLICE("00 f"), back, 2));
	assert_false(decode_base64url(SLICE("Zg=="), back, 1));
	assert_false(decode_base64url(SLICE("Zh"), back, 1));
	assert_false(decode_base64url(SLICE("+/+/"), back, 3));
	assert_true(decode_base64url(SLICE("-_-_"), back, 3));
}

static void
percent_leaves_unreserved_alone(void **state)
{
	struct text out;

	(void)state;
	text_init(&out, 100);
	encode_percent(SLICE("aZ09-._~ /%\xc3\xa4\0"), &out);
	assert_string_equal(text_string(&out), "aZ09-._~%20%2F%25%C3%A4%00");
	text_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers_both_ways),
	    cmocka_unit_test(every_length_comes_back),
	    cmocka_unit_test(base32_forgives_what_crockford_forgives),
	    cmocka_unit_test(base64_has_its_padding),
	    cmocka_unit_test(hex_and_base64url_are_strict),
	    cmocka_unit_test(percent_leaves_unreserved_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
