#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "portal/answer.h"

static const char *
value_of(const struct answer *answer, const char *name)
{
	struct answer_header headers[ANSWER_HEADERS_MAX];
	size_t count = answer_headers(answer, headers);
	const char *value = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(headers[i].name, name) != 0)
			continue;
		assert_null(value); /* never twice */
		value = headers[i].value;
	}
	return value;
}

static void
test_every_answer_is_secured(void **state)
{
	static const enum answer_kind kinds[] = {ANSWER_PAGE, ANSWER_FRAME, ANSWER_FILE,
						 ANSWER_ASSET};
	static const int statuses[] = {200, 206, 303, 304, 400, 403, 404, 405, 409,
				       410, 413, 415, 416, 423, 429, 500, 503, 507};
	static const struct {
		const char *name;
		const char *holds;
	} wanted[] = {
	    {"Content-Security-Policy", "default-src 'none'"},
	    {"Content-Security-Policy", "form-action "},
	    {"Content-Security-Policy", "frame-ancestors "},
	    {"X-Frame-Options", ""},
	    {"X-Content-Type-Options", "nosniff"},
	    {"Referrer-Policy", "no-referrer"},
	    {"Strict-Transport-Security", "max-age=31536000"},
	    {"Cross-Origin-Opener-Policy", "same-origin"},
	    {"Cross-Origin-Resource-Policy", "same-origin"},
	    {"Cache-Control", "no-store, no-cache"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (size_t s = 0; s < sizeof(statuses) / sizeof(statuses[0]); s++) {
			struct answer *answer = arena_alloc(arena, sizeof(*answer));

			answer_init(answer, arena);
			answer->kind = kinds[k];
			answer->status = statuses[s];
			for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
				const char *value = value_of(answer, wanted[i].name);

				if (value == NULL || strstr(value, wanted[i].holds) == NULL)
					fail_msg("kind %zu, status %d: %s", k, statuses[s],
						 wanted[i].name);
			}
			assert_null(value_of(answer, "Server"));
		}
	}
	arena_free(arena);
}

static void
test_no_kind_allows_inline_script(void **state)
{
	struct arena *arena = arena_new();
	struct answer *answer = arena_alloc(arena, sizeof(*answer));

	(void)state;
	answer_init(answer, arena);
	assert_null(strstr(value_of(answer, "Content-Security-Policy"), "unsafe"));
	assert_non_null(
	    strstr(value_of(answer, "Content-Security-Policy"), "frame-ancestors 'none'"));
	answer->kind = ANSWER_FRAME;
	assert_null(strstr(value_of(answer, "Content-Security-Policy"), "script"));
	assert_null(strstr(value_of(answer, "Content-Security-Policy"), "allow-same-origin"));
	assert_non_null(strstr(value_of(answer, "Content-Security-Policy"), "sandbox "));
	answer->kind = ANSWER_FILE;
	assert_int_equal(strncmp(value_of(answer, "Content-Security-Policy"), "sandbox;", 8), 0);
	arena_free(arena);
}

static void
test_each_result_has_its_status(void **state)
{
	(void)state;
	for (int status = STATUS_INVALID; status <= STATUS_INTERNAL; status++)
		assert_in_range(answer_http_status((enum status)status), 400, 599);
	assert_int_equal(answer_http_status(STATUS_OK), 200);
	assert_int_equal(answer_http_status(STATUS_BUSY), 429);
	assert_int_equal(answer_http_status(STATUS_DAMAGED), 500);
}

static void
test_only_lasting_answers_are_kept(void **state)
{
	struct arena *arena = arena_new();
	struct answer *answer = arena_alloc(arena, sizeof(*answer));

	(void)state;
	answer_init(answer, arena);
	answer->lasting = true;
	assert_string_equal(value_of(answer, "Cache-Control"), "public, max-age=3600");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_answer_is_secured),
	    cmocka_unit_test(test_no_kind_allows_inline_script),
	    cmocka_unit_test(test_each_result_has_its_status),
	    cmocka_unit_test(test_only_lasting_answers_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
