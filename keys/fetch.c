#include "keys/fetch.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "mail/utf8.h"

#define DETAIL_MAX ((size_t)200)
#define RESOLVE_MAX ((size_t)1024)

/* Where a URL leads. */
struct place {
	bool is_plain;
	unsigned port;
	const char *host; /* an IPv6 address stands in brackets */
};

struct transfer {
	const struct fetch_settings *settings;
	const struct fetch_request *request;
	struct arena *arena;
	CURL *curl;
	struct curl_slist *resolve, *connect_to, *headers;
	struct text body;
	char error[CURL_ERROR_SIZE];
	bool refused; /* an address that may not be connected to */
	struct look_failure failure;
};

static enum status
fail(struct transfer *transfer, enum status status, const char *reason, const char *detail)
{
	transfer->failure = (struct look_failure){reason, detail};
	return status;
}

/* Copied into the arena; NULL where the URL has no such part. */
static const char *
url_part(CURLU *url, CURLUPart part, struct arena *arena)
{
	const char *copy;
	char *text = NULL;

	if (curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) !=
	    CURLUE_OK)
		return NULL;
	copy = arena_copy_text(arena, text);
	curl_free(text);
	return copy;
}

/* Only the two ports of the web: a stranger's URL must not talk to other services. */
static bool
read_place(CURLU *url, struct arena *arena, struct place *place)
{
	const char *scheme = url_part(url, CURLUPART_SCHEME, arena);
	const char *port = url_part(url, CURLUPART_PORT, arena);

	place->host = url_part(url, CURLUPART_HOST, arena);
	if (scheme == NULL || port == NULL || place->host == NULL ||
	    url_part(url, CURLUPART_USER, arena) != NULL ||
	    url_part(url, CURLUPART_PASSWORD, arena) != NULL)
		return false;
	place->is_plain = strcmp(scheme, "http") == 0;
	place->port = strcmp(port, "443") == 0 ? 443 : strcmp(port, "80") == 0 ? 80 : 0;
	return (place->is_plain || strcmp(scheme, "https") == 0) && place->port != 0;
}

static bool
parse_url(const char *text, struct arena *arena, struct place *place_out)
{
	CURLU *url = curl_url();
	struct place place;
	bool good = url != NULL && strlen(text) <= FETCH_URL_MAX &&
		    curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER) == CURLUE_OK &&
		    read_place(url, arena, &place);

	curl_url_cleanup(url);
	if (good)
		*place_out = place;
	return good;
}

static bool
may_connect(const struct transfer *transfer, const struct sockaddr *address)
{
	const struct fetch_settings *settings = transfer->settings;

	return transfer->request->is_named || outside_is_public(address) ||
	       outside_is_listed(settings->allowed, settings->allowed_count, address);
}

