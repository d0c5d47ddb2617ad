/* What TLS must be, told to libcurl; what a certificate must be stands in relay_certificate.c. */
#include <string.h>

#include "mail/relay_part.h"

static int
digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    digit == '\0' ? NULL : strchr(digits, (char)slice_lower((unsigned char)digit));

	return at == NULL ? -1 : (int)(at - digits);
}

static bool
read_fingerprint(const char *text, unsigned char digest[RELAY_DIGEST_SIZE])
{
	size_t count = 0;

	while (count < RELAY_DIGEST_SIZE) {
		int high = digit_value(text[0]);
		int low = high < 0 ? -1 : digit_value(text[1]);

		if (low < 0)
			return false;
		digest[count++] = (unsigned char)(high * 16 + low);
		text += 2;
		if (*text == ':' && count < RELAY_DIGEST_SIZE)
			text++;
	}
	return *text == '\0';
}

bool
relay_is_fingerprint(const char *text)
{
	unsigned char digest[RELAY_DIGEST_SIZE];

	return read_fingerprint(text, digest);
}

bool
relay_is_known(const struct relay_settings *settings, const unsigned char digest[RELAY_DIGEST_SIZE])
{
	unsigned char known[RELAY_DIGEST_SIZE];

	for (size_t i = 0; i < settings->fingerprint_count; i++)
		if (read_fingerprint(settings->fingerprints[i], known) &&
		    memcmp(known, digest, RELAY_DIGEST_SIZE) == 0)
			return true;
	return false;
}

static CURLcode
prepare_context(CURL *curl, void *context, void *argument)
{
	(void)curl;
	relay_check_certificate(argument, context);
	return CURLE_OK;
}

void
relay_set_tls(struct relay *relay, bool in_clear)
{
	const struct relay_settings *settings = &relay->settings;
	bool verify = settings->tls == RELAY_TLS_VERIFY;
	bool checked = settings->tls >= RELAY_TLS_VERIFY;
	long level = CURLUSESSL_ALL;

	if (in_clear || settings->tls == RELAY_TLS_NEVER)
		level = CURLUSESSL_NONE;
	else if (settings->tls == RELAY_TLS_MAY)
		level = CURLUSESSL_TRY;
	curl_easy_setopt(relay->curl, CURLOPT_USE_SSL, level);
	curl_easy_setopt(relay->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_VERIFYPEER, checked ? 1L : 0L);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	if (verify && *settings->ca_file != '\0') {
		curl_easy_setopt(relay->curl, CURLOPT_CAINFO, settings->ca_file);
		curl_easy_setopt(relay->curl, CURLOPT_CAPATH, NULL);
	}
	if (!checked)
		return;
	curl_easy_setopt(relay->curl, CURLOPT_SSL_CTX_FUNCTION, prepare_context);
	curl_easy_setopt(relay->curl, CURLOPT_SSL_CTX_DATA, relay);
	/* A session that is taken up again would show no certificate. */
	curl_easy_setopt(relay->curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}
