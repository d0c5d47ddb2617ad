#include "keys/names.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/encode.h"
#include "crypto/sha2.h"
#include "mail/address.h"
#include "mail/idn.h"

/* UTF-16 of a local part; form C never makes more of it than three times as much. */
#define UNITS_MAX (ADDRESS_MAX * 3)

static bool
is_ascii(struct slice bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		if (bytes.data[i] >= 0x80)
			return false;
	return true;
}

/* Unicode's form C, where there is anything but ASCII. */
static enum status
compose_local(struct slice local, struct arena *arena, struct slice *composed_out)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFCInstance(&error);
	UChar units[UNITS_MAX], composed[UNITS_MAX];
	size_t room = ADDRESS_MAX * 9;
	char *bytes = arena_alloc(arena, room);
	int32_t size = 0;

	u_strFromUTF8(units, UNITS_MAX, &size, (const char *)local.data, (int32_t)local.size,
		      &error);
	size = unorm2_normalize(form, units, size, composed, UNITS_MAX, &error);
	u_strToUTF8(bytes, (int32_t)room, &size, composed, size, &error);
	if (U_FAILURE(error))
		return STATUS_INVALID;
	*composed_out = slice_of(bytes, (size_t)size);
	return STATUS_OK;
}

static enum status
make_name(struct slice address, const char *under, struct arena *arena, const char **name_out)
{
	unsigned char digest[SHA256_SIZE];
	char hash[HEX_LENGTH(SHA256_SIZE) + 1];
	struct slice local;
	const char *domain;
	const char *name;
	enum status status = address_check(address, NULL);

	if (status == STATUS_OK)
		status = idn_to_ascii(address_domain(address), arena, &domain);
	if (status != STATUS_OK)
		return status;
	local = address_unquote(address_local(address), arena);
	if (!is_ascii(local))
		status = compose_local(local, arena, &local);
	if (status == STATUS_OK)
		status = sha256_of(local, digest);
	if (status != STATUS_OK)
		return status;
	encode_hex(slice_of(digest, NAMES_HASH_SIZE), hash);
	name = arena_printf(arena, "%s.%s.%s", hash, under, domain);
	if (strlen(name) > IDN_ASCII_MAX)
		return STATUS_INVALID;
	*name_out = name;
	return STATUS_OK;
}

enum status
names_smimea(struct slice address, struct arena *arena, const char **name_out)
{
	return make_name(address, "_smimecert", arena, name_out);
}

enum status
names_openpgpkey(struct slice address, struct arena *arena, const char **name_out)
{
	return make_name(address, "_openpgpkey", arena, name_out);
}

enum status
names_lower(struct slice address, struct arena *arena, struct slice *lower_out)
{
	size_t local = address_local(address).size;
	struct slice lower = arena_copy(arena, address);
	unsigned char *bytes = (unsigned char *)lower.data;

	for (size_t i = 0; i < local; i++)
		bytes[i] = slice_lower(bytes[i]);
	if (slice_equal(lower, address))
		return STATUS_NOT_FOUND;
	*lower_out = lower;
	return STATUS_OK;
}

enum status
names_tlsa(const char *host, unsigned port, struct arena *arena, const char **name_out)
{
	const char *name = arena_printf(arena, "_%u._tcp.%s", port, host);

	if (port == 0 || port > 65535 || *host == '\0' || strlen(name) > IDN_ASCII_MAX)
		return STATUS_INVALID;
	*name_out = name;
	return STATUS_OK;
}