/* The last word, whatever libcurl was told: nothing else makes a socket. */
static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;

	if (purpose != CURLSOCKTYPE_IPCXN || !may_connect(transfer, &address->addr)) {
		transfer->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
take_body(char *bytes, size_t one, size_t count, void *context)
{
	struct transfer *transfer = context;

	text_append(&transfer->body, slice_of(bytes, one * count));
	return text_ok(&transfer->body) ? one * count : 0;
}

static void
append_address(struct text *text, const struct sockaddr *address)
{
	char shown[OUTSIDE_TEXT_SIZE];

	outside_text(address, shown);
	text_printf(text, address->sa_family == AF_INET6 ? "[%s]" : "%s", shown);
}

/* For tests: a server on this machine has no port 443 to itself. */
static enum status
lead_to_loopback(struct transfer *transfer, const struct place *place,
		 const struct sockaddr *address)
{
	struct text text;

	text_init(&text, RESOLVE_MAX);
	text_printf(&text, "%s:%u:", place->host, place->port);
	append_address(&text, address);
	text_printf(&text, ":%u", transfer->settings->loopback_port);
	transfer->connect_to = curl_slist_append(NULL, text_string(&text));
	text_clear(&text);
	curl_easy_setopt(transfer->curl, CURLOPT_CONNECT_TO, transfer->connect_to);
	return STATUS_OK;
}

static bool
is_address(const char *host)
{
	struct outside_network network;

	return *host == '[' ||
	       (outside_read_network(host, &network) == STATUS_OK && network.bits == 32);
}

/* The entry that leaves libcurl no choice of addresses: those that may be connected to. */
static enum status
list_addresses(struct transfer *transfer, const struct place *place,
	       const struct dns_addresses *addresses)
{
	struct text *text = arena_alloc(transfer->arena, sizeof(*text));
	size_t good = 0;

	text_init_in(text, transfer->arena, RESOLVE_MAX);
	text_printf(text, "%s:%u:", place->host, place->port);
	for (size_t i = 0; i < addresses->count; i++) {
		const struct sockaddr *address = (const struct sockaddr *)&addresses->list[i];

		if (!may_connect(transfer, address))
			continue;
		if (outside_is_loopback(address) && transfer->settings->loopback_port != 0)
			return lead_to_loopback(transfer, place, address);
		if (good++ > 0)
			text_append_byte(text, ',');
		append_address(text, address);
	}
	if (good == 0)
		return fail(transfer, STATUS_DENIED, "private-address",
			    "the server has no public address");
	if (!text_ok(text))
		return fail(transfer, STATUS_INVALID, "bad-url", "");
	transfer->resolve = curl_slist_append(NULL, text_string(text));
	curl_easy_setopt(transfer->curl, CURLOPT_RESOLVE, transfer->resolve);
	return STATUS_OK;
}

/* Look the name up ourselves and judge what comes: libcurl would wait for the system's resolver
 * beyond any deadline, and ask again what was judged already. */
static enum status
resolve(struct transfer *transfer, const struct place *place)
{
	struct dns_addresses addresses;
	enum status status;

	if (is_address(place->host))
		return STATUS_OK;
	status =
	    dns_ask_addresses(transfer->settings->dns, place->host, transfer->request->deadline,
			      transfer->arena, &addresses, &transfer->failure);
	return status == STATUS_OK ? list_addresses(transfer, place, &addresses) : status;
}

static bool
set_up(struct transfer *transfer)
{
	const struct fetch_request *request = transfer->request;
	CURL *curl = transfer->curl;
	const char *schemes = request->plain ? "http,https" : "https";
	bool good =
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK;

	if (*transfer->settings->ca_file != '\0') {
		good = good && curl_easy_setopt(curl, CURLOPT_CAINFO,
						transfer->settings->ca_file) == CURLE_OK;
		good = good && curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "postern");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->limit);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->error);
	if (request->body_type != NULL) {
		const char *field =
		    arena_printf(transfer->arena, "Content-Type: %s", request->body_type);

		transfer->headers = curl_slist_append(NULL, field);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, transfer->headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data);
	}
	return good;
}

static enum status
explain(struct transfer *transfer, CURLcode code)
{
	const char *detail = utf8_clean_line(
	    slice_from_text(*transfer->error != '\0' ? transfer->error : curl_easy_strerror(code)),
	    DETAIL_MAX, transfer->arena);

	if (!text_ok(&transfer->body))
		return fail(transfer, STATUS_TOO_LARGE, "too-large", "");
	if (transfer->refused)
		return fail(transfer, STATUS_DENIED, "private-address", "");
	switch (code) {
	case CURLE_FILESIZE_EXCEEDED:
		return fail(transfer, STATUS_TOO_LARGE, "too-large", detail);
	case CURLE_OPERATION_TIMEDOUT:
		return fail(transfer, STATUS_UNAVAILABLE, "timeout", detail);
	case CURLE_COULDNT_CONNECT:
		return fail(transfer, STATUS_UNAVAILABLE, "unreachable", detail);
	case CURLE_PEER_FAILED_VERIFICATION:
		return fail(transfer, STATUS_DENIED, "tls-untrusted", detail);
	case CURLE_SSL_CONNECT_ERROR:
		return fail(transfer, STATUS_UNAVAILABLE, "tls-failed", detail);
	default:
		return fail(transfer, STATUS_UNAVAILABLE, "http-failed", detail);
	}
}

/* One exchange; a redirect is not followed here. */
static enum status
exchange(struct transfer *transfer, const char *url)
{
	int64_t left = transfer->request->deadline - clock_monotonic_ms();
	CURLcode code;

	if (left <= 0)
		return fail(transfer, STATUS_UNAVAILABLE, "timeout", "");
	text_reset(&transfer->body);
	curl_easy_setopt(transfer->curl, CURLOPT_URL, url);
	curl_easy_setopt(transfer->curl, CURLOPT_TIMEOUT_MS, (long)left);
	curl_easy_setopt(transfer->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)left);
	code = curl_easy_perform(transfer->curl);
	return code == CURLE_OK ? STATUS_OK : explain(transfer, code);
}

