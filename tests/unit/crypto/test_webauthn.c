/* Passkeys, made and shown by authenticators of our own: OpenSSL's keys, and bytes of CBOR. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/sha2.h"
#include "crypto/webauthn.h"

#define ORIGIN "https://portal.corp.example:8443"
#define CREATE "webauthn.create"
#define GET "webauthn.get"
#define PRESENT 0x01
#define VERIFIED 0x04
#define MAY_BE_SAVED 0x08
#define IS_SAVED 0x10
#define WITH_CREDENTIAL 0x40
#define WITH_EXTENSIONS 0x80

static const struct webauthn_party party = {"portal.corp.example", ORIGIN};
static const struct slice credential_id = {(const unsigned char *)"an id of some bytes", 19};
static unsigned char challenge_bytes[WEBAUTHN_CHALLENGE_SIZE];
static struct slice challenge;
static struct arena *arena;

static const enum webauthn_algorithm algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA,
						     WEBAUTHN_RS256};
static EVP_PKEY *keys[3];

static EVP_PKEY *
key_of(enum webauthn_algorithm algorithm)
{
	for (size_t i = 0; i < 3; i++)
		if (algorithms[i] == algorithm)
			return keys[i];
	return NULL;
}

/* --- what a browser makes --- */

static struct text *
fresh(void)
{
	return text_new_in(arena, 65536);
}

static struct slice
client(const char *type, struct slice asked, const char *origin, const char *more)
{
	struct text *out = fresh();
	char text[BASE64URL_LENGTH(64) + 1];

	encode_base64url(asked, text);
	text_printf(out, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\"%s}", type, text,
		    origin, more);
	return text_slice(out);
}

/* --- what an authenticator makes --- */

static void
append_number(struct text *out, uint32_t number, int bytes)
{
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		text_append_byte(out, (unsigned char)(number >> shift));
}

static struct slice
head(const char *host, unsigned flags, uint32_t counter)
{
	struct text *out = fresh();
	unsigned char digest[SHA256_SIZE];

	assert_int_equal(sha256_of(slice_from_text(host), digest), STATUS_OK);
	text_append(out, slice_of(digest, sizeof(digest)));
	text_append_byte(out, (unsigned char)flags);
	append_number(out, counter, 4);
	return text_slice(out);
}

static void
append_ec(struct text *out, EVP_PKEY *key)
{
	unsigned char point[65];
	size_t size;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
							 sizeof(point), &size),
			 1);
	assert_int_equal(size, 65);
	text_append(out, SLICE("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"));
	text_append(out, slice_of(point + 1, 32));
	text_append(out, SLICE("\x22\x58\x20"));
	text_append(out, slice_of(point + 33, 32));
}

static void
append_ed(struct text *out, EVP_PKEY *key)
{
	unsigned char point[32];
	size_t size = sizeof(point);

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, point, &size), 1);
	text_append(out, SLICE("\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20"));
	text_append(out, slice_of(point, sizeof(point)));
}

static void
append_rsa(struct text *out, EVP_PKEY *key)
{
	unsigned char modulus[256];
	BIGNUM *number = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &number), 1);
	assert_int_equal(BN_bn2binpad(number, modulus, sizeof(modulus)), sizeof(modulus));
	BN_free(number);
	text_append(out, SLICE("\xa4\x01\x03\x03\x39\x01"));
	text_append_byte(out, 0);
	text_append(out, SLICE("\x20\x59\x01"));
	text_append_byte(out, 0);
	text_append(out, slice_of(modulus, sizeof(modulus)));
	text_append(out, SLICE("\x21\x43\x01"));
	text_append_byte(out, 0);
	text_append_byte(out, 1);
}

static struct slice
cose(enum webauthn_algorithm algorithm)
{
	struct text *out = fresh();

	if (algorithm == WEBAUTHN_ES256)
		append_ec(out, key_of(algorithm));
	else if (algorithm == WEBAUTHN_EDDSA)
		append_ed(out, key_of(algorithm));
	else
		append_rsa(out, key_of(algorithm));
	return text_slice(out);
}

static struct slice
made(struct slice first, struct slice id, struct slice key, struct slice behind)
{
	struct text *out = fresh();

	text_append(out, first);
	for (int i = 0; i < 16; i++)
		text_append_byte(out, 0);
	append_number(out, (uint32_t)id.size, 2);
	text_append(out, id);
	text_append(out, key);
	text_append(out, behind);
	return text_slice(out);
}

