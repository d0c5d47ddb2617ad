/* What is told of OpenPGP keys, used ones and refused ones. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "crypto/openpgp_part.h"
#include "tests/unit/crypto/openpgp_keys.h"

#define NOW INT64_C(1795000000)

static char runtime[] = "/tmp/choose-XXXXXX";
static struct openpgp *openpgp;
static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	assert_non_null(mkdtemp(runtime));
	assert_int_equal(openpgp_open(runtime, &openpgp), STATUS_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	openpgp_close(openpgp);
	/* Nothing is left in it. */
	assert_int_equal(rmdir(runtime), 0);
	arena_free(arena);
	return 0;
}

static bool
matches(void *context, struct slice address)
{
	return slice_equal_nocase(address, slice_from_text(context));
}

static struct openpgp_choice
choose(const char *material, const char *address)
{
	struct openpgp_choice choice;

	assert_int_equal(openpgp_choose(openpgp, slice_from_text(material), matches,
					(void *)address, NOW, arena, &choice),
			 STATUS_OK);
	return choice;
}

static void
the_nearest_key_is_told(void **state)
{
	const struct {
		const char *claim, *first, *second, *address;
		enum openpgp_reason reason;
		const char *fingerprint, *owner, *algorithm;
		int64_t ends;
	} rows[] = {
	    {"usable", fred_key, "", "fred@example.net", OPENPGP_USABLE, FRED_PRINT, FRED_OWNER,
	     "cv25519", 0},
	    {"revoked", fred_revoked, "", "fred@example.net", OPENPGP_REVOKED, FRED_PRINT,
	     FRED_OWNER, "ed25519", 0},
	    {"expired", old_key, "", "old@example.net", OPENPGP_EXPIRED, OLD_PRINT,
	     "Old <old@example.net>", "ed25519", OLD_ENDS},
	    /* No algorithm: gpg has not been asked. */
	    {"somebody else's", fred_key, "", "eve@example.net", OPENPGP_WRONG_ADDRESS, FRED_PRINT,
	     FRED_OWNER, "", 0},
	    {"the nearest is the second", fred_key, old_key, "old@example.net", OPENPGP_EXPIRED,
	     OLD_PRINT, "Old <old@example.net>", "ed25519", OLD_ENDS},
	    {"the nearest is the first", old_key, fred_key, "old@example.net", OPENPGP_EXPIRED,
	     OLD_PRINT, "Old <old@example.net>", "ed25519", OLD_ENDS},
	    {"two that are as near", old_key, fred_key, "eve@example.net", OPENPGP_WRONG_ADDRESS,
	     OLD_PRINT, "Old <old@example.net>", "", 0},
	    {"a usable one beside it", old_key, fred_key, "fred@example.net", OPENPGP_USABLE,
	     FRED_PRINT, FRED_OWNER, "cv25519", 0},
	    {"no key", "hello", "", "fred@example.net", OPENPGP_NO_KEY, "", "", "", 0},
	    {"broken", "\xc6\x09\x04", "", "fred@example.net", OPENPGP_UNREADABLE, "", "", "", 0},
	    /* It must not be kept for anybody to look at. */
	    {"a secret one", "\xc5\x07\x04\x01\x01\x01\x01\x01\x01", "", "fred@example.net",
	     OPENPGP_SECRET_KEY, "", "", "", 0},
	    {"a version that is not read", "\xc6\x07\x06\x01\x01\x01\x01\x01\x01", "",
	     "fred@example.net", OPENPGP_UNKNOWN_VERSION, "", "", "", 0},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		struct openpgp_choice choice = choose(
		    arena_printf(arena, "%s%s", rows[at].first, rows[at].second), rows[at].address);

		if (choice.reason != rows[at].reason ||
		    strcmp(choice.fingerprint, rows[at].fingerprint) != 0 ||
		    strcmp(choice.algorithm, rows[at].algorithm) != 0 ||
		    !slice_equal(choice.user_id, slice_from_text(rows[at].owner)) ||
		    choice.valid_until != rows[at].ends ||
		    (choice.minimal.size > 0) != (choice.reason == OPENPGP_USABLE))
			fail_msg("%s: %s, %s, %.*s, %s, %lld", rows[at].claim,
				 openpgp_reason_text(choice.reason), choice.fingerprint,
				 (int)choice.user_id.size, (const char *)choice.user_id.data,
				 choice.algorithm, (long long)choice.valid_until);
	}
}

/* gpg waits for somebody who reads its log. */
static void
a_gpg_that_takes_too_long_takes_the_key_for_none(void **state)
{
	char path[OPENPGP_HOME_SIZE + 16];
	struct openpgp_choice choice;
	const char *setting;
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/gpg.conf", openpgp->home.path);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	setting = arena_printf(arena, "log-file %s/log\n", openpgp->home.path);
	assert_true(file_write_all(fd, slice_from_text(setting)));
	close(fd);
	(void)snprintf(path, sizeof(path), "%s/log", openpgp->home.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	choice = choose(fred_key, "fred@example.net");
	assert_int_equal(choice.reason, OPENPGP_UNREADABLE);
	assert_string_equal(choice.fingerprint, FRED_PRINT);
	/* Let it go, and end. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	for (struct pollfd end = {.fd = fd, .events = POLLIN}; (end.revents & POLLHUP) == 0;) {
		char said[512];

		assert_int_equal(poll(&end, 1, 60000), 1);
		(void)!read(fd, said, sizeof(said));
	}
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_nearest_key_is_told),
	    cmocka_unit_test(a_gpg_that_takes_too_long_takes_the_key_for_none),
	};

	log_open("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
