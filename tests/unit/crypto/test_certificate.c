/* crypto/certificate and crypto/capabilities: facts, files and what is refused. */
#include <openssl/cms.h>
#include <openssl/pkcs12.h>

#include "crypto/certificate.h"
#include "tests/unit/crypto/issue.h"

static struct arena *arena;
static struct issued *root;
static EVP_PKEY *rsa;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	root = issue_root("Root of all", arena);
	rsa = make_key("RSA", 2048);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa);
	arena_free(arena);
	return 0;
}

static struct certificate
read_facts(struct slice der)
{
	struct certificate certificate;

	assert_int_equal(certificate_parse(der, arena, &certificate), STATUS_OK);
	return certificate;
}

/* An alternative name that OpenSSL's configuration cannot write: its bytes, after the tag. */
static struct issued *
issue_with_names(struct slice general_names)
{
	struct order order = {.name = "Bob", .key = rsa, .subject_mail = "subject@example.net"};
	struct issued *issued = issue(&order, root, arena);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;
	unsigned char *der = NULL;
	int size;

	ASN1_OCTET_STRING_set(value, general_names.data, (int)general_names.size);
	extension = X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
	X509_add_ext(issued->x509, extension, -1);
	assert_true(X509_sign(issued->x509, root->key, EVP_sha256()) > 0);
	size = i2d_X509(issued->x509, &der);
	issued->der = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	return issued;
}

static void
what_a_certificate_says(void **state)
{
	static const char *const more[] = {
	    "crlDistributionPoints", "URI:http://crl.example/1.crl,URI:ldap://x/y",
	    "authorityInfoAccess",
	    "OCSP;URI:http://ocsp.example,caIssuers;URI:http://aia.example/ca.cer",
	    "1.2.840.113549.1.9.15",
	    /* AES-256-GCM, RSAES-OAEP with nothing, RC2 with its bits. */
	    "DER:302A300B0609608648016503040"
	    "12E300B06092A864886F70D010107300E06082A864886F70D030202020080",
	    NULL};
	struct order order = {.name = "Bob",
			      .mail =
				  "email:bob@example.net,email:Bob.B@example.org,DNS:example.net",
			      .constraints = "CA:FALSE",
			      .usage = "critical,digitalSignature,keyEncipherment",
			      .purposes = "emailProtection,clientAuth",
			      .more = more,
			      .key = rsa,
			      .subject_mail = "other@example.net"};
	struct issued *issued = issue(&order, root, arena);
	struct certificate bob = read_facts(issued->der);
	unsigned char print[CERTIFICATE_FINGERPRINT_SIZE];
	char serial[16];

	(void)state;
	assert_slice_equal(bob.der, issued->der);
	X509_digest(issued->x509, EVP_sha256(), print, NULL);
	assert_memory_equal(bob.fingerprint, print, sizeof(print));
	snprintf(serial, sizeof(serial), "%04lx",
		 ASN1_INTEGER_get(X509_get_serialNumber(issued->x509)));
	assert_string_equal(bob.serial, serial);
	assert_int_equal(bob.address_count, 2);
	assert_string_equal(bob.addresses[0], "bob@example.net");
	assert_string_equal(bob.addresses[1], "Bob.B@example.org");
	assert_false(bob.odd_names);
	assert_string_equal(bob.subject, "CN = Bob, emailAddress = other@example.net");
	assert_string_equal(bob.issuer, "CN = Root of all");
	assert_int_equal(bob.not_before, NOW - 15 * DAY);
	assert_int_equal(bob.not_after, NOW + 15 * DAY);
	assert_int_equal(bob.key, CERTIFICATE_KEY_RSA);
	assert_int_equal(bob.key_bits, 2048);
	assert_false(bob.key_broken);
	assert_true(bob.usage.said && bob.usage.sign && bob.usage.key_encipherment);
	assert_false(bob.usage.key_agreement);
	assert_true(bob.purposes_said && bob.for_mail);
	assert_false(bob.is_authority || bob.self_issued || bob.broken);
	assert_int_equal(bob.crl_count, 2);
	assert_string_equal(bob.crls[0], "http://crl.example/1.crl");
	assert_int_equal(bob.ocsp_count, 1);
	assert_string_equal(bob.ocsp[0], "http://ocsp.example");
	assert_int_equal(bob.issuer_count, 1);
	assert_string_equal(bob.issuers[0], "http://aia.example/ca.cer");
	assert_true(bob.capabilities.told && bob.capabilities.aes256_gcm && bob.capabilities.oaep);
	assert_false(bob.capabilities.aes256_cbc || bob.capabilities.aes128_gcm);
}

