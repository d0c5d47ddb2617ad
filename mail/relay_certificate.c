/* The last word about a server's certificate: OpenSSL asks here, in the handshake, before anything
 * is said of a letter. */
#include <openssl/x509v3.h>
#include <string.h>

#include "base/encode.h"
#include "base/log.h"
#include "mail/relay_part.h"

static bool
digest_of(X509 *certificate, unsigned char digest[RELAY_DIGEST_SIZE])
{
	unsigned size = 0;

	return certificate != NULL && X509_digest(certificate, EVP_sha256(), digest, &size) == 1 &&
	       size == RELAY_DIGEST_SIZE;
}

/* Instead of OpenSSL's own check of the chain: the certificate or its key must be known. */
static bool
check_fingerprint(const struct relay *relay, X509_STORE_CTX *context)
{
	X509 *certificate = X509_STORE_CTX_get0_cert(context);
	unsigned char whole[RELAY_DIGEST_SIZE], key[RELAY_DIGEST_SIZE];
	unsigned char *bytes = NULL;
	bool known = digest_of(certificate, whole) && relay_is_known(&relay->settings, whole);
	int key_size =
	    certificate == NULL ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);

	if (key_size > 0 && EVP_Digest(bytes, (size_t)key_size, key, NULL, EVP_sha256(), NULL) == 1)
		known = known || relay_is_known(&relay->settings, key);
	OPENSSL_free(bytes);
	X509_STORE_CTX_set_error(context, known ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
	return known;
}

/* The records, for this connection.  False: none of them can be used. */
static bool
take_records(const struct relay_settings *settings, SSL *ssl)
{
	size_t usable = 0;

	if (SSL_dane_enable(ssl, settings->name) <= 0)
		return false;
	/* The record names the certificate: names and dates in it mean nothing (RFC 7671
	 * section 5.1). */
	(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (size_t i = 0; i < settings->record_count; i++) {
		const struct relay_tlsa *record = &settings->records[i];

		if (record->usage != 2 && record->usage != 3)
			continue;
		if (SSL_dane_tlsa_add(ssl, record->usage, record->selector, record->matching,
				      record->data.data, record->data.size) > 0)
			usable++;
	}
	return usable > 0;
}

/* By OpenSSL's own check, for which the connection is told of the records only now: libcurl gives
 * nobody the connection before. */
static bool
check_dane(const struct relay *relay, X509_STORE_CTX *context, SSL *ssl)
{
	const struct relay_settings *settings = &relay->settings;
	X509_VERIFY_PARAM *names = X509_STORE_CTX_get0_param(context);

	if (!take_records(settings, ssl) ||
	    X509_VERIFY_PARAM_set1_host(names, settings->name, 0) != 1 ||
	    (*settings->next_hop != '\0' &&
	     X509_VERIFY_PARAM_add1_host(names, settings->next_hop, 0) != 1)) {
		X509_STORE_CTX_set_error(context, X509_V_ERR_DANE_NO_MATCH);
		return false;
	}
	X509_VERIFY_PARAM_set_hostflags(names, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	X509_STORE_CTX_set0_dane(context, SSL_get0_dane(ssl));
	/* Not to be believed: a chain that nothing of the records vouches for. */
	return X509_verify_cert(context) == 1 && SSL_get0_dane_authority(ssl, NULL, NULL) >= 0;
}

static const char *
way_of(const struct relay *relay, SSL *ssl)
{
	unsigned char usage = 0;

	if (relay->settings.tls == RELAY_TLS_VERIFY)
		return "pkix";
	if (relay->settings.tls == RELAY_TLS_FINGERPRINT)
		return "fingerprint";
	SSL_get0_dane_tlsa(ssl, &usage, NULL, NULL, NULL, NULL);
	return usage == 3 ? "dane-ee" : "dane-ta";
}

static bool
note_proof(struct relay *relay, X509_STORE_CTX *context, SSL *ssl)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
	struct relay_proof *proof = &relay->proof;
	unsigned char digest[RELAY_DIGEST_SIZE];

	if (cipher == NULL)
		cipher = SSL_get_pending_cipher(ssl);
	if (!digest_of(X509_STORE_CTX_get0_cert(context), digest))
		return false;
	*proof = (struct relay_proof){
	    .way = way_of(relay, ssl),
	    .protocol = SSL_get_version(ssl),
	    .cipher = cipher == NULL ? "" : SSL_CIPHER_get_name(cipher),
	};
	encode_hex(slice_of(digest, RELAY_DIGEST_SIZE), proof->fingerprint);
	return true;
}

static int
check(X509_STORE_CTX *context, void *argument)
{
	struct relay *relay = argument;
	SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	bool good = false;

	if (ssl != NULL && relay->settings.tls == RELAY_TLS_DANE)
		good = check_dane(relay, context, ssl);
	else if (ssl != NULL && relay->settings.tls == RELAY_TLS_FINGERPRINT)
		good = check_fingerprint(relay, context);
	else if (ssl != NULL)
		/* That it is the host's is looked at by libcurl, behind the handshake. */
		good = X509_verify_cert(context) == 1;
	good = good && note_proof(relay, context, ssl);
	relay->proved = good;
	if (!good)
		log_warning(
		    relay->settings.tls == RELAY_TLS_FINGERPRINT ? "relay-fingerprint"
								 : "relay-certificate",
		    LOG_TEXT("host", relay->settings.host), LOG_TEXT("name", relay->settings.name),
		    LOG_TEXT("why",
			     X509_verify_cert_error_string(X509_STORE_CTX_get_error(context))));
	return good;
}

void
relay_check_certificate(struct relay *relay, SSL_CTX *context)
{
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (relay->settings.tls == RELAY_TLS_DANE)
		(void)SSL_CTX_dane_enable(context);
	SSL_CTX_set_cert_verify_callback(context, check, relay);
}
