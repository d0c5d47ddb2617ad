/* base/id: names of things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/id.h"

static void
a_new_id_is_a_version_7_uuid_of_now(void **state)
{
	time_t before = time(NULL);
	struct id id = id_new();
	time_t after = time(NULL);
	long long ms = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.bytes[i];
	assert_true(ms / 1000 >= before && ms / 1000 <= after);
	assert_int_equal(id.bytes[6] >> 4, 7);
	assert_int_equal(id.bytes[8] >> 6, 2);
}

static void
ids_differ(void **state)
{
	struct id ids[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		ids[i] = id_new();
	for (size_t i = 0; i < 1000; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(id_equal(ids[i], ids[j]));
}

static void
text_has_one_spelling(void **state)
{
	struct id id = {{0x01, 0x93, 0x4f, 0xa0, 0, 0, 0x70, 1, 0x80, 2, 3, 4, 5, 6, 7, 0xff}};
	struct id back = {{0}};
	char text[ID_TEXT_SIZE], other[ID_TEXT_SIZE];

	(void)state;
	assert_ptr_equal(id_text(id, text), text);
	assert_int_equal(strlen(text), 26);
	assert_int_equal(id_parse(slice_from_text(text), &back), STATUS_OK);
	assert_true(id_equal(id, back));
	for (size_t i = 0; i < 26; i++) {
		memcpy(other, text, sizeof(other));
		if (other[i] >= 'a')
			other[i] -= 'a' - 'A';
		else if (other[i] == '0')
			other[i] = 'o';
		else if (other[i] == '1')
			other[i] = 'l';
		else
			other[i] = '!';
		assert_int_equal(id_parse(slice_from_text(other), &back), STATUS_INVALID);
	}
	assert_int_equal(id_parse(slice_of(text, 25), &back), STATUS_INVALID);
	assert_int_equal(id_parse(slice_of(text, 27), &back), STATUS_INVALID);
	assert_int_equal(id_parse(slice_of(NULL, 0), &back), STATUS_INVALID);
	assert_true(id_equal(id, back));
	assert_true(slice_equal(id_slice(&id), slice_of(id.bytes, 16)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_id_is_a_version_7_uuid_of_now),
	    cmocka_unit_test(ids_differ),
	    cmocka_unit_test(text_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
