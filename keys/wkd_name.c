#include "keys/wkd_name.h"

#include "base/encode.h"
#include "crypto/sha1.h"
#include "mail/address.h"
#include "mail/idn.h"

#define PLACE "/.well-known/openpgpkey/"

/* z-base-32 of 20 bytes: 160 bits are 32 characters and none left over. */
static void
encode_name(const unsigned char digest[SHA1_SIZE], char out[WKD_HASH_LENGTH + 1])
{
	static const char alphabet[] = "ybndrfg8ejkmcpqxot1uwisza345h769";

	for (size_t at = 0; at < WKD_HASH_LENGTH; at++) {
		size_t bit = at * 5;
		unsigned int pair = (unsigned int)digest[bit / 8] << 8;

		if (bit / 8 + 1 < SHA1_SIZE)
			pair |= digest[bit / 8 + 1];
		out[at] = alphabet[(pair >> (11 - bit % 8)) & 31];
	}
	out[WKD_HASH_LENGTH] = '\0';
}

static enum status
hash_local(struct slice local, struct arena *arena, const char **hash_out)
{
	unsigned char digest[SHA1_SIZE];
	char hash[WKD_HASH_LENGTH + 1];
	struct slice lowered = arena_copy(arena, local);
	unsigned char *bytes = (unsigned char *)lowered.data;
	enum status status;

	for (size_t at = 0; at < lowered.size; at++)
		bytes[at] = slice_lower(bytes[at]);
	status = sha1_of(lowered, digest);
	if (status != STATUS_OK)
		return status;
	encode_name(digest, hash);
	*hash_out = arena_copy_text(arena, hash);
	return STATUS_OK;
}

enum status
wkd_name(struct slice address, struct arena *arena, struct wkd_name *name_out)
{
	struct wkd_name name;
	struct text text;
	const char *local;
	enum status status = address_check(address, NULL);

	if (status == STATUS_OK)
		status = idn_to_ascii(address_domain(address), arena, &name.domain);
	if (status == STATUS_OK)
		status = hash_local(address_local(address), arena, &name.hash);
	if (status != STATUS_OK)
		return status;
	text_init(&text, ADDRESS_MAX * 3);
	encode_percent(address_local(address), &text);
	local = arena_copy_text(arena, text_string(&text));
	text_clear(&text);
	name.advanced_host = arena_printf(arena, "openpgpkey.%s", name.domain);
	name.advanced_url = arena_printf(arena, "https://%s" PLACE "%s/hu/%s?l=%s",
					 name.advanced_host, name.domain, name.hash, local);
	name.direct_url =
	    arena_printf(arena, "https://%s" PLACE "hu/%s?l=%s", name.domain, name.hash, local);
	*name_out = name;
	return STATUS_OK;
}
