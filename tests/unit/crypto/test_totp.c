/* Codes by the clock: RFC 6238 appendix B, and what a code is good for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "crypto/totp.h"

static struct secret rfc;

static void
codes_of_the_standard(void **state)
{
	/* Of its eight digits the last six. */
	static const struct {
		int64_t at;
		const char *code;
	} rows[] = {
	    {59, "287082"},	    {1111111109, "081804"}, {1111111111, "050471"},
	    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t step = 0;

		assert_int_equal(
		    totp_check(&rfc, slice_from_text(rows[i].code), rows[i].at, 0, &step),
		    STATUS_OK);
		assert_int_equal(step, rows[i].at / TOTP_STEP_SECONDS);
	}
}

static void
clocks_may_differ_a_little(void **state)
{
	const struct slice code = SLICE("005924");
	const int64_t began = 1234567890 / 30 * 30;
	uint64_t step;

	(void)state;
	assert_int_equal(totp_check(&rfc, code, began - 30, 0, &step), STATUS_OK);
	assert_int_equal(totp_check(&rfc, code, began + 59, 0, &step), STATUS_OK);
	assert_int_equal(totp_check(&rfc, code, began - 31, 0, &step), STATUS_DENIED);
	assert_int_equal(totp_check(&rfc, code, began + 60, 0, &step), STATUS_DENIED);
}

static void
a_code_is_good_for_once(void **state)
{
	const struct slice code = SLICE("005924");
	uint64_t step = 7, later = 7;

	(void)state;
	assert_int_equal(totp_check(&rfc, code, 1234567890, 0, &step), STATUS_OK);
	assert_int_equal(totp_check(&rfc, code, 1234567890, step, &later), STATUS_CONFLICT);
	assert_int_equal(totp_check(&rfc, code, 1234567890 + 20, step, &later), STATUS_CONFLICT);
	/* Nor is one that is older than the last. */
	assert_int_equal(totp_check(&rfc, code, 1234567890, step + 1, &later), STATUS_CONFLICT);
	assert_int_equal(later, 7);
}

static void
other_things_are_no_code(void **state)
{
	static const char *const none[] = {"", "00592", "0059245", "00592a", "+05924", "005 24"};
	uint64_t step;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(totp_check(&rfc, slice_from_text(none[i]), 1234567890, 0, &step),
				 STATUS_INVALID);
	assert_int_equal(totp_check(&rfc, SLICE("005925"), 1234567890, 0, &step), STATUS_DENIED);
}

static void
apps_are_told(void **state)
{
	struct secret text, uri;

	(void)state;
	assert_int_equal(totp_text(&rfc, &text), STATUS_OK);
	assert_true(slice_equal(secret_slice(&text), SLICE("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")));
	assert_int_equal(totp_uri(&rfc, "Bank & Söhne", "alice@corp.example", &uri), STATUS_OK);
	assert_true(slice_equal(
	    secret_slice(&uri),
	    SLICE("otpauth://totp/Bank%20%26%20S%C3%B6hne:alice%40corp.example"
		  "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bank%20%26%20S%C3%B6hne"
		  "&algorithm=SHA1&digits=6&period=30")));
	secret_clear(&text);
	secret_clear(&uri);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(codes_of_the_standard),   cmocka_unit_test(clocks_may_differ_a_little),
	    cmocka_unit_test(a_code_is_good_for_once), cmocka_unit_test(other_things_are_no_code),
	    cmocka_unit_test(apps_are_told),
	};
	int failed;

	log_open("test", LOG_LEVEL_ERROR);
	secret_prepare_process();
	secret_copy(&rfc, SLICE("12345678901234567890"));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	secret_clear(&rfc);
	return failed;
}
