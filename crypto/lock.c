#include "crypto/lock.h"

#include <sodium.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "base/encode.h"
#include "base/log.h"
#include "crypto/hash.h"

#define STRETCHED_SIZE ((size_t)32)
#define PASSES_MOST 10
#define MEMORY_KIB_LEAST 8
#define MEMORY_KIB_MOST 1048576
/* No code unit grows to more than 18 under NFKC, nor to more than 4 under NFD. */
#define UNITS_MAX ((size_t)18 * LOCK_PASSPHRASE_MAX)

_Static_assert(LOCK_SALT_SIZE == crypto_pwhash_SALTBYTES, "salt size");

/* UTF-16 in guarded memory, as ICU wants it. */
struct units {
	struct secret memory;
	UChar *data;
	int32_t size;
	int32_t room;
};

static void
units_init(struct units *units, size_t room)
{
	secret_init(&units->memory, room * sizeof(UChar));
	units->data = (UChar *)(void *)units->memory.data;
	units->size = 0;
	units->room = (int32_t)room;
}

static void
units_clear(struct units *units)
{
	secret_clear(&units->memory);
}

/* Replace `units` by their normal form. */
static enum status
units_normalise(struct units *units, const UNormalizer2 *form)
{
	UErrorCode error = U_ZERO_ERROR;
	struct units result;

	units_init(&result, UNITS_MAX);
	result.size =
	    unorm2_normalize(form, units->data, units->size, result.data, result.room, &error);
	if (U_FAILURE(error)) {
		units_clear(&result);
		log_error("normalise-failed", LOG_TEXT("error", u_errorName(error)));
		return STATUS_INTERNAL;
	}
	units_clear(units);
	*units = result;
	return STATUS_OK;
}

static enum status
units_from_utf8(struct slice text, struct units *units)
{
	UErrorCode error = U_ZERO_ERROR;

	units_init(units, LOCK_PASSPHRASE_MAX + 1);
	u_strFromUTF8(units->data, units->room, &units->size, (const char *)text.data,
		      (int32_t)text.size, &error);
	if (U_FAILURE(error)) {
		units_clear(units);
		return STATUS_INVALID;
	}
	return STATUS_OK;
}

static enum status
units_to_utf8(const struct units *units, struct secret *text_out)
{
	UErrorCode error = U_ZERO_ERROR;
	struct secret text;
	int32_t size;

	/* One code unit is three bytes of UTF-8 at most, and a pair of them is four. */
	secret_init(&text, (size_t)units->size * 3 + 1);
	u_strToUTF8((char *)text.data, (int32_t)text.size, &size, units->data, units->size, &error);
	if (U_FAILURE(error) || size <= 0) {
		secret_clear(&text);
		return STATUS_INVALID;
	}
	/* An answer is exactly as long as its text. */
	secret_copy(text_out, slice_of(text.data, (size_t)size));
	secret_clear(&text);
	return STATUS_OK;
}

static void
drop_outer_space(struct units *units)
{
	int32_t from = 0, to = units->size;

	/* All white space is in the basic plane: one code unit each. */
	while (from < to && u_isUWhiteSpace(units->data[from]))
		from++;
	while (to > from && u_isUWhiteSpace(units->data[to - 1]))
		to--;
	memmove(units->data, units->data + from, (size_t)(to - from) * sizeof(UChar));
	units->size = to - from;
}

/* Drop accents (non-spacing marks), white space and punctuation. */
static void
drop_forgiven(struct units *units)
{
	int32_t kept = 0;

	for (int32_t next = 0; next < units->size;) {
		UChar32 character;

		U16_NEXT(units->data, next, units->size, character);
		if (u_charType(character) == U_NON_SPACING_MARK || u_isUWhiteSpace(character) ||
		    u_ispunct(character))
			continue;
		U16_APPEND_UNSAFE(units->data, kept, character);
	}
	units->size = kept;
}

/* Drop white space and hyphens of any script. */
static void
drop_gaps(struct units *units)
{
	int32_t kept = 0;

	for (int32_t i = 0; i < units->size; i++)
		if (!u_isUWhiteSpace(units->data[i]) &&
		    u_charType(units->data[i]) != U_DASH_PUNCTUATION)
			units->data[kept++] = units->data[i];
	units->size = kept;
}

static enum status
normalise_exact(struct units *units)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCInstance(&error);
	enum status status = U_FAILURE(error) ? STATUS_INTERNAL : units_normalise(units, form);

	if (status == STATUS_OK)
		drop_outer_space(units);
	return status;
}

