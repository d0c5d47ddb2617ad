/* Who gets a mailbox, by the rules of the configuration and what a sender wishes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "messenger/policy.h"

static const struct config_option *const tables[] = {policy_options, NULL};

static struct config *
load(const char *options)
{
	char path[] = "/tmp/postern-mailboxes-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct config *config;

	fprintf(file,
		"organisation: { domains = ( \"corp.example\" ); system_address = "
		"\"postern@corp.example\"; host_name = \"mail.corp.example\"; };\n"
		"portal: { url = \"https://portal.corp.example\"; };\npolicy: { %s };\n",
		options);
	fclose(file);
	assert_int_equal(config_load(path, tables, stderr, &config), STATUS_OK);
	unlink(path);
	return config;
}

#define ROWS                                                                                       \
	"mailbox = \"offered\"; mailbox_lifetime_days = 90; mailboxes = ( "                        \
	"{ domains = ( \"example.net\" ); mailbox = \"always\"; lifetime_days = 200; },"           \
	"{ domains = ( \".example.net\", \"no.example\" ); mailbox = \"never\"; },"                \
	"{ domains = ( \"no.example\" ); mailbox = \"always\"; } );"

static void
the_first_row_that_fits_counts(void **state)
{
	static const struct {
		const char *address;
		enum mailbox_policy policy;
		int days;
	} cases[] = {
	    {"fred@elsewhere.example", MAILBOXES_OFFERED, 90},
	    {"fred@example.net", MAILBOXES_ALWAYS, 200},
	    {"fred@EXAMPLE.NET", MAILBOXES_ALWAYS, 200},
	    {"@example.net", MAILBOXES_ALWAYS, 200},
	    {"\"a@no.example\"@example.net", MAILBOXES_ALWAYS, 200},
	    {"fred@lab.example.net", MAILBOXES_NEVER, 90},
	    {"fred@notexample.net", MAILBOXES_OFFERED, 90},
	    {"fred@no.example", MAILBOXES_NEVER, 90},
	};
	struct config *config = load(ROWS);
	struct mailbox_rules rules;

	(void)state;
	assert_true(mailbox_rules_read(config, stderr, &rules));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mailbox_rule rule =
		    mailbox_rule_for(&rules, slice_from_text(cases[i].address));

		if (rule.policy != cases[i].policy || rule.lifetime_days != cases[i].days)
			fail_msg("%s: %d, %d days", cases[i].address, (int)rule.policy,
				 rule.lifetime_days);
	}
	assert_int_equal(mailbox_most(&rules), MAILBOXES_ALWAYS);
	mailbox_rules_clear(&rules);
	config_free(config);
}

static void
a_wish_is_never_more_than_the_policy(void **state)
{
	static const struct {
		const char *address;
		enum mailbox_wish wish;
		bool allowed;
		enum mailbox_policy in_force;
	} cases[] = {
	    {"fred@example.net", MAILBOX_AS_POLICY, true, MAILBOXES_ALWAYS},
	    {"fred@example.net", MAILBOX_WISH_ALWAYS, true, MAILBOXES_ALWAYS},
	    {"fred@example.net", MAILBOX_WISH_OFFERED, true, MAILBOXES_OFFERED},
	    {"fred@example.net", MAILBOX_WISH_NEVER, true, MAILBOXES_NEVER},
	    {"fred@elsewhere.example", MAILBOX_AS_POLICY, true, MAILBOXES_OFFERED},
	    {"fred@elsewhere.example", MAILBOX_WISH_ALWAYS, false, MAILBOXES_OFFERED},
	    {"fred@elsewhere.example", MAILBOX_WISH_OFFERED, true, MAILBOXES_OFFERED},
	    {"fred@elsewhere.example", MAILBOX_WISH_NEVER, true, MAILBOXES_NEVER},
	    {"fred@no.example", MAILBOX_AS_POLICY, true, MAILBOXES_NEVER},
	    {"fred@no.example", MAILBOX_WISH_ALWAYS, false, MAILBOXES_NEVER},
	    {"fred@no.example", MAILBOX_WISH_OFFERED, false, MAILBOXES_NEVER},
	    {"fred@no.example", MAILBOX_WISH_NEVER, true, MAILBOXES_NEVER},
	};
	struct config *config = load(ROWS);
	struct mailbox_rules rules;

	(void)state;
	assert_true(mailbox_rules_read(config, stderr, &rules));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice address = slice_from_text(cases[i].address);

		if (mailbox_wish_allowed(&rules, address, cases[i].wish) != cases[i].allowed ||
		    mailbox_in_force(&rules, address, cases[i].wish) != cases[i].in_force)
			fail_msg("%s, %s", cases[i].address, mailbox_wish_word(cases[i].wish));
	}
	mailbox_rules_clear(&rules);
	config_free(config);
}

static void
words_are_read_as_they_are_written(void **state)
{
	enum mailbox_wish wish;

	(void)state;
	for (int i = MAILBOX_AS_POLICY; i <= (int)MAILBOX_WISH_ALWAYS; i++) {
		const char *word = mailbox_wish_word((enum mailbox_wish)i);

		assert_true(mailbox_wish_read(slice_from_text(word), &wish));
		assert_int_equal(wish, i);
	}
	assert_true(mailbox_wish_read(SLICE("NEVER"), &wish));
	assert_int_equal(wish, MAILBOX_WISH_NEVER);
	assert_false(mailbox_wish_read(SLICE(""), &wish));
	assert_false(mailbox_wish_read(SLICE("sometimes"), &wish));
	assert_int_equal(wish, MAILBOX_WISH_NEVER);
}

static void
what_cannot_be_is_named(void **state)
{
	static const struct {
		const char *options;
		const char *fault;
	} cases[] = {
	    {"mailbox = \"policy\";", "policy.mailbox is none of"},
	    {"mailbox_lifetime_days = 366;", "policy.mailbox_lifetime_days is above"},
	    {"mailboxes = ( { domains = ( ); mailbox = \"never\"; } );",
	     "policy.mailboxes[].domains expects"},
	    {"mailboxes = ( { domains = ( \"a b\" ); mailbox = \"never\"; } );",
	     "policy.mailboxes[].domains expects"},
	    {"mailboxes = ( { domains = ( \"*\" ); mailbox = \"made\"; } );",
	     "policy.mailboxes[].mailbox is none of"},
	    {"mailboxes = ( { domains = ( \"*\" ); mailbox = \"never\"; lifetime_days = 366; } );",
	     "policy.mailboxes[].lifetime_days is above"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = load(cases[i].options);
		char *said = NULL;
		size_t size;
		FILE *faults = open_memstream(&said, &size);
		struct mailbox_rules rules;

		assert_false(mailbox_rules_read(config, faults, &rules));
		fclose(faults);
		if (strstr(said, cases[i].fault) == NULL)
			fail_msg("%s: %s", cases[i].options, said);
		free(said);
		mailbox_rules_clear(&rules);
		config_free(config);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_row_that_fits_counts),
	    cmocka_unit_test(a_wish_is_never_more_than_the_policy),
	    cmocka_unit_test(words_are_read_as_they_are_written),
	    cmocka_unit_test(what_cannot_be_is_named),
	};

	return cmocka_run_group_tests_name("mailbox_rules", tests, NULL, NULL);
}
