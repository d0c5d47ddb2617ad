#include "crypto/chunk.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "base/log.h"
#include "crypto/format.h"

#define TAG_SIZE 16
#define NONCE_SIZE 12
_Static_assert(CHUNK_HEADER == FORMAT_HEADER_SIZE, "callers place plain bytes behind the header");
#define ASSOCIATED_SIZE (ID_SIZE + FORMAT_HEADER_SIZE)

/*
 * Looking the cipher up is a third of the cost of a small chunk, so it is done
 * once per process.  The context is not kept: a fresh one costs no more than
 * resetting a kept one, and freeing it is what wipes the key out of it.
 */
static EVP_CIPHER *cipher;
static pthread_once_t cipher_once = PTHREAD_ONCE_INIT;

static void
fetch_cipher(void)
{
	cipher = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	if (cipher == NULL)
		log_error("cipher-missing", LOG_TEXT("cipher", "ChaCha20-Poly1305"));
}

/* nonce = index (8 bytes) ‖ 0 0 0 ‖ 1 for the last chunk, else 0 */
static void
make_nonce(uint64_t index, bool last, unsigned char nonce[NONCE_SIZE])
{
	for (int i = 0; i < 8; i++)
		nonce[i] = (unsigned char)(index >> (56 - 8 * i));
	nonce[8] = nonce[9] = nonce[10] = 0;
	nonce[11] = last ? 1 : 0;
}

/* A context keyed for one chunk, its associated data taken in; NULL on failure. */
static EVP_CIPHER_CTX *
begin(const struct secret *key, const struct id *message, uint64_t index, bool last, bool sealing)
{
	unsigned char nonce[NONCE_SIZE];
	unsigned char associated[ASSOCIATED_SIZE];
	EVP_CIPHER_CTX *context;
	int size;

	pthread_once(&cipher_once, fetch_cipher);
	if (cipher == NULL || key->size != MESSAGE_KEY_SIZE)
		return NULL;
	make_nonce(index, last, nonce);
	memcpy(associated, message->bytes, ID_SIZE);
	associated[ID_SIZE] = FORMAT_VERSION;
	associated[ID_SIZE + 1] = FORMAT_CHUNK;
	context = EVP_CIPHER_CTX_new();
	if (context == NULL)
		return NULL;
	if (EVP_CipherInit_ex(context, cipher, NULL, key->data, nonce, sealing) != 1 ||
	    EVP_CipherUpdate(context, NULL, &size, associated, ASSOCIATED_SIZE) != 1) {
		EVP_CIPHER_CTX_free(context);
		return NULL;
	}
	return context;
}

/* Only the last chunk may be short: that is what lets a reader find any byte by arithmetic. */
static bool
size_fits(size_t size, bool last)
{
	return last ? size <= CHUNK_SIZE : size == CHUNK_SIZE;
}

/* EVP takes no data to mean "nothing more", so an empty chunk skips this. */
static bool
pass(EVP_CIPHER_CTX *context, unsigned char *out, const unsigned char *in, size_t in_size)
{
	int size;

	if (in_size == 0)
		return true;
	return EVP_CipherUpdate(context, out, &size, in, (int)in_size) == 1 &&
	       (size_t)size == in_size;
}

enum status
chunk_seal(const struct secret *message_key, const struct id *message, uint64_t index, bool last,
	   struct slice plain, unsigned char *sealed, size_t *sealed_size_out)
{
	unsigned char *body = sealed + FORMAT_HEADER_SIZE;
	EVP_CIPHER_CTX *context;
	bool good;
	int size;

	if (!size_fits(plain.size, last))
		return plain.size > CHUNK_SIZE ? STATUS_TOO_LARGE : STATUS_INVALID;
	context = begin(message_key, message, index, last, true);
	if (context == NULL)
		return STATUS_INTERNAL;
	sealed[0] = FORMAT_VERSION;
	sealed[1] = FORMAT_CHUNK;
	good =
	    pass(context, body, plain.data, plain.size) &&
	    EVP_CipherFinal_ex(context, body + plain.size, &size) == 1 &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, body + plain.size) == 1;
	EVP_CIPHER_CTX_free(context);
	if (!good)
		return STATUS_INTERNAL;
	*sealed_size_out = plain.size + CHUNK_OVERHEAD;
	return STATUS_OK;
}

enum status
chunk_open(const struct secret *message_key, const struct id *message, uint64_t index, bool last,
	   struct slice sealed, unsigned char *plain, size_t *plain_size_out)
{
	unsigned char tag[TAG_SIZE];
	const unsigned char *body;
	EVP_CIPHER_CTX *context;
	size_t plain_size;
	bool good;
	int size;

	if (sealed.size < CHUNK_OVERHEAD || sealed.data[0] != FORMAT_VERSION ||
	    sealed.data[1] != FORMAT_CHUNK)
		return STATUS_DAMAGED;
	plain_size = sealed.size - CHUNK_OVERHEAD;
	if (!size_fits(plain_size, last))
		return STATUS_DAMAGED;
	context = begin(message_key, message, index, last, false);
	if (context == NULL)
		return STATUS_INTERNAL;
	body = sealed.data + FORMAT_HEADER_SIZE;
	memcpy(tag, body + plain_size, TAG_SIZE);
	good = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
	       pass(context, plain, body, plain_size) &&
	       EVP_CipherFinal_ex(context, plain + plain_size, &size) == 1;
	EVP_CIPHER_CTX_free(context);
	if (!good) {
		/* EVP hands out plain text before it has checked the tag. */
		if (plain_size > 0)
			sodium_memzero(plain, plain_size);
		return STATUS_DAMAGED;
	}
	*plain_size_out = plain_size;
	return STATUS_OK;
}