static enum status
normalise_forgiving(struct units *units)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&error);
	const UNormalizer2 *decompose = unorm2_getNFDInstance(&error);
	enum status status = U_FAILURE(error) ? STATUS_INTERNAL : units_normalise(units, fold);

	if (status == STATUS_OK)
		status = units_normalise(units, decompose);
	if (status == STATUS_OK)
		drop_forgiven(units);
	return status;
}

/* Its digits in one spelling, without the gaps. */
static enum status
read_generated(const struct secret *digits, struct secret *answer_out)
{
	struct secret bytes, answer;
	enum status status = STATUS_INVALID;

	secret_init(&bytes, LOCK_GENERATED_BYTES);
	secret_init(&answer, BASE32_LENGTH(LOCK_GENERATED_BYTES) + 1);
	if (digits->size == BASE32_LENGTH(LOCK_GENERATED_BYTES) &&
	    decode_base32(secret_slice(digits), bytes.data, LOCK_GENERATED_BYTES)) {
		encode_base32(secret_slice(&bytes), (char *)answer.data);
		secret_copy(answer_out, slice_of(answer.data, answer.size - 1));
		status = STATUS_OK;
	}
	secret_clear(&bytes);
	secret_clear(&answer);
	return status;
}

static enum status
normalise_generated(struct slice passphrase, struct secret *answer_out)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKCInstance(&error);
	struct secret digits;
	struct units units;
	enum status status = units_from_utf8(passphrase, &units);

	if (status != STATUS_OK)
		return status;
	status = U_FAILURE(error) ? STATUS_INTERNAL : units_normalise(&units, form);
	if (status == STATUS_OK)
		drop_gaps(&units);
	if (status == STATUS_OK)
		status = units_to_utf8(&units, &digits);
	units_clear(&units);
	if (status != STATUS_OK)
		return status;
	status = read_generated(&digits, answer_out);
	secret_clear(&digits);
	return status;
}

static enum status
normalise_by(enum status (*rule)(struct units *units), struct slice passphrase,
	     struct secret *answer_out)
{
	struct units units;
	enum status status = units_from_utf8(passphrase, &units);

	if (status != STATUS_OK)
		return status;
	status = rule(&units);
	if (status == STATUS_OK && units.size == 0)
		status = STATUS_INVALID;
	if (status == STATUS_OK)
		status = units_to_utf8(&units, answer_out);
	units_clear(&units);
	return status;
}

enum status
lock_normalise(enum lock_rule rule, struct slice passphrase, struct secret *answer_out)
{
	enum status status = STATUS_INVALID;

	if (passphrase.size > LOCK_PASSPHRASE_MAX)
		return STATUS_TOO_LARGE;
	if (passphrase.size == 0 ||
	    (rule != LOCK_EXACT && rule != LOCK_FORGIVING && rule != LOCK_GENERATED))
		return STATUS_INVALID;
	if (rule == LOCK_GENERATED)
		return normalise_generated(passphrase, answer_out);
	if (rule == LOCK_FORGIVING)
		status = normalise_by(normalise_forgiving, passphrase, answer_out);
	/* "???" has nothing that could be forgiven: it counts as it stands. */
	if (status == STATUS_INVALID)
		status = normalise_by(normalise_exact, passphrase, answer_out);
	return status;
}

void
lock_generate(struct secret *passphrase_out)
{
	const size_t group = 4, count = BASE32_LENGTH(LOCK_GENERATED_BYTES) / group;
	struct secret bytes, digits;

	secret_random(&bytes, LOCK_GENERATED_BYTES);
	secret_init(&digits, BASE32_LENGTH(LOCK_GENERATED_BYTES) + 1);
	encode_base32(secret_slice(&bytes), (char *)digits.data);
	secret_init(passphrase_out, LOCK_GENERATED_LENGTH);
	for (size_t i = 0; i < count; i++) {
		memcpy(passphrase_out->data + i * (group + 1), digits.data + i * group, group);
		if (i + 1 < count)
			passphrase_out->data[i * (group + 1) + group] = '-';
	}
	secret_clear(&bytes);
	secret_clear(&digits);
}