static void
kinds_of_certificates(void **state)
{
	struct certificate authority = read_facts(root->der);
	struct order order = {.name = "B\xc3\xbcrgeramt \xe2\x80\xae"
				      "moc",
			      .purposes = "serverAuth",
			      .subject_mail = "only@example.net"};
	struct certificate server = read_facts(issue(&order, root, arena)->der);

	(void)state;
	assert_true(authority.is_authority && authority.self_issued);
	assert_int_equal(authority.key, CERTIFICATE_KEY_EC);
	assert_string_equal(authority.key_name, "P-256");
	assert_int_equal(authority.key_bits, 256);
	assert_false(server.for_mail || server.usage.said || server.capabilities.told);
	assert_true(server.usage.key_agreement && server.purposes_said);
	/* The direction is not turned round by a name. */
	assert_string_equal(server.subject,
			    "CN = B\xc3\xbcrgeramt moc, emailAddress = only@example.net");
	/* Where no alternative name is a mail address the subject may have one. */
	assert_int_equal(server.address_count, 1);
	assert_string_equal(server.addresses[0], "only@example.net");
}

#define MAIL(size) "\x81" size
/* otherName of RFC 9598: type, [0], UTF8String. */
#define MAILBOX "\xa0\x1e\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x09\xa0\x12\x0c\x10"

