#include "crypto/sha2.h"

#include <openssl/evp.h>

enum status
sha256_of(struct slice bytes, unsigned char digest_out[SHA256_SIZE])
{
	unsigned int size = 0;

	if (EVP_Digest(bytes.data, bytes.size, digest_out, &size, EVP_sha256(), NULL) != 1)
		return STATUS_UNAVAILABLE;
	return STATUS_OK;
}

enum status
sha512_of(struct slice bytes, unsigned char digest_out[SHA512_SIZE])
{
	unsigned int size = 0;

	if (EVP_Digest(bytes.data, bytes.size, digest_out, &size, EVP_sha512(), NULL) != 1)
		return STATUS_UNAVAILABLE;
	return STATUS_OK;
}