static struct slice
attested(struct slice data)
{
	struct text *out = fresh();

	text_append(out, SLICE("\xa3\x63"
			       "fmt\x64none\x67"
			       "attStmt\xa0\x68"
			       "authData\x59"));
	append_number(out, (uint32_t)data.size, 2);
	text_append(out, data);
	return text_slice(out);
}

#define GOOD_FLAGS (PRESENT | VERIFIED | WITH_CREDENTIAL)

static struct slice
good_data(enum webauthn_algorithm algorithm)
{
	return made(head(party.id, GOOD_FLAGS, 5), credential_id, cose(algorithm),
		    slice_of(NULL, 0));
}

static struct slice
sign(EVP_PKEY *key, struct slice data, struct slice said)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct text *signed_text = fresh();
	unsigned char digest[SHA256_SIZE];
	unsigned char *signature = arena_alloc(arena, 512);
	size_t size = 512;

	assert_int_equal(sha256_of(said, digest), STATUS_OK);
	text_append(signed_text, data);
	text_append(signed_text, slice_of(digest, sizeof(digest)));
	assert_int_equal(
	    EVP_DigestSignInit(context, NULL,
			       EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256(),
			       NULL, key),
	    1);
	assert_int_equal(
	    EVP_DigestSign(context, signature, &size, signed_text->data, signed_text->size), 1);
	EVP_MD_CTX_free(context);
	return slice_of(signature, size);
}

/* --- asking --- */

static enum status
take(struct slice said, struct slice attestation, struct webauthn_credential *credential)
{
	return webauthn_register(&party, challenge, said, attestation, arena, credential);
}

static struct webauthn_credential
registered(enum webauthn_algorithm algorithm)
{
	struct webauthn_credential credential;

	assert_int_equal(take(client(CREATE, challenge, ORIGIN, ",\"crossOrigin\":false"),
			      attested(good_data(algorithm)), &credential),
			 STATUS_OK);
	return credential;
}

/* A signature that is right, over whatever that is. */
static enum status
show(const struct webauthn_credential *credential, struct slice said, struct slice data)
{
	uint32_t counter;

	return webauthn_assert(&party, challenge, credential, said, data,
			       sign(key_of(credential->algorithm), data, said), &counter);
}

static struct slice
good_said(void)
{
	return client(GET, challenge, ORIGIN, "");
}

/* --- cases --- */

static void
three_algorithms_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct webauthn_credential credential = registered(algorithms[i]);
		struct slice data = head(party.id, PRESENT | VERIFIED | MAY_BE_SAVED | IS_SAVED, 6);
		uint32_t counter = 0;

		assert_int_equal(credential.algorithm, algorithms[i]);
		assert_true(slice_equal(credential.id, credential_id));
		assert_int_equal(credential.counter, 5);
		assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(), data,
						 sign(keys[i], data, good_said()), &counter),
				 STATUS_OK);
		assert_int_equal(counter, 6);
	}
}

static void
a_key_signs_for_itself_only(void **state)
{
	struct webauthn_credential credential = registered(WEBAUTHN_ES256);
	struct slice data = head(party.id, PRESENT | VERIFIED, 6);
	uint32_t counter = 77;

	(void)state;
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(), data,
						 sign(keys[i], data, good_said()), &counter),
				 STATUS_DENIED);
	for (size_t i = 0; i < 3; i++) {
		struct slice signature = sign(keys[i], data, good_said());
		unsigned char *changed = (unsigned char *)arena_copy(arena, signature).data;

		credential = registered(algorithms[i]);
		changed[signature.size - 1] ^= 1;
		assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(), data,
						 slice_of(changed, signature.size), &counter),
				 STATUS_DENIED);
		/* Nor over other data, or another saying. */
		assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(),
						 head(party.id, PRESENT | VERIFIED, 7), signature,
						 &counter),
				 STATUS_DENIED);
		assert_int_equal(webauthn_assert(&party, challenge, &credential,
						 client(GET, challenge, ORIGIN, ",\"more\":1"),
						 data, signature, &counter),
				 STATUS_DENIED);
	}
	assert_int_equal(counter, 77);
}

