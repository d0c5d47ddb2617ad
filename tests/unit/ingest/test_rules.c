/* Which rule a client gets, and which configurations are refused, with their place. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/ingest.h"
#include "ingest/rules.h"

#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define COLONS_A                                                                                   \
	"AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"  \
	"AA:AA:AA"

struct loaded {
	struct config *config;
	struct arena *arena;
	struct rules rules;
	char *faults;
	bool bad;
};

static struct loaded
load(const char *text)
{
	static const struct config_option *const tables[] = {ingest_options, NULL};
	struct loaded loaded = {.arena = arena_new()};
	char path[] = "/tmp/postern-rules-XXXXXX";
	int fd = mkstemp(path);
	size_t size;
	FILE *file = fdopen(fd, "w");
	struct reading reading = {.arena = loaded.arena};

	assert_non_null(file);
	fprintf(file, "smtp : {\n%s\n};\n", text);
	fclose(file);
	assert_int_equal(config_load(path, tables, stderr, &loaded.config), STATUS_OK);
	unlink(path);
	reading.config = loaded.config;
	reading.faults = open_memstream(&loaded.faults, &size);
	rules_read(&reading, &loaded.rules);
	fclose(reading.faults);
	loaded.bad = reading.bad;
	return loaded;
}

static void
unload(struct loaded *loaded)
{
	arena_free(loaded->arena);
	config_free(loaded->config);
	free(loaded->faults);
}

static struct network_address
address(const char *text)
{
	struct network network;

	assert_null(network_from_text(text, &network));
	return network.address;
}

static const char *const mail_names[] = {"mail.partner.example", "mx.partner.example"};
static const struct client_certificate verified = {true, PRINT_B, mail_names, 2};
static const struct client_certificate unverified = {false, PRINT_B, mail_names, 2};
static const struct client_certificate pinned = {false, PRINT_A, mail_names, 0};

static const char *
name_for(const struct rules *rules, const char *from, const struct client_certificate *certificate,
	 const char *user)
{
	struct network_address client = address(from);

	return rules_match(rules, &client, certificate, user)->name;
}

static void
the_first_that_fits_holds(void **state)
{
	struct loaded loaded = load(
	    "clients = (\n"
	    " { name = \"cut\"; networks = ( \"192.0.2.66\" ); may_send = false; },\n"
	    " { networks = ( \"192.0.2.0/24\" ); },\n"
	    " { name = \"cert\"; certificates = ( \"MX.partner.example\", \"" COLONS_A "\" ); },\n"
	    " { name = \"user\"; users = ( \"scanner\" ); }\n"
	    ");\nnetworks = ( \"10.0.0.0/8\", \"192.0.2.66\" );");
	const struct rules *rules = &loaded.rules;
	struct network_address client = address("192.0.2.66");

	(void)state;
	assert_false(loaded.bad);
	assert_string_equal(name_for(rules, "192.0.2.66", NULL, ""), "cut");
	assert_false(rules_match(rules, &client, NULL, "")->session.may_send);
	assert_string_equal(name_for(rules, "192.0.2.67", NULL, ""), "clients 2");
	assert_string_equal(name_for(rules, "10.1.1.1", NULL, ""), "networks");
	assert_string_equal(name_for(rules, "198.51.100.1", NULL, ""), "stranger");
	assert_string_equal(name_for(rules, "198.51.100.1", &verified, ""), "cert");
	assert_string_equal(name_for(rules, "198.51.100.1", &unverified, ""), "stranger");
	assert_string_equal(name_for(rules, "198.51.100.1", &pinned, ""), "cert");
	assert_string_equal(name_for(rules, "198.51.100.1", NULL, "scanner"), "user");
	assert_string_equal(name_for(rules, "198.51.100.1", NULL, "Scanner"), "stranger");
	/* Its network comes first: a certificate takes nobody out of a row above. */
	assert_string_equal(name_for(rules, "192.0.2.66", &verified, ""), "cut");
	client = address("198.51.100.1");
	assert_false(rules_match(rules, &client, NULL, "")->session.may_send);
	unload(&loaded);
}

static void
a_row_needs_all_that_it_names(void **state)
{
	struct loaded loaded = load("clients = ( { networks = ( \"192.0.2.0/24\" ); certificates = "
				    "( \"mx.partner.example\" "
				    "); users = ( \"scanner\" ); } );\nnetworks = ( );");

	(void)state;
	assert_string_equal(name_for(&loaded.rules, "192.0.2.1", &verified, "scanner"),
			    "clients 1");
	assert_string_equal(name_for(&loaded.rules, "192.0.2.1", &verified, ""), "stranger");
	assert_string_equal(name_for(&loaded.rules, "192.0.2.1", NULL, "scanner"), "stranger");
	assert_string_equal(name_for(&loaded.rules, "192.0.3.1", &verified, "scanner"), "stranger");
	unload(&loaded);
}

