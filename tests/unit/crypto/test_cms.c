/* crypto/cms: what is encrypted opens again, however it is read; what is signed verifies, and what
 * is not does not. */
#include <openssl/cms.h>

#include "base/text.h"
#include "crypto/cms.h"
#include "tests/unit/crypto/issue.h"

static struct arena *arena;
static struct issued *root, *bob, *rsa_bob, *unable;

static int
set_up(void **state)
{
	EVP_PKEY *rsa = make_key("RSA", 2048);
	EVP_PKEY *edwards = make_key("ED25519", 0);
	struct order order = {.name = "Bob", .mail = "email:bob@example.net"};

	(void)state;
	arena = arena_new();
	root = issue_root("Root", arena);
	bob = issue(&order, root, arena);
	order.key = rsa;
	rsa_bob = issue(&order, root, arena);
	order.key = edwards;
	unable = issue(&order, root, arena);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(edwards);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* A source that gives little at a time, counts what is read, and fails where it is told to. */
struct slow {
	struct slice bytes;
	uint64_t read;
	bool fails;
};

static enum status
read_slowly(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct slow *slow = context;
	size_t left = offset > slow->bytes.size ? 0 : slow->bytes.size - (size_t)offset;

	if (slow->fails)
		return STATUS_UNAVAILABLE;
	*size_out = left < room ? left : room;
	if (*size_out > 4999)
		*size_out = 4999;
	memcpy(bytes, slow->bytes.data + offset, *size_out);
	slow->read += *size_out;
	return STATUS_OK;
}

static struct slice
sample(size_t size)
{
	unsigned char *bytes = arena_alloc(arena, size + 1);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
	return slice_of(bytes, size);
}

static struct slice
read_all(const struct source *source, size_t step)
{
	unsigned char *bytes = arena_alloc(arena, source->size + 1);
	size_t got;

	for (uint64_t at = 0; at < source->size; at += got) {
		size_t want = source->size - at < step ? (size_t)(source->size - at) : step;

		assert_int_equal(source->read_at(source->context, at, bytes + at, want, &got),
				 STATUS_OK);
		assert_true(got > 0 && got <= want);
	}
	assert_int_equal(source->read_at(source->context, source->size, bytes, 1, &got), STATUS_OK);
	assert_int_equal(got, 0);
	return slice_of(bytes, source->size);
}

/* By OpenSSL's own reader; empty when it says no. */
static bool
opens(struct slice der, const struct issued *recipient, struct slice *plain_out)
{
	const unsigned char *at = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
	BIO *memory = BIO_new(BIO_s_mem());
	unsigned char *der_again = NULL;
	char *bytes;
	bool opened;
	long size;

	assert_non_null(cms);
	assert_ptr_equal(at, der.data + der.size);
	/* It is DER: written again it is the same. */
	assert_int_equal(i2d_CMS_ContentInfo(cms, &der_again), der.size);
	assert_memory_equal(der_again, der.data, der.size);
	OPENSSL_free(der_again);
	opened = CMS_decrypt(cms, recipient->key, recipient->x509, NULL, memory, CMS_BINARY) == 1;
	size = BIO_get_mem_data(memory, &bytes);
	*plain_out = arena_copy(arena, slice_of(bytes, (size_t)size));
	BIO_free(memory);
	CMS_ContentInfo_free(cms);
	return opened;
}

static void
what_is_encrypted_opens_again(void **state)
{
	static const size_t sizes[] = {0,   1,	   15,	  16,	 17,	 107,	108,
				       109, 65535, 65536, 65537, 131071, 200000};
	static const struct cms_choices choices[] = {{CMS_AES_CBC, CMS_PKCS1},
						     {CMS_AES_GCM, CMS_PKCS1},
						     {CMS_AES_CBC, CMS_OAEP},
						     {CMS_AES_GCM, CMS_OAEP}};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < 8; j++) {
			const struct issued *recipient = j % 2 == 0 ? bob : rsa_bob;
			struct slow slow = {sample(sizes[i]), 0, false};
			struct source plain = {&slow, sizes[i], read_slowly};
			struct slice der, opened;
			struct source sealed;

			assert_int_equal(
			    cms_encrypt(&plain, recipient->der, &choices[j / 2], arena, &sealed),
			    STATUS_OK);
			/* Nothing is read before it is asked for. */
			assert_int_equal(slow.read, 0);
			der = read_all(&sealed, 10007);
			assert_int_equal(slow.read, sizes[i]);
			assert_true(opens(der, recipient, &opened));
			assert_slice_equal(opened, slow.bytes);
		}
}

