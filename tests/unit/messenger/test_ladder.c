/* Ladders of the configuration, and the rung that is taken by what was found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "messenger/decide.h"
#include "messenger/finder.h"
#include "messenger/ladder.h"

static const struct config_option *const tables[] = {policy_options, NULL};

static struct config *
load(const char *options)
{
	char path[] = "/tmp/postern-ladder-XXXXXX";
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

/* The rungs for an address as words. */
static const char *
rungs_for(const struct ladders *ladders, const char *address)
{
	static char words[64];
	const struct ladder *ladder = ladder_for(ladders, slice_from_text(address));

	words[0] = '\0';
	for (size_t i = 0; i < ladder->count; i++) {
		const char *word = ladder->rungs[i] == ROUTE_SMIME     ? "smime "
				   : ladder->rungs[i] == ROUTE_OPENPGP ? "openpgp "
				   : ladder->rungs[i] == ROUTE_PORTAL  ? "portal "
								       : "other ";

		assert_true(strlen(words) + strlen(word) < sizeof(words));
		memcpy(words + strlen(words), word, strlen(word) + 1);
	}
	return words;
}

static void
the_first_row_that_fits_counts(void **state)
{
	static const struct {
		const char *address;
		const char *rungs;
	} cases[] = {
	    {"fred@elsewhere.example", "smime openpgp portal "},
	    {"fred@example.net", "openpgp smime "},
	    {"fred@EXAMPLE.NET", "openpgp smime "},
	    {"fred@lab.example.net", "portal "},
	    {"fred@notexample.net", "smime openpgp portal "},
	    {"fred@both.example", "smime "},
	};
	struct config *config = load(
	    "ladders = ( { domains = ( \"example.net\" ); ladder = ( \"openpgp\", \"smime\" ); },"
	    "{ domains = ( \".example.net\" ); ladder = ( \"portal\" ); },"
	    "{ domains = ( \"both.example\" ); ladder = ( \"smime\" ); },"
	    "{ domains = ( \"both.example\" ); ladder = ( \"portal\" ); } );");
	struct ladders ladders;

	(void)state;
	assert_true(ladders_read(config, stderr, &ladders));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(rungs_for(&ladders, cases[i].address), cases[i].rungs);
	ladders_clear(&ladders);
	config_free(config);
}

