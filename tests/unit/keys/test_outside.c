#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "keys/outside.h"

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
		memcpy(&storage, &ipv4, sizeof(ipv4));
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
		memcpy(&storage, &ipv6, sizeof(ipv6));
	}
	return storage;
}

struct row {
	const char *address;
	bool is_public;
};

/* The first and last address of each special network, and their neighbours. */
static const struct row rows[] = {
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"1.0.0.0", true},
    {"9.255.255.255", true},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"126.255.255.255", true},
    {"127.0.0.1", false},
    {"127.255.255.255", false},
    {"128.0.0.0", true},
    {"169.253.255.255", true},
    {"169.254.169.254", false},
    {"169.255.0.0", true},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.170", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.0.3.0", true},
    {"192.88.99.1", false},
    {"192.167.255.255", true},
    {"192.168.0.0", false},
    {"192.168.255.255", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.1", false},
    {"203.0.113.255", false},
    {"203.0.114.0", true},
    {"223.255.255.255", true},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.0", false},
    {"255.255.255.255", false},
    {"::", false},
    {"::1", false},
    {"::ffff:8.8.8.8", false},
    {"::ffff:127.0.0.1", false},
    {"::8.8.8.8", false},
    {"64:ff9b::7f00:1", false},
    {"64:ff9b::808:808", false},
    {"64:ff9b:1::1", false},
    {"100::1", false},
    {"2000::1", true},
    {"2001::1", false},
    {"2001:1ff:ffff::1", false},
    {"2001:200::1", true},
    {"2001:db7:ffff::1", true},
    {"2001:db8::1", false},
    {"2001:db9::1", true},
    {"2002:7f00:1::", false},
    {"2003::1", true},
    {"2606:4700:4700::1111", true},
    {"3ffe:ffff::1", true},
    {"3fff::1", false},
    {"3fff:fff::1", false},
    {"3fff:1000::1", true},
    {"4000::1", false},
    {"fc00::1", false},
    {"fd00::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

static void
knows_what_is_public(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_storage one = address(rows[i].address);

		if (outside_is_public((const struct sockaddr *)&one) != rows[i].is_public)
			fail_msg("%s", rows[i].address);
	}
}

static void
other_families_are_refused(void **state)
{
	struct sockaddr_storage one = {.ss_family = AF_UNIX};
	char text[OUTSIDE_TEXT_SIZE];

	(void)state;
	assert_false(outside_is_public((const struct sockaddr *)&one));
	assert_false(outside_is_loopback((const struct sockaddr *)&one));
	assert_string_equal(outside_text((const struct sockaddr *)&one, text), "");
}

static void
lists_make_exceptions_and_no_more(void **state)
{
	static const struct {
		const char *network;
		const char *address;
		bool listed;
	} cases[] = {
	    {"10.1.0.0/16", "10.1.255.255", true},
	    {"10.1.0.0/16", "10.2.0.0", false},
	    {"10.0.0.0/8", "::ffff:10.0.0.1", false},
	    {"fd00:1::/32", "fd00:1:ffff::1", true},
	    {"fd00:1::/32", "fd00:2::1", false},
	    {"192.168.1.1", "192.168.1.1", true},
	    {"192.168.1.1", "192.168.1.2", false},
	    {"172.16.0.0/12", "172.31.0.1", true},
	    {"172.16.0.0/12", "172.32.0.1", false},
	    {"0.0.0.0/0", "127.0.0.1", true},
	    {"0.0.0.0/0", "::1", false},
	    {"::1", "::1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sockaddr_storage one = address(cases[i].address);
		struct outside_network network;

		assert_int_equal(outside_read_network(cases[i].network, &network), STATUS_OK);
		if (outside_is_listed(&network, 1, (const struct sockaddr *)&one) !=
		    cases[i].listed)
			fail_msg("%s in %s", cases[i].address, cases[i].network);
	}
}

static void
refuses_what_is_no_network(void **state)
{
	static const char *const bad[] = {"",	      "x",	   "1.2.3",	"1.2.3.4/33",
					  "1.2.3.4/", "::/129",	   "1.2.3.4/x", "[::1]",
					  " 1.2.3.4", "1.2.3.4/-1"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct outside_network network;

		if (outside_read_network(bad[i], &network) == STATUS_OK)
			fail_msg("%s was taken", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_what_is_public),
	    cmocka_unit_test(other_families_are_refused),
	    cmocka_unit_test(lists_make_exceptions_and_no_more),
	    cmocka_unit_test(refuses_what_is_no_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
