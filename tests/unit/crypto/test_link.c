/* crypto/link: link secrets and pick-up codes.  Known answers from reader.py. */
#include "base/text.h"
#include "crypto/link.h"
#include "tests/unit/crypto/given.h"

#define GENERATION 7 /* as in reader.py */

static void
links_are_known_answers(void **state)
{
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_LINK_KEY);
	struct id delivery = given_id(VECTOR_DELIVERY);
	unsigned char hash[LINK_HASH_SIZE];
	struct secret link, back;

	(void)state;
	link_derive(key, LINK_SENDER, &delivery, GENERATION, &link);
	assert_slice_equal(secret_slice(&link), given(arena, VECTOR_LINK_SENDER));
	secret_clear(&link);
	link_derive(key, LINK_RECIPIENT, &delivery, GENERATION, &link);
	assert_slice_equal(secret_slice(&link), given(arena, VECTOR_LINK_RECIPIENT));
	link_hash(secret_slice(&link), hash);
	assert_slice_equal(slice_of(hash, sizeof(hash)), given(arena, VECTOR_LINK_RECIPIENT_HASH));
	assert_slice_equal(slice_from_text(link_text(&link, arena)),
			   given(arena, VECTOR_LINK_RECIPIENT_TEXT));
	assert_int_equal(link_parse(given(arena, VECTOR_LINK_RECIPIENT_TEXT), &back), STATUS_OK);
	assert_slice_equal(secret_slice(&back), secret_slice(&link));
	secret_clear(&back);
	secret_clear(&link);
	arena_free(arena);
}

static void
another_key_kind_delivery_or_generation_is_another_link(void **state)
{
	struct arena *arena = arena_new();
	struct secret *keys[2] = {given_secret(arena, VECTOR_LINK_KEY),
				  given_secret(arena, VECTOR_PEPPER)};
	struct id ids[2] = {given_id(VECTOR_DELIVERY), given_id(VECTOR_MESSAGE)};
	const uint32_t generations[] = {0, 1, 256, 65536, 0xffffffff};
	struct secret links[40];
	const char *codes[40];
	size_t count = 0;

	(void)state;
	for (size_t key = 0; key < 2; key++)
		for (int kind = LINK_RECIPIENT; kind <= LINK_SENDER; kind++)
			for (size_t id = 0; id < 2; id++)
				for (size_t g = 0; g < 5; g++, count++) {
					link_derive(keys[key], (enum link_kind)kind, &ids[id],
						    generations[g], &links[count]);
					codes[count] = pickup_derive(keys[key], &ids[id],
								     generations[g], arena);
				}
	assert_int_equal(count, 40);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(links[i].size, LINK_SECRET_SIZE);
		for (size_t j = 0; j < i; j++) {
			assert_memory_not_equal(links[i].data, links[j].data, LINK_SECRET_SIZE);
			/* Kinds (five rows apart within ten) do not matter to a code. */
			if (i / 20 != j / 20 || i % 10 != j % 10)
				assert_string_not_equal(codes[i], codes[j]);
			else
				assert_string_equal(codes[i], codes[j]);
		}
	}
	for (size_t i = 0; i < count; i++)
		secret_clear(&links[i]);
	arena_free(arena);
}

