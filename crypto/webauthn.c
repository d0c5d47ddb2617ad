#include "crypto/webauthn.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "crypto/sha2.h"
#include "crypto/webauthn_cbor.h"

/* Section 6.1, "Authenticator Data". */
#define FLAG_PRESENT 0x01
#define FLAG_VERIFIED 0x04
#define FLAG_MAY_BE_SAVED 0x08
#define FLAG_IS_SAVED 0x10
#define FLAG_CREDENTIAL 0x40
#define FLAG_EXTENSIONS 0x80
#define AT_FLAGS SHA256_SIZE
#define AT_COUNTER (SHA256_SIZE + 1)
#define HEAD_SIZE (SHA256_SIZE + 5)
#define AAGUID_SIZE ((size_t)16)
#define ID_LENGTH_SIZE ((size_t)2)

#define BRACKETS_MAX 16 /* of a JSON text that has one pair: jansson goes as deep as it is told */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
begin(void)
{
	fido_init(0);
}

/* --- what the browser says --- */

static bool
is_text(const json_t *object, const char *name, struct slice wanted)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) &&
	       slice_equal(slice_of(json_string_value(value), json_string_length(value)), wanted);
}

static bool
is_challenge(const json_t *object, struct slice challenge)
{
	const json_t *value = json_object_get(object, "challenge");
	unsigned char given[WEBAUTHN_CHALLENGE_SIZE];

	return json_is_string(value) &&
	       decode_base64url(slice_of(json_string_value(value), json_string_length(value)),
				given, sizeof(given)) &&
	       hash_equal(slice_of(given, sizeof(given)), challenge);
}

static bool
is_shallow(struct slice json)
{
	int brackets = 0;

	for (size_t i = 0; i < json.size; i++)
		brackets += json.data[i] == '{' || json.data[i] == '[';
	return brackets <= BRACKETS_MAX;
}

static enum status
check_client(const struct webauthn_party *party, struct slice challenge, struct slice type,
	     struct slice client)
{
	json_error_t error;
	json_t *object;
	const json_t *crossing;
	bool right;

	if (client.size == 0 || client.size > WEBAUTHN_CLIENT_MAX || !is_shallow(client))
		return STATUS_INVALID;
	object = json_loadb((const char *)client.data, client.size, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(object)) {
		json_decref(object);
		return STATUS_INVALID;
	}
	crossing = json_object_get(object, "crossOrigin");
	right = is_text(object, "type", type) && is_challenge(object, challenge) &&
		is_text(object, "origin", slice_from_text(party->origin)) &&
		(crossing == NULL || json_is_false(crossing));
	json_decref(object);
	return right ? STATUS_OK : STATUS_DENIED;
}

/* --- what the authenticator says --- */

static uint32_t
counter_of(struct slice data)
{
	uint32_t counter = 0;

	for (size_t i = 0; i < 4; i++)
		counter = counter << 8 | data.data[AT_COUNTER + i];
	return counter;
}

/* For whom, and that somebody was there and verified. */
static enum status
check_head(const struct webauthn_party *party, struct slice data)
{
	unsigned char digest[SHA256_SIZE];
	unsigned flags;
	enum status status;

	if (data.size < HEAD_SIZE || data.size > WEBAUTHN_DATA_MAX)
		return STATUS_INVALID;
	flags = data.data[AT_FLAGS];
	/* What cannot be saved elsewhere is not. */
	if ((flags & FLAG_IS_SAVED) != 0 && (flags & FLAG_MAY_BE_SAVED) == 0)
		return STATUS_INVALID;
	status = sha256_of(slice_from_text(party->id), digest);
	if (status != STATUS_OK)
		return status;
	if (!hash_equal(slice_part(data, 0, SHA256_SIZE), slice_of(digest, sizeof(digest))) ||
	    (flags & FLAG_PRESENT) == 0 || (flags & FLAG_VERIFIED) == 0)
		return STATUS_DENIED;
	return STATUS_OK;
}

/* A map of extensions where it is announced; nothing else, and nothing behind. */
static enum status
check_end(struct slice data, struct slice rest)
{
	struct slice all = rest, map;
	size_t pairs;
	enum status status = STATUS_OK;

	if ((data.data[AT_FLAGS] & FLAG_EXTENSIONS) != 0) {
		status = webauthn_cbor_map(&all, &pairs);
		if (status == STATUS_OK)
			status = webauthn_cbor_item(&rest, &map);
	}
	return status == STATUS_OK && rest.size > 0 ? STATUS_INVALID : status;
}

