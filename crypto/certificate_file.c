#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "crypto/certificate.h"

#define PEM_BEGIN "-----BEGIN "
#define PASSPHRASE_MAX ((size_t)1024)
#define ROUNDS_MAX 1000000

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

/* --- with a key --- */

void
certificate_pair_clear(struct certificate_pair *pair)
{
	secret_clear(&pair->key);
	*pair = (struct certificate_pair){.other_count = 0};
}

static bool
take_key(const EVP_PKEY *key, struct secret *secret)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int size = info == NULL ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	if (size > 0) {
		secret_copy(secret, slice_of(der, (size_t)size));
		OPENSSL_clear_free(der, (size_t)size);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return size > 0;
}

static enum status
take_pair(const EVP_PKEY *key, const X509 *x509, const STACK_OF(X509) * others, struct arena *arena,
	  struct certificate_pair *pair_out)
{
	struct certificate_pair pair = {.other_count = 0};
	struct found own = new_found(arena);
	struct found rest = new_found(arena);

	if (key == NULL || x509 == NULL)
		return STATUS_NOT_FOUND;
	add_x509(&own, x509);
	for (int i = 0; i < sk_X509_num(others); i++)
		add_x509(&rest, sk_X509_value(others, i));
	if (own.count != 1 || rest.too_many)
		return STATUS_TOO_LARGE;
	if (!take_key(key, &pair.key))
		return STATUS_INVALID;
	pair.certificate = own.list[0];
	pair.others = rest.list;
	pair.other_count = rest.count;
	*pair_out = pair;
	return STATUS_OK;
}

/* A file could ask for years of work before it says anything. */
static bool
is_too_slow(PKCS12 *file)
{
	const ASN1_INTEGER *rounds = NULL;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
	return rounds != NULL &&
	       (ASN1_INTEGER_get(rounds) < 0 || ASN1_INTEGER_get(rounds) > ROUNDS_MAX);
}

static enum status
open_parsed(PKCS12 *file, const char *passphrase, struct arena *arena,
	    struct certificate_pair *pair_out)
{
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *key = NULL;
	X509 *x509 = NULL;
	enum status status;

	if (PKCS12_mac_present(file) != 1 || is_too_slow(file))
		return STATUS_INVALID;
	if (PKCS12_verify_mac(file, passphrase, -1) != 1)
		return STATUS_DENIED;
	if (PKCS12_parse(file, passphrase, &key, &x509, &others) != 1)
		return STATUS_INVALID;
	status = take_pair(key, x509, others, arena, pair_out);
	EVP_PKEY_free(key);
	X509_free(x509);
	sk_X509_pop_free(others, X509_free);
	return status;
}

enum status
certificate_open_pkcs12(struct slice file, const struct secret *passphrase, struct arena *arena,
			struct certificate_pair *pair_out)
{
	const unsigned char *at = file.data;
	enum status status = STATUS_INVALID;
	struct secret text;
	PKCS12 *parsed;

	if (file.size > CERTIFICATE_FILE_MAX || passphrase->size > PASSPHRASE_MAX)
		return STATUS_TOO_LARGE;
	parsed = d2i_PKCS12(NULL, &at, (long)file.size);
	if (parsed != NULL) {
		secret_init(&text, passphrase->size + 1);
		if (passphrase->size > 0)
			memcpy(text.data, passphrase->data, passphrase->size);
		status = open_parsed(parsed, (const char *)text.data, arena, pair_out);
		secret_clear(&text);
	}
	PKCS12_free(parsed);
	ERR_clear_error();
	return status;
}
