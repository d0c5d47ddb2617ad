#include <limits.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "crypto/certificate.h"

#define PEM_BEGIN "-----BEGIN "

struct found {
	struct arena *arena;
	struct slice *list;
	size_t count;
	bool too_many;
};

static struct found
new_found(struct arena *arena)
{
	return (struct found){
	    .arena = arena,
	    .list = arena_alloc_many(arena, CERTIFICATE_COUNT_MAX, sizeof(struct slice))};
}

static void
add(struct found *found, struct slice der)
{
	if (der.size > CERTIFICATE_SIZE_MAX || found->count == CERTIFICATE_COUNT_MAX)
		found->too_many = true;
	else
		found->list[found->count++] = arena_copy(found->arena, der);
}

static void
add_x509(struct found *found, const X509 *x509)
{
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);

	if (size > 0)
		add(found, slice_of(der, (size_t)size));
	OPENSSL_free(der);
}

/* A SignedData, of which nothing but its certificates is of interest. */
static void
add_signed(struct found *found, struct slice der)
{
	const unsigned char *at = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
	STACK_OF(X509) *all = NULL;

	if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
		all = CMS_get1_certs(cms);
	for (int i = 0; i < sk_X509_num(all); i++)
		add_x509(found, sk_X509_value(all, i));
	sk_X509_pop_free(all, X509_free);
	CMS_ContentInfo_free(cms);
}

static void
add_der(struct found *found, struct slice der)
{
	const unsigned char *at = der.data;
	X509 *x509 = d2i_X509(NULL, &at, (long)der.size);

	if (x509 != NULL && at == der.data + der.size)
		add(found, der);
	else
		add_signed(found, der);
	X509_free(x509);
}

static void
add_pem(struct found *found, struct slice file)
{
	BIO *memory = BIO_new_mem_buf(file.data, (int)file.size);
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long size;

	while (memory != NULL && PEM_read_bio(memory, &name, &header, &der, &size) == 1) {
		struct slice bytes = slice_of(der, (size_t)size);

		if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
			add(found, bytes);
		else if (strcmp(name, PEM_STRING_PKCS7) == 0 || strcmp(name, PEM_STRING_CMS) == 0 ||
			 strcmp(name, PEM_STRING_PKCS7_SIGNED) == 0)
			add_signed(found, bytes);
		OPENSSL_free(name);
		OPENSSL_free(header);
		/* It may be a private key. */
		OPENSSL_clear_free(der, (size_t)size);
		name = header = NULL;
		der = NULL;
	}
	BIO_free(memory);
}

enum status
certificate_find_all(struct slice file, struct arena *arena, struct slice **ders_out,
		     size_t *count_out)
{
	struct found found;

	if (file.size > CERTIFICATE_FILE_MAX)
		return STATUS_TOO_LARGE;
	found = new_found(arena);
	if (slice_find(file, SLICE(PEM_BEGIN), 0) != SLICE_NONE)
		add_pem(&found, file);
	else
		add_der(&found, file);
	ERR_clear_error();
	if (found.too_many)
		return STATUS_TOO_LARGE;
	if (found.count == 0)
		return STATUS_NOT_FOUND;
	*ders_out = found.list;
	*count_out = found.count;
	return STATUS_OK;
}

bool
certificate_print(struct slice der, FILE *out)
{
	return der.size <= LONG_MAX &&
	       PEM_write(out, PEM_STRING_X509, "", der.data, (long)der.size) > 0;
}
