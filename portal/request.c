#include "portal/request.h"

#include "base/encode.h"
#include "crypto/link.h"
#include "portal/choose.h"
#include "portal/route.h"

/* The link as links are written, so that a cookie's path and what we link to are the same
 * whatever case the visitor typed. */
static struct slice
canonical_link(struct slice link, struct arena *arena)
{
	char *text = arena_alloc(arena, LINK_TEXT_LENGTH + 1);
	struct secret *secret = arena_alloc(arena, sizeof(*secret));

	secret_init_in(secret, arena, LINK_SECRET_SIZE);
	if (!decode_base32(link, secret->data, secret->size))
		return slice_of(NULL, 0);
	encode_base32(secret_slice(secret), text);
	return slice_from_text(text);
}

/* Who is signed in to a mailbox needs no session of its messages. */
static void
read_tokens(struct request *request)
{
	struct slice cookie = request->headers.cookie;
	struct arena *arena = request->arena;

	if (request->route->session == SESSION_DESK) {
		request->token = session_token(cookie, SESSION_DESK_COOKIE, arena);
		return;
	}
	request->opening.mailbox = session_token(cookie, SESSION_BOX_COOKIE, arena);
	if (request->route->session != SESSION_BOX)
		request->opening.message = session_token(cookie, SESSION_COOKIE, arena);
	request->token =
	    request->opening.message.size > 0 ? request->opening.message : request->opening.mailbox;
}

enum status
request_find_route(struct request *request, struct slice target, unsigned *methods_out)
{
	size_t query = slice_find_byte(target, '?', 0);
	struct route_match match;
	struct slice asked = slice_of(NULL, 0);

	if (query != SLICE_NONE) {
		asked = slice_part(target, query + 1, target.size);
		target = slice_part(target, 0, query);
	}
	route_find(target, request->method, &match);
	*methods_out = match.methods;
	if (match.methods == 0)
		return STATUS_NOT_FOUND;
	if (match.route == NULL)
		return STATUS_CONFLICT;
	request->route = match.route;
	request->has_number = match.has_number;
	request->number = match.number;
	request->name = match.name;
	request->has_id = match.has_id;
	request->id = match.id;
	if (match.route->query)
		request->query = choose_without(asked, request->arena);
	request->choice = choose_asked(asked);
	read_tokens(request);
	if (match.link.size > 0)
		request->link = canonical_link(match.link, request->arena);
	return STATUS_OK;
}

void
request_read_headers(struct request *request, const struct network_address *peer)
{
	const struct site *site = request->site;
	struct network_address visitor =
	    network_visitor(peer, request->headers.forwarded_for, site->proxies, site->proxy_count);

	request->network = network_text(&visitor, request->arena);
	request->language = choose_language(request);
}

bool
request_is_own(const struct request *request)
{
	struct slice from = request->headers.fetch_site;
	struct slice origin = request->headers.origin;
	struct slice scheme = SLICE("https://");

	if (from.size > 0 && !slice_equal(from, SLICE("same-origin")) &&
	    !slice_equal(from, SLICE("none")))
		return false;
	if (origin.size == 0 || slice_equal(origin, SLICE("null")))
		return true;
	if (slice_equal_nocase(origin,
			       slice_from_text(request->site->messenger.policy->portal_url)))
		return true;
	return slice_starts_nocase(origin, scheme) &&
	       slice_equal_nocase(slice_part(origin, scheme.size, origin.size),
				  request->headers.host);
}

const char *
request_field_text(const struct request *request, const char *name)
{
	return arena_text_from(request->arena, form_value(&request->form, name));
}

bool
request_field_flag(const struct request *request, const char *name)
{
	return slice_equal(form_value(&request->form, name), SLICE("1"));
}

bool
request_is_sure(const struct request *request)
{
	struct slice typed = slice_trim(form_value(&request->form, "sure"));
	struct slice words = language_word(request->language, "confirm", "yes");
	size_t from = 0;

	if (slice_equal_nocase(typed, SLICE("yes")))
		return true;
	while (typed.size > 0 && from < words.size) {
		size_t end = slice_find_byte(words, '|', from);

		if (end == SLICE_NONE)
			end = words.size;
		if (slice_equal_nocase(typed, slice_part(words, from, end)))
			return true;
		from = end + 1;
	}
	return false;
}

int
request_field_days(const struct request *request, const char *name)
{
	unsigned long long days;

	if (!slice_to_number(slice_trim(form_value(&request->form, name)), &days) || days > 100000)
		return -1;
	return (int)days;
}

const char *
request_account_path(const struct request *request, const char *behind)
{
	return arena_printf(request->arena, "/%s/account%s",
			    request->account.inbox != NULL ? "box" : "desk", behind);
}

struct claimant
request_claimant(const struct request *request)
{
	return (struct claimant){
	    .link = request->link, .owner_index = request->desk.index, .delivery = request->id};
}

const char *
request_delivery_path(const struct request *request, const char *behind)
{
	char id[ID_TEXT_SIZE];

	if (request->link.size > 0)
		return request_path(request, behind);
	return arena_printf(request->arena, "/desk/delivery/%s%s", id_text(request->id, id),
			    behind);
}

const char *
request_path(const struct request *request, const char *behind)
{
	struct slice path =
	    request->route == NULL ? SLICE("/") : slice_from_text(request->route->path);

	if (request->link.size == 0)
		return "/";
	return arena_printf(request->arena, "/%c/%.*s%s", path.data[1], (int)request->link.size,
			    (const char *)request->link.data, behind);
}
