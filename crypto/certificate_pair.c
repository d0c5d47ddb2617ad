/*
 * Private keys in files, each with its certificate: PKCS#12 and PEM.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "crypto/certificate_part.h"

#define PEM_BEGIN "-----BEGIN "
#define PEM_ENCRYPTED "Proc-Type: 4,ENCRYPTED"
#define PASSPHRASE_MAX ((size_t)1024)
/* Of one file of PKCS#12: what lies in it, and how deep bags lie in bags. */
#define BAGS_MAX ((size_t)256)
#define BAG_DEPTH_MAX ((size_t)4)

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

static bool
take_certificate(const X509 *x509, struct arena *arena, struct slice *der_out)
{
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);
	bool fits = size > 0 && (size_t)size <= CERTIFICATE_SIZE_MAX;

	if (fits)
		*der_out = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	return fits;
}

/* The key with the first certificate that belongs to it, and the others. */
static enum status
take_pair(const EVP_PKEY *key, const struct slice *ders, size_t count, struct arena *arena,
	  struct certificate_pair *pair_out)
{
	struct certificate_pair pair = {.other_count = 0};
	bool found = false;

	pair.others = arena_alloc_many(arena, count + 1, sizeof(*pair.others));
	for (size_t i = 0; i < count; i++) {
		const unsigned char *at = ders[i].data;
		X509 *x509 = d2i_X509(NULL, &at, (long)ders[i].size);
		bool fits = x509 != NULL && !found && X509_check_private_key(x509, key) == 1;

		if (fits)
			pair.certificate = ders[i];
		else if (x509 != NULL)
			pair.others[pair.other_count++] = ders[i];
		found = found || fits;
		X509_free(x509);
	}
	if (!found)
		return STATUS_NOT_FOUND;
	if (!take_key(key, &pair.key))
		return STATUS_INVALID;
	*pair_out = pair;
	return STATUS_OK;
}

/* --- PKCS#12 --- */

struct unpacking {
	const char *passphrase;
	struct arena *arena;
	struct certificate_work work;
	EVP_PKEY *key; /* the first */
	struct slice *certificates;
	size_t certificate_count;
	size_t bag_count;
};

static enum status
unpack_certificate(struct unpacking *unpacking, const PKCS12_SAFEBAG *bag)
{
	X509 *x509 = PKCS12_SAFEBAG_get_bag_nid(bag) == NID_x509Certificate
			 ? PKCS12_SAFEBAG_get1_cert(bag)
			 : NULL;
	enum status status = STATUS_OK;

	if (x509 != NULL &&
	    (unpacking->certificate_count > CERTIFICATE_COUNT_MAX ||
	     !take_certificate(x509, unpacking->arena,
			       &unpacking->certificates[unpacking->certificate_count++])))
		status = STATUS_TOO_LARGE;
	X509_free(x509);
	return status;
}

static enum status
unpack_sealed_key(struct unpacking *unpacking, const PKCS12_SAFEBAG *bag)
{
	struct certificate_work alone = {0};
	const X509_SIG *sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
	PKCS8_PRIV_KEY_INFO *info;

	/* Of all keys but the first nothing is computed. */
	if (!certificate_afford_sealed(unpacking->key == NULL ? &unpacking->work : &alone, sealed))
		return STATUS_INVALID;
	if (unpacking->key != NULL)
		return STATUS_OK;
	info = PKCS8_decrypt(sealed, unpacking->passphrase, -1);
	if (info != NULL)
		unpacking->key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return unpacking->key == NULL ? STATUS_INVALID : STATUS_OK;
}

static enum status
unpack_bags(struct unpacking *unpacking, const STACK_OF(PKCS12_SAFEBAG) * bags, size_t depth)
{
	enum status status = STATUS_OK;

	if (bags == NULL || depth > BAG_DEPTH_MAX)
		return STATUS_INVALID;
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags) && status == STATUS_OK; i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);

		if (++unpacking->bag_count > BAGS_MAX)
			return STATUS_TOO_LARGE;
		switch (PKCS12_SAFEBAG_get_nid(bag)) {
		case NID_keyBag:
			if (unpacking->key != NULL)
				break;
			unpacking->key = EVP_PKCS82PKEY(PKCS12_SAFEBAG_get0_p8inf(bag));
			status = unpacking->key == NULL ? STATUS_INVALID : STATUS_OK;
			break;
		case NID_pkcs8ShroudedKeyBag:
			status = unpack_sealed_key(unpacking, bag);
			break;
		case NID_certBag:
			status = unpack_certificate(unpacking, bag);
			break;
		case NID_safeContentsBag:
			status = unpack_bags(unpacking, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
			break;
		default:
			break;
		}
	}
	return status;
}

static enum status
unpack_part(struct unpacking *unpacking, PKCS7 *part)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	enum status status;

	if (PKCS7_type_is_data(part)) {
		bags = PKCS12_unpack_p7data(part);
	} else if (PKCS7_type_is_encrypted(part)) {
		if (part->d.encrypted == NULL || part->d.encrypted->enc_data == NULL ||
		    !certificate_afford(&unpacking->work, part->d.encrypted->enc_data->algorithm))
			return STATUS_INVALID;
		bags = PKCS12_unpack_p7encdata(part, unpacking->passphrase, -1);
	} else {
		return STATUS_OK;
	}
	status = unpack_bags(unpacking, bags, 0);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return status;
}

