#include "crypto/capabilities.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

/* AES-256-CBC and AES-128-CBC: SEQUENCE of SEQUENCE of OBJECT IDENTIFIER each. */
static const unsigned char own[] = {
    0x30, 0x1a, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01,
    0x2a, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02,
};

struct slice
capabilities_own(void)
{
	return slice_of(own, sizeof(own));
}

static void
take(struct capabilities *capabilities, const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(object)) {
	case NID_aes_256_cbc:
		capabilities->aes256_cbc = true;
		break;
	case NID_aes_128_cbc:
		capabilities->aes128_cbc = true;
		break;
	case NID_aes_256_gcm:
		capabilities->aes256_gcm = true;
		break;
	case NID_aes_128_gcm:
		capabilities->aes128_gcm = true;
		break;
	case NID_rsaesOaep:
		capabilities->oaep = true;
		break;
	default:
		break;
	}
}

enum status
capabilities_read(struct slice der, struct capabilities *capabilities_out)
{
	struct capabilities capabilities = {.told = true};
	const unsigned char *at = der.data;
	STACK_OF(X509_ALGOR) * list;
	enum status status = STATUS_OK;

	if (der.size > CAPABILITIES_SIZE_MAX)
		return STATUS_TOO_LARGE;
	list = d2i_X509_ALGORS(NULL, &at, (long)der.size);
	ERR_clear_error();
	if (list == NULL || at != der.data + der.size)
		status = STATUS_INVALID;
	else if (sk_X509_ALGOR_num(list) > CAPABILITIES_COUNT_MAX)
		status = STATUS_TOO_LARGE;
	for (int i = 0; status == STATUS_OK && i < sk_X509_ALGOR_num(list); i++)
		take(&capabilities, sk_X509_ALGOR_value(list, i));
	sk_X509_ALGOR_pop_free(list, X509_ALGOR_free);
	if (status == STATUS_OK)
		*capabilities_out = capabilities;
	return status;
}
