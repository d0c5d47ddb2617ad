#include "portal/route.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/link.h"
#include "portal/page.h"

#define GET METHOD_GET
#define POST METHOD_POST

/* clang-format off */
const struct route routes[] = {
	{.methods = GET, .path = "/", .name = "home", .handler = page_home},
	{.methods = POST, .path = "/", .name = "pick-up", .handler = page_home_pick_up,
	 .again = page_home, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/s/SECRET", .name = "sender", .handler = page_sender},
	{.methods = POST, .path = "/s/SECRET", .name = "secure", .handler = page_sender_secure,
	 .again = page_sender, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},
	{.methods = POST, .path = "/s/SECRET/recall", .name = "recall",
	 .handler = page_sender_recall, .again = page_sender, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},

	{.methods = GET, .path = "/r/SECRET", .name = "clue", .handler = page_clue},
	{.methods = POST, .path = "/r/SECRET", .name = "unlock", .handler = page_clue_unlock,
	 .again = page_clue, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/r/SECRET/message", .name = "message",
	 .handler = page_message, .session = true, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/message.eml", .name = "save",
	 .handler = page_file_message, .session = true},
	{.methods = GET, .path = "/r/SECRET/file/N/NAME", .name = "file",
	 .handler = page_file, .session = true},
	{.methods = GET, .path = "/r/SECRET/original", .name = "original",
	 .handler = page_original, .session = true},
	{.methods = GET, .path = "/r/SECRET/original/content", .name = "original-content",
	 .handler = page_original_content, .session = true, .place = PLACE_READ},

	{.methods = GET, .path = "/r/SECRET/reply", .name = "reply-form",
	 .handler = page_reply, .session = true},
	{.methods = POST, .path = "/r/SECRET/reply", .name = "reply",
	 .handler = page_reply_send, .again = page_reply, .csrf = CSRF_SESSION,
	 .body = BODY_UPLOAD, .session = true},
	{.methods = GET, .path = "/r/SECRET/sent", .name = "sent",
	 .handler = page_reply_sent, .session = true},

	{.methods = POST, .path = "/r/SECRET/close", .name = "close",
	 .handler = page_message_close, .csrf = CSRF_SESSION, .body = BODY_SMALL},
	{.methods = POST, .path = "/r/SECRET/destroy", .name = "destroy",
	 .handler = page_message_destroy, .csrf = CSRF_SESSION, .body = BODY_SMALL,
	 .session = true},

	{.methods = GET, .path = "/static/NAME", .name = "static", .handler = page_static},
	{.methods = GET, .path = "/healthz", .name = "healthz", .handler = page_health_alive},
	{.methods = GET, .path = "/readyz", .name = "readyz", .handler = page_health_ready},
	{.methods = GET, .path = "/demo", .name = "demo", .handler = page_demo,
	 .place = PLACE_READ},
	{.methods = GET, .path = "/demo/N", .name = "demo-mail", .handler = page_demo_mail,
	 .place = PLACE_READ},
	{.path = NULL},
};
/* clang-format on */

/* The part of `path` from `*from` up to the next slash or the end. */
static struct slice
next_segment(struct slice path, size_t *from)
{
	size_t end = slice_find_byte(path, '/', *from);
	struct slice segment;

	if (end == SLICE_NONE)
		end = path.size;
	segment = slice_part(path, *from, end);
	*from = end + 1;
	return segment;
}

static bool
segment_matches(struct slice wanted, struct slice given, struct route_match *match)
{
	unsigned char secret[LINK_SECRET_SIZE];
	unsigned long long number;
	bool fits;

	if (slice_equal(wanted, SLICE("SECRET"))) {
		fits =
		    given.size == LINK_TEXT_LENGTH && decode_base32(given, secret, sizeof(secret));
		explicit_bzero(secret, sizeof(secret));
		match->link = given;
		return fits;
	}
	if (slice_equal(wanted, SLICE("N"))) {
		fits = given.size < 20 && slice_to_number(given, &number);
		match->number = fits ? number : 0;
		return fits;
	}
	if (slice_equal(wanted, SLICE("NAME"))) {
		match->name = given;
		return given.size > 0 && given.size <= 2048;
	}
	return slice_equal(wanted, given);
}

static bool
path_matches(const char *pattern, struct slice path, struct route_match *match)
{
	struct slice wanted = slice_from_text(pattern);
	size_t at = 1;
	size_t from = 1;

	if (path.size == 0 || path.data[0] != '/')
		return false;
	for (;;) {
		if (!segment_matches(next_segment(wanted, &at), next_segment(path, &from), match))
			return false;
		if (at > wanted.size || from > path.size)
			return at > wanted.size && from > path.size;
	}
}

void
route_find(struct slice path, enum request_method method, struct route_match *match_out)
{
	struct route_match found = {.route = NULL};

	if (method == METHOD_HEAD)
		method = METHOD_GET;
	for (const struct route *route = routes; route->path != NULL; route++) {
		struct route_match match = {.route = route};

		if (!path_matches(route->path, path, &match))
			continue;
		match.methods = found.methods | route->methods;
		if ((route->methods & (unsigned)method) == 0)
			match.route = found.route;
		found = match;
	}
	*match_out = found;
}

const char *
route_allow(unsigned methods)
{
	if (methods == METHOD_GET)
		return "GET, HEAD";
	return methods == METHOD_POST ? "POST" : "GET, HEAD, POST";
}
