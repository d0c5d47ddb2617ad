#include "portal/choose.h"

#include <string.h>

#include "base/text.h"
#include "portal/cookie.h"
#include "portal/route.h"

#define FIELD "language="

static bool
is_choice(struct slice pair)
{
	return slice_starts_nocase(pair, SLICE(FIELD)) && pair.size > sizeof(FIELD) - 1;
}

/* The next "name=value" of a query; false behind the last. */
static bool
next_pair(struct slice query, size_t *from, struct slice *pair_out)
{
	size_t end = slice_find_byte(query, '&', *from);

	if (*from >= query.size)
		return false;
	if (end == SLICE_NONE)
		end = query.size;
	*pair_out = slice_part(query, *from, end);
	*from = end + 1;
	return true;
}

struct slice
choose_asked(struct slice query)
{
	struct slice pair;
	size_t from = 0;

	while (next_pair(query, &from, &pair))
		if (is_choice(pair))
			return slice_part(pair, sizeof(FIELD) - 1, pair.size);
	return slice_of(NULL, 0);
}

struct slice
choose_without(struct slice query, struct arena *arena)
{
	struct text *rest = arena_alloc(arena, sizeof(*rest));
	struct slice pair;
	size_t from = 0;

	text_init_in(rest, arena, REQUEST_TARGET_MAX);
	while (next_pair(query, &from, &pair)) {
		/* Nor what made an earlier redirection new: it gets its own. */
		if (is_choice(pair) || slice_starts_nocase(pair, SLICE("at=")))
			continue;
		if (text_slice(rest).size > 0)
			text_append_byte(rest, '&');
		text_append(rest, pair);
	}
	return text_slice(rest);
}

/* A language that has the words of recipients only is spoken to them only: half a page in each of
 * two languages, perhaps written in two directions, helps nobody. */
static bool
is_spoken(const struct request *request, const struct language *language)
{
	static const char *const for_senders[] = {"/desk", "/s/", "/demo"};
	const struct languages *languages = request->site->messenger.languages;
	const char *path = request->route == NULL ? "" : request->route->path;

	for (size_t i = 0; i < sizeof(for_senders) / sizeof(for_senders[0]); i++)
		if (strncmp(path, for_senders[i], strlen(for_senders[i])) == 0)
			return languages_is_whole(languages, language);
	return true;
}

const struct language *
choose_language(const struct request *request)
{
	const struct messenger *messenger = &request->site->messenger;
	const struct language *language = NULL;
	struct slice chosen;

	if (cookie_find(request->headers.cookie, CHOOSE_COOKIE, &chosen))
		language = languages_find(messenger->languages, chosen);
	if (language == NULL)
		language = languages_choose(messenger->languages, request->headers.accept_language,
					    messenger_own_language(messenger));
	if (!is_spoken(request, language))
		language = messenger_own_language(messenger);
	return is_spoken(request, language) ? language : languages_at(messenger->languages, 0);
}

/* The address is put into a header field: it may be nothing but visible ASCII.  That it leads to
 * this host, not to "//another", follows from the route that was found for it. */
static bool
is_plain(struct slice target)
{
	for (size_t i = 0; i < target.size; i++)
		if (target.data[i] <= ' ' || target.data[i] >= 0x7f)
			return false;
	return true;
}

void
choose_keep(const struct request *request, struct slice target, struct answer *answer)
{
	struct arena *arena = request->arena;
	const struct language *language =
	    languages_find(request->site->messenger.languages, request->choice);
	size_t query = slice_find_byte(target, '?', 0);
	struct slice path = slice_part(target, 0, query);
	struct slice rest = choose_without(
	    slice_part(target, query == SLICE_NONE ? query : query + 1, target.size), arena);

	if (language != NULL)
		answer_add(answer, "Set-Cookie",
			   arena_printf(arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax",
					CHOOSE_COOKIE, language_code(language)));
	/* The desk's cookie is for /desk. */
	if (slice_equal(path, SLICE("/desk")))
		path = SLICE("/desk/messages");
	if (!is_plain(path) || !is_plain(rest))
		answer_redirect(answer, "/", arena);
	else
		answer_redirect(answer,
				arena_printf(arena, "%.*s%s%.*s", (int)path.size,
					     (const char *)path.data, rest.size > 0 ? "?" : "",
					     (int)rest.size, (const char *)rest.data),
				arena);
}

void
choose_put(const struct request *request, struct template_values *values)
{
	const struct languages *languages = request->site->messenger.languages;
	struct template_list *list = template_put_list(values, "languages");
	struct slice query = is_plain(request->query) ? request->query : slice_of(NULL, 0);

	template_put_text(values, "language", language_code(request->language));
	template_put_text(values, "direction", language_is_rtl(request->language) ? "rtl" : "ltr");
	template_put_flag(values, "several_languages", languages_count(languages) > 1);
	for (size_t i = 0; i < languages_count(languages); i++) {
		const struct language *language = languages_at(languages, i);
		struct template_values *row;

		if (!is_spoken(request, language))
			continue;
		row = template_list_add(list);
		template_put_text(row, "code", language_code(language));
		template_put_text(row, "name", language_name(language));
		template_put_flag(row, "chosen", language == request->language);
		template_put_text(row, "url",
				  arena_printf(request->arena, "?%.*s%s%s%s", (int)query.size,
					       (const char *)query.data, query.size > 0 ? "&" : "",
					       FIELD, language_code(language)));
	}
}
