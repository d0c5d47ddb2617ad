#include "crypto/openpgp_packet.h"

#include <string.h>

#include "crypto/openpgp_armour.h"
#include "crypto/openpgp_signature.h"

enum {
	TAG_SIGNATURE = 2,
	TAG_SECRET_KEY = 5,
	TAG_PUBLIC_KEY = 6,
	TAG_SECRET_SUBKEY = 7,
	TAG_MARKER = 10,
	TAG_TRUST = 12,
	TAG_USER_ID = 13,
	TAG_PUBLIC_SUBKEY = 14,
	TAG_PADDING = 21,
};

/* Public key algorithms (RFC 9580 section 9.1) whose numbers have no fixed size. */
enum {
	ALGORITHM_RSA = 1,
	ALGORITHM_RSA_ENCRYPT = 2,
	ALGORITHM_RSA_SIGN = 3,
	ALGORITHM_ELGAMAL = 16,
	ALGORITHM_DSA = 17,
	ALGORITHM_ELGAMAL_BOTH = 20,
};

/* Numbers of keys, in bits: no more than of certificates. */
#define NUMBER_BITS_MAX 16384U
/* What others are raised to for each signature that is verified: RSA's e, DSA's q. */
#define RSA_EXPONENT_BITS_MAX 64U
#define DSA_ORDER_BITS_MAX 512U

struct packet {
	unsigned int tag;
	struct slice whole;
	struct slice body;
};

/* What one pass over the packets knows. */
struct scan {
	struct arena *arena;
	struct openpgp_block *blocks;
	size_t block_count;
	struct openpgp_block *block;
	struct openpgp_component *component; /* signatures belong to it; NULL: to what is dropped */
};

static uint32_t
number_of(const unsigned char *bytes, size_t size)
{
	uint32_t number = 0;

	for (size_t at = 0; at < size; at++)
		number = number << 8 | bytes[at];
	return number;
}

/* Length of a packet in the new format (RFC 9580 section 4.2.1); false for partial lengths, which
 * keys must not have, and for what is cut. */
static bool
new_length(struct slice bytes, size_t *position, uint32_t *length_out)
{
	size_t left = bytes.size - *position;
	const unsigned char *at = bytes.data + *position;

	if (left >= 1 && at[0] < 192) {
		*length_out = at[0];
		*position += 1;
	} else if (left >= 2 && at[0] < 224) {
		*length_out = ((uint32_t)(at[0] - 192) << 8) + at[1] + 192;
		*position += 2;
	} else if (left >= 5 && at[0] == 255) {
		*length_out = number_of(at + 1, 4);
		*position += 5;
	} else {
		return false;
	}
	return true;
}

/* The same of the old format (section 4.2.2); lengths that are not told are refused. */
static bool
old_length(struct slice bytes, unsigned int type, size_t *position, uint32_t *length_out)
{
	size_t size = (size_t)1 << type;

	if (type > 2 || bytes.size - *position < size)
		return false;
	*length_out = number_of(bytes.data + *position, size);
	*position += size;
	return true;
}

static bool
next_packet(struct slice bytes, size_t *position, struct packet *packet_out)
{
	size_t start = *position;
	size_t at = start + 1;
	unsigned char first = bytes.data[start];
	uint32_t length;

	if ((first & 0x80) == 0)
		return false;
	if (first & 0x40) {
		packet_out->tag = first & 0x3f;
		if (!new_length(bytes, &at, &length))
			return false;
	} else {
		packet_out->tag = (first >> 2) & 0x0f;
		if (!old_length(bytes, first & 3, &at, &length))
			return false;
	}
	if (length > bytes.size - at)
		return false;
	packet_out->body = slice_part(bytes, at, at + length);
	packet_out->whole = slice_part(bytes, start, at + length);
	*position = at + length;
	return true;
}

/* Version 4: SHA-1 over 0x99, length and body of the public key (RFC 9580 section 5.5.4.2). */
static enum status
fingerprint_of(struct slice body, struct arena *arena, unsigned char out[SHA1_SIZE])
{
	unsigned char *bytes;

	if (body.size > 0xffff)
		return STATUS_INVALID;
	bytes = arena_alloc(arena, body.size + 3);
	bytes[0] = 0x99;
	bytes[1] = (unsigned char)(body.size >> 8);
	bytes[2] = (unsigned char)body.size;
	memcpy(bytes + 3, body.data, body.size);
	return sha1_of(slice_of(bytes, body.size + 3), out);
}

