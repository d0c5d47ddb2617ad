#include "crypto/sha1.h"

#include <openssl/evp.h>
#include <string.h>

enum status
sha1_of(struct slice bytes, unsigned char digest_out[SHA1_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (EVP_Digest(bytes.data, bytes.size, digest, &size, EVP_sha1(), NULL) != 1 ||
	    size != SHA1_SIZE)
		return STATUS_UNAVAILABLE;
	memcpy(digest_out, digest, SHA1_SIZE);
	return STATUS_OK;
}
