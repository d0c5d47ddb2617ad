#include "crypto/certificate.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/encode.h"
#include "crypto/certificate_part.h"

#define SERIAL_MAX ((size_t)64)
#define KEY_NAME_MAX ((size_t)40)
#define CAPABILITIES_OID "1.2.840.113549.1.9.15"

static int64_t
seconds_of(const ASN1_TIME *moment)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	return ASN1_TIME_to_tm(moment, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static const char *
serial_text(const X509 *x509, struct arena *arena)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
	size_t size = serial == NULL ? 0 : (size_t)ASN1_STRING_length(serial);
	char *hex;

	if (size > SERIAL_MAX)
		size = SERIAL_MAX;
	hex = arena_alloc(arena, HEX_LENGTH(size) + 1);
	encode_hex(slice_of(size == 0 ? NULL : ASN1_STRING_get0_data(serial), size), hex);
	return hex;
}

/* An exponent of 1 leaves the message as it is, an even one makes it unreadable. */
static bool
is_exponent_broken(const EVP_PKEY *key)
{
	BIGNUM *exponent = NULL;
	bool broken = true;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1)
		broken = BN_is_one(exponent) || !BN_is_odd(exponent) || BN_num_bits(exponent) > 64;
	BN_free(exponent);
	return broken;
}

static void
read_curve(const EVP_PKEY *key, struct arena *arena, struct certificate *certificate)
{
	char name[KEY_NAME_MAX] = "";
	char encoding[KEY_NAME_MAX] = "";
	const char *nist;

	certificate->key = CERTIFICATE_KEY_EC;
	certificate->key_broken =
	    EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) != 1 ||
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding,
					   sizeof(encoding), NULL) != 1 ||
	    strcmp(encoding, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 0;
	nist = EC_curve_nid2nist(OBJ_sn2nid(name));
	certificate->key_name = nist != NULL ? nist : arena_copy_text(arena, name);
}

static void
read_key(X509 *x509, struct arena *arena, struct certificate *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(x509);
	int kind = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);

	certificate->key = CERTIFICATE_KEY_OTHER;
	certificate->key_name = "unknown";
	if (key == NULL)
		return;
	certificate->key_bits = (unsigned)EVP_PKEY_get_bits(key);
	switch (kind) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		certificate->key =
		    kind == EVP_PKEY_RSA ? CERTIFICATE_KEY_RSA : CERTIFICATE_KEY_RSA_PSS;
		certificate->key_name = kind == EVP_PKEY_RSA ? "RSA" : "RSA-PSS";
		certificate->key_broken = is_exponent_broken(key);
		break;
	case EVP_PKEY_EC:
		read_curve(key, arena, certificate);
		break;
	case EVP_PKEY_X25519:
	case EVP_PKEY_X448:
		certificate->key = CERTIFICATE_KEY_EXCHANGE;
		certificate->key_name = kind == EVP_PKEY_X25519 ? "X25519" : "X448";
		break;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		certificate->key = CERTIFICATE_KEY_EDWARDS;
		certificate->key_name = kind == EVP_PKEY_ED25519 ? "Ed25519" : "Ed448";
		break;
	default:
		certificate->key_name = OBJ_nid2sn(kind) == NULL ? "unknown" : OBJ_nid2sn(kind);
		break;
	}
}

static void
read_usage(X509 *x509, struct certificate *certificate)
{
	uint32_t flags = X509_get_extension_flags(x509);
	uint32_t usage = X509_get_key_usage(x509);
	uint32_t purposes = X509_get_extended_key_usage(x509);

	/* Without the extensions both functions give all bits. */
	certificate->usage = (struct certificate_usage){
	    .said = (flags & EXFLAG_KUSAGE) != 0,
	    .sign = (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0,
	    .key_encipherment = (usage & KU_KEY_ENCIPHERMENT) != 0,
	    .key_agreement = (usage & KU_KEY_AGREEMENT) != 0,
	};
	certificate->purposes_said = (flags & EXFLAG_XKUSAGE) != 0;
	certificate->for_mail = (purposes & (XKU_SMIME | XKU_ANYEKU)) != 0;
	certificate->is_authority = (flags & EXFLAG_CA) != 0;
	certificate->self_issued = (flags & EXFLAG_SI) != 0;
	certificate->broken = (flags & EXFLAG_INVALID) != 0;
}

/* The extension of RFC 4262, when there is one of them. */
static void
read_capabilities(const X509 *x509, struct certificate *certificate)
{
	ASN1_OBJECT *object = OBJ_txt2obj(CAPABILITIES_OID, 1);
	int at = X509_get_ext_by_OBJ(x509, object, -1);
	X509_EXTENSION *extension = at < 0 ? NULL : X509_get_ext(x509, at);
	const ASN1_OCTET_STRING *value =
	    extension == NULL ? NULL : X509_EXTENSION_get_data(extension);

	if (value != NULL && capabilities_read(slice_of(ASN1_STRING_get0_data(value),
							(size_t)ASN1_STRING_length(value)),
					       &certificate->capabilities) != STATUS_OK)
		certificate->capabilities = (struct capabilities){.told = false};
	ASN1_OBJECT_free(object);
}

/* What is BER only would have another fingerprint in every reader. */
static bool
is_encoded_so(X509 *x509, struct slice der)
{
	unsigned char *again = NULL;
	int size = i2d_X509(x509, &again);
	bool same = size > 0 && slice_equal(slice_of(again, (size_t)size), der);

	OPENSSL_free(again);
	return same;
}

static enum status
read_facts(X509 *x509, struct slice der, struct arena *arena, struct certificate *certificate_out)
{
	struct certificate certificate = {.der = arena_copy(arena, der)};

	if (!is_encoded_so(x509, der))
		return STATUS_INVALID;
	SHA256(der.data, der.size, certificate.fingerprint);
	certificate.serial = serial_text(x509, arena);
	certificate.not_before = seconds_of(X509_get0_notBefore(x509));
	certificate.not_after = seconds_of(X509_get0_notAfter(x509));
	read_key(x509, arena, &certificate);
	read_usage(x509, &certificate);
	read_capabilities(x509, &certificate);
	certificate_read_names(x509, arena, &certificate);
	certificate_read_urls(x509, arena, &certificate);
	*certificate_out = certificate;
	return STATUS_OK;
}

enum status
certificate_parse(struct slice der, struct arena *arena, struct certificate *certificate_out)
{
	const unsigned char *at = der.data;
	enum status status = STATUS_INVALID;
	X509 *x509;

	if (der.size > CERTIFICATE_SIZE_MAX)
		return STATUS_TOO_LARGE;
	x509 = d2i_X509(NULL, &at, (long)der.size);
	if (x509 != NULL && at == der.data + der.size)
		status = read_facts(x509, der, arena, certificate_out);
	X509_free(x509);
	/* A fault left in the queue would be taken for one of the next TLS connection. */
	ERR_clear_error();
	return status;
}
