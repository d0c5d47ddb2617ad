#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "portal/route.h"

#define SECRET "0123456789abcdefghjkmnpqrstvwxyz"
#define ID "06h1crj1y9y2dbcfdw9gwnfz3r"

static const struct {
	const char *claim;
	const char *path;
	enum request_method method;
	const char *name; /* NULL: none for that method */
	unsigned methods; /* 0: no such path */
} rows[] = {
    {"home", "/", METHOD_GET, "home", METHOD_GET | METHOD_POST},
    {"HEAD like GET", "/", METHOD_HEAD, "home", METHOD_GET | METHOD_POST},
    {"a clue", "/r/" SECRET, METHOD_GET, "clue", METHOD_GET | METHOD_POST},
    {"a passphrase", "/r/" SECRET, METHOD_POST, "unlock", METHOD_GET | METHOD_POST},
    {"a file", "/r/" SECRET "/file/12/a%2fb", METHOD_GET, "file", METHOD_GET},
    {"all files", "/r/" SECRET "/files.zip", METHOD_HEAD, "files", METHOD_GET},
    {"a file to look at", "/r/" SECRET "/view/3/a.txt", METHOD_GET, "view", METHOD_GET},
    {"a picture", "/r/" SECRET "/picture/3/a.png", METHOD_GET, "picture", METHOD_GET},
    {"nobody writes files", "/r/" SECRET "/files.zip", METHOD_POST, NULL, METHOD_GET},
    {"GET does not destroy", "/r/" SECRET "/destroy", METHOD_GET, NULL, METHOD_POST},
    {"HEAD does not recall, it shows the form", "/s/" SECRET "/recall", METHOD_HEAD, "recall-form",
     METHOD_GET | METHOD_POST},
    {"a new passphrase by link", "/s/" SECRET "/passphrase", METHOD_POST, "passphrase",
     METHOD_GET | METHOD_POST},
    {"a deed at the desk", "/desk/delivery/" ID "/extend", METHOD_POST, "extend",
     METHOD_GET | METHOD_POST},
    {"a mailbox", "/box", METHOD_GET, "box", METHOD_GET | METHOD_POST},
    {"a mailbox's archive", "/box/export/1/messages-1.zip", METHOD_GET, "box-export-file",
     METHOD_GET},
    {"the desk", "/desk", METHOD_GET, "desk", METHOD_GET | METHOD_POST},
    {"the desk, searched", "/desk/messages", METHOD_GET, "desk-found", METHOD_GET},
    {"all templates as a file", "/desk/templates.csv", METHOD_GET, "templates-export", METHOD_GET},
    {"a template", "/desk/template/" ID, METHOD_GET, "template", METHOD_GET | METHOD_POST},
    {"the sheet of a template", "/desk/template/" ID "/sheet", METHOD_POST, "sheet",
     METHOD_GET | METHOD_POST},
    {"an id that is none", "/desk/template/x", METHOD_GET, NULL, 0},
    {"a passkey is added where its page is", "/desk/account/passkey", METHOD_POST, "passkey-add",
     METHOD_GET | METHOD_POST},
    {"and at the mailbox's account", "/box/account/passkey", METHOD_POST, "passkey-add",
     METHOD_GET | METHOD_POST},
    {"a deed nobody knows", "/s/" SECRET "/sell", METHOD_POST, NULL, 0},
    {"other methods", "/r/" SECRET "/message", METHOD_OTHER, NULL, METHOD_GET},
    {"a slash too many", "/r/" SECRET "/", METHOD_GET, NULL, 0},
    {"two slashes", "//", METHOD_GET, NULL, 0},
    {"a secret too short", "/r/0123456789abcdefghjkmnpqrstvwxy", METHOD_GET, NULL, 0},
    {"a secret too long", "/r/" SECRET "0", METHOD_GET, NULL, 0},
    {"a secret of other letters", "/r/0123456789abcdefghjkmnpqrstvwxyu", METHOD_GET, NULL, 0},
    {"an encoded slash is no slash", "/r%2f" SECRET, METHOD_GET, NULL, 0},
    {"a number that is none", "/r/" SECRET "/file/1x/a", METHOD_GET, NULL, 0},
    {"a number too large", "/r/" SECRET "/file/99999999999999999999/a", METHOD_GET, NULL, 0},
    {"no name", "/r/" SECRET "/file/1/", METHOD_GET, NULL, 0},
    {"a folder below static", "/static/../x", METHOD_GET, NULL, 0},
    {"another host", "https://a.example/", METHOD_GET, NULL, 0},
    {"no path", "", METHOD_GET, NULL, 0},
    {"a star", "*", METHOD_OTHER, NULL, 0},
};

