/*
 * A web service of the administrator's (libcurl): one POST of JSON over verified TLS, to the
 * very address that is configured.
 */
#include "courier/phone.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

#define TOKEN_FILE_MAX ((size_t)8192)
#define ANSWER_MAX ((size_t)65536) /* more is no answer to so little */

/* The answer is read, and not looked at: it may hold the number. */
static size_t
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl gives the type */
drop(char *bytes, size_t one, size_t count, void *context)
{
	size_t *left = context;

	(void)bytes;
	if (one * count > *left)
		return 0;
	*left -= one * count;
	return one * count;
}

/* NULL: the file cannot be read, or holds no token. */
static const char *
read_token(const char *path, struct arena *arena)
{
	struct slice bytes;
	enum status status = file_read(path, TOKEN_FILE_MAX, arena, &bytes);

	if (status == STATUS_OK) {
		size_t end = slice_find_byte(bytes, '\n', 0);

		bytes = slice_trim(end == SLICE_NONE ? bytes : slice_part(bytes, 0, end));
		for (size_t i = 0; i < bytes.size; i++)
			if (bytes.data[i] <= ' ' || bytes.data[i] >= 0x7f)
				bytes.size = 0;
	}
	if (status == STATUS_OK && bytes.size > 0)
		return arena_text_from(arena, bytes);
	log_error("phone-token", LOG_TEXT("file", path), LOG_TEXT("status", status_text(status)));
	return NULL;
}

static bool
set_up(CURL *curl, const struct phone_way *way)
{
	bool good =
	    curl_easy_setopt(curl, CURLOPT_URL, way->url) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;

	if (*way->ca_file != '\0') {
		good = good && curl_easy_setopt(curl, CURLOPT_CAINFO, way->ca_file) == CURLE_OK;
		good = good && curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "postern");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)way->timeout_seconds * 1000);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	return good;
}

static enum relay_outcome
judge(CURL *curl, CURLcode code, const char **reason_out)
{
	long http = 0;

	if (code == CURLE_PEER_FAILED_VERIFICATION)
		*reason_out = "tls-untrusted";
	else if (code == CURLE_OPERATION_TIMEDOUT)
		*reason_out = "timeout";
	else
		*reason_out = "unreachable";
	/* When its status was told, it took the code or did not, whatever came of the rest. */
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
	if (http / 100 == 2 && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
		return RELAY_SENT;
	if (code != CURLE_OK && http == 0)
		return RELAY_LATER;
	*reason_out = http / 100 == 3 ? "redirect" : http / 100 == 4 ? "http-4xx" : "http-5xx";
	/* That is not wanted, and will not be: but for "too early", "too many" and "timeout", and
	 * for a token that somebody may mend. */
	return http / 100 == 4 && http != 401 && http != 403 && http != 408 && http != 425 &&
		       http != 429
		   ? RELAY_REFUSED
		   : RELAY_LATER;
}

static enum relay_outcome
post(CURL *curl, const struct phone_way *way, const char *body, const char *token,
     struct arena *arena, const char **reason_out)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	size_t left = ANSWER_MAX;
	enum relay_outcome outcome = RELAY_LATER;

	if (token != NULL)
		headers = curl_slist_append(headers,
					    arena_printf(arena, "Authorization: Bearer %s", token));
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &left);
	if (set_up(curl, way))
		outcome = judge(curl, curl_easy_perform(curl), reason_out);
	curl_slist_free_all(headers);
	return outcome;
}

enum relay_outcome
phone_by_url(const struct phone_way *way, const struct phone_call *call, struct arena *arena,
	     const char **reason_out)
{
	const char *token = NULL;
	json_t *json;
	char *body;
	CURL *curl;
	enum relay_outcome outcome = RELAY_LATER;

	*reason_out = "token";
	if (*way->token_file != '\0' && (token = read_token(way->token_file, arena)) == NULL)
		return RELAY_LATER;
	*reason_out = "libcurl";
	json = json_pack("{s:s, s:s}", "to", call->number, "text", call->text);
	body = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	curl = curl_easy_init();
	if (body != NULL && curl != NULL)
		outcome = post(curl, way, body, token, arena, reason_out);
	curl_easy_cleanup(curl);
	if (body != NULL)
		explicit_bzero(body, strlen(body));
	free(body);
	json_decref(json);
	return outcome;
}
