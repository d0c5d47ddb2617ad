/* Which row of the table an address goes by, and in which order its hosts are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "mail/transport.h"

static void
fits_patterns(void **state)
{
	static const struct {
		const char *pattern, *domain;
		bool fits;
	} cases[] = {
	    {"example.net", "example.net", true},
	    {"example.net", "EXAMPLE.Net", true},
	    {"example.net", "mail.example.net", false},
	    {"example.net", "badexample.net", false},
	    {".example.net", "mail.example.net", true},
	    {".example.net", "a.b.Example.NET", true},
	    {".example.net", "example.net", false},
	    {".example.net", "badexample.net", false},
	    {"*", "anything.example", true},
	    {"*", "[192.0.2.1]", true},
	    {"example.net", "example.net.evil.org", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (transport_fits(cases[i].pattern, slice_from_text(cases[i].domain)) !=
		    cases[i].fits)
			fail_msg("%s, %s", cases[i].pattern, cases[i].domain);
	assert_true(transport_is_pattern("*"));
	assert_true(transport_is_pattern(".example.net"));
	assert_false(transport_is_pattern(""));
	assert_false(transport_is_pattern("."));
	assert_false(transport_is_pattern("a b"));
	assert_false(transport_is_pattern("*.example.net"));
}

static void
finds_the_first_row_that_fits(void **state)
{
	static const char *const first[] = {"example.net", ".example.net"};
	static const char *const second[] = {"mail.example.net", "other.example"};
	static const char *const every[] = {"*"};
	static const struct transport rows[] = {
	    {.domains = first, .domain_count = 2},
	    {.domains = second, .domain_count = 2},
	    {.domains = every, .domain_count = 1},
	};
	static const struct transport_table table = {rows, 3};

	(void)state;
	assert_int_equal(transport_find(&table, "fred@example.net"), 0);
	assert_int_equal(transport_find(&table, "fred@mail.example.net"), 0);
	assert_int_equal(transport_find(&table, "fred@Other.Example"), 1);
	assert_int_equal(transport_find(&table, "fred@elsewhere.example"), 2);
	assert_int_equal(transport_find(&table, "\"a@example.net\"@elsewhere.example"), 2);
	assert_int_equal(transport_find(&table, "no domain"), 2);
}

static void
reads_hosts(void **state)
{
	static const struct {
		const char *text, *host;
		unsigned port;
	} cases[] = {
	    {"mx.example.net", "mx.example.net", 25},
	    {"mx.example.net:2525", "mx.example.net", 2525},
	    {"[192.0.2.9]", "192.0.2.9", 25},
	    {"[192.0.2.9]:26", "192.0.2.9", 26},
	    {"[2001:db8::1]:27", "2001:db8::1", 27},
	    {"2001:db8::1", NULL, 0},
	    {"", NULL, 0},
	    {"mx:0", NULL, 0},
	    {"mx:65536", NULL, 0},
	    {"mx:", NULL, 0},
	    {"[mx", NULL, 0},
	    {"[mx]25", NULL, 0},
	    {"a/b", NULL, 0},
	    {"a b", NULL, 0},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *host = NULL;
		unsigned port = 25;
		bool good = transport_parse_host(cases[i].text, arena, &host, &port);

		if (good != (cases[i].host != NULL) ||
		    (good && (strcmp(host, cases[i].host) != 0 || port != cases[i].port)))
			fail_msg("%s", cases[i].text);
	}
	arena_free(arena);
}

static void
lets_equal_hosts_take_turns(void **state)
{
	static const struct transport_host hosts[] = {{.priority = 20},
						      {.priority = 10},
						      {.priority = 10},
						      {.priority = 10},
						      {.priority = 20}};
	static const struct transport transport = {.hosts = hosts, .host_count = 5};
	static const size_t wanted[][5] = {
	    {1, 2, 3, 0, 4}, {2, 3, 1, 4, 0}, {3, 1, 2, 0, 4}, {1, 2, 3, 4, 0}};
	size_t order[5];

	(void)state;
	for (unsigned turn = 0; turn < 4; turn++) {
		transport_order(&transport, turn, order);
		assert_memory_equal(order, wanted[turn], sizeof(order));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fits_patterns),
	    cmocka_unit_test(finds_the_first_row_that_fits),
	    cmocka_unit_test(reads_hosts),
	    cmocka_unit_test(lets_equal_hosts_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
