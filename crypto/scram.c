#include "crypto/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include "base/encode.h"
#include "base/log.h"

#define METHOD "SCRAM-SHA-256$"
#define MESSAGES_MAX ((size_t)16384)

/* SASLprep makes no code unit to more than 18 (NFKC). */
#define UNITS_MAX ((size_t)18 * SCRAM_PASSWORD_MAX)

_Static_assert(SCRAM_KEY_SIZE == SHA256_DIGEST_LENGTH, "key size");

static bool
is_printable_ascii(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < ' ' || text.data[i] >= 0x7f)
			return false;
	return true;
}

/* ICU works in memory of its own in between; that is why ASCII does not come this way. */
static enum status
prepare_units(struct slice text, int32_t options, UChar *typed, UChar *units, int32_t *size_out)
{
	UErrorCode error = U_ZERO_ERROR;
	UStringPrepProfile *profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &error);
	int32_t typed_size = 0;

	if (U_FAILURE(error)) {
		log_error("prepare-failed", LOG_TEXT("error", u_errorName(error)));
		return STATUS_INTERNAL;
	}
	u_strFromUTF8(typed, (int32_t)SCRAM_PASSWORD_MAX + 1, &typed_size, (const char *)text.data,
		      (int32_t)text.size, &error);
	if (U_SUCCESS(error))
		*size_out = usprep_prepare(profile, typed, typed_size, units, (int32_t)UNITS_MAX,
					   options, NULL, &error);
	usprep_close(profile);
	return U_FAILURE(error) || *size_out == 0 ? STATUS_INVALID : STATUS_OK;
}

static enum status
prepare_unicode(struct slice text, bool stored, struct secret *prepared_out)
{
	struct secret typed, units, narrow;
	UErrorCode error = U_ZERO_ERROR;
	int32_t size = 0, narrow_size = 0;
	enum status status;

	secret_init(&typed, (SCRAM_PASSWORD_MAX + 1) * sizeof(UChar));
	secret_init(&units, UNITS_MAX * sizeof(UChar));
	status = prepare_units(text, stored ? USPREP_DEFAULT : USPREP_ALLOW_UNASSIGNED,
			       (UChar *)(void *)typed.data, (UChar *)(void *)units.data, &size);
	if (status == STATUS_OK) {
		secret_init(&narrow, (size_t)size * 3 + 1);
		u_strToUTF8((char *)narrow.data, (int32_t)narrow.size, &narrow_size,
			    (UChar *)(void *)units.data, size, &error);
		if (U_FAILURE(error))
			status = STATUS_INVALID;
		else
			secret_copy(prepared_out, slice_of(narrow.data, (size_t)narrow_size));
		secret_clear(&narrow);
	}
	secret_clear(&typed);
	secret_clear(&units);
	return status;
}

enum status
scram_prepare(struct slice text, bool stored, struct secret *prepared_out)
{
	if (text.size > SCRAM_PASSWORD_MAX)
		return STATUS_TOO_LARGE;
	if (text.size == 0)
		return STATUS_INVALID;
	/* SASLprep leaves such text as it is. */
	if (is_printable_ascii(text)) {
		secret_copy(prepared_out, text);
		return STATUS_OK;
	}
	return prepare_unicode(text, stored, prepared_out);
}

void
scram_hmac(struct slice key, struct slice bytes, unsigned char mac_out[SCRAM_KEY_SIZE])
{
	unsigned int size = 0;

	if (HMAC(EVP_sha256(), key.data, (int)key.size, bytes.data, bytes.size, mac_out, &size) ==
		NULL ||
	    size != SCRAM_KEY_SIZE)
		abort();
}

enum status
scram_verifier_make(struct slice prepared, struct slice salt, uint32_t iterations,
		    struct scram_verifier *verifier_out)
{
	struct scram_verifier verifier = {.iterations = iterations, .salt_size = salt.size};
	struct secret salted, client_key;

	if (salt.size == 0 || salt.size > SCRAM_SALT_MAX || iterations < SCRAM_ITERATIONS_LEAST ||
	    iterations > SCRAM_ITERATIONS_MOST)
		return STATUS_INVALID;
	memcpy(verifier.salt, salt.data, salt.size);
	secret_init(&salted, SCRAM_KEY_SIZE);
	secret_init(&client_key, SCRAM_KEY_SIZE);
	if (PKCS5_PBKDF2_HMAC((const char *)prepared.data, (int)prepared.size, salt.data,
			      (int)salt.size, (int)iterations, EVP_sha256(), (int)salted.size,
			      salted.data) != 1)
		abort();
	scram_hmac(secret_slice(&salted), SLICE("Client Key"), client_key.data);
	SHA256(client_key.data, client_key.size, verifier.stored_key);
	scram_hmac(secret_slice(&salted), SLICE("Server Key"), verifier.server_key);
	secret_clear(&salted);
	secret_clear(&client_key);
	*verifier_out = verifier;
	return STATUS_OK;
}

