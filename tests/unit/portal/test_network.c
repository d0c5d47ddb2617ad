#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "portal/network.h"

static const struct {
	const char *address;
	const char *network;
} networks[] = {
    {"192.0.2.77", "192.0.2.0/24"},
    {"2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"},
    {"::ffff:192.0.2.77", "192.0.2.0/24"},
    {"::1", "::/48"},
};

static void
test_visitors_are_counted_by_network(void **state)
{
	struct arena *arena = arena_new();
	struct network_address none = {.size = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct network_address address;

		assert_int_equal(network_parse(slice_from_text(networks[i].address), &address),
				 STATUS_OK);
		assert_string_equal(network_text(&address, arena), networks[i].network);
	}
	assert_string_equal(network_text(&none, arena), "unknown");
	arena_free(arena);
}

static const struct {
	const char *claim;
	const char *peer;
	const char *forwarded;
	const char *visitor;
} visitors[] = {
    {"a stranger is not believed", "198.51.100.1", "192.0.2.1", "198.51.100.1"},
    {"a proxy is", "10.1.2.3", "192.0.2.1", "192.0.2.1"},
    {"its last entry counts", "10.1.2.3", "127.0.0.1, 203.0.113.9,192.0.2.1", "192.0.2.1"},
    {"IPv6 behind a proxy", "10.1.2.3", "2001:db8::1", "2001:db8::1"},
    {"a proxy that says nothing", "10.1.2.3", "", "10.1.2.3"},
    {"a proxy that says nonsense", "10.1.2.3", "for=127.0.0.1;host=evil", "10.1.2.3"},
    {"a single proxy address", "2001:db8::99", "192.0.2.1", "192.0.2.1"},
};

static void
test_forwarded_for_is_believed_from_proxies_only(void **state)
{
	struct network_range proxies[2];

	(void)state;
	assert_int_equal(network_parse_range(SLICE("10.0.0.0/8"), &proxies[0]), STATUS_OK);
	assert_int_equal(network_parse_range(SLICE("2001:db8::99"), &proxies[1]), STATUS_OK);
	for (size_t i = 0; i < sizeof(visitors) / sizeof(visitors[0]); i++) {
		struct network_address peer;
		struct network_address wanted;
		struct network_address visitor;

		assert_int_equal(network_parse(slice_from_text(visitors[i].peer), &peer),
				 STATUS_OK);
		assert_int_equal(network_parse(slice_from_text(visitors[i].visitor), &wanted),
				 STATUS_OK);
		visitor =
		    network_visitor(&peer, slice_from_text(visitors[i].forwarded), proxies, 2);
		if (visitor.size != wanted.size ||
		    memcmp(visitor.bytes, wanted.bytes, visitor.size) != 0)
			fail_msg("%s", visitors[i].claim);
	}
}

static void
test_ranges_and_listeners_are_strict(void **state)
{
	static const char *const bad_ranges[] = {"",  "10.0.0.0/33", "10.0.0.0/",  "10.0.0/8",
						 "x", "::/129",	     "10.0.0.0/-1"};
	static const char *const bad_listeners[] = {
	    "", "8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:8443", "a:1", "[]:1"};
	struct sockaddr_storage address;
	struct network_range range;
	socklen_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_ranges) / sizeof(bad_ranges[0]); i++)
		assert_int_equal(network_parse_range(slice_from_text(bad_ranges[i]), &range),
				 STATUS_INVALID);
	for (size_t i = 0; i < sizeof(bad_listeners) / sizeof(bad_listeners[0]); i++)
		assert_int_equal(network_parse_listen(bad_listeners[i], &address, &size),
				 STATUS_INVALID);
	assert_int_equal(network_parse_listen("127.0.0.1:8443", &address, &size), STATUS_OK);
	assert_int_equal(address.ss_family, AF_INET);
	assert_int_equal(network_parse_listen("[::1]:8443", &address, &size), STATUS_OK);
	assert_int_equal(address.ss_family, AF_INET6);
}

static void
test_only_loopback_is_loopback(void **state)
{
	static const struct {
		const char *address;
		bool loopback;
	} rows[] = {{"127.0.0.1", true}, {"127.255.0.9", true}, {"::1", true},
		    {"0.0.0.0", false},	 {"::", false},		{"192.168.0.1", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network_address address;

		assert_int_equal(network_parse(slice_from_text(rows[i].address), &address),
				 STATUS_OK);
		assert_int_equal(network_is_loopback(&address), rows[i].loopback);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_visitors_are_counted_by_network),
	    cmocka_unit_test(test_forwarded_for_is_believed_from_proxies_only),
	    cmocka_unit_test(test_ranges_and_listeners_are_strict),
	    cmocka_unit_test(test_only_loopback_is_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