static void
which_algorithms_are_used(void **state)
{
	static const struct {
		bool rsa;
		struct cms_choices choices;
		int content, transport, wrap;
	} rows[] = {
	    {true, {CMS_AES_CBC, CMS_PKCS1}, NID_aes_256_cbc, NID_rsaEncryption, 0},
	    {true, {CMS_AES_GCM, CMS_OAEP}, NID_aes_256_gcm, NID_rsaesOaep, 0},
	    {false,
	     {CMS_AES_CBC, CMS_PKCS1},
	     NID_aes_256_cbc,
	     NID_dhSinglePass_stdDH_sha256kdf_scheme,
	     NID_id_aes256_wrap},
	    {false,
	     {CMS_AES_GCM, CMS_OAEP},
	     NID_aes_256_gcm,
	     NID_dhSinglePass_stdDH_sha256kdf_scheme,
	     NID_id_aes256_wrap},
	};
	struct slice text = SLICE("x");
	struct source plain = source_from_slice(&text);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct issued *recipient = rows[i].rsa ? rsa_bob : bob;
		const int wanted[] = {rows[i].content, rows[i].transport, rows[i].wrap};
		struct source sealed;
		struct slice der;

		assert_int_equal(
		    cms_encrypt(&plain, recipient->der, &rows[i].choices, arena, &sealed),
		    STATUS_OK);
		der = read_all(&sealed, 1000);
		/* By their encoded identifiers. */
		for (size_t j = 0; j < 3; j++) {
			unsigned char *oid = NULL;
			int size =
			    wanted[j] == 0 ? 0 : i2d_ASN1_OBJECT(OBJ_nid2obj(wanted[j]), &oid);

			if (size > 0 &&
			    slice_find(der, slice_of(oid, (size_t)size), 0) == SLICE_NONE)
				fail_msg("%zu: no %s", i, OBJ_nid2sn(wanted[j]));
			OPENSSL_free(oid);
		}
	}
}

static void
it_is_the_same_wherever_it_is_read(void **state)
{
	static const struct cms_choices choices[] = {{CMS_AES_CBC, CMS_PKCS1},
						     {CMS_AES_GCM, CMS_PKCS1}};

	(void)state;
	for (size_t j = 0; j < 2; j++) {
		struct slice bytes = sample(300000);
		struct source plain = source_from_slice(&bytes);
		struct source sealed, coded;
		struct slice whole, text;
		unsigned char piece[500];

		assert_int_equal(cms_encrypt(&plain, bob->der, &choices[j], arena, &sealed),
				 STATUS_OK);
		whole = read_all(&sealed, SIZE_MAX);
		assert_slice_equal(read_all(&sealed, 1 << 20), whole);
		for (size_t at = 0; at < whole.size; at += 39989) {
			size_t back = whole.size - 1 - at;
			size_t size = whole.size - back < 500 ? whole.size - back : 500;

			assert_int_equal(source_read_exactly(&sealed, back, piece, size),
					 STATUS_OK);
			assert_memory_equal(piece, whole.data + back, size);
		}
		coded = cms_base64(&sealed, arena);
		text = read_all(&coded, 997);
		assert_slice_equal(read_all(&coded, 100000), text);
		for (size_t at = 0; at < text.size; at += 78) {
			struct slice line = slice_part(text, at, at + 78);
			unsigned char decoded[57];
			size_t size;

			assert_true(line.size > 2);
			assert_memory_equal(line.data + line.size - 2, "\r\n", 2);
			assert_true(decode_base64(slice_part(line, 0, line.size - 2), decoded,
						  sizeof(decoded), &size));
			assert_memory_equal(decoded, whole.data + at / 78 * 57, size);
		}
	}
}

static void
a_source_that_fails(void **state)
{
	static const struct cms_choices choices = {CMS_AES_GCM, CMS_PKCS1};
	struct slow slow = {sample(200000), 0, false};
	struct source plain = {&slow, slow.bytes.size, read_slowly};
	struct slice whole, opened;
	struct source sealed, coded;
	unsigned char bytes[1000];

	(void)state;
	assert_int_equal(cms_encrypt(&plain, bob->der, &choices, arena, &sealed), STATUS_OK);
	coded = cms_base64(&sealed, arena);
	assert_int_equal(source_read_exactly(&coded, 0, bytes, sizeof(bytes)), STATUS_OK);
	slow.fails = true;
	assert_int_equal(source_read_exactly(&sealed, 150000, bytes, sizeof(bytes)),
			 STATUS_UNAVAILABLE);
	assert_int_equal(source_read_exactly(&coded, 150000, bytes, sizeof(bytes)),
			 STATUS_UNAVAILABLE);
	/* What failed may be tried again. */
	slow.fails = false;
	assert_int_equal(source_read_exactly(&coded, 150000, bytes, sizeof(bytes)), STATUS_OK);
	whole = read_all(&sealed, 5000);
	assert_true(opens(whole, bob, &opened));
	assert_slice_equal(opened, slow.bytes);
	/* It ends before its size. */
	slow.bytes.size = 100000;
	assert_int_equal(source_read_exactly(&sealed, 0, bytes, sizeof(bytes)), STATUS_OK);
	assert_int_equal(source_read_exactly(&sealed, 150000, bytes, sizeof(bytes)),
			 STATUS_INVALID);
}

