/*
 * Certificates, CRLs and OCSP answers that a test wants to exist.  What goes wrong here fails
 * the test.
 */
#ifndef TESTS_CRYPTO_ISSUE_H
#define TESTS_CRYPTO_ISSUE_H

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/crypto/given.h"

#define NOW ((int64_t)1795000000) /* November 2026 */
#define DAY ((int64_t)86400)

/* A certificate with its key, and who issued it. */
struct issued {
	X509 *x509;
	EVP_PKEY *key;
	struct slice der;
};

struct order {
	const char *name; /* common name */
	const char *mail; /* subjectAltName as OpenSSL's configuration has it; NULL: none */
	const char *constraints;
	const char *usage;
	const char *purposes;
	const char *const *more; /* pairs of extension and value, ended by NULL */
	const EVP_MD *digest;	 /* NULL: SHA-256 */
	EVP_PKEY *key;		 /* NULL: one is made, on P-256 */
	int64_t from, to;	 /* 0: a month around NOW */
	const char *subject_mail;
	bool bare; /* no key identifiers, which X509_V_FLAG_X509_STRICT asks for */
};

static inline EVP_PKEY *
make_key(const char *kind, unsigned bits)
{
	EVP_PKEY *key = strcmp(kind, "RSA") == 0 || strcmp(kind, "RSA-PSS") == 0
			    ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits)
			: strncmp(kind, "ED", 2) == 0 || kind[0] == 'X'
			    ? EVP_PKEY_Q_keygen(NULL, NULL, kind)
			    : EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);

	assert_non_null(key);
	return key;
}

static inline void
add_extension(X509 *x509, X509 *issuer, const char *name, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	if (value == NULL)
		return;
	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_nconf(NULL, &context, name, value);
	if (extension == NULL)
		fail_msg("%s = %s", name, value);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline void
free_issued(void *argument)
{
	struct issued *issued = argument;

	X509_free(issued->x509);
	EVP_PKEY_free(issued->key);
}

static inline void
add_name(X509_NAME *name, const char *field, const char *value)
{
	if (value != NULL)
		assert_int_equal(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
							    (const unsigned char *)value, -1, -1,
							    0),
				 1);
}

/* `issuer` NULL: self-signed.  The key of the order, if any, is shared. */
static inline struct issued *
issue(const struct order *order, const struct issued *issuer, struct arena *arena)
{
	static long serial = 1000;
	struct issued *issued = arena_alloc(arena, sizeof(*issued));
	unsigned char *der = NULL;
	EVP_PKEY *signing;
	X509 *x509 = X509_new();
	bool edwards;
	int size;

	issued->x509 = x509;
	issued->key = order->key == NULL ? make_key("P-256", 0) : order->key;
	if (order->key != NULL)
		EVP_PKEY_up_ref(order->key);
	arena_defer(arena, free_issued, issued);
	signing = issuer == NULL ? issued->key : issuer->key;
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
	add_name(X509_get_subject_name(x509), "CN", order->name);
	add_name(X509_get_subject_name(x509), "emailAddress", order->subject_mail);
	X509_set_issuer_name(x509, X509_get_subject_name(issuer == NULL ? x509 : issuer->x509));
	ASN1_TIME_set(X509_getm_notBefore(x509), order->from == 0 ? NOW - 15 * DAY : order->from);
	ASN1_TIME_set(X509_getm_notAfter(x509), order->to == 0 ? NOW + 15 * DAY : order->to);
	X509_set_pubkey(x509, issued->key);
	if (!order->bare)
		add_extension(x509, issuer == NULL ? x509 : issuer->x509, "subjectKeyIdentifier",
			      "hash");
	if (!order->bare && issuer != NULL)
		add_extension(x509, issuer->x509, "authorityKeyIdentifier", "keyid:always");
	add_extension(x509, x509, "basicConstraints", order->constraints);
	add_extension(x509, x509, "keyUsage", order->usage);
	add_extension(x509, x509, "extendedKeyUsage", order->purposes);
	add_extension(x509, x509, "subjectAltName", order->mail);
	for (const char *const *pair = order->more; pair != NULL && *pair != NULL; pair += 2)
		add_extension(x509, x509, pair[0], pair[1]);
	edwards = EVP_PKEY_get_base_id(signing) == EVP_PKEY_ED25519;
	assert_true(X509_sign(x509, signing,
			      edwards		      ? NULL
			      : order->digest == NULL ? EVP_sha256()
						      : order->digest) > 0);
	size = i2d_X509(x509, &der);
	assert_true(size > 0);
	issued->der = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	return issued;
}