static void
no_network_is_nobody(void **state)
{
	struct loaded loaded = load("networks = ( );");

	(void)state;
	assert_false(loaded.bad);
	assert_int_equal(loaded.rules.count, 0);
	assert_string_equal(name_for(&loaded.rules, "127.0.0.1", NULL, ""), "stranger");
	assert_false(loaded.rules.stranger.session.may_send);
	unload(&loaded);
}

static void
rows_say_what_differs_from_the_rest(void **state)
{
	struct loaded loaded =
	    load("message_size = \"7 MB\"; messages_per_minute = 9;\n"
		 "clients = ( { networks = ( \"::1\" ); recipients = 5; xforward = true; "
		 "needs_tls = true; messages_per_minute = 3; connections = 2; "
		 "sender_domains = ( \"corp.example\" ); } );");
	const struct rule *rule = &loaded.rules.rules[0];
	const struct rule *rest = &loaded.rules.rules[1];

	(void)state;
	assert_int_equal(rule->session.message_size, 7 << 20);
	assert_int_equal(rule->session.recipients, 5);
	assert_true(rule->session.may_forward && rule->session.needs_tls);
	assert_int_equal(rule->messages_per_minute, 3);
	assert_int_equal(rule->connections, 2);
	assert_int_equal(rule->connections_per_client, 100);
	assert_string_equal(rule->session.sender_domains[0], "corp.example");
	assert_int_equal(rest->session.recipients, 1000);
	assert_int_equal(rest->messages_per_minute, 9);
	assert_false(rest->session.may_forward || rest->session.needs_tls);
	assert_int_not_equal(rule->key, rest->key);
	unload(&loaded);
}

struct fault_case {
	const char *text;
	const char *fault; /* NULL: there is none */
};

static const struct fault_case fault_cases[] = {
    {"networks = ( \"0.0.0.0/0\" );", ":2: smtp.networks would let everybody relay"},
    {"networks = ( \"10.0.0.0/8\", \"::/0\" );", ":2: smtp.networks would let everybody relay"},
    {"networks = ( \"nonsense\" );", ":2: smtp.networks \"nonsense\" is no network"},
    {"clients = (\n { networks = ( \"0.0.0.0/0\" ); } );",
     ":3: smtp.clients[].networks would let everybody relay"},
    {"clients = (\n { needs_tls = true; } );",
     ":3: smtp.clients[].networks is missing, which would let everybody relay"},
    {"clients = (\n { networks = ( ); },\n { networks = ( \"1.2.3.4/40\" ); } );",
     ":4: smtp.clients[].networks \"1.2.3.4/40\" has a bad prefix length"},
    {"clients = (\n { certificates = ( \"*.example.org\" ); } );",
     ":3: smtp.clients[].certificates \"*.example.org\" is neither a name nor"},
    {"clients = ( { networks = ( \"0.0.0.0/0\" ); needs_auth = true; } );", NULL},
    {"clients = ( { networks = ( \"0.0.0.0/0\" ); may_send = false; } );", NULL},
    {"clients = ( { certificates = ( \"mx.example.org\" ); } );", NULL},
    {"clients = ( { users = ( \"scanner\" ); } );", NULL},
};

static void
nothing_opens_the_relay_by_accident(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(fault_cases) / sizeof(fault_cases[0]); i++) {
		const struct fault_case *row = &fault_cases[i];
		struct loaded loaded = load(row->text);

		if (loaded.bad != (row->fault != NULL) ||
		    (row->fault != NULL && strstr(loaded.faults, row->fault) == NULL))
			fail_msg("%s: %s", row->text, loaded.faults);
		unload(&loaded);
	}
}

static void
what_is_no_network_is_only_that(void **state)
{
	struct loaded loaded = load("networks = ( \"x\" );");

	(void)state;
	assert_non_null(strstr(loaded.faults, "\"x\" is no network"));
	assert_null(strstr(loaded.faults, "everybody"));
	unload(&loaded);
}

static void
all_faults_come_at_once(void **state)
{
	struct loaded loaded =
	    load("networks = ( \"x\", \"y\" );\nclients = ( { networks = ( \"z\" ); } );");

	(void)state;
	assert_non_null(strstr(loaded.faults, "\"x\""));
	assert_non_null(strstr(loaded.faults, "\"y\""));
	assert_non_null(strstr(loaded.faults, "\"z\""));
	unload(&loaded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_that_fits_holds),
	    cmocka_unit_test(a_row_needs_all_that_it_names),
	    cmocka_unit_test(no_network_is_nobody),
	    cmocka_unit_test(rows_say_what_differs_from_the_rest),
	    cmocka_unit_test(nothing_opens_the_relay_by_accident),
	    cmocka_unit_test(what_is_no_network_is_only_that),
	    cmocka_unit_test(all_faults_come_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