static void
browsers_say_the_right_thing(void **state)
{
	unsigned char other[WEBAUTHN_CHALLENGE_SIZE];
	struct webauthn_credential credential = registered(WEBAUTHN_ES256);
	struct slice data = head(party.id, PRESENT | VERIFIED, 6);
	struct slice attestation = attested(good_data(WEBAUTHN_ES256));

	(void)state;
	memcpy(other, challenge_bytes, sizeof(other));
	other[31] ^= 1;
	for (int making = 0; making < 2; making++) {
		const char *type = making ? CREATE : GET;
		const struct {
			struct slice said;
			enum status status;
		} rows[] = {
		    {client(type, challenge, ORIGIN, ""), STATUS_OK},
		    {client(type, challenge, ORIGIN, ",\"crossOrigin\":false"), STATUS_OK},
		    {client(making ? GET : CREATE, challenge, ORIGIN, ""), STATUS_DENIED},
		    {client(type, challenge, ORIGIN ".example", ""), STATUS_DENIED},
		    {client(type, challenge, "http://portal.corp.example:8443", ""), STATUS_DENIED},
		    {client(type, challenge, "https://portal.corp.example", ""), STATUS_DENIED},
		    {client(type, challenge, "", ""), STATUS_DENIED},
		    {client(type, slice_of(other, sizeof(other)), ORIGIN, ""), STATUS_DENIED},
		    {client(type, slice_part(challenge, 0, 31), ORIGIN, ""), STATUS_DENIED},
		    {client(type, slice_of(NULL, 0), ORIGIN, ""), STATUS_DENIED},
		    {client(type, challenge, ORIGIN, ",\"crossOrigin\":true"), STATUS_DENIED},
		    {client(type, challenge, ORIGIN, ",\"crossOrigin\":\"no\""), STATUS_DENIED},
		    /* Which of two would count? */
		    {client(type, challenge, ORIGIN, ",\"origin\":\"" ORIGIN "\""), STATUS_INVALID},
		    {SLICE("{}"), STATUS_DENIED},
		    {SLICE(""), STATUS_INVALID},
		    {SLICE("[]"), STATUS_INVALID},
		    {SLICE("null"), STATUS_INVALID},
		    {SLICE("{\"type\""), STATUS_INVALID},
		    {client(type, challenge, ORIGIN, ",\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"),
		     STATUS_INVALID},
		};

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			assert_int_equal(making ? take(rows[i].said, attestation, &credential)
						: show(&credential, rows[i].said, data),
					 rows[i].status);
	}
}

static void
what_browsers_say_is_bounded(void **state)
{
	struct webauthn_credential credential;
	struct text *more = fresh();

	(void)state;
	text_append_text(more, ",\"a\":\"");
	for (size_t i = 0; i < WEBAUTHN_CLIENT_MAX; i++)
		text_append_byte(more, 'a');
	text_append_byte(more, '"');
	assert_int_equal(take(client(CREATE, challenge, ORIGIN, text_string(more)),
			      attested(good_data(WEBAUTHN_ES256)), &credential),
			 STATUS_INVALID);
}

static void
somebody_is_there_and_verified(void **state)
{
	static const struct {
		unsigned flags;
		enum status status;
	} rows[] = {
	    {PRESENT | VERIFIED, STATUS_OK},
	    {PRESENT | VERIFIED | MAY_BE_SAVED, STATUS_OK},
	    {PRESENT, STATUS_DENIED},
	    {VERIFIED, STATUS_DENIED},
	    {0, STATUS_DENIED},
	    {PRESENT | VERIFIED | IS_SAVED, STATUS_INVALID},
	};
	struct webauthn_credential credential = registered(WEBAUTHN_EDDSA);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct webauthn_credential other;

		assert_int_equal(show(&credential, good_said(), head(party.id, rows[i].flags, 6)),
				 rows[i].status);
		assert_int_equal(
		    take(client(CREATE, challenge, ORIGIN, ""),
			 attested(made(head(party.id, rows[i].flags | WITH_CREDENTIAL, 0),
				       credential_id, cose(WEBAUTHN_EDDSA), slice_of(NULL, 0))),
			 &other),
		    rows[i].status);
	}
	/* A new one comes with its key, one that is shown without. */
	assert_int_equal(show(&credential, good_said(), good_data(WEBAUTHN_EDDSA)), STATUS_INVALID);
	assert_int_equal(take(client(CREATE, challenge, ORIGIN, ""),
			      attested(made(head(party.id, PRESENT | VERIFIED, 0), credential_id,
					    cose(WEBAUTHN_EDDSA), slice_of(NULL, 0))),
			      &credential),
			 STATUS_INVALID);
}

static void
passkeys_of_other_places_are_none(void **state)
{
	static const char *const hosts[] = {"corp.example", "evil.example", "a.portal.corp.example",
					    ""};
	struct webauthn_credential credential = registered(WEBAUTHN_RS256);

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_int_equal(
		    show(&credential, good_said(), head(hosts[i], PRESENT | VERIFIED, 6)),
		    STATUS_DENIED);
		assert_int_equal(take(client(CREATE, challenge, ORIGIN, ""),
				      attested(made(head(hosts[i], GOOD_FLAGS, 0), credential_id,
						    cose(WEBAUTHN_RS256), slice_of(NULL, 0))),
				      &credential),
				 STATUS_DENIED);
	}
}

