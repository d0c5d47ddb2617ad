/* Packets and armour of OpenPGP keys: what belongs to which key, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/encode.h"
#include "crypto/openpgp_armour.h"
#include "crypto/openpgp_packet.h"

/* Material under construction; keys here are a version and a letter, and nobody computes with them.
 */
static unsigned char bytes[OPENPGP_MATERIAL_MAX + 65536];
static size_t size;

static void
put(unsigned int tag, const void *body, size_t length)
{
	assert_true(length < 0xffff && size + length + 6 <= sizeof(bytes));
	bytes[size++] = (unsigned char)(0xc0 | tag);
	bytes[size++] = 255;
	bytes[size++] = 0;
	bytes[size++] = 0;
	bytes[size++] = (unsigned char)(length >> 8);
	bytes[size++] = (unsigned char)length;
	memcpy(bytes + size, body, length);
	size += length;
}

static void
put_key(unsigned int tag, unsigned char version, char letter)
{
	unsigned char body[8] = {version, 0, 0, 0, 0, 1, 0, (unsigned char)letter};

	put(tag, body, sizeof(body));
}

static void
put_user_id(const char *text)
{
	put(13, text, strlen(text));
}

/* The fingerprint of a key that put_key made. */
static void
fingerprint(char letter, unsigned char out[SHA1_SIZE])
{
	unsigned char whole[11] = {0x99, 0, 8, 4, 0, 0, 0, 0, 1, 0, (unsigned char)letter};

	assert_int_equal(sha1_of(slice_of(whole, sizeof(whole)), out), STATUS_OK);
}

/* Version 4, by the key `signer`; `revoker` is named in it (0: nobody). */
static void
put_signature(unsigned char type, char signer, uint32_t created, uint32_t lifetime, char revoker)
{
	unsigned char body[128] = {4, type, 1, 8};
	unsigned char *area = body + 6;
	unsigned char print[SHA1_SIZE];
	size_t at = 0;

	area[at++] = 5;
	area[at++] = 2;
	for (int shift = 24; shift >= 0; shift -= 8)
		area[at++] = (unsigned char)(created >> shift);
	area[at++] = 5;
	area[at++] = 3;
	for (int shift = 24; shift >= 0; shift -= 8)
		area[at++] = (unsigned char)(lifetime >> shift);
	if (revoker != 0) {
		fingerprint(revoker, print);
		area[at++] = 23;
		area[at++] = 12;
		area[at++] = 0x80;
		area[at++] = 1;
		memcpy(area + at, print, SHA1_SIZE);
		at += SHA1_SIZE;
	}
	body[5] = (unsigned char)at;
	fingerprint(signer, print);
	area[at++] = 0;
	area[at++] = 10;
	area[at++] = 9;
	area[at++] = 16;
	memcpy(area + at, print + SHA1_SIZE - 8, 8);
	put(2, body, 6 + at + 8);
}

static struct arena *arena;
static struct openpgp_block *blocks;
static size_t count;

