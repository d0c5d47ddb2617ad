/* What TLS must be, told to libcurl and, where it has no word for it, to OpenSSL below it. */
#include <openssl/ssl.h>
#include <string.h>

#include "base/log.h"
#include "mail/relay_part.h"

#define DIGEST_SIZE 32

static int
digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    digit == '\0' ? NULL : strchr(digits, (char)slice_lower((unsigned char)digit));

	return at == NULL ? -1 : (int)(at - digits);
}

static bool
read_fingerprint(const char *text, unsigned char digest[DIGEST_SIZE])
{
	size_t count = 0;

	while (count < DIGEST_SIZE) {
		int high = digit_value(text[0]);
		int low = high < 0 ? -1 : digit_value(text[1]);

		if (low < 0)
			return false;
		digest[count++] = (unsigned char)(high * 16 + low);
		text += 2;
		if (*text == ':' && count < DIGEST_SIZE)
			text++;
	}
	return *text == '\0';
}

bool
relay_is_fingerprint(const char *text)
{
	unsigned char digest[DIGEST_SIZE];

	return read_fingerprint(text, digest);
}

static bool
is_known(const struct relay_settings *settings, const unsigned char digest[DIGEST_SIZE])
{
	unsigned char known[DIGEST_SIZE];

	for (size_t i = 0; i < settings->fingerprint_count; i++)
		if (read_fingerprint(settings->fingerprints[i], known) &&
		    memcmp(known, digest, DIGEST_SIZE) == 0)
			return true;
	return false;
}

/* Instead of OpenSSL's own check of the chain: the certificate or its key must be known. */
static int
check_fingerprint(X509_STORE_CTX *context, void *argument)
{
	const struct relay *relay = argument;
	X509 *certificate = X509_STORE_CTX_get0_cert(context);
	unsigned char whole[DIGEST_SIZE], key[DIGEST_SIZE];
	unsigned char *bytes = NULL;
	unsigned size = 0;
	bool known = false;
	int key_size;

	if (certificate != NULL && X509_digest(certificate, EVP_sha256(), whole, &size) == 1)
		known = is_known(&relay->settings, whole);
	key_size =
	    certificate == NULL ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);
	if (key_size > 0 && EVP_Digest(bytes, (size_t)key_size, key, NULL, EVP_sha256(), NULL) == 1)
		known = known || is_known(&relay->settings, key);
	OPENSSL_free(bytes);
	if (!known)
		log_warning("relay-fingerprint", LOG_TEXT("host", relay->settings.host),
			    LOG_TEXT("why", "the certificate is not the one that is known"));
	X509_STORE_CTX_set_error(context, known ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
	return known;
}

static CURLcode
prepare_context(CURL *curl, void *context, void *argument)
{
	(void)curl;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, check_fingerprint, argument);
	return CURLE_OK;
}

void
relay_set_tls(struct relay *relay, bool in_clear)
{
	const struct relay_settings *settings = &relay->settings;
	bool verify = settings->tls == RELAY_TLS_VERIFY;
	bool pinned = settings->tls == RELAY_TLS_FINGERPRINT;
	long level = CURLUSESSL_ALL;

	if (in_clear || settings->tls == RELAY_TLS_NEVER)
		level = CURLUSESSL_NONE;
	else if (settings->tls == RELAY_TLS_MAY)
		level = CURLUSESSL_TRY;
	curl_easy_setopt(relay->curl, CURLOPT_USE_SSL, level);
	curl_easy_setopt(relay->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_VERIFYPEER, verify || pinned ? 1L : 0L);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	if (verify && *settings->ca_file != '\0')
		curl_easy_setopt(relay->curl, CURLOPT_CAINFO, settings->ca_file);
	if (!pinned)
		return;
	curl_easy_setopt(relay->curl, CURLOPT_SSL_CTX_FUNCTION, prepare_context);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_CTX_DATA, relay);
	/* A session that is taken up again would show no certificate. */
	curl_easy_setopt(relay->curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}