/* --- keys --- */

/* A key as libfido2 verifies with it; NULL: it is none.  What is not on the curve is none. */
static void *
open_key(enum webauthn_algorithm algorithm, struct slice key)
{
	es256_pk_t *es256 = algorithm == WEBAUTHN_ES256 ? es256_pk_new() : NULL;
	rs256_pk_t *rs256 = algorithm == WEBAUTHN_RS256 ? rs256_pk_new() : NULL;
	eddsa_pk_t *eddsa = algorithm == WEBAUTHN_EDDSA ? eddsa_pk_new() : NULL;

	if (es256 != NULL && es256_pk_from_ptr(es256, key.data, key.size) == FIDO_OK)
		return es256;
	if (rs256 != NULL && rs256_pk_from_ptr(rs256, key.data, key.size) == FIDO_OK)
		return rs256;
	if (eddsa != NULL && eddsa_pk_from_ptr(eddsa, key.data, key.size) == FIDO_OK)
		return eddsa;
	es256_pk_free(&es256);
	rs256_pk_free(&rs256);
	eddsa_pk_free(&eddsa);
	return NULL;
}

static void
close_key(enum webauthn_algorithm algorithm, void *key)
{
	es256_pk_t *es256 = algorithm == WEBAUTHN_ES256 ? key : NULL;
	rs256_pk_t *rs256 = algorithm == WEBAUTHN_RS256 ? key : NULL;
	eddsa_pk_t *eddsa = algorithm == WEBAUTHN_EDDSA ? key : NULL;

	es256_pk_free(&es256);
	rs256_pk_free(&rs256);
	eddsa_pk_free(&eddsa);
}

/* libfido2 reads the COSE key of authenticator data only for the algorithm it is told. */
static bool
read_key(struct slice data, enum webauthn_algorithm algorithm, struct arena *arena,
	 struct webauthn_credential *credential)
{
	fido_cred_t *read = fido_cred_new();
	void *key = NULL;

	if (read != NULL && fido_cred_set_type(read, algorithm) == FIDO_OK &&
	    fido_cred_set_authdata_raw(read, data.data, data.size) == FIDO_OK &&
	    fido_cred_pubkey_ptr(read) != NULL) {
		credential->key = arena_copy(
		    arena, slice_of(fido_cred_pubkey_ptr(read), fido_cred_pubkey_len(read)));
		credential->algorithm = algorithm;
		key = open_key(algorithm, credential->key);
	}
	if (key != NULL)
		close_key(algorithm, key);
	fido_cred_free(&read);
	return key != NULL;
}

/* --- a new one --- */

/* "none", with nothing stated (section 8.7). */
static enum status
split_attestation(struct slice attestation, struct slice *data_out)
{
	struct slice rest = attestation, format = {NULL, 0}, data = {NULL, 0};
	size_t pairs, stated = 1;
	enum status status = STATUS_INVALID;

	if (attestation.size <= WEBAUTHN_ATTESTATION_MAX)
		status = webauthn_cbor_map(&rest, &pairs);
	if (status == STATUS_OK && pairs != 3)
		status = STATUS_INVALID;
	for (size_t i = 0; i < 3 && status == STATUS_OK; i++) {
		struct slice name;

		status = webauthn_cbor_text(&rest, &name);
		if (status != STATUS_OK)
			break;
		if (slice_equal(name, SLICE("fmt")) && format.data == NULL)
			status = webauthn_cbor_text(&rest, &format);
		else if (slice_equal(name, SLICE("authData")) && data.data == NULL)
			status = webauthn_cbor_bytes(&rest, &data);
		else if (slice_equal(name, SLICE("attStmt")) && stated == 1)
			status = webauthn_cbor_map(&rest, &stated);
		else
			status = STATUS_INVALID;
	}
	if (status != STATUS_OK || rest.size > 0 || stated != 0 ||
	    !slice_equal(format, SLICE("none")))
		return STATUS_INVALID;
	*data_out = data;
	return STATUS_OK;
}

