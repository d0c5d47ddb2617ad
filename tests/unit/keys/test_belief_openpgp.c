/* What belief tells of OpenPGP keys that are refused: enough to know them again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "keys/belief.h"
#include "tests/unit/crypto/openpgp_keys.h"

#define NOW INT64_C(1795000000)

static void
refused_keys_are_known_again(void **state)
{
	static const struct {
		const char *claim, *material, *address;
		bool vouched;
		const char *reason, *fingerprint, *owner;
	} rows[] = {
	    {"used", fred_key, "fred@example.net", true, "", FRED_PRINT, FRED_OWNER},
	    {"revoked", fred_revoked, "fred@example.net", true, "revoked", FRED_PRINT, FRED_OWNER},
	    {"of another address", fred_key, "eve@example.net", true, "wrong-address", FRED_PRINT,
	     FRED_OWNER},
	    {"nobody vouches", fred_key, "fred@example.net", false, "not-vouched", FRED_PRINT,
	     FRED_OWNER},
	    {"no key at all", "hello", "fred@example.net", true, "no-key", "", ""},
	};
	char runtime[] = "/tmp/belief-XXXXXX";
	struct arena *arena = arena_new();
	struct belief belief = {.rules = {.local = LOCAL_ANY_CASE}};

	(void)state;
	assert_non_null(mkdtemp(runtime));
	assert_int_equal(openpgp_open(runtime, &belief.openpgp), STATUS_OK);
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		const struct belief_question question = {
		    .kind = CANDIDATE_OPENPGP,
		    .bytes = slice_from_text(rows[at].material),
		    .address = slice_from_text(rows[at].address),
		    .vouched = rows[at].vouched,
		    .at = NOW,
		};
		struct belief_answer answer;

		assert_int_equal(belief_ask(&belief, &question, arena, &answer), STATUS_OK);
		if (strcmp(answer.reason, rows[at].reason) != 0 ||
		    strcmp(answer.fingerprint, rows[at].fingerprint) != 0 ||
		    strcmp(answer.owner, rows[at].owner) != 0)
			fail_msg("%s: %s, %s, %s", rows[at].claim, answer.reason,
				 answer.fingerprint, answer.owner);
		/* An end that has passed is no time to ask again. */
		assert_true(answer.until > NOW);
		if (*answer.reason != '\0' && strcmp(answer.reason, "not-vouched") != 0)
			assert_true(slice_equal(answer.material, question.bytes));
	}
	openpgp_close(belief.openpgp);
	assert_int_equal(rmdir(runtime), 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_keys_are_known_again),
	};

	log_open("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
