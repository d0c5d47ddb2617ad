#include "ingest/tickets.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define NAME_SIZE 16 /* OpenSSL's */
#define KEY_SIZE 32
#define RENEW_MS ((int64_t)4 * 3600 * 1000)
#define GENERATIONS 2 /* a ticket is good for one to two times RENEW_MS */

struct ticket_key {
	unsigned char name[NAME_SIZE];
	unsigned char cipher[KEY_SIZE];
	unsigned char mac[KEY_SIZE];
};

struct tickets {
	pthread_mutex_t lock;
	struct ticket_key *keys; /* newest first */
	int64_t made_at;
};

static void
renew(struct tickets *tickets, int64_t now)
{
	tickets->keys[1] = tickets->keys[0];
	randombytes_buf(&tickets->keys[0], sizeof(tickets->keys[0]));
	tickets->made_at = now;
}

struct tickets *
tickets_new(void)
{
	struct tickets *tickets = calloc(1, sizeof(*tickets));

	if (tickets == NULL)
		abort();
	pthread_mutex_init(&tickets->lock, NULL);
	tickets->keys = sodium_malloc(GENERATIONS * sizeof(*tickets->keys));
	if (tickets->keys == NULL)
		abort();
	/* The older one is random too: a key of zeros would be anybody's. */
	randombytes_buf(tickets->keys, GENERATIONS * sizeof(*tickets->keys));
	tickets->made_at = clock_monotonic_ms();
	return tickets;
}

void
tickets_free(struct tickets *tickets)
{
	if (tickets == NULL)
		return;
	sodium_free(tickets->keys);
	pthread_mutex_destroy(&tickets->lock);
	free(tickets);
}

static void
keep_fresh(struct tickets *tickets)
{
	int64_t now = clock_monotonic_ms();
	int64_t age = now - tickets->made_at;

	for (int i = 0; i < GENERATIONS && age >= RENEW_MS; i++, age -= RENEW_MS)
		renew(tickets, now);
}

/* The key to seal with, or the one named; false when there is none of that name. */
static bool
choose(struct tickets *tickets, unsigned char name[NAME_SIZE], bool seal, struct ticket_key *key,
       bool *old_out)
{
	bool found = false;

	pthread_mutex_lock(&tickets->lock);
	keep_fresh(tickets);
	for (size_t i = 0; i < GENERATIONS && !found; i++) {
		found = seal || memcmp(tickets->keys[i].name, name, NAME_SIZE) == 0;
		if (found) {
			*key = tickets->keys[i];
			*old_out = i > 0;
		}
	}
	pthread_mutex_unlock(&tickets->lock);
	return found;
}

static bool
set_keys(const struct ticket_key *key, const unsigned char *iv, EVP_CIPHER_CTX *cipher,
	 EVP_MAC_CTX *mac, int seal)
{
	char digest[] = "SHA256";
	unsigned char mac_key[KEY_SIZE];
	OSSL_PARAM parameters[3];
	bool set;

	memcpy(mac_key, key->mac, sizeof(mac_key));
	parameters[0] =
	    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key, sizeof(mac_key));
	parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	parameters[2] = OSSL_PARAM_construct_end();
	set = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seal) == 1 &&
	      EVP_MAC_CTX_set_params(mac, parameters) == 1;
	sodium_memzero(mac_key, sizeof(mac_key));
	return set;
}

/* SSL_CTX_set_tlsext_ticket_key_evp_cb(3): 1 use it, 2 use it and give a new ticket, 0 no such key,
 * -1 failure. */
static int
give_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
	 int seal)
{
	struct tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct ticket_key key;
	bool old = false;
	bool set;

	if (!choose(tickets, name, seal != 0, &key, &old))
		return 0;
	if (seal) {
		memcpy(name, key.name, NAME_SIZE);
		randombytes_buf(iv, (size_t)EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()));
	}
	set = set_keys(&key, iv, cipher, mac, seal);
	sodium_memzero(&key, sizeof(key));
	if (!set)
		return -1;
	return old ? 2 : 1;
}

enum status
tickets_use(struct tickets *tickets, SSL_CTX *context)
{
	if (SSL_CTX_set_app_data(context, tickets) != 1 ||
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, give_key) != 1)
		return STATUS_INTERNAL;
	return STATUS_OK;
}