static void
test_paths_lead_to_their_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct route_match match;

		route_find(slice_from_text(rows[i].path), rows[i].method, &match);
		if (match.methods != rows[i].methods ||
		    (match.route != NULL) != (rows[i].name != NULL) ||
		    (match.route != NULL && strcmp(match.route->name, rows[i].name) != 0))
			fail_msg("%s", rows[i].claim);
	}
}

static void
test_parts_of_a_path_are_taken(void **state)
{
	struct route_match match;

	(void)state;
	route_find(SLICE("/r/" SECRET "/file/12/x.pdf"), METHOD_GET, &match);
	assert_true(slice_equal(match.link, SLICE(SECRET)));
	assert_int_equal(match.number, 12);
	assert_true(slice_equal(match.name, SLICE("x.pdf")));
}

/* What changes anything is a POST, and no POST goes without a token. */
static void
test_every_post_needs_a_token(void **state)
{
	(void)state;
	for (const struct route *route = routes; route->path != NULL; route++) {
		if (route->methods == METHOD_GET) {
			assert_int_equal(route->body, BODY_NONE);
			continue;
		}
		assert_int_equal(route->methods, METHOD_POST);
		if (route->csrf == CSRF_NONE || route->body == BODY_NONE)
			fail_msg("%s", route->name);
	}
}

/* Below an unlocked message, everything asks for the session or ends it; a code besides the
 * passphrase is what a session still lacks. */
static void
test_everything_behind_the_clue_needs_a_session(void **state)
{
	(void)state;
	for (const struct route *route = routes; route->path != NULL; route++)
		if (strncmp(route->path, "/r/SECRET/", 10) == 0 &&
		    route->session != SESSION_MESSAGE && strcmp(route->name, "close") != 0 &&
		    strncmp(route->name, "forgotten", 9) != 0 &&
		    strncmp(route->name, "code", 4) != 0)
			fail_msg("%s", route->name);
}

/* But for the way in. */
static void
test_everything_of_the_desk_needs_who_is_signed_in(void **state)
{
	static const char *const open[] = {"sign-in-ask", "sign-in-form", "sign-in", "factor-form",
					   "factor"};

	(void)state;
	for (const struct route *route = routes; route->path != NULL; route++) {
		bool is_open = false;

		for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
			is_open |= strcmp(route->name, open[i]) == 0;
		if (strncmp(route->path, "/desk", 5) == 0 &&
		    (route->session == SESSION_DESK) == is_open)
			fail_msg("%s", route->name);
		/* Another token would be good for whoever knows the path. */
		if (route->session == SESSION_DESK && route->methods == METHOD_POST &&
		    route->csrf != CSRF_SESSION)
			fail_msg("%s", route->name);
	}
}

/* Who has to set up a second factor before anything else sees that, the way out, and what stops the
 * end of a mailbox. */
static void
test_without_a_factor_there_is_the_account_alone(void **state)
{
	(void)state;
	for (const struct route *route = routes; route->path != NULL; route++) {
		bool is_account = strncmp(route->path, "/desk/account", 13) == 0 ||
				  strcmp(route->path, "/desk/leave") == 0 ||
				  strncmp(route->path, "/box/account", 12) == 0 ||
				  strcmp(route->path, "/box/leave") == 0 ||
				  strcmp(route->path, "/box/keep") == 0;

		if (route->to_set_up != is_account)
			fail_msg("%s", route->name);
	}
}

static void
test_argon2_runs_on_its_pool(void **state)
{
	static const char *const heavy[] = {"pick-up",	       "secure",	  "unlock",
					    "passphrase",      "desk-secure",	  "template-add",
					    "template-change", "templates-import"};

	(void)state;
	for (size_t i = 0; i < sizeof(heavy) / sizeof(heavy[0]); i++) {
		bool found = false;

		for (const struct route *route = routes; route->path != NULL; route++)
			if (strcmp(route->name, heavy[i]) == 0 && route->place == PLACE_STRETCH)
				found = true;
		if (!found)
			fail_msg("%s", heavy[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_paths_lead_to_their_rows),
	    cmocka_unit_test(test_parts_of_a_path_are_taken),
	    cmocka_unit_test(test_every_post_needs_a_token),
	    cmocka_unit_test(test_everything_behind_the_clue_needs_a_session),
	    cmocka_unit_test(test_everything_of_the_desk_needs_who_is_signed_in),
	    cmocka_unit_test(test_without_a_factor_there_is_the_account_alone),
	    cmocka_unit_test(test_argon2_runs_on_its_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
