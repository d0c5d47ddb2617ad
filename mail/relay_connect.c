#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "mail/relay_part.h"

#define PIECE ((size_t)16384)
#define CONNECT_SECONDS 30L

static bool
has_word(struct slice line, const char *word)
{
	struct slice name = slice_from_text(word);

	return slice_starts_nocase(line, name) &&
	       (line.size == name.size || line.data[name.size] == ' ' ||
		line.data[name.size] == '=');
}

/* libcurl shows each line of the greeting and of EHLO here. */
static size_t
take_offer(char *bytes, size_t size, size_t count, void *context)
{
	struct relay *relay = context;
	struct relay_offers *offers = &relay->offers;
	struct slice line = slice_trim(slice_of(bytes, size * count));
	struct slice word = slice_part(line, 4, line.size);

	/* The greeting, or the word that TLS may begin: what was offered before is void. */
	if (slice_starts_nocase(line, SLICE("220")))
		*offers = (struct relay_offers){.pipelining = false};
	if (!slice_starts_nocase(line, SLICE("250")))
		return size * count;
	if (has_word(word, "PIPELINING"))
		offers->pipelining = true;
	if (has_word(word, "8BITMIME"))
		offers->eight_bit = true;
	if (has_word(word, "SMTPUTF8"))
		offers->utf8 = true;
	if (has_word(word, "DSN"))
		offers->dsn = true;
	if (has_word(word, "CHUNKING"))
		offers->chunking = true;
	if (has_word(word, "BINARYMIME"))
		offers->binary = true;
	if (has_word(word, "SIZE")) {
		offers->size = true;
		if (!slice_to_number(slice_trim(slice_part(word, 4, word.size)),
				     &offers->size_limit))
			offers->size_limit = 0;
	}
	return size * count;
}

/* "[2001:db8::1]" in a URL, "mail.example.net" as it is. */
static const char *
in_brackets(const char *host, struct arena *arena)
{
	return strchr(host, ':') != NULL ? arena_printf(arena, "[%s]", host) : host;
}

/* The URL names who is meant, which is what a certificate is checked against; another host or
 * address to go to is told apart. */
static struct curl_slist *
set_target(struct relay *relay, struct arena *arena)
{
	const struct relay_settings *settings = &relay->settings;
	const char *host = in_brackets(settings->host, arena);
	const char *name = *settings->name == '\0' ? host : in_brackets(settings->name, arena);
	struct curl_slist *to = NULL;

	curl_easy_setopt(relay->curl, CURLOPT_URL,
			 arena_printf(arena, "%s://%s:%u/%s",
				      settings->implicit_tls ? "smtps" : "smtp", name,
				      settings->port, settings->helo_name));
	if (*settings->name != '\0')
		to = curl_slist_append(NULL, arena_printf(arena, "::%s:%u", host, settings->port));
	curl_easy_setopt(relay->curl, CURLOPT_CONNECT_TO, to);
	return to;
}