static void
names_that_readers_could_take_for_others(void **state)
{
	static const struct {
		const char *claim;
		struct slice names;
		bool odd;
		const char *first; /* NULL: no address at all */
	} rows[] = {
	    {"plain", SLICE("\x30\x07" MAIL("\x05") "a@b.c"), false, "a@b.c"},
	    {"none of mail: the subject's",
	     SLICE("\x30\x05\x82\x03"
		   "b.c"),
	     false, "subject@example.net"},
	    {"no names at all: the subject's", SLICE("\x30\x00"), false, "subject@example.net"},
	    {"NUL", SLICE("\x30\x09" MAIL("\x07") "a@b.c\0x"), true, NULL},
	    {"a line end", SLICE("\x30\x08" MAIL("\x06") "a@b.c\n"), true, NULL},
	    {"a blank", SLICE("\x30\x08" MAIL("\x06") "a @b.c"), true, NULL},
	    {"an angle bracket", SLICE("\x30\x08" MAIL("\x06") "<a@b.c"), true, NULL},
	    {"beyond ASCII", SLICE("\x30\x08" MAIL("\x06") "\xc3\xa4@b.c"), true, NULL},
	    {"no address", SLICE("\x30\x05" MAIL("\x03") "b.c"), true, NULL},
	    {"empty", SLICE("\x30\x02" MAIL("\x00")), true, NULL},
	    {"one of two", SLICE("\x30\x10" MAIL("\x07") "a@b.c\0x" MAIL("\x05") "d@e.f"), true,
	     "d@e.f"},
	    {"UTF-8 mailbox", SLICE("\x30\x20" MAILBOX "\xe8\x80\x81\xe5\xb8\xab@example.c"), false,
	     "\xe8\x80\x81\xe5\xb8\xab@example.c"},
	    {"UTF-8 mailbox, broken",
	     SLICE("\x30\x20" MAILBOX "\xe8\x80\xc1\xe5\xb8\xab@example.c"), true, NULL},
	    {"UTF-8 mailbox, turned round",
	     SLICE("\x30\x20" MAILBOX "\xe2\x80\xae\xe5\xb8\xab@example.c"), true, NULL},
	    {"UTF-8 mailbox, unseen",
	     SLICE("\x30\x20" MAILBOX "\xe2\x80\x8b\xe5\xb8\xab@example.c"), true, NULL},
	    {"not to be read", SLICE("\x30\x07" MAIL("\x09") "a@b.c"), true, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certificate bob = read_facts(issue_with_names(rows[i].names)->der);

		if (bob.odd_names != rows[i].odd ||
		    bob.address_count != (rows[i].first == NULL ? 0 : 1) ||
		    (rows[i].first != NULL && strcmp(bob.addresses[0], rows[i].first) != 0))
			fail_msg("%s: odd %d, %zu addresses", rows[i].claim, bob.odd_names,
				 bob.address_count);
	}
}

static void
names_beyond_the_bound(void **state)
{
	struct text *names = text_new_in(arena, 65536);
	struct text *one = text_new_in(arena, 65536);
	struct certificate bob;

	(void)state;
	for (size_t i = 0; i < CERTIFICATE_ADDRESSES_MAX + 1; i++)
		text_printf(one, "\x81\x09%04zu@ab.c", i);
	text_printf(names, "%s", "\x30\x82");
	text_append_byte(names, (unsigned char)(one->size >> 8));
	text_append_byte(names, (unsigned char)one->size);
	text_append(names, text_slice(one));
	bob = read_facts(issue_with_names(text_slice(names))->der);
	assert_int_equal(bob.address_count, CERTIFICATE_ADDRESSES_MAX);
	assert_true(bob.odd_names);
	assert_string_equal(bob.addresses[255], "0255@ab.c");
}

static void
what_is_no_certificate(void **state)
{
	struct issued *bob = issue_with_names(SLICE("\x30\x07\x81\x05"
						    "a@b.c"));
	struct certificate certificate;
	unsigned char *bytes = arena_alloc(arena, CERTIFICATE_SIZE_MAX + 2);

	(void)state;
	memcpy(bytes, bob->der.data, bob->der.size);
	for (size_t size = 0; size < bob->der.size; size += 7)
		assert_int_equal(certificate_parse(slice_of(bytes, size), arena, &certificate),
				 STATUS_INVALID);
	assert_int_equal(certificate_parse(slice_of(bytes, bob->der.size + 1), arena, &certificate),
			 STATUS_INVALID);
	assert_int_equal(
	    certificate_parse(slice_of(bytes, CERTIFICATE_SIZE_MAX + 1), arena, &certificate),
	    STATUS_TOO_LARGE);
	/* A signature longer than it says: BER would let it pass. */
	assert_int_equal(bytes[1], 0x82);
	bytes[1] = 0x83;
	memmove(bytes + 3, bytes + 2, bob->der.size - 2);
	bytes[2] = 0;
	assert_int_equal(certificate_parse(slice_of(bytes, bob->der.size + 1), arena, &certificate),
			 STATUS_INVALID);
}

static void
files(void **state)
{
	struct issued *bob = issue_with_names(SLICE("\x30\x07\x81\x05"
						    "a@b.c"));
	STACK_OF(X509) *both = sk_X509_new_null();
	CMS_ContentInfo *cms;
	BIO *memory = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	struct slice *found;
	char *pem;
	size_t count;
	int size;

	(void)state;
	assert_int_equal(certificate_find_all(bob->der, arena, &found, &count), STATUS_OK);
	assert_int_equal(count, 1);
	assert_slice_equal(found[0], bob->der);
	BIO_puts(memory, "Subject: somebody\n");
	PEM_write_bio_PrivateKey(memory, bob->key, NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_X509(memory, bob->x509);
	PEM_write_bio_X509(memory, root->x509);
	size = (int)BIO_get_mem_data(memory, &pem);
	assert_int_equal(certificate_find_all(slice_of(pem, (size_t)size), arena, &found, &count),
			 STATUS_OK);
	assert_int_equal(count, 2);
	assert_slice_equal(found[0], bob->der);
	assert_slice_equal(found[1], root->der);
	(void)BIO_reset(memory);

	sk_X509_push(both, bob->x509);
	sk_X509_push(both, root->x509);
	cms = CMS_sign(NULL, NULL, both, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
	assert_non_null(cms);
	size = i2d_CMS_ContentInfo(cms, &der);
	assert_int_equal(certificate_find_all(slice_of(der, (size_t)size), arena, &found, &count),
			 STATUS_OK);
	assert_int_equal(count, 2);
	PEM_ASN1_write_bio((i2d_of_void *)i2d_CMS_ContentInfo, PEM_STRING_CMS, memory, cms, NULL,
			   NULL, 0, NULL, NULL);
	size = (int)BIO_get_mem_data(memory, &pem);
	assert_int_equal(certificate_find_all(slice_of(pem, (size_t)size), arena, &found, &count),
			 STATUS_OK);
	assert_int_equal(count, 2);
	(void)BIO_reset(memory);

	for (size_t i = 0; i < CERTIFICATE_COUNT_MAX + 1; i++)
		PEM_write_bio_X509(memory, root->x509);
	size = (int)BIO_get_mem_data(memory, &pem);
	assert_int_equal(certificate_find_all(slice_of(pem, (size_t)size), arena, &found, &count),
			 STATUS_TOO_LARGE);
	assert_int_equal(certificate_find_all(SLICE("nonsense"), arena, &found, &count),
			 STATUS_NOT_FOUND);
	assert_int_equal(certificate_find_all(SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n"), arena,
					      &found, &count),
			 STATUS_NOT_FOUND);
	assert_int_equal(certificate_find_all(SLICE(""), arena, &found, &count), STATUS_NOT_FOUND);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	sk_X509_free(both);
	BIO_free(memory);
}

static void
keys_in_files(void **state)
{
	struct issued *bob = issue_with_names(SLICE("\x30\x07\x81\x05"
						    "a@b.c"));
	STACK_OF(X509) *others = sk_X509_new_null();
	struct secret right, wrong, empty = {NULL, 0};
	struct certificate_pair pair;
	unsigned char *der = NULL;
	const unsigned char *at;
	PKCS12 *file;
	EVP_PKEY *key;
	int size;

	(void)state;
	secret_copy(&right, SLICE("heron"));
	secret_copy(&wrong, SLICE("Heron"));
	sk_X509_push(others, root->x509);
	file = PKCS12_create("heron", "bob", bob->key, bob->x509, others, 0, 0, 0, 0, 0);
	size = i2d_PKCS12(file, &der);
	assert_int_equal(certificate_open_pkcs12(slice_of(der, (size_t)size), &wrong, arena, &pair),
			 STATUS_DENIED);
	assert_int_equal(certificate_open_pkcs12(slice_of(der, (size_t)size), &empty, arena, &pair),
			 STATUS_DENIED);
	assert_int_equal(
	    certificate_open_pkcs12(slice_of(der, (size_t)size / 2), &right, arena, &pair),
	    STATUS_INVALID);
	assert_int_equal(certificate_open_pkcs12(slice_of(der, (size_t)size), &right, arena, &pair),
			 STATUS_OK);
	assert_slice_equal(pair.certificate, bob->der);
	assert_int_equal(pair.other_count, 1);
	assert_slice_equal(pair.others[0], root->der);
	at = pair.key.data;
	key = d2i_AutoPrivateKey(NULL, &at, (long)pair.key.size);
	assert_int_equal(EVP_PKEY_eq(key, bob->key), 1);
	EVP_PKEY_free(key);
	certificate_pair_clear(&pair);
	assert_null(pair.key.data);
	PKCS12_free(file);
	OPENSSL_free(der);

	/* Only certificates in it. */
	der = NULL;
	file = PKCS12_create("heron", NULL, NULL, NULL, others, 0, 0, 0, 0, 0);
	size = i2d_PKCS12(file, &der);
	assert_int_equal(certificate_open_pkcs12(slice_of(der, (size_t)size), &right, arena, &pair),
			 STATUS_NOT_FOUND);
	PKCS12_free(file);
	OPENSSL_free(der);
	sk_X509_free(others);
	secret_clear(&right);
	secret_clear(&wrong);
}

/* A key in PEM, sealed where there is a passphrase, and certificates behind it. */
static struct slice
write_pem(const struct issued *key_of, const char *passphrase, int rounds, bool old,
	  const struct issued *first, const struct issued *second)
{
	BIO *memory = BIO_new(BIO_s_mem());
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_of->key);
	X509_ALGOR *scheme = PKCS5_pbe2_set(EVP_aes_256_cbc(), rounds, NULL, 0);
	X509_SIG *sealed = NULL;
	struct slice pem;
	char *bytes;
	int size;

	if (old) {
		PEM_write_bio_PrivateKey_traditional(memory, key_of->key,
						     passphrase == NULL ? NULL : EVP_aes_128_cbc(),
						     NULL, 0, NULL, (void *)passphrase);
	} else if (passphrase == NULL) {
		PEM_write_bio_PKCS8_PRIV_KEY_INFO(memory, info);
	} else {
		sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, scheme);
		assert_non_null(sealed);
		scheme = NULL;
		PEM_write_bio_PKCS8(memory, sealed);
	}
	if (first != NULL)
		PEM_write_bio_X509(memory, first->x509);
	if (second != NULL)
		PEM_write_bio_X509(memory, second->x509);
	size = (int)BIO_get_mem_data(memory, &bytes);
	pem = arena_copy(arena, slice_of(bytes, (size_t)size));
	X509_SIG_free(sealed);
	X509_ALGOR_free(scheme);
	PKCS8_PRIV_KEY_INFO_free(info);
	BIO_free(memory);
	return pem;
}

static void
keys_in_text(void **state)
{
	struct issued *bob = issue_with_names(SLICE("\x30\x07\x81\x05"
						    "a@b.c"));
	static const struct {
		const char *name;
		const char *passphrase;
		const char *given;
		bool old;
		enum status status;
	} rows[] = {
	    {"plain", NULL, "", false, STATUS_OK},
	    {"plain, and a passphrase that is not needed", NULL, "heron", false, STATUS_OK},
	    {"sealed", "heron", "heron", false, STATUS_OK},
	    {"sealed, the wrong one", "heron", "Heron", false, STATUS_DENIED},
	    {"sealed, none", "heron", "", false, STATUS_DENIED},
	    {"old", NULL, "", true, STATUS_OK},
	    {"old, sealed", "heron", "heron", true, STATUS_OK},
	    {"old, sealed, none", "heron", "", true, STATUS_DENIED},
	};
	struct secret heron, empty = {NULL, 0};
	struct certificate_pair pair;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice pem = write_pem(bob, rows[i].passphrase, 1000, rows[i].old, root, bob);
		struct secret given;
		enum status status;

		secret_copy(&given, slice_from_text(rows[i].given));
		status = certificate_open_pem(pem, &given, arena, &pair);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].name, status_text(status));
		secret_clear(&given);
		if (status != STATUS_OK)
			continue;
		assert_slice_equal(pair.certificate, bob->der);
		assert_int_equal(pair.other_count, 1);
		assert_slice_equal(pair.others[0], root->der);
		certificate_pair_clear(&pair);
	}
	secret_copy(&heron, SLICE("heron"));
	assert_int_equal(certificate_open_pem(write_pem(bob, NULL, 1000, false, root, NULL), &empty,
					      arena, &pair),
			 STATUS_NOT_FOUND);
	assert_int_equal(certificate_open_pem(write_pem(bob, NULL, 1000, false, NULL, NULL), &empty,
					      arena, &pair),
			 STATUS_NOT_FOUND);
	assert_int_equal(certificate_open_pem(SLICE("-----BEGIN PRIVATE KEY-----\nAAAA\n"), &empty,
					      arena, &pair),
			 STATUS_INVALID);
	/* One that asks for years of work is none. */
	assert_int_equal(certificate_open_pem(write_pem(bob, "heron", 2000001, false, bob, NULL),
					      &heron, arena, &pair),
			 STATUS_INVALID);
	secret_clear(&heron);
}

