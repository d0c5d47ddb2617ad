#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "portal/route.h"
#include "portal/session.h"

#define SECRET "0123456789abcdefghjkmnpqrstvwxyz"
#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

struct visit {
	struct site site;
	struct request request;
};

static void
visit_begin(struct visit *visit, const char *path, enum request_method method)
{
	struct secret pepper;
	unsigned methods;

	memset(visit, 0, sizeof(*visit));
	secret_init(&pepper, 32);
	session_derive_csrf_key(&pepper, &visit->site.csrf_key);
	secret_clear(&pepper);
	visit->request.arena = arena_new();
	visit->request.site = &visit->site;
	visit->request.method = method;
	visit->request.now = 1800000000;
	assert_int_equal(request_find_route(&visit->request, slice_from_text(path), &methods),
			 STATUS_OK);
}

static void
visit_end(struct visit *visit)
{
	arena_free(visit->request.arena);
	secret_clear(&visit->site.csrf_key);
}

static void
type_token(struct visit *visit, const char *token)
{
	visit->request.form.count = 0;
	assert_int_equal(form_add(&visit->request.form, SLICE("csrf"), slice_from_text(token)),
			 STATUS_OK);
}

static void
test_link_tokens_last_some_hours(void **state)
{
	struct visit visit;
	const char *token;

	(void)state;
	visit_begin(&visit, "/r/" SECRET, METHOD_POST);
	token = session_csrf(&visit.request, CSRF_LINK);
	type_token(&visit, token);
	assert_true(session_csrf_holds(&visit.request, CSRF_LINK));
	visit.request.now += SESSION_FORM_HOURS * 3600;
	assert_true(session_csrf_holds(&visit.request, CSRF_LINK));
	visit.request.now += 3600;
	assert_false(session_csrf_holds(&visit.request, CSRF_LINK));
	visit_end(&visit);
}

static void
test_link_tokens_hold_for_their_link_only(void **state)
{
	static const char *const others[] = {"/s/" SECRET,
					     "/r/1"
					     "123456789abcdefghjkmnpqrstvwxyz",
					     "/"};
	struct visit visit;
	struct visit other;

	(void)state;
	visit_begin(&visit, "/r/" SECRET, METHOD_POST);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		visit_begin(&other, others[i], METHOD_POST);
		type_token(&other, session_csrf(&visit.request, CSRF_LINK));
		assert_false(session_csrf_holds(&other.request, CSRF_LINK));
		visit_end(&other);
	}
	visit_end(&visit);
}

static void
test_session_tokens_hold_for_their_session_only(void **state)
{
	struct visit visit;
	const char *token;

	(void)state;
	visit_begin(&visit, "/r/" SECRET "/close", METHOD_POST);
	assert_string_equal(session_csrf(&visit.request, CSRF_SESSION), "");
	visit.request.token =
	    session_token(SLICE(SESSION_COOKIE "=" TOKEN), SESSION_COOKIE, visit.request.arena);
	assert_int_equal(visit.request.token.size, SESSION_TOKEN_SIZE);
	token = session_csrf(&visit.request, CSRF_SESSION);
	type_token(&visit, token);
	assert_true(session_csrf_holds(&visit.request, CSRF_SESSION));
	assert_false(session_csrf_holds(&visit.request, CSRF_LINK));
	type_token(&visit, session_csrf(&visit.request, CSRF_LINK));
	assert_false(session_csrf_holds(&visit.request, CSRF_SESSION));
	type_token(&visit, TOKEN); /* the cookie itself is no token */
	assert_false(session_csrf_holds(&visit.request, CSRF_SESSION));
	visit.request.token = slice_of(NULL, 0);
	type_token(&visit, token);
	assert_false(session_csrf_holds(&visit.request, CSRF_SESSION));
	visit_end(&visit);
}

static void
test_no_token_is_no_token(void **state)
{
	struct visit visit;

	(void)state;
	visit_begin(&visit, "/r/" SECRET, METHOD_POST);
	assert_false(session_csrf_holds(&visit.request, CSRF_LINK));
	type_token(&visit, "");
	assert_false(session_csrf_holds(&visit.request, CSRF_LINK));
	assert_false(session_csrf_holds(&visit.request, CSRF_NONE));
	visit_end(&visit);
}

static void
test_cookies_are_scoped(void **state)
{
	struct visit visit;
	struct secret token;
	unsigned long long files;
	unsigned long long size;

	(void)state;
	visit_begin(&visit, "/r/0123456789ABCDEFGHJKMNPQRSTVWXYZ/message", METHOD_GET);
	secret_init(&token, SESSION_TOKEN_SIZE);
	for (size_t i = 0; i < SESSION_TOKEN_SIZE; i++)
		token.data[i] = (unsigned char)i;
	assert_string_equal(session_cookie(&visit.request, &token),
			    "__Secure-postern=" TOKEN "; Path=/r/" SECRET
			    "; Secure; HttpOnly; SameSite=Lax");
	secret_clear(&token);
	visit.request.headers.cookie = SLICE("__Secure-postern-sent=3.1048576");
	assert_true(session_sent(&visit.request, &files, &size));
	assert_int_equal(files, 3);
	assert_int_equal(size, 1048576);
	visit.request.headers.cookie = SLICE("__Secure-postern-sent=<b>.1");
	assert_false(session_sent(&visit.request, &files, &size));
	visit_end(&visit);
}

static void
test_foreign_posts_are_told_apart(void **state)
{
	static const struct {
		const char *claim;
		const char *site;
		const char *origin;
		bool own;
	} rows[] = {
	    {"text browsers tell nothing", "", "", true},
	    {"our own page, under no-referrer", "same-origin", "null", true},
	    {"our own page", "same-origin", "https://portal.example", true},
	    {"the host that was asked", "", "https://10.0.0.1:8443", true},
	    {"another site", "cross-site", "https://evil.example", false},
	    {"a sibling", "same-site", "null", false},
	    {"another site, an old browser", "", "https://evil.example", false},
	    {"without encryption", "", "http://portal.example", false},
	    {"a longer name", "", "https://portal.example.evil.example", false},
	};
	struct policy policy = {.portal_url = "https://portal.example"};
	struct visit visit;

	(void)state;
	visit_begin(&visit, "/r/" SECRET, METHOD_POST);
	visit.site.messenger.policy = &policy;
	visit.request.headers.host = SLICE("10.0.0.1:8443");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		visit.request.headers.fetch_site = slice_from_text(rows[i].site);
		visit.request.headers.origin = slice_from_text(rows[i].origin);
		if (request_is_own(&visit.request) != rows[i].own)
			fail_msg("%s", rows[i].claim);
	}
	visit_end(&visit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_link_tokens_last_some_hours),
	    cmocka_unit_test(test_link_tokens_hold_for_their_link_only),
	    cmocka_unit_test(test_session_tokens_hold_for_their_session_only),
	    cmocka_unit_test(test_no_token_is_no_token),
	    cmocka_unit_test(test_cookies_are_scoped),
	    cmocka_unit_test(test_foreign_posts_are_told_apart),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