bool
scram_password_fits(const struct scram_verifier *verifier, struct slice prepared)
{
	struct scram_verifier other;
	bool fits;

	if (scram_verifier_make(prepared, slice_of(verifier->salt, verifier->salt_size),
				verifier->iterations, &other) != STATUS_OK)
		return false;
	fits = sodium_memcmp(other.stored_key, verifier->stored_key, SCRAM_KEY_SIZE) == 0;
	sodium_memzero(&other, sizeof(other));
	return fits;
}

/* --- verifiers as text --- */

/* What stands before `byte`, which is taken off with it. */
static bool
take_until(struct slice *rest, unsigned char byte, struct slice *part_out)
{
	size_t end = slice_find_byte(*rest, byte, 0);

	if (end == SLICE_NONE)
		return false;
	*part_out = slice_part(*rest, 0, end);
	*rest = slice_part(*rest, end + 1, rest->size);
	return true;
}

static bool
read_key(struct slice text, unsigned char key_out[SCRAM_KEY_SIZE])
{
	size_t size;

	return decode_base64(text, key_out, SCRAM_KEY_SIZE, &size) && size == SCRAM_KEY_SIZE;
}

bool
scram_verifier_read(struct slice text, struct scram_verifier *verifier_out)
{
	struct scram_verifier verifier = {.iterations = 0};
	struct slice iterations, salt, stored_key;
	unsigned long long number;

	if (slice_find(text, SLICE(METHOD), 0) != 0)
		return false;
	text = slice_part(text, sizeof(METHOD) - 1, text.size);
	if (!take_until(&text, ':', &iterations) || !take_until(&text, '$', &salt) ||
	    !take_until(&text, ':', &stored_key) || !slice_to_number(iterations, &number) ||
	    number < SCRAM_ITERATIONS_LEAST || number > SCRAM_ITERATIONS_MOST)
		return false;
	verifier.iterations = (uint32_t)number;
	if (!decode_base64(salt, verifier.salt, SCRAM_SALT_MAX, &verifier.salt_size) ||
	    verifier.salt_size == 0 || !read_key(stored_key, verifier.stored_key) ||
	    !read_key(text, verifier.server_key))
		return false;
	*verifier_out = verifier;
	return true;
}

static void
append_base64(struct text *out, struct slice bytes)
{
	char encoded[BASE64_LENGTH(SCRAM_SALT_MAX) + 1];

	encode_base64(bytes, encoded);
	text_append_text(out, encoded);
	sodium_memzero(encoded, sizeof(encoded));
}

void
scram_verifier_write(const struct scram_verifier *verifier, struct text *out)
{
	text_printf(out, METHOD "%lu:", (unsigned long)verifier->iterations);
	append_base64(out, slice_of(verifier->salt, verifier->salt_size));
	text_append_text(out, "$");
	append_base64(out, slice_of(verifier->stored_key, SCRAM_KEY_SIZE));
	text_append_text(out, ":");
	append_base64(out, slice_of(verifier->server_key, SCRAM_KEY_SIZE));
}

/* --- the exchange --- */

/* "n=value": the value of the attribute that has to come next, up to a comma or the end. */
static bool
take_attribute(struct slice *rest, unsigned char name, struct slice *value_out)
{
	size_t end = slice_find_byte(*rest, ',', 0);
	struct slice word = slice_part(*rest, 0, end);

	if (word.size < 2 || word.data[0] != name || word.data[1] != '=')
		return false;
	*value_out = slice_part(word, 2, word.size);
	*rest = slice_part(*rest, end == SLICE_NONE ? rest->size : end + 1, rest->size);
	return true;
}

/* RFC 5802 section 7: printable ASCII (a comma cannot be here any more). */
static bool
is_nonce(struct slice nonce)
{
	for (size_t i = 0; i < nonce.size; i++)
		if (nonce.data[i] <= ' ' || nonce.data[i] >= 0x7f)
			return false;
	return nonce.size > 0 && nonce.size <= SCRAM_CLIENT_NONCE_MAX;
}

/* "n,," or "y,,": with "p" the client demands channel binding, which was not offered. */
static bool
take_header(struct slice *rest, struct scram_first *first)
{
	struct slice whole = *rest, flag, word;

	if (!take_until(rest, ',', &flag) || !take_until(rest, ',', &word))
		return false;
	if (!slice_equal(flag, SLICE("n")) && !slice_equal(flag, SLICE("y")))
		return false;
	first->authorising = slice_of(NULL, 0);
	if (word.size > 0 && !take_attribute(&word, 'a', &first->authorising))
		return false;
	first->header = slice_part(whole, 0, whole.size - rest->size);
	return true;
}

bool
scram_read_first(struct slice message, struct scram_first *first_out)
{
	struct scram_first first;

	if (!take_header(&message, &first))
		return false;
	first.bare = message;
	/* An "m=" in front is an extension that must be understood: it is no "n=". */
	if (!take_attribute(&message, 'n', &first.name) ||
	    !take_attribute(&message, 'r', &first.nonce) || !is_nonce(first.nonce) ||
	    first.name.size == 0 || first.name.size > 3 * SCRAM_NAME_MAX)
		return false;
	*first_out = first;
	return true;
}

