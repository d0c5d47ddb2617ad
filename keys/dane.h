/*
 * What TLSA, SMIMEA and OPENPGPKEY records hold (RFC 6698 section 2.1, RFC 8162 section 2, RFC 7929
 * section 2).  The bytes come from strangers: numbers that are not known make a record unusable,
 * never half usable.  Whether the answer was secure is not known here.
 */
#ifndef KEYS_DANE_H
#define KEYS_DANE_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

enum dane_usage {
	DANE_PKIX_CA,	/* 0: that authority must be in a chain that is trusted anyhow */
	DANE_PKIX_EE,	/* 1: that certificate, which a chain must vouch for too */
	DANE_AUTHORITY, /* 2: that authority, which nobody else has to know */
	DANE_EE,	/* 3: that certificate, whoever signed it */
};

enum dane_selector { DANE_WHOLE, DANE_PUBLIC_KEY };
enum dane_matching { DANE_EXACT, DANE_SHA256, DANE_SHA512 };

struct dane_record {
	enum dane_usage usage;
	enum dane_selector selector;
	enum dane_matching matching;
	struct slice data; /* borrowed from the RDATA */
};

/* RDATA of TLSA or SMIMEA.  STATUS_INVALID: an unknown usage, selector or matching, a digest of
 * another size than its kind has, or bytes where DER cannot begin. */
enum status dane_read(struct slice rdata, struct dane_record *record_out) MUST_CHECK;

/* The record holds a whole certificate of the one it is for, not a digest and no authority. */
bool dane_is_certificate(const struct dane_record *record);

/* Whether a DER certificate (the owner's, or for usages 0 and 2 an authority of the chain) is the
 * one that the record means. */
bool dane_fits(const struct dane_record *record, struct slice certificate);

/* RDATA of OPENPGPKEY: a transferable public key without armour.  STATUS_INVALID: its first packet
 * is no public key, so nobody has to look at the rest; the key is the RDATA itself. */
enum status dane_read_openpgp(struct slice rdata, struct slice *key_out) MUST_CHECK;

#endif
