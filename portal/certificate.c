#include "portal/certificate.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define CHAIN_MAX 16

struct certificate {
	struct certificate *older;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_length;
	gnutls_privkey_t key;
};

/* The library asks for a certificate without telling for which server, so this one thing
 * of the process is not in a struct.  Older ones are kept: a handshake may still use them, and
 * a reload is rare. */
static _Atomic(struct certificate *) in_use;

static void
free_one(struct certificate *certificate)
{
	for (unsigned i = 0; i < certificate->chain_length; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key != NULL)
		gnutls_privkey_deinit(certificate->key);
	free(certificate);
}

static int
read_files(struct certificate *certificate, const char *chain_path, const char *key_path)
{
	gnutls_datum_t text = {NULL, 0};
	unsigned length = CHAIN_MAX;
	int code = gnutls_load_file(chain_path, &text);

	if (code >= 0)
		code = gnutls_pcert_list_import_x509_raw(certificate->chain, &length, &text,
							 GNUTLS_X509_FMT_PEM, 0);
	if (code >= 0)
		certificate->chain_length = length;
	gnutls_free(text.data);
	text = (gnutls_datum_t){NULL, 0};
	if (code >= 0)
		code = gnutls_load_file(key_path, &text);
	if (code >= 0)
		code = gnutls_privkey_init(&certificate->key);
	if (code >= 0)
		code = gnutls_privkey_import_x509_raw(certificate->key, &text, GNUTLS_X509_FMT_PEM,
						      NULL, 0);
	if (text.data != NULL)
		gnutls_memset(text.data, 0, text.size);
	gnutls_free(text.data);
	return code;
}

/* The key signs what the certificate verifies? */
static int
check_pair(const struct certificate *certificate)
{
	gnutls_pubkey_t from_key;
	unsigned char ids[2][32];
	size_t sizes[2] = {sizeof(ids[0]), sizeof(ids[1])};
	int code = gnutls_pubkey_init(&from_key);

	if (code < 0)
		return code;
	code = gnutls_pubkey_import_privkey(from_key, certificate->key, 0, 0);
	if (code >= 0)
		code =
		    gnutls_pubkey_get_key_id(from_key, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]);
	if (code >= 0)
		code = gnutls_pubkey_get_key_id(certificate->chain[0].pubkey,
						GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]);
	gnutls_pubkey_deinit(from_key);
	if (code >= 0 && (sizes[0] != sizes[1] || memcmp(ids[0], ids[1], sizes[0]) != 0))
		code = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
	return code;
}

enum status
certificate_load(const char *chain_path, const char *key_path)
{
	struct certificate *certificate = calloc(1, sizeof(*certificate));
	int code;

	if (certificate == NULL)
		return STATUS_UNAVAILABLE;
	code = read_files(certificate, chain_path, key_path);
	if (code >= 0)
		code = check_pair(certificate);
	if (code < 0) {
		log_error("certificate-unusable", LOG_TEXT("file", chain_path),
			  LOG_TEXT("why", gnutls_strerror(code)));
		free_one(certificate);
		return STATUS_INVALID;
	}
	certificate->older = atomic_load(&in_use);
	atomic_store(&in_use, certificate);
	return STATUS_OK;
}

int
certificate_give(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
		 const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
		 gnutls_pcert_st **chain, unsigned *chain_length, gnutls_privkey_t *key)
{
	struct certificate *certificate = atomic_load(&in_use);

	(void)session;
	(void)authorities;
	(void)authority_count;
	(void)algorithms;
	(void)algorithm_count;
	*chain = certificate->chain;
	*chain_length = certificate->chain_length;
	*key = certificate->key;
	return 0;
}

void
certificate_release(void)
{
	struct certificate *certificate = atomic_exchange(&in_use, NULL);

	while (certificate != NULL) {
		struct certificate *older = certificate->older;

		free_one(certificate);
		certificate = older;
	}
}