/* Whether a public key of version 4 (RFC 9580 section 5.5.2.2) asks for more work than any that is
 * meant to be used.  Curves have names and one size each; what is cut gpg refuses. */
static bool
is_costly(struct slice body)
{
	uint32_t second = NUMBER_BITS_MAX;
	size_t count = 0;
	size_t at = 6;

	if (body.size < 6)
		return false;
	switch (body.data[5]) {
	case ALGORITHM_RSA:
	case ALGORITHM_RSA_ENCRYPT:
	case ALGORITHM_RSA_SIGN:
		count = 2;
		second = RSA_EXPONENT_BITS_MAX;
		break;
	case ALGORITHM_ELGAMAL:
	case ALGORITHM_ELGAMAL_BOTH:
		count = 3;
		break;
	case ALGORITHM_DSA:
		count = 4;
		second = DSA_ORDER_BITS_MAX;
		break;
	default:
		break;
	}
	for (size_t number = 0; number < count && body.size - at >= 2; number++) {
		uint32_t bits = number_of(body.data + at, 2);

		if (bits > (number == 1 ? second : NUMBER_BITS_MAX))
			return true;
		if ((bits + 7) / 8 > body.size - at - 2)
			return false;
		at += 2 + (bits + 7) / 8;
	}
	return false;
}

/* What stands twice is one: a copy without its revocation must not pass for another key. */
static struct openpgp_component *
find_component(const struct openpgp_block *block, enum openpgp_component_kind kind,
	       struct slice body)
{
	for (size_t at = 0; at < block->count; at++)
		if (block->components[at].kind == kind &&
		    slice_equal(block->components[at].body, body))
			return &block->components[at];
	return NULL;
}

static enum status
add_component(struct scan *scan, enum openpgp_component_kind kind, const struct packet *packet)
{
	struct openpgp_component component = {
	    .kind = kind, .packet = packet->whole, .body = packet->body};

	scan->component = find_component(scan->block, kind, packet->body);
	if (scan->component != NULL)
		return STATUS_OK;
	if (scan->block->count == OPENPGP_COMPONENTS_MAX)
		return STATUS_TOO_LARGE;
	if (kind == OPENPGP_USER_ID && packet->body.size > OPENPGP_USER_ID_MAX)
		return STATUS_OK;
	if (kind != OPENPGP_USER_ID) {
		enum status status = STATUS_OK;

		if (packet->body.size == 0)
			return STATUS_INVALID;
		component.version = packet->body.data[0];
		if (component.version == 4 && !scan->block->secret && is_costly(packet->body))
			return STATUS_TOO_LARGE;
		if (component.version == 4 && !scan->block->secret)
			status = fingerprint_of(packet->body, scan->arena, component.fingerprint);
		if (status != STATUS_OK)
			return status;
	}
	scan->component = &scan->block->components[scan->block->count++];
	*scan->component = component;
	return STATUS_OK;
}

static enum status
begin_block(struct scan *scan, const struct packet *packet)
{
	for (size_t at = 0; at < scan->block_count; at++) {
		scan->block = &scan->blocks[at];
		scan->component = find_component(scan->block, OPENPGP_PRIMARY, packet->body);
		if (scan->component != NULL)
			return STATUS_OK;
	}
	if (scan->block_count == OPENPGP_BLOCKS_MAX)
		return STATUS_TOO_LARGE;
	scan->block = &scan->blocks[scan->block_count++];
	scan->block->components =
	    arena_alloc_many(scan->arena, OPENPGP_COMPONENTS_MAX, sizeof(struct openpgp_component));
	scan->block->revokers = arena_alloc(scan->arena, sizeof(*scan->block->revokers));
	scan->block->secret = packet->tag != TAG_PUBLIC_KEY;
	return add_component(scan, OPENPGP_PRIMARY, packet);
}

