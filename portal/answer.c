#include "portal/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"

/* The letter itself can do nothing at all: no script, no form, no load, nothing but
 * opening a link in a window of its own. */
#define CSP_FRAME                                                                                  \
	"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "                \
	"img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "          \
	"frame-ancestors 'self'"
#define CSP_FILE "sandbox; default-src 'none'; form-action 'none'; frame-ancestors 'none'"
#define CSP_PAGE                                                                                   \
	"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "                \
	"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "              \
	"frame-ancestors 'none'"

/* Every answer carries these, whatever its kind and status. */
static const struct answer_header always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Strict-Transport-Security", "max-age=31536000"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"X-Robots-Tag", "noindex, nofollow"},
};

#define ALWAYS (sizeof(always) / sizeof(always[0]))

void
answer_init(struct answer *answer, struct arena *arena)
{
	*answer = (struct answer){.arena = arena};
	text_init_in(&answer->page, arena, ANSWER_PAGE_MAX);
}

void
answer_add(struct answer *answer, const char *name, const char *value)
{
	if (answer->extra_count == ANSWER_EXTRA_MAX)
		abort(); /* a page of ours with more fields than there can be */
	answer->extra[answer->extra_count++] = (struct answer_header){name, value};
}

void
answer_retry_after(struct answer *answer, int64_t seconds)
{
	answer_add(answer, "Retry-After",
		   arena_printf(answer->arena, "%lld", (long long)(seconds < 1 ? 1 : seconds)));
}

void
answer_redirect(struct answer *answer, const char *path, struct arena *arena)
{
	char anew[ID_TEXT_SIZE];

	answer->status = 303;
	answer_add(answer, "Location",
		   arena_printf(arena, "%s%cat=%s", path, strchr(path, '?') == NULL ? '?' : '&',
				id_text(id_new(), anew)));
}

void
answer_plain(struct answer *answer, int status, const char *text)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	answer->body = slice_from_text(text);
}

static const char *
content_security(enum answer_kind kind)
{
	switch (kind) {
	case ANSWER_FRAME:
		return CSP_FRAME;
	case ANSWER_FILE:
		return CSP_FILE;
	case ANSWER_PAGE:
	case ANSWER_ASSET:
		break;
	}
	return CSP_PAGE;
}

size_t
answer_headers(const struct answer *answer, struct answer_header *headers)
{
	size_t count = 0;

	for (; count < ALWAYS; count++)
		headers[count] = always[count];
	headers[count++] =
	    (struct answer_header){"Content-Security-Policy", content_security(answer->kind)};
	headers[count++] = (struct answer_header){
	    "X-Frame-Options", answer->kind == ANSWER_FRAME ? "SAMEORIGIN" : "DENY"};
	/* no-cache says nothing more than no-store, but lynx knows only that one. */
	headers[count++] = (struct answer_header){
	    "Cache-Control", answer->lasting ? "public, max-age=3600" : "no-store, no-cache"};
	if (answer->type != NULL)
		headers[count++] = (struct answer_header){"Content-Type", answer->type};
	if (answer->language != NULL) {
		headers[count++] = (struct answer_header){"Content-Language", answer->language};
		headers[count++] = (struct answer_header){"Vary", "Accept-Language, Cookie"};
	}
	if (answer->close)
		headers[count++] = (struct answer_header){"Connection", "close"};
	for (size_t i = 0; i < answer->extra_count; i++)
		headers[count++] = answer->extra[i];
	return count;
}

int
answer_http_status(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return 200;
	case STATUS_INVALID:
		return 400;
	case STATUS_TOO_LARGE:
		return 413;
	case STATUS_NOT_FOUND:
		return 404;
	case STATUS_DENIED:
		return 403;
	case STATUS_CONFLICT:
		return 409;
	case STATUS_GONE:
		return 410;
	case STATUS_BUSY:
		return 429;
	case STATUS_UNAVAILABLE:
		return 503;
	case STATUS_FULL:
		return 507;
	case STATUS_DAMAGED:
	case STATUS_INTERNAL:
		break;
	}
	return 500;
}