static enum status
read_them(void)
{
	count = 0;
	return openpgp_read_blocks(slice_of(bytes, size), arena, &blocks, &count);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	size = 0;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
a_key_keeps_what_it_signed(void **state)
{
	(void)state;
	put_key(6, 4, 'a');
	put_user_id("A <a@example.org>");
	put_signature(0x13, 'a', 1000, 50, 0);
	put_signature(0x10, 'b', 1000, 0, 0);
	put(17, "picture", 7);
	put_signature(0x13, 'a', 1000, 0, 0);
	put_key(14, 4, 's');
	put_signature(0x18, 'a', 1000, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(blocks[0].count, 3);
	assert_int_equal(blocks[0].components[0].kind, OPENPGP_PRIMARY);
	assert_int_equal(blocks[0].components[0].signature_count, 0);
	assert_int_equal(blocks[0].components[1].kind, OPENPGP_USER_ID);
	assert_int_equal(blocks[0].components[1].signature_count, 1);
	assert_int_equal(blocks[0].components[1].signatures[0].created, 1000);
	assert_int_equal(blocks[0].components[1].signatures[0].lifetime, 50);
	assert_int_equal(blocks[0].components[2].signature_count, 1);
	assert_int_equal(blocks[0].signature_count, 2);
	assert_false(blocks[0].secret);
}

/* The maker by its fingerprint (of that version), and signatures of version 3. */
static void
makers_are_known_in_all_forms(void **state)
{
	static const struct {
		const char *claim;
		char signer;
		unsigned char version; /* 3: of the signature; else of the fingerprint */
		size_t kept;
	} rows[] = {
	    {"its fingerprint", 'a', 4, 1},
	    {"another's fingerprint", 'b', 4, 0},
	    {"one of a version that names none", 'b', 6, 1},
	    {"version 3", 'a', 3, 1},
	    {"another's, version 3", 'b', 3, 0},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		/* Made at 1000 (section 5.2.3); the rest is not read. */
		unsigned char fourth[48] = {
		    4, 0x13, 1, 8, 0, 6, 5, 2, 0, 0, 0x03, 0xe8, 0, 23, 22, 33, rows[at].version};
		unsigned char third[24] = {3, 5, 0x13, 0, 0, 0x03, 0xe8};
		unsigned char print[SHA1_SIZE];

		fingerprint(rows[at].signer, print);
		memcpy(fourth + 17, print, SHA1_SIZE);
		memcpy(third + 7, print + SHA1_SIZE - 8, 8);
		size = 0;
		put_key(6, 4, 'a');
		put_user_id("A <a@example.org>");
		if (rows[at].version == 3)
			put(2, third, sizeof(third));
		else
			put(2, fourth, sizeof(fourth));
		assert_int_equal(read_them(), STATUS_OK);
		if (blocks[0].components[1].signature_count != rows[at].kept)
			fail_msg("%s", rows[at].claim);
		if (rows[at].kept > 0)
			assert_int_equal(blocks[0].components[1].signatures[0].created, 1000);
	}
}

static bool
no_subkeys(const void *context, const struct openpgp_component *component)
{
	(void)context;
	return component->kind != OPENPGP_SUBKEY;
}

static void
what_is_wanted_is_written_as_it_was(void **state)
{
	struct text out;
	size_t without;

	(void)state;
	put_key(6, 4, 'a');
	put_user_id("A <a@example.org>");
	put_signature(0x13, 'a', 1000, 0, 0);
	without = size;
	put_key(14, 4, 's');
	put_signature(0x18, 'a', 1000, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	text_init(&out, sizeof(bytes));
	openpgp_write_block(&blocks[0], NULL, NULL, &out);
	assert_true(slice_equal(text_slice(&out), slice_of(bytes, size)));
	text_reset(&out);
	openpgp_write_block(&blocks[0], no_subkeys, NULL, &out);
	assert_true(slice_equal(text_slice(&out), slice_of(bytes, without)));
	text_clear(&out);
}

static void
a_second_copy_adds_to_the_first(void **state)
{
	(void)state;
	put_key(6, 4, 'a');
	put_user_id("A <a@example.org>");
	put_key(6, 4, 'b');
	put_key(6, 4, 'a');
	put_signature(0x20, 'a', 1000, 0, 0);
	put_user_id("A <a@example.org>");
	put_signature(0x13, 'a', 1000, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(blocks[0].count, 2);
	assert_int_equal(blocks[0].components[0].signature_count, 1);
	assert_int_equal(blocks[0].components[0].signatures[0].type, 0x20);
	assert_int_equal(blocks[0].components[1].signature_count, 1);
}

static void
a_named_revoker_is_believed(void **state)
{
	(void)state;
	put_key(6, 4, 'a');
	put_signature(0x1f, 'a', 1000, 0, 'r');
	put_signature(0x20, 'x', 1000, 0, 0);
	put_key(6, 4, 'b');
	put_signature(0x20, 'r', 1000, 0, 0);
	put_signature(0x1f, 'b', 1000, 0, 'r');
	put_key(6, 4, 'c');
	put_signature(0x1f, 'x', 1000, 0, 'r');
	put_signature(0x20, 'r', 1000, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(count, 3);
	/* Somebody else; the named one, told before it is named; one whom somebody else named. */
	assert_false(blocks[0].revoked_by_other);
	assert_true(blocks[1].revoked_by_other);
	assert_false(blocks[2].revoked_by_other);
}

static void
secret_keys_and_versions_are_told(void **state)
{
	(void)state;
	put_key(5, 4, 'a');
	put_key(6, 6, 'b');
	put_key(6, 4, 'c');
	put_key(7, 4, 's');
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(count, 3);
	assert_true(blocks[0].secret);
	assert_false(blocks[1].secret);
	assert_int_equal(blocks[1].components[0].version, 6);
	assert_true(blocks[2].secret);
}

static void
bounds_hold(void **state)
{
	static char long_id[OPENPGP_USER_ID_MAX + 2];

	(void)state;
	put_key(6, 4, 'a');
	memset(long_id, 'x', sizeof(long_id) - 1);
	put_user_id(long_id);
	put_signature(0x13, 'a', 1000, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(blocks[0].count, 1);
	assert_int_equal(blocks[0].signature_count, 0);
	for (size_t at = 0; at < OPENPGP_SIGNATURES_MAX; at++)
		put_signature(0x1f, 'a', (uint32_t)at, 0, 0);
	/* They belong to the user id that was too long. */
	assert_int_equal(read_them(), STATUS_OK);
	size = 0;
	put_key(6, 4, 'a');
	for (size_t at = 0; at < OPENPGP_SIGNATURES_MAX; at++)
		put_signature(0x1f, 'a', (uint32_t)at, 0, 0);
	assert_int_equal(read_them(), STATUS_OK);
	assert_int_equal(blocks[0].signature_count, OPENPGP_SIGNATURES_MAX);
	put_signature(0x1f, 'a', 0, 0, 0);
	assert_int_equal(read_them(), STATUS_TOO_LARGE);
	size = 0;
	for (char letter = 'a'; letter <= 'q'; letter++)
		put_key(6, 4, letter);
	assert_int_equal(read_them(), STATUS_TOO_LARGE);
	size = OPENPGP_MATERIAL_MAX + 1;
	assert_int_equal(read_them(), STATUS_TOO_LARGE);
}

/* A key with numbers of these sizes. */
static void
put_numbers(unsigned int tag, unsigned char version, unsigned char algorithm, const unsigned *bits,
	    size_t numbers)
{
	static unsigned char body[3 * 8192];
	size_t at = 6;

	memset(body, 0xff, sizeof(body));
	body[0] = version;
	body[5] = algorithm;
	for (size_t number = 0; number < numbers; number++) {
		body[at++] = (unsigned char)(bits[number] >> 8);
		body[at++] = (unsigned char)bits[number];
		at += (bits[number] + 7) / 8;
	}
	put(tag, body, at);
}

static void
keys_that_cost_too_much_are_refused(void **state)
{
	static const struct {
		const char *claim;
		enum status status;
		unsigned char version, algorithm;
		unsigned bits[4];
		size_t numbers;
	} rows[] = {
	    {"RSA", STATUS_OK, 4, 1, {16384, 64}, 2},
	    {"RSA, its modulus", STATUS_TOO_LARGE, 4, 1, {16385, 17}, 2},
	    {"RSA, its exponent", STATUS_TOO_LARGE, 4, 1, {2048, 65}, 2},
	    {"RSA for encryption", STATUS_TOO_LARGE, 4, 2, {2048, 65}, 2},
	    {"RSA for signing", STATUS_TOO_LARGE, 4, 3, {2048, 65}, 2},
	    {"ElGamal", STATUS_OK, 4, 16, {4096, 4096, 4096}, 3},
	    {"ElGamal, its prime", STATUS_TOO_LARGE, 4, 16, {16385, 3, 4096}, 3},
	    {"ElGamal, its generator", STATUS_TOO_LARGE, 4, 16, {4096, 16385, 4096}, 3},
	    {"ElGamal, its value", STATUS_TOO_LARGE, 4, 20, {4096, 3, 16385}, 3},
	    {"DSA", STATUS_OK, 4, 17, {3072, 256, 3072, 3072}, 4},
	    {"DSA, its order", STATUS_TOO_LARGE, 4, 17, {3072, 513, 3072, 3072}, 4},
	    {"DSA, its value", STATUS_TOO_LARGE, 4, 17, {3072, 256, 3072, 16385}, 4},
	    {"a curve's point has its own bound", STATUS_OK, 4, 22, {16385}, 1},
	    {"numbers that are not there", STATUS_OK, 4, 1, {0}, 0},
	    {"a version that gpg is not shown", STATUS_OK, 6, 1, {16385, 65}, 2},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		enum status key, subkey;

		size = 0;
		put_numbers(6, rows[at].version, rows[at].algorithm, rows[at].bits,
			    rows[at].numbers);
		key = read_them();
		size = 0;
		put_key(6, 4, 'a');
		put_numbers(14, rows[at].version, rows[at].algorithm, rows[at].bits,
			    rows[at].numbers);
		subkey = read_them();
		if (key != rows[at].status || subkey != rows[at].status)
			fail_msg("%s: %s, %s", rows[at].claim, status_text(key),
				 status_text(subkey));
	}
}

static void
broken_packets_are_refused(void **state)
{
	static const struct {
		const char *claim;
		struct slice material;
		enum status status;
	} rows[] = {
	    {"nothing", {NULL, 0}, STATUS_NOT_FOUND},
	    {"text", SLICE("hello"), STATUS_NOT_FOUND},
	    {"a signature alone", SLICE("\xc2\x01x"), STATUS_NOT_FOUND},
	    {"a cut length", SLICE("\xc6\xff\x01"), STATUS_INVALID},
	    {"a cut body", SLICE("\xc6\x09\x04"), STATUS_INVALID},
	    {"a partial length", SLICE("\xc6\xe1\x04\x04\x00"), STATUS_INVALID},
	    {"a length that is not told", SLICE("\x9b\x04\x01\x02\x03"), STATUS_INVALID},
	    {"a key without content", SLICE("\xc6\x00"), STATUS_INVALID},
	    {"no packet behind the key", SLICE("\xc6\x01\x04\x01"), STATUS_INVALID},
	    {"lengths of the old format", SLICE("\x98\x01\x04\x99\x00\x01\x06"), STATUS_OK},
	    {"a signature that is cut", SLICE("\xc6\x01\x04\xc2\x07\x04\x13\x01\x08\x00\x09\x01"),
	     STATUS_OK},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		/* At the end of its own memory, so that a step beyond is seen. */
		unsigned char *own = malloc(rows[at].material.size + 1);
		enum status status;

		assert_non_null(own);
		if (rows[at].material.size > 0)
			memcpy(own + 1, rows[at].material.data, rows[at].material.size);
		status = openpgp_read_blocks(slice_of(own + 1, rows[at].material.size), arena,
					     &blocks, &count);
		free(own);
		if (status != rows[at].status)
			fail_msg("%s: %s", rows[at].claim, status_text(status));
	}
}

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END "-----END PGP PUBLIC KEY BLOCK-----\n"

static void
armour_comes_off(void **state)
{
	static const struct {
		const char *claim;
		const char *text;
		const char *plain; /* NULL: refused */
	} rows[] = {
	    {"plain", BEGIN "\naGVsbG8=\n" END, "hello"},
	    {"a checksum", BEGIN "\naGVsbG8=\n=R/WK\n" END, "hello"},
	    {"a wrong checksum", BEGIN "\naGVsbG8=\n=R/WA\n" END, NULL},
	    {"fields, CRLF, blanks at line ends",
	     "-----BEGIN PGP PUBLIC KEY BLOCK----- \r\nVersion: 1\r\nComment: a\r\n\t\r\n"
	     "aGVs \r\nbG8=\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n",
	     "hello"},
	    {"text around, two blocks",
	     "Hello\n" BEGIN "\naGVsbG8=\n" END "and\n" BEGIN "\naGVsbG8=\n" END "bye",
	     "hellohello"},
	    {"a secret one",
	     "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\naGVsbG8=\n"
	     "-----END PGP PRIVATE KEY BLOCK-----",
	     "hello"},
	    {"a message is no key",
	     "-----BEGIN PGP MESSAGE-----\n\naGVsbG8=\n-----END PGP MESSAGE-----\n", NULL},
	    {"no end", BEGIN "\naGVsbG8=\n", NULL},
	    {"no blank line", BEGIN "aGVsbG8=\n" END, NULL},
	    {"no base64", BEGIN "\naGVs*G8=\n" END, NULL},
	    {"something behind the checksum", BEGIN "\naGVs\n=R/WK\nbG8=\n" END, NULL},
	    {"not at the beginning of a line", "> " BEGIN "\naGVsbG8=\n" END, NULL},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		struct slice plain;
		enum status status =
		    openpgp_dearmour(slice_from_text(rows[at].text), arena, &plain);

		if ((rows[at].plain == NULL) != (status != STATUS_OK) ||
		    (status == STATUS_OK && !slice_equal(plain, slice_from_text(rows[at].plain))))
			fail_msg("%s: %s", rows[at].claim, status_text(status));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_key_keeps_what_it_signed, begin, end),
	    cmocka_unit_test_setup_teardown(makers_are_known_in_all_forms, begin, end),
	    cmocka_unit_test_setup_teardown(what_is_wanted_is_written_as_it_was, begin, end),
	    cmocka_unit_test_setup_teardown(a_second_copy_adds_to_the_first, begin, end),
	    cmocka_unit_test_setup_teardown(a_named_revoker_is_believed, begin, end),
	    cmocka_unit_test_setup_teardown(secret_keys_and_versions_are_told, begin, end),
	    cmocka_unit_test_setup_teardown(bounds_hold, begin, end),
	    cmocka_unit_test_setup_teardown(keys_that_cost_too_much_are_refused, begin, end),
	    cmocka_unit_test_setup_teardown(broken_packets_are_refused, begin, end),
	    cmocka_unit_test_setup_teardown(armour_comes_off, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
