/* Addresses: what may pass, how it is compared, what a header field holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/address.h"
#include "mail/mailbox_scan.h"

static struct slice
slice(const char *text)
{
	return slice_from_text(text);
}

static void
test_check(void **state)
{
	static const struct {
		const char *claim;
		const char *address;
		bool valid;
		bool utf8;
	} rows[] = {
	    {"plain", "fred@example.net", true, false},
	    {"every atext", "!#$%&'*+-/=?^_`{|}~@example.net", true, false},
	    {"quoted with blank", "\"fred smith\"@example.net", true, false},
	    {"quoted pair", "\"a\\\"b\"@example.net", true, false},
	    {"quoted at sign", "\"a@b\"@example.net", true, false},
	    {"IPv4 literal", "fred@[192.0.2.1]", true, false},
	    {"IPv6 literal", "fred@[IPv6:2001:db8::1]", true, false},
	    {"UTF-8 local part", "j\xc3\xbcrgen@example.net", true, true},
	    {"UTF-8 domain",
	     "fred@b\xc3\xbc"
	     "cher.example",
	     true, true},
	    {"domain as it is decomposed",
	     "fred@bu\xcc\x88"
	     "cher.example",
	     true, true},
	    {"long label that is short enough in DNS",
	     "fred@"
	     "\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x82\xe4\xb8\x83\xe4\xb8\x84\xe4\xb8\x85\xe4\xb8\x86"
	     "\xe4\xb8\x87\xe4\xb8\x88\xe4\xb8\x89\xe4\xb8\x8a\xe4\xb8\x8b\xe4\xb8\x8c\xe4\xb8\x8d"
	     "\xe4\xb8\x8e\xe4\xb8\x8f\xe4\xb8\x90\xe4\xb8\x91\xe4\xb8\x92\xe4\xb8\x93\xe4\xb8\x94"
	     "\xe4\xb8\x95\xe4\xb8\x96\xe4\xb8\x97.example",
	     true, true},
	    {"label too long in DNS",
	     "fred@"
	     "\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x82\xe4\xb8\x83\xe4\xb8\x84\xe4\xb8\x85\xe4\xb8\x86"
	     "\xe4\xb8\x87\xe4\xb8\x88\xe4\xb8\x89\xe4\xb8\x8a\xe4\xb8\x8b\xe4\xb8\x8c\xe4\xb8\x8d"
	     "\xe4\xb8\x8e\xe4\xb8\x8f\xe4\xb8\x90\xe4\xb8\x91\xe4\xb8\x92\xe4\xb8\x93\xe4\xb8\x94"
	     "\xe4\xb8\x95\xe4\xb8\x96\xe4\xb8\x97\xe4\xb8\x80\xe4\xb8\x81\xe4\xb8\x82\xe4\xb8\x83"
	     "\xe4\xb8\x84\xe4\xb8\x85\xe4\xb8\x86\xe4\xb8\x87\xe4\xb8\x88\xe4\xb8\x89\xe4\xb8\x8a"
	     "\xe4\xb8\x8b\xe4\xb8\x8c\xe4\xb8\x8d\xe4\xb8\x8e\xe4\xb8\x8f\xe4\xb8\x90\xe4\xb8\x91"
	     "\xe4\xb8\x92\xe4\xb8\x93\xe4\xb8\x94\xe4\xb8\x95\xe4\xb8\x96\xe4\xb8\x97\xe4\xb8\x80"
	     "\xe4\xb8\x81\xe4\xb8\x82\xe4\xb8\x83\xe4\xb8\x84\xe4\xb8\x85\xe4\xb8\x86\xe4\xb8\x87"
	     "\xe4\xb8\x88\xe4\xb8\x89\xe4\xb8\x8a\xe4\xb8\x8b\xe4\xb8\x8c\xe4\xb8\x8d\xe4\xb8\x8e"
	     "\xe4\xb8\x8f\xe4\xb8\x90\xe4\xb8\x91\xe4\xb8\x92\xe4\xb8\x93\xe4\xb8\x94\xe4\xb8\x95"
	     "\xe4\xb8\x96\xe4\xb8\x97.example",
	     false, false},
	    {"label that begins with a combining mark", "fred@\xcc\x81x.example", false, false},
	    {"left to right and right to left in a label", "fred@a\xd7\x90.example", false, false},
	    {"zero width joiner where none can be", "fred@a\xe2\x80\x8d.example", false, false},
	    {"symbol of four dots", "fred@a\xe2\x92\x88.example", false, false},
	    {"one label", "root@localhost", true, false},
	    {"64 bytes before the at",
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example", true,
	     false},
	    {"65 bytes before the at",
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@x.example", false,
	     false},
	    {"empty", "", false, false},
	    {"no at", "fred", false, false},
	    {"no local part", "@example.net", false, false},
	    {"no domain", "fred@", false, false},
	    {"two dots", "a..b@example.net", false, false},
	    {"leading dot", ".a@example.net", false, false},
	    {"trailing dot of the local part", "a.@example.net", false, false},
	    {"trailing dot of the domain", "a@example.net.", false, false},
	    {"hyphen first", "a@-example.net", false, false},
	    {"hyphen last", "a@example-.net", false, false},
	    {"blank", "a b@example.net", false, false},
	    {"angle bracket", "a>b@example.net", false, false},
	    {"angle bracket in quotes", "\"a>b\"@example.net", false, false},
	    {"comma in quotes", "\"a,b\"@example.net", false, false},
	    {"line end", "a\r\nRCPT@example.net", false, false},
	    {"line end in quotes", "\"a\r\n\"@example.net", false, false},
	    {"tab in quotes", "\"a\tb\"@example.net", false, false},
	    {"quote left open", "\"a@example.net", false, false},
	    {"backslash before the last quote", "\"a\\\"@example.net", false, false},
	    {"broken UTF-8", "\xff@example.net", false, false},
	    {"bidi override", "a\xe2\x80\xae@example.net", false, false},
	    {"zero width space", "a\xe2\x80\x8b@example.net", false, false},
	    {"no-break space", "a\xc2\xa0@example.net", false, false},
	    {"literal left open", "a@[192.0.2.1", false, false},
	    {"literal of nothing", "a@[]", false, false},
	    {"only the opening bracket", "a@[", false, false},
	    {"label too long",
	     "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", false,
	     false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool utf8 = false;
		enum status status = address_check(slice(rows[i].address), &utf8);

		if ((status == STATUS_OK) != rows[i].valid || utf8 != rows[i].utf8)
			fail_msg("%s", rows[i].claim);
	}
}

static void
test_normalise(void **state)
{
	static const char *const rows[][2] = {
	    {"Fred@Example.NET", "fred@example.net"},
	    {"\"fred\"@example.net", "fred@example.net"},
	    {"\"f\\red\"@example.net", "fred@example.net"},
	    {"\"fred smith\"@example.net", "\"fred smith\"@example.net"},
	    {"J\xc3\x9cRGEN@example.net", "j\xc3\xbcrgen@example.net"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(address_normalise(slice(rows[i][0]), arena), rows[i][1]);
	arena_free(arena);
}

/* Rows: field, then what it holds as "name|address;" each. */
static void
test_list(void **state)
{
	static const char *const rows[][3] = {
	    {"one bare", " fred@example.net", "|fred@example.net;"},
	    {"name", " Fred Smith <fred@example.net>", "Fred Smith|fred@example.net;"},
	    {"quoted name with comma", " \"Smith, Fred\" <fred@example.net>, a@b",
	     "Smith, Fred|fred@example.net;|a@b;"},
	    {"name in a comment", " fred@example.net (Fred (the) Smith)",
	     "Fred (the) Smith|fred@example.net;"},
	    {"group", " Team: a@x, B <b@x>;, c@x", "|a@x;B|b@x;|c@x;"},
	    {"empty group", " undisclosed-recipients:;", ""},
	    {"folded", " a@x,\r\n\tb@x", "|a@x;|b@x;"},
	    {"encoded name", " =?utf-8?Q?J=C3=BCrgen?= <j@x>", "J\xc3\xbcrgen|j@x;"},
	    {"encoded comma", " =?utf-8?Q?a,b?= <j@x>", "a,b|j@x;"},
	    {"encoded address", " =?utf-8?Q?fred=40example.net?=", "|fred@example.net;"},
	    {"route", " <@a,@b:fred@example.net>", "|fred@example.net;"},
	    {"comments and blanks around the at", " fred (x) @ (y) example . net",
	     "y|fred@example.net;"},
	    {"quoted local part", " <\"a b\"@x>", "|\"a b\"@x;"},
	    {"line end smuggled in an encoded name", " =?utf-8?Q?a=0D=0ABcc:_x?= <j@x>",
	     "a  Bcc: x|j@x;"},
	    {"bidi override in a name", " =?utf-8?Q?a=E2=80=AEb?= <j@x>", "ab|j@x;"},
	    {"unclosed angle", " <a@x, b@x", "|a@x;|b@x;"},
	    {"unclosed quote", " \"a <a@x>", "a|a@x;"},
	    {"no address at all", " Fred, , ;", ""},
	    {"literal with colon", " a@[IPv6:::1], b@x", "|a@[IPv6:::1];|b@x;"},
	    {"words before a bare address", " Fred fred@x", "|fred@x;"},
	    {"raw Latin-1 name", " J\xfcrgen <j@x>", "J\xc3\xbcrgen|j@x;"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char found[400] = "";
		size_t count;
		struct mailbox *list = address_list_parse(slice(rows[i][1]), 50, arena, &count);

		for (size_t j = 0; j < count; j++) {
			strncat(found, list[j].name, 100);
			strncat(found, "|", 2);
			strncat(found, list[j].address, 100);
			strncat(found, ";", 2);
		}
		if (strcmp(found, rows[i][2]) != 0)
			fail_msg("%s: %s", rows[i][0], found);
	}
	arena_free(arena);
}

static void
test_list_stops_at_the_limit(void **state)
{
	struct arena *arena = arena_new();
	size_t count;

	(void)state;
	address_list_parse(SLICE("a@x, b@x, c@x"), 2, arena, &count);
	assert_int_equal(count, 2);
	arena_free(arena);
}

/* Fields on which a careless reader starts again at every byte: must end at once. */
static void
test_list_is_linear(void **state)
{
	static const char *const seeds[] = {"\\\"", "(", "<,", "@[", "=?a?q?", "\"", "<@a,", ":"};
	static unsigned char field[1000000];

	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct arena *arena = arena_new();
		size_t size = strlen(seeds[i]), count;

		for (size_t j = 0; j < sizeof(field); j++)
			field[j] = (unsigned char)seeds[i][j % size];
		field[0] = '"';
		address_list_parse(slice_of(field, sizeof(field)), 10000, arena, &count);
		arena_free(arena);
	}
}

static void
test_mailbox_holds_its_address(void **state)
{
	static const char *const fields[] = {
	    "A <a@example.net\\\r", "A <a@example.net\\ ",    "A <a\\\t",
	    "a@example.net\\\r",    "A <a@example.net> \r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct mailbox_scan scan;
		struct mailbox_span span;

		mailbox_scan_begin(&scan, slice(fields[i]));
		assert_true(mailbox_scan_next(&scan, &span));
		if (span.local_from < span.from || span.local_end > span.end ||
		    span.domain_end > span.end)
			fail_msg("%s: [%zu, %zu) does not hold its address", fields[i], span.from,
				 span.end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),	   cmocka_unit_test(test_normalise),
	    cmocka_unit_test(test_list),	   cmocka_unit_test(test_list_stops_at_the_limit),
	    cmocka_unit_test(test_list_is_linear), cmocka_unit_test(test_mailbox_holds_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
