#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/colour.h"

static void
test_contrast_is_that_of_wcag(void **state)
{
	(void)state;
	assert_float_equal(colour_contrast(0x000000, 0xffffff), 21.0, 0.001);
	assert_float_equal(colour_contrast(0xffffff, 0x000000), 21.0, 0.001);
	assert_float_equal(colour_contrast(0x336699, 0x336699), 1.0, 0.001);
	/* The grey that tools show as the lightest readable one on white. */
	assert_float_equal(colour_contrast(0x767676, 0xffffff), 4.54, 0.01);
	assert_float_equal(colour_contrast(0x777777, 0xffffff), 4.48, 0.01);
}

static void
test_mixing_goes_from_one_to_the_other(void **state)
{
	(void)state;
	assert_int_equal(colour_mix(0x123456, 0xfedcba, 0), 0x123456);
	assert_int_equal(colour_mix(0x123456, 0xfedcba, 64), 0xfedcba);
	assert_int_equal(colour_mix(0x000000, 0xffffff, 32), 0x808080);
	assert_int_equal(colour_mix(0xff0000, 0x0000ff, 16), 0xbf0040);
}

static void
test_every_colour_becomes_legible(void **state)
{
	static const uint32_t light[] = {0xfcecc9, 0xf5f0e6};
	static const uint32_t dark[] = {0x362b17, 0x211e1a};

	(void)state;
	for (uint32_t colour = 0; colour <= 0xffffff; colour += 0x0f0d0b) {
		uint32_t darker = colour_legible(colour, 0x000000, light, 2, 4.5);
		uint32_t lighter = colour_legible(colour, 0xffffff, dark, 2, 4.5);

		for (int i = 0; i < 2; i++) {
			assert_true(colour_contrast(darker, light[i]) >= 4.5);
			assert_true(colour_contrast(lighter, dark[i]) >= 4.5);
		}
	}
}

static void
test_what_is_legible_stays_as_it_is(void **state)
{
	static const uint32_t white = 0xffffff;

	(void)state;
	assert_int_equal(colour_legible(0x1d5b4c, 0x000000, &white, 1, 4.5), 0x1d5b4c);
	/* A colour that nothing on the way helps. */
	assert_int_equal(colour_legible(0xff0000, 0xffffff, &white, 1, 4.5), 0xffffff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_contrast_is_that_of_wcag),
	    cmocka_unit_test(test_mixing_goes_from_one_to_the_other),
	    cmocka_unit_test(test_every_colour_becomes_legible),
	    cmocka_unit_test(test_what_is_legible_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