/* A bag of a safe: its whole DER as one that holds other bags. */
static PKCS12_SAFEBAG *
wrap_bag(const PKCS12_SAFEBAG *inner)
{
	/* 1.2.840.113549.1.12.10.1.6, safeContentsBag (RFC 7292 section 4.2.6) */
	static const unsigned char name[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
					     0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x06};
	unsigned char *der = NULL;
	int size = i2d_PKCS12_SAFEBAG(inner, &der);
	/* Each length in three bytes. */
	size_t contents = (size_t)size + 4, whole = sizeof(name) + contents + 4;
	struct text *bytes = text_new_in(arena, 65536);
	const unsigned char *at;

	text_printf(bytes, "\x30\x82%c%c", (int)(whole >> 8), (int)(whole & 0xff));
	text_append(bytes, slice_of(name, sizeof(name)));
	text_printf(bytes, "\xa0\x82%c%c\x30\x82%c%c", (int)(contents >> 8), (int)(contents & 0xff),
		    size >> 8, size & 0xff);
	text_append(bytes, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	at = text_slice(bytes).data;
	return d2i_PKCS12_SAFEBAG(NULL, &at, (long)text_slice(bytes).size);
}

/* A key under "heron" that was hashed so often, or only says so. */
static PKCS12_SAFEBAG *
seal_key(const struct issued *of, int rounds, bool lies)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(of->key);
	X509_SIG *sealed =
	    PKCS8_encrypt(-1, EVP_aes_256_cbc(), "heron", 5, NULL, 0, lies ? 1 : rounds, info);

	assert_non_null(sealed);
	if (lies) {
		X509_ALGOR *algorithm = NULL;
		X509_ALGOR *lie = PKCS5_pbe2_set(EVP_aes_256_cbc(), rounds, NULL, 0);

		X509_SIG_getm(sealed, &algorithm, NULL);
		assert_int_equal(X509_ALGOR_copy(algorithm, lie), 1);
		X509_ALGOR_free(lie);
	}
	PKCS8_PRIV_KEY_INFO_free(info);
	return PKCS12_SAFEBAG_create0_pkcs8(sealed);
}

