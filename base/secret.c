#include "base/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

/*
 * Nearly all secrets are keys of some 32 bytes.  They share slabs of guarded pages, cut into slots:
 * a mapping of its own for each would cost eight system calls per message.  A slab is never given
 * back; a free slot is wiped.
 */
#define SLOT_SIZE ((size_t)64)
#define SLAB_SLOTS ((size_t)256)

struct slot {
	struct slot *next;
};

static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot *free_slots;

static _Noreturn void
out_of_guarded_memory(size_t size)
{
	log_error("out-of-guarded-memory", LOG_NUMBER("size", (long long)size));
	abort();
}

/* The lock is held. */
static void
add_slab(void)
{
	unsigned char *slab = sodium_malloc(SLAB_SLOTS * SLOT_SIZE);

	if (slab == NULL)
		out_of_guarded_memory(SLAB_SLOTS * SLOT_SIZE);
	for (size_t i = 0; i < SLAB_SLOTS; i++) {
		struct slot *slot = (struct slot *)(void *)(slab + i * SLOT_SIZE);

		slot->next = free_slots;
		free_slots = slot;
	}
}

static unsigned char *
take_slot(void)
{
	struct slot *slot;

	pthread_mutex_lock(&slots_lock);
	if (free_slots == NULL)
		add_slab();
	slot = free_slots;
	free_slots = slot->next;
	pthread_mutex_unlock(&slots_lock);
	return (unsigned char *)slot;
}

static void
give_slot(unsigned char *bytes)
{
	struct slot *slot = (struct slot *)(void *)bytes;

	sodium_memzero(bytes, SLOT_SIZE);
	pthread_mutex_lock(&slots_lock);
	slot->next = free_slots;
	free_slots = slot;
	pthread_mutex_unlock(&slots_lock);
}

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
	secret->data = size <= SLOT_SIZE ? take_slot() : sodium_malloc(size);
	if (secret->data == NULL)
		out_of_guarded_memory(size);
	sodium_memzero(secret->data, size <= SLOT_SIZE ? SLOT_SIZE : size);
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
	if (secret->data != NULL && secret->size <= SLOT_SIZE)
		give_slot(secret->data);
	else if (secret->data != NULL)
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
