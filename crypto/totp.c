#include "crypto/totp.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

#define URI_MAX ((size_t)2048)

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
begin(void)
{
	if (oath_init() != OATH_OK)
		abort();
}

enum status
totp_text(const struct secret *secret, struct secret *text_out)
{
	char *text = NULL;
	size_t size = 0;

	pthread_once(&once, begin);
	if (oath_base32_encode((const char *)secret->data, secret->size, &text, &size) != OATH_OK)
		return STATUS_INTERNAL;
	while (size > 0 && text[size - 1] == '=')
		size--;
	secret_copy(text_out, slice_of(text, size));
	explicit_bzero(text, size);
	free(text);
	return STATUS_OK;
}

enum status
totp_uri(const struct secret *secret, const char *issuer, const char *account,
	 struct secret *uri_out)
{
	struct secret text;
	struct text uri;
	enum status status = totp_text(secret, &text);

	if (status != STATUS_OK)
		return status;
	text_init(&uri, URI_MAX);
	text_append_text(&uri, "otpauth://totp/");
	encode_percent(slice_from_text(issuer), &uri);
	text_append_byte(&uri, ':');
	encode_percent(slice_from_text(account), &uri);
	text_append_text(&uri, "?secret=");
	text_append(&uri, secret_slice(&text));
	text_append_text(&uri, "&issuer=");
	encode_percent(slice_from_text(issuer), &uri);
	text_printf(&uri, "&algorithm=SHA1&digits=%zu&period=%d", TOTP_DIGITS, TOTP_STEP_SECONDS);
	if (text_ok(&uri))
		secret_copy(uri_out, text_slice(&uri));
	else
		status = STATUS_TOO_LARGE;
	text_clear(&uri);
	secret_clear(&text);
	return status;
}

enum status
totp_check(const struct secret *secret, struct slice code, int64_t now, uint64_t last_step,
	   uint64_t *step_out)
{
	char digits[TOTP_DIGITS + 1] = "";
	uint64_t step = 0;
	int found;

	if (code.size != TOTP_DIGITS)
		return STATUS_INVALID;
	for (size_t i = 0; i < TOTP_DIGITS; i++) {
		if (code.data[i] < '0' || code.data[i] > '9')
			return STATUS_INVALID;
		digits[i] = (char)code.data[i];
	}
	pthread_once(&once, begin);
	/* On success the distance, which may be other than 0. */
	found = oath_totp_validate4((const char *)secret->data, secret->size, (time_t)now,
				    TOTP_STEP_SECONDS, OATH_TOTP_DEFAULT_START_TIME, TOTP_WINDOW,
				    NULL, &step, 0, digits);
	explicit_bzero(digits, sizeof(digits));
	if (found == OATH_INVALID_OTP)
		return STATUS_DENIED;
	if (found < 0)
		return STATUS_INTERNAL;
	if (step <= last_step)
		return STATUS_CONFLICT;
	*step_out = step;
	return STATUS_OK;
}
