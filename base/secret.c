#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

void
secret_prepare_process(void)
{
	struct rlimit no_core = {0, 0};

	if (sodium_init() < 0)
		abort();
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
		abort();
}

void
secret_init(struct secret *secret, size_t size)
{
	secret->size = size;
	secret->data = sodium_malloc(size > 0 ? size : 1);
	if (secret->data == NULL) {
		log_error("out-of-guarded-memory", LOG_NUMBER("size", (long long)size));
		abort();
	}
	sodium_memzero(secret->data, size);
}

static void
clear_deferred(void *argument)
{
	secret_clear(argument);
}

void
secret_init_in(struct secret *secret, struct arena *arena, size_t size)
{
	secret_init(secret, size);
	arena_defer(arena, clear_deferred, secret);
}

void
secret_copy(struct secret *secret, struct slice bytes)
{
	secret_init(secret, bytes.size);
	if (bytes.size > 0)
		memcpy(secret->data, bytes.data, bytes.size);
}

void
secret_random(struct secret *secret, size_t size)
{
	secret_init(secret, size);
	randombytes_buf(secret->data, size);
}

void
secret_clear(struct secret *secret)
{
	if (secret->data != NULL)
		sodium_free(secret->data);
	secret->data = NULL;
	secret->size = 0;
}

void
secret_move(struct secret *to, struct secret *from)
{
	*to = *from;
	from->data = NULL;
	from->size = 0;
}

struct slice
secret_slice(const struct secret *secret)
{
	return slice_of(secret->data, secret->size);
}