/* Not by PKCS12_parse: it computes whatever parts ask for that lie in other parts. */
static enum status
unpack_file(struct unpacking *unpacking, PKCS12 *file)
{
	const ASN1_INTEGER *rounds = NULL;
	enum status status = STATUS_OK;
	STACK_OF(PKCS7) * parts;

	if (PKCS12_mac_present(file) != 1)
		return STATUS_INVALID;
	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
	if (rounds != NULL && !certificate_afford_rounds(&unpacking->work, rounds))
		return STATUS_INVALID;
	if (PKCS12_verify_mac(file, unpacking->passphrase, -1) != 1)
		return STATUS_DENIED;
	parts = PKCS12_unpack_authsafes(file);
	if (parts == NULL)
		return STATUS_INVALID;
	for (int i = 0; i < sk_PKCS7_num(parts) && status == STATUS_OK; i++)
		status = unpack_part(unpacking, sk_PKCS7_value(parts, i));
	sk_PKCS7_pop_free(parts, PKCS7_free);
	return status;
}

static enum status
open_parsed(PKCS12 *file, const char *passphrase, struct arena *arena,
	    struct certificate_pair *pair_out)
{
	struct unpacking unpacking = {
	    .passphrase = passphrase,
	    .arena = arena,
	    .certificates =
		arena_alloc_many(arena, CERTIFICATE_COUNT_MAX + 1, sizeof(struct slice)),
	};
	enum status status = unpack_file(&unpacking, file);

	if (status == STATUS_OK && unpacking.key == NULL)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = take_pair(unpacking.key, unpacking.certificates,
				   unpacking.certificate_count, arena, pair_out);
	EVP_PKEY_free(unpacking.key);
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

/* --- PEM --- */

static int
give_passphrase(char *room, int size, int writing, void *context)
{
	const struct secret *passphrase = context;

	(void)writing;
	if (passphrase->size == 0 || passphrase->size > (size_t)size)
		return -1;
	memcpy(room, passphrase->data, passphrase->size);
	return (int)passphrase->size;
}

/* PKCS#8 under a passphrase. */
static enum status
open_sealed(struct slice der, const struct secret *passphrase, EVP_PKEY **key_out)
{
	const unsigned char *at = der.data;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.size);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	struct certificate_work work = {0};
	enum status status = STATUS_DENIED;

	if (sealed == NULL || !certificate_afford_sealed(&work, sealed))
		status = STATUS_INVALID;
	else if (passphrase->size > 0)
		info = PKCS8_decrypt(sealed, (const char *)passphrase->data, (int)passphrase->size);
	if (info != NULL) {
		*key_out = EVP_PKCS82PKEY(info);
		status = *key_out == NULL ? STATUS_INVALID : STATUS_OK;
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sealed);
	return status;
}

/* As OpenSSL wrote keys before PKCS#8; under a passphrase that is hashed once. */
static enum status
open_old(const char *header, unsigned char *der, long size, const struct secret *passphrase,
	 EVP_PKEY **key_out)
{
	const unsigned char *at = der;

	if (strstr(header, PEM_ENCRYPTED) != NULL) {
		EVP_CIPHER_INFO cipher;

		if (PEM_get_EVP_CIPHER_INFO((char *)header, &cipher) != 1)
			return STATUS_INVALID;
		if (PEM_do_header(&cipher, der, &size, give_passphrase, (void *)passphrase) != 1)
			return STATUS_DENIED;
	}
	*key_out = d2i_AutoPrivateKey(NULL, &at, size);
	return *key_out == NULL ? STATUS_INVALID : STATUS_OK;
}

/* The first private key of the file. */
static enum status
find_key(struct slice file, const struct secret *passphrase, EVP_PKEY **key_out)
{
	BIO *memory = BIO_new_mem_buf(file.data, (int)file.size);
	enum status status = STATUS_NOT_FOUND;
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long size;

	while (status == STATUS_NOT_FOUND && memory != NULL &&
	       PEM_read_bio(memory, &name, &header, &der, &size) == 1) {
		size_t whole = (size_t)size;

		if (strcmp(name, PEM_STRING_PKCS8) == 0)
			status = open_sealed(slice_of(der, whole), passphrase, key_out);
		else if (strcmp(name, PEM_STRING_PKCS8INF) == 0 ||
			 strcmp(name, PEM_STRING_RSA) == 0 ||
			 strcmp(name, PEM_STRING_ECPRIVATEKEY) == 0)
			status = open_old(header, der, size, passphrase, key_out);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, whole);
		name = header = NULL;
		der = NULL;
	}
	BIO_free(memory);
	return status;
}

enum status
certificate_open_pem(struct slice file, const struct secret *passphrase, struct arena *arena,
		     struct certificate_pair *pair_out)
{
	struct slice *ders = NULL;
	EVP_PKEY *key = NULL;
	size_t count = 0;
	enum status status;

	if (file.size > CERTIFICATE_FILE_MAX || passphrase->size > PASSPHRASE_MAX)
		return STATUS_TOO_LARGE;
	if (slice_find(file, SLICE(PEM_BEGIN), 0) == SLICE_NONE)
		return STATUS_INVALID;
	status = find_key(file, passphrase, &key);
	if (status == STATUS_NOT_FOUND)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = certificate_find_all(file, arena, &ders, &count);
	if (status == STATUS_OK)
		status = take_pair(key, ders, count, arena, pair_out);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return status;
}
