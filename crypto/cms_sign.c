#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <sodium.h>
#include <string.h>

#include "crypto/cms.h"

#define PIECE ((size_t)65536)

/* Line ends that are not CRLF, across pieces. */
struct line_ends {
	bool after_cr;
	bool alone;
};

static void
look_at(struct line_ends *ends, struct slice piece)
{
	for (size_t i = 0; i < piece.size; i++) {
		bool is_lf = piece.data[i] == '\n';

		if (is_lf != ends->after_cr)
			ends->alone = true;
		ends->after_cr = piece.data[i] == '\r';
	}
}

static enum status
digest_content(BIO *chain, const struct source *content, struct line_ends *ends)
{
	unsigned char piece[PIECE];
	enum status status = STATUS_OK;

	for (uint64_t at = 0; at < content->size && status == STATUS_OK && !ends->alone;) {
		size_t size = content->size - at < PIECE ? (size_t)(content->size - at) : PIECE;

		status = source_read_exactly(content, at, piece, size);
		if (status != STATUS_OK)
			break;
		look_at(ends, slice_of(piece, size));
		if (BIO_write(chain, piece, (int)size) != (int)size)
			status = STATUS_INTERNAL;
		at += size;
	}
	sodium_memzero(piece, sizeof(piece));
	return status;
}

static EVP_PKEY *
parse_key(const struct secret *secret)
{
	const unsigned char *at = secret->data;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)secret->size);
	EVP_PKEY *key = info == NULL ? NULL : EVP_PKCS82PKEY(info);

	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

static X509 *
parse_certificate(struct slice der)
{
	const unsigned char *at = der.data;

	return der.size > CERTIFICATE_SIZE_MAX ? NULL : d2i_X509(NULL, &at, (long)der.size);
}

static bool
add_attributes(CMS_SignerInfo *info, int64_t at)
{
	struct slice capabilities = capabilities_own();
	ASN1_TIME *moment = ASN1_TIME_set(NULL, (time_t)at);
	bool added = moment != NULL &&
		     CMS_signed_add1_attr_by_NID(info, NID_pkcs9_signingTime, moment->type, moment,
						 -1) == 1 &&
		     CMS_signed_add1_attr_by_NID(info, NID_SMIMECapabilities, V_ASN1_SEQUENCE,
						 capabilities.data, (int)capabilities.size) == 1;

	ASN1_TIME_free(moment);
	return added;
}

/* A SignedData that waits for its content. */
static CMS_ContentInfo *
describe(X509 *x509, EVP_PKEY *key, const struct cms_signer *signer, int64_t at)
{
	/* OpenSSL's own list of capabilities names DES and RC2. */
	unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_STREAM | CMS_NOSMIMECAP;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	CMS_SignerInfo *info =
	    cms == NULL ? NULL : CMS_add1_signer(cms, x509, key, EVP_sha256(), flags);
	bool made = info != NULL && add_attributes(info, at);

	for (size_t i = 0; made && i < signer->other_count; i++) {
		X509 *other = parse_certificate(signer->others[i]);

		/* One that is there twice is refused, which does no harm. */
		if (other != NULL)
			CMS_add1_cert(cms, other);
		X509_free(other);
	}
	if (!made) {
		CMS_ContentInfo_free(cms);
		cms = NULL;
	}
	return cms;
}

static enum status
sign(CMS_ContentInfo *cms, const struct source *content, struct arena *arena,
     struct slice *signature_out)
{
	struct line_ends ends = {false, false};
	BIO *nowhere = BIO_new(BIO_s_null());
	BIO *chain = nowhere == NULL ? NULL : CMS_dataInit(cms, nowhere);
	unsigned char *der = NULL;
	enum status status;
	int size = 0;

	if (chain == NULL) {
		BIO_free(nowhere);
		return STATUS_INTERNAL;
	}
	status = digest_content(chain, content, &ends);
	if (status == STATUS_OK && (ends.alone || ends.after_cr))
		status = STATUS_CONFLICT;
	if (status == STATUS_OK && CMS_dataFinal(cms, chain) == 1)
		size = i2d_CMS_ContentInfo(cms, &der);
	if (status == STATUS_OK && size <= 0)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		*signature_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	BIO_free_all(chain);
	return status;
}

enum status
cms_sign(const struct source *content, const struct cms_signer *signer, int64_t at,
	 struct arena *arena, struct slice *signature_out)
{
	EVP_PKEY *key = parse_key(signer->key);
	X509 *x509 = parse_certificate(signer->certificate);
	enum status status = STATUS_INVALID;
	CMS_ContentInfo *cms = NULL;

	if (key != NULL && x509 != NULL && X509_check_private_key(x509, key) == 1)
		cms = describe(x509, key, signer, at);
	if (cms != NULL)
		status = sign(cms, content, arena, signature_out);
	CMS_ContentInfo_free(cms);
	X509_free(x509);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return status;
}
