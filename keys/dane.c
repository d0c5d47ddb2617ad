#include "keys/dane.h"

#include <string.h>

#include "crypto/bundle.h"
#include "crypto/sha2.h"

#define PREFIX_SIZE ((size_t)3)
#define DER_SEQUENCE 0x30

/* RFC 4880 section 4.2: the mark of a packet, the newer form, and the tag of a public key. */
#define PACKET_MARK 0x80
#define PACKET_NEW 0x40
#define PACKET_PUBLIC_KEY 6
#define OPENPGP_LEAST ((size_t)12)

static bool
data_is_sound(const struct dane_record *record)
{
	switch (record->matching) {
	case DANE_SHA256:
		return record->data.size == SHA256_SIZE;
	case DANE_SHA512:
		return record->data.size == SHA512_SIZE;
	case DANE_EXACT:
		break;
	}
	return record->data.size > 2 && record->data.data[0] == DER_SEQUENCE;
}

enum status
dane_read(struct slice rdata, struct dane_record *record_out)
{
	struct dane_record record;

	if (rdata.size <= PREFIX_SIZE || rdata.data[0] > DANE_EE ||
	    rdata.data[1] > DANE_PUBLIC_KEY || rdata.data[2] > DANE_SHA512)
		return STATUS_INVALID;
	record = (struct dane_record){
	    .usage = (enum dane_usage)rdata.data[0],
	    .selector = (enum dane_selector)rdata.data[1],
	    .matching = (enum dane_matching)rdata.data[2],
	    .data = slice_part(rdata, PREFIX_SIZE, rdata.size),
	};
	if (!data_is_sound(&record))
		return STATUS_INVALID;
	*record_out = record;
	return STATUS_OK;
}

bool
dane_is_certificate(const struct dane_record *record)
{
	return (record->usage == DANE_EE || record->usage == DANE_PKIX_EE) &&
	       record->selector == DANE_WHOLE && record->matching == DANE_EXACT;
}

static bool
content_fits(const struct dane_record *record, struct slice content)
{
	unsigned char digest[SHA512_SIZE];

	switch (record->matching) {
	case DANE_EXACT:
		return slice_equal(record->data, content);
	case DANE_SHA256:
		return sha256_of(content, digest) == STATUS_OK &&
		       slice_equal(record->data, slice_of(digest, SHA256_SIZE));
	case DANE_SHA512:
		return sha512_of(content, digest) == STATUS_OK &&
		       slice_equal(record->data, slice_of(digest, SHA512_SIZE));
	}
	return false;
}

bool
dane_fits(const struct dane_record *record, struct slice certificate)
{
	struct arena *arena;
	struct slice key;
	bool fits;

	if (record->selector == DANE_WHOLE)
		return content_fits(record, certificate);
	arena = arena_new();
	fits =
	    bundle_public_key(certificate, arena, &key) == STATUS_OK && content_fits(record, key);
	arena_free(arena);
	return fits;
}

enum status
dane_read_openpgp(struct slice rdata, struct slice *key_out)
{
	unsigned tag;

	if (rdata.size < OPENPGP_LEAST || (rdata.data[0] & PACKET_MARK) == 0)
		return STATUS_INVALID;
	tag = (rdata.data[0] & PACKET_NEW) != 0 ? rdata.data[0] & 0x3fU : rdata.data[0] >> 2 & 0xfU;
	if (tag != PACKET_PUBLIC_KEY)
		return STATUS_INVALID;
	*key_out = rdata;
	return STATUS_OK;
}