void
lock_terms_new(enum lock_rule rule, uint32_t ops, uint32_t memory_kib, struct lock_terms *out)
{
	*out =
	    (struct lock_terms){.id = id_new(), .rule = rule, .ops = ops, .memory_kib = memory_kib};
	randombytes_buf(out->salt, sizeof(out->salt));
}

/* seed = BLAKE2b(key = pepper, "postern lock" ‖ stretched ‖ lock id), of what was generated
 * without a key, and "postern generated lock" instead. */
static void
derive_seed(const struct lock_terms *terms, const struct secret *pepper,
	    const struct secret *stretched, unsigned char *seed)
{
	bool generated = terms->rule == LOCK_GENERATED;
	struct slice domain = generated ? SLICE("postern generated lock") : SLICE("postern lock");
	crypto_generichash_state state;

	crypto_generichash_init(&state, generated ? NULL : pepper->data,
				generated ? 0 : pepper->size, crypto_box_SEEDBYTES);
	crypto_generichash_update(&state, domain.data, domain.size);
	crypto_generichash_update(&state, stretched->data, stretched->size);
	crypto_generichash_update(&state, terms->id.bytes, ID_SIZE);
	crypto_generichash_final(&state, seed, crypto_box_SEEDBYTES);
	sodium_memzero(&state, sizeof(state));
}

enum status
lock_derive(const struct lock_terms *terms, const struct secret *answer,
	    const struct secret *pepper, struct pair *pair_out)
{
	struct secret stretched, seed;
	struct pair pair;

	if (terms->ops < 1 || terms->ops > PASSES_MOST || terms->memory_kib < MEMORY_KIB_LEAST ||
	    terms->memory_kib > MEMORY_KIB_MOST || answer->size == 0)
		return STATUS_INVALID;
	/* Without its pepper a lock would be worth no more than its passphrase. */
	if (terms->rule != LOCK_GENERATED && pepper->size != LOCK_PEPPER_SIZE)
		return STATUS_INTERNAL;
	secret_init(&stretched, STRETCHED_SIZE);
	if (crypto_pwhash(stretched.data, stretched.size, (const char *)answer->data, answer->size,
			  terms->salt, terms->ops, (size_t)terms->memory_kib * 1024,
			  crypto_pwhash_ALG_ARGON2ID13) != 0) {
		secret_clear(&stretched);
		return STATUS_UNAVAILABLE; /* no memory for it now */
	}
	secret_init(&seed, crypto_box_SEEDBYTES);
	derive_seed(terms, pepper, &stretched, seed.data);
	secret_init(&pair.private, PAIR_PRIVATE_SIZE);
	crypto_box_seed_keypair(pair.public, pair.private.data, seed.data);
	secret_clear(&stretched);
	secret_clear(&seed);
	*pair_out = pair;
	return STATUS_OK;
}

enum status
lock_pair(const struct lock_terms *terms, struct slice passphrase, const struct secret *pepper,
	  struct pair *pair_out)
{
	struct secret answer;
	enum status status = lock_normalise(terms->rule, passphrase, &answer);

	if (status != STATUS_OK)
		return status;
	status = lock_derive(terms, &answer, pepper, pair_out);
	secret_clear(&answer);
	return status;
}

enum status
lock_seal(const unsigned char lock_public[PAIR_PUBLIC_SIZE], enum pair_purpose purpose,
	  const struct id *id, struct slice secret, struct arena *arena, struct slice *wrap_out)
{
	struct slice sealed;
	unsigned char *wrap;
	enum status status = pair_seal(lock_public, purpose, id, secret, arena, &sealed);

	if (status != STATUS_OK)
		return status;
	wrap = arena_alloc(arena, PAIR_PUBLIC_SIZE + sealed.size);
	memcpy(wrap, lock_public, PAIR_PUBLIC_SIZE);
	memcpy(wrap + PAIR_PUBLIC_SIZE, sealed.data, sealed.size);
	*wrap_out = slice_of(wrap, PAIR_PUBLIC_SIZE + sealed.size);
	return STATUS_OK;
}

enum status
lock_open(const struct pair *lock, enum pair_purpose purpose, const struct id *id,
	  struct slice wrap, struct secret *secret_out)
{
	if (!hash_equal(slice_of(lock->public, PAIR_PUBLIC_SIZE),
			slice_part(wrap, 0, PAIR_PUBLIC_SIZE)))
		return STATUS_DENIED;
	return pair_open(lock, purpose, id, slice_part(wrap, PAIR_PUBLIC_SIZE, wrap.size),
			 secret_out);
}
