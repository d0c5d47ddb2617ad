#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portal/guard.h"

#define FIELDS_MAX 4

static const struct {
	const char *claim;
	struct {
		const char *name;
		struct slice value;
	} fields[FIELDS_MAX];
	enum status status;
	bool has_body;
	uint64_t length;
} rows[] = {
    {"a host alone", {{"Host", SLICE("a.example:8443")}}, STATUS_OK, false, 0},
    {"an IPv6 host", {{"Host", SLICE("[::1]:8443")}}, STATUS_OK, false, 0},
    {"a body of known length",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("12")}},
     STATUS_OK,
     true,
     12},
    {"a chunked body",
     {{"Host", SLICE("a")}, {"Transfer-Encoding", SLICE("Chunked")}},
     STATUS_OK,
     true,
     0},
    {"no body", {{"Host", SLICE("a")}, {"Content-Length", SLICE("0")}}, STATUS_OK, false, 0},
    {"a tab in a value", {{"Host", SLICE("a")}, {"X", SLICE("a\tb")}}, STATUS_OK, false, 0},
    {"two lengths that differ",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("1")}, {"content-length", SLICE("2")}},
     STATUS_INVALID,
     false,
     0},
    {"two lengths that agree",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("1")}, {"Content-Length", SLICE("1")}},
     STATUS_INVALID,
     false,
     0},
    {"a list of lengths",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("5, 5")}},
     STATUS_INVALID,
     false,
     0},
    {"a signed length",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("+5")}},
     STATUS_INVALID,
     false,
     0},
    {"a length in hex",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("0x5")}},
     STATUS_INVALID,
     false,
     0},
    {"an overflowing length",
     {{"Host", SLICE("a")}, {"Content-Length", SLICE("18446744073709551617")}},
     STATUS_INVALID,
     false,
     0},
    {"a length beside an encoding",
     {{"Host", SLICE("a")},
      {"Content-Length", SLICE("5")},
      {"Transfer-Encoding", SLICE("chunked")}},
     STATUS_INVALID,
     false,
     0},
    {"an encoding that is not quite chunked",
     {{"Host", SLICE("a")}, {"Transfer-Encoding", SLICE("xchunked")}},
     STATUS_INVALID,
     false,
     0},
    {"two encodings",
     {{"Host", SLICE("a")}, {"Transfer-Encoding", SLICE("gzip, chunked")}},
     STATUS_INVALID,
     false,
     0},
    {"a blank before the colon",
     {{"Host", SLICE("a")}, {"Content-Length ", SLICE("5")}},
     STATUS_INVALID,
     false,
     0},
    {"no host", {{"X", SLICE("a")}}, STATUS_INVALID, false, 0},
    {"two hosts", {{"Host", SLICE("a")}, {"Host", SLICE("b")}}, STATUS_INVALID, false, 0},
    {"an empty host", {{"Host", SLICE("")}}, STATUS_INVALID, false, 0},
    {"a host with a slash", {{"Host", SLICE("a/b")}}, STATUS_INVALID, false, 0},
    {"NUL in a value", {{"Host", SLICE("a")}, {"X", SLICE("a\0b")}}, STATUS_INVALID, false, 0},
    {"NUL in a host", {{"Host", SLICE("a\0b")}}, STATUS_INVALID, false, 0},
    {"a line end in a value",
     {{"Host", SLICE("a")}, {"X", SLICE("a\nb")}},
     STATUS_INVALID,
     false,
     0},
    {"two cookies fields",
     {{"Host", SLICE("a")}, {"Cookie", SLICE("a=1")}, {"Cookie", SLICE("a=2")}},
     STATUS_INVALID,
     false,
     0},
};

static void
test_guard_refuses_smuggling(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guard_header headers[FIELDS_MAX];
		struct guard_facts facts = {.has_body = false};
		enum status status;
		size_t count = 0;

		while (count < FIELDS_MAX && rows[i].fields[count].name != NULL) {
			headers[count].name = slice_from_text(rows[i].fields[count].name);
			headers[count].value = rows[i].fields[count].value;
			count++;
		}
		status = guard_check(headers, count, &facts);
		if (status != rows[i].status || facts.has_body != rows[i].has_body ||
		    facts.content_length != rows[i].length)
			fail_msg("%s", rows[i].claim);
	}
}

static void
test_guard_bounds_the_fields(void **state)
{
	struct guard_header headers[GUARD_HEADERS_MAX + 1];
	struct guard_facts facts;

	(void)state;
	headers[0] = (struct guard_header){SLICE("Host"), SLICE("a")};
	for (size_t i = 1; i <= GUARD_HEADERS_MAX; i++)
		headers[i] = (struct guard_header){SLICE("X"), SLICE("y")};
	assert_int_equal(guard_check(headers, GUARD_HEADERS_MAX, &facts), STATUS_OK);
	assert_int_equal(guard_check(headers, GUARD_HEADERS_MAX + 1, &facts), STATUS_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_guard_refuses_smuggling),
	    cmocka_unit_test(test_guard_bounds_the_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