static void
counters_grow(void **state)
{
	static const struct {
		uint32_t kept, shown;
		enum status status;
	} rows[] = {
	    {0, 0, STATUS_OK},	     {0, 1, STATUS_OK},
	    {5, 6, STATUS_OK},	     {5, 4000000000, STATUS_OK},
	    {5, 5, STATUS_CONFLICT}, {5, 4, STATUS_CONFLICT},
	    {5, 0, STATUS_CONFLICT}, {4000000000, 1, STATUS_CONFLICT},
	};
	struct webauthn_credential credential = registered(WEBAUTHN_ES256);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		credential.counter = rows[i].kept;
		assert_int_equal(show(&credential, good_said(),
				      head(party.id, PRESENT | VERIFIED, rows[i].shown)),
				 rows[i].status);
	}
	/* A counter that is behind tells nothing where the signature is wrong. */
	credential.counter = 9;
	credential.key = registered(WEBAUTHN_EDDSA).key;
	credential.algorithm = WEBAUTHN_EDDSA;
	assert_int_equal(
	    webauthn_assert(&party, challenge, &credential, good_said(),
			    head(party.id, PRESENT | VERIFIED, 1),
			    sign(keys[0], head(party.id, PRESENT | VERIFIED, 1), good_said()),
			    &credential.counter),
	    STATUS_DENIED);
}

static enum status
take_data(struct slice data)
{
	struct webauthn_credential credential;

	return take(client(CREATE, challenge, ORIGIN, ""), attested(data), &credential);
}

static void
ids_are_bounded(void **state)
{
	unsigned char *long_id = arena_alloc(arena, WEBAUTHN_ID_MAX + 1);
	struct slice key = cose(WEBAUTHN_ES256), first = head(party.id, GOOD_FLAGS, 0);

	(void)state;
	assert_int_equal(
	    take_data(made(first, slice_of(long_id, WEBAUTHN_ID_MAX), key, slice_of(NULL, 0))),
	    STATUS_OK);
	assert_int_equal(
	    take_data(made(first, slice_of(long_id, WEBAUTHN_ID_MAX + 1), key, slice_of(NULL, 0))),
	    STATUS_INVALID);
	assert_int_equal(take_data(made(first, slice_of(NULL, 0), key, slice_of(NULL, 0))),
			 STATUS_INVALID);
}

static void
extensions_are_announced(void **state)
{
	static const struct {
		unsigned flags;
		const char *behind;
		size_t size;
		enum status status;
	} rows[] = {
	    {0, "", 0, STATUS_OK},
	    {WITH_EXTENSIONS, "\xa0", 1, STATUS_OK},
	    {WITH_EXTENSIONS, "\xa1\x61\x61\x01", 4, STATUS_OK},
	    {0, "\xa0", 1, STATUS_INVALID},
	    {0, "\0", 1, STATUS_INVALID},
	    {WITH_EXTENSIONS, "", 0, STATUS_INVALID},
	    {WITH_EXTENSIONS, "\x01", 1, STATUS_INVALID},
	    {WITH_EXTENSIONS, "\xa0\xa0", 2, STATUS_INVALID},
	    {WITH_EXTENSIONS, "\xa1\x61\x61", 3, STATUS_INVALID},
	    {WITH_EXTENSIONS, "\xbf\xff", 2, STATUS_INVALID},
	    {WITH_EXTENSIONS, "\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", 9, STATUS_INVALID},
	};
	struct webauthn_credential credential = registered(WEBAUTHN_ES256);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice behind = slice_of(rows[i].behind, rows[i].size);
		struct text *data = fresh();

		assert_int_equal(take_data(made(head(party.id, GOOD_FLAGS | rows[i].flags, 0),
						credential_id, cose(WEBAUTHN_ES256), behind)),
				 rows[i].status);
		text_append(data, head(party.id, PRESENT | VERIFIED | rows[i].flags, 9));
		text_append(data, behind);
		assert_int_equal(show(&credential, good_said(), text_slice(data)), rows[i].status);
	}
}

