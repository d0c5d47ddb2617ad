#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/options.h"

static const struct config_option *const tables[] = {keys_options, NULL};

static enum status
load(const char *options, FILE *faults, struct config **config_out)
{
	char path[] = "/tmp/postern-options-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	enum status status;

	fprintf(file, "keys: { %s };\n", options);
	fclose(file);
	status = config_load(path, tables, faults, config_out);
	unlink(path);
	return status;
}

/* What keys_check says of these options: NULL for nothing. */
static char *
check(const char *options)
{
	struct config *config;
	char *said = NULL;
	size_t size;
	FILE *faults = open_memstream(&said, &size);
	enum status status;

	assert_int_equal(load(options, stderr, &config), STATUS_OK);
	status = keys_check(config, faults);
	fclose(faults);
	config_free(config);
	assert_int_equal(status, size == 0 ? STATUS_OK : STATUS_INVALID);
	if (size > 0)
		return said;
	free(said);
	return NULL;
}

static void
takes_what_can_be(void **state)
{
	static const char *const good[] = {
	    "",
	    "sources = ( );",
	    "sources = ( \"wkd\", \"smimea\" );",
	    "dns_servers = ( \"root\" );",
	    "dns_servers = ( \"192.0.2.53\", \"2001:db8::53@5353\" );",
	    "vks_servers = ( \"keys.example.net\" ); sources = ( \"vks\" );",
	    "private_networks = ( \"10.0.0.0/8\", \"fd00::/8\" );",
	    "ldap = ( { servers = ( \"ldaps://a.example\", \"ldapi://%2Frun%2Fldapi\" ); } );",
	    "ldap = ( { servers = ( \"ldap://a.example:3890\" ); } );",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *said = check(good[i]);

		if (said != NULL)
			fail_msg("%s: %s", good[i], said);
	}
}

static void
names_what_cannot_be(void **state)
{
	static const struct {
		const char *options;
		const char *fault;
	} cases[] = {
	    {"sources = ( \"smimea\", \"gopher\" );", "keys.sources expects"},
	    {"sources = ( \"wkd\", \"wkd\" );", "keys.sources holds something twice"},
	    {"dns_servers = ( \"ns.example.net\" );", "keys.dns_servers expects"},
	    {"dns_servers = ( \"192.0.2.53@0\" );", "keys.dns_servers expects"},
	    {"dns_servers = ( \"192.0.2.0/24\" );", "keys.dns_servers expects"},
	    {"dns_servers = ( \"root\", \"192.0.2.53\" );", "keys.dns_servers expects"},
	    {"sources = ( \"vks\" ); vks_servers = ( \"https://a.example/\" );",
	     "keys.vks_servers holds"},
	    {"private_networks = ( \"inside\" );", "keys.private_networks holds"},
	    {"ldap = ( { servers = ( ); } );", "keys.ldap[].servers is empty"},
	    {"ldap = ( { servers = ( \"https://a.example\" ); } );", "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"ldap://a.example/dc=x\" ); } );",
	     "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"LDAP://a.example\" ); } );", "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"Ldaps://a.example\" ); } );", "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"URL:ldap://a.example\" ); } );",
	     "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"<ldap://a.example>\" ); } );",
	     "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"pldap://a.example\" ); } );", "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"cldap://a.example\" ); } );", "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"ldaps://a.example\", \"LDAP://b.example\" ); } );",
	     "keys.ldap[].servers expects"},
	    {"ldap = ( { servers = ( \"ldap://a.example\" ); filter = \"(mail=*)\"; } );",
	     "keys.ldap[].filter expects"},
	    {"ldap = ( { servers = ( \"ldap://a.example\" ); bind_dn = \"cn=a\"; } );",
	     "keys.ldap[].password_file is not set"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *said = check(cases[i].options);

		if (said == NULL || strstr(said, cases[i].fault) == NULL)
			fail_msg("%s: %s", cases[i].options, said == NULL ? "taken" : said);
		free(said);
	}
}

/* A courier that takes new settings waits for what still looks, under its watchdog. */
static void
bounds_the_wait(void **state)
{
	struct config *config;
	FILE *nowhere = fopen("/dev/null", "w");

	(void)state;
	assert_int_equal(load("deadline = \"20 s\";", nowhere, &config), STATUS_OK);
	config_free(config);
	assert_int_equal(load("deadline = \"21 s\";", nowhere, &config), STATUS_INVALID);
	fclose(nowhere);
}

static void
fills_in_each_where_it_belongs(void **state)
{
	struct arena *arena = arena_new();
	struct config *config;
	struct keys_settings settings;

	(void)state;
	assert_int_equal(load("ttl = \"11 s\"; negative_ttl = \"12 s\"; failure_ttl = \"13 s\"; "
			      "deadline = \"14 s\"; parallel = 15; mta_sts = false;",
			      stderr, &config),
			 STATUS_OK);
	assert_int_equal(keys_read_settings(config, stderr, arena, &settings), STATUS_OK);
	assert_int_equal(settings.discover.found_seconds, 11);
	assert_int_equal(settings.discover.none_seconds, 12);
	assert_int_equal(settings.discover.failed_seconds, 13);
	assert_int_equal(settings.discover.milliseconds, 14000);
	assert_int_equal(settings.discover.threads, 15);
	assert_int_equal(settings.policy.most_seconds, 12);
	assert_int_equal(settings.policy.failed_seconds, 13);
	assert_false(settings.policy.mta_sts);
	config_free(config);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_what_can_be),
	    cmocka_unit_test(names_what_cannot_be),
	    cmocka_unit_test(bounds_the_wait),
	    cmocka_unit_test(fills_in_each_where_it_belongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