/* A file with the certificate in a sealed part, and the keys in one that is sealed, or is not. */
static struct slice
write_safes(const struct issued *of, const int *keys, int depth, bool sealed, int part, int mac)
{
	STACK_OF(PKCS12_SAFEBAG) *keys_of = sk_PKCS12_SAFEBAG_new_null(), *others = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	unsigned char *der = NULL;
	struct slice copy;
	PKCS12 *file;
	int size;

	assert_non_null(PKCS12_add_cert(&others, of->x509));
	for (int i = 0; keys[i] != 0; i++) {
		/* Nothing is computed of those behind the first. */
		PKCS12_SAFEBAG *bag = seal_key(of, keys[i], i > 0);

		for (int level = 0; level < depth; level++) {
			PKCS12_SAFEBAG *outer = wrap_bag(bag);

			assert_non_null(outer);
			PKCS12_SAFEBAG_free(bag);
			bag = outer;
		}
		sk_PKCS12_SAFEBAG_push(keys_of, bag);
	}
	assert_int_equal(PKCS12_add_safe(&safes, others, NID_aes_256_cbc, part, "heron"), 1);
	assert_int_equal(
	    PKCS12_add_safe(&safes, keys_of, sealed ? NID_aes_256_cbc : -1, part, "heron"), 1);
	file = PKCS12_add_safes(safes, 0);
	assert_int_equal(
	    PKCS12_set_mac(file, "heron", -1, NULL, 0, mac > 2000000 ? 65536 : mac, EVP_sha256()),
	    1);
	size = i2d_PKCS12(file, &der);
	/* Only says so; the number ends the file. */
	if (mac > 2000000) {
		assert_memory_equal(der + size - 5, "\x02\x03\x01\x00\x00", 5);
		memset(der + size - 3, 0x7f, 3);
	}
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	PKCS12_free(file);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	sk_PKCS12_SAFEBAG_pop_free(keys_of, PKCS12_SAFEBAG_free);
	sk_PKCS12_SAFEBAG_pop_free(others, PKCS12_SAFEBAG_free);
	return copy;
}

