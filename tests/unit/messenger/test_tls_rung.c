/* Pins as the configuration has them, and which rung is taken where verified TLS is one. */
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

#define PRINT "abababababababababababababababababababababababababababababababab"
#define NEEDED                                                                                     \
	"organisation: { domains = ( \"corp.example\" ); system_address = \"a@corp.example\"; "    \
	"host_name = \"gate.corp.example\"; }; portal: { url = \"https://p.corp.example\"; };\n"

static const struct config_option *const tables[] = {policy_options, NULL};

/* A configuration with these options of policy; to be freed. */
static struct config *
configure(const char *options)
{
	char path[] = "/tmp/postern-tls-rung-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct config *config;

	fprintf(file, NEEDED "policy: { %s };\n", options);
	fclose(file);
	assert_int_equal(config_load(path, tables, stderr, &config), STATUS_OK);
	unlink(path);
	return config;
}

/* What is wrong with them: NULL for nothing. */
static char *
check(const char *options)
{
	struct config *config = configure(options);
	char *said = NULL;
	size_t size;
	FILE *faults = open_memstream(&said, &size);
	enum status status = policy_check(config, faults);

	fclose(faults);
	config_free(config);
	assert_int_equal(status, size == 0 ? STATUS_OK : STATUS_INVALID);
	if (size > 0)
		return said;
	free(said);
	return NULL;
}

