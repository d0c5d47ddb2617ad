#include "portal/guard.h"

#include <string.h>

/* Fields that decide something here and so must not come twice. */
static const char *const singles[] = {
    "host",	"content-length", "transfer-encoding", "content-type", "cookie", "range",
    "if-range", "origin",	  "sec-fetch-site",
};

#define SINGLES (sizeof(singles) / sizeof(singles[0]))

static bool
is_token(struct slice name)
{
	for (size_t i = 0; i < name.size; i++) {
		unsigned char c = name.data[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
			return false;
	}
	return name.size > 0;
}

static bool
is_clean_value(struct slice value)
{
	for (size_t i = 0; i < value.size; i++)
		if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7f)
			return false;
	return true;
}

/* host [ ":" port ]: letters, digits, and what IPv6 addresses and host names are made of. */
static bool
is_host(struct slice value)
{
	for (size_t i = 0; i < value.size; i++) {
		unsigned char c = slice_lower(value.data[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    strchr(".-_:[]", c) == NULL)
			return false;
		if (c == '\0')
			return false;
	}
	return value.size > 0 && value.size <= 255;
}

static enum status
check_single(struct slice name, unsigned *seen)
{
	for (size_t i = 0; i < SINGLES; i++) {
		if (!slice_equal_nocase(name, slice_from_text(singles[i])))
			continue;
		if ((*seen & (1u << i)) != 0)
			return STATUS_INVALID;
		*seen |= 1u << i;
	}
	return STATUS_OK;
}

enum status
guard_check(const struct guard_header *headers, size_t count, struct guard_facts *facts_out)
{
	struct guard_facts facts = {.has_body = false};
	bool host = false;
	bool length = false;
	unsigned seen = 0;

	if (count > GUARD_HEADERS_MAX)
		return STATUS_TOO_LARGE;
	for (size_t i = 0; i < count; i++) {
		struct slice name = headers[i].name;
		struct slice value = headers[i].value;
		unsigned long long number;

		if (!is_token(name) || !is_clean_value(value) ||
		    check_single(name, &seen) != STATUS_OK)
			return STATUS_INVALID;
		if (slice_equal_nocase(name, SLICE("host"))) {
			if (!is_host(value))
				return STATUS_INVALID;
			host = true;
		} else if (slice_equal_nocase(name, SLICE("content-length"))) {
			if (!slice_to_number(value, &number) || number > INT64_MAX)
				return STATUS_INVALID;
			facts.content_length = number;
			length = true;
		} else if (slice_equal_nocase(name, SLICE("transfer-encoding"))) {
			if (!slice_equal_nocase(value, SLICE("chunked")))
				return STATUS_INVALID;
			facts.chunked = true;
		}
	}
	if (!host || (length && facts.chunked))
		return STATUS_INVALID;
	facts.has_body = facts.chunked || facts.content_length > 0;
	*facts_out = facts;
	return STATUS_OK;
}