/* Where the answer leads, when that is the same server once more; NULL when it is not. */
static const char *
next_url(struct transfer *transfer, const struct place *place)
{
	struct place next;
	char *url = NULL;

	curl_easy_getinfo(transfer->curl, CURLINFO_REDIRECT_URL, &url);
	if (url == NULL || !parse_url(url, transfer->arena, &next) ||
	    next.is_plain != place->is_plain || next.port != place->port ||
	    !slice_equal_nocase(slice_from_text(next.host), slice_from_text(place->host)))
		return NULL;
	return arena_copy_text(transfer->arena, url);
}

static enum status
exchange_all(struct transfer *transfer, const struct place *place, long *code_out)
{
	const char *url = transfer->request->url;
	long code = 0;

	for (unsigned redirects = 0;; redirects++) {
		enum status status = exchange(transfer, url);

		if (status != STATUS_OK)
			return status;
		curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code);
		if (code / 100 != 3 || code == 304)
			break;
		url = redirects < transfer->request->redirects ? next_url(transfer, place) : NULL;
		if (url == NULL)
			return fail(transfer, STATUS_INVALID, "redirect", "");
	}
	*code_out = code;
	return STATUS_OK;
}

static void
read_type(struct transfer *transfer, char type[FETCH_TYPE_MAX + 1])
{
	const char *field = NULL;
	size_t size = 0;

	curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_TYPE, &field);
	for (; field != NULL && field[size] > ' ' && field[size] < 0x7f && field[size] != ';' &&
	       size < FETCH_TYPE_MAX;
	     size++)
		type[size] = (char)slice_lower((unsigned char)field[size]);
	type[size] = '\0';
}

static bool
type_is_taken(const struct fetch_request *request, const char *type)
{
	if (request->types == NULL || *type == '\0')
		return true;
	for (size_t i = 0; request->types[i] != NULL; i++)
		if (strcmp(type, request->types[i]) == 0)
			return true;
	return false;
}

static enum status
run(struct transfer *transfer, struct fetch_answer *answer_out)
{
	struct fetch_answer answer = {.code = 0};
	struct place place;
	long code = 0;
	enum status status;

	if (!parse_url(transfer->request->url, transfer->arena, &place) ||
	    (place.is_plain && !transfer->request->plain))
		return fail(transfer, STATUS_INVALID, "bad-url", "");
	if (!set_up(transfer))
		return fail(transfer, STATUS_UNAVAILABLE, "http-failed", "libcurl lacks something");
	status = resolve(transfer, &place);
	if (status == STATUS_OK)
		status = exchange_all(transfer, &place, &code);
	if (status != STATUS_OK)
		return status;
	answer.code = (unsigned)code;
	read_type(transfer, answer.type);
	if (code == 200) {
		if (!type_is_taken(transfer->request, answer.type))
			return fail(transfer, STATUS_INVALID, "wrong-type",
				    arena_copy_text(transfer->arena, answer.type));
		answer.body = arena_copy(transfer->arena, text_slice(&transfer->body));
	}
	*answer_out = answer;
	return STATUS_OK;
}

enum status
fetch(const struct fetch_settings *settings, const struct fetch_request *request,
      struct arena *arena, struct fetch_answer *answer_out, struct look_failure *failure_out)
{
	struct transfer transfer = {
	    .settings = settings, .request = request, .arena = arena, .failure = {"", ""}};
	enum status status;

	text_init(&transfer.body, request->limit);
	transfer.curl = curl_easy_init();
	if (transfer.curl == NULL)
		status = fail(&transfer, STATUS_UNAVAILABLE, "http-failed", "");
	else
		status = run(&transfer, answer_out);
	curl_easy_cleanup(transfer.curl);
	curl_slist_free_all(transfer.resolve);
	curl_slist_free_all(transfer.connect_to);
	curl_slist_free_all(transfer.headers);
	text_clear(&transfer.body);
	if (status != STATUS_OK)
		*failure_out = transfer.failure;
	return status;
}
