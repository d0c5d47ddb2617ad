/*
 * Sealed chunks, boxes and pairs from a hostile store, and hostile lock terms,
 * passphrases, links and codes.  The first byte chooses what the rest is.
 *
 * Nothing that is not one of the seeds' sealed values may open; an answer that
 * was normalised must be within its bounds and stay the same when normalised
 * again.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/box.h"
#include "crypto/chunk.h"
#include "crypto/link.h"
#include "crypto/lock.h"
#include "crypto/pair.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct secret key;
static struct pair pair;
static struct id id;

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	if (sodium_init() < 0)
		abort();
	/* The keys of the unit tests' known answers, whose sealed values are seeds. */
	secret_init(&key, MESSAGE_KEY_SIZE);
	secret_init(&pair.private, PAIR_PRIVATE_SIZE);
	for (size_t i = 0; i < 32; i++) {
		key.data[i] = (unsigned char)(0x30 + i);
		pair.private.data[i] = (unsigned char)(0xd0 + i);
	}
	crypto_scalarmult_base(pair.public, pair.private.data);
	for (size_t i = 0; i < ID_SIZE; i++)
		id.bytes[i] = (unsigned char)i;
	return 0;
}

static void
try_chunk(struct slice bytes)
{
	/* As much room as the contract says, so that the sanitizer sees more being used. */
	size_t room = bytes.size > CHUNK_OVERHEAD ? bytes.size - CHUNK_OVERHEAD : 0;
	unsigned char *plain = malloc(room + (room == 0));
	size_t size = SIZE_MAX;

	if (plain == NULL)
		abort();
	if (chunk_open(&key, &id, 1, true, bytes, plain, &size) == STATUS_OK &&
	    !slice_equal(slice_of(plain, size), SLICE("Subject: hello\r\n")))
		abort();
	free(plain);
}

static void
try_box(struct slice bytes, struct arena *arena)
{
	struct slice plain;
	struct secret secret;

	if (box_open(secret_slice(&key), "manifest", id_slice(&id), bytes, arena, &plain) ==
		STATUS_OK &&
	    !slice_equal(plain, SLICE("a small thing")))
		abort();
	if (box_open_secret(secret_slice(&key), "manifest", id_slice(&id), bytes, &secret) ==
	    STATUS_OK)
		secret_clear(&secret);
}

static void
try_pair(struct slice bytes)
{
	struct secret secret;

	if (pair_open(&pair, PAIR_MESSAGE_KEY, &id, bytes, &secret) != STATUS_OK)
		return;
	if (!slice_equal(secret_slice(&secret), secret_slice(&key)))
		abort();
	secret_clear(&secret);
}

static void
try_normalise(enum lock_rule rule, struct slice bytes)
{
	struct secret answer, again;

	if (lock_normalise(rule, bytes, &answer) != STATUS_OK)
		return;
	if (answer.size == 0 || bytes.size > LOCK_PASSPHRASE_MAX)
		abort();
	/* Stable: what a person copies back from a normal form is the same passphrase. */
	if (answer.size <= LOCK_PASSPHRASE_MAX) {
		if (lock_normalise(rule, secret_slice(&answer), &again) != STATUS_OK ||
		    !slice_equal(secret_slice(&answer), secret_slice(&again)))
			abort();
		secret_clear(&again);
	}
	secret_clear(&answer);
}

static void
try_terms(struct slice bytes)
{
	struct lock_terms terms = {.rule = LOCK_EXACT};
	struct pair derived;

	if (bytes.size < 8 + LOCK_SALT_SIZE)
		return;
	memcpy(&terms.ops, bytes.data, 4);
	memcpy(&terms.memory_kib, bytes.data + 4, 4);
	memcpy(terms.salt, bytes.data + 8, LOCK_SALT_SIZE);
	/* What is allowed is known to work: the fuzzer looks for what should be refused. */
	if (terms.ops >= 1 && terms.ops <= 10 && terms.memory_kib > 64 &&
	    terms.memory_kib <= 1048576)
		return;
	if (lock_derive(&terms, &key, &key, &derived) == STATUS_OK)
		pair_clear(&derived);
}

static void
try_link(struct slice bytes, struct arena *arena)
{
	struct secret secret;

	if (link_parse(bytes, &secret) != STATUS_OK)
		return;
	if (secret.size != LINK_SECRET_SIZE ||
	    strlen(link_text(&secret, arena)) != LINK_TEXT_LENGTH)
		abort();
	secret_clear(&secret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice rest;

	if (size > 0) {
		rest = slice_of(data + 1, size - 1);
		switch (data[0] % 7) {
		case 0:
			try_chunk(rest);
			break;
		case 1:
			try_box(rest, arena);
			break;
		case 2:
			try_pair(rest);
			break;
		case 3:
			try_normalise(LOCK_EXACT, rest);
			break;
		case 4:
			try_normalise(LOCK_FORGIVING, rest);
			break;
		case 5:
			try_terms(rest);
			break;
		case 6:
			try_link(rest, arena);
			break;
		}
	}
	arena_free(arena);
	return 0;
}
