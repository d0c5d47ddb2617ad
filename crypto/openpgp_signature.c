#include "crypto/openpgp_signature.h"

#include <string.h>

#define TYPE_KEY_REVOCATION 0x20U

enum {
	SUBPACKET_CREATED = 2,
	SUBPACKET_LIFETIME = 3,
	SUBPACKET_REVOKER = 12,
	SUBPACKET_ISSUER = 16,
	SUBPACKET_ISSUER_FINGERPRINT = 33,
};

/* What the subpackets tell. */
struct told {
	bool has_issuer;
	unsigned char issuer[OPENPGP_KEY_ID_SIZE];
	unsigned char revokers[OPENPGP_REVOKERS_MAX][OPENPGP_KEY_ID_SIZE];
	size_t revoker_count;
	int64_t created;
	int64_t lifetime;
};

static uint32_t
number_of(const unsigned char *bytes, size_t size)
{
	uint32_t number = 0;

	for (size_t at = 0; at < size; at++)
		number = number << 8 | bytes[at];
	return number;
}

/* The last eight bytes of a fingerprint of version 4 name the key. */
static const unsigned char *
key_id_of(const unsigned char *fingerprint)
{
	return fingerprint + (SHA1_SIZE - OPENPGP_KEY_ID_SIZE);
}

static void
note(unsigned char list[][OPENPGP_KEY_ID_SIZE], size_t *count, const unsigned char *key_id)
{
	if (*count < OPENPGP_REVOKERS_MAX)
		memcpy(list[(*count)++], key_id, OPENPGP_KEY_ID_SIZE);
}

/* Times count only where they are signed; the maker's name may stand on either side. */
static void
take_subpacket(struct slice subpacket, bool hashed, struct told *told)
{
	unsigned int type = subpacket.data[0] & 0x7f;
	struct slice value = slice_part(subpacket, 1, subpacket.size);

	if (type == SUBPACKET_CREATED && hashed && value.size == 4) {
		told->created = number_of(value.data, 4);
	} else if (type == SUBPACKET_LIFETIME && hashed && value.size == 4) {
		told->lifetime = number_of(value.data, 4);
	} else if (type == SUBPACKET_ISSUER && value.size == OPENPGP_KEY_ID_SIZE) {
		told->has_issuer = true;
		memcpy(told->issuer, value.data, OPENPGP_KEY_ID_SIZE);
	} else if (type == SUBPACKET_ISSUER_FINGERPRINT && value.size == 1 + SHA1_SIZE &&
		   value.data[0] == 4) {
		told->has_issuer = true;
		memcpy(told->issuer, key_id_of(value.data + 1), OPENPGP_KEY_ID_SIZE);
	} else if (type == SUBPACKET_REVOKER && hashed && value.size == 2 + SHA1_SIZE) {
		note(told->revokers, &told->revoker_count, key_id_of(value.data + 2));
	}
}

static bool
read_subpackets(struct slice area, bool hashed, struct told *told)
{
	size_t at = 0;

	while (at < area.size) {
		size_t left = area.size - at;
		const unsigned char *bytes = area.data + at;
		uint32_t length;

		if (bytes[0] < 192) {
			length = bytes[0];
			at += 1;
		} else if (bytes[0] < 255 && left >= 2) {
			length = ((uint32_t)(bytes[0] - 192) << 8) + bytes[1] + 192;
			at += 2;
		} else if (bytes[0] == 255 && left >= 5) {
			length = number_of(bytes + 1, 4);
			at += 5;
		} else {
			return false;
		}
		if (length == 0 || length > area.size - at)
			return false;
		take_subpacket(slice_part(area, at, at + length), hashed, told);
		at += length;
	}
	return true;
}

/* Two areas with their lengths, behind version, type and two algorithms (section 5.2.3). */
static bool
read_version_4(struct slice body, struct told *told)
{
	size_t at = 4;

	for (int area = 0; area < 2; area++) {
		size_t size;

		if (body.size - at < 2)
			return false;
		size = number_of(body.data + at, 2);
		at += 2;
		if (size > body.size - at ||
		    !read_subpackets(slice_part(body, at, at + size), area == 0, told))
			return false;
		at += size;
	}
	return true;
}

/* Version 3 (section 5.2.2): length 5, type, time, key id. */
static bool
read_version_3(struct slice body, struct told *told)
{
	if (body.size < 15 || body.data[1] != 5)
		return false;
	told->created = number_of(body.data + 3, 4);
	told->has_issuer = true;
	memcpy(told->issuer, body.data + 7, OPENPGP_KEY_ID_SIZE);
	return true;
}

bool
openpgp_signature_read(struct slice body, const unsigned char fingerprint[SHA1_SIZE],
		       struct openpgp_revokers *revokers, struct openpgp_signature *signature_out)
{
	struct told told = {0};
	unsigned int type;

	if (body.size < 6)
		return false;
	if (body.data[0] == 4 && read_version_4(body, &told))
		type = body.data[1];
	else if (body.data[0] == 3 && read_version_3(body, &told))
		type = body.data[2];
	else
		return false;
	if (told.has_issuer &&
	    memcmp(told.issuer, key_id_of(fingerprint), OPENPGP_KEY_ID_SIZE) != 0) {
		if (type == TYPE_KEY_REVOCATION)
			note(revokers->signers, &revokers->signer_count, told.issuer);
		return false;
	}
	for (size_t at = 0; at < told.revoker_count; at++)
		note(revokers->named, &revokers->named_count, told.revokers[at]);
	signature_out->type = type;
	signature_out->created = told.created;
	signature_out->lifetime = told.lifetime;
	return true;
}

bool
openpgp_revokers_meet(const struct openpgp_revokers *revokers)
{
	for (size_t named = 0; named < revokers->named_count; named++)
		for (size_t signer = 0; signer < revokers->signer_count; signer++)
			if (memcmp(revokers->named[named], revokers->signers[signer],
				   OPENPGP_KEY_ID_SIZE) == 0)
				return true;
	return false;
}
