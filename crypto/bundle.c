#include "crypto/bundle.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

static const STACK_OF(X509) * certificates_of(const PKCS7 *bundle)
{
	return PKCS7_type_is_signed(bundle) && bundle->d.sign != NULL ? bundle->d.sign->cert : NULL;
}

static enum status
copy_certificate(const X509 *certificate, struct arena *arena, struct slice *der_out)
{
	unsigned char *der = NULL;
	int size = i2d_X509(certificate, &der);

	if (size <= 0)
		return STATUS_INVALID;
	*der_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	return STATUS_OK;
}

enum status
bundle_read(struct slice bundle, size_t most, struct arena *arena, struct slice **certificates_out,
	    size_t *count_out)
{
	const unsigned char *at = bundle.data;
	const STACK_OF(X509) * found;
	struct slice *list;
	PKCS7 *parsed;
	size_t count = 0;

	if (bundle.size > BUNDLE_SIZE_MAX)
		return STATUS_TOO_LARGE;
	parsed = d2i_PKCS7(NULL, &at, (long)bundle.size);
	ERR_clear_error();
	if (parsed == NULL)
		return STATUS_INVALID;
	found = certificates_of(parsed);
	list = arena_alloc_many(arena, most, sizeof(*list));
	for (int i = 0; found != NULL && i < sk_X509_num(found) && count < most; i++)
		if (copy_certificate(sk_X509_value(found, i), arena, &list[count]) == STATUS_OK)
			count++;
	PKCS7_free(parsed);
	if (count == 0)
		return STATUS_INVALID;
	*certificates_out = list;
	*count_out = count;
	return STATUS_OK;
}

enum status
bundle_public_key(struct slice certificate, struct arena *arena, struct slice *key_out)
{
	const unsigned char *at = certificate.data;
	unsigned char *der = NULL;
	X509 *parsed;
	int size;

	if (certificate.size > BUNDLE_SIZE_MAX)
		return STATUS_INVALID;
	parsed = d2i_X509(NULL, &at, (long)certificate.size);
	if (parsed == NULL || at != certificate.data + certificate.size) {
		X509_free(parsed);
		ERR_clear_error();
		return STATUS_INVALID;
	}
	size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed), &der);
	X509_free(parsed);
	if (size <= 0)
		return STATUS_INVALID;
	*key_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	return STATUS_OK;
}