static void
other_keys_are_none(void **state)
{
	struct slice first = head(party.id, GOOD_FLAGS, 0);
	struct slice good = cose(WEBAUTHN_ES256);
	unsigned char *off_curve = (unsigned char *)arena_copy(arena, good).data;
	unsigned char *other = (unsigned char *)arena_copy(arena, good).data;

	(void)state;
	off_curve[20] ^= 1;
	assert_int_equal(take_data(made(first, credential_id, slice_of(off_curve, good.size),
					slice_of(NULL, 0))),
			 STATUS_INVALID);
	other[4] = 0x38; /* -35, ES384, and a byte too many */
	assert_int_equal(
	    take_data(made(first, credential_id, slice_of(other, good.size), slice_of(NULL, 0))),
	    STATUS_INVALID);
	assert_int_equal(take_data(made(first, credential_id, SLICE("\xa0"), slice_of(NULL, 0))),
			 STATUS_INVALID);
	/* A header that announces more than anybody has memory for. */
	assert_int_equal(
	    take_data(made(first, credential_id, SLICE("\xbb\x0f\xff\xff\xff\xff\xff\xff\xff"),
			   slice_of(NULL, 0))),
	    STATUS_INVALID);
	assert_int_equal(take_data(made(first, credential_id,
					SLICE("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01"),
					slice_of(NULL, 0))),
			 STATUS_INVALID);
}

static void
only_no_attestation_is_taken(void **state)
{
	struct slice good = attested(good_data(WEBAUTHN_ES256));
	unsigned char *changed = (unsigned char *)arena_copy(arena, good).data;
	struct webauthn_credential credential;
	struct text *more = fresh();

	(void)state;
	memcpy(changed + 6, "fido", 4);
	assert_int_equal(
	    take(client(CREATE, challenge, ORIGIN, ""), slice_of(changed, good.size), &credential),
	    STATUS_INVALID);
	text_append(more, good);
	text_append_byte(more, 0);
	assert_int_equal(take(client(CREATE, challenge, ORIGIN, ""), text_slice(more), &credential),
			 STATUS_INVALID);
}

/* Every cut, and each byte changed: none of them is a crash, none that is cut is taken. */
static void
what_is_cut_or_changed_is_no_harm(void **state)
{
	struct slice good = attested(good_data(WEBAUTHN_ES256));
	struct slice said = client(CREATE, challenge, ORIGIN, "");
	struct slice data = head(party.id, PRESENT | VERIFIED, 6);
	struct webauthn_credential credential = registered(WEBAUTHN_ES256), other;
	uint32_t counter;

	(void)state;
	for (size_t i = 0; i < good.size; i++) {
		unsigned char *changed = (unsigned char *)arena_copy(arena, good).data;
		enum status status;

		assert_int_equal(take(said, slice_part(good, 0, i), &other), STATUS_INVALID);
		changed[i] ^= 0xff;
		status = take(said, slice_of(changed, good.size), &other);
		assert_true(status == STATUS_OK || status == STATUS_INVALID ||
			    status == STATUS_DENIED);
	}
	for (size_t i = 0; i < said.size; i++)
		assert_int_equal(take(slice_part(said, 0, i), good, &other), STATUS_INVALID);
	for (size_t i = 0; i < data.size; i++)
		assert_int_equal(show(&credential, good_said(), slice_part(data, 0, i)),
				 STATUS_INVALID);
	assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(), data,
					 slice_of(NULL, 0), &counter),
			 STATUS_INVALID);
	assert_int_equal(webauthn_assert(&party, challenge, &credential, good_said(), data,
					 slice_of(good.data, 7), &counter),
			 STATUS_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(three_algorithms_are_taken),
	    cmocka_unit_test(a_key_signs_for_itself_only),
	    cmocka_unit_test(browsers_say_the_right_thing),
	    cmocka_unit_test(what_browsers_say_is_bounded),
	    cmocka_unit_test(somebody_is_there_and_verified),
	    cmocka_unit_test(passkeys_of_other_places_are_none),
	    cmocka_unit_test(counters_grow),
	    cmocka_unit_test(ids_are_bounded),
	    cmocka_unit_test(extensions_are_announced),
	    cmocka_unit_test(other_keys_are_none),
	    cmocka_unit_test(only_no_attestation_is_taken),
	    cmocka_unit_test(what_is_cut_or_changed_is_no_harm),
	};
	int failed;

	log_open("test", LOG_LEVEL_ERROR);
	secret_prepare_process();
	arena = arena_new();
	for (size_t i = 0; i < sizeof(challenge_bytes); i++)
		challenge_bytes[i] = (unsigned char)(i * 7);
	challenge = slice_of(challenge_bytes, sizeof(challenge_bytes));
	keys[0] = EVP_EC_gen("P-256");
	keys[1] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[2] = EVP_RSA_gen(2048);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < 3; i++)
		EVP_PKEY_free(keys[i]);
	arena_free(arena);
	return failed;
}
