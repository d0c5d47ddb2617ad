#include <openssl/cms.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "crypto/cms.h"
#include "crypto/trust_part.h"

/* --- a source as OpenSSL reads --- */

struct reading {
	const struct source *source;
	uint64_t at;
	enum status status;
};

static BIO_METHOD *reader;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int
read_piece(BIO *bio, char *bytes, int room)
{
	struct reading *reading = BIO_get_data(bio);
	size_t size = 0;

	if (room <= 0 || reading->status != STATUS_OK)
		return reading->status == STATUS_OK ? 0 : -1;
	reading->status = reading->source->read_at(reading->source->context, reading->at,
						   (unsigned char *)bytes, (size_t)room, &size);
	if (reading->status != STATUS_OK)
		return -1;
	reading->at += size;
	return (int)size;
}

static long
control(BIO *bio, int command, long number, void *pointer)
{
	const struct reading *reading = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_EOF:
		return reading->at >= reading->source->size;
	case BIO_CTRL_FLUSH:
		return 1;
	default:
		return 0;
	}
}

static void
make_reader(void)
{
	reader = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "source");
	if (reader == NULL)
		return;
	BIO_meth_set_read(reader, read_piece);
	BIO_meth_set_ctrl(reader, control);
}

static BIO *
new_reader(struct reading *reading)
{
	BIO *bio;

	pthread_once(&once, make_reader);
	bio = reader == NULL ? NULL : BIO_new(reader);
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, reading);
	BIO_set_init(bio, 1);
	return bio;
}

/* --- verifying --- */

static CMS_ContentInfo *
parse(struct slice der)
{
	const unsigned char *at = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);

	if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed &&
	    OBJ_obj2nid(CMS_get0_eContentType(cms)) == NID_pkcs7_data)
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

/* All that costs time for each is counted before. */
static enum status
check_counts(CMS_ContentInfo *cms)
{
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	int signers = sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms));
	int count = sk_X509_num(certificates);

	sk_X509_pop_free(certificates, X509_free);
	if (signers <= 0)
		return STATUS_NOT_FOUND;
	if ((size_t)signers > CMS_SIGNERS_MAX || count > (int)CERTIFICATE_COUNT_MAX)
		return STATUS_TOO_LARGE;
	/* Only what came along: there is no other place to look for a stranger's. */
	return CMS_set1_signers_certs(cms, NULL, 0) == signers ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status
check_signatures(CMS_ContentInfo *cms, const struct source *content)
{
	struct reading reading = {.source = content, .status = STATUS_OK};
	unsigned flags = CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY;
	BIO *bio = NULL;
	int right;

	if ((CMS_is_detached(cms) == 1) != (content != NULL))
		return STATUS_INVALID;
	if (content != NULL) {
		bio = new_reader(&reading);
		if (bio == NULL)
			return STATUS_INTERNAL;
	}
	right = CMS_verify(cms, NULL, NULL, bio, NULL, flags);
	BIO_free(bio);
	if (reading.status != STATUS_OK)
		return reading.status;
	return right == 1 ? STATUS_OK : STATUS_DAMAGED;
}

/* --- what they tell --- */

static struct slice
keep(const X509 *x509, struct arena *arena)
{
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);
	struct slice copy = {NULL, 0};

	if (size > 0)
		copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	return copy;
}

/* A signed attribute that stands there once, with one value. */
static const ASN1_TYPE *
attribute(const CMS_SignerInfo *info, int nid)
{
	int at = CMS_signed_get_attr_by_NID(info, nid, -1);
	X509_ATTRIBUTE *found = at < 0 ? NULL : CMS_signed_get_attr(info, at);

	if (found == NULL || CMS_signed_get_attr_by_NID(info, nid, at) >= 0 ||
	    X509_ATTRIBUTE_count(found) != 1)
		return NULL;
	return X509_ATTRIBUTE_get0_type(found, 0);
}

static void
read_signer(CMS_SignerInfo *info, struct arena *arena, struct cms_signed_by *signer)
{
	const ASN1_TYPE *value = attribute(info, NID_SMIMECapabilities);
	X509_ALGOR *digest, *signature;
	const ASN1_OBJECT *object;
	X509 *x509;

	CMS_SignerInfo_get0_algs(info, NULL, &x509, &digest, &signature);
	signer->certificate = keep(x509, arena);
	if (value != NULL && value->type == V_ASN1_SEQUENCE &&
	    capabilities_read(slice_of(ASN1_STRING_get0_data(value->value.sequence),
				       (size_t)ASN1_STRING_length(value->value.sequence)),
			      &signer->capabilities) != STATUS_OK)
		signer->capabilities = (struct capabilities){.told = false};
	value = attribute(info, NID_pkcs9_signingTime);
	if (value != NULL && value->type == V_ASN1_UTCTIME)
		signer->at = trust_seconds(value->value.utctime);
	else if (value != NULL && value->type == V_ASN1_GENERALIZEDTIME)
		signer->at = trust_seconds(value->value.generalizedtime);
	X509_ALGOR_get0(&object, NULL, NULL, digest);
	signer->weak_digest = trust_is_weak_digest(OBJ_obj2nid(object));
}

static void
read_all(CMS_ContentInfo *cms, struct arena *arena, struct cms_signatures *signatures)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	STACK_OF(X509) *certificates = CMS_get1_certs(cms);
	size_t signer_count = (size_t)sk_CMS_SignerInfo_num(signers);
	size_t count = certificates == NULL ? 0 : (size_t)sk_X509_num(certificates);

	signatures->signers = arena_alloc_many(arena, signer_count, sizeof(struct cms_signed_by));
	signatures->signer_count = signer_count;
	for (size_t i = 0; i < signer_count; i++)
		read_signer(sk_CMS_SignerInfo_value(signers, (int)i), arena,
			    &signatures->signers[i]);
	signatures->certificates = arena_alloc_many(arena, count, sizeof(struct slice));
	signatures->certificate_count = count;
	for (size_t i = 0; i < count; i++)
		signatures->certificates[i] = keep(sk_X509_value(certificates, (int)i), arena);
	sk_X509_pop_free(certificates, X509_free);
}

enum status
cms_verify(struct slice signature, const struct source *content, struct arena *arena,
	   struct cms_signatures *signatures_out)
{
	struct cms_signatures signatures = {.signer_count = 0};
	CMS_ContentInfo *cms;
	enum status status = STATUS_INVALID;

	if (signature.size > CMS_SIGNED_SIZE_MAX)
		return STATUS_TOO_LARGE;
	cms = parse(signature);
	if (cms != NULL)
		status = check_counts(cms);
	if (status == STATUS_OK)
		status = check_signatures(cms, content);
	if (status == STATUS_OK) {
		read_all(cms, arena, &signatures);
		*signatures_out = signatures;
	}
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return status;
}