static void
what_cannot_be_is_named(void **state)
{
	static const struct {
		const char *options;
		const char *fault;
	} cases[] = {
	    {"ladder = ( );", "policy.ladder is empty"},
	    {"ladder = ( \"fax\" );", "policy.ladder expects"},
	    {"ladder = ( \"plain\", \"portal\" );", "policy.ladder expects"},
	    {"ladder = ( \"smime\", \"smime\" );", "policy.ladder expects"},
	    {"ladder = ( \"pdf\" );", "policy.ladder expects portal right behind pdf"},
	    {"ladder = ( \"portal\", \"pdf\" );", "policy.ladder expects portal right behind pdf"},
	    {"ladder = ( \"pdf\", \"tls\", \"portal\" );",
	     "policy.ladder expects portal right behind pdf"},
	    {"ladders = ( { domains = ( ); ladder = ( \"smime\" ); } );",
	     "policy.ladders[].domains expects"},
	    {"ladders = ( { domains = ( \"a b\" ); ladder = ( \"smime\" ); } );",
	     "policy.ladders[].domains expects"},
	    {"ladders = ( { domains = ( \"example.net\" ); ladder = ( ); } );",
	     "policy.ladders[].ladder is empty"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = load(cases[i].options);
		char *said = NULL;
		size_t size;
		FILE *faults = open_memstream(&said, &size);
		struct ladders ladders;

		assert_false(ladders_read(config, faults, &ladders));
		fclose(faults);
		if (strstr(said, cases[i].fault) == NULL)
			fail_msg("%s: %s", cases[i].options, said);
		free(said);
		ladders_clear(&ladders);
		config_free(config);
	}
}

/* It is the portal that is come to, with a PDF where nothing is settled. */
static void
a_pdf_is_the_portal_with_more(void **state)
{
	static const struct {
		const char *claim;
		const char *options;
		enum delivery_route route;
		bool must_ask, pdf;
	} rows[] = {
	    {"before portal", "ladder = ( \"smime\", \"pdf\", \"portal\" );", ROUTE_PORTAL, false,
	     true},
	    {"not there", "ladder = ( \"smime\", \"portal\" );", ROUTE_PORTAL, false, false},
	    {"doubted", "ladder = ( \"pdf\", \"portal\" );", ROUTE_PORTAL, true, false},
	    {"not secured", "ladder = ( \"pdf\", \"portal\" );", ROUTE_PLAIN, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load(rows[i].options);
		struct policy policy = {.always_factor = false};
		struct decision decision = {.route = rows[i].route,
					    .recipient = "fred@example.net",
					    .must_ask = rows[i].must_ask};
		struct found_keys found = {.certificate = NULL};

		print_message("  %s\n", rows[i].claim);
		assert_true(ladders_read(config, stderr, &policy.ladders));
		assert_int_equal(decide_pdf(&policy, &decision), rows[i].pdf);
		if (rows[i].route == ROUTE_PORTAL) {
			decide_rung(&policy, &found, &decision);
			assert_int_equal(decision.route, ROUTE_PORTAL);
		}
		ladders_clear(&policy.ladders);
		config_free(config);
	}
}

/* What is decided for a marked message of which these keys are known. */
static struct decision
decide(const struct policy *policy, struct decision decision, bool certificate, bool openpgp)
{
	static const struct known_key smime_key = {.kind = KEY_CERTIFICATE};
	static const struct known_key openpgp_key = {.kind = KEY_OPENPGP};
	struct found_keys found = {
	    .certificate = certificate ? &smime_key : NULL,
	    .openpgp = openpgp ? &openpgp_key : NULL,
	};

	decide_rung(policy, &found, &decision);
	return decision;
}

static void
the_first_rung_with_a_key_is_taken(void **state)
{
	static const struct {
		const char *address;
		bool certificate, openpgp;
		enum delivery_route route;
		bool key;
	} cases[] = {
	    {"fred@elsewhere.example", true, true, ROUTE_SMIME, true},
	    {"fred@elsewhere.example", false, true, ROUTE_OPENPGP, true},
	    {"fred@elsewhere.example", false, false, ROUTE_PORTAL, false},
	    {"fred@strict.example", true, false, ROUTE_SMIME, true},
	    {"fred@strict.example", false, true, ROUTE_REFUSE, false},
	    {"fred@strict.example", false, false, ROUTE_REFUSE, false},
	    {"fred@portal.example", true, true, ROUTE_PORTAL, false},
	    {"fred@first.example", true, true, ROUTE_OPENPGP, true},
	};
	struct config *config =
	    load("ladders = ( { domains = ( \"strict.example\" ); ladder = ( \"smime\" ); },"
		 "{ domains = ( \"portal.example\" ); ladder = ( \"portal\" ); },"
		 "{ domains = ( \"first.example\" ); ladder = ( \"openpgp\", \"smime\" ); } );");
	struct policy policy = {.own_domain_count = 0};

	(void)state;
	assert_true(ladders_read(config, stderr, &policy.ladders));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct decision marked = {
		    .route = ROUTE_PORTAL, .recipient = cases[i].address, .reason = "address-mark"};
		struct decision decision =
		    decide(&policy, marked, cases[i].certificate, cases[i].openpgp);

		print_message("  %s\n", cases[i].address);
		assert_int_equal(decision.route, cases[i].route);
		assert_int_equal(decision.key != NULL, cases[i].key);
		assert_string_equal(decision.reason,
				    cases[i].route == ROUTE_REFUSE ? "no-key" : "address-mark");
	}
	ladders_clear(&policy.ladders);
	config_free(config);
}

static void
keys_are_wanted_only_where_they_count(void **state)
{
	static const struct {
		const char *claim;
		struct decision decision;
		bool wanted;
	} cases[] = {
	    {"a marked message",
	     {.route = ROUTE_PORTAL, .recipient = "f@x.example", .reason = "address-mark"},
	     true},
	    {"a near miss: its sender is asked first",
	     {.route = ROUTE_PORTAL,
	      .must_ask = true,
	      .recipient = "f@x.example",
	      .reason = "subject-near-miss"},
	     false},
	    {"an answer in a secured conversation",
	     {.route = ROUTE_PORTAL,
	      .must_ask = true,
	      .recipient = "f@x.example",
	      .reason = "thread"},
	     true},
	    {"a plain one",
	     {.route = ROUTE_PLAIN, .recipient = "f@x.example", .reason = "not-marked"},
	     false},
	    {"a refused one",
	     {.route = ROUTE_REFUSE, .recipient = "f@x.example", .reason = "marked-by-outsider"},
	     false},
	    {"where the ladder has no key",
	     {.route = ROUTE_PORTAL, .recipient = "f@portal.example", .reason = "address-mark"},
	     false},
	};
	struct config *config =
	    load("ladders = ( { domains = ( \"portal.example\" ); ladder = ( \"portal\" ); } );");
	struct policy policy = {.own_domain_count = 0};

	(void)state;
	assert_true(ladders_read(config, stderr, &policy.ladders));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].claim);
		assert_int_equal(decide_wants_key(&policy, &cases[i].decision), cases[i].wanted);
	}
	ladders_clear(&policy.ladders);
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_row_that_fits_counts),
	    cmocka_unit_test(what_cannot_be_is_named),
	    cmocka_unit_test(a_pdf_is_the_portal_with_more),
	    cmocka_unit_test(the_first_rung_with_a_key_is_taken),
	    cmocka_unit_test(keys_are_wanted_only_where_they_count),
	};

	return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
