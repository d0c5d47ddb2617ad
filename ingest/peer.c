#include "ingest/peer.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/encode.h"

#define NAMES_MAX 32
#define NAME_MAX_SIZE 255

/* NULL for what is no printable name; a NUL or blank within could make one name pass for another.
 */
static const char *
name_from(struct arena *arena, const ASN1_STRING *string)
{
	struct slice text =
	    slice_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));

	if (text.size == 0 || text.size > NAME_MAX_SIZE)
		return NULL;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
			return NULL;
	return arena_text_from(arena, text);
}

static size_t
take_dns_names(X509 *leaf, struct arena *arena, const char **names)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	size_t count = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(all) && count < NAMES_MAX; i++) {
		const GENERAL_NAME *general = sk_GENERAL_NAME_value(all, i);
		const char *name =
		    general->type == GEN_DNS ? name_from(arena, general->d.dNSName) : NULL;

		if (name != NULL)
			names[count++] = name;
	}
	GENERAL_NAMES_free(all);
	return count;
}

/* The last one is the most specific. */
static size_t
take_common_name(X509 *leaf, struct arena *arena, const char **names)
{
	const X509_NAME *subject = X509_get_subject_name(leaf);
	int last = -1;

	for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
		last = at;
	if (last < 0)
		return 0;
	names[0] = name_from(arena, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
	return names[0] == NULL ? 0 : 1;
}

const struct client_certificate *
peer_certificate(SSL *ssl, struct arena *arena)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	struct client_certificate *certificate;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	const char **names;
	char *fingerprint;

	if (leaf == NULL || X509_digest(leaf, EVP_sha256(), digest, &size) != 1)
		return NULL;
	certificate = arena_alloc(arena, sizeof(*certificate));
	names = arena_alloc_many(arena, NAMES_MAX, sizeof(*names));
	fingerprint = arena_alloc(arena, HEX_LENGTH(size) + 1);
	encode_hex(slice_of(digest, size), fingerprint);
	certificate->verified = SSL_get_verify_result(ssl) == X509_V_OK;
	certificate->fingerprint = fingerprint;
	certificate->names = names;
	certificate->name_count = take_dns_names(leaf, arena, names);
	/* Where there are DNS names the common name does not count (RFC 6125 section 6.4.4). */
	if (certificate->name_count == 0)
		certificate->name_count = take_common_name(leaf, arena, names);
	ERR_clear_error();
	return certificate;
}

const char *
peer_name(const struct client_certificate *certificate)
{
	return certificate->verified && certificate->name_count > 0 ? certificate->names[0]
								    : certificate->fingerprint;
}
