#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/network.h"

static struct network_address
address(const char *text)
{
	struct sockaddr_storage storage = {.ss_family = AF_INET6};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
		memcpy(&storage, &ipv4, sizeof(ipv4));
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
		memcpy(&storage, &ipv6, sizeof(ipv6));
	}
	return network_address_from_socket(&storage);
}

struct row {
	const char *network;
	const char *address;
	bool held;
};

static const struct row rows[] = {
    {"127.0.0.0/8", "127.255.0.1", true},
    {"127.0.0.0/8", "128.0.0.1", false},
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.2", false},
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"10.0.0.0/7", "11.1.1.1", true},
    {"10.0.0.0/7", "12.0.0.0", false},
    {"192.0.2.1", "::ffff:192.0.2.1", true},
    {"192.0.2.1", "::192.0.2.1", false},
    {"::1", "::1", true},
    {"::1", "127.0.0.1", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
};

static void
holds_what_lies_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network network;
		struct network_address client = address(rows[i].address);

		assert_null(network_from_text(rows[i].network, &network));
		if (network_holds(&network, &client) != rows[i].held)
			fail_msg("%s in %s", rows[i].address, rows[i].network);
	}
}

static void
refuses_what_is_no_network(void **state)
{
	static const char *const bad[] = {"",	      "x",	   "1.2.3",   "1.2.3.4/33",
					  "1.2.3.4/", "1.2.3.4/x", "::1/129", "1.2.3.4/-1",
					  "1.2.3.4 ", "[::1]"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct network network;

		if (network_from_text(bad[i], &network) == NULL)
			fail_msg("%s was taken", bad[i]);
	}
}

/* Each spelling of "everybody", and the largest networks that somebody has. */
static void
knows_everybody(void **state)
{
	static const struct {
		const char *network;
		bool everybody;
	} cases[] = {
	    {"0.0.0.0/0", true},   {"128.0.0.0/1", true},   {"::/0", true},
	    {"2000::/3", true},	   {"::ffff:0:0/96", true}, {"::/64", true},
	    {"::/8", true},	   {"10.0.0.0/7", false},   {"10.0.0.0/8", false},
	    {"fc00::/7", false},   {"::1", false},	    {"2001:db8::/32", false},
	    {"0.0.0.0/32", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct network network;

		assert_null(network_from_text(cases[i].network, &network));
		if (network_is_everybody(&network) != cases[i].everybody)
			fail_msg("%s", cases[i].network);
	}
}

static void
takes_a_client_for_what_it_can_have(void **state)
{
	static const struct {
		const char *address;
		const char *client;
	} cases[] = {
	    {"192.0.2.77", "192.0.2.77"},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
	};
	char text[NETWORK_ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct network_address given = address(cases[i].address);
		struct network_address client = network_of_client(&given);

		assert_string_equal(network_address_text(&client, text), cases[i].client);
	}
}

static void
shows_addresses(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "::1", "::"};
	char text[NETWORK_ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct network_address client = address(texts[i]);

		assert_string_equal(network_address_text(&client, text), texts[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holds_what_lies_in_it),
	    cmocka_unit_test(refuses_what_is_no_network),
	    cmocka_unit_test(knows_everybody),
	    cmocka_unit_test(takes_a_client_for_what_it_can_have),
	    cmocka_unit_test(shows_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