static void
what_cannot_be_encrypted(void **state)
{
	static const struct cms_choices choices = {CMS_AES_CBC, CMS_PKCS1};
	struct slice text = SLICE("x");
	struct source plain = source_from_slice(&text);
	struct source endless = {NULL, UINT64_MAX, NULL};
	struct source sealed;

	(void)state;
	assert_int_equal(cms_encrypt(&plain, unable->der, &choices, arena, &sealed),
			 STATUS_INVALID);
	assert_int_equal(cms_encrypt(&plain, SLICE("nonsense"), &choices, arena, &sealed),
			 STATUS_INVALID);
	assert_int_equal(cms_encrypt(&endless, bob->der, &choices, arena, &sealed),
			 STATUS_TOO_LARGE);
}

/* --- signatures --- */

static void
key_of(const struct issued *issued, struct secret *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(issued->key);
	unsigned char *der = NULL;
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	secret_copy(key, slice_of(der, (size_t)size));
	OPENSSL_clear_free(der, (size_t)size);
	PKCS8_PRIV_KEY_INFO_free(info);
}

static enum status
sign(const struct issued *certificate, const struct issued *key_owner, struct slice content,
     struct slice *signature)
{
	struct source source = source_from_slice(&content);
	struct secret key;
	struct cms_signer signer = {certificate->der, &root->der, 1, &key};
	enum status status;

	key_of(key_owner, &key);
	status = cms_sign(&source, &signer, NOW, arena, signature);
	secret_clear(&key);
	return status;
}

static void
a_signature_verifies_and_tells(void **state)
{
	const struct issued *const signers[] = {bob, rsa_bob};
	struct slice content = SLICE("Content-Type: text/plain\r\n\r\nHello\r\n");
	struct slice changed = SLICE("Content-Type: text/plain\r\n\r\nhello\r\n");
	struct source source = source_from_slice(&content);
	struct source other = source_from_slice(&changed);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cms_signatures found;
		struct slice signature;

		assert_int_equal(sign(signers[i], signers[i], content, &signature), STATUS_OK);
		assert_int_equal(cms_verify(signature, &source, arena, &found), STATUS_OK);
		assert_int_equal(found.signer_count, 1);
		assert_slice_equal(found.signers[0].certificate, signers[i]->der);
		assert_int_equal(found.signers[0].at, NOW);
		assert_false(found.signers[0].weak_digest);
		assert_true(found.signers[0].capabilities.aes256_cbc);
		assert_false(found.signers[0].capabilities.aes256_gcm);
		assert_int_equal(found.certificate_count, 2);
		assert_int_equal(cms_verify(signature, &other, arena, &found), STATUS_DAMAGED);
		assert_int_equal(cms_verify(signature, NULL, arena, &found), STATUS_INVALID);
	}
}

static void
what_is_not_signed(void **state)
{
	static const struct {
		const char *content;
		enum status status;
	} rows[] = {
	    {"", STATUS_OK},
	    {"a\r\nb", STATUS_OK},
	    {"a\nb", STATUS_CONFLICT},
	    {"\nb", STATUS_CONFLICT},
	    {"a\rb\r\n", STATUS_CONFLICT},
	    {"a\r", STATUS_CONFLICT},
	    {"a\r\r\n", STATUS_CONFLICT},
	    {"a\r\n\n", STATUS_CONFLICT},
	};
	struct slice long_text = sample(70000), signature;
	unsigned char *bytes = arena_alloc(arena, long_text.size);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(sign(bob, bob, slice_from_text(rows[i].content), &signature),
				 rows[i].status);
	/* A line end that is cut between two pieces is one all the same. */
	memset(bytes, 'a', long_text.size);
	memcpy(bytes + 65535, "\r\n", 2);
	assert_int_equal(sign(bob, bob, slice_of(bytes, long_text.size), &signature), STATUS_OK);
	bytes[65536] = 'a';
	assert_int_equal(sign(bob, bob, slice_of(bytes, long_text.size), &signature),
			 STATUS_CONFLICT);
	assert_int_equal(sign(bob, rsa_bob, SLICE("x"), &signature), STATUS_INVALID);
}