/* Signatures of versions and makers that gpg would not take into account are left out. */
static enum status
add_signature(struct scan *scan, const struct packet *packet)
{
	const struct openpgp_component *primary = &scan->block->components[0];
	struct openpgp_component *component = scan->component;
	struct openpgp_signature signature = {.packet = packet->whole};
	struct openpgp_signature *list;
	size_t count;

	if (component == NULL || primary->version != 4 || scan->block->secret)
		return STATUS_OK;
	if (!openpgp_signature_read(packet->body, primary->fingerprint, scan->block->revokers,
				    &signature))
		return STATUS_OK;
	if (++scan->block->signature_count > OPENPGP_SIGNATURES_MAX)
		return STATUS_TOO_LARGE;
	count = component->signature_count;
	/* Room grows by doubling: at every power of two. */
	if ((count & (count - 1)) == 0) {
		list = arena_alloc_many(scan->arena, count == 0 ? 1 : count * 2, sizeof(*list));
		if (count > 0)
			memcpy(list, component->signatures, count * sizeof(*list));
		component->signatures = list;
	}
	component->signatures[component->signature_count++] = signature;
	return STATUS_OK;
}

static enum status
take_packet(struct scan *scan, const struct packet *packet)
{
	if (packet->tag == TAG_PUBLIC_KEY || packet->tag == TAG_SECRET_KEY)
		return begin_block(scan, packet);
	/* A secret one that stands alone is no key, but somebody's secret all the same. */
	if (packet->tag == TAG_SECRET_SUBKEY && scan->block == NULL)
		return begin_block(scan, packet);
	/* What stands before the first key belongs to none. */
	if (scan->block == NULL)
		return STATUS_OK;
	switch (packet->tag) {
	case TAG_SIGNATURE:
		return add_signature(scan, packet);
	case TAG_USER_ID:
		return add_component(scan, OPENPGP_USER_ID, packet);
	case TAG_SECRET_SUBKEY:
		scan->block->secret = true;
		return add_component(scan, OPENPGP_SUBKEY, packet);
	case TAG_PUBLIC_SUBKEY:
		return add_component(scan, OPENPGP_SUBKEY, packet);
	case TAG_MARKER:
	case TAG_TRUST:
	case TAG_PADDING:
		return STATUS_OK;
	default:
		/* Pictures and what nobody knows go, and their signatures with them. */
		scan->component = NULL;
		return STATUS_OK;
	}
}

enum status
openpgp_read_blocks(struct slice material, struct arena *arena, struct openpgp_block **blocks_out,
		    size_t *count_out)
{
	struct scan scan = {.arena = arena};
	struct slice bytes = material;
	size_t position = 0;
	enum status status = STATUS_OK;

	if (material.size > OPENPGP_MATERIAL_MAX)
		return STATUS_TOO_LARGE;
	if (material.size == 0)
		return STATUS_NOT_FOUND;
	if ((material.data[0] & 0x80) == 0)
		status = openpgp_dearmour(material, arena, &bytes);
	if (status != STATUS_OK)
		return status;
	scan.blocks = arena_alloc_many(arena, OPENPGP_BLOCKS_MAX, sizeof(struct openpgp_block));
	while (position < bytes.size && status == STATUS_OK) {
		struct packet packet;

		status = next_packet(bytes, &position, &packet) ? take_packet(&scan, &packet)
								: STATUS_INVALID;
	}
	if (status != STATUS_OK)
		return status;
	for (size_t at = 0; at < scan.block_count; at++)
		scan.blocks[at].revoked_by_other = openpgp_revokers_meet(scan.blocks[at].revokers);
	if (scan.block_count == 0)
		return STATUS_NOT_FOUND;
	*blocks_out = scan.blocks;
	*count_out = scan.block_count;
	return STATUS_OK;
}

void
openpgp_write_block(const struct openpgp_block *block,
		    bool (*wanted)(const void *context, const struct openpgp_component *component),
		    const void *context, struct text *out)
{
	for (size_t at = 0; at < block->count; at++) {
		const struct openpgp_component *component = &block->components[at];

		if (wanted != NULL && !wanted(context, component))
			continue;
		text_append(out, component->packet);
		for (size_t number = 0; number < component->signature_count; number++)
			text_append(out, component->signatures[number].packet);
	}
}
