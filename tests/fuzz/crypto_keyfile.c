/*
 * Key files.  The first byte chooses the role; a file that is taken holds just
 * the keys of its role.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/keyfile.h"

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
require(const struct secret *secret, bool wanted)
{
	if ((secret->data != NULL) != wanted || secret->size != (wanted ? 32 : 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum keyfile_role role;
	struct keys keys;

	if (size == 0)
		return 0;
	role = (enum keyfile_role)(KEYFILE_INGEST + data[0] % 3);
	if (keyfile_parse(slice_of(data + 1, size - 1), role, &keys) != STATUS_OK)
		return 0;
	require(&keys.gateway_private, role == KEYFILE_COURIER);
	require(&keys.link_key, role == KEYFILE_COURIER);
	require(&keys.pepper, role == KEYFILE_PORTAL);
	require(&keys.display_key, role != KEYFILE_INGEST);
	keys_clear(&keys);
	return 0;
}
