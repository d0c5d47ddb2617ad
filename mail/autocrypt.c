#include "mail/autocrypt.h"

#include <string.h>

#include "base/encode.h"

/* The attributes of one field. */
struct attributes {
	struct slice address;
	struct slice preference;
	struct slice key;
};

bool
header_brings_keys(const struct header_block *block)
{
	static const char *const types[] = {"multipart/signed", "application/pkcs7-mime",
					    "application/x-pkcs7-mime", "application/pgp-keys"};
	const struct header_field *field = header_find(block, "Content-Type", 0);
	struct slice value;

	if (header_find(block, "Autocrypt", 0) != NULL)
		return true;
	value = field == NULL ? SLICE("") : slice_trim(field->value);
	/* That word names no signature, and stands in most of what has this type. */
	if (slice_find_nocase(value, SLICE("enveloped-data"), 0) != SLICE_NONE)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_starts_nocase(value, slice_from_text(types[i])))
			return true;
	return false;
}

/* Several mailboxes, or fields, leave open who speaks. */
const char *
header_author(const struct header_block *block, struct arena *arena)
{
	const struct header_field *field = header_find(block, "From", 0);
	struct mailbox *mailboxes;
	size_t count;

	if (field == NULL ||
	    header_find(block, "From", (size_t)(field - block->fields) + 1) != NULL)
		return NULL;
	mailboxes = address_list_parse(field->value, 2, arena, &count);
	if (count != 1 || address_check(slice_from_text(mailboxes[0].address), NULL) != STATUS_OK)
		return NULL;
	return mailboxes[0].address;
}

static bool
same_address(struct slice a, const char *b, struct arena *arena)
{
	return address_check(a, NULL) == STATUS_OK &&
	       address_check(slice_from_text(b), NULL) == STATUS_OK &&
	       strcmp(address_normalise(a, arena), address_normalise(slice_from_text(b), arena)) ==
		   0;
}

/* Names that begin with "_" may be passed over; an unknown one that does not says that what is
 * known here is not enough. */
static bool
take_attribute(struct slice attribute, struct attributes *attributes)
{
	size_t equals = slice_find_byte(attribute, '=', 0);
	struct slice name = slice_trim(slice_part(attribute, 0, equals));
	struct slice value;
	struct slice *place;

	if (equals == SLICE_NONE || name.size == 0)
		return false;
	value = slice_trim(slice_part(attribute, equals + 1, attribute.size));
	/* From before Level 1, and said by some programs still: OpenPGP. */
	if (name.data[0] == '_' ||
	    (slice_equal(name, SLICE("type")) && slice_equal(value, SLICE("1"))))
		return true;
	if (slice_equal(name, SLICE("addr")))
		place = &attributes->address;
	else if (slice_equal(name, SLICE("prefer-encrypt")))
		place = &attributes->preference;
	else if (slice_equal(name, SLICE("keydata")))
		place = &attributes->key;
	else
		return false;
	if (place->data != NULL)
		return false;
	*place = value;
	return true;
}

static bool
split(struct slice value, struct attributes *attributes)
{
	for (size_t at = 0; at < value.size;) {
		size_t end = slice_find_byte(value, ';', at);
		struct slice attribute;

		if (end == SLICE_NONE)
			end = value.size;
		attribute = slice_part(value, at, end);
		/* The last one may be ended by a semicolon. */
		if (slice_trim(attribute).size > 0 && !take_attribute(attribute, attributes))
			return false;
		at = end + 1;
	}
	return attributes->address.size > 0 && attributes->key.size > 0;
}

/* Base64 that may be folded anywhere. */
static bool
decode_key(struct slice folded, struct arena *arena, struct slice *key_out)
{
	unsigned char *base64 = arena_alloc(arena, folded.size + 1);
	unsigned char *key = arena_alloc(arena, folded.size + 1);
	size_t size = 0;

	for (size_t at = 0; at < folded.size; at++)
		if (strchr(" \t\r\n", folded.data[at]) == NULL || folded.data[at] == '\0')
			base64[size++] = folded.data[at];
	if (!decode_base64(slice_of(base64, size), key, folded.size, &size) || size == 0)
		return false;
	*key_out = slice_of(key, size);
	return true;
}

/* False: as if it were not there. */
static bool
read_field(struct slice value, const char *from, struct arena *arena,
	   struct autocrypt *autocrypt_out)
{
	struct attributes attributes = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

	if (value.size > AUTOCRYPT_FIELD_MAX || !split(value, &attributes) ||
	    !same_address(attributes.address, from, arena))
		return false;
	autocrypt_out->address = from;
	autocrypt_out->mutual = slice_equal(attributes.preference, SLICE("mutual"));
	return decode_key(attributes.key, arena, &autocrypt_out->key);
}

enum status
autocrypt_read(const struct header_block *block, struct arena *arena,
	       struct autocrypt *autocrypt_out)
{
	const char *from = header_author(block, arena);
	struct autocrypt found;
	size_t count = 0;

	if (from == NULL)
		return STATUS_NOT_FOUND;
	for (size_t at = 0; at < block->count && count < 2; at++) {
		struct autocrypt one;

		if (!slice_equal_nocase(block->fields[at].name, SLICE("Autocrypt")) ||
		    !read_field(block->fields[at].value, from, arena, &one))
			continue;
		found = one;
		count++;
	}
	if (count != 1)
		return STATUS_NOT_FOUND;
	*autocrypt_out = found;
	return STATUS_OK;
}

bool
brings_attached_keys(const struct manifest *manifest)
{
	for (size_t at = 0; at < manifest->part_count; at++) {
		const struct part *part = &manifest->parts[at];

		if (part->role == PART_FILE && strcmp(part->type, "application/pgp-keys") == 0 &&
		    part->decoded_size > 0 && part->decoded_size <= ATTACHED_KEY_SIZE_MAX &&
		    manifest_letter(manifest, part) == NULL)
			return true;
	}
	return false;
}