/* AAGUID, id and key behind the head. */
static enum status
read_credential(struct slice data, struct arena *arena, struct webauthn_credential *credential)
{
	static const enum webauthn_algorithm algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA,
							     WEBAUTHN_RS256};
	struct slice rest = slice_part(data, HEAD_SIZE + AAGUID_SIZE, data.size);
	struct slice key;
	size_t length;
	enum status status;

	if ((data.data[AT_FLAGS] & FLAG_CREDENTIAL) == 0 || rest.size < ID_LENGTH_SIZE)
		return STATUS_INVALID;
	length = (size_t)rest.data[0] << 8 | rest.data[1];
	rest = slice_part(rest, ID_LENGTH_SIZE, rest.size);
	if (length == 0 || length > WEBAUTHN_ID_MAX || length > rest.size)
		return STATUS_INVALID;
	credential->id = arena_copy(arena, slice_part(rest, 0, length));
	rest = slice_part(rest, length, rest.size);
	/* libfido2 allocates what a header of CBOR announces, and does not look behind the end:
	 * this goes first. */
	status = webauthn_cbor_item(&rest, &key);
	if (status == STATUS_OK)
		status = check_end(data, rest);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (read_key(data, algorithms[i], arena, credential))
			return STATUS_OK;
	return STATUS_INVALID;
}

enum status
webauthn_register(const struct webauthn_party *party, struct slice challenge,
		  struct slice client_data, struct slice attestation, struct arena *arena,
		  struct webauthn_credential *credential_out)
{
	struct webauthn_credential credential = {.counter = 0};
	struct slice data;
	enum status status;

	pthread_once(&once, begin);
	status = check_client(party, challenge, SLICE("webauthn.create"), client_data);
	if (status == STATUS_OK)
		status = split_attestation(attestation, &data);
	if (status == STATUS_OK)
		status = check_head(party, data);
	if (status == STATUS_OK)
		status = read_credential(data, arena, &credential);
	if (status != STATUS_OK)
		return status;
	credential.counter = counter_of(data);
	*credential_out = credential;
	return STATUS_OK;
}

/* --- one that is shown --- */

static enum status
verify(const struct webauthn_party *party, const struct webauthn_credential *credential,
       struct slice client, struct slice data, struct slice signature)
{
	fido_assert_t *shown = fido_assert_new();
	void *key = open_key(credential->algorithm, credential->key);
	enum status status = STATUS_DENIED;

	if (shown == NULL || key == NULL || fido_assert_set_count(shown, 1) != FIDO_OK ||
	    fido_assert_set_clientdata(shown, client.data, client.size) != FIDO_OK ||
	    fido_assert_set_rp(shown, party->id) != FIDO_OK ||
	    fido_assert_set_up(shown, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_uv(shown, FIDO_OPT_TRUE) != FIDO_OK)
		status = STATUS_INTERNAL;
	else if (fido_assert_set_authdata_raw(shown, 0, data.data, data.size) != FIDO_OK ||
		 fido_assert_set_sig(shown, 0, signature.data, signature.size) != FIDO_OK)
		status = STATUS_INVALID;
	else if (fido_assert_verify(shown, 0, credential->algorithm, key) == FIDO_OK)
		status = STATUS_OK;
	if (key != NULL)
		close_key(credential->algorithm, key);
	fido_assert_free(&shown);
	return status;
}

enum status
webauthn_assert(const struct webauthn_party *party, struct slice challenge,
		const struct webauthn_credential *credential, struct slice client_data,
		struct slice authenticator_data, struct slice signature, uint32_t *counter_out)
{
	struct slice data = authenticator_data;
	uint32_t counter;
	enum status status;

	pthread_once(&once, begin);
	if (signature.size == 0 || signature.size > WEBAUTHN_SIGNATURE_MAX)
		return STATUS_INVALID;
	status = check_client(party, challenge, SLICE("webauthn.get"), client_data);
	if (status == STATUS_OK)
		status = check_head(party, data);
	if (status == STATUS_OK && (data.data[AT_FLAGS] & FLAG_CREDENTIAL) != 0)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = check_end(data, slice_part(data, HEAD_SIZE, data.size));
	if (status == STATUS_OK)
		status = verify(party, credential, client_data, data, signature);
	if (status != STATUS_OK)
		return status;
	counter = counter_of(data);
	if (counter <= credential->counter && (counter != 0 || credential->counter != 0))
		return STATUS_CONFLICT;
	*counter_out = counter;
	return STATUS_OK;
}
