/*
 * What browsers hand over of passkeys.  The first byte chooses: a new one, or one that is shown and
 * its algorithm; then pieces, each behind its length: what the browser says, and attestation; or
 * that, data, key and the rest as signature.  The challenge is zeros.  What is found stays within
 * its bounds, and a new one can be asked for an assertion.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/webauthn.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct webauthn_party party = {"localhost", "https://localhost:8443"};
static const unsigned char zeros[WEBAUTHN_CHALLENGE_SIZE];

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	if (sodium_init() < 0)
		abort();
	return 0;
}

static void
require(bool kept)
{
	if (!kept)
		abort();
}

static struct slice
piece(struct slice *rest)
{
	size_t size;
	struct slice taken;

	if (rest->size < 2)
		return slice_of(NULL, 0);
	size = (size_t)rest->data[0] << 8 | rest->data[1];
	taken = slice_part(*rest, 2, 2 + size);
	*rest = slice_part(*rest, 2 + size, rest->size);
	return taken;
}

static void
make(struct slice rest, struct arena *arena)
{
	struct slice client = piece(&rest);
	struct webauthn_credential made;
	uint32_t counter;

	if (webauthn_register(&party, slice_of(zeros, sizeof(zeros)), client, rest, arena, &made) !=
	    STATUS_OK)
		return;
	require(made.id.size > 0 && made.id.size <= WEBAUTHN_ID_MAX);
	require(made.key.size == 64 || made.key.size == 32 || made.key.size == 259);
	/* What was said to make it is no assertion. */
	require(webauthn_assert(&party, slice_of(zeros, sizeof(zeros)), &made, client, rest,
				SLICE("s"), &counter) != STATUS_OK);
}

static void
show(enum webauthn_algorithm algorithm, struct slice rest)
{
	struct slice client = piece(&rest), data = piece(&rest);
	struct webauthn_credential credential = {
	    .id = SLICE("id"), .algorithm = algorithm, .key = piece(&rest), .counter = 3};
	uint32_t counter;

	if (webauthn_assert(&party, slice_of(zeros, sizeof(zeros)), &credential, client, data, rest,
			    &counter) == STATUS_OK)
		require(counter > 3 && data.size >= 37 && (data.data[32] & 5) == 5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum webauthn_algorithm algorithms[] = {WEBAUTHN_ES256, WEBAUTHN_EDDSA,
							     WEBAUTHN_RS256};
	struct arena *arena = arena_new();
	struct slice rest = slice_of(data + 1, size == 0 ? 0 : size - 1);

	if (size > 0 && data[0] % 4 == 0)
		make(rest, arena);
	else if (size > 0)
		show(algorithms[data[0] % 4 - 1], rest);
	arena_free(arena);
	return 0;
}