static CURLcode
open_connection(struct relay *relay, bool in_clear)
{
	const struct relay_settings *settings = &relay->settings;
	long timeout = (long)settings->timeout_seconds;
	struct arena *arena = arena_new();
	struct curl_slist *to = set_target(relay, arena);
	CURLcode result;

	curl_easy_setopt(relay->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(relay->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(relay->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(relay->curl, CURLOPT_NOSIGNAL, 1L);
	/* TCP alone; then the whole opening, TLS and AUTH included. */
	curl_easy_setopt(relay->curl, CURLOPT_CONNECTTIMEOUT,
			 timeout < CONNECT_SECONDS ? timeout : CONNECT_SECONDS);
	curl_easy_setopt(relay->curl, CURLOPT_TIMEOUT, timeout);
	curl_easy_setopt(relay->curl, CURLOPT_HEADERFUNCTION, take_offer);
	curl_easy_setopt(relay->curl, CURLOPT_HEADERDATA, relay);
	relay_set_tls(relay, in_clear);
	if (*settings->user != '\0') {
		curl_easy_setopt(relay->curl, CURLOPT_USERNAME, settings->user);
		curl_easy_setopt(relay->curl, CURLOPT_PASSWORD, (const char *)relay->password.data);
	}
	relay->proved = false;
	result = curl_easy_perform(relay->curl);
	/* libcurl keeps a copy while it is set. */
	curl_easy_setopt(relay->curl, CURLOPT_PASSWORD, NULL);
	curl_easy_setopt(relay->curl, CURLOPT_CONNECT_TO, NULL);
	curl_slist_free_all(to);
	arena_free(arena);
	return result;
}

/* TLS was not offered, could not be agreed on, or showed somebody else.  A server that only puts
 * STARTTLS off (454, RFC 3207 section 4) is like one that is away. */
static bool
is_about_tls(CURL *curl, CURLcode result)
{
	long code = 0;

	if (result == CURLE_USE_SSL_FAILED)
		return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK ||
		       code / 100 != 4;
	return result == CURLE_SSL_CONNECT_ERROR || result == CURLE_PEER_FAILED_VERIFICATION ||
	       result == CURLE_SSL_CERTPROBLEM || result == CURLE_SSL_CIPHER ||
	       result == CURLE_SSL_CACERT_BADFILE;
}

static CURLcode
connect_once(struct relay *relay, bool in_clear)
{
	CURLcode result;

	relay_disconnect(relay);
	relay->curl = curl_easy_init();
	if (relay->curl == NULL)
		return CURLE_OUT_OF_MEMORY;
	relay->offers = (struct relay_offers){.pipelining = false};
	result = open_connection(relay, in_clear);
	relay->unverified = is_about_tls(relay->curl, result);
	if (result == CURLE_OK)
		return result;
	log_warning("relay-unreachable", LOG_TEXT("host", relay->settings.host),
		    LOG_NUMBER("port", relay->settings.port),
		    LOG_TEXT("reason", curl_easy_strerror(result)));
	relay_disconnect(relay);
	return result;
}

static bool
is_checked(const struct relay_settings *settings)
{
	return settings->tls >= RELAY_TLS_VERIFY;
}

enum status
relay_connect(struct relay *relay, const char **reason_out)
{
	const struct relay_settings *settings = &relay->settings;
	CURLcode result = connect_once(relay, false);

	/* Never on the connection where the handshake failed, and only where anybody who sits in
	 * between could have had it in clear anyway. */
	if (result == CURLE_SSL_CONNECT_ERROR && settings->tls == RELAY_TLS_MAY &&
	    !settings->implicit_tls) {
		log_warning("relay-in-clear", LOG_TEXT("host", settings->host));
		result = connect_once(relay, true);
	}
	/* Whatever libcurl thinks: what was not looked at was not checked. */
	if (result == CURLE_OK && is_checked(settings) && !relay->proved) {
		relay_disconnect(relay);
		relay->unverified = true;
		result = CURLE_PEER_FAILED_VERIFICATION;
	}
	relay->used = false;
	relay->clean = true;
	if (result == CURLE_OK)
		return STATUS_OK;
	relay->proved = false;
	*reason_out = curl_easy_strerror(result);
	return result == CURLE_OUT_OF_MEMORY ? STATUS_INTERNAL : STATUS_UNAVAILABLE;
}

void
relay_disconnect(struct relay *relay)
{
	if (relay->curl != NULL)
		curl_easy_cleanup(relay->curl);
	relay->curl = NULL;
	text_reset(&relay->received);
}

/* Wait until the socket is ready, or `deadline` (clock_monotonic_ms) has come. */
static enum status
wait_for(struct relay *relay, short events, int64_t deadline)
{
	curl_socket_t socket = CURL_SOCKET_BAD;
	int64_t left = deadline - clock_monotonic_ms();
	struct pollfd poll_for;

	if (left <= 0 ||
	    curl_easy_getinfo(relay->curl, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
	    socket == CURL_SOCKET_BAD)
		return STATUS_UNAVAILABLE;
	poll_for = (struct pollfd){.fd = socket, .events = events};
	/* Interrupted or ready: the caller tries again, under the same deadline. */
	return poll(&poll_for, 1, left > 1000000 ? 1000000 : (int)left) == 0 ? STATUS_UNAVAILABLE
									     : STATUS_OK;
}

static int64_t
deadline_from_now(const struct relay *relay)
{
	return clock_monotonic_ms() + (int64_t)relay->settings.timeout_seconds * 1000;
}

enum status
relay_write(struct relay *relay, struct slice bytes)
{
	int64_t deadline = deadline_from_now(relay);
	enum status status = STATUS_OK;

	while (bytes.size > 0 && status == STATUS_OK) {
		size_t sent = 0;
		CURLcode result = curl_easy_send(relay->curl, bytes.data, bytes.size, &sent);

		if (result == CURLE_OK)
			bytes = slice_part(bytes, sent, bytes.size);
		else if (result == CURLE_AGAIN)
			status = wait_for(relay, POLLOUT, deadline);
		else
			status = STATUS_UNAVAILABLE;
	}
	return status;
}

/* Receive something; an answer that never ends is as bad as none. */
static enum status
receive(struct relay *relay, int64_t deadline)
{
	unsigned char *room = text_reserve(&relay->received, PIECE);
	enum status status = STATUS_OK;

	if (room == NULL)
		return STATUS_UNAVAILABLE;
	while (status == STATUS_OK) {
		size_t got = 0;
		CURLcode result = curl_easy_recv(relay->curl, room, PIECE, &got);

		if (result == CURLE_OK && got > 0) {
			text_commit(&relay->received, got);
			return STATUS_OK;
		}
		if (result != CURLE_AGAIN)
			return STATUS_UNAVAILABLE;
		status = wait_for(relay, POLLIN, deadline);
	}
	return status;
}

enum status
relay_read(struct relay *relay, struct arena *arena, struct relay_reply *reply_out)
{
	int64_t deadline = deadline_from_now(relay);
	enum status status = STATUS_OK;

	while (status == STATUS_OK) {
		struct text *received = &relay->received;
		size_t used;

		switch (relay_reply_read(text_slice(received), arena, reply_out, &used)) {
		case REPLY_DONE:
			memmove(received->data, received->data + used, received->size - used);
			received->size -= used;
			return STATUS_OK;
		case REPLY_BROKEN:
			return STATUS_UNAVAILABLE;
		case REPLY_MORE:
			status = receive(relay, deadline);
		}
	}
	return status;
}
