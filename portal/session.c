#include "portal/session.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "portal/cookie.h"
#include "portal/route.h"

#define SENT_SECONDS 300
#define WRITING_SECONDS 86400

void
session_derive_csrf_key(const struct secret *pepper, struct secret *key_out)
{
	hash_derive_key(secret_slice(pepper), "portal forms", SLICE("csrf"), key_out);
}

/* Whatever the form leads to is part of it: a token of one link is none of another. */
static void
link_token(const struct request *request, int64_t hour, unsigned char token_out[HASH_SIZE])
{
	const char *what =
	    arena_printf(request->arena, "%lld %s", (long long)hour, request_path(request, ""));

	hash_purpose(secret_slice(&request->site->csrf_key), "csrf", slice_from_text(what),
		     token_out);
}

const char *
session_csrf(const struct request *request, enum csrf_kind kind)
{
	char *text = arena_alloc(request->arena, BASE64URL_LENGTH(HASH_SIZE) + 1);
	unsigned char token[HASH_SIZE];

	if (kind == CSRF_SESSION && request->token.size > 0)
		hash_purpose(request->token, "csrf", SLICE(""), token);
	else if (kind == CSRF_LINK)
		link_token(request, request->now / 3600, token);
	else
		return "";
	encode_base64url(slice_of(token, sizeof(token)), text);
	return text;
}

bool
session_csrf_holds(const struct request *request, enum csrf_kind kind)
{
	unsigned char given[HASH_SIZE];
	unsigned char right[HASH_SIZE];
	int64_t hour = request->now / 3600;

	if (!decode_base64url(form_value(&request->form, "csrf"), given, sizeof(given)))
		return false;
	if (kind == CSRF_SESSION) {
		if (request->token.size == 0)
			return false;
		hash_purpose(request->token, "csrf", SLICE(""), right);
		return hash_equal(slice_of(given, sizeof(given)), slice_of(right, sizeof(right)));
	}
	for (int64_t back = 0; kind == CSRF_LINK && back <= SESSION_FORM_HOURS; back++) {
		link_token(request, hour - back, right);
		if (hash_equal(slice_of(given, sizeof(given)), slice_of(right, sizeof(right))))
			return true;
	}
	return false;
}

#define KEEP_SIZE ((size_t)2 * HASH_SIZE)

/* The session that a form was shown to, by a hash that is kept nowhere else. */
static void
keep_session(const struct request *request, unsigned char hash_out[HASH_SIZE])
{
	hash_purpose(slice_of(NULL, 0), "reply form", request->token, hash_out);
}

static void
keep_mark(const struct request *request, const unsigned char session[HASH_SIZE],
	  unsigned char mark_out[HASH_SIZE])
{
	struct slice path = slice_from_text(request_path(request, ""));
	unsigned char *bytes = arena_alloc(request->arena, HASH_SIZE + path.size);

	memcpy(bytes, session, HASH_SIZE);
	memcpy(bytes + HASH_SIZE, path.data, path.size);
	hash_purpose(secret_slice(&request->site->csrf_key), "keep",
		     slice_of(bytes, HASH_SIZE + path.size), mark_out);
}

const char *
session_keep(const struct request *request)
{
	char *text = arena_alloc(request->arena, BASE64URL_LENGTH(KEEP_SIZE) + 1);
	unsigned char both[KEEP_SIZE];

	if (request->token.size == 0)
		return "";
	keep_session(request, both);
	keep_mark(request, both, both + HASH_SIZE);
	encode_base64url(slice_of(both, sizeof(both)), text);
	return text;
}

bool
session_keep_holds(const struct request *request)
{
	unsigned char given[KEEP_SIZE];
	unsigned char right[HASH_SIZE];

	if (request->token.size == 0 ||
	    !decode_base64url(form_value(&request->form, "keep"), given, sizeof(given)))
		return false;
	keep_mark(request, given, right);
	if (!hash_equal(slice_of(given + HASH_SIZE, HASH_SIZE), slice_of(right, HASH_SIZE)))
		return false;
	keep_session(request, right);
	return request->opened != NULL ||
	       hash_equal(slice_of(given, HASH_SIZE), slice_of(right, HASH_SIZE));
}

