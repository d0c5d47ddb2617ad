/*
 * Private keys in files, each with its certificate: PKCS#12 and PEM.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "crypto/certificate.h"

#define PEM_BEGIN "-----BEGIN "
#define PEM_ENCRYPTED "Proc-Type: 4,ENCRYPTED"
#define PASSPHRASE_MAX ((size_t)1024)
/* How often a passphrase is hashed: files of today have 2048 to 600000 rounds. */
#define ROUNDS_MAX 2000000
/* Of scrypt, in bytes. */
#define MEMORY_MAX ((uint64_t)134217728)

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

static enum status
take_pair(const EVP_PKEY *key, const X509 *x509, const STACK_OF(X509) * others, struct arena *arena,
	  struct certificate_pair *pair_out)
{
	struct certificate_pair pair = {.other_count = 0};

	if (key == NULL || x509 == NULL)
		return STATUS_NOT_FOUND;
	if (sk_X509_num(others) > (int)CERTIFICATE_COUNT_MAX ||
	    !take_certificate(x509, arena, &pair.certificate))
		return STATUS_TOO_LARGE;
	pair.others = arena_alloc_many(arena, CERTIFICATE_COUNT_MAX + 1, sizeof(*pair.others));
	for (int i = 0; i < sk_X509_num(others); i++)
		if (!take_certificate(sk_X509_value(others, i), arena,
				      &pair.others[pair.other_count++]))
			return STATUS_TOO_LARGE;
	if (!take_key(key, &pair.key))
		return STATUS_INVALID;
	*pair_out = pair;
	return STATUS_OK;
}

/* --- how much work a file may ask for, before it says anything --- */

static bool
is_many(const ASN1_INTEGER *rounds)
{
	int64_t number;

	return rounds == NULL || ASN1_INTEGER_get_int64(&number, rounds) != 1 || number < 1 ||
	       number > ROUNDS_MAX;
}

static bool
is_slow_scrypt(const ASN1_TYPE *parameters)
{
	SCRYPT_PARAMS *scrypt =
	    parameters == NULL
		? NULL
		: ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameters);
	uint64_t cost, block, parallel;
	bool slow = scrypt == NULL || ASN1_INTEGER_get_uint64(&cost, scrypt->costParameter) != 1 ||
		    ASN1_INTEGER_get_uint64(&block, scrypt->blockSize) != 1 ||
		    ASN1_INTEGER_get_uint64(&parallel, scrypt->parallelizationParameter) != 1 ||
		    cost == 0 || block == 0 || parallel == 0 || block > 1024 || parallel > 16 ||
		    cost > MEMORY_MAX / 128 / block / parallel;

	SCRYPT_PARAMS_free(scrypt);
	return slow;
}

/* The second scheme of PKCS#5: a way to make the key of a passphrase is named beside the cipher. */
static bool
is_slow_scheme(const ASN1_TYPE *parameters)
{
	PBE2PARAM *scheme = parameters == NULL
				? NULL
				: ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameters);
	PBKDF2PARAM *inner = NULL;
	const ASN1_OBJECT *way = NULL;
	const void *value = NULL;
	bool slow = true;
	int type = V_ASN1_UNDEF;

	if (scheme != NULL)
		X509_ALGOR_get0(&way, &type, &value, scheme->keyfunc);
	if (way != NULL && OBJ_obj2nid(way) == NID_id_scrypt) {
		slow = is_slow_scrypt(scheme->keyfunc->parameter);
	} else if (way != NULL && OBJ_obj2nid(way) == NID_id_pbkdf2 &&
		   scheme->keyfunc->parameter != NULL) {
		inner = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM),
						  scheme->keyfunc->parameter);
		slow = inner == NULL || is_many(inner->iter);
	}
	PBKDF2PARAM_free(inner);
	PBE2PARAM_free(scheme);
	return slow;
}

static bool
is_slow(const X509_ALGOR *algorithm)
{
	PBEPARAM *first;
	bool slow;

	if (algorithm == NULL)
		return true;
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
		return is_slow_scheme(algorithm->parameter);
	first = algorithm->parameter == NULL
		    ? NULL
		    : ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	slow = first == NULL || is_many(first->iter);
	PBEPARAM_free(first);
	return slow;
}

static bool
is_slow_sealed(const X509_SIG *sealed)
{
	const X509_ALGOR *algorithm = NULL;

	X509_SIG_get0(sealed, &algorithm, NULL);
	return is_slow(algorithm);
}

/* The keys that lie in a part which is not sealed itself, as all programs write it. */
static bool
is_slow_part(const PKCS7 *part)
{
	STACK_OF(PKCS12_SAFEBAG) * bags;
	bool slow = false;

	if (PKCS7_type_is_encrypted(part))
		return part->d.encrypted == NULL || part->d.encrypted->enc_data == NULL ||
		       is_slow(part->d.encrypted->enc_data->algorithm);
	if (!PKCS7_type_is_data(part))
		return false;
	bags = PKCS12_unpack_p7data((PKCS7 *)part);
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);

		if (PKCS12_SAFEBAG_get_nid(bag) == NID_pkcs8ShroudedKeyBag)
			slow = slow || is_slow_sealed(PKCS12_SAFEBAG_get0_pkcs8(bag));
	}
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return slow;
}

/* A file could ask for years of work before it says anything. */
static bool
is_slow_file(PKCS12 *file)
{
	const ASN1_INTEGER *rounds = NULL;
	STACK_OF(PKCS7) * parts;
	bool slow = false;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, file);
	if (rounds != NULL && is_many(rounds))
		return true;
	parts = PKCS12_unpack_authsafes(file);
	for (int i = 0; i < sk_PKCS7_num(parts); i++)
		slow = slow || is_slow_part(sk_PKCS7_value(parts, i));
	sk_PKCS7_pop_free(parts, PKCS7_free);
	return slow;
}

/* --- PKCS#12 --- */

static enum status
open_parsed(PKCS12 *file, const char *passphrase, struct arena *arena,
	    struct certificate_pair *pair_out)
{
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *key = NULL;
	X509 *x509 = NULL;
	enum status status;

	if (PKCS12_mac_present(file) != 1 || is_slow_file(file))
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
	enum status status = STATUS_DENIED;

	if (sealed == NULL || is_slow_sealed(sealed))
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

static enum status
add_others(const struct slice *ders, size_t count, const EVP_PKEY *key, struct arena *arena,
	   struct certificate_pair *pair)
{
	bool found = false;

	pair->others = arena_alloc_many(arena, count + 1, sizeof(*pair->others));
	for (size_t i = 0; i < count; i++) {
		const unsigned char *at = ders[i].data;
		X509 *x509 = d2i_X509(NULL, &at, (long)ders[i].size);
		bool fits = x509 != NULL && !found && X509_check_private_key(x509, key) == 1;

		if (fits)
			pair->certificate = ders[i];
		else if (x509 != NULL)
			pair->others[pair->other_count++] = ders[i];
		found = found || fits;
		X509_free(x509);
	}
	return found ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status
certificate_open_pem(struct slice file, const struct secret *passphrase, struct arena *arena,
		     struct certificate_pair *pair_out)
{
	struct certificate_pair pair = {.other_count = 0};
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
		status = add_others(ders, count, key, arena, &pair);
	if (status == STATUS_OK && !take_key(key, &pair.key))
		status = STATUS_INVALID;
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (status == STATUS_OK)
		*pair_out = pair;
	return status;
}
