#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/users.h"

/* "pencil" (RFC 7677 section 3). */
#define VERIFIER                                                                                   \
	"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=" \
	":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

static void
reads_users_and_what_binds_them(void **state)
{
	struct users *users;
	const struct user *user;
	size_t line;

	(void)state;
	assert_int_equal(
	    users_parse(SLICE("# who may send\n\nalice:" VERIFIER
			      ":corp.example, other.example\r\nbob:" VERIFIER
			      "\n j\xc3\xbcrgen@corp.example:" VERIFIER ":corp.example"),
			&users, &line),
	    STATUS_OK);
	assert_int_equal(users_count(users), 3);
	user = users_find(users, SLICE("alice"));
	assert_non_null(user);
	assert_int_equal(user->domain_count, 2);
	assert_string_equal(user->domains[1], "other.example");
	assert_true(scram_password_fits(&user->verifier, SLICE("pencil")));
	user = users_find(users, SLICE("bob"));
	assert_non_null(user);
	assert_int_equal(user->domain_count, 0);
	assert_non_null(users_find(users, SLICE("j\xc3\xbcrgen@corp.example")));
	assert_null(users_find(users, SLICE("Alice")));
	assert_null(users_find(users, SLICE("")));
	users_free(users);
	assert_int_equal(users_count(NULL), 0);
	users_free(NULL);
}

struct broken_row {
	const char *text;
	size_t line;
};

static const struct broken_row broken[] = {
    {"alice", 1},
    {"alice:", 1},
    {"\n\nalice:" VERIFIER ":\n", 3},
    {"alice:" VERIFIER ":a,,b\n", 1},
    {"alice:" VERIFIER ":a:b\n", 1},
    {"alice:" VERIFIER ":a b\n", 1},
    {"alice:" VERIFIER ":x@a.example\n", 1},
    {"alice:" VERIFIER "x\n", 1},
    {":" VERIFIER "\n", 1},
    {"alice:pencil\n", 1},
    {"alice:" VERIFIER "\nbob:" VERIFIER "\nalice:" VERIFIER "\n", 3},
    {"al\x01"
     "ice:" VERIFIER "\n",
     1},
    {"al\xffice:" VERIFIER "\n", 1},
    {"\xe2\x85\xa8:" VERIFIER "\n", 1}, /* the Roman numeral becomes "IX": nobody would find it */
};

static void
one_broken_line_refuses_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct users *users = NULL;
		size_t line = 0;

		if (users_parse(slice_from_text(broken[i].text), &users, &line) != STATUS_INVALID ||
		    users != NULL || line != broken[i].line)
			fail_msg("row %zu, line %zu", i, line);
	}
}

static void
who_does_not_exist_looks_like_who_does(void **state)
{
	struct scram_verifier one, again, other;
	struct users *users, *later;
	size_t line;

	(void)state;
	assert_int_equal(users_parse(SLICE("alice:" VERIFIER "\n"), &users, &line), STATUS_OK);
	assert_int_equal(users_parse(SLICE("alice:" VERIFIER "\n"), &later, &line), STATUS_OK);
	users_invent(users, SLICE("mallory"), &one);
	users_invent(later, SLICE("mallory"), &again);
	users_invent(users, SLICE("trent"), &other);
	assert_int_equal(one.iterations, 4096);
	assert_int_equal(one.salt_size, 16);
	assert_memory_equal(one.salt, again.salt, one.salt_size);
	assert_memory_not_equal(one.salt, other.salt, one.salt_size);
	assert_memory_not_equal(one.stored_key, again.stored_key, SCRAM_KEY_SIZE);
	users_free(users);
	users_free(later);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
a_file_that_others_may_read_is_refused(void **state)
{
	char folder[] = "/tmp/postern-users-XXXXXX";
	struct users *users = NULL;
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/users", folder);
	assert_int_equal(users_load(path, &users), STATUS_NOT_FOUND);
	write_file(path, "alice:" VERIFIER "\n", 0644);
	assert_int_equal(users_load(path, &users), STATUS_DENIED);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(users_load(path, &users), STATUS_OK);
	assert_int_equal(users_count(users), 1);
	users_free(users);
	write_file(path, "alice:" VERIFIER "\nbob", 0640);
	assert_int_equal(users_load(path, &users), STATUS_INVALID);
	write_file(path, "", 0640);
	assert_int_equal(users_load(path, &users), STATUS_OK);
	assert_int_equal(users_count(users), 0);
	users_free(users);
	assert_int_equal(truncate(path, (off_t)USERS_FILE_MAX + 1), 0);
	assert_int_equal(users_load(path, &users), STATUS_TOO_LARGE);
	assert_int_equal(users_load(folder, &users), STATUS_DENIED);
	unlink(path);
	rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_users_and_what_binds_them),
	    cmocka_unit_test(one_broken_line_refuses_all),
	    cmocka_unit_test(who_does_not_exist_looks_like_who_does),
	    cmocka_unit_test(a_file_that_others_may_read_is_refused),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
