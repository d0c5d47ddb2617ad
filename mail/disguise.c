#include "mail/disguise.h"

#include <string.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>

#include "mail/utf8.h"

#define DOMAIN_SIZE 512

static struct slice
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return slice_from_text(at == NULL ? "" : at + 1);
}

static bool
is_address_byte(unsigned char byte)
{
	unsigned char lower = slice_lower(byte);

	return (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80 ||
	       (byte != 0 && strchr(".-_+", byte) != NULL);
}

bool
disguise_in_name(const struct mailbox *mailbox)
{
	struct slice name = slice_from_text(mailbox->name);

	for (size_t at = 0; (at = slice_find_byte(name, '@', at)) != SLICE_NONE; at++) {
		size_t from = at, to = at + 1;
		struct slice found;

		while (from > 0 && is_address_byte(name.data[from - 1]))
			from--;
		while (to < name.size && is_address_byte(name.data[to]))
			to++;
		found = slice_part(name, from, to);
		/* "someone@example.org" and not "Lunch @ noon". */
		if (from == at || slice_find_byte(found, '.', at - from) == SLICE_NONE)
			continue;
		if (!slice_equal_nocase(found, slice_from_text(mailbox->address)))
			return true;
	}
	return false;
}

/* Open converters are cheap beside a page, and no two threads share one. */
static int32_t
convert(struct slice domain, bool to_ascii, char out[DOMAIN_SIZE])
{
	UErrorCode error = U_ZERO_ERROR;
	UIDNA *idna = uidna_openUTS46(UIDNA_DEFAULT | UIDNA_NONTRANSITIONAL_TO_ASCII |
					  UIDNA_NONTRANSITIONAL_TO_UNICODE,
				      &error);
	UIDNAInfo info = UIDNA_INFO_INITIALIZER;
	int32_t size;

	if (U_FAILURE(error))
		return 0;
	if (to_ascii)
		size = uidna_nameToASCII_UTF8(idna, (const char *)domain.data, (int32_t)domain.size,
					      out, DOMAIN_SIZE, &info, &error);
	else
		size =
		    uidna_nameToUnicodeUTF8(idna, (const char *)domain.data, (int32_t)domain.size,
					    out, DOMAIN_SIZE, &info, &error);
	uidna_close(idna);
	return U_FAILURE(error) || size >= DOMAIN_SIZE ? 0 : size;
}

static bool
is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

static bool
is_disguised_label(const USpoofChecker *checker, struct slice label)
{
	UErrorCode error = U_ZERO_ERROR;
	char skeleton[DOMAIN_SIZE];
	int32_t found, size;

	if (is_ascii(label))
		return false;
	found =
	    uspoof_checkUTF8(checker, (const char *)label.data, (int32_t)label.size, NULL, &error);
	if (U_SUCCESS(error) &&
	    (found & (USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE | USPOOF_MIXED_NUMBERS)) != 0)
		return true;
	error = U_ZERO_ERROR;
	size = uspoof_getSkeletonUTF8(checker, 0, (const char *)label.data, (int32_t)label.size,
				      skeleton, DOMAIN_SIZE, &error);
	return U_SUCCESS(error) && size > 0 && size < DOMAIN_SIZE &&
	       is_ascii(slice_of(skeleton, (size_t)size));
}

bool
disguise_in_domain(const char *address)
{
	struct slice domain = domain_of(address);
	UErrorCode error = U_ZERO_ERROR;
	USpoofChecker *checker;
	char shown[DOMAIN_SIZE];
	bool disguised = false;
	size_t at = 0;

	if (domain.size == 0 || domain.size >= DOMAIN_SIZE)
		return false;
	domain = slice_of(shown, (size_t)convert(domain, false, shown));
	checker = uspoof_open(&error);
	if (U_FAILURE(error))
		return false;
	/* Latin beside Chinese, Japanese or Korean is usual. */
	uspoof_setRestrictionLevel(checker, USPOOF_HIGHLY_RESTRICTIVE);
	while (at < domain.size && !disguised) {
		size_t end = slice_find_byte(domain, '.', at);

		end = end == SLICE_NONE ? domain.size : end;
		disguised = is_disguised_label(checker, slice_part(domain, at, end));
		at = end + 1;
	}
	uspoof_close(checker);
	return disguised;
}

const char *
disguise_true_domain(const char *address, struct arena *arena)
{
	struct slice domain = domain_of(address);
	char ascii[DOMAIN_SIZE];

	if (domain.size == 0 || domain.size >= DOMAIN_SIZE)
		return "";
	return utf8_clean_line(slice_of(ascii, (size_t)convert(domain, true, ascii)), DOMAIN_SIZE,
			       arena);
}
