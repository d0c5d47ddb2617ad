/*
 * Files that are said to hold a private key, under the passphrase "heron".  The first byte chooses:
 * PKCS#12, PEM.  What is found stays within its bounds, and fits together.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/certificate.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data + 1, size == 0 ? 0 : size - 1);
	struct certificate_pair pair;
	struct secret passphrase;
	enum status status = STATUS_INVALID;

	secret_copy(&passphrase, SLICE("heron"));
	if (size > 0)
		status = data[0] % 2 == 0
			     ? certificate_open_pkcs12(bytes, &passphrase, arena, &pair)
			     : certificate_open_pem(bytes, &passphrase, arena, &pair);
	if (status == STATUS_OK) {
		require(pair.certificate.size > 0 && pair.certificate.size <= CERTIFICATE_SIZE_MAX);
		require(pair.other_count <= CERTIFICATE_COUNT_MAX && pair.key.size > 0);
		for (size_t i = 0; i < pair.other_count; i++)
			require(pair.others[i].size > 0 &&
				pair.others[i].size <= CERTIFICATE_SIZE_MAX);
		certificate_pair_clear(&pair);
	}
	secret_clear(&passphrase);
	arena_free(arena);
	return 0;
}