/* As others sign. */
static struct slice
sign_otherwise(struct slice content, unsigned flags, const EVP_MD *digest, int signers)
{
	BIO *memory = BIO_new_mem_buf(content.data, (int)content.size);
	CMS_ContentInfo *cms =
	    CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_BINARY | CMS_STREAM);
	unsigned char *der = NULL;
	struct slice copy;
	int size;

	for (int i = 0; i < signers; i++)
		assert_non_null(CMS_add1_signer(cms, i % 2 == 0 ? rsa_bob->x509 : bob->x509,
						i % 2 == 0 ? rsa_bob->key : bob->key, digest,
						flags | (i < 2 ? 0 : CMS_NOCERTS)));
	/* Without a signer OpenSSL finds nothing to end. */
	assert_int_equal(CMS_final(cms, memory, NULL, flags | CMS_BINARY), signers > 0);
	size = i2d_CMS_ContentInfo(cms, &der);
	copy = arena_copy(arena, slice_of(der, (size_t)size));
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(memory);
	return copy;
}

static void
signatures_of_others(void **state)
{
	struct slice content = SLICE("Hello\r\n");
	struct source source = source_from_slice(&content);
	struct slow slow = {content, 0, true};
	struct source failing = {&slow, content.size, read_slowly};
	const struct {
		const char *claim;
		struct slice signature;
		bool detached;
		enum status status;
		size_t signers;
		bool weak;
	} rows[] = {
	    {"detached", sign_otherwise(content, CMS_DETACHED, EVP_sha256(), 1), true, STATUS_OK, 1,
	     false},
	    {"content inside", sign_otherwise(content, 0, EVP_sha256(), 1), false, STATUS_OK, 1,
	     false},
	    {"content inside and outside", sign_otherwise(content, 0, EVP_sha256(), 1), true,
	     STATUS_INVALID, 0, false},
	    {"SHA-1", sign_otherwise(content, CMS_DETACHED, EVP_sha1(), 1), true, STATUS_OK, 1,
	     true},
	    {"two signers", sign_otherwise(content, CMS_DETACHED, EVP_sha256(), 2), true, STATUS_OK,
	     2, false},
	    {"too many signers",
	     sign_otherwise(content, CMS_DETACHED, EVP_sha256(), CMS_SIGNERS_MAX + 1), true,
	     STATUS_TOO_LARGE, 0, false},
	    {"no signer", sign_otherwise(content, CMS_DETACHED, EVP_sha256(), 0), true,
	     STATUS_NOT_FOUND, 0, false},
	    {"without the certificate",
	     sign_otherwise(content, CMS_DETACHED | CMS_NOCERTS, EVP_sha256(), 1), true,
	     STATUS_NOT_FOUND, 0, false},
	    {"without attributes",
	     sign_otherwise(content, CMS_DETACHED | CMS_NOATTR, EVP_sha256(), 1), true, STATUS_OK,
	     1, false},
	    {"nonsense", SLICE("nonsense"), true, STATUS_INVALID, 0, false},
	    {"nothing", SLICE(""), true, STATUS_INVALID, 0, false},
	};
	struct cms_signatures found;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum status status =
		    cms_verify(rows[i].signature, rows[i].detached ? &source : NULL, arena, &found);

		if (status != rows[i].status ||
		    (status == STATUS_OK && (found.signer_count != rows[i].signers ||
					     found.signers[0].weak_digest != rows[i].weak)))
			fail_msg("%s: %s", rows[i].claim, status_text(status));
	}
	assert_int_equal(cms_verify(rows[0].signature, &failing, arena, &found),
			 STATUS_UNAVAILABLE);
	assert_int_equal(cms_verify(slice_of(arena_alloc(arena, CMS_SIGNED_SIZE_MAX + 1),
					     CMS_SIGNED_SIZE_MAX + 1),
				    NULL, arena, &found),
			 STATUS_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_encrypted_opens_again),
	    cmocka_unit_test(which_algorithms_are_used),
	    cmocka_unit_test(it_is_the_same_wherever_it_is_read),
	    cmocka_unit_test(a_source_that_fails),
	    cmocka_unit_test(what_cannot_be_encrypted),
	    cmocka_unit_test(a_signature_verifies_and_tells),
	    cmocka_unit_test(what_is_not_signed),
	    cmocka_unit_test(signatures_of_others),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