/* Rounds are bounded for all of a file together, wherever they are asked for. */
static void
slow_keys_in_files(void **state)
{
	struct issued *bob = issue_with_names(SLICE("\x30\x07\x81\x05"
						    "a@b.c"));
	static const struct {
		const char *claim;
		int keys[3]; /* up to 0 */
		int depth;
		bool sealed;
		int part, mac;
		enum status status;
	} rows[] = {
	    {"as it should be", {1000}, 0, false, 1000, 1000, STATUS_OK},
	    {"the key in a sealed part", {1000}, 0, true, 1000, 1000, STATUS_OK},
	    {"the key in a bag", {1000}, 1, false, 1000, 1000, STATUS_OK},
	    {"the key in a bag of a sealed part", {1000}, 4, true, 1000, 1000, STATUS_OK},
	    {"bags in bags", {1000}, 5, false, 1000, 1000, STATUS_INVALID},
	    {"slow MAC", {1000}, 0, false, 1, 2000001, STATUS_INVALID},
	    {"together slow", {1999000}, 0, false, 1000, 1000, STATUS_INVALID},
	    {"a second key", {1000, 1999000}, 0, false, 1000, 1000, STATUS_OK},
	    {"a slow one", {1000, 2000001}, 0, false, 1000, 1000, STATUS_INVALID},
	    {"in a sealed part", {1000, 2000001}, 0, true, 1000, 1000, STATUS_INVALID},
	    {"in a bag of it", {1000, 2000001}, 2, true, 1000, 1000, STATUS_INVALID},
	};
	struct secret heron, wrong;

	(void)state;
	secret_copy(&heron, SLICE("heron"));
	secret_copy(&wrong, SLICE("Heron"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice file = write_safes(bob, rows[i].keys, rows[i].depth, rows[i].sealed,
						rows[i].part, rows[i].mac);
		struct certificate_pair pair;
		enum status status = certificate_open_pkcs12(file, &heron, arena, &pair);

		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].claim, status_text(status));
		if (status != STATUS_OK)
			continue;
		assert_slice_equal(pair.certificate, bob->der);
		certificate_pair_clear(&pair);
		assert_int_equal(certificate_open_pkcs12(file, &wrong, arena, &pair),
				 STATUS_DENIED);
	}
	secret_clear(&heron);
	secret_clear(&wrong);
}