static void
only_a_whole_link_is_a_link(void **state)
{
	static const struct {
		const char *claim, *text;
		enum status status;
	} rows[] = {
	    {"a link", "0123456789abcdefghjkmnpqrstvwxyz", STATUS_OK},
	    {"typed in upper case", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", STATUS_OK},
	    {"one short", "0123456789abcdefghjkmnpqrstvwxy", STATUS_INVALID},
	    {"one more", "0123456789abcdefghjkmnpqrstvwxyz0", STATUS_INVALID},
	    {"a full stop swallowed", "0123456789abcdefghjkmnpqrstvwxy.", STATUS_INVALID},
	    {"a letter that is none", "0123456789abcdefghjkmnpqrstuwxyz", STATUS_INVALID},
	    {"nothing", "", STATUS_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret secret;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(link_parse(slice_from_text(rows[i].text), &secret),
				 rows[i].status);
		if (rows[i].status == STATUS_OK)
			secret_clear(&secret);
	}
}

static void
a_code_is_found_however_it_is_typed(void **state)
{
	static const struct {
		const char *claim;
		size_t cuts[2];	     /* where something is put in between */
		const char *between; /* what */
		bool upper;
	} rows[] = {
	    {"as written", {12, 12}, "", false},
	    {"in groups", {4, 8}, " ", false},
	    {"with hyphens and in upper case", {4, 8}, "-", true},
	    {"with much blank", {1, 11}, " \t- \r\n", true},
	};
	struct arena *arena = arena_new();
	struct secret *link_key = given_secret(arena, VECTOR_LINK_KEY);
	struct secret *display_key = given_secret(arena, VECTOR_DISPLAY_KEY);
	struct id delivery = given_id(VECTOR_DELIVERY);
	const char *code = pickup_derive(link_key, &delivery, GENERATION, arena);

	(void)state;
	assert_slice_equal(slice_from_text(code), given(arena, VECTOR_PICKUP_CODE));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char hash[LINK_HASH_SIZE];
		struct secret key;
		struct text typed;

		print_message("  %s\n", rows[i].claim);
		text_init(&typed, 64);
		for (size_t c = 0; c < PICKUP_LENGTH; c++) {
			if (c == rows[i].cuts[0] || c == rows[i].cuts[1])
				text_append_text(&typed, rows[i].between);
			text_append_byte(&typed, (unsigned char)(rows[i].upper && code[c] >= 'a'
								     ? code[c] - 32
								     : code[c]));
		}
		assert_int_equal(pickup_stretch(display_key, text_slice(&typed), hash, &key),
				 STATUS_OK);
		assert_slice_equal(slice_of(hash, sizeof(hash)), given(arena, VECTOR_PICKUP_HASH));
		assert_slice_equal(secret_slice(&key), given(arena, VECTOR_PICKUP_KEY));
		secret_clear(&key);
		text_clear(&typed);
	}
	arena_free(arena);
}

static void
look_alikes_count_and_non_codes_do_not(void **state)
{
	static const char *const bad[] = {
	    "",
	    "   ",
	    "0123456789a",
	    "0123456789abc",
	    "0123456789au",
	    "0123456789a!",
	    "0123.4567.89ab",
	    "0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjkmnpqrstvwxyz",
	    "0123456789ab                                                       ",
	};
	struct arena *arena = arena_new();
	struct secret *display_key = given_secret(arena, VECTOR_DISPLAY_KEY);
	struct secret *other_key = given_secret(arena, VECTOR_PEPPER);
	unsigned char one[LINK_HASH_SIZE], two[LINK_HASH_SIZE];
	struct secret key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pickup_stretch(display_key, slice_from_text(bad[i]), one, &key),
				 STATUS_INVALID);
	assert_int_equal(pickup_stretch(display_key, SLICE("0011 0011 00zz"), one, &key),
			 STATUS_OK);
	secret_clear(&key);
	assert_int_equal(pickup_stretch(display_key, SLICE("oOiI 0Oll ooZz"), two, &key),
			 STATUS_OK);
	secret_clear(&key);
	assert_memory_equal(one, two, sizeof(one));
	/* Without the display key the hash says nothing. */
	assert_int_equal(pickup_stretch(other_key, SLICE("0011 0011 00zz"), two, &key), STATUS_OK);
	secret_clear(&key);
	assert_memory_not_equal(one, two, sizeof(one));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(links_are_known_answers),
	    cmocka_unit_test(another_key_kind_delivery_or_generation_is_another_link),
	    cmocka_unit_test(only_a_whole_link_is_a_link),
	    cmocka_unit_test(a_code_is_found_however_it_is_typed),
	    cmocka_unit_test(look_alikes_count_and_non_codes_do_not),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
