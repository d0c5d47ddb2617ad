#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/sha2.h"
#include "keys/dane.h"
#include "keys/rdata.h"

#define DIGEST32 "0123456789abcdef0123456789abcdef"

struct row {
	const char *claim;
	struct slice rdata;
	enum status status;
	bool is_certificate;
};

static const struct row rows[] = {
    {"a whole certificate for itself", SLICE("\3\0\0\x30\1\0"), STATUS_OK, true},
    {"a whole certificate that a chain vouches for", SLICE("\1\0\0\x30\1\0"), STATUS_OK, true},
    {"a whole authority is nobody's certificate", SLICE("\2\0\0\x30\1\0"), STATUS_OK, false},
    {"nor is an authority of a chain", SLICE("\0\0\0\x30\1\0"), STATUS_OK, false},
    {"a public key is no certificate", SLICE("\3\1\0\x30\1\0"), STATUS_OK, false},
    {"SHA-256", SLICE("\3\0\1" DIGEST32), STATUS_OK, false},
    {"SHA-512", SLICE("\3\1\2" DIGEST32 DIGEST32), STATUS_OK, false},
    {"SHA-256, a byte short",
     SLICE("\3\0\1"
	   "123456789abcdef0123456789abcdef"),
     STATUS_INVALID, false},
    {"SHA-256, too long", SLICE("\3\0\1" DIGEST32 "x"), STATUS_INVALID, false},
    {"SHA-512 of the size of SHA-256", SLICE("\3\0\2" DIGEST32), STATUS_INVALID, false},
    {"an unknown usage", SLICE("\4\0\0\x30\1\0"), STATUS_INVALID, false},
    {"the private usage", SLICE("\xff\0\0\x30\1\0"), STATUS_INVALID, false},
    {"an unknown selector", SLICE("\3\2\0\x30\1\0"), STATUS_INVALID, false},
    {"an unknown matching", SLICE("\3\0\3\x30\1\0"), STATUS_INVALID, false},
    {"no DER", SLICE("\3\0\0\x31\1\0"), STATUS_INVALID, false},
    {"no data", SLICE("\3\0\0"), STATUS_INVALID, false},
    {"two bytes", SLICE("\3\0"), STATUS_INVALID, false},
    {"nothing", SLICE(""), STATUS_INVALID, false},
};

static void
reads_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dane_record record;
		enum status status = dane_read(rows[i].rdata, &record);

		if (status != rows[i].status ||
		    (status == STATUS_OK && dane_is_certificate(&record) != rows[i].is_certificate))
			fail_msg("%s", rows[i].claim);
	}
}

static void
reads_keys(void **state)
{
	static const struct {
		const char *claim;
		struct slice rdata;
		enum status status;
	} cases[] = {
	    {"a public key, old form", SLICE("\x99\1\x0d\4\0\0\0\0\1\0\0\0\0"), STATUS_OK},
	    {"a public key, new form", SLICE("\xc6\x33\4\0\0\0\0\x16\0\0\0\0"), STATUS_OK},
	    {"a secret key", SLICE("\xc5\x33\4\0\0\0\0\x16\0\0\0\0"), STATUS_INVALID},
	    {"a secret key, old form", SLICE("\x95\1\x0d\4\0\0\0\0\1\0\0\0\0"), STATUS_INVALID},
	    {"a user id", SLICE("\xcd\x33\4\0\0\0\0\x16\0\0\0\0"), STATUS_INVALID},
	    {"armour", SLICE("-----BEGIN PGP PUBLIC KEY"), STATUS_INVALID},
	    {"too short", SLICE("\xc6\x33\4"), STATUS_INVALID},
	    {"nothing", SLICE(""), STATUS_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice key;

		if (dane_read_openpgp(cases[i].rdata, &key) != cases[i].status)
			fail_msg("%s", cases[i].claim);
	}
}

/* A certificate of its own, and DER of its key. */
static struct slice
make_certificate(struct arena *arena, struct slice *key_out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	unsigned char *der = NULL;
	struct slice copy;
	int size;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 1000);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	size = i2d_X509(certificate, &der);
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	der = NULL;
	size = i2d_PUBKEY(key, &der);
	*key_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return copy;
}