static void
what_can_be_said_is_taken(void **state)
{
	static const char *const good[] = {
	    "",
	    "ladder = ( \"tls\" );",
	    "ladder = ( \"smime\", \"openpgp\", \"tls\", \"portal\" );",
	    ("tls_pins = ( { domains = ( \"a.example\" ); via = \"[mx.a.example]:25\"; "
	     "fingerprints = ( \"" PRINT "\" ); } );"),
	    ("tls_pins = ( { domains = ( \".a.example\", \"*\" ); via = \"[2001:db8::1]\"; "
	     "ca_file = \"/x\"; name = \"mx.a.example\"; } );"),
	};
	static const struct {
		const char *options;
		const char *complaint;
	} bad[] = {
	    {"ladder = ( \"tls\", \"tls\" );", "policy.ladder"},
	    {"ladder = ( \"clear\" );", "policy.ladder"},
	    {"ladder = ( );", "policy.ladder"},
	    {"tls_pins = ( { domains = ( ); via = \"mx\"; fingerprints = ( \"" PRINT "\" ); } );",
	     "domains"},
	    {"tls_pins = ( { domains = ( \"a.example\" ); via = \"mx:0\"; ca_file = \"x\"; } );",
	     "via"},
	    {"tls_pins = ( { domains = ( \"a.example\" ); via = \"mx\"; } );", "ca_file is needed"},
	    {"tls_pins = ( { domains = ( \"a.example\" ); via = \"mx\"; fingerprints = ( \"abc\" "
	     "); "
	     "} );",
	     "fingerprints"},
	    {"tls_pins = ( { domains = ( \"a.example\" ); via = \"mx\"; fingerprints = ( \"" PRINT
	     "\" ); ca_file = \"x\"; } );",
	     "one of the two"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *said = check(good[i]);

		if (said != NULL)
			fail_msg("%s: %s", good[i], said);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *said = check(bad[i].options);

		if (said == NULL || strstr(said, bad[i].complaint) == NULL)
			fail_msg("%s: %s", bad[i].options, said == NULL ? "taken" : said);
		free(said);
	}
}

static void
pins_are_found_by_domain(void **state)
{
	struct config *config =
	    configure("tls_pins = ( { domains = ( \"a.example\" ); via = \"[mx.a.example]:2525\"; "
		      "fingerprints = ( \"" PRINT "\" ); }, { domains = ( \".a.example\" ); "
		      "via = \"192.0.2.1\"; ca_file = \"/x\"; } );");
	struct policy *policy;
	const struct tls_pin *pin;

	(void)state;
	assert_int_equal(policy_from_config(config, stderr, &policy), STATUS_OK);
	pin = tls_pin_for(&policy->tls_pins, SLICE("Fred@A.EXAMPLE"));
	assert_non_null(pin);
	assert_string_equal(pin->host, "mx.a.example");
	assert_int_equal(pin->port, 2525);
	assert_int_equal(pin->fingerprint_count, 1);
	pin = tls_pin_for(&policy->tls_pins, SLICE("fred@b.a.example"));
	assert_non_null(pin);
	assert_string_equal(pin->host, "192.0.2.1");
	assert_int_equal(pin->port, 25);
	assert_null(tls_pin_for(&policy->tls_pins, SLICE("fred@nota.example")));
	assert_null(tls_pin_for(&policy->tls_pins, SLICE("fred")));
	policy_free(policy);
	config_free(config);
}

/* Which rung is taken, and which one when verified TLS turned out not to hold. */
struct climb {
	const char *ladder;
	bool certificate;
	bool openpgp;
	const char *tls;
	enum delivery_route route;
	enum delivery_route fallen;
};

static const struct climb climbs[] = {
    {"( \"smime\", \"openpgp\", \"portal\" )", false, false, "dane", ROUTE_PORTAL, ROUTE_PORTAL},
    {"( \"smime\", \"openpgp\", \"tls\", \"portal\" )", false, false, "dane", ROUTE_TLS,
     ROUTE_PORTAL},
    {"( \"smime\", \"openpgp\", \"tls\", \"portal\" )", true, true, "dane", ROUTE_SMIME,
     ROUTE_PORTAL},
    {"( \"smime\", \"openpgp\", \"tls\", \"portal\" )", false, false, NULL, ROUTE_PORTAL,
     ROUTE_PORTAL},
    {"( \"tls\", \"openpgp\", \"smime\" )", true, true, "pinned", ROUTE_TLS, ROUTE_OPENPGP},
    {"( \"tls\", \"openpgp\", \"smime\" )", true, false, "mta-sts", ROUTE_TLS, ROUTE_SMIME},
    {"( \"tls\", \"openpgp\", \"smime\" )", false, false, "dane", ROUTE_TLS, ROUTE_REFUSE},
    {"( \"tls\" )", true, true, "dane", ROUTE_TLS, ROUTE_REFUSE},
    {"( \"tls\" )", true, true, NULL, ROUTE_REFUSE, ROUTE_REFUSE},
    {"( \"portal\", \"tls\" )", true, true, "dane", ROUTE_PORTAL, ROUTE_REFUSE},
};

static void
the_first_rung_that_holds_is_taken(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(climbs) / sizeof(climbs[0]); i++) {
		const struct climb *climb = &climbs[i];
		struct config *config =
		    configure(arena_printf(arena, "ladder = %s;", climb->ladder));
		struct known_key certificate = {.kind = KEY_CERTIFICATE};
		struct known_key openpgp = {.kind = KEY_OPENPGP};
		struct found_keys found = {.certificate = climb->certificate ? &certificate : NULL,
					   .openpgp = climb->openpgp ? &openpgp : NULL,
					   .tls = climb->tls,
					   .said = ""};
		struct decision decision = {.recipient = "fred@example.net",
					    .route = ROUTE_PORTAL,
					    .reason = "address-mark"};
		struct decision fallen = decision;
		struct policy *policy;

		print_message("  %s\n", climb->ladder);
		assert_int_equal(policy_from_config(config, stderr, &policy), STATUS_OK);
		assert_true(decide_wants_key(policy, &decision));
		decide_rung(policy, &found, &decision);
		assert_int_equal(decision.route, climb->route);
		assert_ptr_equal(decision.tls, climb->route == ROUTE_TLS ? climb->tls : NULL);
		assert_int_equal(decision.key != NULL,
				 climb->route == ROUTE_SMIME || climb->route == ROUTE_OPENPGP);
		decide_fall(policy, &found, &fallen);
		assert_int_equal(fallen.route, climb->fallen);
		assert_null(fallen.tls);
		if (climb->fallen == ROUTE_REFUSE)
			assert_string_equal(fallen.reason, "no-secure-way");
		policy_free(policy);
		config_free(config);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_can_be_said_is_taken),
	    cmocka_unit_test(pins_are_found_by_domain),
	    cmocka_unit_test(the_first_rung_that_holds_is_taken),
	};

	return cmocka_run_group_tests_name("tls_rung", tests, NULL, NULL);
}