static void
capabilities(void **state)
{
	struct capabilities found;
	struct text *many = text_new_in(arena, 8192);
	struct text *wrapped = text_new_in(arena, 8192);

	(void)state;
	assert_int_equal(capabilities_read(capabilities_own(), &found), STATUS_OK);
	assert_true(found.told && found.aes256_cbc && found.aes128_cbc);
	assert_false(found.aes256_gcm || found.aes128_gcm || found.oaep);
	assert_int_equal(capabilities_read(SLICE("\x30\x00"), &found), STATUS_OK);
	assert_true(found.told && !found.aes256_cbc);
	assert_int_equal(capabilities_read(SLICE("\x30\x00 "), &found), STATUS_INVALID);
	assert_int_equal(capabilities_read(SLICE(""), &found), STATUS_INVALID);
	assert_int_equal(capabilities_read(SLICE("\x31\x00"), &found), STATUS_INVALID);
	for (size_t i = 0; i < CAPABILITIES_COUNT_MAX + 1; i++)
		text_append(many, SLICE("\x30\x03\x06\x01\x2a"));
	text_append(wrapped, SLICE("\x30\x82\x01\x45"));
	text_append(wrapped, text_slice(many));
	assert_int_equal(capabilities_read(text_slice(wrapped), &found), STATUS_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_certificate_says),
	    cmocka_unit_test(kinds_of_certificates),
	    cmocka_unit_test(names_that_readers_could_take_for_others),
	    cmocka_unit_test(names_beyond_the_bound),
	    cmocka_unit_test(what_is_no_certificate),
	    cmocka_unit_test(files),
	    cmocka_unit_test(keys_in_files),
	    cmocka_unit_test(keys_in_text),
	    cmocka_unit_test(slow_keys_in_files),
	    cmocka_unit_test(capabilities),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