static void
records_fit_what_they_mean_and_nothing_else(void **state)
{
	struct arena *arena = arena_new();
	struct slice key, other_key;
	struct slice mine = make_certificate(arena, &key);
	struct slice other = make_certificate(arena, &other_key);
	unsigned char digests[4][SHA512_SIZE];
	struct dane_record records[] = {
	    {DANE_EE, DANE_WHOLE, DANE_EXACT, mine},
	    {DANE_EE, DANE_WHOLE, DANE_SHA256, {digests[0], SHA256_SIZE}},
	    {DANE_EE, DANE_WHOLE, DANE_SHA512, {digests[1], SHA512_SIZE}},
	    {DANE_EE, DANE_PUBLIC_KEY, DANE_EXACT, key},
	    {DANE_EE, DANE_PUBLIC_KEY, DANE_SHA256, {digests[2], SHA256_SIZE}},
	    {DANE_EE, DANE_PUBLIC_KEY, DANE_SHA512, {digests[3], SHA512_SIZE}},
	};

	(void)state;
	assert_int_equal(sha256_of(mine, digests[0]), STATUS_OK);
	assert_int_equal(sha512_of(mine, digests[1]), STATUS_OK);
	assert_int_equal(sha256_of(key, digests[2]), STATUS_OK);
	assert_int_equal(sha512_of(key, digests[3]), STATUS_OK);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (!dane_fits(&records[i], mine))
			fail_msg("record %zu does not fit", i);
		if (dane_fits(&records[i], other) || dane_fits(&records[i], SLICE("0")))
			fail_msg("record %zu fits another", i);
	}
	arena_free(arena);
}

static void
reads_mail_servers(void **state)
{
	static const struct {
		const char *claim;
		struct slice rdata;
		const char *host; /* NULL: refused */
	} cases[] = {
	    {"a host, in lower case", SLICE("\0\12\2Mx\7EXAMPLE\3net"), "mx.example.net"},
	    {"the root: takes no mail", SLICE("\0\0"), ""},
	    {"a label that is longer than the rest", SLICE("\0\12\2mx\12example"), NULL},
	    {"a name without an end", {(const unsigned char *)"\0\12\2mx", 5}, NULL},
	    {"something behind the name", SLICE("\0\12\2mx\0x"), NULL},
	    {"a pointer", SLICE("\0\12\xc0\x0c"), NULL},
	    {"a dot in a label", SLICE("\0\12\3a.b\2de"), NULL},
	    {"a control character", SLICE("\0\12\3a\nb\2de"), NULL},
	    {"two bytes", {(const unsigned char *)"\0\12", 2}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		struct slice rdata = cases[i].rdata;
		struct rdata_mx mx = {.host = NULL};
		enum status status;

		/* The NUL of a literal ends the name, where one is wanted. */
		if (rdata.size > 5 || cases[i].host != NULL)
			rdata.size++;
		if (strcmp(cases[i].claim, "something behind the name") == 0)
			rdata.size--;
		status = rdata_read_mx(rdata, arena, &mx);
		if ((status == STATUS_OK) != (cases[i].host != NULL) ||
		    (status == STATUS_OK && strcmp(mx.host, cases[i].host) != 0))
			fail_msg("%s: %s", cases[i].claim, mx.host);
		arena_free(arena);
	}
}

static void
reads_texts(void **state)
{
	struct arena *arena = arena_new();
	struct slice text;

	(void)state;
	assert_int_equal(rdata_read_text(SLICE("\3abc\2de"), 100, arena, &text), STATUS_OK);
	assert_true(slice_equal(text, SLICE("abcde")));
	assert_int_equal(rdata_read_text(SLICE("\3abc\2de"), 4, arena, &text), STATUS_TOO_LARGE);
	assert_int_equal(rdata_read_text(SLICE("\3abc\3de"), 100, arena, &text), STATUS_INVALID);
	assert_int_equal(rdata_read_text(SLICE(""), 100, arena, &text), STATUS_INVALID);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_records),
	    cmocka_unit_test(reads_keys),
	    cmocka_unit_test(records_fit_what_they_mean_and_nothing_else),
	    cmocka_unit_test(reads_mail_servers),
	    cmocka_unit_test(reads_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
