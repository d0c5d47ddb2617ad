#include "mail/idn.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unicode/uidna.h>

#define ASCII_MAX 1024
#define LABEL_MAX ((size_t)63)

/* Made once; using it changes nothing in it, so threads share it. */
static UIDNA *rules;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_rules(void)
{
	UErrorCode error = U_ZERO_ERROR;

	rules =
	    uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
				UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
			    &error);
	if (U_FAILURE(error))
		rules = NULL;
}

/* False when it cannot be a name in DNS. */
static bool
convert(struct slice domain, char ascii[ASCII_MAX], size_t *size_out)
{
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	UErrorCode error = U_ZERO_ERROR;
	int32_t size;

	pthread_once(&once, make_rules);
	if (rules == NULL || domain.size > INT32_MAX)
		return false;
	size = uidna_nameToASCII_UTF8(rules, (const char *)domain.data, (int32_t)domain.size, ascii,
				      ASCII_MAX, &info, &error);
	if (U_FAILURE(error) || info.errors != 0 || size < 0 || size > ASCII_MAX)
		return false;
	*size_out = (size_t)size;
	return true;
}

bool
idn_is_valid(struct slice domain)
{
	char ascii[ASCII_MAX];
	size_t size;

	return convert(domain, ascii, &size);
}

static bool
is_letter_or_digit(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool
label_is_valid(struct slice label)
{
	if (label.size == 0 || label.size > LABEL_MAX || !is_letter_or_digit(label.data[0]) ||
	    !is_letter_or_digit(label.data[label.size - 1]))
		return false;
	for (size_t at = 0; at < label.size; at++)
		if (!is_letter_or_digit(label.data[at]) && label.data[at] != '-')
			return false;
	return true;
}

/* Programs take "10.1" and "0x7f.1" for IPv4 addresses, so a last label that begins with a digit
 * would lead where no name was looked up.  No such top level exists (RFC 3696 section 2). */
static bool
is_host_name(struct slice name)
{
	size_t from = 0;
	size_t labels = 0;
	struct slice label;

	for (;;) {
		size_t dot = slice_find_byte(name, '.', from);

		label = slice_part(name, from, dot);
		if (!label_is_valid(label))
			return false;
		labels++;
		if (dot == SLICE_NONE)
			break;
		from = dot + 1;
	}
	return labels >= 2 && (label.data[0] < '0' || label.data[0] > '9');
}

enum status
idn_to_ascii(struct slice domain, struct arena *arena, const char **ascii_out)
{
	char ascii[ASCII_MAX];
	struct slice name;
	size_t size;

	if (domain.size > 0 && domain.data[domain.size - 1] == '.')
		domain.size--;
	if (!convert(domain, ascii, &size) || size > IDN_ASCII_MAX)
		return STATUS_INVALID;
	/* Names that are ASCII already are not mapped where they hold what UTS 46 leaves alone. */
	for (size_t at = 0; at < size; at++)
		ascii[at] = (char)slice_lower((unsigned char)ascii[at]);
	name = slice_of(ascii, size);
	if (!is_host_name(name))
		return STATUS_INVALID;
	*ascii_out = arena_text_from(arena, name);
	return STATUS_OK;
}