bool
scram_decode_name(struct slice name, struct text *out)
{
	for (size_t i = 0; i < name.size; i++) {
		struct slice code = slice_part(name, i, i + 3);

		if (name.data[i] != '=') {
			text_append_byte(out, name.data[i]);
			continue;
		}
		if (!slice_equal(code, SLICE("=2C")) && !slice_equal(code, SLICE("=3D")))
			return false;
		text_append_byte(out, code.data[1] == '2' ? ',' : '=');
		i += 2;
	}
	return true;
}

void
scram_start(struct scram *scram, const struct scram_first *first,
	    const struct scram_verifier *verifier, const unsigned char random[SCRAM_NONCE_SIZE],
	    struct text *message_out)
{
	size_t before = message_out->size;

	scram->verifier = *verifier;
	text_init(&scram->header, MESSAGES_MAX);
	text_init(&scram->nonce, MESSAGES_MAX);
	text_init(&scram->messages, MESSAGES_MAX);
	text_append(&scram->header, first->header);
	text_append(&scram->nonce, first->nonce);
	append_base64(&scram->nonce, slice_of(random, SCRAM_NONCE_SIZE));
	text_append_text(message_out, "r=");
	text_append(message_out, text_slice(&scram->nonce));
	text_append_text(message_out, ",s=");
	append_base64(message_out, slice_of(verifier->salt, verifier->salt_size));
	text_printf(message_out, ",i=%lu", (unsigned long)verifier->iterations);
	text_append(&scram->messages, first->bare);
	text_append_text(&scram->messages, ",");
	text_append(&scram->messages,
		    slice_part(text_slice(message_out), before, message_out->size));
}

/* "c=" has to be the header of the first message again: who changed it on the way is found out. */
static bool
is_header(const struct scram *scram, struct slice encoded)
{
	unsigned char header[2 * SCRAM_PASSWORD_MAX];
	size_t size;

	return encoded.size <= BASE64_LENGTH(sizeof(header)) &&
	       decode_base64(encoded, header, sizeof(header), &size) &&
	       slice_equal(slice_of(header, size), text_slice(&scram->header));
}

/* The proof is the client key, which only who knows the password has, under a pad that is new in
 * each exchange. */
static bool
is_proof(const struct scram *scram, const unsigned char proof[SCRAM_KEY_SIZE])
{
	unsigned char signature[SCRAM_KEY_SIZE], key[SCRAM_KEY_SIZE], hash[SCRAM_KEY_SIZE];
	bool right;

	scram_hmac(slice_of(scram->verifier.stored_key, SCRAM_KEY_SIZE),
		   text_slice(&scram->messages), signature);
	for (size_t i = 0; i < SCRAM_KEY_SIZE; i++)
		key[i] = proof[i] ^ signature[i];
	SHA256(key, sizeof(key), hash);
	right = sodium_memcmp(hash, scram->verifier.stored_key, SCRAM_KEY_SIZE) == 0;
	sodium_memzero(key, sizeof(key));
	return right;
}

/* The proof stands last; extensions before it are allowed and not looked at (RFC 5802 section 7).
 */
static bool
take_proof(struct slice message, struct slice rest, struct slice *signed_out,
	   unsigned char proof_out[SCRAM_KEY_SIZE])
{
	struct slice value;

	while (rest.size > 0) {
		*signed_out = slice_part(message, 0, message.size - rest.size - 1);
		if (take_attribute(&rest, 'p', &value))
			return value.data + value.size == message.data + message.size &&
			       read_key(value, proof_out);
		if (!take_until(&rest, ',', &value))
			break;
	}
	return false;
}

bool
scram_finish(struct scram *scram, struct slice message, struct text *message_out)
{
	unsigned char proof[SCRAM_KEY_SIZE], signature[SCRAM_KEY_SIZE];
	struct slice rest = message, header, nonce, what_is_signed;

	if (!take_attribute(&rest, 'c', &header) || !is_header(scram, header) ||
	    !take_attribute(&rest, 'r', &nonce) || !slice_equal(nonce, text_slice(&scram->nonce)) ||
	    !take_proof(message, rest, &what_is_signed, proof))
		return false;
	text_append_text(&scram->messages, ",");
	text_append(&scram->messages, what_is_signed);
	if (!text_ok(&scram->messages) || !is_proof(scram, proof))
		return false;
	scram_hmac(slice_of(scram->verifier.server_key, SCRAM_KEY_SIZE),
		   text_slice(&scram->messages), signature);
	text_append_text(message_out, "v=");
	append_base64(message_out, slice_of(signature, sizeof(signature)));
	return true;
}

void
scram_clear(struct scram *scram)
{
	text_clear(&scram->header);
	text_clear(&scram->nonce);
	text_clear(&scram->messages);
	sodium_memzero(&scram->verifier, sizeof(scram->verifier));
}
