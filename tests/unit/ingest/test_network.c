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
		struct network_list list;
		struct network_address client = address(rows[i].address);

		assert_int_equal(network_list_parse(&rows[i].network, 1, stderr, &list), STATUS_OK);
		if (network_list_holds(&list, &client) != rows[i].held)
			fail_msg("%s in %s", rows[i].address, rows[i].network);
		network_list_clear(&list);
	}
}

static void
an_empty_list_holds_nobody(void **state)
{
	struct network_list list;
	struct network_address client = address("127.0.0.1");

	(void)state;
	assert_int_equal(network_list_parse(NULL, 0, stderr, &list), STATUS_OK);
	assert_false(network_list_holds(&list, &client));
	network_list_clear(&list);
}

static void
refuses_what_is_no_network_or_everybody(void **state)
{
	static const char *const bad[] = {"",	       "x",	    "1.2.3",	"1.2.3.4/33",
					  "1.2.3.4/",  "1.2.3.4/x", "::1/129",	"1.2.3.4/-1",
					  "0.0.0.0/0", "::/0",	    "1.2.3.4 ", "[::1]"};
	char *faults;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FILE *file = open_memstream(&faults, &size);
		struct network_list list;

		if (network_list_parse(&bad[i], 1, file, &list) != STATUS_INVALID)
			fail_msg("%s was taken", bad[i]);
		fclose(file);
		assert_non_null(strstr(faults, bad[i]));
		free(faults);
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
	    cmocka_unit_test(an_empty_list_holds_nobody),
	    cmocka_unit_test(refuses_what_is_no_network_or_everybody),
	    cmocka_unit_test(shows_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