const char *
session_writing_cookie(const struct request *request, bool writing)
{
	return arena_printf(
	    request->arena, "%s=1; Path=%s; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
	    SESSION_WRITING_COOKIE, request_path(request, ""), writing ? WRITING_SECONDS : 0);
}

bool
session_is_writing(const struct request *request)
{
	struct slice value;

	return cookie_find(request->headers.cookie, SESSION_WRITING_COOKIE, &value) &&
	       slice_equal(value, SLICE("1"));
}

/* A cookie for a token below a path; an empty token ends it. */
static const char *
token_cookie(const struct request *request, const char *name, const char *path, struct slice token)
{
	char text[BASE64URL_LENGTH(SESSION_TOKEN_SIZE) + 1];
	const char *value;

	if (token.size != SESSION_TOKEN_SIZE)
		return arena_printf(request->arena,
				    "%s=; Path=%s; Max-Age=0; Secure; HttpOnly; SameSite=Lax", name,
				    path);
	encode_base64url(token, text);
	value = arena_printf(request->arena, "%s=%s; Path=%s; Secure; HttpOnly; SameSite=Lax", name,
			     text, path);
	explicit_bzero(text, sizeof(text));
	return value;
}

const char *
session_cookie(const struct request *request, const struct secret *token)
{
	return token_cookie(request, SESSION_COOKIE, request_path(request, ""),
			    secret_slice(token));
}

const char *
session_cookie_end(const struct request *request)
{
	return token_cookie(request, SESSION_COOKIE, request_path(request, ""), slice_of(NULL, 0));
}

const char *
session_factor_cookie(const struct request *request, struct slice token)
{
	return token_cookie(request, SESSION_FACTOR_COOKIE, request_path(request, ""), token);
}

const char *
session_desk_cookie(const struct request *request, const char *name, struct slice token)
{
	return token_cookie(request, name, "/desk", token);
}

const char *
session_box_cookie(const struct request *request, struct slice token)
{
	return token_cookie(request, SESSION_BOX_COOKIE, "/", token);
}

const char *
session_owes_cookie(const struct request *request, struct slice token)
{
	return token_cookie(request, SESSION_OWES_COOKIE, "/box", token);
}

const char *
session_sent_cookie(const struct request *request, size_t files, uint64_t size)
{
	return arena_printf(request->arena,
			    "%s=%zu.%llu; Path=%s; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
			    SESSION_SENT_COOKIE, files, (unsigned long long)size,
			    request_path(request, ""), SENT_SECONDS);
}

bool
session_sent(const struct request *request, unsigned long long *files_out,
	     unsigned long long *size_out)
{
	struct slice value;
	size_t dot;

	if (!cookie_find(request->headers.cookie, SESSION_SENT_COOKIE, &value))
		return false;
	dot = slice_find_byte(value, '.', 0);
	return dot != SLICE_NONE && slice_to_number(slice_part(value, 0, dot), files_out) &&
	       slice_to_number(slice_part(value, dot + 1, value.size), size_out);
}

struct slice
session_token(struct slice cookie, const char *name, struct arena *arena)
{
	struct secret *token = arena_alloc(arena, sizeof(*token));
	struct slice value;

	if (!cookie_find(cookie, name, &value) ||
	    value.size != BASE64URL_LENGTH(SESSION_TOKEN_SIZE))
		return slice_of(NULL, 0);
	secret_init_in(token, arena, SESSION_TOKEN_SIZE);
	if (!decode_base64url(value, token->data, token->size))
		return slice_of(NULL, 0);
	return secret_slice(token);
}