static inline struct issued *
issue_root(const char *name, struct arena *arena)
{
	struct order order = {.name = name,
			      .constraints = "critical,CA:TRUE",
			      .usage = "critical,keyCertSign,cRLSign"};

	return issue(&order, NULL, arena);
}

/* By that issuer and digest (NULL: SHA-256), by RSASSA-PSS where `pss`. */
static inline EVP_MD_CTX *
start_signing(const struct issued *issuer, const EVP_MD *digest, bool pss)
{
	EVP_MD_CTX *signing = EVP_MD_CTX_new();
	EVP_PKEY_CTX *way = NULL;

	assert_int_equal(EVP_DigestSignInit(signing, &way, digest == NULL ? EVP_sha256() : digest,
					    NULL, issuer->key),
			 1);
	if (pss)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(way, RSA_PKCS1_PSS_PADDING), 1);
	return signing;
}

/* A CRL of that issuer that names `revoked` (NULL: nobody). */
static inline struct slice
issue_crl_by(const struct issued *issuer, const struct issued *revoked, int64_t from, int64_t to,
	     const EVP_MD *digest, bool pss, struct arena *arena)
{
	EVP_MD_CTX *signing;
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *moment = ASN1_TIME_set(NULL, from);
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	unsigned char *der = NULL;
	X509V3_CTX context;
	X509_EXTENSION *extension;
	struct slice copy;
	int size;

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
	X509_CRL_set1_lastUpdate(crl, moment);
	ASN1_TIME_set(moment, to);
	X509_CRL_set1_nextUpdate(crl, moment);
	X509V3_set_ctx(&context, issuer->x509, NULL, NULL, crl, 0);
	extension = X509V3_EXT_nconf(NULL, &context, "authorityKeyIdentifier", "keyid:always");
	X509_CRL_add_ext(crl, extension, -1);
	X509_EXTENSION_free(extension);
	ASN1_INTEGER_set(number, 1);
	X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	if (revoked != NULL) {
		X509_REVOKED *entry = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509));
		ASN1_TIME_set(moment, from);
		X509_REVOKED_set_revocationDate(entry, moment);
		X509_CRL_add0_revoked(crl, entry);
	}
	X509_CRL_sort(crl);
	signing = start_signing(issuer, digest, pss);
	assert_true(X509_CRL_sign_ctx(crl, signing) > 0);
	EVP_MD_CTX_free(signing);
	size = i2d_X509_CRL(crl, &der);
	assert_true(size > 0);
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	ASN1_INTEGER_free(number);
	ASN1_TIME_free(moment);
	X509_CRL_free(crl);
	return copy;
}

static inline struct slice
issue_crl(const struct issued *issuer, const struct issued *revoked, int64_t from, int64_t to,
	  const EVP_MD *digest, struct arena *arena)
{
	return issue_crl_by(issuer, revoked, from, to, digest, false, arena);
}

/* An OCSP answer about `of`, signed by `signer`.  `to` 0: it does not say how long it
 * counts. */
static inline struct slice
issue_ocsp(const struct issued *of, const struct issued *issuer, const struct issued *signer,
	   int state, int64_t from, int64_t to, const EVP_MD *digest, bool pss, struct arena *arena)
{
	EVP_MD_CTX *signing = start_signing(signer, digest, pss);
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), of->x509, issuer->x509);
	ASN1_TIME *begin = ASN1_GENERALIZEDTIME_set(NULL, from);
	ASN1_TIME *end = to == 0 ? NULL : ASN1_GENERALIZEDTIME_set(NULL, to);
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	struct slice copy;
	int size;

	assert_non_null(OCSP_basic_add1_status(
	    basic, id, state, 0, state == V_OCSP_CERTSTATUS_REVOKED ? begin : NULL, begin, end));
	assert_int_equal(OCSP_basic_sign_ctx(basic, signer->x509, signing, NULL, 0), 1);
	EVP_MD_CTX_free(signing);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	size = i2d_OCSP_RESPONSE(response, &der);
	assert_true(size > 0);
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	return copy;
}

#endif
