#include "ingest/rates.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SETS ((size_t)1024)
#define WAYS ((size_t)8)

/* A token in parts, so that a bucket of n a minute gains n parts each millisecond. */
#define TOKEN UINT64_C(60000)

struct bucket {
	uint64_t tag; /* whose it is; 0: nobody's */
	uint64_t parts;
	int64_t at; /* when parts were counted */
};

struct rates {
	unsigned char secret[crypto_shorthash_KEYBYTES];
	pthread_mutex_t lock;
	struct bucket buckets[SETS][WAYS];
};

struct rates *
rates_new(void)
{
	struct rates *rates = calloc(1, sizeof(*rates));

	if (rates == NULL)
		abort();
	randombytes_buf(rates->secret, sizeof(rates->secret));
	pthread_mutex_init(&rates->lock, NULL);
	return rates;
}

void
rates_free(struct rates *rates)
{
	if (rates == NULL)
		return;
	pthread_mutex_destroy(&rates->lock);
	free(rates);
}

static uint64_t
tag_of(const struct rates *rates, enum rate_kind kind, uint64_t key,
       const struct network_address *address)
{
	struct network_address client = network_of_client(address);
	unsigned char whose[1 + sizeof(key) + sizeof(client.bytes)];
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t tag;

	whose[0] = (unsigned char)kind;
	memcpy(whose + 1, &key, sizeof(key));
	memcpy(whose + 1 + sizeof(key), client.bytes, sizeof(client.bytes));
	crypto_shorthash(hash, whose, sizeof(whose), rates->secret);
	memcpy(&tag, hash, sizeof(tag));
	return tag == 0 ? 1 : tag;
}

/* The bucket of this tag, a full one if it has none yet. */
static struct bucket *
find(struct rates *rates, uint64_t tag, uint64_t full, int64_t now)
{
	struct bucket *set = rates->buckets[tag % SETS];
	struct bucket *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (oldest->tag != 0 && (set[i].tag == 0 || set[i].at < oldest->at))
			oldest = &set[i];
	}
	*oldest = (struct bucket){.tag = tag, .parts = full, .at = now};
	return oldest;
}

static bool
take(struct bucket *bucket, uint64_t per_minute, int64_t now)
{
	uint64_t full = per_minute * TOKEN;
	uint64_t since = now > bucket->at ? (uint64_t)(now - bucket->at) : 0;

	/* Past a minute it is full, whatever it was. */
	bucket->parts = since >= TOKEN ? full : bucket->parts + since * per_minute;
	if (bucket->parts > full)
		bucket->parts = full;
	bucket->at = now;
	if (bucket->parts < TOKEN)
		return false;
	bucket->parts -= TOKEN;
	return true;
}

bool
rates_take(struct rates *rates, enum rate_kind kind, uint64_t key,
	   const struct network_address *address, uint64_t per_minute, int64_t now)
{
	uint64_t tag;
	bool taken;

	if (per_minute == 0)
		return true;
	tag = tag_of(rates, kind, key, address);
	pthread_mutex_lock(&rates->lock);
	taken = take(find(rates, tag, per_minute * TOKEN, now), per_minute, now);
	pthread_mutex_unlock(&rates->lock);
	return taken;
}
